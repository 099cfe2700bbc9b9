//! A verb at a terminal, where somebody answers.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::stage::Ran;

/// How a question begins, on the last line of what is shown.
const QUESTION: &str = "   >> ";

/// Runs a command at a terminal of 80 by 24, and types the next line of `keys` at each question; `heard` is told each line that is
/// shown. Standard error is apart.
pub(crate) fn typed(command: &Command, keys: &str, mut heard: impl FnMut(&str)) -> Ran {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    tcsetwinsize(&master, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
    let mut in_session = Command::new("setsid");
    in_session.arg("--ctty").arg(command.get_program()).args(command.get_args()).env("LANG", "C.UTF-8");
    in_session.stdin(slave.try_clone().unwrap()).stdout(slave).stderr(Stdio::piped());
    let mut child = in_session.spawn().expect("setsid (util-linux)");
    // It holds the terminal's other end, which must close with the child.
    drop(in_session);
    let mut master = File::from(master);
    let (mut out, mut line, mut bytes) = (String::new(), Vec::new(), [0; 256]);
    let mut keys = keys.split_inclusive('\n');
    // The end of the child is an error here (EIO).
    while let Ok(read @ 1..) = master.read(&mut bytes) {
        for byte in &bytes[..read] {
            line.push(*byte);
            if *byte == b'\n' {
                let text = String::from_utf8_lossy(&std::mem::take(&mut line)).trim_end().to_owned();
                heard(&text);
                out.push_str(&text);
                out.push('\n');
            }
        }
        // Nobody answers a question that was not shown yet.
        if line.starts_with(QUESTION.as_bytes()) && line.ends_with(b": ") {
            let next = keys.next().expect("a question more than answers");
            master.write_all(next.as_bytes()).unwrap();
        }
    }
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    Ran { code: child.wait().unwrap().code(), out, err }
}
