//! Names of things: short, lower case, safe in a file name and on a screen.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// Not a name: 1 to 40 of `a-z`, `0-9`, `-` and `.`, beginning with a letter or digit.
#[derive(Debug, thiserror::Error)]
#[error("not a name: use 1 to 40 of a-z, 0-9, '-' and '.', beginning with a letter or digit")]
pub struct NotAName;

fn is_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    (1..=40).contains(&text.len())
        && text.bytes().all(allowed)
        && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && !text.contains("..")
}

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => { $(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAName;

            fn from_str(text: &str) -> Result<Self, NotAName> {
                if is_name(text) { Ok(Self(text.to_owned())) } else { Err(NotAName) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

names! {
    /// A ceremony that was held, as its transcript is called: `0001-root-generation`.
    CeremonyName;
    /// A card of the organization: `records`, `packages-a`.
    CardName;
    /// What a signer must have: `source-host`.
    ConditionName;
    /// A root: `packages`, `images`.
    RootName;
    /// A release engineer on the roster.
    SignerName;
    /// A step of a script: `3.4`.
    StepId;
    /// A request for a delegation, chosen by its maker.
    RequestId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_safe_in_a_path() {
        for good in ["packages-a", "3.4", "r2026-11-22"] {
            assert!(good.parse::<CardName>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a..b", "A", "a/b", "-a", "a b", "é", &"a".repeat(41)] {
            assert!(bad.parse::<CardName>().is_err(), "{bad}");
        }
    }
}
