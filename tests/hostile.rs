//! Files that somebody made to do harm: each is refused by name, at once, in little memory, and nothing raw reaches the terminal.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/gpg.rs"]
mod gpg;

use std::path::Path;
use std::process::Command;

use keyrite::format::manifest;
use keyrite::model::hash::Hash;

/// The largest file that is read as TOML.
const LARGEST: usize = 256 * 1024;
const INPUT: i32 = 3;
/// What one file may cost.
const CPU_SECONDS: &str = "--cpu=2";
const BYTES: &str = "--as=268435456";

/// What keyrite says to `file` as a script, or as an organization.
fn judged(file: &[u8], is_script: bool) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hostile.toml"), file).unwrap();
    let hostile = folder.path().join("hostile.toml");
    let (script, organization) = if is_script {
        (hostile, "ceremony/organization.toml".into())
    } else {
        ("ceremony/delegation.toml".into(), hostile)
    };
    let output = Command::new("prlimit")
        .args([CPU_SECONDS, BYTES, env!("CARGO_BIN_EXE_keyrite"), "ceremony", "check"])
        .arg(script)
        .arg("--organization")
        .arg(organization)
        .output()
        .expect("prlimit (util-linux)");
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().expect("it was not killed"), said)
}

/// Refused as input, with these words; in few lines, without anything that moves a cursor.
fn refused(file: &[u8], words: &str) {
    for is_script in [true, false] {
        let (code, said) = judged(file, is_script);
        assert_eq!(code, INPUT, "{said}");
        assert!(said.starts_with("error: ") && said.contains(words) && said.contains("\nhint: "), "{said}");
        assert!(said.len() < 4096, "{} bytes are said", said.len());
        assert!(said.chars().all(|c| c == '\n' || !c.is_control()) && !said.contains('\u{202e}'), "{said:?}");
    }
}

fn shipped(script: bool) -> String {
    std::fs::read_to_string(if script { "ceremony/delegation.toml" } else { "ceremony/organization.toml" }).unwrap()
}

#[test]
fn tables_nested_without_end() {
    let half = LARGEST / 2 - 10;
    refused(format!("a = {}{}", "[".repeat(half), "]".repeat(half)).as_bytes(), "recurse");
    let fifth = LARGEST / 5;
    refused(format!("a = {}1{}", "{a=".repeat(fifth - 10), "}".repeat(fifth - 10)).as_bytes(), "recurse");
    refused(format!("[{}a]\n", "a.".repeat(half)).as_bytes(), "recursion limit");
    refused(format!("{}a = 1\n", "a.".repeat(half)).as_bytes(), "recursion limit");
    refused("[[a]]\n".repeat(LARGEST / 7).as_bytes(), "unknown key `a`");
}

#[test]
fn a_megabyte_is_not_even_parsed() {
    refused("[".repeat(1_000_000).as_bytes(), "at most 262144 are read");
    refused(&vec![b'#'; 2 << 20], "is larger than 1048576 bytes");
}

#[test]
fn keys_and_texts_as_long_as_the_file() {
    refused(format!("\"{}\" = 1\n", "\\u001b".repeat(LARGEST / 7)).as_bytes(), "unknown key `\\u{1b}\\u{1b}");
    let (code, said) = judged(format!("kind = \"{}\"\n", "\\u202e".repeat(LARGEST / 7)).as_bytes(), true);
    assert!(
        code == INPUT && said.len() < 4096 && said.contains("`, expected one of `card-service`, `delegation`"),
        "{said}"
    );
    let many: String = (0..12_000).map(|number| format!("k{number} = {number}\n")).collect();
    refused(many.as_bytes(), "unknown key `k0`");
}

#[test]
fn more_steps_than_a_day_has() {
    let step = |id: usize| format!("[[step]]\nid = \"9.{id}\"\nwho = \"leader\"\nsay = \"x\"\n[step.gather]\n");
    let many: String = (0..4000).map(step).collect();
    let (code, said) = judged((shipped(true) + &many).as_bytes(), true);
    assert!(code == INPUT && said.contains("at most 500 steps"), "{said}");
}

#[test]
fn what_people_do_not_see() {
    for is_script in [true, false] {
        let text = shipped(is_script);
        let (key, name) = if is_script { ("title = \"", "Delegate") } else { ("name       = \"", "Example") };
        assert!(text.contains(&format!("{key}{name}")), "{text}");
        let cases: [(Vec<u8>, &str); 8] = [
            (["\u{feff}", &text].concat().into_bytes(), "byte order mark"),
            (text.replacen(name, "Ann\u{202e}gro", 1).into_bytes(), "printable characters"),
            (text.replacen(name, "Ann\\u202Egro", 1).into_bytes(), "printable characters"),
            (text.replacen(name, "Ann\u{200b}gro", 1).into_bytes(), "printable characters"),
            (text.replacen(name, "Ann\\u001b[2Jgro", 1).into_bytes(), "printable characters"),
            (text.replacen(name, "Ann\u{1b}[2Jgro", 1).into_bytes(), "invalid basic string"),
            (text.replacen(name, "Ann\0gro", 1).into_bytes(), "invalid basic string"),
            ([text.as_bytes(), b"# caf\xe9\n"].concat(), "not UTF-8"),
        ];
        for (file, words) in cases {
            let (code, said) = judged(&file, is_script);
            assert_eq!(code, INPUT, "{said}");
            assert!(said.contains(words) && said.contains("hint: "), "{words}: {said}");
            assert!(!said.contains(['\u{202e}', '\u{200b}', '\u{1b}', '\0']), "{said:?}");
        }
    }
}

