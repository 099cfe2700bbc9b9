//! Certificates in requests.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use keyrite::model::timestamp::Timestamp;
use sequoia_openpgp::Profile;
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};

use crate::made::{anna_with, builder, certificate, packet, packets, pair, primary, public, subkey};
use crate::signers::{Signer, armored, now};
use crate::{Desk, anna};

const REQUEST_2: Option<&str> = Some("REQUEST-2");

fn signs() -> KeyFlags {
    KeyFlags::empty().set_certification().set_signing()
}

/// A request of Anna's with this text in place of the certificate.
fn with(signer: &Signer, certificate: String) -> Vec<u8> {
    signer.sign(&keyrite::format::request::RequestFile { certificate, ..signer.text() })
}

/// The same with these packets behind the certificate's own.
fn with_packets(tail: &[u8]) -> Vec<u8> {
    let anna = anna();
    with(&anna, armored(&[public(&anna.cert), tail.to_vec()].concat()))
}

#[test]
fn expired_revoked_and_future() {
    let desk = Desk::new();
    let ago = |days: u32| SystemTime::from(Timestamp(now().0 - days * 86_400));
    let expired =
        Signer::made("anna", |b| b.set_creation_time(ago(400)).set_validity_period(Duration::from_secs(86_400)));
    desk.refuses("expired", &expired.request(), REQUEST_2, "the certificate expired at ");

    let anna = anna();
    let key = anna.cert.primary_key().component().clone().parts_into_secret().unwrap();
    let revocation =
        anna.cert.revoke(&mut key.into_keypair().unwrap(), ReasonForRevocation::KeyCompromised, b"lost").unwrap();
    let revoked = anna_with(anna.cert.clone().insert_packets(revocation).unwrap().0);
    desk.refuses("revoked", &revoked.request(), REQUEST_2, "the certificate is revoked");

    let tomorrow = SystemTime::from(Timestamp(now().0 + 86_400));
    let future = Signer::made("anna", |builder| builder.set_creation_time(tomorrow));
    desk.refuses("future", &future.request(), REQUEST_2, "the key is dated ");
}

#[test]
fn bound_by_sha1_and_md5() {
    let desk = Desk::new();
    for (hash, words) in
        [(HashAlgorithm::SHA1, "is bound by SHA-1"), (HashAlgorithm::MD5, "is not bound by a valid signature")]
    {
        let key = primary();
        let signer = anna_with(certificate(&key, hash, signs(), Vec::new()));
        desk.refuses(&hash.to_string(), &signer.request(), REQUEST_2, words);
    }
}

#[test]
fn no_signing_key() {
    let desk = Desk::new();
    let only_certifies =
        certificate(&primary(), HashAlgorithm::SHA512, KeyFlags::empty().set_certification(), Vec::new());
    desk.refuses("no signing key", &anna_with(only_certifies).request(), REQUEST_2, "has no key that can sign");
}

#[test]
fn version_six() {
    let desk = Desk::new();
    let signer = Signer::made("anna", |builder| builder.set_profile(Profile::RFC9580).unwrap());
    desk.refuses("v6", &with(&anna(), signer.armored()), REQUEST_2, "the key is of version 6, not 4");
}

#[test]
fn subkeys_that_stand_twice() {
    let desk = Desk::new();
    let signer = Signer::made("anna", |builder| builder.add_signing_subkey());
    let packets = packets(&signer.cert).unwrap();
    let tail = packets.iter().rev().take(2).rev().flatten().copied().collect::<Vec<u8>>();
    let doubled = with(&signer, armored(&[packets.concat(), tail].concat()));
    desk.refuses("doubled subkey", &doubled, REQUEST_2, "a key stands in the certificate more than once");
    let twice = with(&signer, armored(&packets.concat().repeat(2)));
    desk.refuses("the whole twice", &twice, REQUEST_2, "2 certificates where one is expected");
}

/// A signing subkey whose back signature (RFC 9580 5.2.1.9) is by another key, is over another primary key, or is not there.
#[test]
fn wrong_back_signatures() {
    let desk = Desk::new();
    let (key, sub, other_sub, other) = (primary(), subkey(), subkey(), primary());
    let back = |by: &_, over: &_| -> Signature {
        let mut signer = sequoia_openpgp::packet::Key::clone(by).into_keypair().unwrap();
        let builder = builder(SignatureType::PrimaryKeyBinding, HashAlgorithm::SHA512, KeyFlags::empty());
        builder.sign_primary_key_binding(&mut signer, over, &sub).unwrap()
    };
    let faults =
        [("by another key", Some(back(&other_sub, &key))), ("over another", Some(back(&sub, &other))), ("none", None)];
    for (what, back) in faults {
        let mut binding = builder(SignatureType::SubkeyBinding, HashAlgorithm::SHA512, KeyFlags::empty().set_signing());
        if let Some(back) = back {
            binding = binding.set_embedded_signature(back).unwrap();
        }
        let binding = binding.sign_subkey_binding(&mut pair(&key), key.parts_as_public(), &sub).unwrap();
        let more = vec![Packet::from(sub.clone()), binding.into()];
        let cert = certificate(&key, HashAlgorithm::SHA512, KeyFlags::empty().set_certification(), more);
        desk.refuses(what, &anna_with(cert).request(), REQUEST_2, "has no key that can sign");
    }
}

