//! Rust source as far as these tests need it: without comments and literals, and the rooms that its paths lead into.

/// `source` without comments and without what stands in string and character literals.
pub(crate) fn bare(source: &str) -> String {
    let (bytes, mut out, mut at) = (source.as_bytes(), Vec::new(), 0);
    while let Some(byte) = bytes.get(at).copied() {
        let rest = &bytes[at..];
        let length = if rest.starts_with(b"//") {
            rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            block_comment(rest)
        } else if byte == b'"' {
            string(rest)
        } else if byte == b'r' && !out.last().is_some_and(is_word) {
            raw_string(rest)
        } else if byte == b'\'' {
            character(rest)
        } else {
            0
        };
        if length == 0 {
            out.push(byte);
        } else {
            out.push(b' ');
        }
        at += length.max(1);
    }
    String::from_utf8(out).expect("literals and comments are cut out whole")
}

fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// Block comments nest.
fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `r"..."`, `r#"..."#`; 0 when it is only a word that begins with r.
fn raw_string(rest: &[u8]) -> usize {
    let marks = rest[1..].iter().take_while(|b| **b == b'#').count();
    if rest.get(1 + marks) != Some(&b'"') {
        return 0;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', marks)).collect();
    let from = 2 + marks;
    rest[from..].windows(end.len()).position(|w| w == end).map_or(rest.len(), |at| from + at + end.len())
}

/// A character literal; 0 for a lifetime.
fn character(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        return 3 + rest[3..].iter().position(|b| *b == b'\'').map_or(0, |at| at + 1);
    }
    let text = std::str::from_utf8(&rest[1..rest.len().min(6)])
        .unwrap_or_else(|error| std::str::from_utf8(&rest[1..=error.valid_up_to()]).unwrap_or_default());
    let width = text.chars().next().map_or(0, char::len_utf8);
    if rest.get(1 + width) == Some(&b'\'') { width + 2 } else { 0 }
}

/// Whether `word` stands in `bare` source as a word of its own.
pub(crate) fn has_word(bare: &str, word: &str) -> bool {
    bare.match_indices(word).any(|(at, _)| {
        let before = bare[..at].bytes().next_back();
        let after = bare[at + word.len()..].bytes().next();
        !before.is_some_and(|b| is_word(&b)) && !after.is_some_and(|b| is_word(&b))
    })
}

/// The first names of all paths in `bare` source that begin with `crate::`. Understands groups:
/// `use crate::{a, b::{c, d}}`.
pub(crate) fn rooms(bare: &str) -> Vec<String> {
    after(bare, "crate::")
}

/// The same for paths that climb `depth` modules: out of a file that lies so deep below the crate. A module inside the
/// file is deeper, so some of these names are not rooms.
pub(crate) fn climbs(bare: &str, depth: usize) -> Vec<String> {
    after(bare, &"super::".repeat(depth))
}

fn after(bare: &str, beginning: &str) -> Vec<String> {
    let text: String = bare.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ::", "::").replace(":: ", "::");
    let mut found = Vec::new();
    for (at, _) in text.match_indices(beginning) {
        let before = text[..at].bytes().next_back();
        // `other_crate::` is a word, `a::super::` the middle of a path.
        if !before.is_some_and(|b| is_word(&b) || b == b':') {
            found.extend(first_names(text[at + beginning.len()..].trim_start_matches("super::")));
        }
    }
    found
}

fn first_names(rest: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let (mut depth, mut names, mut fresh) = (0, Vec::new(), true);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            ' ' => {}
            _ if fresh => {
                names.push(name(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn comments_and_literals_are_left_out() {
    let source =
        "a // unsafe\n/* x /* y */ unsafe */ b \"unsafe \\\" \" r#\"un\"safe\"# 'c' '\\'' '\u{e9}' &'d str rate";
    let bare = bare(source);
    assert_eq!(bare.split_whitespace().collect::<Vec<_>>(), ["a", "b", "&'d", "str", "rate"]);
    assert!(!has_word("unsafe_code not_unsafe", "unsafe") && has_word("{unsafe{", "unsafe"));
}

#[test]
fn paths_lead_into_rooms() {
    let source =
        "use crate::{a, b::{c, d}, e::f};\nuse crate :: g::h; x(crate::i::J); my_crate::k; super::l; super::super::m";
    assert_eq!(rooms(source), ["a", "b", "e", "g", "i"]);
    assert_eq!(climbs(source, 2), ["m"]);
    assert_eq!(climbs("use super::{n, super::o};", 1), ["n", "super", "o"]);
}
