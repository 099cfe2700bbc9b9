//! What drawn bytes are for.

use crate::model::name::RootName;

/// The use of drawn bytes, and whose they are. Each has an info string of its own (RFC 5869 3.2), so that bytes drawn for one
/// use say nothing of those drawn for another, even from the same sources.
#[derive(Clone, Copy)]
pub enum Label<'a> {
    /// In which order custodians are asked for their shares in a drill.
    DrillLots(&'a RootName),
    /// The seed of a root's Ed25519 key (RFC 8032 5.1.5): 32 bytes, used as they are.
    Ed25519Scalar(&'a RootName),
    /// The set id of the shares of a root's key.
    KeySetId(&'a RootName),
    /// The coefficients that share the passphrase of a root's key.
    KeyShares(&'a RootName),
    /// The passphrase of a root's sealed key.
    KeyPassphrase(&'a RootName),
    /// The key in the DEC slot that repository keys are sealed to: on P-256.
    P256Decryption(&'a RootName),
    /// A root on P-256.
    P256Scalar(&'a RootName),
    /// A root on P-384.
    P384Scalar(&'a RootName),
    /// A root on P-521.
    P521Scalar(&'a RootName),
    /// The targets key of one image repository, named by its GUN: on P-256.
    RepositoryScalar(&'a str),
    /// The passphrase of a root's sealed revocations.
    RevocationsPassphrase(&'a RootName),
    /// The set id of the shares of a root's revocations.
    RevocationsSetId(&'a RootName),
    /// The coefficients that share the passphrase of a root's revocations.
    RevocationsShares(&'a RootName),
}

impl Label<'_> {
    /// `keyrite/v1/`, the use, and the name last, so that no name can be read as a use.
    #[must_use]
    pub fn info(&self) -> String {
        let (used_for, name) = match self {
            Self::DrillLots(root) => ("drill-lots", root.as_str()),
            Self::Ed25519Scalar(root) => ("ed25519-scalar", root.as_str()),
            Self::KeySetId(root) => ("key-set-id", root.as_str()),
            Self::KeyShares(root) => ("key-share-coefficients", root.as_str()),
            Self::KeyPassphrase(root) => ("key-passphrase", root.as_str()),
            Self::P256Decryption(root) => ("p256-decryption-scalar", root.as_str()),
            Self::P256Scalar(root) => ("p256-scalar", root.as_str()),
            Self::P384Scalar(root) => ("p384-scalar", root.as_str()),
            Self::P521Scalar(root) => ("p521-scalar", root.as_str()),
            Self::RepositoryScalar(gun) => ("repository-scalar", *gun),
            Self::RevocationsPassphrase(root) => ("revocations-passphrase", root.as_str()),
            Self::RevocationsSetId(root) => ("revocations-set-id", root.as_str()),
            Self::RevocationsShares(root) => ("revocations-share-coefficients", root.as_str()),
        };
        format!("keyrite/v1/{used_for}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_uses_have_the_same_info() {
        let root: RootName = "packages".parse().expect("name");
        let labels = [
            Label::Ed25519Scalar(&root),
            Label::DrillLots(&root),
            Label::KeySetId(&root),
            Label::KeyShares(&root),
            Label::KeyPassphrase(&root),
            Label::P256Decryption(&root),
            Label::P256Scalar(&root),
            Label::P384Scalar(&root),
            Label::P521Scalar(&root),
            Label::RepositoryScalar("packages"),
            Label::RevocationsPassphrase(&root),
            Label::RevocationsSetId(&root),
            Label::RevocationsShares(&root),
        ];
        let mut all: Vec<String> = labels.iter().map(Label::info).collect();
        assert_eq!(all[0], "keyrite/v1/ed25519-scalar/packages");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), labels.len());
    }
}
