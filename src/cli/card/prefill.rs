//! `keyrite card pin`, `unblock` and `retire`: what uses a root or its PINs is a ceremony; these write its script, with the card's
//! name in it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::ceremony::written::source;
use crate::ceremony::{CeremonyError, lint};
use crate::cli::{CliError, Screen, shipped};
use crate::format::place::Source;
use crate::format::{organization, script};
use crate::model::evidence::Gone;
use crate::model::name::CardName;
use crate::model::organization::Organization;
use crate::model::shown::Shown;
use crate::workstation::files::{self, Readers};
use crate::workstation::sandbox::Writable;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The card's name in the organization
    #[arg(value_name = "CARD")]
    card: CardName,
    /// The organization
    #[arg(long, value_name = "FILE")]
    organization: PathBuf,
    /// The script, a new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Arguments of `retire`.
#[derive(Debug, Args)]
pub struct Retire {
    #[command(flatten)]
    arguments: Arguments,
    /// How it goes
    #[arg(long, value_enum, default_value_t = How::Erased)]
    how: How,
}

/// As [`Gone`], on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum How {
    /// It answers: it is reset
    Erased,
    /// It answers nothing: it is destroyed before witnesses
    Destroyed,
    /// Nobody knows where it is
    Lost,
}

impl From<How> for Gone {
    fn from(how: How) -> Self {
        match how {
            How::Erased => Self::Erased,
            How::Destroyed => Self::Destroyed,
            How::Lost => Self::Lost,
        }
    }
}

