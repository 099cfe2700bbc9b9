//! The passphrase of a sealed message: drawn, never chosen.
//!
//! 28 symbols of 32, in seven groups of four: 140 bits. The alphabet is the digits and upper-case letters without 0, 1, I and O,
//! so that both of each pair of look-alikes are gone, and what is typed in their place is an error and not a guess.

use keyrite_locked::Locked;
use zeroize::Zeroize;

use super::BackupError;

/// 32 symbols: one for five bits, all equally likely.
pub const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Symbols in a passphrase: 28 times 5 bits.
pub const SYMBOLS: usize = 28;
/// Symbols between two hyphens.
const GROUP: usize = 4;
/// Characters of the text, hyphens included: a share has as many bytes.
pub const TEXT_LEN: usize = SYMBOLS + SYMBOLS / GROUP - 1;

/// The symbol for the lowest five bits of a random byte. 32 divides 256, so no symbol is likelier than another.
pub(super) fn symbol(random: u8) -> u8 {
    ALPHABET[usize::from(random & 31)]
}

/// The passphrase that [`SYMBOLS`] random bytes give: `ABCD-EFGH-…`.
///
/// # Errors
/// When there are more or fewer bytes, or without locked memory.
pub fn draw(random: &Locked) -> Result<Locked, BackupError> {
    if random.len() != SYMBOLS {
        return Err(BackupError::Randomness { wanted: SYMBOLS, given: random.len() });
    }
    write(random.iter().map(|byte| symbol(*byte)))
}

/// The canonical text of what a person typed: letters of either case, spaces or hyphens anywhere.
///
/// # Errors
/// When a character is none of the alphabet's, naming its group, or the number of characters is wrong.
pub fn parse(typed: &Locked) -> Result<Locked, BackupError> {
    let mut symbols = Locked::zeroed(SYMBOLS)?;
    let mut count = 0;
    for byte in typed.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'-') {
        let mut upper = byte.to_ascii_uppercase();
        if !ALPHABET.contains(&upper) {
            return Err(BackupError::PassphraseSymbol(count / GROUP + 1));
        }
        if let Some(place) = symbols.get_mut(count) {
            *place = upper;
        }
        upper.zeroize();
        count += 1;
    }
    if count != SYMBOLS {
        return Err(BackupError::PassphraseLength(count));
    }
    write(symbols.iter().copied())
}

/// Symbols as text, a hyphen after each group but the last.
fn write(symbols: impl Iterator<Item = u8>) -> Result<Locked, BackupError> {
    let mut text = Locked::zeroed(TEXT_LEN)?;
    text.fill(b'-');
    for (at, symbol) in symbols.enumerate() {
        text[at + at / GROUP] = symbol;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn locked(bytes: &[u8]) -> Locked {
        Locked::copy_of(bytes).expect("locked memory")
    }

    #[test]
    fn seven_groups_of_four() {
        let drawn = draw(&locked(&(0..28).collect::<Vec<u8>>())).expect("drawn");
        assert_eq!(drawn.text().expect("text"), "2345-6789-ABCD-EFGH-JKLM-NPQR-STUV");
    }

    #[test]
    fn every_symbol_comes_from_as_many_bytes() {
        let mut counts = [0; 256];
        (0..=255).for_each(|byte| counts[usize::from(symbol(byte))] += 1);
        assert!(ALPHABET.iter().all(|symbol| counts[usize::from(*symbol)] == 8));
    }

    #[test]
    fn slips_are_named_and_never_guessed() {
        for (typed, group) in [("2345-678O", 2), ("1", 1), ("2345 6789 ABCD i", 4), ("2345-67é9", 2)] {
            let refused = parse(&locked(typed.as_bytes())).err();
            assert!(matches!(refused, Some(BackupError::PassphraseSymbol(at)) if at == group), "{typed}");
        }
        for typed in ["", "2345", &"2345-".repeat(8)] {
            assert!(
                matches!(parse(&locked(typed.as_bytes())).err(), Some(BackupError::PassphraseLength(_))),
                "{typed}"
            );
        }
    }

    proptest! {
        #[test]
        fn typed_in_any_dress_it_is_the_same(random in any::<[u8; SYMBOLS]>(), lower: bool, spaces: bool) {
            let drawn = draw(&locked(&random)).expect("drawn");
            let mut typed = drawn.text().expect("text").to_owned();
            if lower { typed.make_ascii_lowercase(); }
            if spaces { typed = format!("  {} \n", typed.replace('-', "  ")); }
            prop_assert_eq!(&*parse(&locked(typed.as_bytes())).expect("parsed"), &*drawn);
        }
    }
}
