//! The closing record: what happened after the head of a ceremony was written down.

use serde::Deserialize;

use super::FormatError;
use super::place::Source;
use crate::model::hash::Hash;
use crate::model::name::CardName;
use crate::model::timestamp::Timestamp;

/// The only version of the format.
const FORMAT: &str = "keyrite-closing-1";
/// The longest text in it.
const LONGEST: usize = 200;

/// A closing record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The ceremony.
    pub ceremony: String,
    /// The head of its whole transcript.
    pub head: Hash,
    /// When the machine was switched off.
    pub power_off: Timestamp,
    /// What else is to be known.
    pub remarks: Vec<String>,
    /// Bags, each with a number of its own.
    pub bags: Vec<Bag>,
    /// Copies of the register.
    pub copies: Vec<Copy>,
}

/// A bag that was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bag {
    /// The number printed on it.
    pub number: String,
    /// What is in it.
    pub content: String,
    /// Who took it.
    pub holder: String,
}

/// A copy of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// What it is on.
    pub medium: String,
    /// Who took it.
    pub holder: String,
}

impl Bag {
    /// Whether it holds this card: its content says `card NAME`.
    #[must_use]
    pub fn holds(&self, card: &CardName) -> bool {
        let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let words: Vec<&str> = self.content.split(|c| !is_of_a_name(c)).filter(|word| !word.is_empty()).collect();
        // A name may end with a full stop, and so may a sentence.
        let is_it = |word: &str| word == card.as_str() || word.trim_end_matches('.') == card.as_str();
        words.windows(2).any(|pair| matches!(pair, [first, name] if first.eq_ignore_ascii_case("card") && is_it(name)))
    }
}

