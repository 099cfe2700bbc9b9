//! Reads the QR codes on a page: one file comes in through standard input, texts go out through standard output.
//!
//! What is read comes from anywhere: a scan on a stick, a PDF that somebody sent. It is taken apart by decoders of some hundred
//! thousand lines, so they are a program of their own, which [shuts itself in](keyrite_sandbox::Cell) before it reads the first
//! byte, and takes no more than [`cli::LIMITS`]. Nothing of it is in keyrite (docs/decisions/0033-page-reader.md).

pub mod cli;
mod codes;
pub mod error;
mod file;
mod jpeg;
mod pdf;
mod picture;
mod png;
mod pnm;
pub mod report;
