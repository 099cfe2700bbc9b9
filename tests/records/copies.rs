//! `register copy` and `register check`.

use std::path::Path;

use keyrite::ceremony::card_reports;
use keyrite::format::card_report;
use keyrite::model::card_report::CardModel;

use crate::played::{Copied, SECOND, files, register};
use crate::report;

fn copy(from: &Path, to: &Path) -> crate::stage::Ran {
    register(&["copy", "--register", from.to_str().unwrap(), "--to", to.to_str().unwrap()])
}

#[test]
fn a_copy_is_the_same_register() {
    let copied = Copied::new();
    let to = copied.path("medium/copy");
    // A medium that is not there is not made up.
    let ran = copy(&copied.register(), &to);
    assert!(ran.refused(4, None).contains("medium: No such file"), "{}", ran.err);
    std::fs::create_dir(copied.path("medium")).unwrap();
    let ran = copy(&copied.register(), &to);
    assert!(ran.done().out.contains("files copied, each compared by its hash"), "{}", ran.out);
    assert_eq!(files(&to), files(&copied.register()));
    register(&["check", "--register", to.to_str().unwrap()]).done();
    // Once more goes nowhere.
    copy(&copied.register(), &to).refused(1, Some("FILE-1"));
    assert!(crate::stage::unfinished(&copied.path("medium")).is_empty());
    // Nor into itself.
    copy(&copied.register(), &copied.register().join("roots/copy")).refused(3, None);
    assert_eq!(files(&to), files(&copied.register()));
}

#[test]
fn links_and_foreign_files_are_named_and_not_copied() {
    let copied = Copied::new();
    let roots = copied.register().join("roots");
    std::os::unix::fs::symlink("/etc/hostname", roots.join("link")).unwrap();
    std::fs::write(copied.register().join("guest\u{1b}[2J.txt"), "x").unwrap();
    // What a killed keyrite left is nobody's.
    std::fs::write(roots.join(".unfinished-x"), "x").unwrap();
    let ran = copied.check_register(&[]);
    let said = ran.refused(1, Some("REGISTER-3"));
    assert!(said.contains("2 files are named by no transcript") && said.contains("  roots/link\n"), "{said}");
    assert!(said.contains("guest\\u{1b}[2J.txt"), "{said}");
    assert!(ran.out.contains("0002-delegation  REHEARSAL"), "{}", ran.out);
    let ran = copied.check_register(&["--json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["foreign"].as_array().unwrap().len(), 2);
    copy(&copied.register(), &copied.path("copy")).refused(1, Some("REGISTER-3"));
    assert!(!copied.path("copy").exists());
}

#[test]
fn what_a_cut_sealing_left_is_no_offence_and_not_copied() {
    let copied = Copied::new();
    let before = files(&copied.register());
    let roots = copied.register().join("roots");
    let root = std::fs::read_dir(&roots).unwrap().flatten().next().unwrap().path();
    let left = root.join("revocation-7K3MQ2XA");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("sealed.asc"), "of a root that was lost").unwrap();
    copied.check_register(&[]).done();
    copy(&copied.register(), &copied.path("copy")).done();
    assert_eq!(files(&copied.path("copy")), before);
    // Under another name, or of a root that nobody drew, it is foreign.
    std::fs::rename(&left, root.join("revocation-guests")).unwrap();
    copied.check_register(&[]).refused(1, Some("REGISTER-3"));
    std::fs::rename(root.join("revocation-guests"), roots.join("revocation-7K3MQ2XA")).unwrap();
    copied.check_register(&[]).refused(1, Some("REGISTER-3"));
}

#[test]
fn a_broken_register_is_not_copied() {
    let copied = Copied::new();
    copied.replace("minutes/0002-delegation.asc", "Castellan", "Castellam");
    copy(&copied.register(), &copied.path("copy")).refused(1, Some("FILE-2"));
    assert!(!copied.path("copy").exists());
}

#[test]
fn a_stale_register_is_recognized_by_minutes() {
    let copied = Copied::new();
    let whole = Copied::new();
    let minutes = whole.register().join("minutes/0002-delegation.asc");
    let minutes = minutes.to_str().unwrap();
    copied.check_register(&["--minutes", minutes]).done();
    // As it was before the delegation.
    for file in ["transcripts/0002-delegation.jsonl", "minutes/0002-delegation.asc"] {
        std::fs::remove_file(copied.register().join(file)).unwrap();
    }
    for folder in ["delegations", "requests", "reviews", "roster"] {
        std::fs::remove_dir_all(copied.register().join(folder)).unwrap();
    }
    copied.check_register(&[]).done();
    let ran = copied.check_register(&["--minutes", minutes]);
    let said = ran.refused(1, Some("REGISTER-2"));
    assert!(said.contains(&format!("are the minutes of {SECOND}, which it does not have")), "{said}");
    assert!(said.contains("keyrite register recover") && said.contains("recovery ceremony by the quorum"), "{said}");
    // Minutes that nobody of the organization signed show nothing.
    let stranger = crate::gpg::Home::new();
    stranger.new_key("S <s@example.org>", "sign", &[]);
    let forged = stranger.gpg(&["--clearsign"], b"MINUTES OF CEREMONY 0009-delegation\n");
    let forged = stranger.write("forged.asc", &forged);
    copied.check_register(&["--minutes", &forged]).refused(1, Some("MINUTES-1"));
}

/// A report that no transcript names yet: where it lies, and its bytes.
fn filed() -> (String, Vec<u8>) {
    let model = CardModel {
        manufacturer: "0006".to_owned(),
        maker: "Yubico".to_owned(),
        application: "3.4".to_owned(),
        firmware: "5.7.1".to_owned(),
        capabilities: Vec::new(),
        algorithms: None,
    };
    let bytes = card_report::write(&report::good(model.clone())).unwrap();
    (card_reports::path(&model, &bytes), bytes)
}

#[test]
fn a_report_of_a_tested_card_belongs_to_the_register() {
    let copied = Copied::new();
    let (path, bytes) = filed();
    let path = copied.register().join(path);
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    copied.check_register(&[]).done();
    copy(&copied.register(), &copied.path("copy")).done();
    assert_eq!(files(&copied.path("copy")), files(&copied.register()));
    let (from, to) = (copied.register(), copied.path("new"));
    let ran = register(&["recover", "--from", from.to_str().unwrap(), "--to", to.to_str().unwrap()]);
    assert!(!ran.done().out.contains("left out"), "{}", ran.out);
    assert_eq!(files(&to), files(&copied.register()));

    // Under another name, damaged, or something else: nobody's.
    let other = path.with_file_name("yubico.json");
    std::fs::rename(&path, &other).unwrap();
    assert!(copied.check_register(&[]).refused(1, Some("REGISTER-3")).contains("card-models/yubico.json"));
    std::fs::remove_file(&other).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    copied.check_register(&[]).refused(1, Some("REGISTER-3"));
    copy(&copied.register(), &copied.path("another")).refused(1, Some("REGISTER-3"));
}
