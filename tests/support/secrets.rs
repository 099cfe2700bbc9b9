//! What is in the pockets of a rehearsal, and whether it is found anywhere else.

use std::collections::BTreeSet;
use std::path::Path;

/// The secret parts of all that lies in pockets: halves, and lines of shares.
pub(crate) fn in_pockets<'a>(files: impl IntoIterator<Item = (&'a Path, &'a [u8])>) -> BTreeSet<String> {
    let is_in_pockets = |path: &Path| path.components().any(|part| part.as_os_str() == "pockets");
    let pockets = files.into_iter().filter(|(path, _)| is_in_pockets(path));
    let secrets: BTreeSet<String> =
        pockets.flat_map(|(_, bytes)| secrets_of(&String::from_utf8_lossy(bytes))).collect();
    // Three codes of three cards in two halves; five and three sheets of some lines, and their passphrase's shares whole.
    assert!(secrets.len() >= 18 + 8 * 4, "{}", secrets.len());
    secrets
}

/// The digits of a half; the bytes of each line of a share.
fn secrets_of(text: &str) -> Vec<String> {
    if !text.contains("KEYRITE SHARE SHEET") {
        return vec![text.trim_end().lines().last().unwrap().to_owned()];
    }
    let lines = text.lines().filter_map(|line| line.strip_prefix("   ")?.split_once(": "));
    let lines = lines.filter_map(|(number, rest)| number.parse::<u8>().ok().and(rest.split_once(" / ")));
    // The last line of a share can be as short as one byte, which stands everywhere.
    lines.map(|(bytes, _)| bytes.replace(' ', "")).filter(|bytes| bytes.len() >= 12).collect()
}

/// Asserts that none of them stands in these bytes: as text, as bytes, or as hex of its text.
pub(crate) fn assert_none_in(bytes: &[u8], secrets: &BTreeSet<String>, place: &str) {
    let text = String::from_utf8_lossy(bytes);
    let squeezed: String = text.split_whitespace().collect::<String>().to_uppercase();
    for secret in secrets {
        assert!(!holds(&text, &squeezed, secret), "{place} holds a secret");
        let raw = unhex(secret).filter(|_| secret.len() > 6);
        assert!(
            raw.is_none_or(|raw| !bytes.windows(raw.len()).any(|part| part == raw)),
            "{place} holds a secret's bytes"
        );
    }
}

/// Six digits occur in a hash by chance, so they count only where they stand alone.
fn holds(text: &str, squeezed: &str, secret: &str) -> bool {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
    if squeezed.contains(&hex) {
        return true;
    }
    if secret.len() > 6 {
        return squeezed.contains(secret);
    }
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == secret)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[test]
fn a_secret_would_be_found() {
    let secrets = BTreeSet::from(["123456".to_owned(), "0A1B2C3D4E5F60".to_owned()]);
    let found = |bytes: &[u8]| std::panic::catch_unwind(|| assert_none_in(bytes, &secrets, "here")).is_err();
    for text in ["a 123456\n", "313233343536", "0a1b 2c3d\n4e5f60", "x0A1B2C3D4E5F60"] {
        assert!(found(text.as_bytes()), "{text}");
    }
    assert!(found(&[0, 0xff, 0x0a, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f, 0x60, 0xff]));
    assert!(!found(b"0123456789 a123456 0a1b2c3d4e5f"));
}
