//! Whole ceremonies with `keyrite ceremony run`: virtual cards in the readers of a real pcscd, people at a pseudo-terminal, and
//! shares that go from the screen to paper and back.
#![cfg(feature = "pcsc")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
#[path = "../terminal/people.rs"]
mod people;
#[path = "../support/pictures.rs"]
mod pictures;
#[path = "../support/printer.rs"]
mod printer;
#[path = "../terminal/pty.rs"]
mod pty;
#[path = "../support/readers.rs"]
mod readers;
mod room;
#[allow(dead_code, reason = "each test program needs some of this")]
#[path = "../support/secrets.rs"]
mod secrets;
#[path = "../support/stage.rs"]
mod stage;
#[path = "../support/traces.rs"]
mod traces;

use keyrite::model::room::Card;
use keyrite::paper::code::Code;
use pictures::Picture;
use readers::Readers;
use room::{Room, flat};
use stage::{DELEGATION, ROOT_GENERATION};

#[test]
fn a_dress_rehearsal_of_both_scripts() {
    let Some(readers) = Readers::for_test(a_dress_rehearsal_of_both_scripts) else { return };
    let mut room = Room::new(readers);

    let seen = room.run(ROOT_GENERATION, "copy-1").finish();
    assert!(seen.contains("DRESS REHEARSAL, NOT FOR USE"), "{seen}");
    assert!(flat(&seen).contains("The register is copied to"), "{seen}");
    room.asserts_nothing_of_the_papers_on_disk();

    let bundle = engineer::good_bundle(&room.stage);
    let mut command = room.command(DELEGATION, "copy-2");
    command.arg("--reset-cards").arg("--bundle").arg(&bundle);
    // The last ceremony: the cards are reset, and somebody stops after the first of them.
    let mut run = room.start(&mut command);
    run.expect("Card packages-a is as it came from its maker.");
    run.pty.keys(b"\x03");
    assert_eq!(run.pty.end(), (5, true), "{}", run.pty.all);
    assert!(flat(&pty::plain(&run.pty.all)).contains("NEW DELEGATION"), "{}", run.pty.all);
    let seen = room.start(&mut command).finish();
    assert!(!seen.contains("Card packages-a was used in a dress rehearsal only"), "{seen}");
    assert!(seen.contains("nothing is left on the cards"), "{seen}");
    let past = room.past();
    assert!(past.history.cards.values().all(|card| card.state == Card::Blank && card.holds.is_none()));
    assert_eq!((past.names.len(), past.history.delegations.len()), (2, 1));
    // The copy is a register of its own, and as far as the other.
    let copy = keyrite::workstation::register::Register::look_at(&room.path("copy-2")).unwrap().past().unwrap();
    assert_eq!(copy.head, past.head);
    assert!(room.path("out/outgoing-0002-delegation/current.gpg").is_file());
}

/// As in the dress rehearsal above, where holders copy their shares by hand.
#[test]
fn after_a_ceremony_with_a_printer_its_secrets_are_on_paper_alone() {
    let Some(readers) = Readers::for_test(after_a_ceremony_with_a_printer_its_secrets_are_on_paper_alone) else {
        return;
    };
    let mut room = Room::with_printer(readers);
    let seen = room.run(ROOT_GENERATION, "copy").finish();
    assert!(!seen.contains("copy every line by hand"), "{seen}");
    room.asserts_nothing_of_the_papers_on_disk();
}

