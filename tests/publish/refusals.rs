//! What is not published.

use std::path::Path;

use keyrite::model::hash::Hash;

use crate::played::{Copied, NEWEST, OLDER};

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn an_older_bundle_is_not_published() {
    let copied = Copied::new();
    let ran = copied.publish(OLDER, "www", &[]);
    let error = ran.refused(1, Some("PUBLISH-1"));
    assert!(error.contains("it is the one of 0002-delegation, and 0003-delegation wrote a newer one"), "{error}");
    assert!(!copied.path("www").exists());
}

#[test]
fn a_bundle_that_the_register_does_not_know_is_not_published() {
    let copied = Copied::new();
    std::fs::remove_file(copied.path("register/transcripts/0003-delegation.jsonl")).unwrap();
    let ran = copied.publish(NEWEST, "www", &[]);
    let error = ran.refused(1, Some("PUBLISH-1"));
    assert!(error.contains("the records key signed it, and this register does not know it"), "{error}");
    // With the older register, the older bundle is the newest there is.
    copied.publish(OLDER, "www", &[]).done();
}

#[test]
fn a_bundle_with_another_signature_is_not_published() {
    let copied = Copied::new();
    let signature = copied.path(NEWEST).join("SHA256SUMS.asc");
    std::fs::copy(copied.path(OLDER).join("SHA256SUMS.asc"), &signature).unwrap();
    let ran = copied.publish(NEWEST, "www", &[]);
    let error = ran.refused(1, Some("PUBLISH-1"));
    assert!(error.contains("its SHA256SUMS.asc: the signature does not verify"), "{error}");
    // Somebody who changes the manifest too has the records key's signature on neither.
    let copied = Copied::new();
    let bundle = copied.path(NEWEST);
    let manifest = |bytes: &[u8]| Hash::of(bytes).to_string();
    let before = manifest(&std::fs::read(bundle.join("KEYS")).unwrap());
    edit(&bundle.join("KEYS"), |bytes| bytes.extend_from_slice(b"x"));
    let after = manifest(&std::fs::read(bundle.join("KEYS")).unwrap());
    edit(&bundle.join("SHA256SUMS"), |bytes| {
        *bytes = String::from_utf8(std::mem::take(bytes)).unwrap().replace(&before, &after).into_bytes();
    });
    let ran = copied.publish(NEWEST, "www", &[]);
    let error = ran.refused(1, Some("PUBLISH-1"));
    assert!(error.contains("no ceremony of this register wrote it, and the records key did not sign it"), "{error}");
}

#[test]
fn a_file_that_the_manifest_does_not_list_is_not_published() {
    let copied = Copied::new();
    std::fs::write(copied.path(NEWEST).join("more.txt"), b"x").unwrap();
    let ran = copied.publish(NEWEST, "www", &[]);
    assert!(ran.refused(3, Some("BUNDLE-1")).contains("more.txt is in the folder but not in SHA256SUMS"));
    let copied = Copied::new();
    edit(&copied.path(NEWEST).join("keys.txt"), |bytes| bytes.truncate(100));
    let ran = copied.publish(NEWEST, "www", &[]);
    assert!(ran.refused(3, Some("BUNDLE-1")).contains("keys.txt is not the file that SHA256SUMS names"));
}

#[test]
fn minutes_that_were_changed_are_not_published() {
    let copied = Copied::new();
    edit(&copied.path("register/minutes/0002-delegation.asc"), |bytes| bytes[100] ^= 1);
    copied.publish(NEWEST, "www", &[]).refused(1, Some("FILE-2"));
}

#[test]
fn nothing_is_published_over_something_or_into_the_register() {
    let copied = Copied::new();
    std::fs::create_dir(copied.path("www")).unwrap();
    copied.publish(NEWEST, "www", &[]).refused(1, Some("FILE-1"));
    copied.publish(NEWEST, "register/www", &[]).refused(3, None);
    copied
        .publish(NEWEST, "other", &["--base-url", "javascript:alert(1)"])
        .code
        .map(|code| assert_eq!(code, 2))
        .unwrap();
    assert!(!copied.path("register/www").exists() && !copied.path("other").exists());
}
