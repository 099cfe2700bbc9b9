//! `minutes cosign`: a witness signs on their own device with stock gpg.

use crate::gpg::Home;
use crate::played::{Copied, FIRST, SECOND, Witness, sign};

#[test]
fn a_witness_cosigns_once_and_the_same_again_is_said() {
    let (copied, witness) = (Copied::new(), Witness::new());
    let register = copied.register();
    assert!(copied.check().done().out.contains("cosigned by nobody"));
    let signature = witness.sign(&register, SECOND, &[]);
    let take_in = || witness.take_in(&register, SECOND, &witness.certificate(), &signature);
    assert!(take_in().done().out.contains("0002-delegation cosigned by Chloe Duarte"));
    assert!(take_in().done().out.contains("the register has it already"));
    assert!(!copied.check().done().out.contains("cosigned by nobody"));
    copied.check_register(&[]).done();
    // Another signature by the same witness does not take the place of the first.
    let folder = register.join("minutes/0002-delegation.cosigned");
    let before = crate::played::files(&folder);
    let other = witness.sign(&register, SECOND, &["--digest-algo", "SHA384"]);
    witness.take_in(&register, SECOND, &witness.certificate(), &other).refused(1, Some("FILE-1"));
    assert_eq!(crate::played::files(&folder), before);
}

#[test]
fn who_is_not_named_or_was_not_there_does_not_cosign() {
    let (copied, witness) = (Copied::new(), Witness::new());
    let register = copied.register();
    let stranger = Home::new();
    let key = stranger.new_key("Chloe Duarte (rehearsal) <chloe@example.org>", "sign", &[]);
    let certificate = stranger.write("c.asc", stranger.export(key).as_bytes());
    let signature = sign(&stranger, &register, SECOND, &[]);
    let ran = witness.take_in(&register, SECOND, &certificate, &signature);
    assert!(ran.refused(1, Some("MINUTES-2")).contains("names nobody in the room with certificate"), "{}", ran.err);
    // Her certificate with somebody else's signature.
    let ran = witness.take_in(&register, SECOND, &witness.certificate(), &signature);
    assert!(ran.refused(1, Some("MINUTES-2")).contains("signed by another key"), "{}", ran.err);
    // An organization that has dropped the certificate since, and another organization.
    let organization = std::fs::read_to_string("ceremony/organization.toml").unwrap();
    let good = witness.sign(&register, SECOND, &[]);
    for (text, code, control, said) in [
        (organization.clone(), 1, Some("MINUTES-2"), "names no such certificate for Chloe Duarte"),
        (organization.replace("= \"Example Organization\"", "= \"Another\""), 3, None, "is of organization Another"),
    ] {
        let file = stranger.write("o.toml", text.as_bytes());
        let files = ["--organization", &file, "--certificate", &witness.certificate(), "--signature", &good];
        let ran = crate::played::minutes(&register, &[&["cosign", SECOND][..], &files].concat());
        assert!(ran.refused(code, control).contains(said), "{}", ran.err);
    }
    assert!(!register.join("minutes/0002-delegation.cosigned").exists());
}

#[test]
fn a_bad_signature_or_certificate_is_not_taken_in() {
    let (copied, witness) = (Copied::new(), Witness::new());
    let register = copied.register();
    let certificate = witness.certificate();
    let take_in = |signature: &str| witness.take_in(&register, SECOND, &certificate, signature);
    // Of another file, with a hash that is broken, made before the ceremony, in the future, and no signature at all.
    let refused = |signature: &str, said: &str| {
        let ran = take_in(signature);
        assert!(ran.refused(1, Some("MINUTES-2")).contains(said), "{}", ran.err);
    };
    refused(&witness.sign(&register, FIRST, &[]), "does not verify");
    let sha1 = ["--digest-algo", "SHA1", "--allow-weak-key-signatures"];
    refused(&witness.sign(&register, SECOND, &sha1), "hash or critical subpacket");
    let early = ["--faked-system-time", "20261102T000000!"];
    refused(&witness.sign(&register, SECOND, &early), "and the ceremony was opened at");
    refused(&witness.sign(&register, SECOND, &["--faked-system-time", "20270601T000000!"]), "in the future");
    refused(&witness.home.write("none.sig", b"\x1b[2J"), "none.sig");
    // A revoked certificate.
    let signature = witness.sign(&register, SECOND, &[]);
    witness.revoke();
    let ran = witness.take_in(&register, SECOND, &witness.certificate(), &signature);
    assert!(ran.refused(1, Some("MINUTES-2")).contains("is revoked"), "{}", ran.err);
    assert!(!register.join("minutes/0002-delegation.cosigned").exists());
}

#[test]
fn a_cosignature_in_the_register_is_checked_every_time() {
    let cosigned = |copied: &Copied| {
        let folder = copied.register().join("minutes/0001-root-generation.cosigned");
        folder.read_dir().unwrap().next().unwrap().unwrap().path()
    };
    // A signature of the other minutes.
    let (copied, witness) = (Copied::new(), Witness::new());
    let other = witness.sign(&copied.register(), SECOND, &[]);
    std::fs::copy(other, cosigned(&copied).join("minutes.sig")).unwrap();
    assert!(copied.check().refused(1, Some("MINUTES-2")).contains("does not verify"));
    std::fs::remove_file(cosigned(&copied).join("minutes.sig")).unwrap();
    assert!(copied.check().refused(1, Some("MINUTES-2")).contains("minutes.sig is missing there"));
    // A stranger's own folder.
    let copied = Copied::new();
    let stranger = Home::new();
    let key = stranger.new_key("S <s@example.org>", "sign", &[]);
    let folder = cosigned(&copied).with_file_name(key.to_string());
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(sign(&stranger, &copied.register(), FIRST, &[]), folder.join("minutes.sig")).unwrap();
    std::fs::write(folder.join("certificate.asc"), stranger.export(key)).unwrap();
    assert!(copied.check().refused(1, Some("MINUTES-2")).contains("names nobody in the room"));
    // Something that is no cosignature.
    let copied = Copied::new();
    std::fs::create_dir(cosigned(&copied).with_file_name("x\u{1b}[2J")).unwrap();
    copied.check().refused(1, Some("REGISTER-3"));
}
