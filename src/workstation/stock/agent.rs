//! The signer's gpg-agent, spoken to directly: it signs a hash, where gpg would read a whole file once more.
//!
//! The protocol is Assuan: lines of at most 1000 bytes, `OK` or `ERR` at the end of each answer, `D` before its data, with `%25`, `%0D`
//! and `%0A` for what would end a line. The agent asks for a passphrase or a PIN by a pinentry of its own; nothing of it comes here.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use sequoia_openpgp::crypto::{Signer, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::HashAlgorithm;

use super::sexp::Sexp;
use super::signer::failed;
use crate::model::fingerprint::Fingerprint;
use crate::workstation::WorkstationError;

/// The longest line of the protocol, and its end.
const LONGEST_LINE: u64 = 1002;
/// The longest signature: one by RSA has a few hundred bytes.
const LONGEST: usize = 16 * 1024;
/// What the agent is told of where its pinentry is to appear: an option, and the variable that has it.
const PLACES: [(&str, &str); 3] = [("ttytype", "TERM"), ("display", "DISPLAY"), ("xauthority", "XAUTHORITY")];
/// What a key signs here.
const HASHES: [HashAlgorithm; 3] = [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512];

/// A key that the agent has, by itself or on a card.
pub struct AgentSigner {
    stream: BufReader<UnixStream>,
    public: Key<PublicParts, UnspecifiedRole>,
}

impl AgentSigner {
    /// Takes the key with this keygrip, whose public part is `public`.
    ///
    /// # Errors
    /// When no agent runs, or it does not have the key.
    pub(super) fn open(
        socket: &Path,
        keygrip: &str,
        public: Key<PublicParts, UnspecifiedRole>,
    ) -> Result<Self, WorkstationError> {
        let stream = UnixStream::connect(socket).map_err(|_| failed("no gpg-agent is running"))?;
        let mut agent = Self { stream: BufReader::new(stream), public };
        agent.answer()?;
        agent.places()?;
        agent.ask(&format!("HAVEKEY {keygrip}")).map_err(|_| failed("its agent does not have the secret key"))?;
        agent.ask(&format!("SIGKEY {keygrip}"))?;
        Ok(agent)
    }

    /// Where its pinentry appears. What it does not take is its own affair.
    fn places(&mut self) -> Result<(), WorkstationError> {
        let tty = std::env::var("GPG_TTY").ok().or_else(|| {
            let tty = std::fs::read_link("/proc/self/fd/0").ok()?;
            tty.to_str().filter(|path| path.starts_with("/dev/")).map(str::to_owned)
        });
        let variables = PLACES.iter().filter_map(|(option, name)| Some((*option, std::env::var(name).ok()?)));
        let wayland = std::env::var("WAYLAND_DISPLAY").ok().map(|value| ("putenv", format!("WAYLAND_DISPLAY={value}")));
        for (option, value) in tty.map(|tty| ("ttyname", tty)).into_iter().chain(variables).chain(wayland) {
            if value.len() < 500 && !value.chars().any(char::is_control) {
                self.send(&format!("OPTION {option}={value}"))?;
                let _ = self.heard()?;
            }
        }
        Ok(())
    }

    fn sign_once(&mut self, hash: HashAlgorithm, digest: &[u8]) -> Result<mpi::Signature, WorkstationError> {
        let name = match hash {
            HashAlgorithm::SHA256 => "sha256",
            HashAlgorithm::SHA384 => "sha384",
            HashAlgorithm::SHA512 => "sha512",
            _ => return Err(WorkstationError::Bug("a hash that releases are not signed over")),
        };
        let fingerprint = self.public.fingerprint();
        self.ask(&format!("SETKEYDESC A+release+is+signed+with+the+key%0A{fingerprint}"))?;
        let digest: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        self.ask(&format!("SETHASH --hash={name} {digest}"))?;
        let answer = self.ask("PKSIGN")?;
        signature(&answer, &self.public).ok_or_else(|| failed("its agent gave no signature of the key"))
    }

    /// Sends a command, and gives the data of the answer.
    fn ask(&mut self, command: &str) -> Result<Vec<u8>, WorkstationError> {
        self.send(command)?;
        self.answer()
    }

    fn send(&mut self, line: &str) -> Result<(), WorkstationError> {
        self.stream.get_mut().write_all(format!("{line}\n").as_bytes()).map_err(|_| gone())
    }

    /// The data of an answer that must be good.
    fn answer(&mut self) -> Result<Vec<u8>, WorkstationError> {
        self.heard()?.map_err(|why| failed(&format!("its agent says: {why}")))
    }

    /// The data of an answer, or what the agent says instead.
    fn heard(&mut self) -> Result<Result<Vec<u8>, String>, WorkstationError> {
        let mut data = Vec::new();
        loop {
            let mut line = Vec::new();
            self.stream.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|_| gone())?;
            let line = line.strip_suffix(b"\n").ok_or_else(gone)?;
            let (word, rest) = line.split_at(line.iter().position(|byte| *byte == b' ').unwrap_or(line.len()));
            match word {
                b"OK" => return Ok(Ok(data)),
                // The number, and words for people.
                b"ERR" => {
                    let text = String::from_utf8_lossy(rest);
                    return Ok(Err(text.trim().split_once(' ').map_or("an error", |(_, words)| words).to_owned()));
                }
                b"D" => data.extend(unescaped(rest.get(1..).unwrap_or_default())),
                // Nothing is asked for here that would be ours to give.
                b"INQUIRE" => self.send("CAN")?,
                _ => {}
            }
            if data.len() > LONGEST {
                return Err(failed("its agent talks without end"));
            }
        }
    }
}