/// Which script.
pub(super) enum Wanted<'a> {
    /// New PINs.
    Pins(&'a Arguments),
    /// A new user PIN.
    Unblock(&'a Arguments),
    /// A card leaves.
    Retire(&'a Retire),
}

impl Wanted<'_> {
    /// Where it writes.
    pub(super) fn writable(&self) -> Writable {
        Writable::default().and_new(&self.arguments().out)
    }

    fn arguments(&self) -> &Arguments {
        match self {
            Self::Pins(arguments) | Self::Unblock(arguments) => arguments,
            Self::Retire(retire) => &retire.arguments,
        }
    }

    /// The shipped script, for this card.
    fn script(&self, organization: &Organization) -> String {
        let card = &self.arguments().card;
        let has_records = organization.records.card == *card;
        match self {
            Self::Pins(_) => filled(shipped::PINS, organization, card, has_records, has_records),
            Self::Unblock(_) => filled(shipped::UNBLOCK, organization, card, has_records, has_records),
            Self::Retire(retire) => {
                let how = Gone::from(retire.how);
                // What is lost is in no bag, and what is broken is not recognized.
                let (no_bag, not_taken) = (how == Gone::Lost, how != Gone::Erased);
                let text = filled(shipped::RETIRE, organization, card, no_bag, not_taken);
                text.replace("how  = \"erased\"", &format!("how  = \"{how}\""))
            }
        }
    }
}

/// Writes the script, when it lints.
///
/// # Errors
/// An organization that cannot be read; a script that the organization does not bear; FILE-1 when the file is there already.
pub(super) fn run(wanted: &Wanted<'_>) -> Result<(), CliError> {
    let Arguments { organization: file, out, .. } = wanted.arguments();
    let organization = organization::read(&source(file)?)?;
    let text = wanted.script(&organization);
    let path = out.to_string_lossy();
    let source = Source::new(&path, text.as_bytes())?;
    lint::lint(&script::read(&source)?, &organization, None).map_err(CeremonyError::Lint)?;
    files::write_new(out, text.as_bytes(), Readers::All)?;
    let (path, file) = (Shown::new(&path), Shown::new(&file.to_string_lossy()));
    let mut screen = Screen::new();
    screen.line(&format!("{path} is written. Two people read it. Then:"))?;
    screen.line(&format!("    keyrite ceremony check {path} --organization {file} --register DIR"))?;
    screen.line(&format!("    keyrite ceremony run {path} --organization {file} --register DIR --copy DIR"))
}

/// A shipped script, which is about card A of the example, for another card: its name, the card with the records key, and the bags
/// and readers without it where it is not there.
fn filled(script: &str, organization: &Organization, card: &CardName, no_bag: bool, not_taken: bool) -> String {
    let records = &organization.records.card;
    // Above its first key stands how it is changed by hand.
    let script = script.lines().skip_while(|line| line.starts_with('#')).map(|line| format!("{line}\n"));
    let script: String = script.collect();
    let (room, rest) = script.split_once("[step.take-cards]").unwrap_or((&script, ""));
    let both = "cards = [\"records\", \"packages-a\"]";
    let alone = format!("cards = [\"{records}\"]");
    let two = format!("cards = [\"{records}\", \"{card}\"]");
    let of = |is_alone: bool| if is_alone { &alone } else { &two };
    let said = |text: &str, is_alone: bool| if is_alone { only_records(text) } else { text.to_owned() };
    let (bags, readers) = split_steps(room);
    let filled = [
        said(bags, no_bag).replace(both, of(no_bag)),
        said(readers, not_taken),
        "[step.take-cards]".to_owned(),
        rest.replacen(both, of(not_taken), 1),
    ];
    let card = card.as_str();
    let text = filled.concat().replace("card A", &format!("card {card}")).replace("Card A", &format!("Card {card}"));
    text.replace("\"packages-a\"", &format!("\"{card}\""))
}

/// A room before its last step, and that step.
fn split_steps(room: &str) -> (&str, &str) {
    room.rfind("[[step]]").map_or((room, ""), |at| room.split_at(at))
}

/// The words of a step about the records card and another one, for the records card alone.
fn only_records(text: &str) -> String {
    text.replace(
        "the bags with the records card and card A. A witness looks at each",
        "the bag with the records card. A witness looks at it",
    )
    .replace(
        "The records card and card A are put into their readers. Each is",
        "The records card is put into its reader. It is",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Organization {
        let text = std::fs::read("ceremony/organization.toml").unwrap();
        organization::read(&Source::new("organization.toml", &text).unwrap()).unwrap()
    }

    fn arguments(card: &str) -> Arguments {
        let (organization, out) = (PathBuf::from("organization.toml"), PathBuf::from("out.toml"));
        Arguments { card: card.parse().unwrap(), organization, out }
    }

    fn lints(text: &str) -> Result<(), String> {
        let source = Source::new("out.toml", text.as_bytes()).unwrap();
        let script = script::read(&source).map_err(|error| format!("{error}\n{text}"))?;
        let fault = |faults| format!("{}\n{text}", CeremonyError::Lint(faults));
        lint::lint(&script, &example(), None).map(drop).map_err(fault)
    }

    #[test]
    fn scripts_are_for_the_card_and_no_other() {
        for card in ["packages-a", "packages-b", "records"] {
            for wanted in [Wanted::Pins(&arguments(card)), Wanted::Unblock(&arguments(card))] {
                let text = wanted.script(&example());
                lints(&text).unwrap();
                assert!(text.starts_with("kind") && !text.contains("card A") && !text.contains("Card A"), "{text}");
                assert_eq!(text.contains("packages-a"), card == "packages-a", "{text}");
                let named = if card == "records" { 2 } else { 0 };
                assert_eq!(text.matches("cards = [\"records\"]").count(), named, "{text}");
            }
        }
    }

    #[test]
    fn a_card_that_is_not_there_is_not_looked_for() {
        for (how, bags, readers) in [(How::Erased, 2, 2), (How::Destroyed, 2, 1), (How::Lost, 1, 1)] {
            let retire = Retire { arguments: arguments("packages-b"), how };
            let text = Wanted::Retire(&retire).script(&example());
            lints(&text).unwrap();
            let cards: Vec<usize> = text
                .lines()
                .filter(|line| line.starts_with("cards = "))
                .map(|line| line.matches('"').count() / 2)
                .collect();
            assert_eq!(cards, [bags, readers], "{text}");
            assert!(text.contains(&format!("how  = \"{}\"", Gone::from(how))), "{text}");
        }
        let records = Retire { arguments: arguments("records"), how: How::Erased };
        assert!(lints(&Wanted::Retire(&records).script(&example())).unwrap_err().contains("it cannot be retired"));
    }
}
