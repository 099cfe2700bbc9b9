//! A printer, and what came out of it.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// A printer with its tray: a device that takes whatever is written to it.
pub(crate) struct Printer {
    pub(crate) device: PathBuf,
    /// Held open, as a cable is.
    _line: File,
    tray: Receiver<Vec<u8>>,
}

impl Printer {
    pub(crate) fn new() -> Self {
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
    pub(crate) fn papers(&self) -> Vec<Vec<u8>> {
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

/// The text of a paper, as poppler finds it.
pub(crate) fn text(paper: &[u8]) -> String {
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
pub(crate) fn name(text: &str) -> (String, u8) {
    let value = |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label)).unwrap().trim().to_owned();
    (value("Set:"), value("Share:").split(' ').next().unwrap().parse().unwrap())
}

/// The digits of each line of a share on a sheet.
pub(crate) fn numbered(text: &str) -> Vec<String> {
    let digits = |line: &str| {
        let (number, rest) = line.trim().split_once(": ")?;
        number.parse::<u8>().ok()?;
        Some(rest.split_once(" / ")?.0.replace(' ', ""))
    };
    text.lines().filter_map(digits).collect()
}
