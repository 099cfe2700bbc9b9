//! Keys: generated, imported, signed with, counted.

use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, UserID};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::{Curve, HashAlgorithm, KeyFlags, SignatureType};

use super::super::*;
use super::support::*;
use crate::model::algorithm::Algorithm;
use crate::model::code::Code;
use crate::model::control::Control;
use crate::model::fault::Fault as _;
use crate::model::settings::Settings;
use crate::model::timestamp::Timestamp;

const VERIFY: u8 = 0x20;
const PSO: u8 = 0x2a;

fn import(rack: &mut VirtualRack, key: &Key<SecretParts, PrimaryRole>) -> Result<(), CardError> {
    let pins = Pocket::factory();
    rack.session(&any(), |card| card.import(&to_import(key), key, &pins.admin))
}

#[test]
fn a_generated_key_makes_a_certificate() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let key = generate(&mut rack).expect("a key");
    assert_eq!(Timestamp::try_from(key.creation_time()).expect("in range"), CREATED);
    let pins = Pocket::factory();
    let user = UserID::from("REHEARSAL, NOT FOR USE");
    let binding = rack
        .session(&any(), |card| {
            assert!(matches!(&card.survey().slot, Slot::Complete { origin: Origin::Generated, created, .. } if *created == CREATED));
            let permit = to_sign(1);
            let mut signer = card.signer(&permit, &pins.user)?;
            let binding = SignatureBuilder::new(SignatureType::PositiveCertification)
                .set_signature_creation_time(CREATED)
                .and_then(|builder| builder.set_key_flags(KeyFlags::empty().set_certification()))
                .and_then(|builder| builder.sign_userid_binding(&mut signer, Some(&key), &user));
            Ok(binding.expect("a binding"))
        })
        .expect("signed");
    let packets = [Packet::from(key.clone()), Packet::from(user), Packet::from(binding)];
    let cert = Cert::try_from(packets.to_vec()).expect("a certificate");
    let policy = StandardPolicy::new();
    let valid = cert.with_policy(&policy, Some(Timestamp(CREATED.0 + 1).into())).expect("valid");
    assert!(valid.primary_userid().is_ok() && valid.primary_key().for_certification());
}

#[test]
fn keys_that_cards_generate() {
    // Longer RSA keys take seconds; they are generated through PC/SC, in tests/pcsc.
    let short = |algorithm: &&Algorithm| !matches!(algorithm, Algorithm::Rsa3072 | Algorithm::Rsa4096);
    for algorithm in Algorithm::ALL.iter().copied().filter(|algorithm| short(&algorithm)) {
        let reader = Reader::start();
        let pins = Pocket::factory();
        let mut rack = reader.rack();
        rack.session(&any(), |card| card.generate(&to_generate(), algorithm, CREATED, &pins.admin)).expect("a key");
        sign(&mut rack, 2, HashAlgorithm::SHA512).expect("signed");
    }
}

#[test]
fn two_cards_generate_two_keys() {
    let (a, b) = (Reader::start(), Reader::start());
    assert_ne!(generate(&mut a.rack()).expect("a key"), generate(&mut b.rack()).expect("a key"));
}

#[test]
fn imported_keys_sign() {
    let keys = [
        drawn(Curve::Ed25519),
        drawn(Curve::NistP256),
        drawn(Curve::NistP384),
        drawn(Curve::NistP521),
        drawn_rsa(2048),
    ];
    let reader = Reader::start();
    let mut rack = reader.rack();
    for key in &keys {
        import(&mut rack, key).expect("imported");
        let survey = reader.survey();
        assert!(
            matches!(&survey.slot, Slot::Complete { origin: Origin::Imported, created, .. } if *created == CREATED)
        );
        assert_eq!(survey.public_key().expect("a key").key(), key.parts_as_public());
        for hash in [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512] {
            sign(&mut rack, 1, hash).unwrap_or_else(|error| panic!("{} over {hash}: {error}", key.pk_algo()));
        }
        rack.session(&any(), |card| card.reset(&to_reset())).expect("reset");
        assert_eq!(reader.survey().slot, Slot::Empty);
    }
}

#[test]
fn a_scalar_that_begins_with_zero_is_the_same_scalar() {
    let mut scalar = [0x5a; 32];
    scalar[0] = 0;
    let short: Key4<SecretParts, PrimaryRole> =
        Key4::import_secret_ed25519(&scalar, std::time::SystemTime::from(CREATED)).expect("a key");
    let reader = Reader::start();
    import(&mut reader.rack(), &short.into()).expect("imported");
    sign(&mut reader.rack(), 1, HashAlgorithm::SHA512).expect("signed");

    let p256 = loop {
        let key = drawn(Curve::NistP256);
        let sequoia_openpgp::packet::key::SecretKeyMaterial::Unencrypted(secret) = key.secret() else { continue };
        use sequoia_openpgp::crypto::mpi::SecretKeyMaterial::ECDSA;
        if secret.map(|secret| matches!(secret, ECDSA { scalar } if scalar.value().len() < 32)) {
            break key;
        }
    };
    let reader = Reader::start();
    import(&mut reader.rack(), &p256).expect("imported");
    sign(&mut reader.rack(), 1, HashAlgorithm::SHA256).expect("signed");
}

