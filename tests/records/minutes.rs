//! `minutes show` and `minutes check`, and what they refuse.

use keyrite::format::transcript;
use keyrite::model::event::Event;
use keyrite::model::evidence::Evidence;
use keyrite::model::mode::Mode;

use crate::forge::{Forger, chain, follow, rewrite, write};
use crate::played::{Copied, FIRST, SECOND, minutes, told};
use crate::stage::is_plain;

#[test]
fn good_minutes_are_checked_and_listed() {
    let copied = Copied::new();
    let ran = minutes(&copied.register(), &["check"]);
    let out = &ran.done().out;
    for said in ["0001-root-generation  REHEARSAL, NOT FOR USE\n", "0002-delegation  REHEARSAL", "head on paper: "] {
        assert!(out.contains(said), "{out}");
    }
    assert!(out.contains("cosigned by Chloe Duarte, 2") && out.contains("cosigned by nobody"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let ran = minutes(&copied.register(), &["check", SECOND, "--json", "--mode", "rehearsal"]);
    let json: serde_json::Value = serde_json::from_str(&ran.done().out).unwrap();
    assert_eq!((json["version"].as_u64(), json["ceremonies"].as_array().unwrap().len()), (Some(1), 1));
    let ceremony = &json["ceremonies"][0];
    assert_eq!(ceremony["ceremony"], SECOND);
    assert_eq!(ceremony["mode"], "rehearsal");
    assert_eq!(ceremony["words"].as_array().unwrap().len(), 2);
    assert!(ceremony["minutes"]["signed-by"].as_str().unwrap().len() == 40);
}

#[test]
fn a_ceremony_presents_the_head_on_the_last_ones_papers() {
    let copied = Copied::new();
    let json: serde_json::Value = {
        let ran = minutes(&copied.register(), &["check", FIRST, "--json"]);
        serde_json::from_str(&ran.done().out).unwrap()
    };
    let words = &json["ceremonies"][0]["minutes"]["words"];
    let (first, last) = (words[0].as_str().unwrap(), words[1].as_str().unwrap());
    let told = told().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("{first} ... {last}")), "{told}");
}

#[test]
fn minutes_are_shown_as_gpg_shows_them() {
    let copied = Copied::new();
    let ran = minutes(&copied.register(), &["show", FIRST]);
    let shown = &ran.done().out;
    let path = copied.register().join(format!("minutes/{FIRST}.asc"));
    let signed = std::fs::read(path).unwrap();
    let home = crate::gpg::Home::new();
    let certificate = crate::played::files(&copied.register().join("records")).into_values().next().unwrap();
    home.gpg(&["--import"], &certificate);
    assert_eq!(shown.as_bytes(), home.gpg(&["--decrypt"], &signed));
    assert!(shown.contains("cosigns with") && shown.contains("REHEARSAL, NOT FOR USE\n"));
    minutes(&copied.register(), &["show", "0007-delegation"]).refused(3, None);
}

#[test]
fn a_rehearsal_asked_for_as_production_is_refused() {
    let copied = Copied::new();
    let ran = minutes(&copied.register(), &["check", "--mode", "production"]);
    let said = ran.refused(1, Some("MODE-1"));
    assert!(said.contains("0001-root-generation: it was a rehearsal, and not production"), "{said}");
}

#[test]
fn a_rehearsal_forged_into_production_is_refused() {
    // Whoever has a virtual records card can sign minutes that say production. Its key and its cards give it away.
    for (user_id, said) in [
        ("Records (REHEARSAL, NOT FOR USE) <r@example.org>", "its records key is marked REHEARSAL, NOT FOR USE"),
        ("Records <r@example.org>", "is a test card"),
    ] {
        let copied = Copied::new();
        Forger::new(user_id).take_over(&copied, Mode::Production);
        let ran = copied.check();
        assert!(ran.refused(1, Some("MODE-1")).contains(said), "{}", ran.err);
    }
    // The same forgery that does not lie about its mode passes: only the fingerprint of the records key differs then.
    let copied = Copied::new();
    Forger::new("Records (REHEARSAL, NOT FOR USE) <r@example.org>").take_over(&copied, Mode::Rehearsal);
    copied.check().done();
    let copied = Copied::new();
    Forger::new("Records <r@example.org>").take_over(&copied, Mode::Rehearsal);
    let ran = copied.check();
    assert!(ran.refused(1, Some("MODE-1")).contains("does not bear the mark"), "{}", ran.err);
}

