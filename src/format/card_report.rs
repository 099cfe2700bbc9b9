//! Reports of tested cards, as files of JSON.

use serde::Deserialize;

use super::FormatError;
use crate::model::card_report::{CardReport, FORMAT};

/// The largest report, in bytes: a real one has some 5 kB.
pub const LARGEST: usize = 256 * 1024;

/// A report's version, whatever else stands in it.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// Reads a report. `file` is what errors call it.
///
/// # Errors
/// [`FormatError::CardReport`] for anything but a whole report of the version that is written here; [`FormatError::TooLarge`].
pub fn read(file: &str, bytes: &[u8]) -> Result<CardReport, FormatError> {
    if bytes.len() > LARGEST {
        return Err(FormatError::TooLarge { file: file.to_owned(), size: bytes.len(), largest: LARGEST });
    }
    let fault = |what: String| FormatError::CardReport { file: file.to_owned(), what };
    // serde's words may quote the file: of an error, only its place is told.
    let damaged =
        |error: serde_json::Error| fault(format!("damaged at line {}, column {}", error.line(), error.column()));
    let Version { version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if version != FORMAT {
        return Err(fault(format!("its version is {version}, and {FORMAT} alone is known here")));
    }
    serde_json::from_slice(bytes).map_err(damaged)
}

/// A report's file.
///
/// # Errors
/// Never for a report that was made here.
pub fn write(report: &CardReport) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(report)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::card_report::{CardModel, Check, Found, What};
    use crate::model::hash::Hash;
    use crate::model::timestamp::Timestamp;

    fn report() -> CardReport {
        let model = CardModel {
            manufacturer: "0006".to_owned(),
            maker: "Yubico".to_owned(),
            application: "3.4".to_owned(),
            firmware: "5.7.1".to_owned(),
            capabilities: vec!["key import".to_owned()],
            algorithms: None,
        };
        let check = |check, algorithm: Option<&str>, outcome, words: Option<&str>| Check {
            check,
            algorithm: algorithm.map(str::to_owned),
            outcome,
            milliseconds: 7,
            words: words.map(str::to_owned),
        };
        CardReport {
            version: FORMAT,
            model,
            serial: "0006:0A0B0C0D".to_owned(),
            program: "keyrite 0".to_owned(),
            binary: Hash::of(b"program"),
            tested: Timestamp(1_795_258_797),
            journal: Hash::of(b"journal"),
            checks: vec![
                check(What::Generate, Some("Ed25519"), Found::Passed, None),
                check(What::Random, None, Found::Absent, None),
                check(What::Reset, None, Found::Failed, Some("its key is still there")),
            ],
        }
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let bytes = write(&report()).unwrap();
        assert_eq!(read("a.json", &bytes).unwrap(), report());
        assert_eq!(write(&read("a.json", &bytes).unwrap()).unwrap(), bytes);
        let text = String::from_utf8(bytes).unwrap();
        for part in [
            "\"version\": 1",
            "\"check\": \"generate\"",
            "\"tested\": \"2026-11-21T10:59:57Z\"",
            "\"algorithms\": null",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn another_file_is_refused_with_words() {
        let text = String::from_utf8(write(&report()).unwrap()).unwrap();
        let refused = |text: &str| read("a.json", text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            refused(&text.replace("\"version\": 1", "\"version\": 2")),
            "a.json: its version is 2, and 1 alone is known here"
        );
        assert!(refused(&text[..text.len() / 2]).starts_with("a.json: damaged at line "));
        assert!(refused(&text.replace("\"serial\"", "\"cereal\"")).starts_with("a.json: damaged at line "));
        assert!(refused(&text.replace("\"failed\"", "\"fine\"")).starts_with("a.json: damaged at line "));
        assert!(refused("\u{1b}[2J").starts_with("a.json: damaged at line 1"));
        let long = " ".repeat(LARGEST + 1);
        assert!(refused(&long).contains("at most"));
    }
}
