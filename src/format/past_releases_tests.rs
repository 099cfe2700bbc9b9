use proptest::prelude::*;

use super::*;
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

const GOOD: &str = "# keyrite-past-releases 1\n# organization: Example Organization\n# number: 2\n\
    # as-of: 2026-11-23T10:00:00Z\n#\n# release: keyrite-1.2\n\
    # signed-by: ABABABABABABABABABABABABABABABABABABABAB\n# signed-on: 2026-11-20T10:00:00Z\n# scope: packages\n\
    # taken-in: 0003-delegation\n\
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  keyrite 1.2.tar.gz\n";

fn fault(text: &str) -> String {
    read("l", text.as_bytes()).expect_err(text).to_string()
}

#[test]
fn a_list_is_read_and_written() {
    let list = read("l", GOOD.as_bytes()).unwrap();
    assert_eq!(list.number, 2);
    assert_eq!(list.releases[0].signed_by, Fingerprint([0xab; 20]));
    assert_eq!(list.releases[0].files[&"keyrite 1.2.tar.gz".parse().unwrap()], Hash::of(b""));
    assert_eq!(write(&list), GOOD);
    let empty = &GOOD[..GOOD.find("#\n").unwrap()];
    assert!(read("l", empty.as_bytes()).unwrap().releases.is_empty());
}

#[test]
fn another_spelling_is_refused_with_its_line() {
    let hash = Hash::of(b"").to_string();
    for (from, to, words) in [
        ("releases 1", "releases 2", "l, line 1: \"# keyrite-past-releases 1\" belongs here"),
        ("# number: 2", "# number: 0", "l, line 3: the first number is 1"),
        ("# number: 2", "# number: +2", "l, line 3: not as keyrite writes it"),
        ("# number: 2", "# serial: 2", "l, line 3: \"# number: \" belongs here"),
        ("10:00:00Z\n#\n", "10:00:00+00:00\n#\n", "l, line 4: as-of: not a moment in UTC"),
        ("#\n# rel", "# rel", "l, line 5: \"#\" belongs here"),
        ("keyrite-1.2\n", "-1.2\n", "l, line 6: release: not a release's name"),
        ("keyrite-1.2\n", "a b\n", "l, line 6: release: not a release's name"),
        ("ABABAB", "ababab", "l, line 7: not as keyrite writes it"),
        ("packages\n", "pack\u{1b}[2J\n", "l, line 9: scope is \"pack\\u{1b}[2J\""),
        ("packages\n", " packages\n", "l, line 9: scope is \" packages\""),
        ("0003-", "../3-", "l, line 10: taken-in: not a name"),
        ("  keyrite", " keyrite", "l, line 11: not a hash, two spaces and a name"),
        ("  keyrite", "  ../keyrite", "l, line 11: a file of a release may not be called so: it is a path (../keyrite"),
        ("e3b0", "e3B0", "l, line 11: not as keyrite writes it"),
        ("e3b0", "e3b", "l, line 11: not a SHA-256"),
        ("gz\n", "gz", "l, line 11: the last line is not ended"),
        ("gz\n", "gz\r\n", "l, line 11: a file of a release may not be called so"),
        ("gz\n", "gz\n\n", "l, line 12: not a hash, two spaces and a name"),
        ("gz\n", "gz\n# by: me\n", "l, line 12: \"#\" belongs here"),
        (&hash, "#", "l, line 11: a release without a file"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let said = fault(&GOOD.replacen(from, to, 1));
        assert!(said.contains(words), "{words}? {said}");
        assert!(!said.contains('\u{1b}'));
    }
    assert!(fault("").contains("ends too early"));
    assert!(read("l", b"# keyrite\n\xff\n").unwrap_err().to_string().contains("line 2: not UTF-8"));
    assert!(read("l", &vec![b'#'; LARGEST + 1]).is_err());
}

#[test]
fn a_name_stands_for_one_content() {
    let release = &GOOD[GOOD.find("#\n").unwrap()..];
    assert!(fault(&format!("{GOOD}{release}")).contains("line 12: release keyrite-1.2 stands in the list twice"));
    let other = release.replace("keyrite-1.2\n", "keyrite-1.3\n");
    assert!(read("l", format!("{GOOD}{other}").as_bytes()).is_ok());
    let changed = other.replace("e3b0", "e3b1");
    assert!(fault(&format!("{GOOD}{changed}")).contains("keyrite 1.2.tar.gz stands in the list with another hash"));
}

fn any_release() -> impl Strategy<Value = PastRelease> {
    let file = "[A-Za-z0-9_+#*][A-Za-z0-9 _+-]{0,20}[a-z]";
    let files = proptest::collection::btree_map(
        file.prop_map(|name| name.parse().unwrap()),
        any::<[u8; 32]>().prop_map(Hash),
        1..5,
    );
    ("[a-z][a-z0-9._+-]{0,20}", any::<[u8; 20]>(), any::<u32>(), "[a-z]{1,9}( [a-z]{1,9})?", files).prop_map(
        |(release, signed_by, signed_on, scope, files)| PastRelease {
            release: release.parse().unwrap(),
            signed_by: Fingerprint(signed_by),
            signed_on: Timestamp(signed_on),
            scope,
            taken_in: "0002-delegation".parse().unwrap(),
            files,
        },
    )
}

fn any_list() -> impl Strategy<Value = PastReleases> {
    let releases = proptest::collection::vec(any_release(), 0..6);
    ("[A-Z][a-z]{1,20}", 1_u32.., any::<u32>(), releases).prop_map(|(organization, number, as_of, releases)| {
        let empty = PastReleases { organization, number, as_of: Timestamp(as_of), releases: Vec::new() };
        releases.into_iter().fold(empty, |mut list, release| {
            if list.clash(&release.release, &release.files).is_none() && list.release(&release.release).is_none() {
                list.releases.push(release);
            }
            list
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(list in any_list()) {
        prop_assert_eq!(read("l", write(&list).as_bytes()).unwrap(), list);
    }

    #[test]
    fn nothing_makes_it_panic_and_what_is_read_has_one_spelling(
        bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0..GOOD.len(), with in any::<u8>()
    ) {
        let _ = read("l", &bytes);
        let mut changed = GOOD.as_bytes().to_vec();
        changed[at] = with;
        if let Ok(list) = read("l", &changed) {
            prop_assert_eq!(write(&list).into_bytes(), changed);
        }
    }
}
