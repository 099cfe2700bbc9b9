//! Shares that leave the room once more, encrypted to their holders.

use std::path::{Path, PathBuf};

use keyrite::model::fingerprint::Fingerprint;

use crate::engineer::bundle;
use crate::gpg::Home;
use crate::stage::{Ran, Stage};
use crate::{check, in_force, minutes, organization};

const ROOT_GENERATION: &str = "root-generation.toml";
/// The first custodians of the example: their shares are 1, 2 and 3.
const CUSTODIANS: [&str; 3] = ["Chloe Duarte", "Dov Eriksen", "Jon Kaya"];

/// A holder of a share, with gpg.
struct Holder {
    home: Home,
    key: Fingerprint,
}

impl Holder {
    /// One whose encryption key is of this algorithm.
    fn new(name: &str, algorithm: &str) -> Self {
        let (home, user_id) = (Home::new(), format!("{name} <holder@example.org>"));
        let key = home.new_key(&user_id, "sign", &[]);
        if !algorithm.is_empty() {
            home.gpg(&["--quick-add-key", &key.to_string(), algorithm, "encr", "1y"], b"");
        }
        Self { home, key }
    }
}

/// A root generation beside an organization that has certificates for some custodians, and the bundle they come in.
struct Copies {
    stage: Stage,
    scripts: PathBuf,
}

impl Copies {
    fn of(holders: &[(&str, Fingerprint)]) -> Self {
        let stage = Stage::empty();
        let scripts = organization::beside(stage.folder(), &[]);
        let file = scripts.join("organization.toml");
        let mut text = std::fs::read_to_string(&file).unwrap();
        for (name, certificate) in holders {
            let head = format!("name  = \"{name}\"\n");
            assert!(text.contains(&head), "{name}");
            text = text.replace(&head, &format!("{head}share-certificate = \"{certificate}\"\n"));
        }
        std::fs::write(&file, text).unwrap();
        Self { stage, scripts }
    }

    fn run(&self, script: &str, bundle: Option<&Path>) -> Ran {
        self.stage.run(self.scripts.join(script), bundle)
    }

    /// What lies in the folder of copies of a set.
    fn copies(&self, set: &str) -> Vec<String> {
        let folder = self.stage.path(&format!("bundles/shares-{set}"));
        let mut names: Vec<String> =
            folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// What docs/restore.md says of a copy.
fn documented() -> String {
    let text = std::fs::read_to_string("docs/restore.md").unwrap();
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let at = lines.iter().position(|line| line.contains("gpg -d share.002.asc")).unwrap();
    lines[at..at + 2].join(" && ").replace("GNUPGHOME=~/.gnupg ", "")
}

#[test]
fn a_copy_of_a_share_is_decrypted_by_its_holder_and_restores() {
    let holders: Vec<Holder> =
        CUSTODIANS.iter().zip(["cv25519", "nistp384", "rsa3072"]).map(|(name, kind)| Holder::new(name, kind)).collect();
    let named: Vec<(&str, Fingerprint)> = CUSTODIANS.iter().copied().zip(holders.iter().map(|h| h.key)).collect();
    let copies = Copies::of(&named);
    let files: Vec<(String, String)> = holders
        .iter()
        .map(|holder| (format!("{}.certificate.asc", holder.key), holder.home.export(holder.key)))
        .collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let incoming = bundle(&copies.stage, "certificates", &files);
    let ran = copies.run(ROOT_GENERATION, Some(&incoming));
    let said = ran.done().out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&format!("encrypted to {}", holders[0].key.groups())), "{said}");
    copies.stage.assert_well_ended();
    check(&copies.stage);