#[test]
fn codes_are_changed_and_a_card_is_erased_and_loaded_anew() {
    let Some(readers) = Readers::for_test(codes_are_changed_and_a_card_is_erased_and_loaded_anew) else { return };
    let mut room = Room::new(readers);
    room.run(ROOT_GENERATION, "copy-1").finish();

    let seen = flat(&room.run("ceremony/card-pins.toml", "copy-2").finish());
    for code in ["user PIN", "admin PIN", "reset code"] {
        assert!(seen.contains(&format!("The {code} of card packages-a is set anew.")), "{seen}");
    }
    let seen = flat(&room.run("ceremony/card-unblock.toml", "copy-3").finish());
    assert!(seen.contains("Card packages-a has a new user PIN, and all tries for it."), "{seen}");

    let mut run = room.run("ceremony/card-reload.toml", "copy-4");
    let screen = flat(&run.expect(">> type FFFF:"));
    assert!(screen.contains("card-keeper 1 (Esi Fontaine): Card packages-a is erased."), "{screen}");
    for typed in ["Yes", "y", "FFFF:00000000"] {
        run.pty.answer(typed);
        assert!(run.pty.question().unwrap().contains("That is not FFFF:"), "{}", run.pty.all);
    }
    // The answer to the question that stands there now.
    let serial = run.room.past().history.cards[&"packages-a".parse().unwrap()].serial.to_lowercase();
    run.pty.answer(&serial);
    run.finish();
    let past = room.past();
    let card = &past.history.cards[&"packages-a".parse().unwrap()];
    assert_eq!((past.names.len(), card.state, card.signatures), (4, Card::InService, 1));
}

