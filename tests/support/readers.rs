//! Card readers of a test's own: pcscd with the two slots of vpcd, and virtual cards that are put in and pulled.
//!
//! A test that wants them begins with [`Readers::for_test`]. It then runs once more, in a process of its own and on a
//! machine of its own: namespaces with an empty /run, no USB device, and a network that is a loopback alone. So pcscd
//! is where everybody looks for it, programs that the test starts find it too (keyrite, gpg), no real reader is near,
//! tests do not disturb each other, and whatever a test starts ends with it, however that ends.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::stage::{keyrite, virtual_card};

/// Says to a test program that it is on its own machine.
const HERE: &str = "KEYRITE_TEST_READERS";
/// Makes the machine, and runs what it is given. The shell stays: who comes first there ignores signals.
const MACHINE: &str = r#"
mount --make-rprivate / 2>/dev/null || :
mount -t proc proc /proc
mount -t sysfs sysfs /sys
[ ! -d /sys/bus/usb ] || mount -t tmpfs none /sys/bus/usb
mount -t tmpfs none /run
ip link set lo up
"$@" || exit $?
"#;
/// vpcd's slots. It has two, whatever its configuration says; more are mixed up with each other.
pub(crate) const SLOTS: [&str; 2] = ["Virtual PCD 00 00", "Virtual PCD 00 01"];
const PORTS: [&str; 2] = ["35963", "35964"];
/// How long something is waited for on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A pcscd with two readers, and the cards in them. All of it ends when this is dropped.
pub(crate) struct Readers {
    service: Option<Service>,
    cards: [Option<Child>; 2],
}

impl Readers {
    /// Two empty readers for the calling test, which has to be handed over; nothing where that test has now run on a
    /// machine of its own, and is over.
    ///
    /// ```ignore
    /// #[test]
    /// fn a_card_is_found() {
    ///     let Some(mut readers) = Readers::for_test(a_card_is_found) else { return };
    ///     readers.insert(0, &folder.join("a.card"));
    /// ```
    pub(crate) fn for_test<T: Fn()>(test: T) -> Option<Self> {
        if std::env::var_os(HERE).is_some() {
            return Some(Self { service: Some(Service::start(true)), cards: [None, None] });
        }
        virtual_card();
        run_alone(name_of(&test));
        None
    }

    /// Puts a card into a slot, 0 or 1; a new card where there is no such file. When this returns, pcscd has seen it.
    pub(crate) fn insert(&mut self, slot: usize, card: &Path) {
        self.put(slot, card, &[]);
    }

    /// Puts a new card into a slot, with this serial of eight hex digits.
    pub(crate) fn insert_new(&mut self, slot: usize, card: &Path, serial: &str) {
        assert!(!card.exists(), "{} is there already", card.display());
        self.put(slot, card, &["--serial", serial]);
    }

    fn put(&mut self, slot: usize, card: &Path, more: &[&str]) {
        let mut command = Command::new(virtual_card_built());
        command.args(["vpcd", "--port", PORTS[slot], "--card"]).arg(card).args(more);
        self.insert_program(slot, &mut command);
    }

    /// Puts any program into a slot that talks to vpcd as a card does: at port [`Readers::port`].
    pub(crate) fn insert_program(&mut self, slot: usize, program: &mut Command) {
        assert!(self.cards[slot].is_none(), "there is a card in slot {slot}");
        // One that was snatched may not be missed yet, and would be taken for this one.
        let seen = self.seen(slot, INSERTED);
        self.wait(slot, REMOVED, seen);
        self.cards[slot] = Some(program.stdout(Stdio::null()).spawn().expect("the card starts"));
        self.wait(slot, INSERTED, seen + 1);
    }

    /// Where vpcd waits for the card of a slot, on loopback.
    pub(crate) fn port(slot: usize) -> &'static str {
        PORTS[slot]
    }

    /// Pulls the card, as far as its process goes; when this returns, pcscd has seen that it is gone.
    pub(crate) fn pull(&mut self, slot: usize) {
        let seen = self.seen(slot, REMOVED);
        self.snatch(slot);
        self.wait(slot, REMOVED, seen + 1);
    }

    /// Pulls the card, and does not wait for pcscd, which looks twice or thrice in a second.
    pub(crate) fn snatch(&mut self, slot: usize) {
        let mut card = self.cards[slot].take().expect("there is a card");
        end(&mut card);
    }

    /// Stops pcscd; the cards are out then, too.
    pub(crate) fn stop(&mut self) {
        self.service = None;
        self.cards.iter_mut().filter_map(Option::take).for_each(|mut card| end(&mut card));
    }

    /// Starts pcscd again, with or without readers.
    pub(crate) fn restart(&mut self, with_readers: bool) {
        self.stop();
        self.service = Some(Service::start(with_readers));
    }

    fn seen(&self, slot: usize, what: &str) -> usize {
        self.service().log.count(&words(slot, what))
    }

    fn wait(&self, slot: usize, what: &str, count: usize) {
        self.service().log.wait(&words(slot, what), count);
    }

    fn service(&self) -> &Service {
        self.service.as_ref().expect("pcscd runs")
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.stop();
    }
}

