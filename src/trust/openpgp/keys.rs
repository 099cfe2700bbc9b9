//! Certificates out of a published file of any length, one after the other.
//!
//! Such a file is binary, as `archive.gpg`, or text with armored blocks in it, as `keys.txt` and `KEYS`. It may hold tens of
//! thousands of certificates: never more than one of them is in memory here, and none may be larger than a request's.

use std::io::{BufRead, BufReader, Cursor, Read};

use sequoia_openpgp::armor::Kind;

use super::armor::{self, MAX_ARMOR};
use super::error::Error;
use super::packets::{CERTIFICATE, CUT_OFF, MAX_BYTES, PUBLIC_KEY, check_tag, header, max_body};

/// The certificates of a file, each as binary packets within bounds, not judged. What cannot be taken apart ends the file.
pub struct Keys<R> {
    form: Form<R>,
    failed: bool,
}

enum Form<R> {
    Binary(Packets<BufReader<R>>),
    Text { lines: BufReader<R>, block: Option<Packets<Cursor<Vec<u8>>>> },
}

impl<R: Read> Keys<R> {
    /// Looks at the first byte of `source`: a packet has bit 7 set (RFC 9580 4.2), text does not.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn new(source: R) -> Result<Self, Error> {
        let mut source = BufReader::with_capacity(64 * 1024, source);
        let form = match source.fill_buf().map_err(Error::Read)?.first() {
            Some(first) if first & 0x80 != 0 => Form::Binary(Packets::new(source)),
            _ => Form::Text { lines: source, block: None },
        };
        Ok(Self { form, failed: false })
    }

    fn certificate(&mut self) -> Result<Option<Vec<u8>>, Error> {
        match &mut self.form {
            Form::Binary(packets) => packets.certificate(),
            Form::Text { lines, block } => loop {
                if let Some(certificate) = block.as_mut().map(Packets::certificate).transpose()?.flatten() {
                    return Ok(Some(certificate));
                }
                match next_block(lines)? {
                    Some(bytes) => *block = Some(Packets::new(Cursor::new(bytes))),
                    None => return Ok(None),
                }
            },
        }
    }
}

impl<R: Read> Iterator for Keys<R> {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.certificate().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}

/// What the next armored block carries. Text between blocks is for people.
fn next_block(lines: &mut impl BufRead) -> Result<Option<Vec<u8>>, Error> {
    let mut text = Vec::new();
    loop {
        let begin = text.len();
        let limit = MAX_ARMOR + 1 - begin;
        let read = lines.take(limit as u64).read_until(b'\n', &mut text).map_err(Error::Read)?;
        if text.len() > MAX_ARMOR {
            return Err(Error::TooLarge { size: text.len(), limit: MAX_ARMOR });
        }
        let line = text.get(begin..).unwrap_or_default().trim_ascii_end();
        let (is_begin, is_end) = (line.starts_with(b"-----BEGIN "), line.starts_with(b"-----END "));
        match (read, begin) {
            (0, 0) => return Ok(None),
            (0, _) => return Err(Error::Armor { kind: "PGP PUBLIC KEY BLOCK" }),
            // Outside of any block.
            (_, 0) if !is_begin => text.clear(),
            _ if is_end => return armor::dearmor(Kind::PublicKey, &text).map(Some),
            _ => {}
        }
    }
}

/// Binary packets, certificate by certificate.
struct Packets<R> {
    source: R,
    /// Bytes read so far.
    at: usize,
    /// The primary key with which the next certificate begins.
    begun: Vec<u8>,
}

impl<R: BufRead> Packets<R> {
    fn new(source: R) -> Self {
        Self { source, at: 0, begun: Vec::new() }
    }

    fn certificate(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut certificate = std::mem::take(&mut self.begun);
        while let Some((tag, packet)) = self.packet()? {
            if tag == PUBLIC_KEY && !certificate.is_empty() {
                self.begun = packet;
                return Ok(Some(certificate));
            }
            certificate.extend_from_slice(&packet);
            if certificate.len() > MAX_BYTES {
                return Err(Error::TooLarge { size: certificate.len(), limit: MAX_BYTES });
            }
        }
        Ok(Some(certificate).filter(|certificate| !certificate.is_empty()))
    }

