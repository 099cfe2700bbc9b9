//! The change in words, as people read it aloud; its hash is what they confirm.

use super::change::{Change, Sort};
use super::words::{INDENT, Page};
use crate::model::domain::Domain;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::timestamp::Timestamp;

/// How the words of each change begin.
const TITLES: [&str; 3] = ["NEW DELEGATION", "DELEGATION RENEWED FOR THE SAME KEY", "DELEGATION MOVED TO ANOTHER KEY"];
/// How the entry is called that says who compared the fingerprint, and the one that says that nobody did.
const COMPARED: &str = "compared";
const NOT_COMPARED: &str = "NOT COMPARED";

/// A change put into words. Equal changes give equal words.
pub struct Review {
    change: Change,
    text: String,
}

impl Review {
    /// Puts `change` into words of at most 74 columns.
    #[must_use]
    pub fn new(change: Change) -> Self {
        let mut page = Page::default();
        render(&change, &mut page);
        Self { text: page.into_text(), change }
    }

    /// The words. Text from outside is escaped; everything else is ASCII.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the words.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.text.as_bytes())
    }

    /// The change.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// What the words of a batch say of how the key of a request was compared with its owner. None in words that are of no such
    /// request.
    #[must_use]
    pub fn compared_by(words: &str, request: &str) -> Option<String> {
        let titles = TITLES.map(|title| format!("{title}\n"));
        let begins = |line: &str| titles.iter().any(|title| title == line);
        // Text from outside stands behind a name or an indent: no line of it is a title, or begins with a name of ours.
        let mut ours = false;
        let mut found: Option<String> = None;
        for line in words.split_inclusive('\n') {
            let value = line.get(INDENT..).unwrap_or_default().trim_end();
            match line.get(..INDENT).unwrap_or_default().trim_end() {
                _ if begins(line) => ours = false,
                "request" => ours = value.strip_prefix(request).is_some_and(|rest| rest.starts_with(", made ")),
                COMPARED | NOT_COMPARED if ours => found = Some(value.to_owned()),
                "" if ours && !value.is_empty() => {
                    if let Some(found) = &mut found {
                        found.push(' ');
                        found.push_str(value);
                    }
                }
                _ if found.is_some() => break,
                _ => {}
            }
        }
        found
    }

    /// The change, for good.
    pub(super) fn into_change(self) -> Change {
        self.change
    }
}

fn render(change: &Change, page: &mut Page) {
    let request = change.request.text();
    let [new, renewal, other_key] = TITLES;
    page.line(match change.sort() {
        Sort::New => new,
        Sort::Renewal => renewal,
        Sort::OtherKey => other_key,
    });
    page.line("");
    page.entry("organization", &request.organization);
    page.entry("root", request.root.as_str());
    page.entry("", &change.request.root_key().groups());
    page.entry("signer", &request.signer);
    page.entry("request", &format!("{}, made {}", request.id, request.date));
    page.entry("", &format!("SHA-256 {}", change.request.sha256().groups()));
    if let Some(uri) = change.request.policy_uri() {
        page.entry("policy", uri);
    }
    page.line("");
    states(change, page);
    page.line("");
    page.line("The signer's certificate:");
    for line in change.request.certificate().describe() {
        page.wrapped("  ", "    ", line.as_str());
    }
    page.line("");
    notes(change, page);
}

/// Before and after, field by field.
fn states(change: &Change, page: &mut Page) {
    let request = change.request.text();
    match &change.before {
        None => page.line("Before: this signer may sign nothing."),
        Some(before) => {
            page.line("Before: this signer may sign");
            state(page, &before.scope, &before.user_id, before.fingerprint, before.until);
            vouching(page, before.vouches.as_ref());
        }
    }
    page.line("After:  this signer may sign");
    state(page, &request.scope, &request.user_id, change.request.certificate().fingerprint(), change.until);
    vouching(page, request.vouches.as_ref());
}

fn state(page: &mut Page, scope: &str, user_id: &str, key: Fingerprint, until: Timestamp) {
    page.entry("  scope", scope);
    page.entry("  as", user_id);
    page.entry("  with key", &key.groups());
    page.entry("  until", &until.to_string());
}

fn vouching(page: &mut Page, domain: Option<&Domain>) {
    if let Some(domain) = domain {
        page.entry("  AND VOUCHES", &format!("for others at {domain}, without a ceremony"));
    }
}