#[test]
fn a_key_that_stands_twice() {
    let text = shipped(true).replacen("kind  =", "kind = \"delegation\"\nkind  =", 1);
    let (code, said) = judged(text.as_bytes(), true);
    assert!(code == INPUT && said.contains("hostile.toml:3:1: duplicate key"), "{said}");
    let text = shipped(false).replacen("name       =", "name = \"Other\"\nname       =", 1);
    let (code, said) = judged(text.as_bytes(), false);
    assert!(code == INPUT && said.contains("hostile.toml:3:1: duplicate key"), "{said}");
}

/// `keyrite bundle show` of a folder with these files and their manifest.
fn shown(folder: &Path, files: &[(&str, &[u8])]) -> (i32, String) {
    let sums = manifest::write(files.iter().copied());
    for (name, bytes) in files.iter().chain(&[(manifest::NAME, sums.as_bytes())]) {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    looked_at(folder)
}

fn looked_at(folder: &Path) -> (i32, String) {
    let mut show = Command::new("prlimit");
    show.args([CPU_SECONDS, BYTES, env!("CARGO_BIN_EXE_keyrite"), "bundle", "show"]).arg(folder);
    let output = show.output().expect("prlimit (util-linux)");
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().expect("it was not killed"), said)
}

#[test]
fn the_manifest_of_a_release_that_is_made_to_do_harm() {
    let line = format!("{}  ", Hash::of(b""));
    for (bytes, words) in [
        ("x".repeat(500_000).into_bytes(), "line 1: "),
        (format!("{line}{}\n", "x".repeat(500_000)).into_bytes(), "the name is too long"),
        (format!("{line}a\n").repeat(7_000).into_bytes(), "line 2: a stands here twice"),
        (format!("{line}a\u{202e}\u{1b}[2J\n").into_bytes(), "not plainly seen"),
        (format!("{line}../../etc/passwd\n").into_bytes(), "it is a path"),
        (format!("# keyrite-release 1\n# release: {}\n", "a".repeat(500_000)).into_bytes(), "line 2: "),
        (b"\xff\xfe\n".to_vec(), "not UTF-8"),
        (vec![0; 500_000], "r-1.SHA256SUMS, line "),
        (vec![b'\n'; 500_000], "line 1: "),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (code, said) = shown(folder.path(), &[("r-1.SHA256SUMS", &bytes), ("r-1.SHA256SUMS.asc", b"x")]);
        assert_eq!(code, INPUT, "{said}");
        assert!(said.contains(words) && said.len() < 4096, "{words}? {said}");
        assert!(said.chars().all(|c| c == '\n' || !c.is_control()) && !said.contains('\u{202e}'), "{said:?}");
    }
}

/// Whoever signs their own bundle has it read to the end.
#[test]
fn a_list_of_past_releases_that_is_made_to_do_harm() {
    let home = gpg::Home::new();
    let key = home.new_key("Mallory", "sign", &[]);
    let sign = |bytes: &[u8]| home.gpg(&["--armor", "--detach-sign"], bytes);
    let records = home.export(key);
    let signers = format!(
        "{{\"version\":1,\"organization\":\"Acme\",\"ceremony\":\"0002-delegation\",\
         \"as-of\":\"2026-11-23T10:00:00Z\",\"roots\":[],\"records\":\"{key}\",\"signers\":[]}}"
    );
    let head = "# keyrite-past-releases 1\n# organization: Acme\n# number: 1\n# as-of: 2026-11-23T10:00:00Z\n";
    let release = |at: usize| {
        format!(
            "#\n# release: a-{at}\n# signed-by: {key}\n# signed-on: 2026-11-20T10:00:00Z\n# scope: s\n\
             # taken-in: 0002-delegation\n{}  f{at}\n",
            Hash::of(b"")
        )
    };
    let many: String = (0..8_000).map(release).collect();
    for (list, code, words) in [
        (format!("{head}{many}"), 0, "list 1 of past releases: 8000 release(s)"),
        (format!("{head}{many}{}", release(7)), INPUT, "release a-7 stands in the list twice"),
        (format!("{head}{}", "#\n".repeat(1_000_000)), INPUT, "line 6: "),
        (head.replace("Acme", &"A".repeat(2_000_000)), INPUT, "line 2: organization is"),
        (format!("{head}#\n# release: a\u{1b}[2J\n"), INPUT, "line 6: release: not a release's name"),
        ("\n".repeat(2_000_000), INPUT, "line 1: "),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let files: [(&str, &[u8]); 4] = [
            ("past-releases.txt", list.as_bytes()),
            ("past-releases.txt.asc", &sign(list.as_bytes())),
            ("records.asc", records.as_bytes()),
            ("signers.json", signers.as_bytes()),
        ];
        let sums = manifest::write(files.iter().copied());
        std::fs::write(folder.path().join(manifest::SIGNATURE), sign(sums.as_bytes())).unwrap();
        let (seen, said) = shown(folder.path(), &files);
        assert_eq!(seen, code, "{}", said.chars().take(500).collect::<String>());
        assert!(
            said.contains(words) && said.len() < 4096,
            "{words}? {} bytes: {}",
            said.len(),
            &said[..said.len().min(300)]
        );
        assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{words}");
    }
}
