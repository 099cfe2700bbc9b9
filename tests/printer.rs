//! Share sheets from a printer: what comes out of it restores the root by stock tools alone, and nothing of it stays behind.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/gpg.rs"]
mod gpg;
#[path = "terminal/people.rs"]
mod people;
#[path = "support/pictures.rs"]
mod pictures;
#[allow(dead_code, reason = "each test program needs some of this")]
#[path = "terminal/pty.rs"]
mod pty;
#[allow(dead_code, reason = "each test program needs some of this")]
#[path = "support/secrets.rs"]
mod secrets;
#[path = "support/stage.rs"]
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use gpg::Home;
use pictures::{Picture, drawn, restored};
use pty::{COLUMNS, LINES, Pty};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use stage::{Ran, Stage, keyrite};

/// A printer with its tray: a device that takes whatever is written to it.
struct Printer {
    device: PathBuf,
    /// Held open, as a cable is.
    _line: File,
    tray: Receiver<Vec<u8>>,
}

impl Printer {
    fn new() -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let device = PathBuf::from(ptsname(&master, Vec::new()).unwrap().into_string().unwrap());
        let line = OpenOptions::new().read(true).write(true).open(&device).unwrap();
        // A printer changes no byte.
        let mut modes = tcgetattr(&line).unwrap();
        modes.make_raw();
        tcsetattr(&line, OptionalActions::Now, &modes).unwrap();
        let (sender, tray) = channel();
        let mut roll = File::from(master);
        std::thread::spawn(move || {
            let mut bytes = [0; 65_536];
            while let Ok(read @ 1..) = roll.read(&mut bytes) {
                if sender.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { device, _line: line, tray }
    }

    /// The papers that came out until now.
    fn papers(&self) -> Vec<Vec<u8>> {
        const BEGIN: &[u8] = b"%PDF-1.7";
        let mut all = Vec::new();
        while let Ok(bytes) = self.tray.recv_timeout(Duration::from_secs(2)) {
            all.extend(bytes);
        }
        let begins: Vec<usize> = (0..all.len()).filter(|at| all[*at..].starts_with(BEGIN)).collect();
        let ends = begins.iter().skip(1).copied().chain([all.len()]);
        begins.iter().zip(ends).map(|(begin, end)| all[*begin..end].to_vec()).collect()
    }
}

/// A root generation by hand, whose sheets are printed; every paper by set and share number.
fn printed(stage: &Stage) -> BTreeMap<(String, u8), Vec<u8>> {
    let printer = Printer::new();
    let mut command = Command::new(keyrite());
    command.args(["ceremony", "rehearse", "--by-hand", stage::ROOT_GENERATION, "--scratch"]).arg(stage.scratch());
    command.arg("--printer").arg(&printer.device);
    let mut pty = Pty::start(&mut command, COLUMNS, LINES);
    let mut before = String::new();
    while let Some(screen) = pty.question() {
        before = if screen.contains("Once more") { before + &screen } else { screen };
        let answer = match before.contains("one of these letters") {
            true => "y".to_owned(),
            false => people::answer(&before, &pty.all),
        };
        pty.answer(&answer);
    }
    let ended = pty.end();
    assert_eq!(ended.0, 0, "{}", pty.all);
    let papers = printer.papers();
    assert_eq!(papers.len(), 8);
    // Nobody saw a share on the screen.
    assert!(!pty.all.contains("copy every line by hand"));
    papers.into_iter().map(|paper| (name(&text(&paper)), paper)).collect()
}

/// The text of a paper, as poppler finds it.
fn text(paper: &[u8]) -> String {
    let mut command = Command::new("pdftotext");
    let mut child = command
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("poppler-utils");
    let paper = paper.to_vec();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut input, &paper).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The set and the number that stand on a sheet.
fn name(text: &str) -> (String, u8) {
    let value = |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label)).unwrap().trim().to_owned();
    (value("Set:"), value("Share:").split(' ').next().unwrap().parse().unwrap())
}

