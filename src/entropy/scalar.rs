//! Private scalars of the NIST curves.

use std::fmt;

use keyrite_locked::Locked;

use super::EntropyError;

/// A curve whose private keys are numbers from 1 to n - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

impl Curve {
    /// Bits of the order n.
    fn bits(self) -> usize {
        match self {
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }

    /// How many random bytes a scalar takes: 64 bits more than n has, so that reducing them leaves a bias below 2^-64
    /// (FIPS 186-5 A.2.1).
    #[must_use]
    pub fn wide_len(self) -> usize {
        (self.bits() + 64).div_ceil(8)
    }

    /// How many bytes the scalar has.
    #[must_use]
    pub fn scalar_len(self) -> usize {
        self.bits().div_ceil(8)
    }

    /// n - 1, big-endian (SP 800-186 3.2.1.3 to 3.2.1.5). All three n are odd, so only the last digit differs from n.
    fn below_order(self) -> &'static [u8] {
        match self {
            Self::P256 => &P256,
            Self::P384 => &P384,
            Self::P521 => &P521,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        })
    }
}

/// The private scalar that `wide` gives on `curve`, big-endian: c mod (n - 1) + 1 (FIPS 186-5 A.2.1, extra random bits).
/// Of P-521's 74 bytes, the first counts with its lowest bit only: 585 bits are what the standard asks for.
///
/// # Errors
/// When `wide` is not [`Curve::wide_len`] bytes, or without locked memory.
pub fn scalar(curve: Curve, wide: &Locked) -> Result<Locked, EntropyError> {
    if wide.len() != curve.wide_len() {
        return Err(EntropyError::ScalarLength { curve, len: wide.len() });
    }
    let mut scalar = Locked::zeroed(curve.scalar_len())?;
    let mut trial = Locked::zeroed(curve.scalar_len())?;
    let unused = wide.len() * 8 - (curve.bits() + 64);
    for at in unused..wide.len() * 8 {
        let bit = (wide[at / 8] >> (7 - at % 8)) & 1;
        let carry = double_and_add(&mut scalar, bit);
        reduce_once(&mut scalar, &mut trial, curve.below_order(), carry);
    }
    // No carry: the scalar is below n - 1.
    add(&mut scalar, 1);
    Ok(scalar)
}

/// `number = 2 number + bit`; gives the bit that fell out at the top.
fn double_and_add(number: &mut [u8], bit: u8) -> u8 {
    number.iter_mut().rev().fold(bit, |carry, digit| {
        let out = *digit >> 7;
        *digit = (*digit << 1) | carry;
        out
    })
}

/// Subtracts `modulus` when `carry` and `number` together are not below it. The same steps and the same memory whatever the
/// numbers are.
fn reduce_once(number: &mut [u8], trial: &mut [u8], modulus: &[u8], carry: u8) {
    let mut borrow = 0;
    for ((out, digit), less) in trial.iter_mut().zip(number.iter()).zip(modulus).rev() {
        let difference = 0x100 + u16::from(*digit) - u16::from(*less) - borrow;
        let [high, low] = difference.to_be_bytes();
        *out = low;
        borrow = u16::from(1 - high);
    }
    // Take the difference if the top bit had fallen out, or nothing had to be borrowed.
    let take = carry | u8::from(borrow == 0);
    let mask = take.wrapping_neg();
    for (digit, reduced) in number.iter_mut().zip(trial.iter()) {
        *digit = (*reduced & mask) | (*digit & !mask);
    }
}

/// `number += small`.
fn add(number: &mut [u8], small: u8) {
    number.iter_mut().rev().fold(small, |carry, digit| {
        let (sum, over) = digit.overflowing_add(carry);
        *digit = sum;
        u8::from(over)
    });
}

#[rustfmt::skip]
static P256: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x50,
];

#[rustfmt::skip]
static P384: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x72,
];

#[rustfmt::skip]
static P521: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09,
    0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38,
    0x64, 0x08,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).expect("ascii"), 16).expect("hex"))
            .collect()
    }

    fn of(curve: Curve, wide: &[u8]) -> Vec<u8> {
        scalar(curve, &Locked::copy_of(wide).expect("locked memory")).expect("a scalar").to_vec()
    }

    /// Made with Python 3: n from `openssl ecparam -name C -param_enc explicit -text`, b its bits, and
    /// ```python
    /// wide = hkdf(b"wide P256", b"", (b + 64 + 7) // 8)    # hkdf as in entropy's tests; b"wide P384", b"wide P521"
    /// c = int.from_bytes(wide, "big") & ((1 << (b + 64)) - 1)
    /// (c % (n - 1) + 1).to_bytes((b + 7) // 8, "big").hex()
    /// ```
    #[test]
    fn agrees_with_pythons_integers() {
        let cases = [
            (
                Curve::P256,
                "6250caccf9b5dfbe7b6085cc05d8715e44ea5114979ee949fdcf640b577722fb7ebac7a5b8a9b56a",
                "75166589a9d1c6d35eaf121758bea184e1f76cd0a8593f2a5518a761382d52fb",
            ),
            (
                Curve::P384,
                "95d4dd9a4cb19081413cfdf47bd5e7812968bd4a69cad39efdb2dbb55fa2c473320c6a858a353632d54f5e21becf2d11\
                 d569064931a962b5",
                "413cfdf47bd5e7812968bd4a69cad39f1ed5225df23062572b077fefd193a73eea15fdc0e7a8eaa74cb7af159b2d6044",
            ),
            (
                Curve::P521,
                "68be4d4ba0f742d463edf59ea360786c77f619ed07aa33ace2e896660b90b36c40654f37ae261cb7272c73a78dcaa84c\
                 0edae9ea8bfd5c1a6ed2dcc44b077b0bfae80de276a31e862034",
                "01edf59ea360786c77f619ed07aa33ace2e896660b90b36c40676bd255f8e6f98aa26314c8bd84cf0af94af9d47ba4c6\
                 51909d997faf934862aeea33e6a13847aaad",
            ),
        ];
        for (curve, wide, expected) in cases {
            assert_eq!(hex(&of(curve, &bytes(wide))), expected, "{curve}");
        }
    }

    #[test]
    fn the_edges_of_the_range() {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            let below = curve.below_order();
            let wide = |number: &[u8]| {
                let mut wide = vec![0; curve.wide_len() - number.len()];
                wide.extend_from_slice(number);
                wide
            };
            let one = wide(&[1])[curve.wide_len() - curve.scalar_len()..].to_vec();
            let mut last = below.to_vec();
            *last.last_mut().expect("digits") -= 1;
            assert_eq!(of(curve, &wide(&[0])), one, "{curve}: c = 0 gives 1, never 0");
            assert_eq!(of(curve, &wide(&last)), below, "{curve}: c = n - 2 gives n - 1, the largest");
            assert_eq!(of(curve, &wide(below)), one, "{curve}: c = n - 1 wraps");
            assert!(of(curve, &vec![0xff; curve.wide_len()]).as_slice() <= below, "{curve}: all ones");
        }
    }

    /// The largest c on P-256, by Python: `((1 << 320) - 1) % (n - 1) + 1`.
    #[test]
    fn the_largest_input_is_reduced() {
        assert!(hex(&of(Curve::P256, &[0xff; 40])).ends_with("f756a572fc632550"));
    }

    #[test]
    fn the_length_must_be_the_curves() {
        for len in [0, 39, 41, 56] {
            let wide = Locked::zeroed(len).expect("locked memory");
            let refused = scalar(Curve::P256, &wide).err();
            assert!(matches!(refused, Some(EntropyError::ScalarLength { .. })), "{len}");
        }
    }
}
