use sequoia_openpgp::Packet;
use sequoia_openpgp::crypto::S2K;
use sequoia_openpgp::packet::{SEIP, SKESK};
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp::types::{DataFormat, HashAlgorithm, SymmetricAlgorithm};

use super::*;

const PASSPHRASE: &[u8] = b"TEST-SECR-ET22-2222-2222-2222-2222";

fn locked(bytes: &[u8]) -> Locked {
    Locked::copy_of(bytes).expect("locked memory")
}

fn sealed(plain: &[u8]) -> Vec<u8> {
    seal(&locked(plain), &locked(PASSPHRASE), &["TEST SECRET: not for use", "Set: ABCD2345"]).expect("sealed")
}

/// The armor over `packets` that would pass, so that only the packets can be what is refused.
fn refused_packets(packets: &[u8]) -> BackupError {
    open(&armor(packets, &[]).expect("armored"), &locked(PASSPHRASE)).err().expect("refused")
}

#[test]
fn opens_what_it_sealed_at_every_form_of_length() {
    // The literal packet's length takes one, two and five bytes; 30,000 is far over what fits on paper.
    for len in [1, 185, 186, 8377, 8378, 30_000] {
        let plain = vec![0x5a; len];
        let opened = open(&sealed(&plain), &locked(PASSPHRASE)).expect("opened");
        assert_eq!(&*opened, plain.as_slice(), "{len}");
    }
}

#[test]
// The library would rather have the code checked by its stream decryptor, which this test goes around on purpose.
#[allow(deprecated)]
fn the_algorithms_are_the_pinned_ones_by_another_reader() {
    let packets = dearmor(&sealed(b"TEST SECRET")).expect("dearmored");
    let key = packet::derive(&locked(PASSPHRASE), Sealed::parse(&packets).expect("parsed").salt).expect("derived");
    let mut seen = Vec::new();
    let mut next = PacketParser::from_bytes(&packets).expect("packets");
    while let PacketParserResult::Some(mut parser) = next {
        if let Packet::SEIP(_) = &parser.packet {
            parser.decrypt(SymmetricAlgorithm::AES256, &key).expect("decrypted");
        }
        let (packet, after) = parser.recurse().expect("the next packet");
        next = after;
        seen.push(packet);
    }
    let [Packet::SKESK(SKESK::V4(skesk)), Packet::SEIP(SEIP::V1(_)), Packet::Literal(literal), Packet::MDC(mdc)] =
        seen.as_slice()
    else {
        panic!("another shape: {:?}", seen.iter().map(Packet::tag).collect::<Vec<_>>());
    };
    assert_eq!(skesk.symmetric_algo(), SymmetricAlgorithm::AES256);
    assert!(matches!(skesk.s2k(), S2K::Iterated { hash: HashAlgorithm::SHA256, hash_bytes: 65_011_712, .. }));
    assert_eq!(skesk.esk().expect("known S2K"), None);
    assert_eq!((literal.format(), literal.filename(), literal.date()), (DataFormat::Binary, None, None));
    assert!(mdc.valid());
}

