//! A report of a card that passed everything.

use keyrite::model::card_report::{CardModel, CardReport, Check, FORMAT, Found, What};
use keyrite::model::hash::Hash;

/// A report of a good test of this model.
pub(crate) fn good(model: CardModel) -> CardReport {
    let of_key = |what: &What| matches!(what, What::Generate | What::SignGenerated | What::Import | What::SignImported);
    let check = |what: &What| Check {
        check: *what,
        algorithm: of_key(what).then(|| "Ed25519".to_owned()),
        outcome: Found::Passed,
        milliseconds: 100,
        words: None,
    };
    CardReport {
        version: FORMAT,
        model,
        serial: "0006:00000009".to_owned(),
        program: "keyrite 0".to_owned(),
        binary: Hash::of(b"program"),
        tested: "2026-11-21T10:59:57Z".parse().unwrap(),
        journal: Hash::of(b"journal"),
        checks: What::ALL.iter().map(check).collect(),
    }
}
