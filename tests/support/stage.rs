//! Rehearsals with the real programs, each in a folder of its own.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use card_backend::CardBackend as _;
use keyrite::model::mode::Mode;
use keyrite::workstation::card::{CardError, Expected, RackExt as _, Survey, VirtualBackend, VirtualRack};
use keyrite::workstation::register::{Past, Register};
use rustix::process::{Pid, Signal, kill_process};

/// The shipped scripts.
pub(crate) const ROOT_GENERATION: &str = "ceremony/root-generation.toml";
/// As above.
pub(crate) const DELEGATION: &str = "ceremony/delegation.toml";

/// keyrite.
pub(crate) fn keyrite() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_keyrite"))
}

/// A program of another package, built beside keyrite and in the same profile.
fn built(manifest: &str, name: &str) -> PathBuf {
    let program = keyrite().with_file_name(name);
    let profile = program.parent().expect("a folder");
    let mut build = Command::new(env!("CARGO"));
    // As tests/run builds it, so that dependencies have the features they have already, and nothing is built twice.
    build.args(["build", "--quiet", "--locked", "--workspace", "--all-targets"]);
    build.arg("--manifest-path").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest));
    build.arg("--target-dir").arg(profile.parent().expect("a target folder"));
    match profile.file_name().and_then(OsStr::to_str) {
        Some("debug") => {}
        Some(name) => drop(build.args(["--profile", name])),
        None => panic!("a profile's folder"),
    }
    assert!(build.status().expect("cargo runs").success(), "{name} does not build");
    program
}

/// keyrite-virtual-card, built once.
pub(crate) fn virtual_card() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("Cargo.toml", "keyrite-virtual-card")).clone()
}

/// keyrite-page-reader, built once.
pub(crate) fn page_reader() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("crates/page-reader/Cargo.toml", "keyrite-page-reader")).clone()
}

/// A folder for one rehearsal. Its cards are stopped, and it is removed, when it is dropped.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
}

