//! Which of the cards in the readers is the expected one.

use super::super::absence::{Absence, Holds, Place};
use super::super::error::{CardError, Which};
use super::super::guard::Expected;

/// A reader, and the card in it, where it could be opened.
pub(super) struct Found<C> {
    pub(super) place: Place,
    pub(super) card: Option<C>,
}

/// The card to work with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice<C> {
    /// The expected one.
    Card(C),
    /// In termination state, and nothing else is there that could be the expected one.
    Terminated(C),
}

/// Chooses by serial, wherever the card is; without a serial, the one card that is not in the inventory yet.
pub(super) fn choose<C>(found: Vec<Found<C>>, expected: &Expected) -> Result<Choice<C>, CardError> {
    let (fitting, others): (Vec<_>, Vec<_>) =
        found.into_iter().map(|found| known(found, expected)).partition(|found| fits(&found.place.holds, expected));
    if fitting.len() > 1 {
        return Err(too_many(&fitting, expected));
    }
    if let Some(card) = fitting.into_iter().find_map(|found| found.card) {
        return Ok(Choice::Card(card));
    }
    let count = |is: fn(&Holds) -> bool| others.iter().filter(|found| is(&found.place.holds)).count();
    let hidden = count(|holds| matches!(holds, Holds::Held | Holds::Silent(_)));
    let terminated = count(|holds| *holds == Holds::Terminated);
    let reason = Absence::NotThere(places(&others));
    let mut ended = others.into_iter().filter(|found| found.place.holds == Holds::Terminated);
    match ended.find_map(|found| found.card) {
        Some(card) if hidden == 0 && terminated == 1 => Ok(Choice::Terminated(card)),
        _ => Err(CardError::NoCard { card: expected.which(), reason }),
    }
}

/// A card of the inventory, where a new one is looked for, is called that.
fn known<C>(mut found: Found<C>, expected: &Expected) -> Found<C> {
    if let Holds::Card(serial) = found.place.holds
        && expected.serial.is_none()
        && expected.not.contains(&serial)
    {
        found.place.holds = Holds::Known(serial);
    }
    found
}

fn fits(holds: &Holds, expected: &Expected) -> bool {
    match (holds, expected.serial) {
        (Holds::Card(serial), Some(expected)) => *serial == expected,
        (Holds::Card(_), None) => true,
        _ => false,
    }
}

/// Two of one serial are refused by name, whichever card was expected.
fn too_many<C>(fitting: &[Found<C>], expected: &Expected) -> CardError {
    for one in fitting {
        let Holds::Card(serial) = one.place.holds else { continue };
        let same = fitting.iter().map(|found| &found.place).filter(|place| place.holds == one.place.holds);
        let readers: Vec<_> = same.map(|place| place.reader.clone()).collect();
        if readers.len() > 1 {
            return CardError::Twins { card: Which { serial: Some(serial), ..expected.which() }, readers };
        }
    }
    CardError::NoCard { card: expected.which(), reason: Absence::Several(places(fitting)) }
}

