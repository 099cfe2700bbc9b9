//! Secrets stay in pockets and on cards.

use std::collections::BTreeSet;

use crate::engineer::good_bundle;
use crate::stage::{DELEGATION, ROOT_GENERATION, Stage};

#[test]
fn no_half_and_no_share_is_in_any_other_file_or_on_the_screen() {
    let stage = Stage::empty();
    let mut said = stage.run(ROOT_GENERATION, None).done().out.clone();
    said.push_str(&stage.run(DELEGATION, Some(&good_bundle(&stage))).done().out);

    let (mut secrets, mut public) = (BTreeSet::new(), vec![("the screen".to_owned(), said)]);
    for (path, bytes) in stage.files() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if path.starts_with(stage.path("pockets")) {
            secrets.extend(secrets_of(&text));
        } else if !path.starts_with(stage.path("cards")) {
            public.push((path.display().to_string(), text));
        }
    }
    // Three codes of three cards in two halves; five and three sheets of some lines, and their passphrase's shares whole.
    assert!(secrets.len() >= 18 + 8 * 4, "{}", secrets.len());
    for (place, text) in &public {
        let squeezed: String = text.split_whitespace().collect::<String>().to_uppercase();
        for secret in &secrets {
            assert!(!holds(text, &squeezed, secret), "{place} holds a secret");
        }
    }
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

/// Whether a secret stands there. Six digits occur in a hash by chance, so they count only where they stand alone.
fn holds(text: &str, squeezed: &str, secret: &str) -> bool {
    if secret.len() > 6 {
        return squeezed.contains(secret);
    }
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == secret)
}