const INSERTED: &str = "Card inserted into";
const REMOVED: &str = "Card Removed From";

fn words(slot: usize, what: &str) -> String {
    format!("{what} {}", SLOTS[slot])
}

/// Built by the process outside: on the machine of a test, cargo reaches nothing.
fn virtual_card_built() -> PathBuf {
    keyrite().with_file_name("keyrite-virtual-card")
}

// --- a machine of its own -------------------------------------------------------------------------------------------

/// A test's name is the path of its function, without the test program's.
fn name_of<T>(_: &T) -> &'static str {
    std::any::type_name::<T>().split_once("::").expect("a test has a path").1
}

fn run_alone(test: &str) {
    let mut unshare = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "unchanged"]);
    unshare.args(["sh", "-euc", MACHINE, "sh"]).arg(std::env::current_exe().expect("own path"));
    unshare.args(["--exact", test, "--nocapture"]).env(HERE, "").stdin(Stdio::null());
    let ran = unshare.output().expect("unshare (util-linux) is installed");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && out.contains("1 passed"), "{test}, on a machine of its own:\n{out}{err}");
}

// --- pcscd ----------------------------------------------------------------------------------------------------------

/// A running pcscd, and what it says.
struct Service {
    process: Child,
    log: Arc<Log>,
    /// Its configuration, where it has one of its own.
    _folder: tempfile::TempDir,
}

impl Service {
    /// Starts it, and waits until it listens. It needs no service manager.
    fn start(with_readers: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = if with_readers { Path::new("/etc/reader.conf.d") } else { folder.path() };
        let mut pcscd = Command::new("/usr/sbin/pcscd");
        pcscd.args(["--foreground", "--info", "--config"]).arg(config).stdin(Stdio::null());
        let mut process = pcscd.stdout(Stdio::piped()).spawn().expect("pcscd is installed");
        let log = Arc::new(Log::default());
        let (heard, lines) = (Arc::clone(&log), BufReader::new(process.stdout.take().expect("a pipe")).lines());
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| heard.hear(line));
            heard.hear(ENDED.to_owned());
        });
        log.wait("daemon ready", 1);
        listening();
        if with_readers {
            PORTS.iter().for_each(|port| log.wait(&format!("Waiting for virtual ICC on port {port}"), 1));
        }
        Self { process, log, _folder: folder }
    }
}

/// Waits until somebody listens where everybody asks: pcscd says that it is ready, and then makes its socket.
fn listening() {
    let begin = Instant::now();
    while let Err(error) = UnixStream::connect("/run/pcscd/pcscd.comm") {
        assert!(begin.elapsed() < PATIENCE, "pcscd does not listen: {error}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        end(&mut self.process);
        // It leaves its socket when it is killed, and would take it for another pcscd's.
        let _ = std::fs::remove_dir_all("/run/pcscd");
    }
}

/// What the log ends with.
const ENDED: &str = "pcscd ended";

/// The lines of pcscd.
#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

impl Log {
    fn hear(&self, line: String) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        self.more.notify_all();
    }

    fn count(&self, words: &str) -> usize {
        count(&self.lines.lock().unwrap_or_else(PoisonError::into_inner), words)
    }

    /// Waits until `words` were said so often.
    fn wait(&self, words: &str, times: usize) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = |lines: &mut Vec<String>| count(lines, words) < times && count(lines, ENDED) == 0;
        let waited = self.more.wait_timeout_while(lines, PATIENCE, missing);
        let lines = waited.unwrap_or_else(PoisonError::into_inner).0;
        assert!(count(&lines, words) >= times, "pcscd did not say \"{words}\":\n{}", lines.join("\n"));
    }
}

fn count(lines: &[String], words: &str) -> usize {
    lines.iter().filter(|line| line.contains(words)).count()
}

/// Kills a process. One that this may not kill any more, shut in a sandbox, ends with the test.
fn end(process: &mut Child) {
    if process.kill().is_ok() {
        let _ = process.wait();
    }
}