    /// Tag and bytes of the next packet, its header included. No length is believed before it is within bounds.
    fn packet(&mut self) -> Result<Option<(u8, Vec<u8>)>, Error> {
        let at = self.at;
        let fault = |what| Error::Packet { at, what };
        let mut packet = Vec::with_capacity(128);
        let (tag, length) = loop {
            match header(&packet) {
                Ok((tag, _, length)) => break (tag, length),
                Err(CUT_OFF) => {
                    let mut octet = [0];
                    match self.source.read(&mut octet).map_err(Error::Read)? {
                        0 if packet.is_empty() => return Ok(None),
                        0 => return Err(fault(CUT_OFF)),
                        _ => packet.extend(octet),
                    }
                }
                Err(what) => return Err(fault(what)),
            }
        };
        check_tag(at, tag, CERTIFICATE)?;
        if length > max_body(tag) {
            return Err(fault("longer than such a packet may be"));
        }
        let header = packet.len();
        packet.resize(header + length, 0);
        let body = packet.get_mut(header..).unwrap_or_default();
        self.source.read_exact(body).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => fault("longer than the file"),
            _ => Error::Read(error),
        })?;
        self.at += packet.len();
        Ok(Some((tag, packet)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        Keys::new(bytes).and_then(Iterator::collect)
    }

    #[test]
    fn certificates_come_one_by_one_in_every_form() {
        let (one, two) = (testing::root(1).certificate, testing::root(2).certificate);
        let (first, second) = (one.bytes().expect("bytes"), two.bytes().expect("bytes"));
        let both = [first.clone(), second.clone()];
        assert_eq!(read(&both.concat()).expect("binary"), both);
        let blocks = [one.armored(&[]).expect("armor"), two.armored(&["a comment".to_owned()]).expect("armor")];
        assert_eq!(read(&blocks.concat()).expect("keys.txt"), both);
        let listed = [b"pub   ed25519\n\n".as_slice(), &blocks[0], b"\nuid   Ann\n", &blocks[1], b"\n"].concat();
        assert_eq!(read(&listed).expect("KEYS"), both);
        let together = armor::enarmor(Kind::PublicKey, &[], &both.concat()).expect("armor");
        assert_eq!(read(&together).expect("one block"), both);
        assert_eq!(read(b"").expect("nothing"), Vec::<Vec<u8>>::new());
        assert_eq!(read(b"no key here\n").expect("nothing"), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn what_is_cut_off_or_too_large_ends_the_file() {
        let good = testing::root(1).certificate.bytes().expect("bytes");
        let with = |tail: &[u8]| read(&[good.as_slice(), tail].concat()).expect_err("hostile");
        assert!(matches!(with(&[0xcd]), Error::Packet { what: CUT_OFF, .. }));
        assert!(matches!(with(&[0xcd, 5, b'a']), Error::Packet { what: "longer than the file", .. }));
        assert!(matches!(with(&[0xcd, 255, 255, 255, 255, 255]), Error::Packet { .. }));
        assert!(matches!(with(&[0xc8, 1, 0]), Error::ForeignPacket { tag: 8, .. }));
        assert!(matches!(with(&[0xcd, 1, b'a'].repeat(MAX_BYTES)), Error::TooLarge { .. }));
        let endless = [b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n".as_slice(), &vec![b'A'; MAX_ARMOR]].concat();
        assert!(matches!(read(&endless), Err(Error::TooLarge { .. })));
        assert!(matches!(read(&vec![b'A'; MAX_ARMOR + 1]), Err(Error::TooLarge { .. })));
        let half = testing::root(1).certificate.armored(&[]).expect("armor");
        assert!(matches!(read(&half[..half.len() / 2]), Err(Error::Armor { .. })));
        let mut after = Keys::new(Cursor::new([good.as_slice(), &[0x06]].concat())).expect("a file");
        assert!(after.next().is_some_and(|first| first.is_err()) && after.next().is_none());
    }
}
