//! How a stranger verifies a release with tools they have. One piece, for `how-to-verify.txt` and for the page: both say the same
//! words and the same commands.

use crate::model::fingerprint::Fingerprint;
use crate::model::mode::Mode;
use crate::model::shown::Shown;

/// What `how-to-verify.txt` is filled to.
const WIDTH: usize = 78;

/// A part of the guide.
pub struct Section {
    /// Its heading, without a number.
    pub title: &'static str,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// A paragraph, or lines that are taken as they are.
pub enum Block {
    /// Words.
    Words(String),
    /// Commands for a shell, one a line.
    Commands(Vec<String>),
    /// Something to compare: fingerprints.
    Compare(Vec<String>),
}

fn words(text: &str) -> Block {
    Block::Words(text.to_owned())
}

fn commands(lines: &[&str]) -> Block {
    Block::Commands(lines.iter().map(|line| (*line).to_owned()).collect())
}

/// What stands above the sections.
pub const BEGINNING: &str = "A release is a file, such as FILE.tar.gz, and a signature, FILE.tar.gz.asc. One of the ways below is \
enough. They need only what is in this folder, and tools that most systems have. Put the file and its signature into this folder first.";

/// The ways to verify a release, for a root and those equal to it. `url` is where the folder is published.
#[must_use]
pub fn sections(roots: &[Fingerprint], url: &str) -> Vec<Section> {
    vec![with_gpgv(), with_gpg(roots, url), with_sq(roots), older(), with_keyrite(roots), when_not()]
}

fn with_gpgv() -> Section {
    Section {
        title: "With gpgv",
        blocks: vec![
            words("current.gpg holds the keys that may sign releases now:"),
            commands(&["gpgv --keyring ./current.gpg FILE.tar.gz.asc FILE.tar.gz"]),
            words(
                "Write ./ before the name: without a slash gpgv looks in your home folder. The release is good when gpgv says \
                 \"Good signature\" and ends with status 0. gpgv asks only whether the key is in that file: take the newest one.",
            ),
        ],
    }
}

fn with_gpg(roots: &[Fingerprint], url: &str) -> Section {
    let mut blocks = vec![
        words(
            "The root vouches for each signer until a date. Tell gpg once that you trust it. You do that with a key of your own, \
             which never leaves your machine. If you have none yet:",
        ),
        commands(&["gpg --quick-gen-key \"Your Name <you@example.org>\""]),
    ];
    if let count @ 2.. = roots.len() {
        blocks.push(Block::Words(format!("There are {count} such roots, in case one is lost. Trust them all.")));
    }
    blocks.extend([
        words("Then:"),
        Block::Commands(import(roots)),
        words("Compare the fingerprint with one from another place than this one:"),
        Block::Compare(roots.iter().map(Fingerprint::groups).collect()),
        words("When it is the same, say so to gpg, and verify:"),
        Block::Commands(trust_and_verify(roots)),
        words("The release is good when gpg says \"Good signature\" and gives no WARNING."),
        words(
            "Do not use gpg --fetch-keys to get keys.txt: it keeps each key's own signatures and drops what others say of it. The \
             root's word is then lost, and gpg warns that the key is not certified with a trusted signature. Download the file and \
             import it, or write",
        ),
        Block::Commands(vec![format!("gpg --keyserver-options no-self-sigs-only --fetch-keys {url}/keys.txt")]),
    ]);
    Section { title: "With gpg, by the root", blocks }
}

fn import(roots: &[Fingerprint]) -> Vec<String> {
    let shown = roots.iter().map(|root| format!("gpg --fingerprint {root}"));
    std::iter::once("gpg --import keys.txt".to_owned()).chain(shown).collect()
}

/// Ownertrust full (5): unlike ultimate, it does not outlive the root's revocation.
fn trust_and_verify(roots: &[Fingerprint]) -> Vec<String> {
    let trust = |root| [format!("gpg --quick-lsign-key {root}"), format!("echo {root}:5: | gpg --import-ownertrust")];
    let verify = "gpg --verify FILE.tar.gz.asc FILE.tar.gz".to_owned();
    roots.iter().flat_map(trust).chain([verify]).collect()
}

fn with_sq(roots: &[Fingerprint]) -> Section {
    let trusted: String = roots.iter().map(|root| format!(" --trust-root={root}")).collect();
    Section {
        title: "With sq",
        blocks: vec![
            words("With sq 1.0 or newer, by the root, whose fingerprint you compared as above:"),
            Block::Commands(vec![format!(
                "sq --cert-store=none --keyring=./keys.txt{trusted} verify --signature-file=FILE.tar.gz.asc FILE.tar.gz"
            )]),
            words("Older ones, such as sq 0.27 of Debian 12, know the keyring only:"),
            commands(&["sq verify --signer-cert ./current.gpg --detached FILE.tar.gz.asc FILE.tar.gz"]),
            words("The release is good when sq tells of a good signature and ends with status 0."),
        ],
    }
}

fn older() -> Section {
    Section {
        title: "Older releases",
        blocks: vec![
            words(
                "archive.gpg holds every key that ever could sign. It says who signed, but not whether they were allowed to at that \
                 time. Use it only for releases that past-releases.txt names, the organization's list of past releases. Where that \
                 file is not here, there is no such list yet.",
            ),
            words(
                "The records key signed the list. Compare its fingerprint as you did the root's; then check the list, the release \
                 against the list, and who signed the release:",
            ),
            commands(&[
                "gpg --show-keys records.gpg",
                "gpgv --keyring ./records.gpg past-releases.txt.asc past-releases.txt",
                "sha256sum --check --ignore-missing past-releases.txt",
                "gpgv --keyring ./archive.gpg FILE.tar.gz.asc FILE.tar.gz",
            ]),
            words(
                "The release is good when the list is, sha256sum says \"FILE.tar.gz: OK\", and gpgv says \"Good signature\".",
            ),
        ],
    }
}

fn with_keyrite(roots: &[Fingerprint]) -> Section {
    let line = |root: &Fingerprint| format!("keyrite release check FILE.tar.gz --keys . --root {root}");
    let several = if roots.len() > 1 { " Of several roots, any one of these may say GOOD." } else { "" };
    Section {
        title: "With keyrite",
        blocks: vec![
            Block::Words(format!(
                "keyrite looks at all of this at once, older releases too, and says why when something is not good.{several}"
            )),
            Block::Commands(roots.iter().map(line).collect()),
        ],
    }
}

fn when_not() -> Section {
    Section {
        title: "When something is not as said here",
        blocks: vec![
            words(
                "Do not use the release, and do not trust a key to make a warning go away. Download the file, its signature and \
                 these keys once more. If it stays so, or if a fingerprint is another one than you know, tell the organization by \
                 a way that you knew before, not by one that you found beside the download, and keep the files as they are.",
            ),
            words(
                "A signer whose time is over makes gpg warn about older releases too: go by \"Older releases\" then. A revoked key \
                 signs nothing that counts any more.",
            ),
        ],
    }
}

/// `how-to-verify.txt`, for a root and those equal to it.
#[must_use]
pub fn text(organization: &str, mode: Mode, roots: &[Fingerprint]) -> String {
    let mark = mode.mark().map_or(String::new(), |mark| format!("{mark}\n\n"));
    let mut out = format!("{mark}HOW TO VERIFY A RELEASE OF {}\n\n", Shown::new(organization));
    out.push_str(&filled(BEGINNING));
    for (at, Section { title, blocks }) in sections(roots, "URL").iter().enumerate() {
        out.push_str(&format!("\n\n{}. {}\n", at + 1, title.to_uppercase()));
        for block in blocks {
            out.push('\n');
            match block {
                Block::Words(text) => out.push_str(&filled(text)),
                Block::Commands(lines) | Block::Compare(lines) => {
                    out.extend(lines.iter().map(|line| format!("    {line}\n")));
                }
            }
        }
    }
    out
}

/// Lines of at most [`WIDTH`] characters, broken at blanks.
fn filled(text: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_filled_and_names_every_root() {
        let roots = [Fingerprint([1; 20]), Fingerprint([2; 20])];
        let text = text("Acme\u{1b} Builds", Mode::Rehearsal, &roots);
        assert!(text.starts_with("REHEARSAL, NOT FOR USE\n\nHOW TO VERIFY A RELEASE OF Acme\\u{1b} Builds\n\n"));
        for line in text.lines().filter(|line| !line.starts_with("    ")) {
            assert!(line.chars().count() <= WIDTH && line == line.trim_end(), "{line:?}");
        }
        for root in &roots {
            assert!(text.contains(&format!("\n    gpg --quick-lsign-key {root}\n")), "{text}");
            assert!(text.contains(&format!("\n    {}\n", root.groups())), "{text}");
        }
        assert!(text.contains("\nThere are 2 such roots, in case one is lost. Trust them all.\n"), "{text}");
        assert_eq!(text.matches("\n\n\n").count(), 6, "{text}");
    }
}
