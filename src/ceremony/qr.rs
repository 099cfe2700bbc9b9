//! A root's fingerprint as a QR code on a screen of 80 by 24, so that witnesses take it home on their phones.

use qrcode::{Color, EcLevel, QrCode};

use super::dialogue::Dialogue;
use crate::model::fingerprint::Fingerprint;
use crate::model::name::RootName;

/// Light modules around the code (ISO/IEC 18004 has four on each side).
const QUIET: usize = 4;

/// Shows a root's fingerprint as a code.
pub fn show(dialogue: &mut dyn Dialogue, root: &RootName, fingerprint: Fingerprint) {
    if let Some(rows) = rows(&text(fingerprint)) {
        dialogue.picture(&format!("Root {root} for the witnesses' phones:"), &rows);
    }
}

/// What the code says: the form that OpenKeychain and its like take.
#[must_use]
pub fn text(fingerprint: Fingerprint) -> String {
    format!("OPENPGP4FPR:{fingerprint}")
}

/// The code in half blocks, two modules in each character: light ones are drawn, dark ones are left out, as on a dark screen.
/// Nothing for a text that no code holds.
#[must_use]
pub fn rows(text: &str) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let is_light = |row: usize, column: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < width);
        let (Some(row), Some(column)) = (inside(row), inside(column)) else { return true };
        colors.get(row * width + column) != Some(&Color::Dark)
    };
    let side = width + 2 * QUIET;
    let half = |row: usize, column: usize| match (is_light(row, column), is_light(row + 1, column)) {
        (true, true) => '\u{2588}',
        (true, false) => '\u{2580}',
        (false, true) => '\u{2584}',
        (false, false) => ' ',
    };
    Some((0..side).step_by(2).map(|row| (0..side).map(|column| half(row, column)).collect()).collect())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const FINGERPRINT: Fingerprint = Fingerprint([0xa5; 20]);

    #[test]
    fn fits_a_screen_with_its_words_and_a_question() {
        let rows = rows(&text(FINGERPRINT)).unwrap();
        assert!(rows.len() <= 19, "{} rows", rows.len());
        assert!(rows.iter().all(|row| row.chars().count() == 37));
    }

    /// The rows as a picture (PGM), each module eight dots wide.
    fn picture(rows: &[String]) -> Vec<u8> {
        const DOTS: usize = 8;
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for row in rows {
            for light in ['\u{2580}', '\u{2584}'] {
                let shade = |c: char| if c == '\u{2588}' || c == light { 255 } else { 0 };
                let line: Vec<u8> = row.chars().flat_map(|c| [shade(c); DOTS]).collect();
                lines.extend(std::iter::repeat_n(line, DOTS));
            }
        }
        let mut file = format!("P5\n{} {}\n255\n", lines[0].len(), lines.len()).into_bytes();
        file.extend(lines.concat());
        file
    }

    #[test]
    fn zbarimg_reads_what_is_on_the_screen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("screen.pgm");
        std::fs::write(&path, picture(&rows(&text(FINGERPRINT)).unwrap())).unwrap();
        let output = Command::new("zbarimg").args(["--raw", "-q"]).arg(&path).output().expect("zbarimg (zbar-tools)");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), text(FINGERPRINT));
    }
}