#[test]
fn a_key_is_never_written_over() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let kept = generate(&mut rack).expect("a key");
    for error in
        [generate(&mut rack).expect_err("refused"), import(&mut rack, &drawn(Curve::Ed25519)).expect_err("refused")]
    {
        assert_eq!(error.control(), Some(Control::CardErase));
    }
    assert_eq!(reader.survey().public_key().expect("a key").key(), &kept);
}

/// Signs in three sessions: once, twice, five times. Gives how many commands each had, in all and VERIFY.
fn commands(reader: &Reader, from: u32) -> [(u32, u32); 3] {
    let key = reader.survey().public_key().expect("a key").fingerprint();
    // As in a ceremony: before people are asked for the PIN, the card is asked in which form it takes it.
    let form = reader.rack().session(&any(), |card| card.code_form().cloned()).expect("a form");
    let mut from = from;
    [1, 2, 5].map(|times| {
        let tap = Fault::none();
        let key = ExpectedKey::Fingerprint(key);
        let expected = Expected { key, counter: Some(from..=from), form: Some(form.clone()), ..any() };
        let mut rack = reader.rack().tapped(tap.clone());
        from += times;
        assert_eq!(sign_as(&mut rack, &expected, times, HashAlgorithm::SHA512).expect("signed"), from);
        let tally = tap.lock().expect("tap").tally.clone();
        assert_eq!(tally.of(PSO), times, "exactly one for each");
        assert_eq!(reader.survey().signatures, from);
        (tally.total(), tally.of(VERIFY))
    })
}

#[test]
fn the_counter_rises_by_one_and_commands_are_few() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    // As it comes from its maker, the PIN holds for one signature.
    assert!(reader.survey().pin_once);
    let [one, two, five] = commands(&reader, 0);
    assert_eq!([one, two, five], [(8, 1), (11, 2), (20, 5)], "at most 8 for the first, at most 4 for each further one");
}

#[test]
fn a_pin_that_holds_for_several_signatures_is_presented_once() {
    let reader = Reader::start();
    let (mut rack, pins) = (reader.rack(), Pocket::factory());
    let (new, wanted) = (pins.with_reset_code(), Settings { pin_each_signature: Some(false), ..Settings::default() });
    rack.session(&any(), |card| card.set_pins(&to_set_pins(), &wanted, &new.as_new(), &pins.as_old())).expect("set");
    generate(&mut rack).expect("a key");
    assert!(!reader.survey().pin_once);
    assert_eq!(commands(&reader, 0), [(8, 1), (10, 1), (16, 1)]);
}

#[test]
fn no_more_signatures_than_the_journal_permits() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    let pins = Pocket::factory();
    let error = reader
        .rack()
        .session(&any(), |card| {
            let permit = to_sign(2);
            let mut signer = card.signer(&permit, &pins.user)?;
            (0..3).try_for_each(|_| sign_with(&mut signer, HashAlgorithm::SHA512, b"again"))
        })
        .expect_err("spent");
    assert_eq!(error.control(), Some(Control::JournalFirst));
    assert_eq!(reader.survey().signatures, 2);
}

#[test]
fn a_signer_presents_a_wrong_pin_once() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    let wrong = locked("654321");
    reader
        .rack()
        .session(&any(), |card| {
            let permit = to_sign(2);
            let mut signer = card.signer(&permit, &wrong)?;
            let first = sign_with(&mut signer, HashAlgorithm::SHA512, b"x");
            assert!(matches!(first, Err(CardError::WrongPin { pin: Code::User, left: 2, .. })));
            let second = sign_with(&mut signer, HashAlgorithm::SHA512, b"x");
            assert!(matches!(second, Err(CardError::Halted { .. })));
            assert_eq!((signer.made(), signer.asked()), (0, 0));
            Ok(())
        })
        .expect("a session");
    assert_eq!((reader.survey().tries.user, reader.survey().signatures), (2, 0));
}

#[test]
fn no_key_no_signer_and_no_weak_hash() {
    let reader = Reader::start();
    assert!(matches!(sign(&mut reader.rack(), 1, HashAlgorithm::SHA512), Err(CardError::Identity { .. })));
    generate(&mut reader.rack()).expect("a key");
    assert!(matches!(sign(&mut reader.rack(), 1, HashAlgorithm::SHA1), Err(CardError::Unsupported { .. })));
    assert_eq!(reader.survey().signatures, 0);
}
