//! A card in a reader, until its session ends.

use std::ffi::CString;
use std::time::Duration;

use card_backend::{CardBackend, CardCaps, CardTransaction, PinType, SmartcardError};
use card_backend_pcsc::PcscBackend;
use pcsc::{Card, Context, Error, ReaderState, ShareMode, State};

/// A card that was opened exclusively. Dropping it resets the card: `pcsc::Card` does that (SCardDisconnect with
/// SCARD_RESET_CARD).
pub(super) struct Opened {
    card: PcscBackend,
    watch: Watch,
}

impl Opened {
    pub(super) fn new(context: &Context, state: &ReaderState, card: Card) -> Result<Self, SmartcardError> {
        let watch = Watch { context: context.clone(), reader: state.name().to_owned(), events: state.event_count() };
        let card = PcscBackend::from_pcsc_card(state.name(), ShareMode::Exclusive, card)?;
        Ok(Self { card, watch })
    }
}

/// Tells whether the card is still there. The backend says of a card that was pulled what it says of a broken reader,
/// as text; pcscd knows.
struct Watch {
    context: Context,
    reader: CString,
    /// Cards put in and taken out so far: a card that was pulled and put back is not the one that was opened.
    events: u32,
}

impl Watch {
    fn explain(&self, error: SmartcardError) -> SmartcardError {
        if self.is_gone() { SmartcardError::NotTransacted } else { error }
    }

    fn is_gone(&self) -> bool {
        let mut now = [ReaderState::new(self.reader.clone(), State::UNAWARE)];
        match self.context.get_status_change(Duration::ZERO, &mut now) {
            Ok(()) => {
                let [now] = now;
                !now.event_state().contains(State::PRESENT) || now.event_count() != self.events
            }
            Err(error) => matches!(error, Error::NoReadersAvailable | Error::ReaderUnavailable | Error::UnknownReader),
        }
    }
}

impl CardBackend for Opened {
    fn limit_card_caps(&self, card_caps: CardCaps) -> CardCaps {
        self.card.limit_card_caps(card_caps)
    }

    fn transaction(
        &mut self,
        reselect_application: Option<&[u8]>,
    ) -> Result<Box<dyn CardTransaction + Send + Sync + '_>, SmartcardError> {
        let tx = self.card.transaction(reselect_application).map_err(|error| self.watch.explain(error))?;
        Ok(Box::new(OpenedTransaction { tx, watch: &self.watch }))
    }
}

struct OpenedTransaction<'a> {
    tx: Box<dyn CardTransaction + Send + Sync + 'a>,
    watch: &'a Watch,
}

impl CardTransaction for OpenedTransaction<'_> {
    fn transmit(&mut self, cmd: &[u8], buf_size: usize) -> Result<Vec<u8>, SmartcardError> {
        self.tx.transmit(cmd, buf_size).map_err(|error| self.watch.explain(error))
    }

    fn max_cmd_len(&self) -> Option<usize> {
        self.tx.max_cmd_len()
    }

    fn feature_pinpad_verify(&self) -> bool {
        self.tx.feature_pinpad_verify()
    }

    fn feature_pinpad_modify(&self) -> bool {
        self.tx.feature_pinpad_modify()
    }

    fn pinpad_verify(&mut self, pin: PinType, caps: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        self.tx.pinpad_verify(pin, caps)
    }

    fn pinpad_modify(&mut self, pin: PinType, caps: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        self.tx.pinpad_modify(pin, caps)
    }

    fn was_reset(&self) -> bool {
        self.tx.was_reset()
    }
}
