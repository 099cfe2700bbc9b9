//! What a card says of its own making: the versions of its application and of its firmware.

use openpgp_card::ocard::Transaction;

use super::client::Client;
use super::error::CardError;
use super::guarded::GuardedCard;

/// The versions that a card gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// Of the OpenPGP application, out of the application identifier (4.2.1): `3.4`.
    pub application: String,
    /// Of the firmware, `5.7.1`; none when the card does not tell.
    pub firmware: Option<String>,
}

/// The longest firmware version that is believed, in bytes: those in use have three.
const LONGEST: usize = 4;

impl GuardedCard<'_> {
    /// Asks for the versions. The firmware's is no command of the standard (GET VERSION, `00 F1 00 00`, as Yubico has it): a card
    /// that refuses it, or answers something else, has none. This comes last in a session: after an answer that the client could
    /// not bear, it is not to be used again.
    ///
    /// # Errors
    /// When the card does not answer at all.
    pub fn versions(&mut self) -> Result<Versions, CardError> {
        Versions::read(&mut self.client)
    }
}

impl Versions {
    /// Reads them.
    pub(super) fn read(client: &mut Client<'_>) -> Result<Self, CardError> {
        let id = client.call("reading its version", |tx| tx.application_related_data()?.application_id())?;
        let firmware = match client.ask("reading its firmware version", Transaction::firmware_version) {
            Ok(answer) => answer.ok(),
            Err(CardError::Protocol { .. }) => None,
            Err(error) => return Err(error),
        };
        let firmware = firmware.filter(|bytes| (1..=LONGEST).contains(&bytes.len()));
        Ok(Self { application: dotted(&id.version().to_be_bytes()), firmware: firmware.map(|bytes| dotted(&bytes)) })
    }
}

/// Both kinds of version are of one byte for each number, in two decimal digits: 10 is `0x10`.
fn dotted(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(|byte| format!("{byte:x}")).collect();
    numbers.join(".")
}
