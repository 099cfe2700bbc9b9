//! What comes into the list, in words; their hash is what people confirm.

use crate::format::past_releases;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::name::RootName;
use crate::model::past_releases::{PastRelease, PastReleases};
use crate::trust::delegation::words::Page;

/// The change of the list, put into words. Equal changes give equal words.
pub struct Review {
    text: String,
}

impl Review {
    /// Puts the list `after`, with releases that it has and `before` has not, each with its signer's name and the hash of its
    /// manifest, into words of at most 74 columns. `before` comes with the hash of its file.
    #[must_use]
    pub fn new(
        root: (&RootName, Fingerprint),
        before: Option<(&PastReleases, Hash)>,
        after: &PastReleases,
        taken: &[(&PastRelease, &str, Hash)],
    ) -> Self {
        let mut page = Page::default();
        page.line("PAST RELEASES TAKEN IN");
        page.line("");
        page.entry("organization", &after.organization);
        page.entry("root", root.0.as_str());
        page.entry("", &root.1.groups());
        match before {
            None => page.entry("before", "there is no list"),
            Some((list, hash)) => {
                let has = format!("list {}: {} release(s), {} file(s)", list.number, list.releases.len(), list.files());
                page.entry("before", &has);
                page.entry("", &format!("SHA-256 {}", hash.groups()));
            }
        }
        let has = format!("list {}: {} release(s), {} file(s)", after.number, after.releases.len(), after.files());
        page.entry("after", &has);
        page.entry("", &format!("SHA-256 {}", Hash::of(past_releases::write(after).as_bytes()).groups()));
        for (release, signer, manifest) in taken {
            page.line("");
            one(&mut page, release, signer, *manifest);
        }
        Self { text: page.into_text() }
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
}

fn one(page: &mut Page, release: &PastRelease, signer: &str, manifest: Hash) {
    page.wrapped("NEW RELEASE ", "    ", release.release.as_str());
    page.entry("signer", signer);
    page.entry("", &release.signed_by.groups());
    page.entry("signed on", &release.signed_on.to_string());
    page.entry("scope", &release.scope);
    page.entry("manifest", &format!("SHA-256 {}", manifest.groups()));
    page.entry("files", &release.files.len().to_string());
    for (file, hash) in &release.files {
        page.wrapped("  ", "    ", file.as_str());
        page.wrapped("    ", "    ", &hash.groups());
    }
}
