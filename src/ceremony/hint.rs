//! What to do next about what stops a ceremony.

use super::CeremonyError;
use super::trial::StillUsed;
use crate::model::fault::Fault;
use crate::paper::PaperError;
use crate::trust::openpgp;

/// The hint for `error`.
pub(super) fn of(error: &CeremonyError) -> Option<String> {
    if let CeremonyError::Request { error, .. } = error {
        let go_on = "then run the same command with the new bundle";
        return error.hint().map(|hint| format!("{hint}; {go_on}"));
    }
    if let CeremonyError::Release { error, .. } = error {
        return error.hint().map(|hint| format!("{hint}; then run the same command with the new bundle"));
    }
    if let Some(inner) = error.inner() {
        return inner.hint();
    }
    if let CeremonyError::Recipient { error, .. } = error {
        let mended = match error {
            openpgp::Error::Expired { .. } => "have its owner extend it: gpg --quick-set-expire FINGERPRINT 1y",
            openpgp::Error::NoEncryptionKey => {
                "have its owner add a key to encrypt to: gpg --quick-add-key FINGERPRINT cv25519 encr 1y"
            }
            openpgp::Error::Revoked | openpgp::Error::Weak { .. } => "name another certificate of its owner",
            openpgp::Error::SecretKey => {
                "that is a secret key: tell its owner that it was carried about; what belongs here is what gpg --armor --export prints"
            }
            _ => "have its owner export it anew: gpg --armor --export FINGERPRINT",
        };
        return Some(format!(
            "{mended}; lay it into the bundle and write SHA256SUMS anew; or take share-certificate out of organization.toml"
        ));
    }
    if let CeremonyError::TestCut { serial, .. } = error {
        return Some(format!(
            "there is no report; return the card to its factory state first: keyrite card reset {serial}"
        ));
    }
    let text = match error {
        CeremonyError::NotBlank { .. } => {
            "test a new card; if nothing on this one is of use to anybody, return it to its factory state: keyrite card reset"
        }
        CeremonyError::Untested { .. } => {
            "test a blank card of this model, on this register: keyrite card test SERIAL --out DIR --register DIR; then run the same command again"
        }
        CeremonyError::DrillFailed { .. } => {
            "it is on record. If the right sheet is found, run the same command again. If not, give this ceremony up, and reshare at once while as many good shares as the threshold are left (docs/runbooks/reshare.md); with fewer, rotate the root while its cards sign"
        }
        CeremonyError::OutOfForce { .. } => {
            "bring the sheet of the set that is asked for; the other one is destroyed before witnesses, and the minutes say so"
        }
        CeremonyError::AtLarge { .. } => {
            "it is on record. Run the same command again: the minutes are signed. Then rotate the root: whoever has those sheets can restore it from any copy of the old message"
        }
        CeremonyError::Retired { .. } => "take its name out of the script and out of organization.toml",
        CeremonyError::ResetCut { .. } => {
            "insert the card, and run keyrite card reset again, with another new folder: nothing on it can be lost any more"
        }
        CeremonyError::StillUsed { what, .. } => match what {
            StillUsed::Root => {
                "a ceremony does that: card-reload.toml erases the card beside the restored root and loads it anew, card-retire.toml takes it out of service for good; a dress rehearsal's last one resets its cards (--reset-cards)"
            }
            StillUsed::Records => {
                "no ceremony replaces the records card yet; a dress rehearsal's last one resets its cards (--reset-cards)"
            }
            StillUsed::Ceremony => "run its ceremony on to the end: it resets the card itself, where that is needed",
        },
        CeremonyError::NotReset { .. } => "put this card aside: nobody can say what it would do in a ceremony",
        CeremonyError::Registered { .. } => {
            "take a card that no register knows; what is on this one goes in a ceremony and in no other way"
        }
        CeremonyError::Lint(_) => "mend the script, or the organization; nothing was begun",
        CeremonyError::Declined { .. } => {
            "clear up the doubt, then run the same command again: it goes on at this step"
        }
        CeremonyError::Doubted { .. } => {
            "open nothing, and put that bag aside: nobody uses the card before it is known what happened to it; then run \
             the same command again, or give the ceremony up: keyrite ceremony abandon"
        }
        CeremonyError::Stopped { .. } => "what is recorded stays; the same command goes on at this step",
        CeremonyError::ClockSkew { .. } => "set the clock that is wrong, then run the same command again",
        CeremonyError::Unfinished { .. } | CeremonyError::AfterOpening { .. } => {
            "finish that ceremony first, with what it began with, or give it up: keyrite ceremony abandon"
        }
        CeremonyError::NothingOpen => "there is nothing to give up; keyrite status shows the last ceremony",
        CeremonyError::MustGoOn { .. } => "run its command once more: it goes on where it was",
        CeremonyError::OtherMode { .. } => "each mode has a register of its own: name the other one",
        CeremonyError::Over { .. } => "there is nothing left to do; keyrite status shows what came of it",
        CeremonyError::Stuck { .. } => "keep everything as it is, and compare cards and transcript by hand",
        CeremonyError::EmptySeat(_) => "name enough people with that role in organization.toml",
        CeremonyError::SameCard { .. } => "put the second card into its reader",
        CeremonyError::NoRequests(_) => "ask the courier for the bundle with the requests",
        CeremonyError::Outgoing { .. } => {
            "take the bundle from the medium that left the ceremony, and compare its manifest with the minutes"
        }
        CeremonyError::PastReleases { .. } => {
            "somebody or something changed the list: compare it with the copies of the register, and with what was published"
        }
        CeremonyError::NoBundle => "name the folder with --bundle",
        CeremonyError::NoCertificate { .. } => {
            "lay it into the bundle as NAME.certificate.asc (gpg --armor --export FINGERPRINT), and write SHA256SUMS anew; or take share-certificate out of organization.toml"
        }
        CeremonyError::NoRoot { .. } => "look which roots there are: keyrite status --register DIR",
        CeremonyError::NoRoster => {
            "write who may be delegated into roster.toml (keyrite init makes an example), lay it into the bundle, and write SHA256SUMS anew"
        }
        CeremonyError::NoOutgoing => "name it with --out; it is best on the medium that leaves the room",
        CeremonyError::Answered { .. } => "if a new delegation is wanted, its signer makes a new request with a new id",
        CeremonyError::Sheet { .. } => {
            "compare it with the paper, letter by letter; the same command asks for it again"
        }
        CeremonyError::Taken { .. } => "find out who put it there and move it away, then run the same command again",
        CeremonyError::Twice { .. } => {
            "take one of the two out of the bundle, or have it signed anew with an id of its own"
        }
        CeremonyError::NotTheRoot { .. } => "keep the sealed message and every share as they are, and stop",
        CeremonyError::Missing { .. } => "look for it, then run the same command again: it goes on at this step",
        CeremonyError::Memory(_) => "raise the limit on locked memory (ulimit -l), then run the same command again",
        CeremonyError::Paper { reason: PaperError::Glyph { .. }, .. } => {
            "write it in Latin, Greek or Cyrillic letters; what is signed already, keyrite minutes show tells at a screen"
        }
        CeremonyError::Paper { reason: PaperError::Room(_), .. } => {
            "shorten that text in the script or in the organization; nothing was written"
        }
        CeremonyError::Paper { .. } => "please report it, with the script and the organization; nothing was written",
        CeremonyError::Bug(_) => "please report it with the transcript; what is recorded stays",
        _ => return None,
    };
    Some(text.to_owned())
}
