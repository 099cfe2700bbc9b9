//! Codes of cards: each in two halves, by two holders (custody rule 1).

use keyrite_locked::Locked;

use super::CeremonyError;
use super::cards::is_refusal;
use super::dialogue::{Choice, Code, Half};
use super::scene::Scene;
use crate::model::event::{Intent, Outcome};
use crate::model::fault::Fault;
use crate::model::name::CardName;
use crate::model::role::{Role, Seat};
use crate::workstation::card::{CardError, Expected, GuardedCard};
use crate::workstation::journal::Permit;

/// What is typed to take the last try of a code (CARD-3).
const LAST_TRY: &str = "last try";

/// What people are told before they dare it.
fn last_try(card: &CardName, code: Code) -> String {
    let then = match code {
        Code::User => "only the reset code or the admin PIN gives it another one",
        Code::Admin => "only a reset, which deletes its key, gives it another one",
        Code::Reset => "only the admin PIN gives it another one",
    };
    format!("One try is left for the {code} of card {card}. If it fails, the {code} is blocked, and {then}.")
}

/// The least length of a half: two halves make the 8 characters of an admin PIN (OpenPGP card 3.4.1, 4.2.2).
pub const LEAST: usize = 4;

impl Scene<'_> {
    /// A code of a card from its two holders, joined in locked memory. The card is guarded first: nobody types anything for
    /// another card, or for one that will not take it.
    ///
    /// # Errors
    /// When a holder has nothing to say; when the card is not the expected one; CARD-3.
    pub(super) fn code_of(
        &mut self,
        expected: &mut Expected,
        code: Code,
        choice: Choice,
    ) -> Result<Locked, CeremonyError> {
        // The session that presents it need not ask again in which form the card takes it.
        expected.form = None;
        // A dare is for the halves that follow it, and for no others.
        expected.last_try = None;
        let (tries, form) =
            self.session(expected, |guarded| Ok((guarded.survey().tries.of(code), guarded.code_form()?.clone())))?;
        expected.form = Some(form);
        let (first, second) = halves(&expected.card, code, choice);
        let left = if tries == 1 { "1 try is".to_owned() } else { format!("{tries} tries are") };
        self.dialogue.tell(&format!("Card {}: {left} left for its {code}.", expected.card));
        let question = last_try(&expected.card, code);
        if tries == 1 && self.dares(first.seat, &question, LAST_TRY)? && self.dares(second.seat, &question, LAST_TRY)? {
            expected.last_try = Some(code);
        }
        expected.check_tries(code, tries)?;
        match choice {
            Choice::Present => {}
            Choice::New => self.dialogue.tell(&format!(
                "A cut left open whether it took its new {code}. The new halves come first; a wrong one costs a try."
            )),
            Choice::Before => self.dialogue.tell(&format!("It did not take its new {code}: now the halves before it.")),
        }
        let (first, second) = (self.ask(|room| room.half(&first))?, self.ask(|room| room.half(&second))?);
        joined(&first, &second)
    }

    /// The halves of a code that are asked for first: after a cut that left open which ones the card knows, the new ones.
    pub(super) fn first_choice(&self, card: &CardName, code: Code) -> Result<Choice, CeremonyError> {
        let is_doubtful = self.card_record(card)?.doubtful.contains(&code);
        Ok(if is_doubtful { Choice::New } else { Choice::Present })
    }

    /// A code of a card in service is set anew, each half chosen by its holder; `by` is the code that permits it. The journal
    /// knows before the card does.
    ///
    /// # Errors
    /// Those of the card. An intent stays open when nobody can know whether the card took it.
    pub fn renew(&mut self, card: &CardName, code: Code, by: Code) -> Result<(), CeremonyError> {
        let mut expected = self.expected(card)?;
        let mut choice = self.first_choice(card, by)?;
        let mut chosen = None;
        loop {
            let tries = self.session(&expected, |guarded| Ok(guarded.survey().tries))?.of(code);
            let intent = Intent::ChangeCode { card: card.clone(), code, by, tries };
            let permitting = self.code_of(&mut expected, by, choice)?;
            if code == by && choice == Choice::New {
                // Nobody can tell whether these are the halves chosen last or those before: they only permit new ones.
                match self.known_by_card(&expected, intent.clone(), code, &permitting) {
                    Ok(()) => self.known(card, code, Choice::New)?,
                    Err(error) => {
                        choice = self.next_choice(choice, error)?;
                        continue;
                    }
                }
            }
            let new = match chosen.take() {
                Some(new) => new,
                None => self.other_code(card, code, (code == by).then_some(&permitting))?,
            };
            let permit = self.journal.intend(intent)?;
            let result = self.session(&expected, |guarded| set(guarded, &permit, (code, by), &permitting, &new));
            match result {
                Ok(()) => {
                    // What permitted the change is as it was, unless it is what was changed.
                    if by != code {
                        self.known(card, by, choice)?;
                    }
                    self.known(card, code, Choice::New)?;
                    return Ok(self.journal.close(permit, Outcome::Done { signatures: 0 })?);
                }
                Err(error) => {
                    self.not_renewed(permit, &error)?;
                    choice = self.next_choice(choice, error)?;
                }
            }
            if chosen.is_none() && choice == Choice::Present {
                self.dialogue.tell(&format!("Now the present {by} again, and not what was chosen just now."));
            }
            chosen = Some(new);
        }
    }

    /// Whether the card knows these halves, after a cut that left it open; nothing is changed.
    fn known_by_card(
        &mut self,
        expected: &Expected,
        intent: Intent,
        code: Code,
        value: &Locked,
    ) -> Result<(), CeremonyError> {
        let permit = self.journal.intend(intent)?;
        match self.session(expected, |guarded| guarded.knows(&permit, code, value)) {
            Ok(()) => self.undone(permit, "the card has this one, and new halves are chosen"),
            Err(error) => {
                self.not_renewed(permit, &error)?;
                Err(error)
            }
        }
    }

    /// A new code that is not the present one, as far as that is known: a code that somebody saw must not stay.
    fn other_code(&mut self, card: &CardName, code: Code, present: Option<&Locked>) -> Result<Locked, CeremonyError> {
        loop {
            let new = self.new_code(card, code, Choice::New)?;
            if present.is_none_or(|present| **present != *new) {
                return Ok(new);
            }
            self.dialogue.tell(&format!("This is the {code} that the card has already: choose another one."));
        }
    }

    /// Closes the intent of a code that was not set, as far as the error says what became of it.
    fn not_renewed(&mut self, permit: Permit, error: &CeremonyError) -> Result<(), CeremonyError> {
        match error {
            CeremonyError::Card(CardError::NotChosen { .. }) => {
                Ok(self.journal.close(permit, Outcome::Unknown { reason: error.to_string() })?)
            }
            error if is_refusal(error) => self.undone(permit, &error.to_string()),
            // It stays open, and resume asks the card.
            _ => Ok(()),
        }
    }

    /// Which halves are asked for after a wrong one: after a cut, those before the new ones; otherwise what the holders want.
    pub(super) fn next_choice(&mut self, choice: Choice, error: CeremonyError) -> Result<Choice, CeremonyError> {
        if choice == Choice::New && is_wrong_pin(&error) {
            return Ok(Choice::Before);
        }
        self.halves_again(error)?;
        Ok(if choice == Choice::Before { Choice::New } else { choice })
    }

    /// Tells the holders that the card knows these halves.
    pub(super) fn known(&mut self, card: &CardName, code: Code, choice: Choice) -> Result<(), CeremonyError> {
        let (first, second) = halves(card, code, choice);
        [first, second]
            .iter()
            .filter(|half| half.choice != Choice::Present)
            .try_for_each(|half| self.dialogue.known(half))
    }

    /// A new code of a card, each half chosen by its holder.
    ///
    /// # Errors
    /// When a holder has nothing to say.
    pub fn new_code(&mut self, card: &CardName, code: Code, choice: Choice) -> Result<Locked, CeremonyError> {
        let (first, second) = halves(card, code, choice);
        let first = self.ask(|room| room.choose(&first, LEAST))?;
        let second = self.ask(|room| room.choose(&second, LEAST))?;
        joined(&first, &second)
    }

    /// Asks whether the holders try once more, after a wrong PIN. Any other error stays one.
    pub(super) fn halves_again(&mut self, error: CeremonyError) -> Result<(), CeremonyError> {
        let words = error.hint().map_or(error.to_string(), |hint| format!("{error}: {hint}"));
        if is_wrong_pin(&error) && self.ask(|room| room.again(&words, "Both holders enter their halves again?"))? {
            Ok(())
        } else {
            Err(error)
        }
    }
}

