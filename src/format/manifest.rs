//! `SHA256SUMS`: what `sha256sum` writes and checks.

use std::collections::BTreeMap;

use super::FormatError;
use crate::model::hash::Hash;
use crate::model::shown::Shown;

/// The manifest's own name in a bundle.
pub const NAME: &str = "SHA256SUMS";

/// The name of the records key's signature on it, in an outgoing bundle.
pub const SIGNATURE: &str = "SHA256SUMS.asc";

/// The manifest of files by name.
#[must_use]
pub fn write<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    files.map(|(name, bytes)| format!("{}  {name}\n", Hash::of(bytes))).collect()
}

/// Reads a manifest: one line a file, two spaces (or a space and an asterisk) between hash and name.
///
/// # Errors
/// The first line of another form, with a name that may not stand in a bundle, or with a name that stands there already.
pub fn read(file: &str, bytes: &[u8]) -> Result<BTreeMap<String, Hash>, FormatError> {
    let mut listed = BTreeMap::new();
    for (at, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        let fault = |what: String| FormatError::Manifest { file: Shown::new(file).to_string(), line: at + 1, what };
        let text = std::str::from_utf8(line).map_err(|_| fault("not UTF-8".to_owned()))?.trim_end_matches('\n');
        let split = text.split_once("  ").or_else(|| text.split_once(" *"));
        let (hash, name) = split.ok_or_else(|| fault("not a hash, two spaces and a name".to_owned()))?;
        let hash: Hash = hash.parse().map_err(|error| fault(format!("{error}")))?;
        if !is_bundle_name(name) {
            return Err(fault(format!("a bundle may not hold a file called {}", Shown::new(name))));
        }
        if listed.insert(name.to_owned(), hash).is_some() {
            return Err(fault(format!("{name} stands here twice")));
        }
    }
    Ok(listed)
}

/// Whether a file in a bundle may be called so: letters, digits, `.`, `-`, `_`, `+`; no path, nothing hidden.
#[must_use]
pub fn is_bundle_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    (1..=100).contains(&name.len()) && !name.starts_with(['.', '-']) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let text = write([("a.txt", &b"a"[..]), ("KEYS", b"b")].into_iter());
        let listed = read("m", text.as_bytes()).unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed["a.txt"], Hash::of(b"a"));
    }

    #[test]
    fn refuses_paths_doubles_and_other_forms() {
        let hash = Hash::of(b"");
        for name in ["../a", "/etc/passwd", "a/b", ".hidden", "-rf", "a b", "a\u{1b}"] {
            assert!(read("m", format!("{hash}  {name}\n").as_bytes()).is_err(), "{name}");
        }
        assert!(read("m", format!("{hash}  a\n{hash}  a\n").as_bytes()).is_err());
        assert!(read("m", b"not a manifest\n").is_err());
        assert!(read("m", format!("{hash} a\n").as_bytes()).is_err());
    }
}
