//! Cards, tried with the real `keyrite-virtual-card` process.

mod abilities;
mod attestation;
mod faults;
mod guard;
mod kdf;
mod keys;
mod pins;
mod settings;
mod support;
mod swaps;
mod versions;
