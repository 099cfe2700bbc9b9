//! What the card is, and what its keys do.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use openpgp_card::{
    Card,
    ocard::{
        KeyType,
        algorithm::AlgoSimple,
        crypto::{HashAlgo, PublicKeyMaterial, SigningAlgo},
    },
    state::Transaction,
};
use support::{
    IS_USER_VERIFIED, OK, SELECT, Served, USER_PIN, VERIFY_ADMIN, admin, no_fingerprint,
    openssl::{Key, ed25519_verifies, p256_verifies, rsa_verifies},
    public_point, sign,
};

#[test]
fn it_names_itself_a_test_card_with_the_serial_it_was_given() {
    let served = Served::with(&["--serial", "00C0FFEE"]);
    let mut card = served.open();
    let id = card.transaction().unwrap().application_identifier().unwrap();
    assert_eq!(id.manufacturer(), 0xFFFF);
    assert_eq!(id.serial(), 0x00C0_FFEE);
    assert_eq!(id.ident(), "FFFF:00C0FFEE");
}

#[test]
fn it_generates_ed25519_and_signs() {
    let served = Served::new();
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    let key = generate(&mut transaction);
    let signature = sign(&mut transaction, b"message");
    assert!(ed25519_verifies(served.folder.path(), &key, b"message", &signature));
    assert!(!ed25519_verifies(served.folder.path(), &key, b"another", &signature));
    assert_eq!(transaction.digital_signature_count().unwrap(), 1);
}

#[test]
fn two_cards_generate_different_keys() {
    let [one, other] = [Served::new(), Served::new()].map(|served| {
        let mut card = served.open();
        generate(&mut card.transaction().unwrap())
    });
    assert_ne!(one, other);
}

#[test]
fn two_copies_of_one_card_generate_different_keys() {
    let served = Served::new();
    let copy = served.copy("copy");
    let [one, other] = [&served, &copy].map(|served| {
        let mut card = served.open();
        generate(&mut card.transaction().unwrap())
    });
    assert_ne!(one, other);
}

#[test]
fn it_imports_p256_and_signs() {
    let served = Served::new();
    let key = Key::p256(served.folder.path());
    let Key::P256 { public, .. } = &key else { panic!("not P-256") };
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    import(&mut transaction, &key, KeyType::Signing);
    assert_eq!(&public_point(&mut transaction, KeyType::Signing), public);
    let signature = sign(&mut transaction, &[9; 32]);
    assert!(p256_verifies(served.folder.path(), public, &[9; 32], &signature));
    assert!(!p256_verifies(served.folder.path(), public, &[8; 32], &signature));
}

#[test]
fn it_imports_rsa4096_in_all_slots_and_signs() {
    let served = Served::new();
    let pem = served.folder.path().join("rsa.pem");
    let key = Key::rsa4096(&pem);
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    // Twice: the second key of a slot is written before the first is removed.
    for slot in [KeyType::Signing, KeyType::Decryption, KeyType::Authentication].repeat(2) {
        import(&mut transaction, &key, slot);
    }
    transaction.verify_user_signing_pin(USER_PIN.to_owned().into()).unwrap();
    let signature = transaction.card().signature_for_hash(SigningAlgo::RSA(HashAlgo::SHA256), &[9; 32]).unwrap();
    assert!(rsa_verifies(served.folder.path(), &pem, &[9; 32], &signature));
    transaction.verify_user_pin(USER_PIN.to_owned().into()).unwrap();
    let signature = transaction.card().authenticate_for_hash(SigningAlgo::RSA(HashAlgo::SHA256), &[8; 32]).unwrap();
    assert!(rsa_verifies(served.folder.path(), &pem, &[8; 32], &signature));
}

#[test]
fn the_fullest_card_fits() {
    let served = Served::new();
    let key = Key::rsa4096(&served.folder.path().join("rsa.pem"));
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    for slot in [KeyType::Signing, KeyType::Decryption, KeyType::Authentication] {
        import(&mut transaction, &key, slot);
    }
    // Twice: littlefs writes the new object before it frees the old one.
    for fill in [1, 2] {
        transaction.verify_user_pin(USER_PIN.to_owned().into()).unwrap();
        for number in 1..=4 {
            transaction.card().set_private_use_do(number, vec![fill; LONGEST]).unwrap();
        }
        for number in 0..3 {
            transaction.select_data(number, &[0x7F, 0x21]).unwrap();
            transaction.card().set_cardholder_certificate(vec![fill; LONGEST]).unwrap();
        }
        transaction.card().set_url(&[b'a'; LONGEST]).unwrap();
        transaction.card().set_login(&[b'a'; LONGEST]).unwrap();
    }
    let served = served.kill_and_start();
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    assert_eq!(transaction.private_use_do(1).unwrap(), [2; LONGEST]);
    transaction.verify_user_signing_pin(USER_PIN.to_owned().into()).unwrap();
    transaction.card().signature_for_hash(SigningAlgo::RSA(HashAlgo::SHA256), &[9; 32]).unwrap();
}

