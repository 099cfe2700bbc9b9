//! The secrets that a card knows people by.

use serde::{Deserialize, Serialize};

/// One of a card's secrets (OpenPGP card 3.4.1, 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The user PIN (PW1): signs.
    User,
    /// The admin PIN (PW3): writes keys, sets the reset code and a new user PIN.
    Admin,
    /// The reset code (RC): sets a new user PIN.
    #[serde(rename = "reset-code")]
    Reset,
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::User => "user PIN",
            Self::Admin => "admin PIN",
            Self::Reset => "reset code",
        })
    }
}
