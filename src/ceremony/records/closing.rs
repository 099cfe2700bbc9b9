//! Closing records: written once, named by the opening of the next ceremony.

use std::collections::BTreeSet;

use super::RecordsError;
use super::book::{Book, evidence};
use crate::format::closing::{self, Closing, Of};
use crate::format::ledger::Entry;
use crate::format::place::Source;
use crate::model::evidence::{Evidence, OpenedBag};
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::workstation::files::{self, Readers};
use crate::workstation::register::Register;

/// The largest closing record.
const LARGEST: u64 = 256 * 1024;

/// Where the closing record of a ceremony lies.
#[must_use]
pub fn path(ceremony: &str) -> String {
    format!("closing/{ceremony}.toml")
}

/// Where its hash lies, as `sha256sum` writes it.
#[must_use]
pub fn sum_path(ceremony: &str) -> String {
    format!("{}.sha256", path(ceremony))
}

fn sum(ceremony: &str, hash: Hash) -> String {
    format!("{hash}  {ceremony}.toml\n")
}

/// What the closing record of a ceremony must be of.
///
/// # Errors
/// [`RecordsError::Unfinished`].
pub fn of(entry: &Entry) -> Result<Of<'_>, RecordsError> {
    let last = entry.transcript.lines.last().filter(|_| entry.is_over());
    let last = last.ok_or_else(|| RecordsError::Unfinished { ceremony: entry.name.clone() })?;
    Ok(Of { ceremony: &entry.name, head: entry.transcript.head, ended: last.time })
}

/// Writes the closing record of a ceremony. Gives its hash, and whether it is new; the same once more is no fault.
///
/// # Errors
/// A record that is not of this ceremony, another one that is there, or a next ceremony that was opened without it.
pub fn write(book: &Book<'_>, at: usize, source: &Source) -> Result<(Closing, Hash, bool), RecordsError> {
    let Some(entry) = book.entries.get(at) else {
        return Err(RecordsError::NoCeremony { ceremony: String::new() });
    };
    let closing = closing::read(source, &of(entry)?)?;
    let bytes = source.text().as_bytes();
    let hash = Hash::of(bytes);
    for card in book.history(at).cards.keys() {
        if closing.bags.iter().filter(|bag| bag.holds(card)).count() > 1 {
            let what = format!("card {card} stands in two bags");
            return Err(RecordsError::Closing { path: path(&entry.name), what });
        }
    }
    if let Some(next) = book.entries.get(at + 1).filter(|next| bound_by(next) != Some(hash)) {
        let what = format!("{} was opened without it: what is not named there binds nobody", next.name);
        return Err(RecordsError::Closing { path: path(&entry.name), what });
    }
    let mut is_new = false;
    // The record first: a hash without its record would be a fault.
    for (relative, bytes) in [(path(&entry.name), bytes), (sum_path(&entry.name), sum(&entry.name, hash).as_bytes())] {
        let there = book.register.path(&relative);
        let same = there.symlink_metadata().is_ok() && files::read(&there, LARGEST)? == bytes;
        if !same {
            let folder = there.parent().unwrap_or(&there);
            files::make_folder(folder)?;
            files::sync_folder(folder)?;
            files::write_new(&there, bytes, Readers::All)?;
            is_new = true;
        }
    }
    Ok((closing, hash, is_new))
}

fn bound_by(next: &Entry) -> Option<Hash> {
    next.opening().and_then(|opening| opening.previous_closing)
}