impl Closing {
    /// The one bag that holds this card; none when the record does not say which one that is.
    #[must_use]
    pub fn bag_of(&self, card: &CardName) -> Option<&Bag> {
        let mut bags = self.bags.iter().filter(|bag| bag.holds(card));
        bags.next().filter(|_| bags.next().is_none())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    format: toml::Spanned<String>,
    ceremony: toml::Spanned<String>,
    head: toml::Spanned<Hash>,
    power_off: toml::Spanned<Timestamp>,
    #[serde(default)]
    remarks: Vec<toml::Spanned<String>>,
    #[serde(default, rename = "bag")]
    bags: Vec<BagTable>,
    #[serde(default, rename = "copy")]
    copies: Vec<CopyTable>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct BagTable {
    number: toml::Spanned<String>,
    content: toml::Spanned<String>,
    holder: toml::Spanned<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CopyTable {
    medium: toml::Spanned<String>,
    holder: toml::Spanned<String>,
}

/// The ceremony that a closing record must be of.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// Its name.
    pub ceremony: &'a str,
    /// The head of its whole transcript.
    pub head: Hash,
    /// The time of its last line.
    pub ended: Timestamp,
}

/// Reads the closing record of a ceremony.
///
/// # Errors
/// A fault with file, line and column: an unknown or missing key, another ceremony or head, a time before the ceremony's
/// end, a bag that stands there twice.
pub fn read(source: &Source, of: &Of<'_>) -> Result<Closing, FormatError> {
    let file: File = source.read()?;
    if file.format.get_ref() != FORMAT {
        return Err(source.fault(file.format.span(), &format!("this must be \"{FORMAT}\"")));
    }
    if file.ceremony.get_ref() != of.ceremony {
        return Err(source.fault(file.ceremony.span(), &format!("this must be \"{}\"", of.ceremony)));
    }
    if *file.head.get_ref() != of.head {
        let message = format!("the head of {} is {}", of.ceremony, of.head);
        return Err(source.fault(file.head.span(), &message));
    }
    if *file.power_off.get_ref() < of.ended {
        let message = format!("the ceremony ended at {}, with the machine on", of.ended);
        return Err(source.fault(file.power_off.span(), &message));
    }
    let line = |text: &toml::Spanned<String>| source.line(text, LONGEST);
    bags_once(source, &file.bags)?;
    Ok(Closing {
        ceremony: of.ceremony.to_owned(),
        head: of.head,
        power_off: *file.power_off.get_ref(),
        remarks: file.remarks.iter().map(line).collect::<Result<_, _>>()?,
        bags: file
            .bags
            .iter()
            .map(|bag| Ok(Bag { number: line(&bag.number)?, content: line(&bag.content)?, holder: line(&bag.holder)? }))
            .collect::<Result<_, FormatError>>()?,
        copies: file
            .copies
            .iter()
            .map(|copy| Ok(Copy { medium: line(&copy.medium)?, holder: line(&copy.holder)? }))
            .collect::<Result<_, FormatError>>()?,
    })
}

fn bags_once(source: &Source, bags: &[BagTable]) -> Result<(), FormatError> {
    for (at, bag) in bags.iter().enumerate() {
        if bags.iter().take(at).any(|other| other.number.get_ref() == bag.number.get_ref()) {
            return Err(source.fault(bag.number.span(), "this bag stands here twice"));
        }
    }
    Ok(())
}

/// A record to fill in.
#[must_use]
pub fn template(of: &Of<'_>) -> String {
    format!(
        "# What happened after the head of the ceremony was written down. Fill it in, and have it read by a witness.
format    = \"{FORMAT}\"
ceremony  = \"{}\"
head      = \"{}\"
power-off = \"\" # in UTC, such as {}: when the machine was switched off
remarks   = []

# One for each bag that was sealed; the bag with the records card comes last.
[[bag]]
number  = \"\"
content = \"\" # of a card these words: card NAME. A later ceremony compares the bag when the card comes out of it
holder  = \"\"

# One for each copy of the register that left the room.
[[copy]]
medium = \"\"
holder = \"\"
",
        of.ceremony, of.head, of.ended
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of() -> Of<'static> {
        Of { ceremony: "0001-root-generation", head: Hash([7; 32]), ended: Timestamp(1_795_258_797) }
    }

    fn filled() -> String {
        let text = template(&of());
        text.replacen("= \"\"", "= \"2026-11-21T11:00:00Z\"", 1).replace("= \"\"", "= \"something\"")
    }

    fn refusal(text: &str) -> String {
        read(&Source::new("c.toml", text.as_bytes()).unwrap(), &of()).unwrap_err().to_string()
    }

    #[test]
    fn a_filled_template_is_read() {
        let closing = read(&Source::new("c.toml", filled().as_bytes()).unwrap(), &of()).unwrap();
        assert_eq!((closing.bags.len(), closing.copies.len(), closing.remarks.len()), (1, 1, 0));
        assert_eq!(closing.bags[0].holder, "something");
    }

    #[test]
    fn a_bag_holds_the_cards_that_its_content_names() {
        let holds = |content: &str, card: &str| {
            let bag = Bag { number: "1".to_owned(), content: content.to_owned(), holder: "x".to_owned() };
            bag.holds(&card.parse().unwrap())
        };
        for content in
            ["card packages-a", "Card packages-a, new label", "card records; card packages-a.", "(card packages-a)"]
        {
            assert!(holds(content, "packages-a"), "{content}");
        }
        // What only mentions the name, or another one.
        for content in ["packages-a", "card packages-ab", "card packages-a.b", "card", "copy of the records", "cards"] {
            assert!(!holds(content, "packages-a") && !holds(content, "records"), "{content}");
        }
    }

    #[test]
    fn a_card_in_two_bags_is_in_none() {
        let text = filled().replace("content = \"something\"", "content = \"card records\"");
        let read = |text: &str| read(&Source::new("c.toml", text.as_bytes()).unwrap(), &of()).unwrap();
        let records = "records".parse().unwrap();
        assert_eq!(read(&text).bag_of(&records).map(|bag| bag.number.as_str()), Some("something"));
        let again = "[[bag]]\nnumber = \"2\"\ncontent = \"card records\"\nholder = \"x\"\n";
        assert_eq!(read(&(text + again)).bag_of(&records), None);
    }

    #[test]
    fn what_is_not_of_this_ceremony_or_not_filled_in_is_refused_at_its_place() {
        assert!(refusal(&template(&of())).contains("c.toml:5:13: not a moment in UTC"));
        for (from, to, said) in [
            ("0001-root-generation", "0002-delegation", "c.toml:3:13: this must be \"0001-root-generation\""),
            ("0707", "0807", "c.toml:4:13: the head of 0001-root-generation is 0707"),
            ("\"2026-11-21T11", "\"2025-11-21T11", "c.toml:5:13: the ceremony ended at"),
            ("number  = \"something", "number  = \"", "c.toml:10:11: this text must be 1 to 200"),
            ("remarks ", "remark ", "unknown key `remark`"),
            ("-closing-1", "-closing-2", "c.toml:2:13: this must be"),
        ] {
            let said_indeed = refusal(&filled().replacen(from, to, 1));
            assert!(said_indeed.contains(said), "{said_indeed}");
        }
        let (head, bag) = filled().split_once("[[bag]]").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let twice = format!("{head}[[bag]]\nnumber = \"something\"\ncontent = \"x\"\nholder = \"y\"\n[[bag]]{bag}");
        assert!(refusal(&twice).contains("this bag stands here twice"));
    }
}
