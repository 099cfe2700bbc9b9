//! Where the published folder will be reached.

use std::fmt;
use std::str::FromStr;

/// An address of the web, such as `https://www.example.org/keys`: a host, perhaps a port, perhaps a path; nothing that a shell or a
/// page would read as anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
}

/// Not such an address.
#[derive(Debug, thiserror::Error)]
#[error("not an address such as https://www.example.org/keys")]
pub struct NotABaseUrl;

impl BaseUrl {
    /// Its host, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for BaseUrl {
    type Err = NotABaseUrl;

    fn from_str(text: &str) -> Result<Self, NotABaseUrl> {
        let text = text.trim_end_matches('/');
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(NotABaseUrl)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b'/' | b':');
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        let is_host = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
            && host.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
        let is_good = rest.len() <= 200
            && rest.bytes().all(plain)
            && !path.contains(':')
            && !path.split('/').any(|part| part == "..")
            && port.parse::<u16>().is_ok();
        if is_host && is_good {
            Ok(Self { text: text.to_owned(), host: host.to_ascii_lowercase() })
        } else {
            Err(NotABaseUrl)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain() {
        let url: BaseUrl = "https://Keys.Example.org:8443/a/b/".parse().unwrap();
        assert_eq!((url.to_string().as_str(), url.host()), ("https://Keys.Example.org:8443/a/b", "keys.example.org"));
        for bad in [
            "",
            "example.org",
            "ftp://example.org",
            "https://",
            "https:///keys",
            "https://a b",
            "https://example.org/\"><script>",
            "https://example.org/$(id)",
            "https://user@example.org",
            "https://example.org/../x",
            "https://example.org:port",
            "https://example..org",
        ] {
            assert!(bad.parse::<BaseUrl>().is_err(), "{bad}");
        }
    }
}
