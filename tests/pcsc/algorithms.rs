//! Every algorithm that a root or a records key may once have: generated and imported through PC/SC, with certificates that
//! stock gpg takes.

use keyrite::model::algorithm::Algorithm;
use keyrite::model::event::Intent;
use keyrite::model::fingerprint::Fingerprint;
use keyrite::trust::openpgp;
use keyrite::workstation::card::{Origin, RackExt as _, Slot};

use crate::desk::{CREATED, Desk, any, locked, name, rack};
use crate::gpg::Home;
use crate::readers::Readers;
use crate::stock::certificate;

/// The user PIN of a new card.
const PIN: &str = "123456";

/// Has stock gpg check the certificate of the key on the card, which the card signs.
fn judge(desk: &mut Desk, what: &str, origin: Origin) {
    let (fingerprint, certificate) = certificate(desk, PIN);
    let survey = rack().session(&any(), |card| Ok(card.survey().clone())).unwrap();
    let expected = |slot: &Slot| matches!(slot, Slot::Complete { fingerprint: kept, origin: from, .. } if *kept == fingerprint && *from == origin);
    assert!(expected(&survey.slot) && survey.signatures == 1, "{what}: {survey:?}");
    let home = Home::new();
    home.gpg(&["--import"], &certificate);
    let checked = home.gpg(&["--with-colons", "--check-signatures", &fingerprint.to_string()], b"");
    let checked = String::from_utf8(checked).unwrap();
    // The card's own signature, and no bad one.
    assert!(checked.contains("\nsig:!:") && !checked.contains("\nsig:-:"), "{what}: {checked}");
}

#[test]
fn generated_keys_have_certificates_that_gpg_takes() {
    let Some(mut readers) = Readers::for_test(generated_keys_have_certificates_that_gpg_takes) else { return };
    let mut desk = Desk::new();
    for (number, algorithm) in Algorithm::ALL.iter().enumerate() {
        let what = format!("{algorithm:?}");
        readers.insert_new(0, &desk.card(&what), &format!("{number:08X}"));
        desk.generate_as(*algorithm, &mut rack()).unwrap_or_else(|error| panic!("{what}: {error}"));
        judge(&mut desk, &what, Origin::Generated);
        readers.pull(0);
    }
}

#[test]
fn imported_keys_have_certificates_that_gpg_takes() {
    let Some(mut readers) = Readers::for_test(imported_keys_have_certificates_that_gpg_takes) else { return };
    let mut desk = Desk::new();
    for (number, algorithm) in Algorithm::ALL.iter().enumerate() {
        let (what, key) = (format!("{algorithm:?}"), openpgp::generated(*algorithm, CREATED).unwrap());
        readers.insert_new(0, &desk.card(&what), &format!("{number:08X}"));
        let fingerprint = Fingerprint(key.fingerprint().as_bytes().try_into().unwrap());
        let root = "packages".parse().unwrap();
        let permit = desk.permit(Intent::ImportKey { card: name(), root, fingerprint });
        let admin = locked("12345678");
        let imported = rack().session(&any(), |card| card.import(&permit, &key, &admin));
        imported.unwrap_or_else(|error| panic!("{what}: {error}"));
        judge(&mut desk, &what, Origin::Imported);
        readers.pull(0);
    }
}
