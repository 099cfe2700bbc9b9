//! Releases that are taken into the list of past releases, and those that are not. Signed by stock gpg.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use keyrite::format::past_releases;
use keyrite::model::event::Event;
use keyrite::model::evidence::Evidence;
use keyrite::model::hash::Hash;
use keyrite::model::timestamp::Timestamp;

use crate::engineer::{ANNA, Engineer, bundle, list, roster};
use crate::gpg::Home;
use crate::stage::{DELEGATION, Ran, Stage, copy, keyrite};

/// What the release holds.
const CONTENT: &[u8] = b"the first release";

/// A stage on which Anna is delegated, by ceremony 0002.
fn with_anna(anna: &Engineer) -> Stage {
    let stage = Stage::with_root();
    stage.run(DELEGATION, Some(&bundle(&stage, "first", &[("anna.request.asc", &anna.request(|_| {}))]))).done();
    stage
}

/// A folder with these files and their manifest, and nothing else.
fn carried(stage: &Stage, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = stage.folder().join(name);
    std::fs::create_dir(&folder).unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    list(&folder);
    folder
}

/// The manifest of a release with one file.
fn manifest(file: &str, content: &[u8]) -> Vec<u8> {
    format!("{}  {file}\n", Hash::of(content)).into_bytes()
}

fn signed_with(by: &Engineer, data: &[u8], more: &[&str]) -> Vec<u8> {
    let key = by.key.to_string();
    by.home.gpg(&[more, &["--local-user", &key, "--armor", "--detach-sign"]].concat(), data)
}

fn signed(by: &Engineer, data: &[u8]) -> Vec<u8> {
    signed_with(by, data, &[])
}

/// A bundle with the manifest of keyrite-1.2 and its signature alone.
fn with_release(stage: &Stage, name: &str, manifest: &[u8], signature: &[u8]) -> PathBuf {
    carried(stage, name, &[("keyrite-1.2.SHA256SUMS", manifest), ("keyrite-1.2.SHA256SUMS.asc", signature)])
}

fn outgoing(stage: &Stage, ceremony: &str) -> PathBuf {
    stage.path(&format!("bundles/outgoing-{ceremony}"))
}

/// Runs a delegation with this bundle, which is refused before anything is begun.
#[track_caller]
fn refused(stage: &Stage, bundle: &Path, code: i32, control: Option<&str>, words: &str) {
    let transcripts = stage.past().names.len();
    let ran = stage.run(DELEGATION, Some(bundle));
    assert!(ran.refused(code, control).contains(words), "{words}? {}", ran.err);
    assert_eq!(stage.past().names.len(), transcripts, "a ceremony was begun");
    assert!(!stage.path("register/releases").exists() || stage.past().history.releases.is_some());
    // Whoever looked before the day was told the same.
    let register = stage.path("register");
    let ran = bundles(&["check", bundle.to_str().unwrap(), "--register", register.to_str().unwrap()]);
    assert!(ran.refused(code, control).contains(words), "{words}? {}", ran.err);
}

/// `keyrite bundle`.
fn bundles(arguments: &[&str]) -> Ran {
    Ran::of(&Command::new(keyrite()).arg("bundle").args(arguments).output().unwrap())
}

