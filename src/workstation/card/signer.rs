//! The card as a signer of OpenPGP signatures.

use std::borrow::Cow;

use keyrite_locked::Locked;
use openpgp_card::ocard::Transaction;
use openpgp_card::ocard::crypto::{HashAlgo, SigningAlgo};
use sequoia_openpgp::crypto::{Signer, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::{Curve, HashAlgorithm};

use super::error::CardError;
use super::guarded::GuardedCard;
use super::survey::{self, Slot};
use crate::model::code::Code;
use crate::model::event::Intent;
use crate::model::shown::Shown;
use crate::workstation::journal::Permit;

/// What a card signs here. SHA-1 and the 224-bit hashes are not among them.
const HASHES: [HashAlgorithm; 3] = [HashAlgorithm::SHA512, HashAlgorithm::SHA384, HashAlgorithm::SHA256];

/// Signs with the SIG slot, for one permit.
///
/// Each signature is one VERIFY (none, where one serves for several), exactly one PSO:CDS and one look at the counter, and
/// is verified with the card's public key before it is given out. After a failure the signer makes no more: a PIN that was
/// wrong once would be wrong again, and a signature may have been made that nobody saw, which the permit has to cover.
pub struct CardSigner<'a, 'c> {
    card: &'a mut GuardedCard<'c>,
    pin: &'a Locked,
    public: Key<PublicParts, UnspecifiedRole>,
    /// How many the journal permits.
    items: u32,
    /// PSO:CDS commands sent.
    asked: u32,
    made: u32,
    counter: u32,
    /// The user PIN has been verified, and still holds.
    verified: bool,
    failed: bool,
}

impl<'c> GuardedCard<'c> {
    /// A signer for at most as many signatures as `permit` says.
    ///
    /// # Errors
    /// When `permit` is not for signing with this card; when the card holds no whole key.
    pub fn signer<'a>(&'a mut self, permit: &Permit, pin: &'a Locked) -> Result<CardSigner<'a, 'c>, CardError> {
        self.permitted(permit, "sign", |intent| matches!(intent, Intent::Sign { .. }))?;
        let items = match permit.intent() {
            Intent::Sign { items, .. } => *items,
            _ => 0,
        };
        let card = || self.which().clone();
        let public = match &self.survey().slot {
            Slot::Complete { public_key, .. } => public_key.key().clone().role_into_unspecified(),
            Slot::Orphan { cause } => return Err(CardError::Orphan { card: card(), cause: *cause }),
            Slot::Empty => {
                let (expected, found) = ("a key".to_owned(), "no key".to_owned());
                return Err(CardError::Identity { card: card(), what: "SIG slot", expected, found });
            }
        };
        let counter = self.survey().signatures;
        Ok(CardSigner { card: self, pin, public, items, asked: 0, made: 0, counter, verified: false, failed: false })
    }
}

