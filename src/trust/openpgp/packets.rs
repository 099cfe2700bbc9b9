//! The packet headers of a file, walked before any parser sees the file.
//!
//! Sequoia's certificate parser spends seconds on 5 kB with a length header of 4 GiB, and opens compressed packets. So
//! the headers are walked first (RFC 9580 4.2), and whatever has another tag, a partial or indeterminate length, or a
//! body longer than such a packet needs ends here, in time linear in the file.

use super::error::Error;

/// No certificate, signature or keyring of one signer needs more; a keyring of an organization is many such files.
pub(super) const MAX_BYTES: usize = 256 * 1024;
const MAX_PACKETS: usize = 256;
/// Primary key, subkeys and user IDs: the library tries misplaced signatures against every one of them.
const MAX_COMPONENTS: usize = 48;

/// Tags of RFC 9580 5.
pub(super) const SESSION_KEY: u8 = 1;
pub(super) const SIGNATURE: u8 = 2;
pub(super) const PUBLIC_KEY: u8 = 6;
pub(super) const SECRET_KEY: u8 = 5;
const SECRET_SUBKEY: u8 = 7;
pub(super) const USER_ID: u8 = 13;
pub(super) const PUBLIC_SUBKEY: u8 = 14;
pub(super) const ENCRYPTED_DATA: u8 = 18;

/// What a header is that goes on where the bytes end.
pub(super) const CUT_OFF: &str = "the header is cut off";

/// What a public certificate consists of.
pub(super) const CERTIFICATE: &[u8] = &[SIGNATURE, PUBLIC_KEY, USER_ID, PUBLIC_SUBKEY];

/// One packet of the file: its tag and its body.
pub(super) struct Packet<'a> {
    /// RFC 9580 5.
    pub(super) tag: u8,
    /// Without the header.
    pub(super) body: &'a [u8],
}

/// All packets of `bytes`, each with a tag from `allowed` and of a sane size.
pub(super) fn walk<'a>(bytes: &'a [u8], allowed: &[u8]) -> Result<Vec<Packet<'a>>, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge { size: bytes.len(), limit: MAX_BYTES });
    }
    let mut packets = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let fault = |what| Error::Packet { at, what };
        let (tag, header, length) = header(bytes.get(at..).unwrap_or_default()).map_err(fault)?;
        check_tag(at, tag, allowed)?;
        if length > max_body(tag) {
            return Err(fault("longer than such a packet may be"));
        }
        let body = bytes.get(at + header..at + header + length).ok_or_else(|| fault("longer than the file"))?;
        packets.push(Packet { tag, body });
        if packets.len() > MAX_PACKETS {
            return Err(fault("too many packets"));
        }
        at += header + length;
    }
    if packets.iter().filter(|p| p.tag != SIGNATURE).count() > MAX_COMPONENTS {
        return Err(Error::Packet { at: 0, what: "too many keys and user IDs" });
    }
    Ok(packets)
}

/// The certificates of a keyring, each as its own bytes: a new one begins with each primary key.
pub(super) fn split(bytes: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let (mut starts, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let fault = |what| Error::Packet { at, what };
        let (tag, header, length) = header(bytes.get(at..).unwrap_or_default()).map_err(fault)?;
        check_tag(at, tag, CERTIFICATE)?;
        if tag == PUBLIC_KEY {
            starts.push(at);
        } else if starts.is_empty() {
            return Err(fault("a keyring begins with a primary key"));
        }
        at += header + length;
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    Ok(starts.iter().zip(ends).filter_map(|(from, to)| bytes.get(*from..to)).collect())
}

pub(super) fn check_tag(at: usize, tag: u8, allowed: &[u8]) -> Result<(), Error> {
    match tag {
        _ if allowed.contains(&tag) => Ok(()),
        SECRET_KEY | SECRET_SUBKEY => Err(Error::SecretKey),
        _ => Err(Error::ForeignPacket { at, tag }),
    }
}

/// RSA with 8192 bits needs 1 KiB; gpg ends user IDs at 2 KiB.
pub(super) fn max_body(tag: u8) -> usize {
    match tag {
        SIGNATURE => 16 * 1024,
        USER_ID => 2 * 1024,
        ENCRYPTED_DATA => 64 * 1024,
        _ => 8 * 1024,
    }
}

/// Tag, length of the header, length of the body (RFC 9580 4.2.1 and 4.2.2).
pub(super) fn header(bytes: &[u8]) -> Result<(u8, usize, usize), &'static str> {
    let octet = |at: usize| bytes.get(at).copied().map(usize::from).ok_or(CUT_OFF);
    let first = octet(0)?;
    if first & 0x80 == 0 {
        return Err("not a packet");
    }
    if first & 0x40 != 0 {
        let tag = (first & 0x3f) as u8;
        return match octet(1)? {
            short @ 0..=191 => Ok((tag, 2, short)),
            high @ 192..=223 => Ok((tag, 3, ((high - 192) << 8) + octet(2)? + 192)),
            224..=254 => Err("partial lengths are not accepted"),
            _ => Ok((tag, 6, long(bytes, 2)?)),
        };
    }
    let tag = ((first >> 2) & 0x0f) as u8;
    match first & 3 {
        0 => Ok((tag, 2, octet(1)?)),
        1 => Ok((tag, 3, (octet(1)? << 8) + octet(2)?)),
        2 => Ok((tag, 5, long(bytes, 1)?)),
        _ => Err("indeterminate lengths are not accepted"),
    }
}

fn long(bytes: &[u8], at: usize) -> Result<usize, &'static str> {
    let octets: [u8; 4] = bytes.get(at..at + 4).and_then(|o| o.try_into().ok()).ok_or(CUT_OFF)?;
    usize::try_from(u32::from_be_bytes(octets)).map_err(|_| "too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_form_is_read() {
        assert_eq!(header(&[0xc6, 100]), Ok((PUBLIC_KEY, 2, 100)));
        assert_eq!(header(&[0xc6, 192, 0]), Ok((PUBLIC_KEY, 3, 192)));
        assert_eq!(header(&[0xc6, 255, 0, 0, 1, 0]), Ok((PUBLIC_KEY, 6, 256)));
        assert_eq!(header(&[0x98, 51]), Ok((PUBLIC_KEY, 2, 51)));
        assert_eq!(header(&[0x99, 1, 0x0d]), Ok((PUBLIC_KEY, 3, 269)));
        assert_eq!(header(&[0x9a, 0, 0, 1, 0x0d]), Ok((PUBLIC_KEY, 5, 269)));
    }

    #[test]
    fn hostile_headers_end_the_walk() {
        for (bytes, why) in [
            (&[0xc6, 255, 0xff, 0xff, 0xff, 0xff][..], "4 GiB"),
            (&[0xcd, 230, 0], "partial length"),
            (&[0x9b, 0], "indeterminate length"),
            (&[0x06, 1, 0], "no packet"),
            (&[0xc6], "cut off"),
            (&[0xc6, 2, 4], "short body"),
            (&[0xc8, 1, 0], "compressed data"),
            (&[0xc5, 1, 4], "secret key"),
        ] {
            assert!(walk(bytes, CERTIFICATE).is_err(), "{why}");
        }
        assert!(matches!(walk(&vec![0xcd; MAX_BYTES + 1], CERTIFICATE), Err(Error::TooLarge { .. })));
        assert!(matches!(walk(&[0xc2, 0].repeat(MAX_PACKETS + 1), CERTIFICATE), Err(Error::Packet { .. })));
    }
}