fn run(program: &str, folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn a_release_comes_into_a_list_that_stock_tools_check_years_later() {
    let anna = Engineer::anna();
    let stage = with_anna(&anna);
    let manifest = manifest("keyrite-1.2.tar.gz", CONTENT);
    // A bundle with nothing but a release.
    let ran = stage.run(DELEGATION, Some(&with_release(&stage, "release", &manifest, &signed(&anna, &manifest))));
    let told = ran.done().out.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "Roster 1 is in force, and stays.",
        "No request came in: nothing is certified.",
        "PAST RELEASES TAKEN IN",
        "before there is no list after list 1: 1 release(s), 1 file(s)",
        "NEW RELEASE keyrite-1.2 signer anna",
        "I have read these releases and agree that they are listed.",
        "List 1 of past releases is signed:",
    ] {
        assert!(told.contains(words), "{words}? {told}");
    }
    stage.assert_well_ended();
    let check = Command::new(keyrite()).args(["register", "check", "--register"]).arg(stage.path("register")).output();
    Ran::of(&check.unwrap()).done();

    // Whoever took the bundle and the release from the web.
    let folder = stage.folder().join("taken");
    copy(&outgoing(&stage, "0003-delegation"), &folder);
    std::fs::write(folder.join("keyrite-1.2.tar.gz"), CONTENT).unwrap();
    std::fs::write(folder.join("keyrite-1.2.tar.gz.asc"), signed(&anna, CONTENT)).unwrap();
    let list = past_releases::read("l", &std::fs::read(folder.join(past_releases::NAME)).unwrap()).unwrap();
    assert_eq!((list.number, list.releases.len(), list.releases[0].signed_by), (1, 1, anna.key));
    // Two years later: the list by the records key, the file by the list, the signature by the archive.
    let later =
        |program: &str, arguments: &[&str]| run("faketime", &folder, &[&["-f", "+2y", program], arguments].concat());
    let (good, said) = later("gpgv", &["--keyring", "./records.gpg", "past-releases.txt.asc", "past-releases.txt"]);
    assert!(good, "{said}");
    let (good, said) = later("sha256sum", &["--check", "--ignore-missing", "--strict", "past-releases.txt"]);
    assert!(good && said.contains("keyrite-1.2.tar.gz: OK"), "{said}");
    let verify = ["--keyring", "./archive.gpg", "--status-fd", "1", "keyrite-1.2.tar.gz.asc", "keyrite-1.2.tar.gz"];
    let (_, said) = later("gpgv", &verify);
    assert!(said.contains(&format!("VALIDSIG {}", anna.key)), "{said}");
    std::fs::write(folder.join("keyrite-1.2.tar.gz"), b"another content").unwrap();
    assert!(!later("sha256sum", &["--check", "--ignore-missing", "past-releases.txt"]).0);

    // The same once more is said and left out; the list stays, and leaves with the next bundle too.
    let again = with_release(&stage, "again", &manifest, &signed(&anna, &manifest));
    let ran = stage.run(DELEGATION, Some(&again));
    assert!(ran.done().out.contains("Release keyrite-1.2 is in the list of past releases already."), "{}", ran.out);
    let lines = stage.past().last.unwrap().lines;
    assert!(lines.iter().any(|line| matches!(&line.entry, Event::Noted { evidence: Evidence::NoReleases })));
    let same = |name: &str| {
        let read = |ceremony| std::fs::read(outgoing(&stage, ceremony).join(name)).unwrap();
        assert_eq!(read("0003-delegation"), read("0004-delegation"), "{name}");
    };
    same(past_releases::NAME);
    same(past_releases::SIGNATURE);
    stage.assert_well_ended();

    // A name that the list has stands for that content for ever.
    let another = self::manifest("keyrite-1.2.tar.gz", b"another content");
    let other = carried(
        &stage,
        "other",
        &[("keyrite-1.3.SHA256SUMS", &another), ("keyrite-1.3.SHA256SUMS.asc", &signed(&anna, &another))],
    );
    refused(
        &stage,
        &other,
        1,
        Some("RELEASE-6"),
        "keyrite-1.2.tar.gz is listed with another hash, in release keyrite-1.2",
    );
    let more = [&manifest[..], &self::manifest("keyrite-1.2.zip", b"z")].concat();
    let more = with_release(&stage, "more", &more, &signed(&anna, &more));
    refused(&stage, &more, 1, Some("RELEASE-6"), "release keyrite-1.2 is listed already, with other files");

    // And the next one is added to what is there.
    let next = self::manifest("keyrite-1.3.tar.gz", b"the second");
    let next = carried(
        &stage,
        "next",
        &[("keyrite-1.3.SHA256SUMS", &next), ("keyrite-1.3.SHA256SUMS.asc", &signed(&anna, &next))],
    );
    stage.run(DELEGATION, Some(&next)).done();
    let folder = outgoing(&stage, "0005-delegation");
    let list = past_releases::read("l", &std::fs::read(folder.join(past_releases::NAME)).unwrap()).unwrap();
    assert_eq!((list.number, list.releases.len()), (2, 2));
    bundles_follow_each_other(&stage);
    // A list that somebody changed in the register is not carried on.
    let path = stage.path("register").join(stage.past().history.releases.unwrap().list.path);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("keyrite-1.3.tar.gz", "keyrite-1.4.tar.gz")).unwrap();
    let ran = stage.run(DELEGATION, Some(&again));
    assert!(ran.refused(1, Some("FILE-2")).contains("past-releases-0002-"), "{}", ran.err);
}

