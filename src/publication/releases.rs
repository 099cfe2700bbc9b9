//! The list of past releases, as far as the page shows it.

/// The list's file.
pub const FILE: &str = "past-releases.txt";

/// A past release, as the list has it; empty where the list says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// When it was signed.
    pub signed_on: String,
    /// What the signer was delegated to sign.
    pub scope: String,
    /// How many files it has.
    pub files: usize,
}

/// The releases of `past-releases.txt`, in its order. The records key signed it, and whoever signed it judged it: what this does not
/// know is passed over.
#[must_use]
pub fn listed(text: &str) -> Vec<Release> {
    let mut releases: Vec<Release> = Vec::new();
    for line in text.lines() {
        let Some(comment) = line.strip_prefix('#') else {
            releases.last_mut().into_iter().for_each(|release| release.files += usize::from(!line.trim().is_empty()));
            continue;
        };
        let Some((key, value)) = comment.trim().split_once(": ") else { continue };
        if key == "release" {
            releases.push(Release { name: value.to_owned(), ..Release::default() });
        } else if let Some(release) = releases.last_mut() {
            match key {
                "signed-on" => release.signed_on = value.to_owned(),
                "scope" => release.scope = value.to_owned(),
                _ => {}
            }
        }
    }
    releases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_listed_in_order() {
        let text = "# keyrite-past-releases 1\n# organization: Acme\n# scope: of no release\n#\n# release: a-1\n\
                    # signed-on: 2026-11-20T10:00:00Z\n# scope: packages\nHASH  a-1.tar.gz\nHASH  a-1.zip\n#\n# release: a-2\n";
        let first = Release {
            name: "a-1".to_owned(),
            signed_on: "2026-11-20T10:00:00Z".to_owned(),
            scope: "packages".to_owned(),
            files: 2,
        };
        assert_eq!(listed(text), [first, Release { name: "a-2".to_owned(), ..Release::default() }]);
        assert_eq!(listed(""), []);
    }
}
