//! The program as it is called: its answers, its errors, its cell.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Output, Stdio};

use qrcode::{EcLevel, QrCode};

fn start(arguments: &[&str]) -> Child {
    let mut reader = Command::new(env!("CARGO_BIN_EXE_keyrite-page-reader"));
    reader.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    reader.spawn().unwrap()
}

fn ran(arguments: &[&str], input: &[u8]) -> Output {
    let mut reader = start(arguments);
    // It may have ended before.
    let _ = reader.stdin.take().unwrap().write_all(input);
    reader.wait_with_output().unwrap()
}

/// A PGM with one code, so many dots to a square.
fn picture(text: &str, dots: usize) -> Vec<u8> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    let (width, colors) = (code.width(), code.to_colors());
    let side = (width + 8) * dots;
    let mut file = format!("P5 {side} {side} 255\n").into_bytes();
    let is_dark = |row: usize, column: usize| {
        let inside = |at: usize| (at / dots).checked_sub(4).filter(|at| *at < width);
        let (Some(row), Some(column)) = (inside(row), inside(column)) else { return false };
        colors[row * width + column] == qrcode::Color::Dark
    };
    file.extend((0..side * side).map(|at| if is_dark(at / side, at % side) { 0 } else { 255 }));
    file
}

#[test]
fn texts_come_behind_their_lengths() {
    let output = ran(&["codes"], &picture("A TEST 1", 4));
    assert_eq!((output.status.code(), output.stdout), (Some(0), b"\0\0\0\x01\0\0\0\x08A TEST 1".to_vec()));
    // A code as large as the page, and one that is far larger than a tile.
    let output = ran(&["codes"], &picture("LARGE", 100));
    assert_eq!(output.stdout, b"\0\0\0\x01\0\0\0\x05LARGE");
}

#[test]
fn a_picture_comes_back_as_it_is_read() {
    let small = picture("A TEST 1", 4);
    let output = ran(&["picture"], &small);
    assert!(output.stdout.starts_with(b"P5\n116 116\n255\n"), "{:?}", &output.stdout[..20]);
    assert_eq!(output.stdout[15..], small[small.len() - 116 * 116..]);
}

#[test]
fn it_says_what_it_is_and_what_it_wants() {
    let output = ran(&["--version"], b"");
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("keyrite-page-reader {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(ran(&["codes", "--page", "x"], b"").status.code(), Some(2));
    let output = ran(&["codes", "--page", "0"], b"%PDF-1.7\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && said.starts_with("error: ") && said.contains("\nhint: "), "{said}");
}

/// What the kernel says of it while it waits for its input.
#[test]
fn it_is_shut_in_before_it_reads() {
    let mut reader = start(&["codes"]);
    let of = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", reader.id())).unwrap_or_default();
    let begun = std::time::Instant::now();
    while !of("status").contains("Seccomp:\t2") {
        assert!(begun.elapsed().as_secs() < 30, "{}", of("status"));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(of("status").contains("NoNewPrivs:\t1"), "{}", of("status"));
    let limits = of("limits");
    let limit = |name: &str| -> Vec<String> {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{limits}"));
        line.split_whitespace().take(2).map(str::to_owned).collect()
    };
    assert_eq!(limit("Max cpu time"), ["2", "3"]);
    assert_eq!(limit("Max address space"), ["268435456", "268435456"]);
    assert_eq!(limit("Max core file size"), ["0", "0"]);
    drop(reader.stdin.take());
    let mut said = String::new();
    reader.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.starts_with("error: the file is neither"), "{said}");
    assert_eq!(reader.wait().unwrap().code(), Some(3));
}