#[test]
fn clumsy_people_come_to_the_end() {
    let Some(readers) = Readers::for_test(clumsy_people_come_to_the_end) else { return };
    let mut room = Room::new(readers);

    // A copy that would overwrite something: nothing begins.
    std::fs::create_dir(room.path("taken")).unwrap();
    let mut refused = room.run(ROOT_GENERATION, "taken");
    assert_eq!(refused.pty.end(), (1, true), "{}", refused.pty.all);
    assert!(refused.pty.all.contains("refused by control FILE-1"), "{}", refused.pty.all);

    // A card that was used elsewhere lies in a reader: it is no new one, and is taken out again.
    std::fs::create_dir(room.path("cards")).unwrap();
    room.stage.transmit("used", &[b"\x00\x20\x00\x83\x0812345678", b"\x00\x47\x80\x00\x02\xb6\x00\x00"]);
    std::fs::rename(room.path("cards/used.card"), room.path("used.card")).unwrap();
    room.put("used");
    let mut run = room.run(ROOT_GENERATION, "copy");
    run.expect("it holds a key and does not carry the mark of a rehearsal");
    run.room.pull("used");
    run.pty.answer("y");

    // Yes, and still no card. Then a card that is no new one: the records card again, for card A.
    run.expect_missing("records");
    run.pty.answer("y");
    run.expect_missing("records");
    run.expect_missing("packages-a");
    assert!(flat(&run.pty.question().unwrap()).contains("which is in the inventory already"));
    run.pty.answer("y");
    run.expect_missing("packages-a");

    // A slip of the pen is found at its line; the paper cannot be read, and the share is shown once more.
    run.expect(">> line 2 of");
    run.pty.answer("0000 0000 0000 0000 / 0000");
    assert!(flat(&run.pty.question().unwrap()).contains("line 2"), "{}", run.pty.all);
    run.pty.answer("n");
    run.expect("Show it once more, to be copied anew?");
    run.pty.answer("y");
    assert!(run.pty.question().unwrap().contains("Enter shows the share"), "{}", run.pty.all);

    // A scanner types the code of another share, and then the right one.
    run.expect("custodian 1: Enter, and type it from the paper");
    run.expect(">> line 1 of");
    let (other, own) = (run.room.code(Some(2)), run.room.code(None));
    run.pty.answer(other.text().unwrap());
    let screen = flat(&run.pty.question().unwrap());
    assert!(screen.contains("it is share 2 of this set, and share 1 is wanted"), "{screen}");
    run.pty.answer(own.text().unwrap());
    assert!(run.pty.question().unwrap().contains("custodian 1 covers the paper"), "{}", run.pty.all);

    // The next share comes as a picture; another picture, and none, are told.
    run.expect("custodian 2: Enter, and type it from the paper");
    run.expect(">> line 1 of");
    let picture = |text: &[u8]| Picture::of(&Code::smallest(text).unwrap(), 8).pgm();
    std::fs::write(run.room.path("scan.pgm"), picture(&run.room.code(None))).unwrap();
    std::fs::write(run.room.path("other.pgm"), picture(b"OTHER")).unwrap();
    for (name, words) in [("missing.png", "cannot use"), ("other.pgm", "it is no code of a keyrite paper")] {
        run.pty.answer(&format!("file {}", run.room.path(name).display()));
        let screen = flat(&run.pty.question().unwrap());
        assert!(screen.contains(words) && screen.contains(">> line 1 of"), "{screen}");
    }
    run.pty.answer(&format!("file {}", run.room.path("scan.pgm").display()));
    assert!(run.pty.question().unwrap().contains("custodian 2 covers the paper"), "{}", run.pty.all);

    // The one after that decrypts a copy of theirs; somebody else's is told.
    let foreign = run.room.copy();
    run.expect("custodian 3: Enter, and type it from the paper");
    run.expect(">> line 1 of");
    let file = run.room.path("copy.txt");
    for (text, words) in
        [(foreign, "the sheet's Share is not that of the set"), (run.room.copy(), "custodian 3 covers")]
    {
        std::fs::write(&file, text).unwrap();
        run.pty.answer(&format!("file {}", file.display()));
        assert!(flat(&run.pty.question().unwrap()).contains(words), "{}", run.pty.all);
    }
    std::fs::remove_file(&file).unwrap();

    // The card is pulled while halves are typed for it, and comes back.
    run.expect("The root is written to card A.");
    run.expect("your half of the admin PIN of card packages-a");
    run.room.pull("packages-a");
    run.expect_missing("packages-a");
    run.expect("Card packages-a holds root packages.");

    // Somebody stops where a share is on the screen: it does not stay there.
    run.expect("custodian 2: Enter, and type it from the paper");
    run.expect(">> line 3 of");
    run.pty.keys(b"\x03");
    assert_eq!(run.pty.end(), (5, true), "{}", run.pty.all);
    let (_, after) = run.pty.all.rsplit_once(pty::CLEAR).unwrap();
    assert!(!after.contains("line 2 of"), "{after}");

    // It goes on. The first custodian's paper is lost, and somebody else's will do.
    let mut run = room.run(ROOT_GENERATION, "copy");
    run.expect("custodian 1: Enter, and type it from the paper");
    run.pty.answer("");
    run.expect(">> line 1 of");
    run.pty.answer("n");
    run.expect("Ask another custodian?");
    let seen = run.finish();
    assert!(flat(&seen).contains("This ceremony was cut off. It goes on at step 5.1."), "{seen}");
    assert!(seen.contains("custodian 4: Enter, and type it from the paper"), "{seen}");
    room.asserts_nothing_of_the_papers_on_disk();
}

#[test]
fn production_refuses_what_does_not_count() {
    let Some(readers) = Readers::for_test(production_refuses_what_does_not_count) else { return };
    let mut room = Room::new(readers);
    let command = || {
        let mut command = std::process::Command::new(stage::keyrite());
        command.args(["ceremony", "run", ROOT_GENERATION, "--register"]).arg(room.path("register"));
        command.arg("--copy").arg(room.path("copy"));
        command
    };
    let mut production = command();
    // A machine of a test is no workstation: it says so, and mends are named.
    let mut run = room.start(&mut production);
    run.until(|_| false);
    assert_eq!(run.pty.end(), (1, true), "{}", run.pty.all);
    assert!(run.pty.all.contains("refused by control MACHINE-1"), "{}", run.pty.all);
    // Its register is of production from then on: a dress rehearsal has no place there.
    let mut run = room.run(ROOT_GENERATION, "copy");
    assert_eq!(run.pty.end(), (1, true), "{}", run.pty.all);
    assert!(run.pty.all.contains("refused by control MODE-1"), "{}", run.pty.all);
}
