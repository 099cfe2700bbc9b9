//! What stands between the card client and the card, for three habits of `openpgp-card` 0.7.
//!
//! - It reads the application related data (DO 6E, 4.4.3.1) up to four times in a session, first in parts and then at once;
//!   here it is read whole and remembered until something is sent that could change it.
//! - It has no GENERATE without the host's clock and no GET CHALLENGE: an APDU of our own can be put in place of the next.
//! - It sends a command again that was answered 6Cxx ("wrong Le", ISO 7816-4 5.6), and panics at that with a card that has
//!   extended length. Sent again, a VERIFY costs a try and a PSO makes a second signature, so such an answer to anything but
//!   a reading command is an error (CARD-3); a reading one is sent again here, once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card_backend::{CardBackend, CardCaps, CardTransaction, PinType, SmartcardError};

const SUCCESS: [u8; 2] = [0x90, 0x00];
/// The application related data is of some 300 bytes, and a part of up to 256.
const PARTS_MAX: usize = 8;

/// The client's end of a [`Line`].
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Content>>);

#[derive(Default)]
struct Content {
    /// Sent in place of the next command.
    instead: Option<Vec<u8>>,
    /// The answer to GET DATA 6E.
    remembered: Option<Vec<u8>>,
}

impl Notes {
    /// Puts `command` in place of the next one.
    pub(super) fn put_instead(&self, command: Vec<u8>) {
        self.content().instead = Some(command);
    }

    /// Sees to it that nothing is put in place of a command any more.
    pub(super) fn take_back(&self) {
        self.content().instead = None;
    }

    /// Makes the next reading a real one.
    pub(super) fn forget(&self) {
        self.content().remembered = None;
    }

    /// Nothing in the notes can be half written, so a poisoned lock is as good as another.
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A backend as the client sees it.
pub(super) struct Line {
    backend: Box<dyn CardBackend + Send + Sync>,
    notes: Notes,
}

impl Line {
    /// A line to `backend`, and its notes.
    pub(super) fn new(backend: Box<dyn CardBackend + Send + Sync>) -> (Self, Notes) {
        let notes = Notes::default();
        (Self { backend, notes: notes.clone() }, notes)
    }
}

impl CardBackend for Line {
    fn limit_card_caps(&self, card_caps: CardCaps) -> CardCaps {
        self.backend.limit_card_caps(card_caps)
    }

    fn transaction(
        &mut self,
        reselect_application: Option<&[u8]>,
    ) -> Result<Box<dyn CardTransaction + Send + Sync + '_>, SmartcardError> {
        let inner = self.backend.transaction(reselect_application)?;
        if inner.was_reset() {
            // Another card may be there.
            self.notes.forget();
        }
        Ok(Box::new(LineTransaction { inner, notes: &self.notes }))
    }
}

struct LineTransaction<'a> {
    inner: Box<dyn CardTransaction + Send + Sync + 'a>,
    notes: &'a Notes,
}

impl LineTransaction<'_> {
    /// Reads what 61xx says is left (GET RESPONSE, 7.2.9).
    fn read_rest(&mut self, answer: &mut Vec<u8>, buf_size: usize) -> Result<(), SmartcardError> {
        for _ in 0..PARTS_MAX {
            let [.., 0x61, left] = *answer.as_slice() else {
                break;
            };
            answer.truncate(answer.len() - 2);
            answer.extend(self.inner.transmit(&[0x00, 0xc0, 0x00, 0x00, left], buf_size)?);
        }
        Ok(())
    }

    /// Sends a reading command without data once more, with the length that the card asked for.
    fn read_again(&mut self, cmd: &[u8], length: u8, buf_size: usize) -> Result<Vec<u8>, SmartcardError> {
        let mut answer = WRONG_LENGTH.to_vec();
        // A header alone, with a short Le, or with an extended one.
        if let ([header @ .., _], 5) | ([header @ .., _, _, _], 7) | (header, 4) = (cmd, cmd.len()) {
            answer = self.inner.transmit(&[header, &[length]].concat(), buf_size)?;
        }
        Ok(if let [.., 0x6c, _] = answer.as_slice() { WRONG_LENGTH.to_vec() } else { answer })
    }
}

/// "Wrong length" (ISO 7816-4 5.6): what a card means that is not content with the length it asked for.
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

/// GET DATA, GET RESPONSE, SELECT, GET CHALLENGE, GET VERSION, and GENERATE in its reading form: nothing on the card changes.
fn only_reads(command: &[u8]) -> bool {
    match command {
        [_, 0xca | 0xc0 | 0xa4 | 0x84 | 0xf1, ..] => true,
        [_, 0x47, p1, ..] => *p1 == 0x81,
        _ => false,
    }
}

/// GET DATA for DO 6E, of short or extended length.
fn reads_application_data(command: &[u8]) -> bool {
    matches!(command, [0x00, 0xca, 0x00, 0x6e, ..])
}

impl CardTransaction for LineTransaction<'_> {
    fn transmit(&mut self, cmd: &[u8], buf_size: usize) -> Result<Vec<u8>, SmartcardError> {
        let instead = self.notes.content().instead.take();
        let cmd = instead.as_deref().unwrap_or(cmd);
        let about_application = reads_application_data(cmd);
        if about_application && let Some(answer) = &self.notes.content().remembered {
            return Ok(answer.clone());
        }
        if !only_reads(cmd) {
            self.notes.forget();
        }
        let mut answer = self.inner.transmit(cmd, buf_size)?;
        if let [.., 0x6c, length] = *answer.as_slice() {
            if !only_reads(cmd) {
                return Err(SmartcardError::Error("it asks for a command again that is sent only once".to_owned()));
            }
            answer = self.read_again(cmd, length, buf_size)?;
        }
        // Commands of our own are short, and a card answers a short one in parts: an RSA key has more than one holds.
        if about_application || instead.is_some() {
            self.read_rest(&mut answer, buf_size)?;
        }
        if about_application && answer.ends_with(&SUCCESS) {
            self.notes.content().remembered = Some(answer.clone());
        }
        Ok(answer)
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
        self.notes.forget();
        self.inner.pinpad_verify(pin, caps)
    }

    fn pinpad_modify(&mut self, pin: PinType, caps: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        self.notes.forget();
        self.inner.pinpad_modify(pin, caps)
    }

    fn was_reset(&self) -> bool {
        self.inner.was_reset()
    }
}
