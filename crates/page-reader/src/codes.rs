//! The codes on a page.

use std::collections::{BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rxing::common::HybridBinarizer;
use rxing::multi::MultipleBarcodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source};

use crate::picture::Picture;

/// The most codes that are told of; a page of ours has six.
pub(crate) const MOST: usize = 32;
/// The side of a tile. The largest code of ours is half as wide, with the light around it and askew.
const TILE: usize = 1600;
/// From one tile to the next: whatever is as wide as this lies in one of them whole.
const STEP: usize = TILE / 2;

/// The texts of all QR codes, each once. First tile by tile: where there are few codes, none hides another. Then the page as a
/// whole, for codes that are larger than a tile.
pub(crate) fn all(picture: &Picture) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for top in starts(picture.height) {
        for left in starts(picture.width) {
            let (width, height) = (TILE.min(picture.width), TILE.min(picture.height));
            texts.extend(among(&cut(picture, left, top, width, height)));
        }
    }
    if picture.width > TILE || picture.height > TILE {
        texts.extend(among(picture));
    }
    texts.into_iter().take(MOST).collect()
}

/// Where tiles begin on a side. The last one ends where the side does.
fn starts(side: usize) -> impl Iterator<Item = usize> {
    let last = side.saturating_sub(TILE);
    (0..last).step_by(STEP).chain([last])
}

fn cut(picture: &Picture, left: usize, top: usize, width: usize, height: usize) -> Picture {
    let rows = picture.dots.chunks_exact(picture.width).skip(top).take(height);
    Picture { width, height, dots: rows.flat_map(|row| &row[left..left + width]).copied().collect() }
}

/// A reader that panics on a tile has found nothing there.
fn among(picture: &Picture) -> Vec<String> {
    catch_unwind(AssertUnwindSafe(|| read(picture))).unwrap_or_default()
}

fn read(picture: &Picture) -> Vec<String> {
    let (Ok(width), Ok(height)) = (picture.width.try_into(), picture.height.try_into()) else { return Vec::new() };
    let Ok(source) = Luma8Source::new_with_slice(&picture.dots, width, height) else { return Vec::new() };
    let hints = DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        ..DecodeHints::default()
    };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let found = QrReader.decode_multiple_with_hints(&mut bitmap, &hints).unwrap_or_default();
    found.iter().map(|code| code.getText().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_half_a_tile_wide_lies_in_one_whole() {
        for side in [1, 750, 1600, 1601, 2480, 2550, 3508, 4200] {
            let tiles: Vec<usize> = starts(side).collect();
            assert!(tiles.iter().all(|start| start + TILE.min(side) <= side), "{side}: {tiles:?}");
            for left in 0..side.saturating_sub(STEP) {
                let within = |start: &usize| *start <= left && left + STEP <= start + TILE.min(side);
                assert!(tiles.iter().any(within), "{side}: {left} in {tiles:?}");
            }
        }
    }
}