/// A page as a worn scanner gives it: 1.5 degrees askew, blurred, with noise.
fn scanned(page: &[u8]) -> Vec<u8> {
    let mut parts = page.splitn(4, |byte| byte.is_ascii_whitespace());
    let number = |part: Option<&[u8]>| std::str::from_utf8(part.unwrap()).unwrap().parse::<usize>().unwrap();
    assert_eq!(parts.next(), Some(&b"P5"[..]));
    let (width, height) = (number(parts.next()), number(parts.next()));
    let dots = parts.next().unwrap().splitn(2, |byte| byte.is_ascii_whitespace()).nth(1).unwrap().to_vec();
    Picture { width, height, dots }.worn(1.5, 1.0, 12.0).pgm()
}

/// What the codes on some pages of a paper say, scanned and read by stock tools.
fn read(paper: &[u8], pages: std::ops::Range<usize>) -> Vec<u8> {
    let drawn = drawn(paper, "-gray");
    let scans: Vec<(String, Vec<u8>)> =
        drawn[pages].iter().enumerate().map(|(at, (_, page))| (format!("page{at}.pgm"), scanned(page))).collect();
    let scans: Vec<(&str, Vec<u8>)> = scans.iter().map(|(name, page)| (name.as_str(), page.clone())).collect();
    restored(&scans)
}

/// The digits of each line of a share on a sheet.
fn numbered(text: &str) -> Vec<String> {
    let digits = |line: &str| {
        let (number, rest) = line.trim().split_once(": ")?;
        number.parse::<u8>().ok()?;
        Some(rest.split_once(" / ")?.0.replace(' ', ""))
    };
    text.lines().filter_map(digits).collect()
}

/// The share that a person types from the lines of a sheet.
fn typed(text: &str) -> Vec<u8> {
    let digits = numbered(text).concat();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The sealed message of a set, from its printed sheets, scanned.
fn message(stage: &Stage, set: &str) -> Vec<u8> {
    read(&sheets(stage, set), 2..3)
}

/// The printed sheets of the sealed message of a set.
fn sheets(stage: &Stage, set: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("sealed");
    let mut print = Command::new(keyrite());
    print.args(["backup", "print", "--register"]).arg(stage.path("register")).arg("--out").arg(&out);
    Ran::of(&print.output().unwrap()).done();
    let paper = out.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let paper = paper.into_iter().find(|path| path.to_string_lossy().contains(set)).unwrap();
    std::fs::read(paper).unwrap()
}

#[test]
fn from_paper_alone_stock_tools_restore_a_root_that_signs() {
    let stage = Stage::empty();
    let papers = printed(&stage);
    let set = papers.keys().find(|(set, _)| papers.contains_key(&(set.clone(), 5))).unwrap().0.clone();
    let home = Home::new();
    for number in [2, 4, 5] {
        let paper = &papers[&(set.clone(), number)];
        let share = read(paper, 0..1);
        assert_eq!(share, typed(&text(paper)), "codes and lines say the same");
        home.write(&format!("share.{number:03}"), &share);
        // The last page is the sheet as the records key signed it.
        let signed = read(paper, 2..3);
        assert!(signed.starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----"));
    }
    home.write("sealed.asc", &message(&stage, &set));
    let commands = "gfcombine -o passphrase share.??? && gpg --batch --pinentry-mode loopback \
                    --passphrase-file passphrase -o root.key -d sealed.asc && gpg --batch --import root.key";
    let ran =
        Command::new("bash").args(["-c", commands]).current_dir(home.path()).env("GNUPGHOME", home.path()).output();
    let ran = ran.expect("bash, gfcombine (libgfshare-bin), gpg");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    // It certifies, and what it certified verifies.
    let root = home.fingerprint("keys@example.org").to_string();
    let other = home.new_key("Somebody <somebody@example.org>", "sign", &[]).to_string();
    home.gpg(&["--batch", "--local-user", &root, "--quick-sign-key", &other], b"");
    let checked = home.gpg(&["--with-colons", "--check-sigs", &other], b"");
    let checked = String::from_utf8(checked).unwrap();
    assert!(checked.lines().any(|line| line.starts_with("sig:!") && line.contains("keys@example.org")), "{checked}");
    by_the_document(&stage, &papers, &set, &root);
}

/// The same by docs/restore.md, word for word, from clean scans.
fn by_the_document(stage: &Stage, papers: &BTreeMap<(String, u8), Vec<u8>>, set: &str, root: &str) {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, paper: &[u8], page: usize| {
        std::fs::write(folder.path().join(name), &drawn(paper, "-png")[page].1).unwrap();
    };
    for number in [2, 4, 5] {
        put(&format!("share.{number:03}.png"), &papers[&(set.to_owned(), number)], 0);
    }
    put("message1.png", &sheets(stage, set), 2);
    let document = std::fs::read_to_string("docs/restore.md").unwrap();
    let blocks: Vec<&str> = document.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 4);
    // Where the folder lies is the test's affair.
    let script =
        blocks.concat().replace("/dev/shm/restore", "restore").replace("cd restore", "cp *.png restore && cd restore");
    let ran = Command::new("bash").args(["-e", "-c", &script]).current_dir(folder.path()).output().unwrap();
    let home = folder.path().join("restore/gnupg");
    assert!(Command::new("gpgconf").args(["--kill", "all"]).env("GNUPGHOME", home).status().unwrap().success());
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}{err}");
    assert!(out.replace(' ', "").contains(root), "{out}");
}

