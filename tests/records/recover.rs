//! `register recover`: what chain and minutes prove is taken, the rest is named.

use crate::engineer::good_bundle;
use crate::forge::{Forger, follow, rewrite};
use crate::played::{Copied, FIRST, SECOND, files, register};
use crate::stage::{DELEGATION, Ran, Stage};

fn recover(copied: &Copied, more: &[&str]) -> Ran {
    let (from, to) = (copied.register(), copied.path("new"));
    let arguments = ["recover", "--from", from.to_str().unwrap(), "--to", to.to_str().unwrap()];
    register(&[&arguments[..], more].concat())
}

/// The good minutes, from elsewhere.
fn minutes_of(copied: &Copied, ceremony: &str) -> String {
    let file = copied.path(&format!("{ceremony}.asc"));
    let whole = Copied::new();
    std::fs::copy(whole.register().join(format!("minutes/{ceremony}.asc")), &file).unwrap();
    file.to_str().unwrap().to_owned()
}

/// What was recovered passes as a register.
fn is_whole(copied: &Copied) {
    register(&["check", "--register", copied.path("new").to_str().unwrap()]).done();
}

#[test]
fn a_whole_copy_comes_back_whole() {
    let copied = Copied::new();
    let before = files(&copied.register());
    std::fs::write(copied.register().join("guest.txt"), "x").unwrap();
    let ran = recover(&copied, &[]);
    let out = &ran.done().out;
    assert!(out.contains("0001-root-generation") && out.contains("proved by its minutes\n"), "{out}");
    assert!(out.contains("left out: guest.txt"), "{out}");
    assert_eq!(files(&copied.path("new")), before);
    is_whole(&copied);
    recover(&copied, &[]).refused(1, Some("FILE-1"));
}

#[test]
fn minutes_from_elsewhere_take_the_place_of_lost_ones() {
    let copied = Copied::new();
    let before = files(&copied.register());
    std::fs::remove_file(copied.register().join("minutes/0002-delegation.asc")).unwrap();
    std::fs::write(copied.register().join("minutes/0001-root-generation.asc"), "x").unwrap();
    let ran = recover(&copied, &["--minutes", &minutes_of(&copied, FIRST), "--minutes", &minutes_of(&copied, SECOND)]);
    ran.done();
    assert_eq!(files(&copied.path("new")), before);
    is_whole(&copied);
}

#[test]
fn a_lost_tail_is_proved_by_minutes_as_far_as_they_bind() {
    // The lines after the minutes are gone; they were only signed in them.
    let copied = Copied::new();
    copied.edit(SECOND, |lines| lines.truncate(lines.len() - 4));
    let ran = recover(&copied, &[]);
    let said = ran.refused(1, Some("REGISTER-2"));
    assert!(said.contains("transcript 0002-delegation after line ") && said.contains(": its end"), "{said}");
    assert!(said.contains("recovery ceremony by the quorum of custodians"), "{said}");
    assert!(ran.out.contains("proved by its minutes up to line "), "{}", ran.out);
    is_whole(&copied);
    // A damaged line there is the same.
    let copied = Copied::new();
    copied.edit(SECOND, |lines| {
        let at = lines.len() - 2;
        lines[at] = "\u{1b}[2J\n".to_owned();
    });
    let ran = recover(&copied, &[]);
    assert!(ran.refused(1, Some("REGISTER-2")).contains("not a line of a transcript"));
    is_whole(&copied);
}

#[test]
fn a_recovered_ceremony_goes_on_to_its_end() {
    let stage = Stage::with_root();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    let transcript = stage.path("register/transcripts/0002-delegation.jsonl");
    let text = std::fs::read_to_string(&transcript).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // The intent to sign the minutes is there, and what became of it is not.
    std::fs::write(&transcript, lines[..lines.len() - 4].concat()).unwrap();
    let (old, new) = (stage.path("old"), stage.path("register"));
    std::fs::rename(&new, &old).unwrap();
    let ran = register(&["recover", "--from", old.to_str().unwrap(), "--to", new.to_str().unwrap()]);
    ran.refused(1, Some("REGISTER-2"));
    std::fs::remove_dir_all(old).unwrap();
    // The card says that it signed, the minutes say what.
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    assert!(ran.done().out.contains("The minutes were signed before the cut; they are good."), "{}", ran.out);
    stage.assert_well_ended();
    register(&["check", "--register", new.to_str().unwrap()]).done();
}

#[test]
fn a_transcript_that_minutes_contradict_is_not_taken() {
    // Cut before the head that the minutes bind, damaged there, or hashed anew.
    let short = |copied: &Copied| copied.edit(SECOND, |lines| lines.truncate(20));
    let damaged = |copied: &Copied| copied.edit(SECOND, |lines| lines[20] = "{}\n".to_owned());
    let anew = |copied: &Copied| follow(copied, |opening| opening.title = "Another".to_owned());
    let changes: [&dyn Fn(&Copied); 3] = [&short, &damaged, &anew];
    for change in changes {
        let copied = Copied::new();
        change(&copied);
        let ran = recover(&copied, &["--minutes", &minutes_of(&copied, SECOND)]);
        let said = ran.refused(1, Some("REGISTER-2"));
        assert!(said.contains("0002-delegation"), "{said}");
        assert!(said.contains("0002-delegation.asc shows that it was held"), "{said}");
        assert!(ran.out.starts_with("0001-root-generation ") && !ran.out.contains("\n0002-delegation"), "{}", ran.out);
        // What is there is the register before that ceremony: whole, and stale.
        is_whole(&copied);
        let new = copied.path("new");
        let check =
            register(&["check", "--register", new.to_str().unwrap(), "--minutes", &minutes_of(&copied, SECOND)]);
        check.refused(1, Some("REGISTER-2"));
    }
}

#[test]
fn lost_and_changed_files_are_named() {
    let copied = Copied::new();
    std::fs::remove_dir_all(copied.register().join("reviews")).unwrap();
    let ran = recover(&copied, &[]);
    let said = ran.refused(1, Some("REGISTER-2"));
    assert!(said.contains("reviews/") && said.contains("is missing"), "{said}");
    assert!(ran.out.contains("0002-delegation"), "{}", ran.out);
}

#[test]
fn nothing_is_written_when_nothing_is_proved() {
    let copied = Copied::new();
    copied.edit(FIRST, |lines| lines[0] = "{}\n".to_owned());
    let ran = recover(&copied, &[]);
    let said = ran.refused(1, Some("REGISTER-2"));
    assert!(said.contains("nothing of this copy can be proved") && said.contains("line 1"), "{said}");
    // Minutes by a stranger prove nothing.
    let copied = Copied::new();
    let stranger = Forger::new("S <s@example.org>");
    stranger.sign(&copied, SECOND);
    let forged = copied.register().join("minutes/0002-delegation.asc");
    let ran = recover(&copied, &["--minutes", forged.to_str().unwrap()]);
    assert!(ran.refused(1, Some("MINUTES-1")).contains("signed by another key"), "{}", ran.err);
    assert!(!copied.path("new").exists());
    // A first transcript that was hashed anew, against its minutes.
    let copied = Copied::new();
    rewrite(&copied, FIRST, |event| {
        if let keyrite::model::event::Event::Opened { opening } = event {
            opening.title = "Another".to_owned();
        }
    });
    recover(&copied, &[]).refused(1, Some("REGISTER-2"));
    assert!(!copied.path("new").exists());
}
