//! The Web Key Directory, against gpg's own idea of it.

use std::process::Command;

use crate::gpg::Home;
use crate::played::{Copied, NEWEST, anna, files};

/// What gpg calls the file of an address.
fn hash(address: &str) -> String {
    let run = Command::new("/usr/lib/gnupg/gpg-wks-client").args(["--print-wkd-hash", address]).output();
    let said = String::from_utf8(run.expect("gpg-wks-client is installed").stdout).unwrap();
    said.split_whitespace().next().expect("a hash").to_owned()
}

#[test]
fn gpg_finds_signers_and_the_root_where_it_looks_for_them() {
    let (copied, www) = Copied::published();
    for (address, fingerprint) in [("Anna@Example.org", anna()), ("keys@example.org", copied.root())] {
        for folder in ["", "example.org/"] {
            let file = www.join(format!(".well-known/openpgpkey/{folder}hu/{}", hash(address)));
            let home = Home::new();
            home.gpg(&["--import"], &std::fs::read(&file).expect("a file"));
            let listed = home.colons(&fingerprint.to_string());
            assert_eq!(listed.matches("\nuid:").count(), 1, "{listed}");
            assert_eq!(listed.matches("pub:").count(), 1, "{listed}");
        }
    }
    // The records key vouches for no release, and is looked up nowhere.
    let records = hash("records@example.org");
    assert!(files(&www).keys().all(|path| !path.contains(&records)));
}

#[test]
fn the_direct_method_serves_the_domain_of_its_place_only() {
    let copied = Copied::new();
    let told = copied.publish(NEWEST, "www", &["--base-url", "https://keys.example.net/"]).done().out.clone();
    assert!(told.contains("\nWeb Key Directory of example.org: advanced method\n"), "{told}");
    let paths: Vec<String> = files(&copied.path("www")).into_keys().filter(|path| path.contains("/hu/")).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with(".well-known/openpgpkey/example.org/hu/")), "{paths:?}");
}
