//! Text in lines of a width.

use crate::paper::PaperError;
use crate::paper::font::{Face, Fonts};

/// A paragraph in lines that are at most `width` points wide: broken at spaces, and a word that is wider than a line where the
/// line ends. An empty text is one empty line.
pub(super) fn wrap(fonts: &Fonts, face: Face, size: f32, width: f32, text: &str) -> Result<Vec<String>, PaperError> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0.0);
    let space = fonts.width(face, size, " ")?;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = fonts.width(face, size, word)?;
        if !line.is_empty() {
            if used + space + wide <= width {
                line.push(' ');
                line.push_str(word);
                used += space + wide;
                continue;
            }
            lines.push(std::mem::take(&mut line));
        }
        let mut parts = broken(fonts, face, size, width, word)?;
        line = parts.pop().unwrap_or_default();
        used = fonts.width(face, size, &line)?;
        lines.append(&mut parts);
    }
    lines.push(line);
    Ok(lines)
}

/// A word in parts that fit, each with at least one character.
fn broken(fonts: &Fonts, face: Face, size: f32, width: f32, word: &str) -> Result<Vec<String>, PaperError> {
    let (mut parts, mut part, mut used) = (Vec::new(), String::new(), 0.0);
    for (character, drawn) in word.chars().zip(fonts.drawn(face, word)?) {
        let wide = drawn.advance * size;
        if used + wide > width && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            used = 0.0;
        }
        part.push(character);
        used += wide;
    }
    parts.push(part);
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_word_is_lost(text in "[a-zé ./-]{0,300}", width in 20.0f32..300.0) {
            let fonts = Fonts::open().unwrap();
            let lines = wrap(&fonts, Face::Regular, 11.0, width, &text).unwrap();
            for line in &lines {
                prop_assert!(fonts.width(Face::Regular, 11.0, line).unwrap() <= width + 0.01, "{line}");
            }
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }
    }

    #[test]
    fn lines_break_at_spaces() {
        let fonts = Fonts::open().unwrap();
        let lines = wrap(&fonts, Face::Fixed, 10.0, 60.0, "one two three  elevencharacters").unwrap();
        assert_eq!(lines, ["one two", "three", "elevenchar", "acters"]);
    }
}
