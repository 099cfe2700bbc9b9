//! Randomness for one act: the kernel's, the records card's where it has some, and dice when they were thrown (custody rule 4).

use keyrite_locked::Locked;

use super::CeremonyError;
use super::scene::Scene;
use crate::entropy::{self, Curve, KERNEL_LEN, Label};
use crate::model::algorithm::Algorithm;
use crate::model::name::RootName;
use crate::model::room::Card;
use crate::workstation::randomness;

/// How much is asked of a card.
const CARD_LEN: usize = 32;

/// Randomness gathered once; every use draws its own under its own label.
pub struct Randomness {
    kernel: Locked,
    card: Option<Locked>,
    dice: Option<Locked>,
}

impl Randomness {
    /// Asks the kernel, and the records card when it is in service.
    ///
    /// # Errors
    /// When the kernel or the card fails.
    pub fn gather(scene: &mut Scene<'_>) -> Result<Self, CeremonyError> {
        let records = &scene.organization.records.card;
        let in_service = scene.history().cards.get(records).is_some_and(|card| card.state == Card::InService);
        let card = if in_service {
            let expected = scene.expected(records)?;
            scene.session(&expected, |guarded| guarded.random(CARD_LEN))?
        } else {
            None
        };
        let dice = scene.dice.as_ref().map(Locked::duplicate).transpose()?;
        Ok(Self { kernel: randomness::kernel(KERNEL_LEN)?, card, dice })
    }

    /// The secret of a root: a seed for Ed25519, a scalar for ECDSA. The primes of RSA the library draws (custody rule 4).
    ///
    /// # Errors
    /// For RSA; without locked memory.
    pub fn secret(&self, root: &RootName, algorithm: Algorithm) -> Result<Locked, CeremonyError> {
        let (curve, label) = match algorithm {
            // RFC 8032 5.1.5.
            Algorithm::Ed25519 => return self.draw(&Label::Ed25519Scalar(root), 32),
            Algorithm::NistP256 => (Curve::P256, Label::P256Scalar(root)),
            Algorithm::NistP384 => (Curve::P384, Label::P384Scalar(root)),
            Algorithm::NistP521 => (Curve::P521, Label::P521Scalar(root)),
            Algorithm::Rsa2048 | Algorithm::Rsa3072 | Algorithm::Rsa4096 => {
                return Err(CeremonyError::Bug(format!("primes of {algorithm} are not drawn here")));
            }
        };
        let wide = self.draw(&label, curve.wide_len())?;
        Ok(entropy::scalar(curve, &wide)?)
    }

    /// `len` bytes for the use that `label` names.
    ///
    /// # Errors
    /// Without locked memory.
    pub fn draw(&self, label: &Label<'_>, len: usize) -> Result<Locked, CeremonyError> {
        Ok(entropy::mix(&self.kernel, self.card.as_ref(), self.dice.as_ref(), label, len)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the scripts in the tests of `entropy`: `mix` with kernel and card, labels `keyrite/v1/p256-scalar/packages` and so on,
    /// and the scalar of what it gives.
    #[test]
    fn each_algorithm_draws_its_own_secret() {
        let locked = |bytes: &[u8]| Locked::copy_of(bytes).expect("locked memory");
        let random =
            Randomness { kernel: locked(&(0..48).collect::<Vec<u8>>()), card: Some(locked(&[0xc0; 32])), dice: None };
        let packages: RootName = "packages".parse().expect("a name");
        let drawn = |algorithm| {
            let secret = random.secret(&packages, algorithm).ok()?;
            Some(secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        };
        let expected = [
            (Algorithm::Ed25519, "8335199d1ac05a4344eb0afa6a893a96bf33bceb33cb344a55834f87b2315e8c"),
            (Algorithm::NistP256, "a8e35973ebe77e479085bc248998532f6a0a4b3bea5168dd8de6e2d03c5e8e94"),
            (
                Algorithm::NistP384,
                "87d3dc3533090e8bf773cfeeabd402bde028c536cbf05344ff1cce99e8323dd3355e9f297b4f1f358bac0594df7fad9b",
            ),
            (
                Algorithm::NistP521,
                "015893bf1aa0345a8fce544bdb74206e8bb70181ee809f7ff8c5931597054af54b6293169909675ee1e3a6c77cc412e0fb7af56170298be5\
                 622236fbc2f438a3b56c",
            ),
        ];
        for (algorithm, secret) in expected {
            assert_eq!(drawn(algorithm).as_deref(), Some(secret), "{algorithm}");
        }
        for algorithm in [Algorithm::Rsa3072, Algorithm::Rsa4096] {
            assert_eq!(drawn(algorithm), None);
        }
        // The same with dice, as in the tests of `entropy`.
        let thrown = Randomness { dice: Some(locked(b"16253416253")), ..random };
        let secret = thrown.secret(&packages, Algorithm::Ed25519).expect("a secret");
        assert_eq!(secret.first_chunk(), Some(&[0x7e, 0x65, 0xc9, 0xf0]));
    }
}
