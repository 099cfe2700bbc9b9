//! Stock tools that give a second opinion: child processes without a network, in a scratch home of their own.

pub mod gpg;