impl<'c> CardSigner<'_, 'c> {
    /// Presents the user PIN ahead of the first signature, which then needs no other check of it: so a wrong one is found
    /// before any work is done.
    ///
    /// # Errors
    /// When the PIN is wrong, or this would be its last try (CARD-3); the signer then makes no signature.
    pub fn verify(&mut self) -> Result<(), CardError> {
        self.failed = true;
        self.card.present(Code::User, self.pin, Transaction::verify_pw1_sign)?;
        (self.verified, self.failed) = (true, false);
        Ok(())
    }

    /// The card, for what is no signature and wants the user PIN, too.
    pub(super) fn guarded(&mut self) -> &mut GuardedCard<'c> {
        self.card
    }

    /// Has the user PIN presented anew before the next signature.
    pub(super) fn present_anew(&mut self) {
        self.verified = false;
    }

    /// How many signatures were made and given out.
    #[must_use]
    pub fn made(&self) -> u32 {
        self.made
    }

    /// How many times the card was asked to sign. What exceeds [`CardSigner::made`] may exist all the same.
    #[must_use]
    pub fn asked(&self) -> u32 {
        self.asked
    }

    /// The card's signature counter, as last read.
    #[must_use]
    pub fn counter(&self) -> u32 {
        self.counter
    }

    fn sign_once(&mut self, hash: HashAlgorithm, digest: &[u8]) -> Result<mpi::Signature, CardError> {
        if self.failed {
            return Err(CardError::Halted { card: self.card.which().clone() });
        }
        if self.asked >= self.items {
            return Err(CardError::Spent { card: self.card.which().clone(), items: self.items });
        }
        let (kind, data) = self.input(hash, digest)?;
        // Until the end of this function: a wrong PIN is not presented again, nor a failing card asked again (CARD-3).
        self.failed = true;
        if !self.verified {
            self.card.present(Code::User, self.pin, Transaction::verify_pw1_sign)?;
        }
        // "PW1 only valid for one PSO:CDS command" (4.4.3.6).
        self.verified = !self.card.survey().pin_once;
        self.asked += 1;
        let raw = self.card.client.call("signing", |tx| tx.signature_for_hash(kind, &data))?;
        self.count()?;
        let signature = self.output(&raw)?;
        // Over the hash as it was asked for: so it is proved that cutting it to length was right.
        if self.public.verify(&signature, hash, digest).is_err() {
            return Err(CardError::BadSignature { card: self.card.which().clone() });
        }
        self.failed = false;
        self.made += 1;
        Ok(signature)
    }

    /// CARD-2 inside the session: one PSO:CDS, one step.
    fn count(&mut self) -> Result<(), CardError> {
        let expected = self.counter.saturating_add(1);
        self.counter = survey::signatures(&mut self.card.client)?;
        if self.counter == expected {
            Ok(())
        } else {
            let card = self.card.which().clone();
            Err(CardError::Counter { card, expected: expected..=expected, found: self.counter })
        }
    }

    /// What PSO:CDS gets (7.2.10): for RSA a DigestInfo, which the client makes; else the digest, for ECDSA as long as the
    /// curve's order. ECDSA takes the leftmost bits of a longer digest, and a shorter one is the same number with zeros
    /// before it (FIPS 186-5 6.4.1).
    fn input<'d>(&self, hash: HashAlgorithm, digest: &'d [u8]) -> Result<(SigningAlgo, Cow<'d, [u8]>), CardError> {
        let unsupported = |algorithm: String| CardError::Unsupported { card: self.card.which().clone(), algorithm };
        let card_hash = match hash {
            HashAlgorithm::SHA256 => HashAlgo::SHA256,
            HashAlgorithm::SHA384 => HashAlgo::SHA384,
            HashAlgorithm::SHA512 => HashAlgo::SHA512,
            other => return Err(unsupported(format!("signing over {other}"))),
        };
        let length = match self.public.mpis() {
            mpi::PublicKey::RSA { .. } => return Ok((SigningAlgo::RSA(card_hash), Cow::Borrowed(digest))),
            mpi::PublicKey::EdDSA { .. } => digest.len(),
            mpi::PublicKey::ECDSA { curve: Curve::NistP256, .. } => 32,
            mpi::PublicKey::ECDSA { curve: Curve::NistP384, .. } => 48,
            // The order has 521 bits; no hash is longer than 64 bytes, and opcard takes just these.
            mpi::PublicKey::ECDSA { curve: Curve::NistP521, .. } => 64,
            _ => return Err(unsupported(format!("signing with {}", self.public.pk_algo()))),
        };
        let data = match digest.get(..length) {
            Some(leftmost) => Cow::Borrowed(leftmost),
            None => {
                let mut padded = vec![0; length - digest.len()];
                padded.extend_from_slice(digest);
                Cow::Owned(padded)
            }
        };
        Ok((SigningAlgo::ECC, data))
    }

    /// RSA: the number; else r and s, each of half the length.
    fn output(&self, raw: &[u8]) -> Result<mpi::Signature, CardError> {
        let rs = |length: usize| {
            let (r, s) = raw.split_at_checked(length).filter(|(r, s)| r.len() == s.len())?;
            Some((mpi::MPI::new(r), mpi::MPI::new(s)))
        };
        let signature = match self.public.mpis() {
            mpi::PublicKey::RSA { .. } => Some(mpi::Signature::RSA { s: mpi::MPI::new(raw) }),
            mpi::PublicKey::EdDSA { .. } => rs(32).map(|(r, s)| mpi::Signature::EdDSA { r, s }),
            mpi::PublicKey::ECDSA { curve, .. } => {
                curve.field_size().ok().and_then(rs).map(|(r, s)| mpi::Signature::ECDSA { r, s })
            }
            _ => None,
        };
        signature.ok_or_else(|| CardError::Protocol {
            card: self.card.which().clone(),
            act: "signing",
            detail: Shown::new("a signature of another length"),
        })
    }
}

impl Signer for CardSigner<'_, '_> {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        &self.public
    }

    /// `SignatureBuilder` does not ask for this, and takes SHA-512.
    fn acceptable_hashes(&self) -> &[HashAlgorithm] {
        &HASHES
    }

    /// The error is a [`CardError`]: downcast it.
    fn sign(&mut self, hash: HashAlgorithm, digest: &[u8]) -> sequoia_openpgp::Result<mpi::Signature> {
        Ok(self.sign_once(hash, digest)?)
    }
}
