//! docs/formats.md says how to check a register without keyrite: exactly these lines are run.

use std::path::Path;
use std::process::Command;

use crate::forge::{Forger, chain, follow, rewrite, write};
use crate::played::{Copied, FIRST, SECOND, Witness};
use crate::stage::Ran;

/// What is done to a register.
type Change<'a> = &'a dyn Fn(&Copied);

/// The shell lines of the section, one after another.
fn lines() -> String {
    let document = std::fs::read_to_string("docs/formats.md").unwrap();
    let (_, section) = document.split_once("\n## Checking without keyrite\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.collect()
}

fn check(register: &Path) -> Ran {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(lines()).current_dir(register).env("LC_ALL", "C.UTF-8").env("TMPDIR", "/tmp");
    Ran::of(&shell.output().unwrap())
}

#[test]
fn the_documents_lines_pass_on_a_good_register() {
    assert!(lines().matches("```").count() == 0 && lines().lines().count() > 40, "{}", lines());
    let ran = check(&Copied::new().register());
    let out = &ran.done().out;
    assert!(out.ends_with("all good\n"), "{out}");
    assert!(out.contains("minutes of 0001-root-generation: cosigned by Chloe Duarte\n"), "{out}");
    assert!(out.contains("minutes of 0002-delegation: signed by "), "{out}");
}

#[test]
fn the_documents_lines_fail_on_changed_registers() {
    let closing = "closing/0001-root-generation.toml";
    let forged = |copied: &Copied| {
        rewrite(copied, FIRST, |_| {});
        let path = copied.transcript(FIRST);
        let mut lines = keyrite::format::transcript::read(FIRST, &std::fs::read(path).unwrap()).unwrap().lines;
        lines.remove(7);
        chain(&mut lines);
        write(copied, FIRST, lines);
        follow(copied, |_| {});
    };
    let cosigned = |copied: &Copied| {
        let folder = copied.register().join("minutes/0001-root-generation.cosigned");
        let signature = folder.read_dir().unwrap().next().unwrap().unwrap().path().join("minutes.sig");
        let witness = Witness::new();
        std::fs::copy(witness.sign(&copied.register(), SECOND, &[]), signature).unwrap();
    };
    let changes: [(&str, Change<'_>); 11] = [
        ("a letter", &|copied| copied.edit(FIRST, |lines| lines[4] = lines[4].replacen("gather", "gathex", 1))),
        ("a line dropped", &|copied| copied.edit(SECOND, |lines| drop(lines.remove(9)))),
        ("the end", &|copied| copied.edit(SECOND, |lines| lines.truncate(20))),
        ("hashed anew", &forged),
        ("a transcript gone", &|copied| std::fs::remove_file(copied.transcript(FIRST)).unwrap()),
        ("a fork", &|copied| {
            std::fs::copy(copied.transcript(SECOND), copied.transcript("0002-root-generation")).unwrap();
        }),
        ("minutes changed", &|copied| copied.replace("minutes/0001-root-generation.asc", "Castellan", "Castellam")),
        ("minutes by a stranger", &|copied| Forger::new("Records <records@example.org>").sign(copied, SECOND)),
        ("closing changed", &|copied| copied.replace(closing, "A 004711", "A 004712")),
        ("closing gone", &|copied| std::fs::remove_file(copied.register().join(closing)).unwrap()),
        ("a cosignature of other minutes", &cosigned),
    ];
    for (what, change) in changes {
        let copied = Copied::new();
        change(&copied);
        let ran = check(&copied.register());
        assert!(ran.code != Some(0) && !ran.out.contains("all good"), "{what}: {}", ran.out);
        // keyrite says no to the same.
        assert_ne!(copied.check().code, Some(0), "{what}");
    }
}
