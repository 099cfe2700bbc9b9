//! What is in the pockets of a rehearsal, and whether it is found anywhere else.

use std::collections::BTreeSet;
use std::path::Path;

use keyrite::backup::frames::Frames;

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

/// Asserts that none of them stands in these bytes.
pub(crate) fn assert_none_in(bytes: &[u8], secrets: &BTreeSet<String>, place: &str) {
    let form = Searched::new(secrets).form_in(bytes);
    assert!(form.is_none(), "{place} holds a secret {}", form.unwrap_or_default());
}

/// Secrets in every form that is searched for.
pub(crate) struct Searched(Vec<(&'static str, Form)>);

enum Form {
    /// Six digits occur in a hash by chance, so they count only where they stand alone.
    Alone(String),
    /// In capitals or not, with spaces or without.
    Text(String),
    /// Each byte as a character: so the search is the standard library's.
    Bytes(String),
}

impl Searched {
    /// As text, or as the bytes that it is hex of; each of them as it is, in hex or in base32.
    pub(crate) fn new(secrets: &BTreeSet<String>) -> Self {
        let of = |secret: &String| {
            let is_short = secret.len() <= 6;
            let text = if is_short { Form::Alone(secret.clone()) } else { Form::Text(secret.to_uppercase()) };
            let mut forms = vec![
                ("as text", text),
                ("in hex", Form::Text(hex(secret.as_bytes()))),
                ("in base32", Form::Text(base32(secret.as_bytes()))),
            ];
            if let Some(bytes) = unhex(secret).filter(|_| !is_short) {
                forms.push(("as bytes in base32", Form::Text(base32(&bytes))));
                forms.push(("as bytes", Form::Bytes(characters(&bytes))));
            }
            forms
        };
        Self(secrets.iter().flat_map(of).collect())
    }

    /// In what form a secret stands in these bytes, if one does.
    pub(crate) fn form_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let (text, raw) = (String::from_utf8_lossy(bytes), characters(bytes));
        let squeezed: String = text.split_whitespace().collect::<String>().to_uppercase();
        let words: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let is_there = |form: &Form| match form {
            Form::Alone(word) => words.contains(word.as_str()),
            Form::Text(text) => squeezed.contains(text),
            Form::Bytes(bytes) => raw.contains(bytes),
        };
        self.0.iter().find_map(|(name, form)| is_there(form).then_some(*name))
    }
}

fn characters(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Every form in which a secret would be found.
pub(crate) fn forms(secret: &str) -> Vec<Vec<u8>> {
    let spaced: Vec<String> =
        secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    let mut forms = vec![secret.to_owned(), hex(secret.as_bytes()), base32(secret.as_bytes())];
    if secret.len() > 6 {
        forms.extend([secret.to_uppercase(), secret.to_lowercase(), spaced.join(" ")]);
    }
    let mut forms: Vec<Vec<u8>> = forms.into_iter().map(String::into_bytes).collect();
    if let Some(bytes) = unhex(secret).filter(|_| secret.len() > 6) {
        forms.extend([base32(&bytes).into_bytes(), bytes]);
    }
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Base32 as the codes on paper have it; the last character but where all of it is known.
fn base32(bytes: &[u8]) -> String {
    let frames = Frames::of(bytes).expect("a frame");
    let frame = frames.texts().first().expect("a frame").text().expect("text");
    // Behind the eight characters of the header.
    frame.chars().skip(8).take(bytes.len() * 8 / 5).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let text = Some(text).filter(|text| text.len().is_multiple_of(2))?;
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[test]
fn a_secret_would_be_found() {
    let secrets = BTreeSet::from(["123456", "0A1B2C3D4E5F60", "1upackagesa", "ABCD-EFGH"].map(str::to_owned));
    let found = |bytes: &[u8]| std::panic::catch_unwind(|| assert_none_in(bytes, &secrets, "here")).is_err();
    for text in ["a 123456\n", "313233343536", "0a1b 2c3d\n4e5f60", "x0A1B2C3D4E5F60"] {
        assert!(found(text.as_bytes()), "{text}");
    }
    assert!(found(&[0, 0xff, 0x0a, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f, 0x60, 0xff]));
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        assert!(found(&[b"{\"\x00", &*form, b" \xff\n"].concat()), "{}", String::from_utf8_lossy(&form));
    }
    // Base32 by coreutils.
    assert!(found(b"BINSYPKOL5QA====") && found(b"GF2XAYLDNNQWOZLTME======"));
    assert!(!found(b"0123456789 a123456 0a1b2c3d4e5f"));
}
