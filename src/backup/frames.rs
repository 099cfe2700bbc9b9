//! Frames: bytes as the texts of QR codes, so that stock tools give them back, and back again.
//!
//! A frame is a header of eight characters and base32 (RFC 4648 6, upper case): four hex digits that tie the frames of one
//! content together, two digits that number this one from 01, two that say how many there are. Frames in their order, without
//! headers, are the base32 of the content, so `sort`, `cut -c9-` and `base32 -d` restore it.

use keyrite_locked::{LockError, Locked};

use super::BackupError;
use super::error::FrameFault;
use super::share::{MOST as MOST_SHARES, Share};
use super::sheet::line_check;
use super::statement::SetId;
use crate::model::hash::Hash;
use crate::model::shown::Shown;

/// Bytes in each frame but the last: 1400 characters of base32, which fit QR version 25 at level M with their header, and with
/// the padding that a shorter frame has.
pub const BYTES: usize = 875;
/// The most frames of one content: two pages of paper.
pub const MOST: usize = 12;
/// Characters of the header.
const HEADER: usize = 8;
/// What a frame of a share is numbered: it is always alone.
const ALONE: (u8, u8) = (1, 1);
/// Base32 (RFC 4648 6).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// A line of a share has fewer characters than the shortest frame that a scanner types.
const SHORTEST: usize = 32;

/// What ties the frames of one content together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag([u8; 2]);

impl Tag {
    /// Of a content that its SHA-256 names: its first four digits.
    fn of(content: &[u8]) -> Self {
        let Hash([first, second, ..]) = Hash::of(content);
        Self([first, second])
    }

    /// Of a share: the checksum of its line 0, which is the whole of it. It binds set and number, as those of the lines do.
    fn of_share(set: SetId, number: u8, bytes: &[u8]) -> Self {
        Self(line_check(set, number, 0, bytes))
    }
}

/// The frames of one content, in their order. A share's are as secret as the share.
pub struct Frames(Vec<Locked>);

impl Frames {
    /// Frames of something that its SHA-256 names: a sealed message.
    ///
    /// # Errors
    /// [`BackupError::TooMuchForPaper`], or without locked memory.
    pub fn of(content: &[u8]) -> Result<Self, BackupError> {
        Self::tagged(Tag::of(content), content)
    }

    /// The one frame of a share: its bytes, and a header that binds set and number.
    ///
    /// # Errors
    /// As [`Frames::of`].
    pub fn of_share(set: SetId, share: &Share) -> Result<Self, BackupError> {
        let frames = Self::tagged(Tag::of_share(set, share.number(), share.bytes()), share.bytes())?;
        if frames.0.len() == 1 { Ok(frames) } else { Err(BackupError::TooMuchForPaper(share.bytes().len())) }
    }

    fn tagged(tag: Tag, content: &[u8]) -> Result<Self, BackupError> {
        let count = content.len().div_ceil(BYTES);
        if !(1..=MOST).contains(&count) {
            return Err(BackupError::TooMuchForPaper(content.len()));
        }
        let Tag([first, second]) = tag;
        let frame = |(index, bytes)| {
            let header = format!("{first:02X}{second:02X}{index:02}{count:02}");
            encode(header.as_bytes(), bytes)
        };
        Ok(Self((1..).zip(content.chunks(BYTES)).map(frame).collect::<Result<_, LockError>>()?))
    }

    /// The text of each code.
    #[must_use]
    pub fn texts(&self) -> &[Locked] {
        &self.0
    }
}

/// A frame as a reader gave it: its form is right, and nothing is known of its content.
pub struct UntrustedFrame {
    tag: Tag,
    index: u8,
    count: u8,
    bytes: Locked,
}

impl UntrustedFrame {
    /// Reads the text of a code.
    ///
    /// # Errors
    /// [`BackupError::Frame`].
    pub fn parse(text: &[u8]) -> Result<Self, BackupError> {
        let wrong = |fault| BackupError::Frame { code: name(text), fault };
        let (header, base32) = text.split_first_chunk::<HEADER>().ok_or(wrong(FrameFault::NoFrame))?;
        let (tag, index, count) = numbers(header).ok_or(wrong(FrameFault::NoFrame))?;
        if index == 0 || index > count || usize::from(count) > MOST {
            return Err(wrong(FrameFault::NoFrame));
        }
        let bytes = decode(base32)?.ok_or(wrong(FrameFault::Base32))?;
        // Each is full but the last, which is not empty.
        let is_whole = if index < count { bytes.len() == BYTES } else { (1..=BYTES).contains(&bytes.len()) };
        if is_whole { Ok(Self { tag, index, count, bytes }) } else { Err(wrong(FrameFault::Base32)) }
    }

    /// Whether a typed line can be a frame at all: a scanner that acts as a keyboard types one where a line of a share is asked.
    #[must_use]
    pub fn is_like(typed: &[u8]) -> bool {
        let typed = typed.trim_ascii();
        typed.len() >= SHORTEST && typed.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'=')
    }

    /// Reads what such a scanner typed. Capitals depend on the keyboard's lock; padding on its layout, and says nothing.
    ///
    /// # Errors
    /// [`BackupError::Frame`].
    pub fn typed(typed: &[u8]) -> Result<Self, BackupError> {
        let typed = typed.trim_ascii();
        let end = typed.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
        let padded = HEADER + end.saturating_sub(HEADER).next_multiple_of(8);
        let mut text = Locked::zeroed(padded)?;
        text.fill(b'=');
        text[..end].copy_from_slice(&typed[..end]);
        text.make_ascii_uppercase();
        Self::parse(&text)
    }

    /// The share `number` of set `set`, when this is its frame. That it is the one that was handed out, the set's statement
    /// says.
    ///
    /// # Errors
    /// [`BackupError::Frame`] with another share's number, where the set has one that fits.
    pub fn into_share(self, set: SetId, number: u8) -> Result<Share, BackupError> {
        let is = |number| self.tag == Tag::of_share(set, number, &self.bytes);
        if (self.index, self.count) == ALONE && is(number) {
            return Share::new(number, self.bytes);
        }
        let other = (1..=MOST_SHARES).find(|other| is(*other));
        let fault = other.map_or(FrameFault::OtherSet { number }, |is| FrameFault::OtherShare { is, number });
        Err(BackupError::Frame { code: self.name(), fault })
    }

    fn name(&self) -> Shown {
        let Tag([first, second]) = self.tag;
        Shown::new(&format!("{first:02X}{second:02X}{:02}{:02}", self.index, self.count))
    }
}

