//! Floor 2: the machine: register, transcript, cards, files, stock tools.

pub mod card;
pub mod journal;