#[test]
fn ten_thousand_signatures_by_others() {
    let desk = Desk::new();
    let (anna, other) = (anna(), primary());
    let user_id = anna.cert.userids().next().unwrap().userid().clone();
    let signature = builder(SignatureType::GenericCertification, HashAlgorithm::SHA512, KeyFlags::empty())
        .sign_userid_binding(&mut pair(&other), anna.cert.primary_key().component(), &user_id)
        .map(Packet::from)
        .and_then(|packet| packet.to_vec())
        .unwrap();
    // Each of them is another one, and verifies as little as the next.
    let many = |count: usize| -> Vec<u8> {
        let vary = |number: usize| {
            let mut signature = signature.clone();
            let end = signature.len() - 8;
            signature[end..].copy_from_slice(&(number as u64).to_be_bytes());
            signature
        };
        (0..count).flat_map(vary).collect()
    };
    desk.refuses("10,000 signatures", &with_packets(&many(10_000)), None, "is larger than 524288 bytes");
    desk.refuses("1,000 signatures", &with_packets(&many(1_000)), REQUEST_2, "too many packets");
}

#[test]
fn lengths_that_are_not_there() {
    let desk = Desk::new();
    let user_id = [0xcd, 0xff, 0xff, 0xff, 0xff, 0xff, b'a'];
    desk.refuses("4 GiB", &with_packets(&user_id), REQUEST_2, "longer than such a packet may be");
    desk.refuses(
        "a key of 4 GiB",
        &with_packets(&[0xce, 0xff, 0xff, 0xff, 0xff, 0xff, 4]),
        REQUEST_2,
        "longer than such",
    );
    desk.refuses("partial", &with_packets(&[0xcd, 0xe5, b'a']), REQUEST_2, "partial lengths are not accepted");
    desk.refuses("indeterminate", &with_packets(&[0xb7, b'a']), REQUEST_2, "indeterminate lengths are not accepted");
    let anna = anna();
    let half = public(&anna.cert);
    desk.refuses("cut off", &with(&anna, armored(&half[..half.len() / 2])), REQUEST_2, "longer than the file");
}

/// 200 MB of zeros in 200 kB (RFC 9580 5.6), made by python's zlib, and once more compressed.
#[test]
fn compression_bombs() {
    let desk = Desk::new();
    const BOMB: &str = "import sys, zlib\nsys.stdout.buffer.write(zlib.compress(b'\\0' * 200_000_000, 9)[2:-4])";
    let bomb = std::process::Command::new("python3").args(["-c", BOMB]).output().unwrap().stdout;
    assert!((100_000..300_000).contains(&bomb.len()), "{}", bomb.len());
    let compressed = packet(8, &[&[1][..], &bomb].concat());
    desk.refuses("a bomb", &with_packets(&compressed), REQUEST_2, "has tag 8, which does not belong here");
    let nested = (0..50).fold(packet(13, b"Anna"), |inner, _| packet(8, &[&[0][..], &inner].concat()));
    desk.refuses("nested", &with_packets(&nested), REQUEST_2, "has tag 8, which does not belong here");
    // A compressed certificate in the signature's place is no signature either.
    let anna = anna();
    let message = String::from_utf8(anna.request()).unwrap();
    let (text, _) = message.split_once("-----BEGIN PGP SIGNATURE-----").unwrap();
    let mut writer = sequoia_openpgp::armor::Writer::new(Vec::new(), sequoia_openpgp::armor::Kind::Signature).unwrap();
    writer.write_all(&compressed).unwrap();
    let signature = String::from_utf8(writer.finalize().unwrap()).unwrap();
    desk.refuses("in place of a signature", format!("{text}{signature}").as_bytes(), Some("REQUEST-1"), "has tag 8");
}

/// Signatures within signatures, as deep as a packet may be (RFC 9580 5.2.3.34).
#[test]
fn nested_signatures() {
    let desk = Desk::new();
    let mut body: Vec<u8> = Vec::new();
    while body.len() < 15_000 {
        let mut hashed = Vec::new();
        if !body.is_empty() {
            let length = u32::try_from(body.len() + 1).unwrap().to_be_bytes();
            hashed = [&[255][..], &length, &[32], &body].concat();
        }
        let length = u16::try_from(hashed.len()).unwrap().to_be_bytes();
        body = [&[4, 0x18, 22, 10][..], &length, &hashed, &[0, 0, 0, 0, 0, 1, 1, 0, 1, 1]].concat();
    }
    // In front of everything they leave no certificate; behind it they are no part of it, and the rest is good.
    let anna = anna();
    let before = with(&anna, armored(&[packet(2, &body), public(&anna.cert)].concat()));
    desk.refuses("nested, in front", &before, REQUEST_2, "not a certificate");
    let many: Vec<u8> = std::iter::repeat_n(packet(2, &body), 20).flatten().collect();
    desk.refuses("nested, many", &with_packets(&many), REQUEST_2, "where at the most");
}

#[test]
fn secret_keys_photographs_and_armor() {
    let desk = Desk::new();
    let anna = anna();
    let secret = anna.cert.as_tsk().to_vec().unwrap();
    desk.refuses("a secret key", &with(&anna, armored(&secret)), REQUEST_2, "the file contains a secret key");
    desk.refuses("a photograph", &with_packets(&packet(17, b"x")), REQUEST_2, "has tag 17");
    let twice = format!("{0}{0}", anna.armored());
    desk.refuses("two blocks", &with(&anna, twice), REQUEST_2, "not one armored PGP PUBLIC KEY BLOCK");
    let endless = format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}", format!("{}\n", "A".repeat(64)).repeat(5_000));
    desk.refuses("armor without end", &with(&anna, endless), REQUEST_2, "not one armored PGP PUBLIC KEY BLOCK");
    desk.refuses("nothing", &with(&anna, String::new()), REQUEST_2, "not one armored PGP PUBLIC KEY BLOCK");
}
