//! Stock gpg and its scdaemon on the same cards: a judge of what keyrite wrote, and another user of the readers.

use keyrite::model::code::Code;
use keyrite::model::event::Intent;
use keyrite::model::fault::Fault as _;
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::mode::Mode;
use keyrite::model::settings::Settings;
use keyrite::workstation::card::{CardError, NewPins, OldPins, Origin, RackExt as _, ReaderRack, Slot, Survey};
use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Packet, UserID};
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{KeyFlags, SignatureType};

use crate::desk::{Desk, any, locked, name, rack};
use crate::gpg::Home;
use crate::readers::{Readers, SLOTS};
use crate::sessions::{SELECT, another_program};

/// User PIN and admin PIN: without a terminal gpg has one answer to every question for a PIN.
const PIN: &str = "12345678";
const USER_ID: &str = "Anna Example <anna@example.org>";

/// A home whose scdaemon takes no way to readers but pcscd.
fn home() -> Home {
    let home = Home::new();
    home.write("scdaemon.conf", b"disable-ccid\n");
    home
}

/// gpg with the PIN at hand; its questions are answered line by line. Gives what it says.
fn gpg(home: &Home, args: &[&str], answers: &[&str]) -> String {
    let alone =
        ["--no-tty", "--pinentry-mode", "loopback", "--passphrase", PIN, "--command-fd", "0", "--status-fd", "2"];
    let ran = home.run("gpg", &[&alone[..], args].concat(), (answers.join("\n") + "\n").as_bytes());
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "gpg {args:?}: {out}{err}");
    out.into_owned()
}

/// Has scdaemon give the card back. `all`: an agent that is used at once again looks for the scdaemon that was killed.
fn free(home: &Home, what: &str) {
    assert!(home.run("gpgconf", &["--kill", what], b"").status.success());
}

fn survey() -> Survey {
    rack().session(&any(), |card| Ok(card.survey().clone())).unwrap()
}

/// A card whose user PIN is [`PIN`], too.
fn put_in(readers: &mut Readers, desk: &mut Desk) {
    put_in_set_up(readers, desk, &Settings::default());
}

/// The same, set up so.
fn put_in_set_up(readers: &mut Readers, desk: &mut Desk, wanted: &Settings) {
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let permit = desk.permit(Intent::SetPins { card: name() });
    let (pin, reset_code, user) = (locked(PIN), locked("TEST reset"), locked("123456"));
    let new = NewPins { user: &pin, admin: &pin, reset_code: &reset_code };
    rack().session(&any(), |card| card.set_pins(&permit, wanted, &new, &OldPins { user: &user, admin: &pin })).unwrap();
}

/// A certificate for the key on the card, signed by the card.
pub(crate) fn certificate(desk: &mut Desk, pin: &str) -> (Fingerprint, Vec<u8>) {
    let (permit, pin) = (desk.leave_to_sign(1), locked(pin));
    rack()
        .session(&any(), |card| {
            let key = card.survey().public_key().expect("a key").key().clone();
            let cert = Cert::from_packets(std::iter::once(Packet::from(key))).unwrap();
            let flags = KeyFlags::empty().set_certification().set_signing();
            let user_id = UserID::from(USER_ID);
            let binding = SignatureBuilder::new(SignatureType::PositiveCertification).set_key_flags(flags).unwrap();
            let mut signer = card.signer(&permit, &pin)?;
            let binding = user_id.bind(&mut signer, &cert, binding).unwrap();
            let (cert, _) = cert.insert_packets([Packet::from(user_id), binding.into()]).unwrap();
            let fingerprint = Fingerprint(cert.fingerprint().as_bytes().try_into().unwrap());
            Ok((fingerprint, cert.armored().to_vec().unwrap()))
        })
        .unwrap()
}

#[test]
fn gpg_signs_and_decrypts_with_a_card_of_keyrite() {
    let Some(mut readers) = Readers::for_test(gpg_signs_and_decrypts_with_a_card_of_keyrite) else { return };
    let (mut desk, home) = (Desk::new(), home());
    put_in(&mut readers, &mut desk);
    desk.generate(&mut rack()).unwrap();
    let (fingerprint, certificate) = certificate(&mut desk, PIN);
    let key = fingerprint.to_string();
    let certificate = home.write("certificate.asc", &certificate);
    gpg(&home, &["--import", &certificate], &[]);

    let status = gpg(&home, &["--with-colons", "--card-status"], &[]);
    assert!(status.contains(&format!("\nfpr:{key}:")), "{status}");
    assert!(status.contains("\nsigcount:1:"), "{status}");
    let text = home.write("text", b"text\n");
    gpg(&home, &["--local-user", &key, "--detach-sign", &text], &[]);
    let signature = format!("{text}.sig");
    assert!(home.status("gpg", &["--verify", &signature, &text]).contains(&format!("VALIDSIG {key}")));
    free(&home, "all");
    assert_eq!(survey().signatures, 2, "keyrite's own, and gpg's");

    // The slot for decryption is gpg's own; its key is certified by the one that keyrite generated.
    let curves = ["admin", "key-attr", "2", "1", "2", "1", "2", "1", "quit"];
    gpg(&home, &["--card-edit"], &curves);
    gpg(&home, &["--edit-key", &key], &["addcardkey", "2", "0", "save"]);
    gpg(&home, &["--trust-model", "always", "--recipient", &key, "--encrypt", &text], &[]);
    assert_eq!(gpg(&home, &["--decrypt", &format!("{text}.gpg")], &[]), "text\n");
    free(&home, "all");
    let Slot::Complete { fingerprint: kept, .. } = survey().slot else { panic!("no key") };
    assert_eq!(kept, fingerprint);
}