impl Signer for AgentSigner {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        &self.public
    }

    fn acceptable_hashes(&self) -> &[HashAlgorithm] {
        &HASHES
    }

    /// The error is a [`WorkstationError`]: downcast it.
    fn sign(&mut self, hash: HashAlgorithm, digest: &[u8]) -> sequoia_openpgp::Result<mpi::Signature> {
        Ok(self.sign_once(hash, digest)?)
    }
}

/// What a failure to sign was, where the agent failed.
#[must_use]
pub fn failure(error: sequoia_openpgp::anyhow::Error) -> WorkstationError {
    error.downcast().unwrap_or_else(|_| failed("its agent did not sign"))
}

fn gone() -> WorkstationError {
    failed("its agent went away")
}

/// Data without its escapes.
fn unescaped(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let escaped = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *byte == b'%') {
            Some(value) => {
                out.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            None => out.push(*byte),
        }
    }
    out
}

/// The numbers of a signature by this key.
fn signature(answer: &[u8], public: &Key<PublicParts, UnspecifiedRole>) -> Option<mpi::Signature> {
    let sexp = Sexp::read(answer)?;
    let [signature] = sexp.named("sig-val")? else { return None };
    let numbers = |name| {
        let items = signature.named(name)?;
        Some((mpi::MPI::new(Sexp::value(items, "r")?), mpi::MPI::new(Sexp::value(items, "s")?)))
    };
    match public.mpis() {
        mpi::PublicKey::RSA { .. } => {
            let s = Sexp::value(signature.named("rsa")?, "s")?;
            Some(mpi::Signature::RSA { s: mpi::MPI::new(s) })
        }
        mpi::PublicKey::EdDSA { .. } => numbers("eddsa").map(|(r, s)| mpi::Signature::EdDSA { r, s }),
        mpi::PublicKey::ECDSA { .. } => numbers("ecdsa").map(|(r, s)| mpi::Signature::ECDSA { r, s }),
        _ => None,
    }
}

/// The keygrip that gpg lists for a key, in `--with-colons --with-keygrip`.
pub(super) fn keygrip(listing: &str, key: Fingerprint) -> Option<String> {
    let mut last = "";
    for line in listing.lines() {
        let mut fields = line.split(':');
        match (fields.next(), fields.nth(8)) {
            (Some("fpr"), Some(fingerprint)) => last = fingerprint,
            (Some("grp"), Some(keygrip)) if last == key.to_string() => {
                let is_keygrip = keygrip.len() == 40 && keygrip.bytes().all(|byte| byte.is_ascii_hexdigit());
                return is_keygrip.then(|| keygrip.to_owned());
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_taken_back() {
        assert_eq!(unescaped(b"a%25b%0D%0a%"), b"a%b\r\n%");
        assert_eq!(unescaped(b"%zz%4"), b"%zz%4");
    }

    #[test]
    fn the_keygrip_is_that_of_the_key() {
        let (one, two) = (Fingerprint([1; 20]), Fingerprint([2; 20]));
        let grip = |c: char| c.to_string().repeat(40);
        let listing = format!(
            "pub:u:255:22:AA:1:::u:::scESC:::::ed25519:::0:\nfpr:::::::::{one}:\ngrp:::::::::{}:\nuid:u::::1::H::x:\n\
             sub:u:255:22:BB:1::::::s:\nfpr:::::::::{two}:\ngrp:::::::::{}:\n",
            grip('A'),
            grip('B')
        );
        assert_eq!(keygrip(&listing, one), Some(grip('A')));
        assert_eq!(keygrip(&listing, two), Some(grip('B')));
        assert_eq!(keygrip(&listing, Fingerprint([3; 20])), None);
    }

    /// An agent that says this, and nothing more.
    fn played(said: &'static str) -> Result<Vec<u8>, String> {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let key = sequoia_openpgp::packet::key::Key4::generate_ecc(true, sequoia_openpgp::types::Curve::Ed25519);
        let public = Key::from(key.unwrap()).parts_into_public();
        theirs.write_all(said.as_bytes()).unwrap();
        theirs.shutdown(std::net::Shutdown::Write).unwrap();
        let mut agent = AgentSigner { stream: BufReader::new(ours), public };
        agent.ask("PKSIGN").map_err(|error| error.to_string())
    }

    #[test]
    fn whatever_an_agent_says_ends_in_words() {
        assert_eq!(played("# x\nS PROGRESS\nD a%0Ab\nD c\nOK closing\n").unwrap(), b"a\nbc");
        assert!(played("ERR 83886179 Operation cancelled <Pinentry>\n").unwrap_err().contains("Operation cancelled"));
        assert!(played("INQUIRE PASSPHRASE\nERR 1 no\n").unwrap_err().contains("no"));
        assert!(played("D half").unwrap_err().contains("went away"));
        assert!(played("").unwrap_err().contains("went away"));
    }
}
