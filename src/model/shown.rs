//! Text that may reach a screen or a page.

use std::fmt;

/// Text from outside in which nothing can move the cursor, hide or reorder: control, bidi, zero-width and private
/// characters are written as `\u{202e}`. The only type in which foreign text reaches screen or paper.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown(String);

impl Shown {
    /// Escapes `text`, newlines included.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for character in text.chars() {
            if is_plain(character) {
                out.push(character);
            } else {
                out.push_str(&code_point(character));
            }
        }
        Self(out)
    }

    /// Escapes everything beyond ASCII too: for text that was compared with other text and differs, perhaps by letters that look the
    /// same.
    #[must_use]
    pub fn spelled(text: &str) -> Self {
        let escaped = |c: char| if c.is_ascii() { Self::new(c.encode_utf8(&mut [0; 4])).0 } else { code_point(c) };
        Self(text.chars().map(escaped).collect())
    }

    /// Escapes bytes that should be UTF-8; what is not becomes U+FFFD.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(&String::from_utf8_lossy(bytes))
    }

    /// The escaped text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn code_point(character: char) -> String {
    format!("\\u{{{:x}}}", u32::from(character))
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether `character` takes a place of its own on the line and changes nothing around it.
#[must_use]
pub fn is_plain(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    !character.is_control()
        && !matches!(u32::from(character),
            0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff
            | 0xfff0..=0xfffb | 0xe000..=0xf8ff | 0xe0000..=0xe0fff | 0xf0000..=0x0010_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_hides_or_reorders_gets_through() {
        let shown = Shown::new("Ann\u{1b}[2J\u{7}\u{202e}gro\u{200b}é\n");
        assert_eq!(shown.as_str(), "Ann\\u{1b}[2J\\u{7}\\u{202e}gro\\u{200b}é\\u{a}");
    }
}
