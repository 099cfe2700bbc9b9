//! A page as grey dots.

use crate::error::Error;

/// The most dots of a page: Legal paper at 300 dpi, and some more. A larger picture is made smaller.
pub(crate) const PAGE: usize = 12_000_000;
/// The most dots of a picture: A4 at 600 dpi.
pub(crate) const LARGEST: usize = 36_000_000;
/// The most dots on a side.
pub(crate) const LONGEST: usize = 16_384;

/// Dots row by row, each from 0 (black) to 255 (white).
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) dots: Vec<u8>,
}

/// How many dots there are, when it may be a picture of a page.
pub(crate) fn count(width: usize, height: usize) -> Result<usize, Error> {
    let is_side = |side: usize| (1..=LONGEST).contains(&side);
    if is_side(width) && is_side(height) && width * height <= LARGEST {
        Ok(width * height)
    } else {
        Err(Error::Size { width, height })
    }
}

/// The grey of a colour (ITU-R BT.601).
pub(crate) fn grey(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    sum.to_be_bytes()[2]
}

impl Picture {
    /// No larger than a page: four dots become one as often as needed.
    pub(crate) fn at_page_size(mut self) -> Self {
        while self.dots.len() > PAGE {
            self = self.halved();
        }
        self
    }

    fn halved(self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut dots = Vec::with_capacity(width * height);
        for rows in self.dots.chunks_exact(2 * self.width).take(height) {
            let (upper, lower) = rows.split_at(self.width);
            let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            dots.extend(pairs.map(|(upper, lower)| {
                let sum: u16 = upper.iter().chain(lower).map(|dot| u16::from(*dot)).sum();
                (sum / 4).to_be_bytes()[1]
            }));
        }
        Self { width, height, dots }
    }

    /// The head of the picture as a PGM file (netpbm, P5); its dots follow.
    pub(crate) fn pgm_head(&self) -> String {
        format!("P5\n{} {}\n255\n", self.width, self.height)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn white_is_white_and_black_is_black() {
        assert_eq!([grey(255, 255, 255), grey(0, 0, 0), grey(255, 0, 0)], [255, 0, 76]);
    }

    #[test]
    fn a_picture_has_the_size_of_a_page() {
        assert_eq!(count(4960, 7016).unwrap(), 34_799_360);
        for (width, height) in [(0, 10), (10, 0), (16_385, 1), (6001, 6000), (usize::MAX, usize::MAX)] {
            assert!(matches!(count(width, height), Err(Error::Size { .. })), "{width} by {height}");
        }
    }

    #[test]
    fn a_large_one_is_halved() {
        let dots = (0..20).map(|dot| dot * 10).collect();
        let picture = Picture { width: 5, height: 4, dots }.halved();
        assert_eq!((picture.width, picture.height, picture.dots), (2, 2, vec![30, 50, 130, 150]));
    }
}
