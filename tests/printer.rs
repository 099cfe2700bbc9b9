//! Share sheets from a printer: what comes out of it restores the root by stock tools alone, and nothing of it stays behind.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/gpg.rs"]
mod gpg;
#[path = "terminal/people.rs"]
mod people;
#[path = "support/pictures.rs"]
mod pictures;
#[path = "support/printer.rs"]
mod printer;
#[allow(dead_code, reason = "each test program needs some of this")]
#[path = "terminal/pty.rs"]
mod pty;
#[allow(dead_code, reason = "each test program needs some of this")]
#[path = "support/secrets.rs"]
mod secrets;
#[path = "support/stage.rs"]
mod stage;
#[path = "support/traces.rs"]
mod traces;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use gpg::Home;
use pictures::{Picture, drawn, restored};
use printer::{Printer, name, numbered, text};
use pty::{COLUMNS, LINES, Pty};
use stage::{Ran, Stage, keyrite};
use traces::Traces;

/// A root generation by hand, whose sheets are printed; every paper by set and share number.
fn printed(stage: &Stage, mut command: Command) -> BTreeMap<(String, u8), Vec<u8>> {
    let printer = Printer::new();
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
    let papers = printed(&stage, Command::new(keyrite()));
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
    let traces = Traces::begin(stage.folder());
    let papers = printed(&stage, traces.keyrite());
    // Halves were typed; the lines of the shares, but short ones, which stand everywhere; and each share whole.
    let lines: Vec<Vec<String>> = papers.values().map(|paper| numbered(&text(paper))).collect();
    let whole = lines.iter().map(|lines| lines.concat());
    let known: BTreeSet<String> =
        lines.iter().flatten().filter(|digits| digits.len() >= 12).cloned().chain(whole).collect();
    assert!(known.len() >= 8 * 5, "{}", known.len());
    traces.assert_none_of(&known, &stage.path("pockets"));
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
