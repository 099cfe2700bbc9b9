//! Who makes cards.

use super::serial::Serial;

impl Serial {
    /// The maker's name. Numbers are given by the FSF Europe (4.2.1); the names are those of the lists in gpg's `card-util.c` and in
    /// `openpgp-card`.
    #[must_use]
    pub fn maker(self) -> &'static str {
        match self.manufacturer {
            0x0000 | 0xffff => "test card",
            0x0001 => "PPC Card Systems",
            0x0002 => "Prism",
            0x0003 => "OpenFortress",
            0x0004 => "Wewid",
            0x0005 => "ZeitControl",
            0x0006 => "Yubico",
            0x0007 => "OpenKMS",
            0x0008 => "LogoEmail",
            0x0009 => "Fidesmo",
            0x000a => "Dangerous Things",
            0x000b => "Feitian",
            0x000f => "Nitrokey",
            0x002a => "Magrathea",
            0x0042 => "GnuPG e.V.",
            0xf1d0 => "CanoKeys",
            0xf517 => "FSIJ",
            // The spec keeps these for numbers that are drawn at random: Gnuk, also in the Nitrokey Start, has them.
            0xff00..=0xfffe => "no maker's number",
            _ => "unknown maker",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_have_names() {
        let maker = |manufacturer| Serial { manufacturer, number: 1 }.maker();
        assert_eq!((maker(6), maker(0xf), maker(5)), ("Yubico", "Nitrokey", "ZeitControl"));
        assert_eq!((maker(0), maker(0xffff)), ("test card", "test card"));
        assert_eq!(
            (maker(0xff00), maker(0xfffe), maker(0xfeff)),
            ("no maker's number", "no maker's number", "unknown maker")
        );
    }
}
