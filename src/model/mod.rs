//! Floor 0: the plain types everything else speaks in. No input or output, no clock, no randomness.

pub mod algorithm;
pub mod card_report;
pub mod care;
pub mod code;
pub mod concern;
pub mod control;
pub mod day;
pub mod event;
pub mod evidence;
pub mod fault;
pub mod finding;
pub mod fingerprint;
pub mod hash;
pub mod history;
pub mod mode;
pub mod name;
pub mod organization;
pub mod pgp_words;
pub mod role;
pub mod room;
pub mod roster;
pub mod script;
pub mod settings;
pub mod shown;
pub mod timestamp;
pub mod usb;