    // Who holds shares of the key alone gets one copy, and it is nowhere but in the folder that leaves.
    let set = in_force(&copies.stage);
    assert_eq!(copies.copies(&set), ["SHA256SUMS", "share.001.asc", "share.002.asc", "share.003.asc"]);
    let register = copies.stage.path("register");
    let holds_copy = |(path, bytes): &(PathBuf, Vec<u8>)| {
        path.starts_with(&register)
            && bytes.windows(5).any(|window| window == b"Share")
            && path.extension().is_some_and(|e| e == "asc")
            && String::from_utf8_lossy(bytes).contains(&format!("of set {set}, for"))
    };
    assert!(!copies.stage.files().into_iter().any(|file| holds_copy(&file)));
    let words = minutes(&copies.stage).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(&format!("left the room in shares-{set}, encrypted: share 1 to {}", holders[0].key)),
        "{words}"
    );

    // Each holder decrypts theirs with stock gpg, nobody another's, and three of them restore the root.
    let own = Home::new();
    for (number, holder) in (1..).zip(&holders) {
        let name = format!("share.{number:03}");
        let copy = copies.stage.path(&format!("bundles/shares-{set}/{name}.asc"));
        holder.home.write(&format!("{name}.asc"), &std::fs::read(&copy).unwrap());
        let commands = documented().replace("share.002", &name);
        let output = holder.home.run("bash", &["-ec", &commands], b"");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        own.write(&name, &std::fs::read(holder.home.path().join(&name)).unwrap());
        let other = &holders[(number % 3) as usize].home;
        other.write("foreign.asc", &std::fs::read(&copy).unwrap());
        assert!(!other.run("gpg", &["--batch", "-d", "foreign.asc"], b"").status.success());
    }
    let history = copies.stage.past().history;
    let root = &history.roots[&"packages".parse().unwrap()];
    let message = &root.sealed[&keyrite::model::evidence::Sealed::Key].message.path;
    own.write("sealed.asc", &std::fs::read(register.join(message)).unwrap());
    let restore = "gfcombine -o passphrase share.??? && gpg --batch --pinentry-mode loopback --passphrase-file passphrase \
        -o root.key -d sealed.asc && gpg --batch --import root.key";
    let output = own.run("bash", &["-ec", restore], b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(own.fingerprint("keys@example.org"), root.fingerprint);

    // keyrite knows whose copy a file is.
    let keyrite = |arguments: &[&str]| {
        let mut command = std::process::Command::new(crate::stage::keyrite());
        command.args(["backup", arguments[0], "--register"]).arg(&register).args(&arguments[1..]);
        Ran::of(&command.output().unwrap()).done().out.clone()
    };
    let copy = copies.stage.path(&format!("bundles/shares-{set}/share.002.asc"));
    let said = keyrite(&["check", copy.to_str().unwrap()]);
    assert!(said.contains(&format!("the copy of share 2 that was encrypted to {}", holders[1].key.groups())), "{said}");
    assert_eq!(keyrite(&["show"]).matches("and a copy encrypted to ").count(), 3);

    // A resharing makes new copies, and names the old ones.
    let ran = copies.run("reshare.toml", Some(&incoming));
    let said = ran.done().out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Encrypted copies were made of share 1, share 2, share 3."), "{said}");
    let new = in_force(&copies.stage);
    assert_eq!(copies.copies(&new).len(), 4);
    check(&copies.stage);
}

#[test]
fn a_certificate_that_is_missing_or_unfit_stops_it_before_it_begins() {
    let holder = Holder::new(CUSTODIANS[0], "cv25519");
    let copies = Copies::of(&[(CUSTODIANS[0], holder.key)]);
    let nothing_begun = |ran: &Ran, code: i32, control: Option<&str>, words: &str| {
        let said = ran.refused(code, control).to_owned();
        assert!(said.contains(words), "{words}: {said}");
        assert!(copies.stage.past().names.is_empty(), "{words}");
    };
    nothing_begun(&copies.run(ROOT_GENERATION, None), 3, None, "takes in an incoming bundle, and none was named");

    let with = |name: &str, text: &str| {
        let incoming = bundle(&copies.stage, name, &[("chloe.certificate.asc", text.as_bytes())]);
        copies.run(ROOT_GENERATION, Some(&incoming))
    };
    let refused = |name: &str, text: &str, words: &str| nothing_begun(&with(name, text), 1, Some("BACKUP-6"), words);
    let certificate = holder.home.export(holder.key);
    // Somebody else's, under the right name.
    let other = Holder::new("Mallory", "cv25519");
    refused("other", &other.home.export(other.key), &format!("no certificate {}", holder.key));
    refused("garbage", "this is no certificate", "not one armored PGP PUBLIC KEY BLOCK");
    refused("two", &format!("{certificate}{}", other.home.export(other.key)), "not one armored");
    // Its own owner revoked it.
    let revoked = Holder::new(CUSTODIANS[0], "cv25519");
    let fingerprint = revoked.key.to_string();
    let revocation =
        std::fs::read_to_string(revoked.home.path().join(format!("openpgp-revocs.d/{fingerprint}.rev"))).unwrap();
    revoked.home.gpg(&["--import"], revocation.replace(":-----BEGIN", "-----BEGIN").as_bytes());
    let edit = |key: Fingerprint| {
        let file = copies.scripts.join("organization.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let line = text.lines().find(|line| line.starts_with("share-certificate")).unwrap();
        std::fs::write(&file, text.replace(line, &format!("share-certificate = \"{key}\""))).unwrap();
    };
    edit(revoked.key);
    refused("revoked", &revoked.home.export(revoked.key), "the certificate is revoked");
    // It can only sign; it is too short.
    for (algorithm, name, words) in [
        ("", "sign", "has no key to encrypt to"),
        ("rsa2048", "short", "RSA 2048, where 3072 to 8192 bits are accepted"),
    ] {
        let unfit = Holder::new(CUSTODIANS[0], algorithm);
        edit(unfit.key);
        refused(name, &unfit.home.export(unfit.key), words);
    }
    // The organization itself: somebody without a share, a certificate of two people.
    let file = copies.scripts.join("organization.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text.lines().find(|line| line.starts_with("share-certificate")).unwrap().to_owned();
    for (name, words) in [("Bo Castellan", "this person is neither"), ("Jon Kaya", "is another person's too")] {
        let head = format!("name  = \"{name}\"\n");
        std::fs::write(&file, text.replace(&head, &format!("{head}{line}\n"))).unwrap();
        let ran = copies.run(ROOT_GENERATION, None);
        assert!(ran.err.contains(words) && ran.code != Some(0), "{}", ran.err);
    }
}