#[test]
fn nothing_of_what_was_printed_stays_behind() {
    let stage = Stage::empty();
    let before = files_in_memory();
    let papers = printed(&stage);
    let files = stage.files();
    // Halves were typed; the lines of the shares, but short ones, which stand everywhere.
    let lines =
        papers.values().flat_map(|paper| numbered(&text(paper)).into_iter().filter(|digits| digits.len() >= 12));
    let known: BTreeSet<String> = lines.collect();
    assert!(known.len() >= 8 * 4, "{}", known.len());
    for (path, bytes) in &files {
        if !path.starts_with(stage.path("pockets")) {
            secrets::assert_none_in(bytes, &known, &path.to_string_lossy());
            assert!(!bytes.windows(5).any(|part| part == b"%PDF-"), "{}", path.display());
        }
    }
    for path in files_in_memory().into_iter().filter(|path| !before.contains(path)) {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        secrets::assert_none_in(&bytes, &known, &path.to_string_lossy());
        assert!(!bytes.windows(5).any(|part| part == b"%PDF-"), "{}", path.display());
    }
}

/// Everything that lies directly in the folders for temporary files.
fn files_in_memory() -> Vec<PathBuf> {
    let folders = ["/tmp", "/var/tmp", "/dev/shm", "/run"];
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| path.is_file()).collect()
}

#[test]
fn a_file_is_no_printer() {
    let stage = Stage::empty();
    let paper = stage.folder().join("paper.pdf");
    std::fs::write(&paper, "").unwrap();
    let mut command = Command::new(keyrite());
    command.args(["ceremony", "rehearse", "--by-hand", stage::ROOT_GENERATION, "--scratch"]).arg(stage.scratch());
    let ran = Ran::of(&command.arg("--printer").arg(&paper).output().unwrap());
    let error = ran.refused(3, None);
    assert!(error.contains("it is not a printer's device"), "{error}");
    assert_eq!(std::fs::read(&paper).unwrap(), b"");
    // Nor is the screen.
    let mut command = Command::new(keyrite());
    command.args(["ceremony", "rehearse", "--by-hand", stage::ROOT_GENERATION, "--scratch"]).arg(stage.scratch());
    command.args(["--printer", "/dev/tty"]);
    let mut pty = Pty::start(&mut command, COLUMNS, LINES);
    assert_eq!(pty.question(), None);
    assert_eq!(pty.end().0, 3, "{}", pty.all);
    assert!(pty.all.contains("it is this screen"), "{}", pty.all);
}