/// `open` is armor, packets, S2K, decryption. The S2K depends on the salt alone, so the same functions are run here with the
/// key derived once, and the flips in the salt go through `open` itself.
#[test]
fn every_flipped_bit_of_the_packets_is_found() {
    let packets = dearmor(&sealed(b"TEST SECRET")).expect("dearmored");
    let passphrase = locked(PASSPHRASE);
    let original = Sealed::parse(&packets).expect("parsed");
    let key = packet::derive(&passphrase, original.salt).expect("derived");
    for at in 0..packets.len() {
        for bit in 0..8 {
            let mut changed = packets.clone();
            changed[at] ^= 1 << bit;
            let Ok(sealed) = Sealed::parse(&changed) else { continue };
            if sealed.salt == original.salt {
                assert!(packet::decrypt(sealed.ciphertext, &key).is_err(), "byte {at}, bit {bit}");
            } else if bit == at % 8 {
                assert!(matches!(refused_packets(&changed), BackupError::NotOpened), "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_the_armor_is_found_or_is_a_comments() {
    let message = sealed(b"TEST SECRET");
    let packets = dearmor(&message).expect("dearmored");
    let start = message.windows(9).position(|window| window == b"Comment: ").expect("comments");
    let end = message.windows(2).position(|window| window == b"\n\n").expect("an empty line");
    for at in 0..message.len() {
        for bit in 0..8 {
            let mut changed = message.clone();
            changed[at] ^= 1 << bit;
            match dearmor(&changed) {
                Err(_) => {}
                // A comment is outside what OpenPGP protects: only the message's SHA-256 covers it.
                Ok(same) if same == packets => assert!((start..end).contains(&at), "byte {at}, bit {bit}"),
                // Changed packets are found as in the test above.
                Ok(_) => panic!("the checksum let byte {at}, bit {bit} through"),
            }
        }
    }
}

#[test]
fn every_truncation_and_extension_is_refused_before_a_key_is_derived() {
    let message = sealed(b"TEST SECRET");
    let packets = dearmor(&message).expect("dearmored");
    for len in 0..message.len() {
        assert!(dearmor(&message[..len]).is_err(), "armor cut to {len}");
    }
    for len in 0..packets.len() {
        assert!(Sealed::parse(&packets[..len]).is_err(), "packets cut to {len}");
    }
    for more in [&b"\n"[..], b"x", &message] {
        assert!(dearmor(&[&message, more].concat()).is_err());
        assert!(dearmor(&[more, &message].concat()).is_err());
    }
    assert!(Sealed::parse(&[packets.clone(), packets.clone()].concat()).is_err());
}

#[test]
fn other_algorithms_are_refused_before_a_key_is_derived() {
    let packets = dearmor(&sealed(b"TEST SECRET")).expect("dearmored");
    let with = |at: usize, byte: u8| {
        let mut changed = packets.clone();
        changed[at] = byte;
        changed
    };
    let cases = [
        ("SKESK v5", with(2, 5)),
        ("SKESK v6", with(2, 6)),
        ("AES-128", with(3, 7)),
        ("3DES", with(3, 2)),
        ("simple S2K", with(4, 0)),
        ("salted S2K", with(4, 1)),
        ("Argon2 with 2 TiB", with(4, 4)),
        ("SHA-1 in the S2K", with(5, 2)),
        ("a low count", with(14, 0x60)),
        ("SED without protection", with(15, 0xc9)),
        ("AEAD packet", with(15, 0xd4)),
        ("compressed packet", with(15, 0xc8)),
        ("SEIPD v2", with(17, 2)),
        ("partial length", with(16, 0xe7)),
        ("old packet format", with(0, 0x8c)),
        ("a marker first", [&[0xca, 3, b'P', b'G', b'P'], packets.as_slice()].concat()),
        ("two passphrases", [&packets[..15], packets.as_slice()].concat()),
    ];
    for (what, changed) in cases {
        assert!(matches!(refused_packets(&changed), BackupError::NotSealed(_)), "{what}");
    }
}

/// Even who knows the passphrase cannot make keyrite unpack or recurse.
#[test]
fn other_contents_are_refused_after_decryption() {
    use sequoia_openpgp::serialize::stream::{Compressor, Encryptor, LiteralWriter, Message};
    let key = packet::derive(&locked(PASSPHRASE), [7; 8]).expect("derived");
    let write = |compressed: bool, name: &str| {
        let mut out = Vec::new();
        let encryptor = Encryptor::with_session_key(Message::new(&mut out), SymmetricAlgorithm::AES256, key.clone());
        let mut stack = encryptor.expect("encryptor").build().expect("encryptor");
        if compressed {
            stack = Compressor::new(stack).build().expect("compressor");
        }
        let mut literal = LiteralWriter::new(stack).filename(name).expect("name").build().expect("literal");
        literal.write_all(b"TEST SECRET").expect("written");
        literal.finalize().expect("finished");
        [&[0xc3, 13, 4, 9, 3, 8][..], &[7; 8], &[0xff], &out].concat()
    };
    assert!(
        open(&armor(&write(false, ""), &[]).expect("armored"), &locked(PASSPHRASE)).is_ok(),
        "the plain form passes"
    );
    for (compressed, name) in [(false, "a-name"), (true, "")] {
        assert!(matches!(refused_packets(&write(compressed, name)), BackupError::NotSealed(_)), "{compressed} {name}");
    }
}

#[test]
fn a_wrong_passphrase_does_not_open() {
    let refused = open(&sealed(b"TEST SECRET"), &locked(b"TEST-SECR-ET22-2222-2222-2222-2223")).err();
    assert!(matches!(refused, Some(BackupError::NotOpened)));
}

#[test]
fn too_much_is_neither_sealed_nor_read() {
    for len in [LARGEST + 1, LARGEST - 1000] {
        let refused = seal(&Locked::zeroed(len).expect("locked memory"), &locked(PASSPHRASE), &[]).err();
        assert!(matches!(refused, Some(BackupError::TooLarge(_))), "{len}");
    }
    assert!(matches!(open(&vec![b'-'; LARGEST + 1], &locked(PASSPHRASE)).err(), Some(BackupError::TooLarge(_))));
    assert!(matches!(seal(&locked(b""), &locked(PASSPHRASE), &[]).err(), Some(BackupError::EmptySecret)));
}

#[test]
fn comments_are_plain() {
    for bad in ["", " a", "a ", "a\nb", "é", "\u{7}", &"a".repeat(65)] {
        let refused = seal(&locked(b"TEST SECRET"), &locked(PASSPHRASE), &["good: one", bad]).err();
        assert!(matches!(refused, Some(BackupError::Comment(2))), "{bad:?}");
    }
}

/// What the armor reader does with noise is bounded by the size that is let in.
#[test]
fn noise_is_refused_in_no_time() {
    let started = std::time::Instant::now();
    let mut noise = BEGIN.to_vec();
    for filler in [&b"Comment: x\n"[..], b"\n", b"=", b"A", b" ", b"-----BEGIN PGP MESSAGE-----\n", b"\xff"] {
        noise.truncate(BEGIN.len());
        while noise.len() + filler.len() <= LARGEST {
            noise.extend_from_slice(filler);
        }
        assert!(open(&noise, &locked(PASSPHRASE)).is_err());
    }
    assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
}
