//! QR codes as squares, dark and light (ISO/IEC 18004).

use std::fmt;

use qrcode::bits::Bits;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode, Version};

use super::PaperError;

/// The version of the codes of a long content, all alike: 117 squares on a side, which with the light around them are 62.5 mm
/// at half a millimetre each. Measured to survive a printer and a scanner (docs/formats.md).
pub const FULL: i16 = 25;
/// The level of correction: fifteen percent of a code may be lost.
const LEVEL: EcLevel = EcLevel::M;
/// The largest version there is.
const LARGEST: i16 = 40;

/// A code, without the light edge around it, which whoever draws it adds: four squares on each side. It says as much as its
/// text; of a secret, it is one. No squares in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    width: usize,
    dark: Vec<bool>,
}

impl Code {
    /// As it was computed.
    #[must_use]
    pub fn new(code: &QrCode) -> Self {
        Self { width: code.width(), dark: code.to_colors().into_iter().map(|color| color == Color::Dark).collect() }
    }

    /// The text of one of several frames, in a code as large as all of them are.
    ///
    /// # Errors
    /// [`PaperError::Code`] when it does not fit.
    pub fn full(text: &[u8]) -> Result<Self, PaperError> {
        Self::of_version(text, FULL).map_err(|_| PaperError::Code { length: text.len() })
    }

    /// A text that stands alone, in the smallest code that holds it: the fewer the squares, the larger they may be drawn.
    ///
    /// # Errors
    /// [`PaperError::Code`] when none holds it.
    pub fn smallest(text: &[u8]) -> Result<Self, PaperError> {
        let fits = (1..=LARGEST).find_map(|version| Self::of_version(text, version).ok());
        fits.ok_or(PaperError::Code { length: text.len() })
    }

    /// The capitals and digits at the beginning in alphanumeric mode, the rest (a frame's padding) as bytes. Not by the crate's
    /// own encoder, which takes `=` for alphanumeric and writes `0`.
    fn of_version(text: &[u8], version: i16) -> Result<Self, QrError> {
        let mut bits = Bits::new(Version::Normal(version));
        let plain = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let (letters, rest) = text.split_at(text.iter().take_while(|byte| plain(byte)).count());
        if !letters.is_empty() {
            bits.push_alphanumeric_data(letters)?;
        }
        if !rest.is_empty() {
            bits.push_byte_data(rest)?;
        }
        bits.push_terminator(LEVEL)?;
        Ok(Self::new(&QrCode::with_bits(bits, LEVEL)?))
    }

    /// Squares on a side.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether a square is dark.
    #[must_use]
    pub fn is_dark(&self, row: usize, column: usize) -> bool {
        column < self.width && self.dark.get(row * self.width + column).copied().unwrap_or(false)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code of {} squares on a side", self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_frame_has_the_full_size_padded_or_not() {
        let full = "A".repeat(1408);
        let padded = format!("{}=", "A".repeat(1407));
        let most = format!("{}======", "A".repeat(1402));
        for text in [&full, &padded, &most, &"A".repeat(20)] {
            assert_eq!(Code::full(text.as_bytes()).unwrap().width(), 117, "{}", text.len());
        }
        assert!(matches!(Code::full("A".repeat(1500).as_bytes()), Err(PaperError::Code { length: 1500 })));
    }

    #[test]
    fn a_short_text_has_a_small_code() {
        let share = format!("{}=", "A".repeat(63));
        let code = Code::smallest(share.as_bytes()).unwrap();
        assert_eq!(code.width(), 33);
        assert_eq!(format!("{code:?}"), "Code of 33 squares on a side");
        assert!(Code::smallest(&[b'a'; 3000]).is_err());
    }
}
