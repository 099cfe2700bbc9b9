//! Releases: what a signer signs, and whether a signed file is good.
//!
//! A file is good by a chain: a signature over its bytes, by a key of a certificate, which the root delegated at that moment, and
//! nothing has taken back since. What goes beyond the delegation's end hangs on the list of past releases. Everything here is
//! pure: bytes, hashes and a time in; each link in words, and a verdict, out.

mod chain;
mod delegations;
mod making;
mod published;
mod signature;
mod verdict;

pub use chain::{Question, judge};
pub use making::{Key, sign, signing_key, verify};
pub use published::{Folder, LARGEST, Published, Signed};
pub use signature::UntrustedSignature;
pub use verdict::{Answer, Kind, Link, No, State, Who};

#[cfg(test)]
mod tests;
