//! A mail domain, as an intermediate's scope has it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// Not a domain that a certification can be bounded to.
#[derive(Debug, thiserror::Error)]
#[error("not a domain such as example.org: labels of a-z, 0-9 and '-', at least two of them, at most 100 characters")]
pub struct NotADomain;

/// What stands before and after the domain in an expression.
const BEFORE: &str = "<[^>]+[@.]";
const AFTER: &str = ">$";

/// A mail domain in lower case, with at least two labels (RFC 1035 2.3.1): `example.org`. An internationalized one is
/// written in its ASCII form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Domain(String);

impl Domain {
    /// The regular expression (RFC 9580 5.2.3.22) that bounds a trust signature to mail addresses at this domain and those
    /// below it. It is the one form that gpg 2.2 and sq read alike: gpg knows no alternation and heeds the first only.
    #[must_use]
    pub fn expression(&self) -> String {
        format!("{BEFORE}{}{AFTER}", self.0.replace('.', "\\."))
    }

    /// The domain that an expression of that form names; none for any other.
    #[must_use]
    pub fn of_expression(expression: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(expression).ok()?;
        let domain: Self = text.strip_prefix(BEFORE)?.strip_suffix(AFTER)?.replace("\\.", ".").parse().ok()?;
        (domain.expression() == text).then_some(domain)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Domain {
    type Err = NotADomain;

    fn from_str(text: &str) -> Result<Self, NotADomain> {
        let is_label = |label: &str| {
            let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            (1..=63).contains(&label.len())
                && label.bytes().all(allowed)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_domain = text.len() <= 100 && text.contains('.') && text.split('.').all(is_label);
        if is_domain { Ok(Self(text.to_owned())) } else { Err(NotADomain) }
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_says_nothing_else_in_an_expression() {
        let domain: Domain = "builds.acme.example".parse().unwrap();
        assert_eq!(domain.expression(), r"<[^>]+[@.]builds\.acme\.example>$");
        assert_eq!(Domain::of_expression(domain.expression().as_bytes()), Some(domain));
        for bad in
            ["<[^>]+[@.]acme.example>$", r"<[^>]+[@.](a|b)\.example>$", r"<[^>]+[@.]a\.example>", "", r"a\.example"]
        {
            assert!(Domain::of_expression(bad.as_bytes()).is_none(), "{bad}");
        }
        for bad in [
            "",
            "org",
            "example.",
            ".example",
            "a..b",
            "Example.org",
            "a|b.org",
            "ex*.org",
            "-a.org",
            "é.org",
            "a.org>",
        ] {
            assert!(bad.parse::<Domain>().is_err(), "{bad}");
        }
        assert!(format!("{}.org", "a".repeat(64)).parse::<Domain>().is_err());
    }
}