fn places<C>(found: &[Found<C>]) -> Vec<Place> {
    found.iter().map(|found| found.place.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::control::Control;
    use crate::model::fault::{Class, Fault as _};
    use crate::model::shown::Shown;
    use crate::workstation::card::Serial;

    fn card(number: u32) -> Holds {
        Holds::Card(Serial { manufacturer: 0xffff, number })
    }

    /// Each in a reader of its own: A, B, C. The card is known by its reader.
    fn choose_from(holds: &[Holds], expected: &Expected) -> Result<Choice<char>, CardError> {
        let found = holds.iter().zip('A'..).map(|(holds, reader)| Found {
            place: Place { reader: Shown::new(&format!("Reader {reader}")), holds: holds.clone() },
            card: matches!(holds, Holds::Card(_) | Holds::Terminated).then_some(reader),
        });
        choose(found.collect(), expected)
    }

    fn any() -> Expected {
        Expected::any("packages-a".parse().expect("a name"))
    }

    fn expected(number: u32) -> Expected {
        Expected { serial: Some(Serial { manufacturer: 0xffff, number }), ..any() }
    }

    /// What is said, and the hint; nothing that people do at the readers is more than an absence.
    fn refused(holds: &[Holds], expected: &Expected) -> (String, String) {
        let error = choose_from(holds, expected).expect_err("refused");
        assert!(error.is_absence() && error.class() == Class::Machine && error.control().is_none(), "{error}");
        (error.to_string(), error.hint().expect("a hint"))
    }

    #[test]
    fn a_serial_is_found_wherever_it_is() {
        for holds in [[card(1), card(2)], [card(2), card(1)], [card(1), Holds::Held], [Holds::Terminated, card(1)]] {
            let at = if holds[0] == card(1) { 'A' } else { 'B' };
            assert_eq!(choose_from(&holds, &expected(1)).expect("found"), Choice::Card(at), "{holds:?}");
        }
    }

    #[test]
    fn a_new_card_is_the_one_that_is_not_in_the_inventory() {
        let new = Expected { not: vec![expected(1).serial.expect("a serial")], ..any() };
        assert_eq!(choose_from(&[card(1), card(2)], &new).expect("found"), Choice::Card('B'));
        assert_eq!(choose_from(&[Holds::Terminated, card(2)], &new).expect("found"), Choice::Card('B'));
        let (said, hint) = refused(&[card(1), Holds::Nothing], &new);
        let reason = "Reader A holds card FFFF:00000001, which is in the inventory already; Reader B is empty";
        assert_eq!(said, format!("card packages-a is not at hand: {reason}"));
        assert!(hint.starts_with("insert the right card"), "{hint}");
    }

    #[test]
    fn two_that_could_be_it_are_named() {
        let (said, hint) = refused(&[card(1), Holds::Nothing, card(2)], &any());
        let both = "Reader A holds card FFFF:00000001; Reader C holds card FFFF:00000002";
        assert_eq!(said, format!("card packages-a is not at hand: more than one card could be it: {both}"));
        assert_eq!(hint, "leave the right card in its reader, and take the others out");
    }

    #[test]
    fn twins_are_refused() {
        for expected in [any(), expected(1)] {
            let error = choose_from(&[card(2), card(1), card(1)], &expected).expect_err("refused");
            assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardIdentity)));
            let said = "card packages-a (FFFF:00000001) is not the only one of its serial: there is one each in ";
            assert_eq!(error.to_string(), format!("{said}Reader B; Reader C"));
            assert!(!error.is_absence() && error.hint().is_some());
        }
        // Of another card, they are nobody's business here.
        assert_eq!(choose_from(&[card(1), card(1), card(2)], &expected(2)).expect("found"), Choice::Card('C'));
    }

    #[test]
    fn a_terminated_card_is_it_when_nothing_else_could_be() {
        for expected in [any(), expected(1)] {
            for other in [Holds::Nothing, Holds::Foreign] {
                let choice = choose_from(&[other, Holds::Terminated], &expected).expect("found");
                assert_eq!(choice, Choice::Terminated('B'));
            }
            let (_, hint) = refused(&[Holds::Terminated, Holds::Held], &expected);
            assert!(hint.starts_with("close the program"), "{hint}");
            let (said, hint) = refused(&[Holds::Terminated, Holds::Terminated], &expected);
            assert!(said.ends_with("Reader B holds a card that was reset only half way"), "{said}");
            assert!(hint.starts_with("leave one card that was reset half way"), "{hint}");
        }
    }

    #[test]
    fn what_is_in_the_readers_is_said_with_what_to_do() {
        let silent = Holds::Silent(Shown::new("\u{1b}mute"));
        let cases = [
            (vec![Holds::Nothing, Holds::Nothing], "Reader A is empty; Reader B is empty", "insert the card"),
            (vec![card(2)], "Reader A holds card FFFF:00000002", "insert the right card"),
            (vec![Holds::Foreign], "Reader A holds a card that is no OpenPGP card", "insert the right card"),
            (vec![Holds::Held], "Reader A holds a card that another program uses", "close the program"),
            (vec![silent], "Reader A holds a card that does not answer (\\u{1b}mute)", "take out the card"),
        ];
        for (holds, words, mend) in cases {
            let (said, hint) = refused(&holds, &expected(1));
            assert_eq!(said, format!("card packages-a (FFFF:00000001) is not at hand: {words}"));
            assert!(hint.starts_with(mend), "{hint}");
        }
    }
}
