//! The sheets of sealed messages: printed, drawn by poppler, and restored by the commands that stand on them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stage::{Ran, Stage, keyrite, page_reader};

fn print(stage: &Stage, out: &Path, size: &str) -> Ran {
    // It reads back what is printed.
    page_reader();
    let mut command = Command::new(keyrite());
    command.args(["backup", "print", "--size", size, "--register"]).arg(stage.path("register")).arg("--out").arg(out);
    Ran::of(&command.output().unwrap())
}

/// The printed papers, each with the message that it holds.
fn printed(stage: &Stage, folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let messages: Vec<(PathBuf, Vec<u8>)> =
        stage.files().into_iter().filter(|(path, _)| path.ends_with("sealed.asc")).collect();
    let of = |set: &str| messages.iter().find(|(path, _)| path.to_string_lossy().contains(set)).unwrap().1.clone();
    let papers = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    papers
        .map(|path| {
            let set = path.file_stem().unwrap().to_str().unwrap().rsplit('-').next().unwrap().to_owned();
            (path, of(&set))
        })
        .collect()
}

/// What a shell says in a folder, as a person types it there; its last command must be content.
fn shell(folder: &Path, script: &str) -> String {
    let output = Command::new("bash").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The text of a paper, page after page, as it stands on it.
pub(crate) fn text(paper: &Path) -> String {
    let output = Command::new("pdftotext").arg("-layout").arg(paper).arg("-").output().expect("poppler-utils");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands on a paper: behind a `$`, and where a line ends in a backslash or within `done`, on the line below.
fn command(text: &str, begins: &str) -> String {
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with(&format!("$ {begins}")));
    let first = lines.next().unwrap().trim_start_matches("$ ").to_owned();
    let second = lines.next().unwrap();
    match first.strip_suffix('\\') {
        Some(first) => format!("{first}{second}"),
        None => format!("{first}\n{second}"),
    }
}

#[test]
fn a_sealed_message_comes_back_from_its_codes_by_the_commands_on_the_sheet() {
    let stage = Stage::with_root();
    for size in ["a4", "letter"] {
        let out = stage.folder().join(size);
        let said = print(&stage, &out, size);
        assert!(
            said.done().out.contains("read back from the dots of its page, by keyrite and by zbarimg"),
            "{}",
            said.out
        );
        for (paper, message) in printed(&stage, &out) {
            let folder = tempfile::tempdir().unwrap();
            let mut draw = Command::new("pdftoppm");
            draw.args(["-r", "300", "-gray", "-png"]).arg(&paper).arg("page").current_dir(folder.path());
            assert!(draw.status().unwrap().success());
            let said = shell(folder.path(), &command(&text(&paper), "zbarimg"));
            let restored = std::fs::read(folder.path().join("sealed.asc")).unwrap();
            assert_eq!(String::from_utf8_lossy(&restored), String::from_utf8_lossy(&message), "{said}");
        }
    }
}

#[test]
fn a_sealed_message_comes_back_from_its_lines_and_each_line_can_be_checked() {
    let stage = Stage::with_root();
    let out = stage.folder().join("papers");
    print(&stage, &out, "a4").done();
    for (paper, message) in printed(&stage, &out) {
        let text = text(&paper);
        let lines = text.lines().skip_while(|line| !line.contains("The message as lines"));
        let (mut typed, mut checks) = (String::new(), String::new());
        for line in lines {
            let Some((number, rest)) = line.trim().split_once(' ') else { continue };
            let (Ok(number), Some((words, check))) = (number.parse::<u32>(), rest.rsplit_once('/')) else { continue };
            typed += &format!("{}\n", words.trim());
            checks += &format!("{number} / {}\n", check.trim());
        }
        assert_eq!(typed, String::from_utf8_lossy(&message));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("sealed.asc"), &typed).unwrap();
        assert_eq!(shell(folder.path(), &command(&text, "n=0")), checks);
        let slip = typed.replacen('=', "-", 1);
        std::fs::write(folder.path().join("sealed.asc"), &slip).unwrap();
        let said = shell(folder.path(), &command(&text, "n=0"));
        assert_eq!(said.lines().zip(checks.lines()).filter(|(said, right)| said != right).count(), 1);
    }
}

#[test]
fn sheets_are_the_same_on_every_run_and_never_written_over() {
    let stage = Stage::with_root();
    let (first, second) = (stage.folder().join("first"), stage.folder().join("second"));
    print(&stage, &first, "a4").done();
    print(&stage, &second, "a4").done();
    for (paper, _) in printed(&stage, &first) {
        let again = second.join(paper.file_name().unwrap());
        assert_eq!(std::fs::read(&paper).unwrap(), std::fs::read(again).unwrap(), "{}", paper.display());
        assert!(text(&paper).contains("REHEARSAL, NOT FOR USE"));
    }
    let error = print(&stage, &first, "a4").refused(1, Some("FILE-1")).to_owned();
    assert!(error.contains("already exists"), "{error}");
}
