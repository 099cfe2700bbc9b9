//! USB devices by vendor and product.

use std::fmt;
use std::str::FromStr;

/// Vendor and product, as `lsusb` writes them: `1050:0407`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsbId {
    /// Who made it.
    pub vendor: u16,
    /// What it is.
    pub product: u16,
}

/// Text that is no such pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a USB device is written as vendor:product, such as 1050:0407, in small hex digits")]
pub struct NotAUsbId;

impl FromStr for UsbId {
    type Err = NotAUsbId;

    fn from_str(text: &str) -> Result<Self, NotAUsbId> {
        let (vendor, product) = text.split_once(':').ok_or(NotAUsbId)?;
        Ok(Self { vendor: number(vendor)?, product: number(product)? })
    }
}

/// Just four digits: one device has one name.
fn number(text: &str) -> Result<u16, NotAUsbId> {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 4 || !text.bytes().all(is_digit) {
        return Err(NotAUsbId);
    }
    u16::from_str_radix(text, 16).map_err(|_| NotAUsbId)
}

impl fmt::Display for UsbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_one_name() {
        let key: UsbId = "1050:0407".parse().unwrap();
        assert_eq!((key.vendor, key.product, key.to_string().as_str()), (0x1050, 0x0407, "1050:0407"));
        for other in ["", "1050", "1050:407", "1050:04070", "1050:04 7", "+050:0407", "1050:04AB", "1050-0407"] {
            assert_eq!(other.parse::<UsbId>(), Err(NotAUsbId), "{other}");
        }
    }
}
