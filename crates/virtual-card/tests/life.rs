//! What stays in the card file, whatever happens to the process.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use openpgp_card::{
    Card,
    ocard::{KeyType, algorithm::AlgoSimple},
    state::{Open, Transaction},
};
use support::{
    NOT_VERIFIED, OK, SELECT, Served, USER_PIN, admin, no_fingerprint, openssl::ed25519_verifies, public_point, sign,
};

#[test]
fn a_card_stays_over_stop_and_start() {
    stays(Served::stop_and_start);
}

#[test]
fn a_card_stays_over_a_kill() {
    stays(Served::kill_and_start);
}

#[test]
fn a_copy_between_two_apdus_is_an_equal_card() {
    stays(|served| {
        let copy = served.copy("copy");
        // Folder and card are kept by the copy; what is compared is the copy alone.
        drop(served);
        copy
    });
}

/// The key, its counter, the wrong PIN and the name are what they were.
fn stays(pass: impl FnOnce(Served) -> Served) {
    let served = Served::new();
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    let key = generate(&mut transaction);
    sign(&mut transaction, b"before");
    transaction.verify_user_pin("654321".to_owned().into()).unwrap_err();
    transaction.card().set_name(b"Root<<Test").unwrap();

    let served = pass(served);
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    assert_eq!(transaction.application_identifier().unwrap().ident(), "FFFF:0000002A");
    assert_eq!(transaction.cardholder_name().unwrap(), "Root<<Test");
    assert_eq!(transaction.digital_signature_count().unwrap(), 1);
    assert_eq!(transaction.pw_status_bytes().unwrap().err_count_pw1(), 2);
    assert_eq!(public_point(&mut transaction, KeyType::Signing), key);
    let signature = sign(&mut transaction, b"after");
    assert!(ed25519_verifies(served.folder.path(), &key, b"after", &signature));
}

/// After each of many APDUs, a copy starts and has the same key and counter.
#[test]
fn every_copy_of_a_busy_card_starts() {
    let served = Served::new();
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    let key = generate(&mut transaction);
    for count in 1..=20 {
        sign(&mut transaction, b"message");
        let copy = served.copy(&format!("copy-{count}"));
        let mut card = copy.open();
        let mut transaction = card.transaction().unwrap();
        assert_eq!(transaction.digital_signature_count().unwrap(), count);
        assert_eq!(public_point(&mut transaction, KeyType::Signing), key);
    }
}

/// Whenever the process is killed, the file is a card: its slot has a key that signs or none (opcard empties a slot before
/// it fills it), and takes a new one.
#[test]
fn a_kill_inside_an_apdu_leaves_a_card() {
    let mut served = Served::new();
    for delay in 0..40 {
        generate(&mut served.open().transaction().unwrap());
        let mut card = served.open();
        let busy = thread::spawn(move || keep_busy(&mut card));
        thread::sleep(Duration::from_micros(500 * delay));
        served = served.kill_and_start();
        busy.join().unwrap();
        let mut card = served.open();
        let mut transaction = card.transaction().unwrap();
        assert_eq!(transaction.pw_status_bytes().unwrap().err_count_pw1(), 3);
        if transaction.public_key_material(KeyType::Signing).is_ok() {
            let key = public_point(&mut transaction, KeyType::Signing);
            let signature = sign(&mut transaction, b"message");
            assert!(ed25519_verifies(served.folder.path(), &key, b"message", &signature));
        }
    }
}

/// Generates and signs until the card is gone.
fn keep_busy(card: &mut Card<Open>) {
    let mut step = || {
        let mut transaction = card.transaction()?;
        transaction.verify_admin_pin(support::ADMIN_PIN.to_owned().into())?;
        transaction.as_admin_card(None)?.generate_key(no_fingerprint, KeyType::Signing)?;
        transaction.verify_user_signing_pin(USER_PIN.to_owned().into())?;
        transaction.card().pso_compute_digital_signature(b"message".to_vec())
    };
    while step().is_ok() {}
}

#[test]
fn card_and_socket_are_private() {
    let served = Served::new();
    for path in [&served.card, &served.socket] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let names = fs::read_dir(served.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.count(), 2);
}

#[test]
fn a_card_nobody_uses_ends_by_itself() {
    let mut served = Served::with(&["--idle-exit", "1"]);
    let line = served.connect();
    thread::sleep(Duration::from_millis(1500));
    assert!(served.process.try_wait().unwrap().is_none(), "an open connection keeps the card");
    drop(line);
    let start = Instant::now();
    assert!(served.process.wait().unwrap().success());
    assert!(start.elapsed() > Duration::from_millis(500));
    assert!(!served.socket.exists());
}

#[test]
fn a_card_started_anew_has_no_verified_pin() {
    let served = Served::new();
    served.connect().ask(support::VERIFY_USER).unwrap();
    let served = served.stop_and_start();
    let mut line = served.connect();
    assert_eq!(line.ask(SELECT).unwrap(), OK);
    assert_eq!(line.ask(support::IS_USER_VERIFIED).unwrap(), NOT_VERIFIED);
    assert_eq!(Arc::strong_count(&served.folder), 1);
}

fn generate(transaction: &mut Card<Transaction<'_>>) -> Vec<u8> {
    admin(transaction);
    let mut admin = transaction.as_admin_card(None).unwrap();
    admin.set_algorithm(KeyType::Signing, AlgoSimple::Curve25519).unwrap();
    admin.generate_key(no_fingerprint, KeyType::Signing).unwrap();
    public_point(transaction, KeyType::Signing)
}
