//! The trial before the card is asked (TRUST-1), and the judge of the real thing (TRUST-2).

use std::time::SystemTime;

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::types::{Features, HashAlgorithm, RevocationStatus, SignatureType};

use super::error::Error;
use super::known::bounded;
use super::packets::{CERTIFICATE, PUBLIC_KEY, USER_ID, walk};
use super::profile::Profile;
use super::root::{RECORDS_NOTATION, generate};
use super::{armor, fingerprint_of, notation, policy, strength};
use crate::model::algorithm::Algorithm;
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

/// Makes the certificate that `profile` plans with a throwaway key, from the library's own generator, and judges it.
///
/// # Errors
/// [`Error::Throwaway`] around what would have been wrong with the real one.
pub fn rehearse(algorithm: Algorithm, profile: &Profile, now: Timestamp) -> Result<(), Error> {
    let trial = || {
        let drawn = generate(algorithm, profile, now)?;
        judge(&drawn.certificate.bytes()?, drawn.fingerprint(), profile, now)
    };
    trial().map_err(|error| Error::Throwaway(Box::new(error)))
}

/// Whether `bytes` are exactly the certificate that `profile` planned at `made`: one key, one user ID, two signatures,
/// flags, expiry and features as asked, nothing else.
///
/// # Errors
/// [`Error::Structure`] naming the part that differs, or why the bytes are no certificate.
pub fn judge(bytes: &[u8], expected: Fingerprint, profile: &Profile, made: Timestamp) -> Result<(), Error> {
    let must = |holds: bool, what| if holds { Ok(()) } else { Err(Error::Structure { what }) };
    let binary = armor::binary(sequoia_openpgp::armor::Kind::PublicKey, bytes)?;
    let tags: Vec<u8> = walk(&binary, CERTIFICATE)?.iter().map(|p| p.tag).collect();
    must(tags == [PUBLIC_KEY, 2, USER_ID, 2], "order of packets")?;
    let cert = bounded(&binary)?;
    must(fingerprint_of(&cert.fingerprint())? == expected, "fingerprint")?;
    must(strength::weakness(cert.primary_key().component()).is_none(), "strength")?;

    let policy = policy::strict(made);
    let moment = SystemTime::from(made);
    let valid = cert.with_policy(&policy, moment).map_err(|_| Error::Structure { what: "validity" })?;
    must(valid.alive().is_ok(), "validity")?;
    must(matches!(valid.revocation_status(), RevocationStatus::NotAsFarAsWeKnow), "revocation")?;
    let user_id = valid.primary_userid().map_err(|_| Error::Structure { what: "user ID" })?;
    must(user_id.userid().value() == profile.user_id.as_bytes(), "user ID")?;
    let direct = valid.direct_key_signature().map_err(|_| Error::Structure { what: "direct-key signature" })?;
    must(direct.typ() == SignatureType::DirectKey, "direct-key signature")?;
    let records = profile.records.map(|records| records.to_string().into_bytes());
    let named = direct.notation(notation(RECORDS_NOTATION)).next().map(<[u8]>::to_vec);
    must(named == records, "name of the records key")?;
    let expiry = SystemTime::from(made.plus(profile.validity));
    must(valid.primary_key().key_expiration_time() == Some(expiry), "expiry")?;
    for signature in [direct, user_id.binding_signature()] {
        judge_signature(signature, profile, made)?;
        let until = signature.key_expiration_time(cert.primary_key().component());
        must(until == Some(expiry), "expiry")?;
    }
    Ok(())
}

fn judge_signature(signature: &Signature, profile: &Profile, made: Timestamp) -> Result<(), Error> {
    let must = |holds: bool, what| if holds { Ok(()) } else { Err(Error::Structure { what }) };
    must(signature.hash_algo() == HashAlgorithm::SHA512, "hash")?;
    must(signature.signature_creation_time() == Some(SystemTime::from(made)), "date")?;
    must(signature.key_flags() == Some(profile.purpose.flags()), "key flags")?;
    must(signature.features() == Some(Features::empty().set_seipdv1()), "features")?;
    must(signature.signature_validity_period().is_none(), "signature's expiry")?;
    must(signature.trust_signature().is_none(), "trust signature")?;
    must(signature.policy_uri() == profile.policy_uri.as_deref().map(str::as_bytes), "policy URI")?;
    let critical_notation = signature.hashed_area().iter().any(|subpacket| {
        subpacket.critical()
            && subpacket.tag() == sequoia_openpgp::packet::signature::subpacket::SubpacketTag::NotationData
    });
    must(!critical_notation, "critical notation")
}

#[cfg(test)]
mod tests {
    use super::super::profile::Purpose;
    use super::super::testing::{self, NOW, YEAR};
    use super::*;

    #[test]
    fn the_trial_passes_for_every_kind_of_root() {
        let mut profile = Profile::root("Trial Root", YEAR);
        profile.records = Some(Fingerprint([0xab; 20]));
        profile.policy_uri = Some("https://acme.example/keys".to_owned());
        // RSA-4096 takes seconds; a ceremony tries it, in tests/algorithms.
        for algorithm in Algorithm::ALL.iter().copied().filter(|one| *one != Algorithm::Rsa4096) {
            let tried = rehearse(algorithm, &profile, NOW);
            assert_eq!(tried.is_ok(), algorithm != Algorithm::Rsa2048, "{algorithm}: {tried:?}");
        }
    }

    #[test]
    fn every_difference_from_the_plan_is_named() {
        let profile = Profile::root("Test Root", YEAR);
        let drawn = testing::root(1);
        let bytes = drawn.certificate.bytes().expect("bytes");
        let verdict = |profile: &Profile, made| match judge(&bytes, drawn.fingerprint(), profile, made) {
            Ok(()) => "as planned",
            Err(Error::Structure { what }) => what,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(verdict(&profile, NOW), "as planned");
        assert_eq!(verdict(&Profile { validity: YEAR * 2, ..profile.clone() }, NOW), "expiry");
        assert_eq!(verdict(&Profile { user_id: "Other".to_owned(), ..profile.clone() }, NOW), "user ID");
        assert_eq!(verdict(&Profile { purpose: Purpose::Records, ..profile.clone() }, NOW), "key flags");
        assert_eq!(verdict(&Profile { policy_uri: Some("x:y".to_owned()), ..profile.clone() }, NOW), "policy URI");
        assert_eq!(
            verdict(&Profile { records: Some(drawn.fingerprint()), ..profile.clone() }, NOW),
            "name of the records key"
        );
        assert_eq!(verdict(&profile, NOW.plus(std::time::Duration::from_secs(1))), "expiry");
        assert_eq!(verdict(&profile, NOW.plus(YEAR)), "validity");
        let another = judge(&bytes, Fingerprint([0; 20]), &profile, NOW);
        assert!(matches!(another, Err(Error::Structure { what: "fingerprint" })));
    }

    #[test]
    fn a_subkey_is_not_part_of_the_plan() {
        let drawn = testing::root(1);
        let other = testing::root(2).certificate.bytes().expect("bytes");
        let joined = [drawn.certificate.bytes().expect("bytes"), other].concat();
        let verdict = judge(&joined, drawn.fingerprint(), &Profile::root("Test Root", YEAR), NOW);
        assert!(matches!(verdict, Err(Error::Structure { what: "order of packets" })));
    }
}