/// How a run of keyrite ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; none after a signal.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Stage {
    /// Nothing has been there.
    pub(crate) fn empty() -> Self {
        // Short: the sockets of the cards lie in it.
        let folder = tempfile::Builder::new().prefix("kr").tempdir_in("/tmp").expect("scratch folder");
        std::fs::create_dir(folder.path().join("s")).expect("scratch folder");
        Self { folder }
    }

    /// Root generation is over. It is played once in a test program, and its files are put down again.
    pub(crate) fn with_root() -> Self {
        static PLAYED: OnceLock<BTreeMap<PathBuf, Vec<u8>>> = OnceLock::new();
        let played = PLAYED.get_or_init(|| {
            let stage = Self::empty();
            stage.run(ROOT_GENERATION, None).done();
            let relative = |path: &Path| path.strip_prefix(stage.scratch()).expect("inside").to_owned();
            stage.files().into_iter().map(|(path, bytes)| (relative(&path), bytes)).collect()
        });
        let stage = Self::empty();
        for (path, bytes) in played {
            let path = stage.scratch().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("a file");
        }
        stage
    }

    /// The folder above the scratch folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The scratch folder.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    /// A path in the scratch folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.scratch().join(relative)
    }

    /// `keyrite ceremony rehearse`, ready to start.
    pub(crate) fn rehearse(&self, script: impl AsRef<OsStr>, bundle: Option<&Path>) -> Command {
        virtual_card();
        let mut command = Command::new(keyrite());
        command.args(["ceremony", "rehearse"]).arg(script).arg("--scratch").arg(self.scratch());
        command.args(bundle.iter().flat_map(|bundle| [Path::new("--bundle"), bundle]));
        // The sockets of the cards go there.
        command.env("TMPDIR", self.folder()).stdin(Stdio::null());
        command
    }

    /// Runs a rehearsal to its end.
    pub(crate) fn run(&self, script: impl AsRef<OsStr>, bundle: Option<&Path>) -> Ran {
        Ran::of(&self.rehearse(script, bundle).output().expect("keyrite starts"))
    }

    /// Runs a rehearsal, and does something as soon as a step is announced.
    pub(crate) fn run_until(&self, script: &str, bundle: Option<&Path>, step: &str, then: impl FnOnce()) -> Ran {
        let mut child: Child = self
            .rehearse(script, bundle)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("keyrite starts");
        let (mut then, mut out, mut err) = (Some(then), String::new(), String::new());
        for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
            let line = line.expect("UTF-8");
            if line.split_whitespace().next() == Some(step)
                && !line.starts_with(' ')
                && let Some(then) = then.take()
            {
                // It waits: a busy machine may take longer for this than the step takes.
                let pid = Pid::from_child(&child);
                kill_process(pid, Signal::STOP).expect("it runs");
                then();
                kill_process(pid, Signal::CONT).expect("it waits");
            }
            out.push_str(&line);
            out.push('\n');
        }
        child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("UTF-8");
        assert!(then.is_none(), "step {step} was not announced: {out}{err}");
        Ran { code: child.wait().expect("it ends").code(), out, err }
    }

    /// What the transcripts say.
    pub(crate) fn past(&self) -> Past {
        Register::open(&self.path("register")).expect("nobody else").past().expect("whole transcripts")
    }

    /// The sockets of the cards that have power.
    fn sockets(&self) -> BTreeMap<String, PathBuf> {
        let readers = children(self.folder()).into_iter().filter(|path| name(path).starts_with("keyrite-"));
        let sockets = readers.flat_map(|readers| children(&readers)).filter(|path| name(path).ends_with(".sock"));
        sockets.map(|path| (name(&path).trim_end_matches(".sock").to_owned(), path)).collect()
    }

    /// Tells a card that has power to `eject`, `insert` or `stop`.
    pub(crate) fn tell(&self, card: &str, what: &str) {
        let socket = self.sockets().remove(card).expect("it has power");
        let told = Command::new(virtual_card()).arg(what).arg("--socket").arg(socket).status().expect("it starts");
        assert!(told.success(), "{what} {card}");
    }

    /// Sends commands to a card as any other program would, and gives the status word of each answer.
    pub(crate) fn transmit(&self, card: &str, commands: &[&[u8]]) -> Vec<u16> {
        let (socket, served) = self.power(card);
        let mut backend = VirtualBackend::connect(&socket).expect("the card's socket");
        let mut transaction = backend.transaction(None).expect("a transaction");
        let select: &[u8] = &[0x00, 0xa4, 0x04, 0x00, 0x06, 0xd2, 0x76, 0x00, 0x01, 0x24, 0x01, 0x00];
        transaction.transmit(select, 256).expect("an answer");
        let status = |answer: Vec<u8>| answer.last_chunk().map(|status| u16::from_be_bytes(*status)).expect("a status");
        let said =
            commands.iter().map(|command| status(transaction.transmit(command, 256).expect("an answer"))).collect();
        drop(transaction);
        drop(backend);
        power_off(&socket, served);
        said
    }

    /// What a card says of itself. It gets power for that when it has none.
    pub(crate) fn survey(&self, card: &str) -> Survey {
        for _ in 0..50 {
            let Some(socket) = self.sockets().remove(card) else { break };
            match survey_at(card, &socket) {
                // A run that was killed at its end may have told it to stop just now.
                Err(CardError::NoCard { .. }) => std::thread::sleep(Duration::from_millis(100)),
                survey => return survey.expect("a survey"),
            }
        }
        let (socket, served) = self.power(card);
        let survey = survey_at(card, &socket).expect("a survey");
        power_off(&socket, served);
        survey
    }

    /// A card's socket; it gets power when it has none.
    fn power(&self, card: &str) -> (PathBuf, Option<Child>) {
        match self.sockets().remove(card) {
            Some(socket) => (socket, None),
            None => {
                let socket = self.folder().join(format!("{card}.sock"));
                (socket.clone(), Some(self.serve(card, &socket)))
            }
        }
    }

    fn serve(&self, card: &str, socket: &Path) -> Child {
        let mut serve = Command::new(virtual_card());
        serve.arg("serve").arg("--card").arg(self.path(&format!("cards/{card}.card"))).arg("--socket").arg(socket);
        let mut served = serve.args(["--idle-exit", "60"]).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = [0; 6];
        served.stdout.take().expect("a pipe").read_exact(&mut line).expect("ready");
        served
    }

    /// Asserts that the ceremony is over, every card made exactly the signatures that the transcripts explain, every file
    /// is as recorded, and nothing half-written is left.
    pub(crate) fn assert_well_ended(&self) {
        let past = self.past();
        assert!(past.history.current.finished, "not finished: {:?}", past.names);
        assert!(past.history.current.open.is_empty(), "open: {:?}", past.history.current.open);
        for (card, record) in &past.history.cards {
            let survey = self.survey(card.as_str());
            assert_eq!(survey.signatures, record.signatures, "signatures of {card}");
        }
        let status = Command::new(keyrite()).args(["status", "--register"]).arg(self.path("register")).output();
        let ran = Ran::of(&status.expect("keyrite starts"));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        for line in ran.out.lines().filter(|line| line.len() > 66 && line.is_char_boundary(64)) {
            let (hash, path) = line.split_at(64);
            if hash.bytes().all(|b| b.is_ascii_hexdigit()) {
                let bytes = std::fs::read(self.path("register").join(path.trim())).expect("a recorded file");
                assert_eq!(keyrite::model::hash::Hash::of(&bytes).to_string(), hash, "{path}");
            }
        }
        assert_eq!(unfinished(&self.scratch()), Vec::<PathBuf>::new());
    }

    /// Every file with its bytes, in the scratch folder.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        walk(&self.scratch(), &mut |path| drop(files.insert(path.to_owned(), contents(path))));
        files
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for socket in self.sockets().values() {
            let _ = Command::new(virtual_card()).arg("stop").arg("--socket").arg(socket).output();
        }
    }
}

