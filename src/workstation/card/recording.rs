//! A tap on the APDUs between keyrite and a card: it counts, and it plays the faults of tests and rehearsals.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use card_backend::{CardBackend, CardCaps, CardTransaction, PinType, SmartcardError};

/// What a tap may know of a command: never its data, which can be a PIN or a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apdu {
    /// INS.
    pub instruction: u8,
    /// P1.
    pub p1: u8,
    /// P2.
    pub p2: u8,
    /// Length of the whole command, header included.
    pub length: usize,
}

/// What a tap may know of an answer: not its data, which can be a decrypted secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// SW1 and SW2; zero when the answer has less than two bytes.
    pub status: u16,
    /// Length of the data before the status.
    pub length: usize,
}

/// What happens to a command or to its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It passes.
    Pass,
    /// The card is pulled here: nothing passes any more in this session.
    Cut,
    /// This status word comes back instead; before: the card does not see the command.
    Refuse(u16),
    /// These bytes come back instead, status included; before: the card does not see the command.
    Replace(Vec<u8>),
}

/// Sees each command before the card does, and each answer before keyrite does.
pub trait Tap {
    /// A command is about to be sent.
    fn before(&mut self, apdu: &Apdu) -> Action;
    /// The card has executed the command.
    fn after(&mut self, apdu: &Apdu, answer: &Answer) -> Action;
}

/// A tap that outlives the sessions it listens to.
pub type SharedTap = Arc<Mutex<dyn Tap + Send>>;

impl Apdu {
    fn of(command: &[u8]) -> Self {
        let at = |index: usize| command.get(index).copied().unwrap_or_default();
        Self { instruction: at(1), p1: at(2), p2: at(3), length: command.len() }
    }

    /// Whether the command changes the card, if only a counter. A failing VERIFY costs a try, so each counts.
    #[must_use]
    pub fn mutates(&self) -> bool {
        match self.instruction {
            // VERIFY, CHANGE REFERENCE DATA, PSO, RESET RETRY COUNTER, ACTIVATE FILE, INTERNAL AUTHENTICATE,
            // PUT DATA (two forms), TERMINATE DF, ATTEST (Yubico's).
            0x20 | 0x24 | 0x2a | 0x2c | 0x44 | 0x88 | 0xda | 0xdb | 0xe6 | 0xfb => true,
            // GENERATE ASYMMETRIC KEY PAIR: P1 80 generates, 81 reads (7.2.14).
            0x47 => self.p1 == 0x80,
            _ => false,
        }
    }
}

impl Answer {
    fn of(response: &[u8]) -> Self {
        match response {
            [data @ .., sw1, sw2] => Self { status: u16::from_be_bytes([*sw1, *sw2]), length: data.len() },
            _ => Self { status: 0, length: response.len() },
        }
    }
}

/// The tap that counts and changes nothing: evidence of what a ceremony asked of its cards.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    by_instruction: BTreeMap<u8, u32>,
    mutating: u32,
}

impl Tally {
    /// How often `instruction` was sent.
    #[must_use]
    pub fn of(&self, instruction: u8) -> u32 {
        self.by_instruction.get(&instruction).copied().unwrap_or_default()
    }

    /// How many commands were sent that change a card.
    #[must_use]
    pub fn mutating(&self) -> u32 {
        self.mutating
    }

    /// How many commands were sent.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.by_instruction.values().sum()
    }
}

impl Tap for Tally {
    fn before(&mut self, apdu: &Apdu) -> Action {
        *self.by_instruction.entry(apdu.instruction).or_default() += 1;
        self.mutating += u32::from(apdu.mutates());
        Action::Pass
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Answer) -> Action {
        Action::Pass
    }
}

/// Any backend, with a tap on it.
pub struct Recording<B> {
    backend: B,
    tap: SharedTap,
    pulled: bool,
}

impl<B: CardBackend> Recording<B> {
    /// Puts `tap` on `backend`.
    pub fn new(backend: B, tap: SharedTap) -> Self {
        Self { backend, tap, pulled: false }
    }
}

impl<B: CardBackend> CardBackend for Recording<B> {
    fn limit_card_caps(&self, card_caps: CardCaps) -> CardCaps {
        self.backend.limit_card_caps(card_caps)
    }

    fn transaction(
        &mut self,
        reselect_application: Option<&[u8]>,
    ) -> Result<Box<dyn CardTransaction + Send + Sync + '_>, SmartcardError> {
        let inner = self.backend.transaction(reselect_application)?;
        Ok(Box::new(RecordingTransaction { inner, tap: &self.tap, pulled: &mut self.pulled }))
    }
}

struct RecordingTransaction<'a> {
    inner: Box<dyn CardTransaction + Send + Sync + 'a>,
    tap: &'a SharedTap,
    pulled: &'a mut bool,
}

impl RecordingTransaction<'_> {
    /// Carries `action` out; `None` when it lets pass.
    fn carry_out(&mut self, action: Action) -> Option<Result<Vec<u8>, SmartcardError>> {
        match action {
            Action::Pass => None,
            Action::Cut => {
                *self.pulled = true;
                Some(Err(SmartcardError::NotTransacted))
            }
            Action::Refuse(status) => Some(Ok(status.to_be_bytes().to_vec())),
            Action::Replace(response) => Some(Ok(response)),
        }
    }
}

impl CardTransaction for RecordingTransaction<'_> {
    fn transmit(&mut self, cmd: &[u8], buf_size: usize) -> Result<Vec<u8>, SmartcardError> {
        if *self.pulled {
            return Err(SmartcardError::NotTransacted);
        }
        let apdu = Apdu::of(cmd);
        // A tap that panicked has nothing in it that could be half done.
        let action = self.tap.lock().unwrap_or_else(PoisonError::into_inner).before(&apdu);
        if let Some(instead) = self.carry_out(action) {
            return instead;
        }
        let response = self.inner.transmit(cmd, buf_size)?;
        let action = self.tap.lock().unwrap_or_else(PoisonError::into_inner).after(&apdu, &Answer::of(&response));
        self.carry_out(action).unwrap_or(Ok(response))
    }

    fn max_cmd_len(&self) -> Option<usize> {
        self.inner.max_cmd_len()
    }

    fn feature_pinpad_verify(&self) -> bool {
        self.inner.feature_pinpad_verify()
    }

    fn feature_pinpad_modify(&self) -> bool {
        self.inner.feature_pinpad_modify()
    }

    fn pinpad_verify(&mut self, pin: PinType, caps: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        self.inner.pinpad_verify(pin, caps)
    }

    fn pinpad_modify(&mut self, pin: PinType, caps: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        self.inner.pinpad_modify(pin, caps)
    }

    fn was_reset(&self) -> bool {
        self.inner.was_reset()
    }
}