/// Which bundle is the newest, and what its files are.
fn bundles_follow_each_other(stage: &Stage) {
    let path = |ceremony: &str| outgoing(stage, ceremony).to_str().unwrap().to_owned();
    let (old, new) = (path("0003-delegation"), path("0005-delegation"));
    let register = stage.path("register").to_str().unwrap().to_owned();
    let ran = bundles(&["check", &new, "--register", &register, "--after", &old]);
    for words in [
        "outgoing bundle, ",
        "Example Organization, ceremony 0005-delegation, as of ",
        "1 delegation(s) in force, 0 over",
        "list 2 of past releases: 2 release(s)",
        "good: the register knows it: ceremony 0005-delegation, and none wrote a newer one",
        "good: it follows the older bundle, and has all its past releases",
    ] {
        assert!(ran.done().out.contains(words), "{words}? {}", ran.out);
    }
    let json: serde_json::Value = serde_json::from_str(&bundles(&["show", &new, "--json"]).done().out).unwrap();
    assert_eq!(
        (&json["version"], &json["kind"], &json["outgoing"]["list"]),
        (&1.into(), &"outgoing".into(), &2.into())
    );
    let ran = bundles(&["check", &old, "--after", &new]);
    assert!(ran.refused(1, Some("BUNDLE-2")).contains("it is of ceremony 0003-delegation"), "{}", ran.err);
    let ran = bundles(&["check", &old, "--register", &register]);
    assert!(ran.refused(1, Some("PUBLISH-1")).contains("0005-delegation wrote a newer one"), "{}", ran.err);
    // Another key's word on the same files, and another list under the same word.
    let changed = stage.folder().join("changed");
    copy(Path::new(&new), &changed);
    let stranger = Engineer::anna();
    let sums = std::fs::read(changed.join("SHA256SUMS")).unwrap();
    std::fs::write(changed.join("SHA256SUMS.asc"), signed(&stranger, &sums)).unwrap();
    bundles(&["check", changed.to_str().unwrap()]).refused(1, Some("BUNDLE-2"));
    let text = std::fs::read_to_string(changed.join(past_releases::NAME)).unwrap();
    std::fs::write(changed.join(past_releases::NAME), text.replace("keyrite-1.3", "keyrite-1.4")).unwrap();
    bundles(&["show", changed.to_str().unwrap()]).refused(3, Some("BUNDLE-1"));
    // What is to be carried in.
    let incoming = stage.folder().join("next").to_str().unwrap().to_owned();
    let show = bundles(&["show", &incoming]);
    assert!(show.done().out.contains("release keyrite-1.3, 1 file(s)"), "{}", show.out);
    bundles(&["check", &incoming]).refused(2, None);
    let check = bundles(&["check", &incoming, "--register", &register]);
    assert!(check.done().out.contains("good: release keyrite-1.3 is listed already"), "{}", check.out);
}

