//! The cell, in a process made for that: this test program, started again to run one test.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

use keyrite_sandbox::{Cell, Limits};

/// What [`inside`] does once it is shut in. Without it, it does nothing.
const THEN: &str = "KEYRITE_TEST_CELL_THEN";
const LIMITS: Limits = Limits { cpu_seconds: 1, memory: 256 << 20 };
const SIGXCPU: i32 = 24;
/// More than it may take.
const TOO_MUCH: usize = 512 << 20;

fn shut(then: &str) -> Output {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "inside", "--ignored", "--nocapture", "--test-threads=1"]).env(THEN, then);
    let mut child = again.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"in").unwrap();
    child.wait_with_output().unwrap()
}

#[test]
#[ignore = "the other tests start it, in a process of its own: it cannot be taken back"]
fn inside() {
    let Ok(then) = std::env::var(THEN) else { return };
    let there = File::open("/dev/null").is_ok() && UnixStream::pair().is_ok() && Command::new("true").status().is_ok();
    assert!(there, "outside of the cell all of this goes well");
    // A cell is for a program of one thread. The test's own harness has another, which waits for this one.
    Cell::shut(LIMITS).unwrap();
    match then.as_str() {
        "nothing" => nothing(),
        "memory" => {
            let mut bytes = Vec::<u8>::new();
            assert!(bytes.try_reserve_exact(TOO_MUCH).is_err());
            bytes.try_reserve_exact(1 << 20).unwrap();
        }
        "time" => loop {
            std::hint::spin_loop();
        },
        other => panic!("{other}"),
    }
    println!("seen");
}

/// What is open stays open, and nothing else can be had.
fn nothing() {
    let refused = |kind: ErrorKind| assert_eq!(kind, ErrorKind::PermissionDenied);
    for path in ["/dev/null", "/etc/passwd", "/proc/self/maps", "."] {
        refused(File::open(path).unwrap_err().kind());
    }
    refused(std::fs::write("/tmp/new", "x").unwrap_err().kind());
    refused(std::fs::metadata("/").unwrap_err().kind());
    refused(TcpStream::connect("127.0.0.1:9").unwrap_err().kind());
    refused(UnixStream::pair().unwrap_err().kind());
    refused(Command::new("/bin/true").status().unwrap_err().kind());
    refused(std::thread::Builder::new().spawn(|| ()).unwrap_err().kind());
    let mut read = String::new();
    std::io::stdin().read_to_string(&mut read).unwrap();
    assert_eq!(read, "in");
}

#[test]
fn nothing_but_what_is_open_can_be_had() {
    let ran = shut("nothing");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(said.contains("seen"), "{said}{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn memory_has_an_end() {
    let ran = shut("memory");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(said.contains("seen"), "{said}{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn time_has_an_end() {
    assert_eq!(shut("time").status.signal(), Some(SIGXCPU));
}
