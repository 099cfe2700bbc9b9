//! QR codes as squares, dark and light (ISO/IEC 18004).

use qrcode::{Color, QrCode};

/// A code, without the light edge around it, which whoever draws it adds: four squares on each side.
#[derive(Debug, Clone, PartialEq, Eq)]
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
