//! OpenPGP cards: opened, guarded, surveyed, provided with keys and PINs, asked to sign.
//!
//! From the outside in:
//!
//! | file | what |
//! | --- | --- |
//! | `rack` | where cards are found; a session with one card, from guard to power cut |
//! | `guarded` | the card inside a session; `pins`, `settings`, `generate`, `import`, `reset`, `random` and `signer` are what it can do |
//! | `guard` | what was expected of the card, and the refusals |
//! | `survey` | what a card says of itself without any PIN |
//! | `abilities` | what kinds of keys it can hold |
//! | `kdf` | whether it takes its codes as they are typed, or as hashes of them |
//! | `advisory`, `maker` | what makers have published of faults in their cards, and who the makers are |
//! | `attestation` | what it says, and its maker signs, of where its key comes from |
//! | `portrait` | everything that it says of itself: for people who want to know what is in the readers |
//! | `model` | which model it is of, for reports of tests |
//! | `versions` | what it says of its application and its firmware; asked once in a ceremony |
//! | `client`, `contained`, `line` | the calls into the crate `openpgp-card`, and what keeps its habits in |
//! | `recording` | a tap on the APDUs: counts them, and plays the faults of tests and rehearsals |
//! | `virtual_card` | the socket of `keyrite-virtual-card` |
//! | `readers` | real cards, over PC/SC: what is in the readers, and which of it is the card; feature `pcsc` |
//! | `absence` | why there is no card to work with, and what to do at the readers |
//!
//! Section numbers are those of "Functional Specification of the OpenPGP application on ISO Smart Card Operating Systems",
//! version 3.4.1.

mod abilities;
mod absence;
mod advisory;
mod attestation;
mod client;
mod contained;
mod error;
mod generate;
mod guard;
mod guarded;
mod import;
mod kdf;
mod line;
mod maker;
mod model;
mod pins;
mod portrait;
mod private_key;
mod public_key;
mod rack;
mod random;
#[cfg(feature = "pcsc")]
mod readers;
mod recording;
mod reset;
mod serial;
mod session;
mod settings;
mod signer;
mod survey;
mod versions;
mod virtual_card;
mod weak;

#[cfg(test)]
mod tests;

pub use abilities::{Abilities, Holding};
pub use absence::{Absence, Holds, Place};
pub use advisory::{ADVISORIES, Advisory, CardKey, Found, Kind, LOOKED_UP, Touches, advisories, age, age_in_words};
pub use attestation::{Attested, Defect, Statement, Trust, YUBICO, verify};
pub use error::{CardError, Which};
pub use guard::{Expected, ExpectedKey};
pub use guarded::GuardedCard;
pub use kdf::{CodeForm, Kdf};
pub use pins::{NewPins, OldPins};
pub use portrait::{KeyView, Portrait, Seen, SlotView};
pub use public_key::PublicKey;
pub use rack::{Rack, RackExt, VirtualRack};
#[cfg(feature = "pcsc")]
pub use readers::ReaderRack;
pub use recording::{Action, Answer, Apdu, Recording, SharedTap, Tally, Tap};
pub use serial::{NotASerial, Serial};
pub use signer::CardSigner;
pub use survey::{Origin, OrphanCause, Slot, Survey, Tries};
pub use versions::Versions;
pub use virtual_card::VirtualBackend;
