//! Floor 2: what roots sign. Pure: bytes, a time and a signer in, bytes out.

pub mod delegation;
pub mod intake;
pub mod openpgp;
pub mod release;