#[test]
fn what_is_not_signed_by_a_signer_in_force_is_not_taken_in() {
    // Her key is older than her delegation.
    let anna = Engineer::with("sign", &["--faked-system-time", "20260601T000000!"]);
    let stage = with_anna(&anna);
    let good = manifest("keyrite-1.2.tar.gz", CONTENT);
    let signature = signed(&anna, &good);
    let try_out = |name: &str, manifest: &[u8], signature: &[u8], control, words| {
        refused(&stage, &with_release(&stage, name, manifest, signature), 1, Some(control), words);
    };
    let stranger = Engineer::anna();
    try_out("stranger", &good, &signed(&stranger, &good), "RELEASE-3", "this root never delegated anything to that");
    let tampered = manifest("keyrite-1.2.tar.gz", b"tampered");
    try_out("tampered", &tampered, &signature, "RELEASE-3", "signature of the manifest: ");
    try_out("none", &good, b"no signature", "RELEASE-3", "signature of the manifest: ");
    let sha1 = signed_with(&anna, &good, &["--allow-weak-digest-algos", "--digest-algo", "SHA1"]);
    try_out("sha1", &good, &sha1, "RELEASE-3", "signature of the manifest: ");
    let before = signed_with(&anna, &good, &["--faked-system-time", "20260701T000000!"]);
    try_out(
        "before",
        &good,
        &before,
        "RELEASE-4",
        "anna signed it on 2026-07-01T00:00:00Z, and had no delegation in force",
    );
    let after = signed_with(&anna, &good, &["--faked-system-time", "20270501T000000!"]);
    try_out("after", &good, &after, "RELEASE-4", "after this ceremony was opened");
    let head = |organization: &str, scope: &str| {
        let date = Timestamp::try_from(SystemTime::now()).unwrap();
        let head =
            format!("# keyrite-release 1\n# release: keyrite-1.2\n# organization: {organization}\n# scope: {scope}\n");
        [format!("{head}# date: {date}\n").as_bytes(), &good].concat()
    };
    let docs = head("Example Organization", "docs");
    try_out("scope", &docs, &signed(&anna, &docs), "RELEASE-5", "its scope is \"docs\"");
    let other = head("Acme", "packages");
    try_out("other", &other, &signed(&anna, &other), "RELEASE-5", "its organization is \"Acme\"");

    let single = carried(&stage, "single", &[("keyrite-1.2.SHA256SUMS", &good)]);
    refused(&stage, &single, 1, Some("RELEASE-3"), "it has no keyrite-1.2.SHA256SUMS.asc beside it");
    let alone = carried(&stage, "alone", &[("keyrite-1.2.SHA256SUMS.asc", &signature)]);
    refused(&stage, &alone, 1, Some("RELEASE-3"), "it has no keyrite-1.2.SHA256SUMS beside it");
    for (name, file, words) in [
        ("path", "../keyrite.tar.gz", "line 1: a file of a release may not be called so: it is a path"),
        ("escape", "a\u{1b}[2Jb", "not plainly seen"),
    ] {
        let bad = manifest(file, CONTENT);
        refused(&stage, &with_release(&stage, name, &bad, &signed(&anna, &bad)), 3, None, words);
    }

    // A key that is in wrong hands can write any date.
    let revocation = anna.home.path().join(format!("openpgp-revocs.d/{}.rev", anna.key));
    let revocation = std::fs::read_to_string(revocation).unwrap().replace(":-----BEGIN", "-----BEGIN");
    let public = Home::new();
    public.gpg(&["--import"], anna.home.export(anna.key).as_bytes());
    public.gpg(&["--import"], revocation.as_bytes());
    let public = public.export(anna.key);
    let files: [(&str, &[u8]); 3] = [
        ("anna.certificate.asc", public.as_bytes()),
        ("keyrite-1.2.SHA256SUMS", &good),
        ("keyrite-1.2.SHA256SUMS.asc", &signature),
    ];
    refused(&stage, &carried(&stage, "revoked", &files), 1, Some("RELEASE-7"), "is revoked as compromised");

    // And then the good one, with the scope that it states.
    let good = head("Example Organization", "packages");
    stage.run(DELEGATION, Some(&with_release(&stage, "good", &good, &signed(&anna, &good)))).done();
    stage.assert_well_ended();
    assert_eq!(stage.past().history.releases.map(|list| list.number), Some(1));
}

