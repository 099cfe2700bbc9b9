//! What somebody sneaked into a certificate is not certified with it: other user IDs, and trust that others have put into it.

use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::signature::subpacket::SubpacketTag;
use sequoia_openpgp::packet::{Packet, UserID};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};

use crate::made::{anna_with, binding, builder, pair, primary};
use crate::signers::Signer;
use crate::stage::{DELEGATION, Stage};
use crate::{Desk, anna};

/// Lets the root answer a signer's request, and gives the certificate that leaves the room.
fn delegated(desk: &Desk, signer: &Signer) -> Cert {
    let folder = desk.stage.folder().join("incoming");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("anna.request.asc"), signer.request()).unwrap();
    std::fs::copy(&desk.roster, folder.join("roster.toml")).unwrap();
    let listed = std::process::Command::new("sh")
        .args(["-c", "sha256sum *.asc *.toml >SHA256SUMS"])
        .current_dir(&folder)
        .status();
    assert!(listed.unwrap().success());
    desk.stage.run(DELEGATION, Some(&folder)).done();
    certified(&desk.stage)
}

fn certified(stage: &Stage) -> Cert {
    let past = stage.past();
    let [delegation] = &past.history.delegations[..] else { panic!("one delegation") };
    assert_eq!(delegation.user_id, anna().user_id);
    Cert::from_bytes(&std::fs::read(stage.path("register").join(&delegation.certificate.path)).unwrap()).unwrap()
}

#[test]
fn other_user_ids_and_trust_are_left_out() {
    let desk = Desk::new();
    let (key, other) = (primary(), primary());
    let (flags, hash) = (KeyFlags::empty().set_certification().set_signing(), HashAlgorithm::SHA512);
    let mut more = Vec::new();
    for user_id in ["Example Organization <security@example.org>", "anna\u{1b}[2J", "\u{430}nna <anna@example.org>"] {
        let user_id = UserID::from(user_id);
        let signature = binding(&key, &user_id, hash, flags.clone());
        more.extend([Packet::from(user_id), signature.into()]);
    }
    let plain = anna();
    let user_id = UserID::from(plain.user_id.as_str());
    // Somebody makes her an introducer without end (RFC 9580 5.2.3.21).
    let trust = builder(SignatureType::GenericCertification, hash, KeyFlags::empty())
        .set_trust_signature(255, 120)
        .and_then(|builder| builder.sign_userid_binding(&mut pair(&other), key.parts_as_public(), &user_id))
        .unwrap();
    more.extend([Packet::from(user_id.clone()), trust.into()]);
    let signer = anna_with(crate::made::certificate(&key, hash, flags, more));
    assert_eq!(
        (signer.cert.userids().count(), signer.cert.userids().map(|u| u.certifications().count()).sum::<usize>()),
        (4, 1)
    );

    let cert = delegated(&desk, &signer);
    assert_eq!(cert.userids().map(|user_id| user_id.userid().clone()).collect::<Vec<_>>(), [user_id]);
    let signatures: Vec<_> =
        cert.into_packets().filter_map(|p| if let Packet::Signature(s) = p { Some(s) } else { None }).collect();
    let root = desk.stage.past().history.roots[&"packages".parse().unwrap()].fingerprint.to_string();
    let by = |fingerprint: &str| {
        signatures.iter().filter(|s| s.issuer_fingerprints().any(|f| f.to_hex() == fingerprint)).count()
    };
    assert_eq!((by(&key.fingerprint().to_hex()), by(&root), signatures.len()), (1, 1, 2));
    let trusts = |s: &&sequoia_openpgp::packet::Signature| {
        s.hashed_area().subpackets(SubpacketTag::TrustSignature).next().is_some()
    };
    assert_eq!(signatures.iter().filter(trusts).count(), 0);
}
