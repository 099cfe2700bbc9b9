//! Words that people read aloud, on lines that fit a screen and a page.

use crate::model::shown::Shown;

/// The widest line.
const COLUMNS: usize = 74;
/// Where values stand beside their names.
pub(super) const INDENT: usize = 14;

/// Lines of at most 74 columns. Text from outside is escaped.
#[derive(Default)]
pub(in crate::trust) struct Page(String);

impl Page {
    /// The text.
    pub(in crate::trust) fn into_text(self) -> String {
        self.0
    }

    /// A line as it is: plain, and short enough.
    pub(in crate::trust) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// A name and what stands beside it.
    pub(in crate::trust) fn entry(&mut self, name: &str, value: &str) {
        let first = format!("{name:<INDENT$}");
        self.wrapped(&first, &" ".repeat(INDENT), Shown::new(value).as_str());
    }

    /// Breaks at spaces, and words that are too long where the line ends.
    pub(in crate::trust) fn wrapped(&mut self, first: &str, next: &str, text: &str) {
        let mut line = first.to_owned();
        let mut empty = true;
        for word in text.split(' ') {
            let mut word: Vec<char> = word.chars().collect();
            let space = usize::from(!empty);
            if !empty && line.chars().count() + space + word.len() > COLUMNS {
                self.line(line.trim_end());
                line = next.to_owned();
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            while line.chars().count() + word.len() > COLUMNS {
                let room = COLUMNS - line.chars().count();
                line.extend(word.drain(..room));
                self.line(&line);
                line = next.to_owned();
            }
            line.extend(word);
            empty = false;
        }
        self.line(line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_paper_and_nothing_is_lost() {
        let mut page = Page::default();
        let long = format!("{} {} tail", "x".repeat(200), "word ".repeat(40));
        page.entry("note", &long);
        assert!(page.0.lines().all(|line| line.chars().count() <= COLUMNS));
        let squeezed: String = page.0.chars().filter(|c| !c.is_whitespace()).collect();
        assert_eq!(squeezed, format!("note{}", long.replace(' ', "")));
    }
}