/// Sets a code as `by` permits it.
fn set(
    guarded: &mut GuardedCard<'_>,
    permit: &Permit,
    (code, by): (Code, Code),
    permitting: &Locked,
    new: &Locked,
) -> Result<(), CardError> {
    match (code, by) {
        (Code::User, Code::User) => guarded.change_user(permit, permitting, new),
        (Code::User, Code::Reset) => guarded.unblock(permit, permitting, new),
        (Code::User, Code::Admin) => guarded.unblock_as_admin(permit, permitting, new),
        (Code::Admin, _) => guarded.change_admin(permit, permitting, new),
        (Code::Reset, _) => guarded.set_reset_code(permit, permitting, new),
    }
}

/// The halves of a code, and whose they are.
pub(super) fn halves(card: &CardName, code: Code, choice: Choice) -> (Half, Half) {
    let role = match code {
        Code::User => Role::PinHolder,
        Code::Admin | Code::Reset => Role::AdminHolder,
    };
    let half = |number| Half { card: card.clone(), code, seat: Seat { role, number }, choice };
    (half(1), half(2))
}

fn joined(first: &Locked, second: &Locked) -> Result<Locked, CeremonyError> {
    let mut whole = Locked::zeroed(first.len() + second.len())?;
    let (head, tail) = whole.split_at_mut(first.len());
    head.copy_from_slice(first);
    tail.copy_from_slice(second);
    Ok(whole)
}

fn is_wrong_pin(error: &CeremonyError) -> bool {
    matches!(error, CeremonyError::Card(CardError::WrongPin { .. }))
}