/// Takes the power from a card that got it here.
fn power_off(socket: &Path, served: Option<Child>) {
    if let Some(mut served) = served {
        let _ = Command::new(virtual_card()).arg("stop").arg("--socket").arg(socket).status();
        served.wait().expect("it ends");
    }
}

impl Ran {
    /// How a process ended.
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asserts that it went well.
    pub(crate) fn done(&self) -> &Self {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self
    }

    /// Asserts that it ended with this code, named this control, said what is wrong and what to do, and that nothing of
    /// it moves a cursor. Gives what it said.
    pub(crate) fn refused(&self, code: i32, control: Option<&str>) -> &str {
        let err = &self.err;
        assert_eq!(self.code, Some(code), "{err}");
        assert!(err.starts_with("error: "), "{err}");
        assert!(err.lines().any(|line| line.len() > 6 && line.starts_with("hint: ")), "no hint: {err}");
        let named = err.lines().find_map(|line| line.strip_prefix("refused by control "));
        assert_eq!(named, control, "{err}");
        assert!(is_plain(err) && is_plain(&self.out), "{err:?}");
        err
    }
}

/// Nothing in it moves a cursor, hides or reorders.
pub(crate) fn is_plain(text: &str) -> bool {
    let hostile = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    !text.contains(hostile)
}

/// What the card at a socket says of itself.
fn survey_at(card: &str, socket: &Path) -> Result<Survey, CardError> {
    let card: keyrite::model::name::CardName = card.parse().expect("a name");
    let mut rack = VirtualRack::new(Mode::Rehearsal, BTreeMap::from([(card.clone(), socket.to_owned())]));
    rack.session(&Expected::any(card), |card| Ok(card.survey().clone()))
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for path in children(from) {
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).expect("copied");
        }
    }
}

/// Half-written files and folders.
pub(crate) fn unfinished(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in children(folder) {
        if name(&path).starts_with(".unfinished-") {
            found.push(path);
        } else if path.is_dir() {
            found.extend(unfinished(&path));
        }
    }
    found
}

/// A file's bytes; where a link leads.
fn contents(path: &Path) -> Vec<u8> {
    match std::fs::read_link(path) {
        Ok(target) => target.into_os_string().into_encoded_bytes(),
        Err(_) => std::fs::read(path).expect("a file"),
    }
}

fn walk(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for path in children(folder) {
        if path.is_dir() { walk(&path, each) } else { each(&path) }
    }
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