#[test]
fn one_ceremony_of_another_mode_is_refused() {
    let copied = Copied::new();
    follow(&copied, |opening| opening.mode = Mode::Production);
    let ran = copied.check();
    assert!(ran.refused(1, Some("MODE-1")).contains("ceremony 0002-delegation: "), "{}", ran.err);
}

#[test]
fn lines_edited_dropped_reordered_and_torn_are_named() {
    type Change = fn(&mut Vec<String>);
    let changes: [(Change, &str); 5] = [
        (
            |lines| lines[4] = lines[4].replacen("gather", "gathex", 1),
            "line 6: it does not follow from the line before",
        ),
        (|lines| drop(lines.remove(9)), "line 10: it calls itself line 11"),
        (|lines| lines.swap(7, 8), "line 8: it calls itself line 9"),
        (|lines| lines[12] = "\u{1b}[2J\u{202e}{\n".to_owned(), "line 13: not a line of a transcript"),
        (|lines| drop(lines.pop()), "it ends here, is not finished, and another ceremony follows"),
    ];
    for (change, said) in changes {
        let copied = Copied::new();
        copied.edit(FIRST, change);
        let ran = copied.check();
        let error = ran.refused(1, Some("JOURNAL-2"));
        // A line that is missing at the end shows first in what the next ceremony names.
        let head = "0002-delegation, line 1: it does not name the head of the transcript before it";
        assert!(error.contains(said) || (error.contains(head) && said.contains("another ceremony")), "{error}");
    }
    let copied = Copied::new();
    copied.edit(FIRST, |lines| lines.push("{\"number\"".to_owned()));
    let ran = copied.check();
    assert!(ran.refused(1, Some("JOURNAL-2")).contains("it is cut off here, and 0002-delegation follows"));
}

#[test]
fn a_transcript_that_lost_its_end_is_stale_beside_its_minutes() {
    let copied = Copied::new();
    copied.edit(SECOND, |lines| lines.truncate(20));
    let ran = copied.check();
    let said = ran.refused(1, Some("REGISTER-2"));
    assert!(said.contains("transcript 0002-delegation has 20 lines, and its minutes bind "), "{said}");
    assert!(said.contains("register recover") && said.contains("recovery ceremony by the quorum"), "{said}");
    // A cut between the minutes and the line that notes them: resume goes on from there, and so it is no fault.
    let copied = Copied::new();
    copied.edit(SECOND, |lines| lines.truncate(lines.len() - 4));
    assert!(copied.check().done().out.contains("not finished"));
    let ran = minutes(&copied.register(), &["show", SECOND]);
    ran.refused(1, Some("MINUTES-1"));
}

#[test]
fn a_transcript_hashed_anew_is_not_what_the_minutes_bind() {
    let copied = Copied::new();
    rewrite(&copied, FIRST, |event| {
        if let Event::Noted { evidence: Evidence::Clock { skew, .. } } = event {
            *skew += 1;
        }
    });
    follow(&copied, |_| {});
    let ran = copied.check();
    let said = ran.refused(1, Some("MINUTES-1"));
    assert!(said.contains("minutes/0001-root-generation.asc: they bind head "), "{said}");
}

#[test]
fn what_is_slipped_in_after_the_minutes_is_named() {
    let copied = Copied::new();
    let bytes = std::fs::read(copied.transcript(SECOND)).unwrap();
    let mut lines = transcript::read(SECOND, &bytes).unwrap().lines;
    let certified =
        lines.iter().find(|line| matches!(line.entry, Event::Noted { evidence: Evidence::Certified { .. } }));
    let mut slipped = certified.unwrap().clone();
    slipped.time = lines.last().unwrap().time;
    lines.insert(lines.len() - 1, slipped);
    chain(&mut lines);
    write(&copied, SECOND, lines);
    let ran = copied.check();
    let said = ran.refused(1, Some("MINUTES-1"));
    assert!(said.contains("of the transcript is bound by no minutes, and must be"), "{said}");
}

