//! The dialogue at a terminal of 80 by 24: people in a room, who answer.

mod answer;
mod error;
mod heartbeat;
mod page;
mod printing;
mod sheet;
mod tty;

use keyrite_locked::Locked;

pub use error::TerminalError;
use page::Page;
pub use printing::Press;
use tty::{Echo, Tty};

use super::CliError;
use crate::ceremony::CeremonyError;
use crate::ceremony::codes::LEAST;
use crate::ceremony::dialogue::{
    Announcement, Answer, Aside, Brought, Choice, Dialogue, Half, Heartbeat, Papers, Reading, SheetName, Unanswered,
};
use crate::ceremony::screen;
use crate::model::hash::Hash;
use crate::model::name::CardName;
use crate::model::role::Seat;
use crate::model::room::Undo;
use crate::model::shown::Shown;
use crate::workstation::clock;

/// The most characters of an answer that is recorded.
const WORDS: usize = 60;

/// People at a terminal.
pub struct Terminal<'a> {
    page: Page,
    /// Without them, sheets are in the hands of people, who copy and type them.
    papers: Option<&'a mut dyn Papers>,
    /// Without one, sheets are copied by hand.
    press: Option<Press>,
    undo: Undo,
}

impl<'a> Terminal<'a> {
    /// At the terminal that keyrite was called from; share sheets lie in `papers`, or are copied and typed by hand.
    ///
    /// # Errors
    /// When people cannot work there.
    pub fn open(papers: Option<&'a mut dyn Papers>) -> Result<Self, TerminalError> {
        Ok(Self { page: Page::new(Tty::open()?), papers, press: None, undo: Undo::Harmless })
    }

    /// With a printer for share sheets, if there is one.
    #[must_use]
    pub fn printing(self, press: Option<Press>) -> Self {
        Self { press, ..self }
    }

    /// Asks for `y`, or for whole words where a slip of the finger must not do; false is a no.
    fn yes(&mut self, told: &[String]) -> Answer<bool> {
        let (prompt, wanted) = match self.undo {
            Undo::Irreversible => ("It cannot be undone. Yes (all three letters) or n", "Yes"),
            Undo::Harmless | Undo::Repeatable => ("y or n", "y"),
        };
        let mut told = told;
        loop {
            let typed = self.page.ask(told, prompt, Echo::On)?;
            match typed.text().unwrap_or_default().trim() {
                "n" | "no" | "N" | "No" => return Ok(false),
                typed if typed == wanted => return Ok(true),
                _ => {
                    self.page.again(&format!("Please answer {wanted} or n; ? helps."));
                    told = &[];
                }
            }
        }
    }

    /// A plain yes, also within a step that cannot be undone.
    fn plainly(&mut self, told: &[String]) -> Answer<bool> {
        let undo = std::mem::replace(&mut self.undo, Undo::Harmless);
        let answer = self.yes(told);
        self.undo = undo;
        answer
    }

    /// Asks for words that stand in the question, or a no.
    fn words(&mut self, seat: Seat, question: &str, words: &str) -> Answer<bool> {
        let told = self.page.to(seat, Shown::new(question).as_str());
        loop {
            let typed = self.page.ask(&told, &format!("type {words}, or n"), Echo::On)?;
            match typed.text().unwrap_or_default().trim() {
                "n" | "no" | "N" | "No" => return Ok(false),
                typed if answer::is_same(typed, words) => return Ok(true),
                _ => self.page.again(&format!("That is not {words}. n stops here, and nothing is lost.")),
            }
        }
    }

    /// Has something typed that nobody types by accident, after `words` that say what for.
    ///
    /// # Errors
    /// [`CliError::NotTyped`] for anything else; when the terminal is gone.
    pub fn must_type(&mut self, words: &[String], wanted: &str) -> Result<(), CliError> {
        let told: Vec<String> = words.iter().flat_map(|line| screen::told(line)).collect();
        loop {
            match self.page.ask(&told, "letter by letter", Echo::On) {
                Ok(typed) if typed.trim_ascii() == wanted.as_bytes() => return Ok(()),
                Ok(_) | Err(Unanswered::Aside(Aside::Stop)) => {
                    return Err(CliError::NotTyped { wanted: wanted.to_owned() });
                }
                Err(Unanswered::Aside(_)) => {}
                Err(Unanswered::Stop(error)) => return Err(error.into()),
            }
        }
    }

    /// Has something typed that is not shown.
    ///
    /// # Errors
    /// [`CliError::NotTyped`] when nothing is typed; when the terminal is gone.
    pub fn hidden(&mut self, words: &[String], what: &str) -> Result<Locked, CliError> {
        let told: Vec<String> = words.iter().flat_map(|line| screen::told(line)).collect();
        loop {
            match self.page.ask(&told, what, Echo::Off) {
                Ok(typed) if !typed.is_empty() => return Ok(typed),
                Ok(_) | Err(Unanswered::Aside(Aside::Stop)) => {
                    return Err(CliError::NotTyped { wanted: what.to_owned() });
                }
                Err(Unanswered::Aside(_)) => {}
                Err(Unanswered::Stop(error)) => return Err(error.into()),
            }
        }
    }

