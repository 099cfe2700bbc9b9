//! A report of a card that passed everything.

use keyrite::model::algorithm::Algorithm;
use keyrite::model::card_report::{CardModel, CardReport, Check, FORMAT, Found, What};
use keyrite::model::hash::Hash;

/// A report of a good test of this model.
pub(crate) fn good(model: CardModel) -> CardReport {
    let of_key = |what: &What| matches!(what, What::Generate | What::SignGenerated | What::Import | What::SignImported);
    let check = |check: What, algorithm: Option<Algorithm>| {
        let algorithm = algorithm.map(|algorithm| algorithm.to_string());
        Check { check, algorithm, outcome: Found::Passed, milliseconds: 100, words: None }
    };
    let checks = |what: &What| match of_key(what) {
        true => Algorithm::ALL.iter().map(|algorithm| check(*what, Some(*algorithm))).collect(),
        false => vec![check(*what, None)],
    };
    CardReport {
        version: FORMAT,
        model,
        serial: "0006:00000009".to_owned(),
        program: "keyrite 0".to_owned(),
        binary: Hash::of(b"program"),
        tested: "2026-11-21T10:59:57Z".parse().unwrap(),
        journal: Hash::of(b"journal"),
        checks: What::ALL.iter().flat_map(checks).collect(),
    }
}