#[test]
fn a_wrong_pin_counts_down() {
    let served = Served::new();
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    for left in [2, 1, 0] {
        transaction.verify_user_signing_pin("654321".to_owned().into()).unwrap_err();
        transaction.invalidate_cache().unwrap();
        assert_eq!(transaction.pw_status_bytes().unwrap().err_count_pw1(), left);
    }
    transaction.verify_user_signing_pin(USER_PIN.to_owned().into()).unwrap_err();
}

#[test]
fn a_factory_reset_makes_a_new_card() {
    let served = Served::new();
    let mut card = served.open();
    let mut transaction = card.transaction().unwrap();
    generate(&mut transaction);
    transaction.factory_reset().unwrap();
    transaction.invalidate_cache().unwrap();
    assert_eq!(transaction.pw_status_bytes().unwrap().err_count_pw1(), 3);
    assert_eq!(transaction.fingerprint(KeyType::Signing).unwrap(), None);
    transaction.public_key_material(KeyType::Signing).unwrap_err();
    transaction.verify_user_signing_pin(USER_PIN.to_owned().into()).unwrap();
    assert_eq!(transaction.application_identifier().unwrap().ident(), "FFFF:0000002A");
}

/// A P-384 scalar that lost its leading zero makes opcard panic. The process stays, and says so in one line.
#[test]
fn a_panic_of_the_firmware_makes_a_dead_card() {
    let mut served = Served::new();
    let mut line = served.connect();
    assert_eq!(line.ask(VERIFY_ADMIN).unwrap(), OK);
    // Algorithm attributes of SIG (C1): ECDSA over P-384.
    assert_eq!(line.ask(&[0, 0xDA, 0, 0xC1, 6, 0x13, 0x2B, 0x81, 0x04, 0, 0x22]).unwrap(), OK);
    assert_eq!(line.ask(&import_p384(47)).unwrap(), DEAD);
    for apdu in [SELECT, IS_USER_VERIFIED] {
        assert_eq!(line.ask(apdu).unwrap(), DEAD);
    }
    drop(line);
    assert_eq!(served.connect().ask(SELECT).unwrap(), DEAD, "a dead card stays dead");
    assert!(served.tell("eject").status.success());
    assert!(served.tell("insert").status.success());
    let mut line = served.connect();
    assert_eq!(line.ask(SELECT).unwrap(), OK, "until its power was cut");
    assert_eq!(line.ask(VERIFY_ADMIN).unwrap(), OK);
    assert!(served.process.try_wait().unwrap().is_none());
    let said = served.stderr();
    assert!(said.starts_with("error: the card's firmware died: "), "{said}");
    assert!(said.ends_with("; it answers 6F00 until its power is cut\n"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// PUT DATA of an extended header list (4D): the SIG key, its private part of `length` bytes, and a public part.
fn import_p384(length: u8) -> Vec<u8> {
    let public = [&[0x04][..], &[2; 96]].concat();
    let private = vec![1; usize::from(length)];
    let lengths = [0xB6, 0, 0x7F, 0x48, 4, 0x92, length, 0x99, 97, 0x5F, 0x48, 0x81, length + 97];
    let list = [&lengths, private.as_slice(), &public].concat();
    let size = u8::try_from(list.len()).unwrap();
    [&[0, 0xDB, 0x3F, 0xFF, size + 3, 0x4D, 0x81, size], list.as_slice()].concat()
}

/// The longest data object that opcard takes.
const LONGEST: usize = 4096;

/// What a card answers whose firmware panicked.
const DEAD: &[u8] = &[0x6F, 0x00];

fn generate(transaction: &mut Card<Transaction<'_>>) -> Vec<u8> {
    admin(transaction);
    let mut admin = transaction.as_admin_card(None).unwrap();
    admin.set_algorithm(KeyType::Signing, AlgoSimple::Curve25519).unwrap();
    match admin.generate_key(no_fingerprint, KeyType::Signing).unwrap().0 {
        PublicKeyMaterial::E(key) => key.data().to_vec(),
        PublicKeyMaterial::R(_) => panic!("an RSA key"),
    }
}

fn import(transaction: &mut Card<Transaction<'_>>, key: &Key, slot: KeyType) {
    admin(transaction);
    transaction.card().key_import(key, slot).unwrap();
    transaction.invalidate_cache().unwrap();
}
