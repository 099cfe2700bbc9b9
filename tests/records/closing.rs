//! `minutes close`: what happened after the head was written down.

use crate::forge::follow;
use crate::played::{Copied, FIRST, SECOND, Witness, filled, minutes};

#[test]
fn a_closing_record_is_written_once_and_bound_by_the_next_ceremony() {
    let copied = Copied::new();
    // The delegation was opened with the record of the root generation.
    let text = std::fs::read_to_string(copied.register().join("closing/0001-root-generation.toml")).unwrap();
    let hash = keyrite::model::hash::Hash::of(text.as_bytes()).to_string();
    let shown = minutes(&copied.register(), &["show", SECOND]);
    assert!(shown.done().out.contains(&format!("closing       {hash}\n")), "{}", shown.out);
    assert!(copied.check().done().out.contains(&hash));
    // The same again is no fault; another one is.
    let again = copied.path("again.toml");
    std::fs::write(&again, &text).unwrap();
    let close = |file: &std::path::Path, name| {
        minutes(&copied.register(), &["close", name, "--record", file.to_str().unwrap()])
    };
    assert!(close(&again, FIRST).done().out.contains("the register has it already"));
    std::fs::write(&again, text.replacen("A 004711", "A 004712", 1)).unwrap();
    close(&again, FIRST).refused(1, Some("MINUTES-3"));
    // The last ceremony has none yet.
    let record = copied.path("record.toml");
    std::fs::write(&record, filled(&copied.register(), SECOND)).unwrap();
    assert!(close(&record, SECOND).done().out.contains("bags: 1, copies: 1"));
    copied.check_register(&[]).done();
    std::fs::write(&record, filled(&copied.register(), SECOND).replace("004711", "004712")).unwrap();
    close(&record, SECOND).refused(1, Some("FILE-1"));
}

#[test]
fn a_record_that_is_not_filled_in_or_of_another_ceremony_is_refused_at_its_place() {
    let copied = Copied::new();
    let record = copied.path("record.toml");
    let refused = |text: &str| {
        std::fs::write(&record, text).unwrap();
        let ran = minutes(&copied.register(), &["close", SECOND, "--record", record.to_str().unwrap()]);
        ran.refused(3, None).to_owned()
    };
    let template = minutes(&copied.register(), &["close", SECOND, "--template"]);
    assert!(refused(&template.done().out).contains("record.toml:5:13: not a moment in UTC"));
    assert!(refused(&filled(&copied.register(), FIRST)).contains("record.toml:3:13: this must be \"0002-delegation\""));
    let hostile = filled(&copied.register(), SECOND).replace("A 004711", "\\u001b[2J");
    assert!(refused(&hostile).contains("printable characters"));
    assert!(!copied.register().join("closing/0002-delegation.toml").exists());
}

#[test]
fn a_record_that_changed_or_went_is_named() {
    let copied = Copied::new();
    copied.replace("closing/0001-root-generation.toml", "A 004711", "A 004712");
    assert!(copied.check().refused(1, Some("MINUTES-3")).contains("it is not what its hash says"));
    // With its hash made anew it is still not what the delegation was opened with.
    let path = copied.register().join("closing/0001-root-generation.toml");
    let hash = keyrite::model::hash::Hash::of(&std::fs::read(&path).unwrap());
    std::fs::write(path.with_extension("toml.sha256"), format!("{hash}  0001-root-generation.toml\n")).unwrap();
    let ran = copied.check();
    assert!(ran.refused(1, Some("MINUTES-3")).contains("not the record that 0002-delegation was opened with"));
    std::fs::remove_dir_all(copied.register().join("closing")).unwrap();
    assert!(copied.check().refused(1, Some("MINUTES-3")).contains("it is missing; 0002-delegation was opened with"));
    // Nor can one be added to a ceremony that was opened without.
    let copied = Copied::new();
    std::fs::remove_dir_all(copied.register().join("closing")).unwrap();
    follow(&copied, |opening| opening.previous_closing = None);
    let ran = Witness::new().close(&copied.register(), FIRST);
    assert!(ran.refused(1, Some("MINUTES-3")).contains("0002-delegation was opened without it"), "{}", ran.err);
}
