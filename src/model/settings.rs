//! How a card is set up beside its key and its codes: what policy may want of it, and what stands in the transcript.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest cardholder name, in bytes (DO 5B, OpenPGP card 3.4.1, 4.4.1).
pub const HOLDER_MAX: usize = 39;
/// The longest URL, in bytes. How much its DO (5F50) holds is the card's own choice (4.4.1); every card seen takes this much.
pub const URL_MAX: usize = 254;

/// Some settings of a card. What is not there is not wanted, or was not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Whether the user PIN holds for one signature only (first of the PW status bytes, DO C4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin_each_signature: Option<bool>,
    /// Whether it wants to be touched before it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch: Option<Touch>,
    /// Whether it gets its codes as hashes of them (KDF-DO, F9, 4.3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kdf: Option<bool>,
    /// The cardholder name, printable ASCII. In a rehearsal, its mark is written instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Where the public key is to be found, printable ASCII.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Whether a card wants to be touched before it signs (User Interaction Flag of SIG, DO D6, 4.4.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Touch {
    /// It does not.
    Off,
    /// It does; who has the admin PIN can take that back.
    On,
    /// It does, and only a reset of the card, with which its key goes, takes that back.
    Permanent,
}

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Permanent => "permanent",
        })
    }
}

/// Whether a text is one that cards store and people can read: printable ASCII, not longer than that.
#[must_use]
pub fn is_storable(text: &str, longest: usize) -> bool {
    text.len() <= longest && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

impl Settings {
    /// Whether nothing is wanted, or was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the card wants to be touched before it signs.
    #[must_use]
    pub fn wants_touch(&self) -> bool {
        matches!(self.touch, Some(Touch::On | Touch::Permanent))
    }

    /// Each one in words, in a fixed order.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let pin = self.pin_each_signature.map(|each| match each {
            true => "the user PIN holds for one signature".to_owned(),
            false => "the user PIN holds for several signatures".to_owned(),
        });
        let touch = self.touch.map(|touch| match touch {
            Touch::Off => "no touch before it signs".to_owned(),
            Touch::On => "a touch before each signature".to_owned(),
            Touch::Permanent => "a touch before each signature, until it is reset".to_owned(),
        });
        let kdf = self.kdf.map(|kdf| match kdf {
            true => "its codes go to it as hashes (KDF)".to_owned(),
            false => "its codes go to it as they are typed".to_owned(),
        });
        let holder = self.holder.as_ref().map(|holder| format!("cardholder {holder}"));
        let url = self.url.as_ref().map(|url| format!("URL {url}"));
        [pin, touch, kdf, holder, url].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_in_words_and_lines() {
        let settings = Settings {
            pin_each_signature: Some(true),
            touch: Some(Touch::Permanent),
            kdf: None,
            holder: Some("Example".to_owned()),
            url: None,
        };
        let line = serde_json::to_string(&settings).unwrap();
        assert_eq!(line, r#"{"pin-each-signature":true,"touch":"permanent","holder":"Example"}"#);
        assert_eq!(serde_json::from_str::<Settings>(&line).unwrap(), settings);
        assert_eq!(settings.in_words().len(), 3);
        assert!(settings.wants_touch() && !Settings::default().wants_touch() && Settings::default().is_empty());
        assert!(is_storable("Example Organization", HOLDER_MAX));
        assert!(!is_storable(&"x".repeat(40), HOLDER_MAX) && !is_storable("a\u{1b}[2J", HOLDER_MAX));
    }
}
