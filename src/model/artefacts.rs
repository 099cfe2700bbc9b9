//! Which files of the register a line of a transcript names: these, and no others, belong to it.

use super::evidence::{Artefact, Evidence, TakenRelease};

impl Evidence {
    /// Every file of the register that this names with its hash, and what it is.
    #[must_use]
    pub fn artefacts(&self) -> Vec<(String, &Artefact)> {
        match self {
            Self::CardPresented { report, .. } => {
                report.iter().map(|report| ("report of a card's model".to_owned(), report)).collect()
            }
            Self::RecordsKey { certificate, .. } => vec![("records certificate".to_owned(), certificate)],
            Self::CardAttested { card, statement, attesting, .. } => vec![
                (format!("attestation by card {card}"), statement),
                (format!("attesting key of card {card}"), attesting),
            ],
            Self::RootDrawn { root, certificate, .. } | Self::RootGenerated { root, certificate, .. } => {
                vec![(format!("{root} certificate"), certificate)]
            }
            Self::Sealed { root, sealed, message, statement, .. } => {
                vec![(format!("{root} {sealed}, sealed"), message), (format!("{root} {sealed}, its shares"), statement)]
            }
            Self::Resealed { root, message, statement, .. } => {
                vec![(format!("{root} key, sealed anew"), message), (format!("{root} key, its new shares"), statement)]
            }
            Self::RequestsRead { requests } => {
                requests.iter().map(|(id, file)| (format!("request {id}"), file)).collect()
            }
            Self::RosterTaken { roster, text, .. } => {
                vec![("roster".to_owned(), roster), ("review of the roster".to_owned(), text)]
            }
            Self::Reviewed { text, .. } => vec![("review".to_owned(), text)],
            Self::ReleasesTaken { list, signature, releases, text, .. } => {
                let one = |taken: &TakenRelease| taken.release.clone();
                let manifests = releases.iter().map(|taken| (format!("manifest of {}", one(taken)), &taken.manifest));
                let signatures =
                    releases.iter().map(|taken| (format!("signature on {}", one(taken)), &taken.signature));
                [
                    ("past releases".to_owned(), list),
                    ("signature on the past releases".to_owned(), signature),
                    ("review of the releases".to_owned(), text),
                ]
                .into_iter()
                .chain(manifests)
                .chain(signatures)
                .collect()
            }
            Self::Certified { signer, certificate, .. } => vec![(format!("delegation of {signer}"), certificate)],
            Self::MinutesSigned { minutes, .. } => vec![("minutes".to_owned(), minutes)],
            Self::Machine { .. }
            | Self::NetworkAppeared { .. }
            | Self::People { .. }
            | Self::Clock { .. }
            | Self::BagsOpened { .. }
            | Self::CardSeen { .. }
            | Self::CardSettings { .. }
            | Self::DiceThrown { .. }
            | Self::ProfileTried { .. }
            | Self::RootAbandoned { .. }
            | Self::CardRetired { .. }
            | Self::CardTested { .. }
            | Self::PinsGone { .. }
            | Self::RootForgotten { .. }
            | Self::RootRestored { .. }
            | Self::LotsDrawn { .. }
            | Self::DrillFailed { .. }
            | Self::DrillProved { .. }
            | Self::DrillCardErased { .. }
            | Self::SheetBagged { .. }
            | Self::DrillHeld { .. }
            | Self::SetBegun { .. }
            | Self::SharesEncrypted { .. }
            | Self::SetReplaced { .. }
            | Self::ShareDestroyed { .. }
            | Self::SharesAccounted { .. }
            | Self::BackupProved { .. }
            | Self::AllAnswered
            | Self::NoReleases
            | Self::BundleWritten { .. } => Vec::new(),
        }
    }
}
