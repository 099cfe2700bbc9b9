//! Input made to cost time, memory, or the reader's trust in the screen.

use std::time::{Duration, Instant, SystemTime};

use keyrite::model::timestamp::Timestamp;
use keyrite::trust::openpgp::root::{self};
use keyrite::trust::openpgp::{Profile, UntrustedCertificate};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts};
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::home::*;

/// `bytes` must be refused within two seconds.
#[track_caller]
fn refused_fast(what: &str, bytes: &[u8]) {
    let start = Instant::now();
    let judged = UntrustedCertificate::parse(bytes).and_then(|certificate| certificate.judge(now()));
    let error = judged.map(|_| ()).expect_err(what);
    assert!(start.elapsed() < Duration::from_secs(2), "{what} took {:?}", start.elapsed());
    assert!(!error.to_string().contains(|c: char| c.is_control()), "{what}: {error:?}");
}

#[test]
fn hostile_certificates_end_fast() {
    let good = drawn(1, &Profile::records("Records", YEAR)).certificate.bytes().expect("bytes");
    let with = |tail: &[u8]| [good.as_slice(), tail].concat();
    refused_fast("4gb length header", &with(&[0xcd, 0xff, 0xff, 0xff, 0xff, 0xff, b'a']));
    refused_fast("compressed bomb", &with(&[0xc8, 4, 3, b'B', b'Z', b'h']));
    let big = [&[0xcd, 0xff, 0, 0x98, 0x96, 0x80][..], &vec![b'a'; 10_000_000]].concat();
    refused_fast("10 MB user ID", &with(&big));
    refused_fast("partial length", &with(&[0xcd, 0xe5, b'a']));
    refused_fast("indeterminate length", &with(&[0xb7, b'a']));
    refused_fast("many user IDs", &with(&[0xcd, 1, b'a'].repeat(1000)));
    refused_fast("empty", b"");
    refused_fast("half", &good[..good.len() / 2]);
    let armor_bomb = format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}", "A".repeat(10_000_000));
    refused_fast("armor without end", armor_bomb.as_bytes());
    refused_fast("nested embedded signatures", &with(&nested_signatures()));
    let headers = format!(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n{}\n-----END PGP PUBLIC KEY BLOCK-----",
        "Comment: \u{1b}\n".repeat(20_000)
    );
    refused_fast("armor of headers", headers.as_bytes());
}

/// Signatures within signatures, as deep as a packet of 16 KiB allows (RFC 9580 5.2.3.34), and no certificate around it.
fn nested_signatures() -> Vec<u8> {
    let mut body: Vec<u8> = Vec::new();
    while body.len() < 15_000 {
        let mut hashed = Vec::new();
        if !body.is_empty() {
            let length = u32::try_from(body.len() + 1).expect("short").to_be_bytes();
            hashed = [&[255][..], &length, &[32], &body].concat();
        }
        let length = u16::try_from(hashed.len()).expect("short").to_be_bytes();
        body = [&[4, 0x19, 22, 10][..], &length, &hashed, &[0, 0, 0, 0, 0, 1, 1, 0, 1, 1]].concat();
    }
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    // A second primary key in front makes sure that it is refused at the end.
    [&[0xc2, 255][..], &length, &body, &[0xc6, 1, 4]].concat()
}

#[test]
fn many_false_self_signatures_end_fast() {
    let key: Key4<SecretParts, PrimaryRole> =
        Key4::generate_ecc(true, sequoia_openpgp::types::Curve::NistP521).expect("P-521");
    let key: Key<SecretParts, PrimaryRole> = key.into();
    let mut pair = key.clone().into_keypair().expect("pair");
    let profile = Profile::records("Records", YEAR);
    let good =
        root::certificate(key.parts_as_public(), &profile, now(), &mut pair).expect("made").bytes().expect("bytes");
    // The last packet is the user ID's binding: repeat it with another octet in its last MPI, prefix of the digest kept.
    let short_header = |at: usize| if good[at + 1] < 192 { 2 } else { 3 };
    let mut at = 0;
    let mut last = 0;
    while at < good.len() {
        last = at;
        let body = match good[at + 1] {
            short @ 0..=191 => usize::from(short),
            high => (usize::from(high - 192) << 8) + usize::from(good[at + 2]) + 192,
        };
        at += short_header(at) + body;
    }
    let mut bytes = good[..last].to_vec();
    for count in 0..200_u8 {
        let mut packet = good[last..].to_vec();
        let end = packet.len() - 1;
        packet[end] ^= count + 1;
        bytes.extend_from_slice(&packet);
    }
    let start = Instant::now();
    // The direct-key signature still holds it together, so it may pass: only the time counts.
    let _ = UntrustedCertificate::parse(&bytes).and_then(|certificate| certificate.judge(now()));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn nothing_of_a_certificate_reaches_the_screen_raw() {
    let (cert, _) = sequoia_openpgp::cert::CertBuilder::new()
        .add_userid("Ann\u{1b}[2J\u{202e}\u{7} <ann@acme.example>")
        .add_signing_subkey()
        .set_creation_time(SystemTime::from(Timestamp(now().0 - 10)))
        .generate()
        .expect("a certificate");
    let bytes = cert.to_vec().expect("bytes");
    let judged = UntrustedCertificate::parse(&bytes).and_then(|c| c.judge(now())).expect("otherwise good");
    let lines = judged.describe();
    assert!(lines.iter().any(|l| l.as_str() == "user ID Ann\\u{1b}[2J\\u{202e}\\u{7} <ann@acme.example>"), "{lines:?}");
    let error = judged.must_have("Ann\u{1b}[2J\u{202e}\u{7} <ann@acme.example>").expect_err("deceives");
    assert!(error.to_string().contains("control or direction-changing characters"), "{error}");
}
