//! Throws of a six-sided die, as people type them.

use super::EntropyError;

/// The fewest throws that are taken: 258 bits, when the die is fair.
pub const THROWS: u16 = 100;

/// What throws show that no fair die throws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfair {
    /// A character that is no face.
    #[error("a die has the faces 1 to 6, and nothing else")]
    NotAFace,
    /// Too few.
    #[error("at least {THROWS} throws are needed")]
    TooFew,
    /// One face far too often, or never.
    #[error("one face came far too often, or never")]
    OneFace,
    /// Never the same face twice running.
    #[error("no face ever came twice running, as when people make throws up")]
    NoPairs,
}

/// Looks whether throws may be those of a fair die. It finds dice that are loaded, a key that was held down and rows like 123456; each of
/// its verdicts is wrong for fewer than one in a million rows of fair throws. Whatever it lets through does no harm: the kernel's bytes
/// suffice alone.
///
/// # Errors
/// [`EntropyError::Dice`].
pub fn judge(throws: &[u8]) -> Result<(), EntropyError> {
    if !throws.iter().all(|face| (b'1'..=b'6').contains(face)) {
        return Err(Unfair::NotAFace.into());
    }
    if throws.len() < usize::from(THROWS) {
        return Err(Unfair::TooFew.into());
    }
    let count = |face: u8| throws.iter().filter(|thrown| **thrown == face).count();
    let often = throws.len() * 2 / 5;
    if (b'1'..=b'6').any(|face| !(1..=often).contains(&count(face))) {
        return Err(Unfair::OneFace.into());
    }
    let pairs = throws.windows(2).filter(|pair| pair.first() == pair.last()).count();
    if pairs == 0 { Err(Unfair::NoPairs.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(throws: &str) -> Option<Unfair> {
        match judge(throws.as_bytes()) {
            Ok(()) => None,
            Err(EntropyError::Dice(unfair)) => Some(unfair),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn throws_of_a_fair_die_are_taken_and_others_are_not() {
        // A hundred throws of a die on a table.
        let fair =
            "4152663425131642355216346125411362553641224635113624455213663142541263355141624436152364112536452361524";
        assert_eq!(verdict(fair), None);
        assert_eq!(verdict(&fair[..99]), Some(Unfair::TooFew));
        assert_eq!(verdict(&fair.replace('6', "7")), Some(Unfair::NotAFace));
        assert_eq!(verdict(&fair.replace('6', "0")), Some(Unfair::NotAFace));
        assert_eq!(verdict(&"3".repeat(100)), Some(Unfair::OneFace));
        assert_eq!(verdict(&fair.replace('6', "1")), Some(Unfair::OneFace));
        assert_eq!(verdict(&fair.replace(['1', '2'], "3")), Some(Unfair::OneFace));
        assert_eq!(verdict(&"123456".repeat(17)), Some(Unfair::NoPairs));
    }
}
