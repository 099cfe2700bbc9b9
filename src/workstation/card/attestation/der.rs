//! As much of DER (X.690) as certificates need.

/// A SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// An INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// A BIT STRING.
pub(super) const BITS: u8 = 0x03;
/// An OCTET STRING.
pub(super) const OCTETS: u8 = 0x04;
/// A BOOLEAN.
pub(super) const BOOLEAN: u8 = 0x01;
/// An OBJECT IDENTIFIER.
pub(super) const OID: u8 = 0x06;
/// A UTCTime: two digits of the year.
pub(super) const UTC_TIME: u8 = 0x17;
/// A GeneralizedTime: four.
pub(super) const GENERALIZED_TIME: u8 = 0x18;

/// An element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'d> {
    pub(super) tag: u8,
    pub(super) value: &'d [u8],
    /// With tag and length.
    pub(super) whole: &'d [u8],
}

impl<'d> Element<'d> {
    /// The first one, and what stands behind it; none where the bytes are not DER, or longer than certificates are.
    pub(super) fn first(bytes: &'d [u8]) -> Option<(Self, &'d [u8])> {
        let (tag, length, value) = match bytes {
            // Tags of more than one byte are in no certificate.
            [tag, ..] if tag & 0x1f == 0x1f => return None,
            [tag, length @ ..=0x7f, rest @ ..] => (*tag, usize::from(*length), rest),
            [tag, 0x81, length @ 0x80..=0xff, rest @ ..] => (*tag, usize::from(*length), rest),
            [tag, 0x82, high @ 1..=0xff, low, rest @ ..] => {
                (*tag, usize::from(u16::from_be_bytes([*high, *low])), rest)
            }
            _ => return None,
        };
        let (value, rest) = value.split_at_checked(length)?;
        let whole = bytes.get(..bytes.len() - rest.len())?;
        Some((Self { tag, value, whole }, rest))
    }

    /// The one that is all there is.
    pub(super) fn only(bytes: &'d [u8]) -> Option<Self> {
        Self::first(bytes).filter(|(_, rest)| rest.is_empty()).map(|(element, _)| element)
    }

    /// Its value, if it has this tag.
    pub(super) fn of(self, tag: u8) -> Option<&'d [u8]> {
        (self.tag == tag).then_some(self.value)
    }

    /// The elements in it, if it is a SEQUENCE.
    pub(super) fn sequence(self) -> Option<Vec<Self>> {
        all(self.of(SEQUENCE)?)
    }

    /// A number that is not below zero.
    pub(super) fn number(self) -> Option<u64> {
        let digits = self.of(INTEGER).filter(|digits| digits.first().is_some_and(|first| *first < 0x80))?;
        let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
        (digits.len() <= 8).then(|| digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit)))
    }
}

/// Every element of a value.
pub(super) fn all(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut elements = Vec::new();
    while !bytes.is_empty() {
        let (element, rest) = Element::first(bytes)?;
        elements.push(element);
        bytes = rest;
    }
    Some(elements)
}