/// What people should know and a table does not say.
fn notes(change: &Change, page: &mut Page) {
    let certificate = change.request.certificate();
    match (&change.compared, change.sort()) {
        (Some(compared), _) => {
            let by = format!("fingerprint compared by {}, {}", compared.by, compared.channel);
            page.entry(COMPARED, &by);
        }
        (None, Sort::Renewal) => page.entry(COMPARED, "not anew: the root certified this key before"),
        (None, _) => page.entry(NOT_COMPARED, "nobody says the fingerprint was compared with its owner"),
    }
    if let (Sort::OtherKey, Some(before)) = (change.sort(), &change.before) {
        let old = format!("the old key stays delegated until {} unless that is withdrawn", before.until.date());
        page.entry("note", &old);
    }
    if certificate.expires().is_some_and(|at| at < change.until) {
        page.entry("note", "the certificate expires before the delegation does");
    }
    if let Some(domain) = &change.request.text().vouches {
        let words = format!(
            "whoever has this key makes signers at {domain}, and nobody here reviews them; it is an intermediate of depth 1"
        );
        page.entry("note", &words);
    }
    if certificate.user_ids().len() > 1 {
        page.entry("note", "only the user ID above is certified; the others are left out");
    }
    if !change.request.text().user_id.is_ascii() {
        page.entry("note", "the user ID has letters beyond ASCII, which can look like others");
    }
}

#[cfg(test)]
mod tests {
    use super::super::Batch;
    use super::super::testing;
    use super::*;
    use crate::model::fault::Fault as _;

    #[test]
    fn the_words_are_these() {
        let review = Review::new(testing::change(None));
        let text = review.text();
        let key = review.change().request().certificate().fingerprint();
        let sha256 = review.change().request().sha256().groups();
        let (head, tail) = sha256.split_at(49);
        let expected = format!(
            "NEW DELEGATION\n\norganization  Acme Builds\nroot          packages\n{:14}ABAB ABAB ABAB ABAB ABAB ABAB ABAB ABAB ABAB ABAB\nsigner        ann\n\
             request       2026-11-ann, made 2026-11-21T10:59:57Z\n              SHA-256 {head}\n              {}\n\
             policy        https://acme.example/keys\n\n\
             Before: this signer may sign nothing.\nAfter:  this signer may sign\n  scope       all packages\n\
             {:14}Ann Signer <ann@acme.example>\n  with key    {}\n  until       2027-11-21T10:59:57Z\n\n\
             The signer's certificate:\n  fingerprint {}\n  made 2026-11-21, expires 2028-11-20\n\
             {:2}primary key Ed25519 [certify, sign], until 2028-11-20\n  user ID Ann Signer <ann@acme.example>\n\n\
             NOT COMPARED  nobody says the fingerprint was compared with its owner\n",
            "",
            tail.trim(),
            "  as",
            key.groups(),
            key.groups(),
            ""
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn another_hash_approves_nothing() {
        let review = Review::new(testing::change(None));
        let refused = Batch::new(vec![review]).approve(Hash([0; 32])).map(|_| ()).expect_err("another hash");
        assert_eq!(refused.control().map(crate::model::control::Control::id), Some("REVIEW-1"));
    }

    #[test]
    fn who_compared_is_found_again_in_the_words_of_a_batch() {
        use super::super::Comparison;
        let mut compared = testing::change(None);
        let channel = "a video call that was long enough to be written on several lines of these words";
        compared.compared = Some(Comparison { by: "Bo".to_owned(), channel: channel.to_owned() });
        let (first, second) = (Review::new(compared).text().to_owned(), Review::new(testing::change(None)));
        let second = second.text().replace("2026-11-ann,", "2026-11-bo,");
        let words = [first.as_str(), &second].join("\n");
        let by = format!("fingerprint compared by Bo, {channel}");
        assert_eq!(Review::compared_by(&words, "2026-11-ann"), Some(by));
        let nobody = "nobody says the fingerprint was compared with its owner".to_owned();
        assert_eq!(Review::compared_by(&words, "2026-11-bo"), Some(nobody));
        assert_eq!(Review::compared_by(&words, "2026-11"), None);
    }

    #[test]
    fn every_difference_changes_the_hash() {
        use super::super::{Comparison, InForce};
        let plain = Review::new(testing::change(None)).hash();
        let mut compared = testing::change(None);
        compared.compared = Some(Comparison { by: "Bo".to_owned(), channel: "video call".to_owned() });
        let before = |fingerprint| InForce {
            fingerprint,
            user_id: "Ann\u{1b}".to_owned(),
            scope: "docs".to_owned(),
            vouches: None,
            until: testing::NOW,
        };
        let other_key = Review::new(testing::change(Some(before(Fingerprint([1; 20])))));
        let same = testing::change(None).request().certificate().fingerprint();
        let renewal = Review::new(testing::change(Some(before(same))));
        assert!(other_key.text().starts_with("DELEGATION MOVED TO ANOTHER KEY\n"));
        assert!(other_key.text().contains("the old key stays delegated until 2026-11-21"));
        assert!(renewal.text().starts_with("DELEGATION RENEWED FOR THE SAME KEY\n"));
        assert!(renewal.text().contains("Ann\\u{1b}"));
        let hashes = [plain, Review::new(compared).hash(), other_key.hash(), renewal.hash()];
        for (at, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..at].contains(hash));
        }
    }
}