#[test]
fn a_key_that_gpg_generated_is_recognized() {
    let Some(mut readers) = Readers::for_test(a_key_that_gpg_generated_is_recognized) else { return };
    let (mut desk, home) = (Desk::new(), home());
    put_in(&mut readers, &mut desk);
    let curves = ["admin", "key-attr", "2", "1", "2", "1", "2", "1"];
    // No copy of the key for decryption; no end; name, address, no comment.
    let generate = ["generate", "n", "0", "Anna Example", "anna@example.org", "", "quit"];
    gpg(&home, &["--card-edit"], &[&curves[..], &generate[..]].concat());
    let fingerprint = home.fingerprint(&format!("={USER_ID}"));
    free(&home, "all");
    // It is not marked: a dress rehearsal refuses it for that, and knows it all the same.
    let refused = rack().session(&any(), |_| Ok(())).unwrap_err();
    assert!(matches!(refused, CardError::Mode { .. }), "{refused}");
    let seen = ReaderRack::new(Mode::Rehearsal).session(&any(), |card| Ok(card.survey().slot.clone())).unwrap();
    match seen {
        Slot::Complete { fingerprint: found, origin: Origin::Generated, .. } => assert_eq!(found, fingerprint),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_card_that_scdaemon_holds_is_told_and_freed() {
    let Some(mut readers) = Readers::for_test(a_card_that_scdaemon_holds_is_told_and_freed) else { return };
    let (desk, home) = (Desk::new(), home());
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let status = gpg(&home, &["--with-colons", "--card-status"], &[]);
    assert!(status.contains("AID:D276000124010304FFFF0000000A0000:"), "{status}");
    let error = rack().session(&any(), |_| Ok(())).unwrap_err();
    let words = format!("{} holds a card that another program uses; {} is empty", SLOTS[0], SLOTS[1]);
    assert!(error.is_absence() && error.to_string() == format!("card packages-a is not at hand: {words}"), "{error}");
    let hint = error.hint().unwrap();
    assert!(hint.ends_with("gpgconf --kill scdaemon"), "{hint}");
    free(&home, "scdaemon");
    rack().session(&any(), |_| Ok(())).unwrap();
}

/// gpg signs a text with the key on the card, with the PIN that people have, and gpg verifies.
fn sign_with_gpg(home: &Home, (fingerprint, certificate): &(Fingerprint, Vec<u8>)) {
    let key = fingerprint.to_string();
    let certificate = home.write("certificate.asc", certificate);
    gpg(home, &["--import", &certificate], &[]);
    gpg(home, &["--card-status"], &[]);
    let text = home.write("text", b"text\n");
    gpg(home, &["--local-user", &key, "--detach-sign", &text], &[]);
    let signature = format!("{text}.sig");
    assert!(home.status("gpg", &["--verify", &signature, &text]).contains(&format!("VALIDSIG {key}")));
    free(home, "all");
}

#[test]
fn gpg_signs_with_a_card_that_keyrite_gives_hashed_codes() {
    let Some(mut readers) = Readers::for_test(gpg_signs_with_a_card_that_keyrite_gives_hashed_codes) else { return };
    let (mut desk, home) = (Desk::new(), home());
    put_in_set_up(&mut readers, &mut desk, &Settings { kdf: Some(true), ..Settings::default() });
    desk.generate(&mut rack()).unwrap();
    let made = certificate(&mut desk, PIN);
    sign_with_gpg(&home, &made);
    let survey = survey();
    assert_eq!((survey.signatures, survey.tries.user, survey.tries.admin), (2, 3, 3), "no try was lost");
    // The card does not know the PIN itself.
    let plain = [&[0x00, 0x20, 0x00, 0x81, 8], PIN.as_bytes()].concat();
    assert_eq!(another_program(&[SELECT, &plain]).last().unwrap(), &[0x63, 0xc2]);
    certificate(&mut desk, PIN);
}

#[test]
fn a_card_that_gpg_gives_hashed_codes_is_worked_with() {
    let Some(mut readers) = Readers::for_test(a_card_that_gpg_gives_hashed_codes_is_worked_with) else { return };
    let (mut desk, home) = (Desk::new(), home());
    readers.insert_new(0, &desk.card("a"), "0000000A");
    gpg(&home, &["--card-edit"], &["admin", "kdf-setup", "quit"]);
    free(&home, "all");
    // gpg leaves it to the card to have the hashes in the DO for codes from now on, and the virtual card does not do that.
    let object = another_program(&[SELECT, &[0x00, 0xca, 0x00, 0xf9, 0x00]]).pop().unwrap();
    assert_eq!((object.len(), &object[..6]), (112, &[0x81, 1, 3, 0x82, 1, 8][..]), "{object:x?}");
    let change = |pin: u8, code: &[u8], hash: &[u8]| {
        let length = u8::try_from(code.len() + hash.len()).unwrap();
        [&[0x00, 0x24, 0x00, pin, length], code, hash].concat()
    };
    let (user, admin) = (change(0x81, b"123456", &object[44..76]), change(0x83, b"12345678", &object[78..110]));
    assert_eq!(another_program(&[SELECT, &user, &admin])[1..], [[0x90, 0x00], [0x90, 0x00]]);

    let permit = desk.permit(Intent::ChangeCode { card: name(), code: Code::User, by: Code::User, tries: 3 });
    let (old, new) = (locked("123456"), locked(PIN));
    rack().session(&any(), |card| card.change_user(&permit, &old, &new)).unwrap();
    desk.generate(&mut rack()).unwrap();
    let made = certificate(&mut desk, PIN);
    sign_with_gpg(&home, &made);
    let survey = survey();
    assert_eq!((survey.signatures, survey.tries.user, survey.tries.admin), (2, 3, 3), "no try was lost");
}