    /// A line without echo.
    fn secret(&mut self, told: &[String], prompt: &str) -> Answer<Locked> {
        self.page.ask(told, prompt, Echo::Off)
    }
}

impl Dialogue for Terminal<'_> {
    fn announce(&mut self, announcement: &Announcement<'_>) {
        self.undo = announcement.undo;
        self.page.block(&screen::announcement(announcement));
    }

    fn seated(&mut self, seats: &[(Seat, String)]) {
        self.page.seat(seats);
    }

    fn begin(&mut self) -> Answer<()> {
        // A "no" is no Enter.
        while !self.page.ask(&[], "Read it aloud; Enter begins", Echo::On)?.trim_ascii().is_empty() {
            self.page.again("Enter alone begins; q stops.");
        }
        Ok(())
    }

    fn tell(&mut self, line: &str) {
        self.page.block(&screen::told(line));
    }

    fn busy(&mut self, words: &'static str) -> Heartbeat {
        Box::new(self.page.busy(words))
    }

    fn pause(&mut self) -> Answer<()> {
        let told = screen::told("PAUSED. Nobody touches cards or papers, and two people stay with them.");
        self.page.ask(&told, "Enter goes on", Echo::On).map(drop)
    }

    fn picture(&mut self, caption: &str, rows: &[String]) {
        if self.page.is_utf8() {
            self.page.picture(caption, rows);
            self.page.pause("Enter, when nobody needs it any more");
        } else {
            self.tell(&format!("{caption} this terminal cannot show it."));
        }
    }

    fn confirm(&mut self, seat: Seat, question: &str, compare: Option<Hash>) -> Answer<()> {
        let question = Shown::new(question);
        let mut told = self.page.to(seat, question.as_str());
        told.extend(compare.into_iter().flat_map(screen::hash));
        if self.yes(&told)? { Ok(()) } else { Err(CeremonyError::Declined { seat, question }.into()) }
    }

    fn type_out(&mut self, seat: Seat, question: &str, words: &str) -> Answer<()> {
        let declined = || CeremonyError::Declined { seat, question: Shown::new(question) };
        if self.words(seat, question, words)? { Ok(()) } else { Err(declined().into()) }
    }

    fn dare(&mut self, seat: Seat, question: &str, words: &str) -> Answer<bool> {
        self.words(seat, question, words)
    }

    fn read_back(&mut self, seat: Seat, what: &str, words: [&str; 2]) -> Answer<()> {
        self.page.clear();
        for (place, word) in ["first", "last"].into_iter().zip(words) {
            let told = self.page.to(seat, &format!("read the {place} word of {what} from your paper."));
            loop {
                let typed = self.page.ask(&told, "as it stands there", Echo::On)?;
                if typed.trim_ascii().eq_ignore_ascii_case(word.as_bytes()) {
                    break;
                }
                self.page.again(&format!("The word is {word}. Correct the paper, and read it once more."));
            }
        }
        Ok(())
    }

    fn read_bag(&mut self, seat: Seat, card: &CardName, number: &str) -> Answer<()> {
        let question = format!("read the number on the bag of card {card}, from the bag itself.");
        let told = self.page.to(seat, &question);
        loop {
            let typed = self.page.ask(&told, "the number, or n when it has none", Echo::On)?;
            let typed = typed.text().unwrap_or_default();
            match typed.trim() {
                "n" | "no" | "N" | "No" => {
                    return Err(CeremonyError::Declined { seat, question: Shown::new(&question) }.into());
                }
                typed if answer::is_same(typed, number) => return Ok(()),
                // What it should be is not said: somebody who knows it need not look.
                _ => self
                    .page
                    .again("The record says otherwise. Read it once more; n, when the bag has no other number."),
            }
        }
    }

    fn time(&mut self, seat: Seat) -> Answer<Reading> {
        let told = self.page.to(seat, "what time is it in UTC, by a clock of your own?");
        loop {
            let typed = self.page.ask(&told, "HH:MM:SS, or such as 2026-11-22T10:59:57Z", Echo::On)?;
            // What is talked over from here on is no difference between clocks.
            let ours = clock::now()?;
            let typed = typed.text().unwrap_or_default();
            match answer::time(typed, ours) {
                Err(why) => self.page.again(&why),
                Ok(theirs) if answer::has_date(typed) => return Ok(Reading { theirs, ours }),
                // The day is the machine's: the witness says whether it is theirs too.
                Ok(theirs) => {
                    if self.plainly(&self.page.to(seat, &format!("is this date right: {}?", theirs.date())))? {
                        return Ok(Reading { theirs, ours });
                    }
                }
            }
        }
    }

    fn channel(&mut self, seat: Seat, fingerprint: &str) -> Answer<Option<String>> {
        let mut told = self.page.to(seat, "how was this fingerprint compared with its owner?");
        told.extend(screen::told(&format!("    {fingerprint}")));
        told.extend(screen::told("Such as: in person, video call. Enter alone, when it was not compared."));
        loop {
            let typed = self.page.ask(&told, "compared", Echo::On)?;
            let words = Shown::from_bytes(typed.trim_ascii());
            match words.as_str().chars().count() {
                0 => return Ok(None),
                1..=WORDS => return Ok(Some(words.to_string())),
                _ => self.page.again(&format!("at most {WORDS} characters are recorded")),
            }
        }
    }

    fn half(&mut self, half: &Half) -> Answer<Locked> {
        let which = match half.choice {
            Choice::Present => ".",
            Choice::New => ", the one chosen last.",
            Choice::Before => ", the one before it.",
        };
        let told = self.page.to(half.seat, &format!("your half of the {} of card {}{which}", half.code, half.card));
        loop {
            let typed = self.secret(&told, "Nothing is shown")?;
            // The card would count it as a try, and no half was ever chosen so short.
            match answer::half(&typed, LEAST) {
                Ok(()) => return Ok(typed),
                Err(why) => self.page.again(&why),
            }
        }
    }

    fn choose(&mut self, half: &Half, least: usize) -> Answer<Locked> {
        let longest = answer::LONGEST;
        let half_of = if half.choice == Choice::New { "a new half" } else { "your half" };
        let mut told =
            self.page.to(half.seat, &format!("choose {half_of} of the {} of card {},", half.code, half.card));
        told.extend(screen::told(&format!("{least} to {longest} letters and digits that nobody else knows.")));
        loop {
            let typed = self.secret(&told, "Nothing is shown")?;
            if let Err(why) = answer::half(&typed, least) {
                self.page.again(&why);
            } else if *self.secret(&[], "Once more")? == *typed {
                self.page.again("Good: both times the same.");
                return Ok(typed);
            } else {
                self.page.again("Not the same twice.");
            }
        }
    }

    fn again(&mut self, error: &str, question: &str) -> Answer<bool> {
        let mut told = screen::told(Shown::new(error).as_str());
        told.extend(screen::told(question));
        self.plainly(&told)
    }

    fn hand(&mut self, seat: Seat, name: &SheetName, sheet: &Locked) -> Answer<()> {
        let printed = match &mut self.press {
            Some(press) => printing::hand(&mut self.page, press, seat, sheet)?,
            None => false,
        };
        if !printed {
            sheet::show(&mut self.page, seat, sheet)?;
        }
        match &mut self.papers {
            Some(papers) => {
                papers.put(seat, name, sheet)?;
                sheet::together(&mut self.page, seat)
            }
            // They stay at the screen: the copy is read back at once.
            None => Ok(()),
        }
    }

    fn fetch(&mut self, seat: Seat, name: &SheetName) -> Answer<Brought> {
        let share =
            format!("bring share {} of set {}: the {} of root {}.", name.number, name.set, name.sealed, name.root);
        match &mut self.papers {
            Some(papers) => {
                self.page.ask(&self.page.to(seat, &share), "Enter takes it from the pocket", Echo::On)?;
                Ok(Brought::Sheet(papers.take(seat, name)?))
            }
            None => {
                let typed = sheet::take(&mut self.page, seat, name)?;
                sheet::together(&mut self.page, seat)?;
                Ok(Brought::Copy(typed))
            }
        }
    }

    fn throws(&mut self, seat: Seat, thrown: usize, wanted: usize) -> Answer<Locked> {
        let told = self
            .page
            .to(seat, &format!("throw the die, and type what it shows: {thrown} of {wanted} throws are there."));
        loop {
            let typed = self.secret(&told, "some throws, 1 to 6; nothing is shown")?;
            let is_face = |byte: &u8| byte.is_ascii_whitespace() || (b'1'..=b'6').contains(byte);
            if typed.iter().all(is_face) {
                return Ok(typed);
            }
            self.page.again("A die shows 1 to 6. None of this line is taken: throw again.");
        }
    }

    fn bag_number(&mut self, seat: Seat, what: &str) -> Answer<String> {
        let told = self.page.to(seat, &format!("put {what} into a new bag, close it, and read its number."));
        loop {
            let typed = self.page.ask(&told, "the number, from the bag itself", Echo::On)?;
            let typed = typed.text().unwrap_or_default().trim().to_owned();
            match typed.chars().count() {
                1..=WORDS if Shown::new(&typed).as_str() == typed => return Ok(typed),
                _ => self.page.again(&format!("The number of a bag has 1 to {WORDS} letters and digits.")),
            }
        }
    }

    fn destroy(&mut self, seat: Seat, name: &SheetName) -> Answer<bool> {
        let (who, number, set) = (self.page.who(seat), name.number, &name.set);
        let words = format!("Share {number} of set {set}, which {who} held, and every copy of it: destroy it now.");
        let mut told = screen::told(&words);
        told.extend(screen::told("Did everybody see it destroyed? n, when it is not here."));
        if !self.plainly(&told)? {
            return Ok(false);
        }
        match &mut self.papers {
            Some(papers) => Ok(papers.destroy(seat, name)?),
            None => Ok(true),
        }
    }
}