#[test]
fn who_leaves_the_roster_is_in_no_current_ring_and_signs_no_release_any_more() {
    let anna = Engineer::anna();
    let stage = with_anna(&anna);
    let folder = outgoing(&stage, "0002-delegation");
    let signers = |folder: &Path| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(folder.join("signers.json")).unwrap()).unwrap()
    };
    let said = signers(&folder);
    assert_eq!((&said["version"], &said["ceremony"]), (&1.into(), &"0002-delegation".into()));
    assert_eq!((&said["signers"][0]["signer"], &said["signers"][0]["in-force"]), (&"anna".into(), &true.into()));
    assert_eq!(said["signers"][0]["fingerprint"], anna.key.to_string());
    assert!(!std::fs::read(folder.join("current.gpg")).unwrap().is_empty());

    let next = roster().replace("serial         = 1", "serial         = 2").replace("[signer.anna", "[signer.bo");
    let gone = carried(&stage, "gone", &[("roster.toml", next.as_bytes())]);
    let ran = stage.run(DELEGATION, Some(&gone));
    assert!(ran.done().out.contains("SIGNER anna LEAVES THE ROSTER"), "{}", ran.out);
    let folder = outgoing(&stage, "0003-delegation");
    assert_eq!(signers(&folder)["signers"][0]["in-force"], false);
    assert_eq!(std::fs::read(folder.join("current.gpg")).unwrap(), b"");
    for ring in ["archive.gpg", "keys.txt", "KEYS"] {
        let home = Home::new();
        home.gpg(&["--import"], &std::fs::read(folder.join(ring)).unwrap());
        assert!(home.colons(ANNA).contains(&anna.key.to_string()), "{ring}");
    }
    let manifest = manifest("keyrite-1.2.tar.gz", CONTENT);
    let late = with_release(&stage, "late", &manifest, &signed(&anna, &manifest));
    refused(&stage, &late, 1, Some("RELEASE-4"), "withdrawn on ");
    stage.assert_well_ended();
}

#[test]
fn a_signer_gets_an_answer_that_gpg_takes_in() {
    let anna = Engineer::anna();
    let stage = with_anna(&anna);
    let folder = outgoing(&stage, "0002-delegation");
    let text = std::fs::read_to_string(folder.join("answer-2026-11-anna.txt")).unwrap();
    let request = std::fs::read(stage.folder().join("first/anna.request.asc")).unwrap();
    let root = stage.past().history.roots[&"packages".parse().unwrap()].fingerprint;
    for words in [
        "REHEARSAL",
        "ceremony      0002-delegation",
        &format!("SHA-256 {}", Hash::of(&request)),
        &format!("as            {ANNA}"),
        &format!("with key      {}", anna.key),
        &format!("sq key approvals update --cert {} \\\n        --add-by {root}", anna.key),
    ] {
        assert!(text.contains(words), "{words}? {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    // The commands of its second part, as they stand there.
    let part = text.split_once("2. TAKE IT IN").unwrap().1.split_once("3. PASS").unwrap().0;
    let commands: Vec<&str> = part.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert_eq!(commands.len(), 2, "{part}");
    let mut said = String::new();
    for command in commands {
        let mut gpg = Command::new("sh");
        gpg.args(["-c", command]).current_dir(&folder).env("GNUPGHOME", anna.home.path()).env("LC_ALL", "C.UTF-8");
        let output = gpg.output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        said = String::from_utf8(output.stdout).unwrap();
    }
    let by_root = |line: &&str| line.starts_with("sig!") && line.contains(&root.to_string()[24..]);
    assert_eq!(said.lines().filter(by_root).count(), 1, "{said}");
    // A later bundle answers nothing twice.
    let next = roster().replace("serial         = 1", "serial         = 2");
    stage.run(DELEGATION, Some(&carried(&stage, "next", &[("roster.toml", next.as_bytes())]))).done();
    assert!(!outgoing(&stage, "0003-delegation").join("answer-2026-11-anna.txt").exists());
}
