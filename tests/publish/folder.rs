//! The published folder: what is in it, who may read it, and that it is always the same.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use crate::gpg::Home;
use crate::played::{Copied, NEWEST, anna, files, played};

#[test]
fn a_published_folder_holds_the_bundle_and_what_follows_from_it() {
    let (copied, www) = Copied::published();
    let (bundle, published) = (files(&copied.path(NEWEST)), files(&www));
    for (name, bytes) in &bundle {
        assert_eq!(published.get(name), Some(bytes), "{name}");
    }
    let anna = anna();
    let hashes = ["iy9q119eutrkn8s1mk4r39qejnbu3n5q"];
    assert!(published.keys().all(|path| !hashes.iter().any(|hash| path.contains(hash))), "nobody here is Joe Doe");
    let (addresses, others): (BTreeSet<_>, BTreeSet<_>) =
        published.keys().map(String::as_str).partition(|path| path.contains("/hu/"));
    // Anna and the root, by both methods.
    assert_eq!(addresses.len(), 4, "{addresses:?}");
    let revocation = format!("revocations/{anna}-1.asc");
    let derived = [
        ".well-known/openpgpkey/example.org/policy",
        ".well-known/openpgpkey/policy",
        "example-organization-revoked",
        "example-organization-trusted",
        "example-organization.gpg",
        "index.html",
        "minutes/0001-root-generation.asc",
        "minutes/0002-delegation.asc",
        "minutes/0003-delegation.asc",
        &revocation,
        "revocations/index.txt",
    ];
    let expected: BTreeSet<&str> = bundle.keys().map(String::as_str).chain(derived).collect();
    assert_eq!(others, expected);
    for ceremony in ["0001-root-generation", "0002-delegation", "0003-delegation"] {
        let path = format!("minutes/{ceremony}.asc");
        assert_eq!(std::fs::read(copied.path("register").join(&path)).unwrap(), published[&path], "{path}");
    }
    // A web server is somebody else.
    let mode = |path: &str| www.join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("minutes"), mode("index.html")), (0o755, 0o755, 0o644));
}

#[test]
fn equal_input_gives_equal_bytes() {
    let copied = Copied::new();
    let url = ["--base-url", "https://example.org/keys/"];
    let told: Vec<String> =
        ["one", "two"].iter().map(|out| copied.publish(NEWEST, out, &url).done().out.clone()).collect();
    assert_eq!(told[0], told[1]);
    assert_eq!(files(&copied.path("one")), files(&copied.path("two")));
    assert!(told[0].contains("\nWeb Key Directory of example.org: direct and advanced method\n"), "{}", told[0]);
}

#[test]
fn each_revocation_is_a_file_that_gpg_imports() {
    let (_copied, www) = Copied::published();
    let anna = anna();
    let home = Home::new();
    home.gpg(&["--import"], played().before.as_bytes());
    assert!(!home.colons(&anna.to_string()).contains("\nsub:r:"));
    home.gpg(&["--import"], &std::fs::read(www.join(format!("revocations/{anna}-1.asc"))).unwrap());
    assert!(home.colons(&anna.to_string()).contains("\nsub:r:"));
    let index = std::fs::read_to_string(www.join("revocations/index.txt")).unwrap();
    assert!(index.starts_with("REHEARSAL, NOT FOR USE\n\nREVOCATIONS OF Example Organization, AS OF "), "{index}");
    assert!(index.contains("by the key's owner\n") && index.contains(": not used\n"), "{index}");
}

#[test]
fn pacmans_files_make_signers_fully_valid() {
    let (_copied, www) = Copied::published();
    let file = |name: &str| std::fs::read(www.join(format!("example-organization{name}"))).unwrap();
    assert_eq!(file("-revoked"), b"");
    // What pacman-key --populate does: import, sign locally each that is trusted, import the ownertrust.
    let validity = |trusted: &str| {
        let home = Home::new();
        home.new_key("pacman", "cert", &[]);
        home.gpg(&["--import"], &file(".gpg"));
        for line in trusted.lines() {
            home.gpg(&["--yes", "--quick-lsign-key", line.split(':').next().unwrap()], b"");
        }
        home.gpg(&["--import-ownertrust"], trusted.as_bytes());
        home.gpg(&["--check-trustdb"], b"");
        let listed = home.colons(&anna().to_string());
        listed.lines().find(|line| line.starts_with("pub:")).unwrap().split(':').nth(1).unwrap().to_owned()
    };
    let trusted = String::from_utf8(file("-trusted")).unwrap();
    assert_eq!(validity(&trusted), "f");
    // With one root, what pacman's own main keys have would not do.
    assert_eq!(validity(&trusted.replace(":5:", ":4:")), "m");
}