#[test]
fn a_fork_is_named() {
    let copied = Copied::new();
    std::fs::copy(copied.transcript(SECOND), copied.transcript("0002-root-generation")).unwrap();
    let ran = copied.check();
    let said = ran.refused(1, Some("JOURNAL-2"));
    assert!(said.contains("the record is forked: 0002-delegation has the same number"), "{said}");

    let (whole, copied) = (Copied::new(), Copied::new());
    let again = rewrite(&copied, SECOND, |event| {
        if let Event::Opened { opening } = event {
            opening.ceremony = "0003-delegation".to_owned();
        }
    });
    std::fs::copy(whole.transcript(SECOND), copied.transcript(SECOND)).unwrap();
    write(&copied, "0003-delegation", again.lines);
    let ran = copied.check();
    let said = ran.refused(1, Some("JOURNAL-2"));
    assert!(said.contains("it follows 0001-root-generation, as 0002-delegation does"), "{said}");
}

#[test]
fn a_transcript_of_another_organization_or_name_is_named() {
    let copied = Copied::new();
    follow(&copied, |opening| opening.organization_name = "Exa\u{1b}[2Jmple".to_owned());
    let ran = copied.check();
    let said = ran.refused(1, Some("JOURNAL-2"));
    assert!(said.contains("it is of organization Exa\\u{1b}[2Jmple, and the transcripts before"), "{said}");

    let copied = Copied::new();
    std::fs::rename(copied.transcript(SECOND), copied.transcript("0003-delegation")).unwrap();
    assert!(copied.check().refused(1, Some("JOURNAL-2")).contains("it calls itself 0002-delegation"));

    let copied = Copied::new();
    std::fs::rename(copied.transcript(SECOND), copied.transcript("0002\u{1b}[2J")).unwrap();
    assert!(copied.check().refused(1, Some("JOURNAL-2")).contains("no ceremony is called so"));
}

#[test]
fn minutes_by_a_stranger_and_changed_minutes_are_named() {
    let stranger = Forger::new("Example Organization records key (REHEARSAL, NOT FOR USE) <records@example.org>");
    let copied = Copied::new();
    stranger.sign(&copied, SECOND);
    let ran = copied.check();
    let said = ran.refused(1, Some("MINUTES-1"));
    assert!(said.contains("minutes/0002-delegation.asc: signed by another key than "), "{said}");

    let copied = Copied::new();
    copied.replace("minutes/0002-delegation.asc", "Bo Castellan", "Bo Castellam");
    let ran = copied.check();
    let said = ran.refused(1, Some("FILE-2"));
    assert!(said.contains("transcript 0002-delegation, line ") && said.contains("is not what was recorded"), "{said}");
    minutes(&copied.register(), &["show", SECOND]).refused(1, Some("FILE-2"));
    // The other ceremony is as it was.
    minutes(&copied.register(), &["check", FIRST]).done();
}

#[test]
fn a_file_that_changed_or_is_missing_or_leads_out_is_named() {
    let reviews =
        |copied: &Copied| copied.register().join("reviews").read_dir().unwrap().next().unwrap().unwrap().path();
    let copied = Copied::new();
    std::fs::write(reviews(&copied), "x").unwrap();
    assert!(copied.check().refused(1, Some("FILE-2")).contains("is not what was recorded"));
    std::fs::remove_file(reviews(&copied)).unwrap();
    assert!(copied.check().refused(1, Some("FILE-2")).contains("is missing"));

    // A forger's register, whose transcript names a file outside of it.
    let copied = Copied::new();
    let forger = Forger::new("Records (REHEARSAL, NOT FOR USE) <r@example.org>");
    forger.take_over(&copied, Mode::Rehearsal);
    rewrite(&copied, FIRST, |event| {
        if let Event::Noted { evidence: Evidence::RootDrawn { certificate, .. } } = event {
            certificate.path = "../../etc/pass\u{1b}wd".to_owned();
        }
    });
    forger.sign(&copied, FIRST);
    let ran = copied.check();
    assert!(ran.refused(1, Some("FILE-2")).contains("is no path inside a register"), "{}", ran.err);
}

#[test]
fn nothing_raw_reaches_the_terminal() {
    let copied = Copied::new();
    let forger = Forger::new("Records (REHEARSAL, NOT FOR USE) <r@example.org>");
    forger.take_over(&copied, Mode::Rehearsal);
    rewrite(&copied, FIRST, |event| {
        if let Event::Opened { opening } = event {
            opening.program = "keyrite\u{1b}[2J\u{202e}".to_owned();
        }
    });
    forger.sign(&copied, FIRST);
    let ran = minutes(&copied.register(), &["show", FIRST]);
    assert!(is_plain(&ran.done().out) && ran.out.contains("keyrite\\u{1b}[2J\\u{202e}"), "{}", ran.out);
}