/// Reads the closing record of a ceremony, if it has one, and compares it with its hash.
///
/// # Errors
/// [`RecordsError::Closing`] and the faults of the file.
fn read(register: &Register, entry: &Entry) -> Result<Option<(Closing, Hash)>, RecordsError> {
    let relative = path(&entry.name);
    let fault = |what: &str| RecordsError::Closing { path: relative.clone(), what: what.to_owned() };
    let (record, sums) = (register.path(&relative), register.path(&sum_path(&entry.name)));
    match (record.symlink_metadata().is_ok(), sums.symlink_metadata().is_ok()) {
        (false, false) => return Ok(None),
        (true, true) => {}
        (true, false) => return Err(fault("its hash is missing: write it again with keyrite minutes close")),
        (false, true) => return Err(fault("its hash is there, and the record is missing")),
    }
    let bytes = files::read(&record, LARGEST)?;
    let hash = Hash::of(&bytes);
    if files::read(&sums, LARGEST)? != sum(&entry.name, hash).as_bytes() {
        return Err(fault("it is not what its hash says"));
    }
    let closing = closing::read(&Source::new(&relative, &bytes)?, &of(entry)?)
        .map_err(|error| RecordsError::Closing { path: relative.clone(), what: first_line(&error.to_string()) })?;
    Ok(Some((closing, hash)))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Checks the closing record of a ceremony: that the next one, if there is one, was opened with just this.
///
/// # Errors
/// [`RecordsError::Closing`].
pub fn check(book: &Book<'_>, at: usize) -> Result<Option<Hash>, RecordsError> {
    Ok(checked(book, at)?.map(|(_, hash)| hash))
}

/// As [`check`]; gives the record with its hash.
fn checked(book: &Book<'_>, at: usize) -> Result<Option<(Closing, Hash)>, RecordsError> {
    let Some(entry) = book.entries.get(at) else { return Ok(None) };
    let record = read(book.register, entry)?;
    let Some(next) = book.entries.get(at + 1).filter(|next| next.opening().is_some()) else { return Ok(record) };
    let hash = record.as_ref().map(|(_, hash)| *hash);
    let what = match (hash, bound_by(next)) {
        (own, named) if own == named => return Ok(record),
        (Some(_), None) => format!("{} was opened without it", next.name),
        (None, Some(named)) => format!("it is missing; {} was opened with {named}", next.name),
        _ => format!("it is not the record that {} was opened with", next.name),
    };
    Err(RecordsError::Closing { path: path(&entry.name), what })
}

/// What the opening of a next ceremony names: the closing record of the last one. Production demands that there is one.
///
/// # Errors
/// [`RecordsError::Closing`] for a bad one, [`RecordsError::NotClosed`].
pub fn to_bind(register: &Register, mode: Mode) -> Result<Option<Hash>, RecordsError> {
    let mut entries = register.ledger()?;
    // Cut off at its very beginning, it is begun again.
    entries.pop_if(|last| last.transcript.lines.is_empty());
    let Some(last) = entries.last() else { return Ok(None) };
    match read(register, last)? {
        None if mode == Mode::Production => Err(RecordsError::NotClosed { ceremony: last.name.clone() }),
        record => Ok(record.map(|(_, hash)| hash)),
    }
}

/// A bag in which a card should be.
pub struct Recorded {
    /// The ceremony after which it was sealed.
    pub ceremony: String,
    /// The number on it.
    pub number: String,
}

/// The bag in which a card should be now, while the last ceremony of the book is held: that of the closing record of the
/// ceremony before it, or of an earlier one when the card stayed in its bag since. None when the records do not say.
///
/// # Errors
/// [`RecordsError::Closing`] for a record that is not the one which the next ceremony was opened with.
pub fn bag_of(book: &Book<'_>, card: &CardName) -> Result<Option<Recorded>, RecordsError> {
    // A bag may hold more than one card: opened for another, it holds none any more.
    let mut opened = BTreeSet::new();
    for (at, entry) in book.entries.iter().enumerate().rev().skip(1) {
        let record = checked(book, at)?;
        if let Some(bag) = record.as_ref().and_then(|(closing, _)| closing.bag_of(card)) {
            let recorded = Recorded { ceremony: entry.name.clone(), number: bag.number.clone() };
            return Ok(Some(recorded).filter(|bag| !opened.contains(&bag.number)));
        }
        if was_out(entry, card) {
            return Ok(None);
        }
        opened.extend(opened_in(entry).filter_map(|bag| bag.number.clone()));
    }
    Ok(None)
}

/// Whether a card was out of its bag in a ceremony: what an earlier record says of it is past.
fn was_out(entry: &Entry, card: &CardName) -> bool {
    let is_seen = |evidence: &Evidence| match evidence {
        Evidence::CardPresented { card: other, .. } | Evidence::CardSeen { card: other, .. } => other == card,
        _ => false,
    };
    opened_in(entry).any(|bag| bag.card == *card) || evidence(entry).any(|(_, evidence)| is_seen(evidence))
}

/// The bags that were opened in a ceremony.
fn opened_in(entry: &Entry) -> impl Iterator<Item = &OpenedBag> {
    evidence(entry).flat_map(|(_, evidence)| match evidence {
        Evidence::BagsOpened { bags } => bags.as_slice(),
        _ => &[],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::transcript::{BEGINNING, Line};
    use crate::model::event::{Event, Opening};
    use crate::model::script::Kind;
    use crate::model::timestamp::Timestamp;

    /// A register with one finished ceremony, and nothing else.
    fn finished(folder: &std::path::Path) -> Register {
        let register = Register::open_or_create(&folder.join("register")).unwrap();
        ceremony(&register, Vec::new());
        register
    }

    /// Adds a finished ceremony in which this was noted.
    fn ceremony(register: &Register, noted: Vec<Evidence>) {
        let before = register.ledger().unwrap();
        let name = format!("{:04}-root-generation", before.len() + 1);
        let opening = Opening {
            format: 1,
            ceremony: name.clone(),
            kind: Kind::RootGeneration,
            mode: Mode::Production,
            program: "keyrite 0".to_owned(),
            binary: Hash::of(b"b"),
            script: Hash::of(b"s"),
            title: "t".to_owned(),
            organization: Hash::of(b"o"),
            organization_name: "Example".to_owned(),
            previous_head: before.last().map(|last| last.transcript.head),
            previous_closing: to_bind(register, Mode::Rehearsal).unwrap(),
        };
        let mut events = vec![Event::Opened { opening: Box::new(opening) }];
        events.extend(noted.into_iter().map(|evidence| Event::Noted { evidence }));
        events.push(Event::Finished);
        let (mut bytes, mut previous) = (Vec::new(), BEGINNING);
        for (at, entry) in events.into_iter().enumerate() {
            let line = Line { number: at as u64 + 1, previous, time: Timestamp(5), entry }.encode().unwrap();
            previous = Hash::of(&line);
            bytes.extend(line);
        }
        std::fs::write(register.path(&format!("transcripts/{name}.jsonl")), bytes).unwrap();
    }

    /// The last ceremony gets a closing record with these bags.
    fn close(register: &Register, bags: &[(&str, &str)]) {
        let book = Book::open(register).unwrap();
        let at = book.entries.len() - 1;
        let text = closing::template(&of(&book.entries[at]).unwrap());
        let (head, _) = text.split_once("[[bag]]").unwrap();
        let mut text = head.replacen("= \"\"", "= \"1970-01-01T00:00:05Z\"", 1);
        for (number, content) in bags {
            text += &format!("[[bag]]\nnumber = \"{number}\"\ncontent = \"{content}\"\nholder = \"x\"\n");
        }
        write(&book, at, &Source::new("c.toml", text.as_bytes()).unwrap()).unwrap();
    }

    #[test]
    fn the_bag_of_a_card_is_that_of_its_last_record_unless_it_was_opened_since() {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::open_or_create(&folder.path().join("register")).unwrap();
        let name = |name: &str| -> CardName { name.parse().unwrap() };
        let opened = |card: &str, number: &str| Evidence::BagsOpened {
            bags: vec![OpenedBag { card: name(card), number: Some(number.to_owned()) }],
        };
        let bag = |card: &str| {
            let bag = bag_of(&Book::open(&register).unwrap(), &name(card)).unwrap();
            bag.map(|bag| (bag.ceremony[..4].to_owned(), bag.number))
        };
        let expected = |ceremony: &str, number: &str| Some((ceremony.to_owned(), number.to_owned()));
        ceremony(&register, Vec::new());
        assert_eq!(bag("a"), None);
        close(&register, &[("1", "card a, card b"), ("2", "card c"), ("3", "card d")]);
        // While the second is held: what it opens itself does not count.
        ceremony(&register, vec![opened("a", "1"), opened("c", "2")]);
        assert_eq!(
            (bag("a"), bag("b"), bag("d")),
            (expected("0001", "1"), expected("0001", "1"), expected("0001", "3"))
        );
        close(&register, &[("4", "card a")]);
        ceremony(&register, Vec::new());
        assert_eq!((bag("a"), bag("d"), bag("e")), (expected("0002", "4"), expected("0001", "3"), None));
        // Of b nobody wrote where it went when its bag was opened for a; nor of c, which was out itself.
        assert_eq!((bag("b"), bag("c")), (None, None));
        // Another record than the one that the third was opened with.
        std::fs::remove_dir_all(register.path("closing")).unwrap();
        assert!(matches!(bag_of(&Book::open(&register).unwrap(), &name("a")), Err(RecordsError::Closing { .. })));
    }

    #[test]
    fn production_demands_a_closing_record() {
        let folder = tempfile::tempdir().unwrap();
        let register = finished(folder.path());
        assert!(matches!(to_bind(&register, Mode::Production), Err(RecordsError::NotClosed { .. })));
        assert_eq!(to_bind(&register, Mode::Rehearsal).unwrap(), None);
        let book = Book::open(&register).unwrap();
        let text = closing::template(&of(&book.entries[0]).unwrap());
        let text = text.replacen("= \"\"", "= \"1970-01-01T00:00:05Z\"", 1).replace("= \"\"", "= \"x\"");
        let source = Source::new("c.toml", text.as_bytes()).unwrap();
        let (_, hash, is_new) = write(&book, 0, &source).unwrap();
        assert!(is_new && !write(&book, 0, &source).unwrap().2);
        assert_eq!(to_bind(&register, Mode::Production).unwrap(), Some(hash));
        std::fs::remove_file(register.path("closing/0001-root-generation.toml.sha256")).unwrap();
        assert!(matches!(to_bind(&register, Mode::Rehearsal), Err(RecordsError::Closing { .. })));
        // What a cut left half written is finished by the same command.
        assert!(write(&book, 0, &source).unwrap().2);
        assert_eq!(to_bind(&register, Mode::Rehearsal).unwrap(), Some(hash));
    }
}
