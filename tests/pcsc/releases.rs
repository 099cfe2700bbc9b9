//! `release sign --card`: a signer's own card, and stock gpg that knows nothing of it.

use keyrite::model::event::Intent;
use keyrite::model::hash::Hash;
use keyrite::model::settings::Settings;
use keyrite::workstation::card::{NewPins, OldPins, RackExt as _};

use crate::desk::{Desk, any, locked, name, rack};
use crate::gpg::Home;
use crate::readers::Readers;
use crate::stage::keyrite;
use crate::stock::certificate;
use crate::typed::typed;

const PIN: &str = "12345678";

#[test]
fn a_release_signed_by_a_card_verifies_with_stock_gpg() {
    let Some(mut readers) = Readers::for_test(a_release_signed_by_a_card_verifies_with_stock_gpg) else { return };
    let (mut desk, home) = (Desk::new(), Home::new());
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let permit = desk.permit(Intent::SetPins { card: name() });
    let (pin, reset_code, user) = (locked(PIN), locked("TEST reset"), locked("123456"));
    let new = NewPins { user: &pin, admin: &pin, reset_code: &reset_code };
    let old = OldPins { user: &user, admin: &pin };
    rack().session(&any(), |card| card.set_pins(&permit, &Settings::default(), &new, &old)).unwrap();
    desk.generate(&mut rack()).unwrap();
    let (key, certificate) = certificate(&mut desk, PIN);
    let certificate = home.write("certificate.asc", &certificate);
    home.write("a.tar", b"a release");
    let manifest = home.write("r-1.SHA256SUMS", format!("{}  a.tar\n", Hash::of(b"a release")).as_bytes());
    let sign = |key: &str, keys: &str| {
        let mut command = std::process::Command::new(keyrite());
        command.args(["release", "sign", &manifest, "--card", "--key", key, "--certificate", &certificate]);
        typed(&command, keys, |_| {})
    };
    let fingerprint = key.to_string();
    sign(&"7".repeat(40), "").refused(1, Some("REQUEST-2"));
    sign(&fingerprint, "no\n").refused(5, None);
    let wrong = sign(&fingerprint, "yes\n00000000\n");
    assert!(wrong.refused(3, None).contains("wrong user PIN"), "{}", wrong.err);
    let beside = || home.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!beside().any(|name| name.ends_with(".tar.asc") || name.starts_with(".unfinished")), "nothing is left");
    let signed = sign(&fingerprint, &format!("yes\n{PIN}\n"));
    assert_eq!((signed.code, signed.err.as_str()), (Some(0), ""), "{}", signed.out);
    assert!(!beside().any(|name| name.starts_with(".unfinished")), "the journal is gone");
    home.gpg(&["--import", &certificate], b"");
    for file in ["a.tar", "r-1.SHA256SUMS"] {
        let status = home.status("gpg", &["--verify", &format!("{file}.asc"), file]);
        assert!(status.contains(&format!("VALIDSIG {fingerprint}")), "{status}");
    }
    let survey = rack().session(&any(), |card| Ok(card.survey().clone())).unwrap();
    assert_eq!((survey.signatures, survey.tries.user), (3, 3), "its certificate, the file and the manifest");
}