/// Joins the frames of one content, as a reader gave them: in any order, one more than once or not.
///
/// What comes back is what the frames' header speaks of by four digits of its SHA-256. The caller compares the whole of that.
///
/// # Errors
/// [`BackupError::Frame`] for a frame of something else, or one that is there twice with different bytes;
/// [`BackupError::FramesMissing`].
pub fn join<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Result<Locked, BackupError> {
    let mut frames: Vec<UntrustedFrame> = Vec::new();
    for text in texts {
        let frame = UntrustedFrame::parse(text)?;
        let wrong = |fault| BackupError::Frame { code: frame.name(), fault };
        if let Some(first) = frames.first().filter(|first| (first.tag, first.count) != (frame.tag, frame.count)) {
            return Err(wrong(FrameFault::Foreign { first: first.name().to_string() }));
        }
        match frames.iter().find(|earlier| earlier.index == frame.index) {
            Some(earlier) if *earlier.bytes != *frame.bytes => return Err(wrong(FrameFault::Doubled)),
            Some(_) => {}
            None => frames.push(frame),
        }
    }
    let first = frames.first().ok_or(BackupError::NoFrames)?;
    let (tag, count, code) = (first.tag, first.count, first.name());
    frames.sort_by_key(|frame| frame.index);
    let is_there = |index: &u8| frames.iter().any(|frame| frame.index == *index);
    let missing: Vec<String> = (1..=count).filter(|index| !is_there(index)).map(|index| index.to_string()).collect();
    if !missing.is_empty() {
        return Err(BackupError::FramesMissing { missing: missing.join(", "), count });
    }
    let mut content = Locked::zeroed(frames.iter().map(|frame| frame.bytes.len()).sum())?;
    for (place, frame) in content.chunks_mut(BYTES).zip(&frames) {
        place.copy_from_slice(&frame.bytes);
    }
    if Tag::of(&content) == tag {
        Ok(content)
    } else {
        Err(BackupError::Frame { code, fault: FrameFault::OtherContent })
    }
}

/// A code is named by its header, or by as much of it as is one.
fn name(text: &[u8]) -> Shown {
    let name = text.get(..HEADER).filter(|name| name.iter().all(u8::is_ascii_alphanumeric));
    Shown::from_bytes(name.unwrap_or(b"of another kind"))
}

/// Tag, index and count.
fn numbers(header: &[u8; HEADER]) -> Option<(Tag, u8, u8)> {
    let is_upper_hex = |digit: &u8| digit.is_ascii_digit() || (b'A'..=b'F').contains(digit);
    let (tag, numbers) = header.split_at(4);
    if !tag.iter().all(is_upper_hex) || !numbers.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let tag = u16::from_str_radix(text(tag)?, 16).ok()?.to_be_bytes();
    let (index, count) = numbers.split_at(2);
    Some((Tag(tag), text(index)?.parse().ok()?, text(count)?.parse().ok()?))
}

/// The header, and the bytes as base32.
fn encode(header: &[u8], bytes: &[u8]) -> Result<Locked, LockError> {
    let mut text = Locked::zeroed(header.len() + 8 * bytes.len().div_ceil(5))?;
    let (place, base32) = text.split_at_mut(header.len());
    place.copy_from_slice(header);
    base32.fill(b'=');
    for (group, characters) in bytes.chunks(5).zip(base32.chunks_mut(8)) {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) << (8 * (5 - group.len()));
        // As many characters as hold the bits; the rest stays padding.
        for (at, character) in characters.iter_mut().enumerate().take((8 * group.len()).div_ceil(5)) {
            *character = ALPHABET[(bits >> (35 - 5 * at) & 31) as usize];
        }
    }
    Ok(text)
}

/// The bytes of base32; none when it is not exactly what [`encode`] writes.
fn decode(base32: &[u8]) -> Result<Option<Locked>, LockError> {
    let characters = base32.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
    let mut bytes = Locked::zeroed(5 * characters / 8)?;
    let (mut bits, mut count, mut filled) = (0_u32, 0, 0);
    for character in &base32[..characters] {
        let Some(value) = ALPHABET.iter().position(|known| known == character) else { return Ok(None) };
        bits = bits << 5 | value as u32 & 31;
        count += 5;
        if count >= 8 {
            count -= 8;
            if let Some(byte) = bytes.get_mut(filled) {
                *byte = (bits >> count).to_be_bytes()[3];
            }
            filled += 1;
            bits &= (1 << count) - 1;
        }
    }
    // Bits that are left over are zero, and the padding fills the last group.
    let is_exact = bits == 0 && count < 5 && base32.len() == characters.next_multiple_of(8);
    Ok(is_exact.then_some(bytes))
}

#[cfg(test)]
#[path = "frames_tests.rs"]
mod tests;
