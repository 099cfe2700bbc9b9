//! `index.html`: one page, without scripts and without anything from elsewhere.

use std::collections::BTreeMap;

use super::guide::{self, Block};
use super::html::{commands, escaped, lines, link, table};
use super::{Delegation, Root, State};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::past_releases::PastRelease;
use crate::model::timestamp::Timestamp;

const STYLE: &str = include_str!("page.css");

/// The sections: the name by which a link finds it, and its heading.
const SECTIONS: [(&str, &str); 8] = [
    ("roots", "Roots"),
    ("signers", "Who may sign"),
    ("earlier", "Who could sign earlier"),
    ("verify", "How to verify a release"),
    ("revocations", "Revocations"),
    ("releases", "Past releases"),
    ("minutes", "Minutes of ceremonies"),
    ("downloads", "Downloads"),
];

/// The page, for this state and these files, by their paths.
#[must_use]
pub fn page(state: &State, files: &BTreeMap<String, Vec<u8>>) -> String {
    let bodies = [
        roots(state),
        signers(state),
        earlier(state),
        verify(state),
        revocations(state),
        releases(state),
        minutes(state),
        downloads(state, files),
    ];
    let mut out = beginning(state);
    for ((id, heading), body) in SECTIONS.iter().zip(bodies) {
        out.push_str(&format!(
            "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n{body}</section>\n"
        ));
    }
    let manifest = files
        .get(crate::format::manifest::NAME)
        .map_or(String::new(), |sums| format!(" SHA-256 of its SHA256SUMS: <code>{}</code>.", Hash::of(sums)));
    out.push_str(&format!(
        "</main>\n<footer>\n<p>Made by keyrite from the bundle of ceremony <code>{}</code>.{manifest}</p>\n</footer>\n</body>\n</html>\n",
        escaped(&state.ceremony),
    ));
    out
}

fn beginning(state: &State) -> String {
    let name = escaped(&state.organization);
    let marked = state.mode.mark().map_or(String::new(), |mark| format!("{mark}: "));
    let mark = state.mode.mark().map_or(String::new(), |mark| {
        format!("<p class=\"mark\">{mark}. These keys vouch for nothing: they were made to practise.</p>\n")
    });
    let contents: String =
        SECTIONS.iter().map(|(id, heading)| format!("<li><a href=\"#{id}\">{heading}</a></li>\n")).collect();
    let place = state.base.as_ref().map_or(String::new(), |base| {
        format!("<p class=\"state\">This page belongs at <code>{}/</code>.</p>\n", escaped(&base.to_string()))
    });
    format!(
        "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'\">
<meta name=\"referrer\" content=\"no-referrer\">
<title>{marked}Release keys of {name}</title>
<style>
{STYLE}</style>
</head>
<body>
<a class=\"skip\" href=\"#main\">To the content</a>
<header>
{mark}<h1>Release keys of {name}</h1>
<p class=\"state\">State of {}.</p>
{place}<nav aria-label=\"Contents\">
<ul>
{contents}</ul>
</nav>
</header>
<main id=\"main\">
",
        moment(state.as_of),
    )
}

fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    format!("<time datetime=\"{text}\">{}</time>", text.replace('T', " ").replace('Z', " UTC"))
}

fn day(at: Timestamp) -> String {
    format!("<time datetime=\"{at}\">{}</time>", at.date())
}

fn fingerprint(of: Fingerprint) -> String {
    format!("<code class=\"fingerprint\">{}</code>", of.groups())
}

fn described(key: &Root) -> String {
    format!(
        "<dt>{}</dt>\n<dd>{}</dd>\n<dd>{}</dd>\n",
        escaped(&key.name),
        fingerprint(key.fingerprint),
        escaped(&key.user_id)
    )
}

fn roots(state: &State) -> String {
    let listed: String = state.roots.iter().map(described).collect();
    format!(
        "<p>Everything here hangs on these fingerprints. Compare them, digit by digit, with the same ones in another place: in the \
organization's documents, on paper, from somebody you know, or where you noted them when you first met them. This page cannot vouch \
for itself.</p>
<dl>
{listed}</dl>
<p>A root certifies signers. It signs no release itself.</p>
<p>The records key signs the minutes, the list of past releases and the list of these files. It vouches for no signer.</p>
<dl>
{}</dl>
",
        described(&state.records)
    )
}

fn delegations(caption: &str, rows: &[Delegation]) -> String {
    let row = |delegation: &Delegation| {
        vec![
            escaped(&delegation.signer),
            escaped(&delegation.user_id),
            fingerprint(delegation.fingerprint),
            escaped(&scope(delegation)),
            escaped(&delegation.root),
            day(delegation.from),
            day(delegation.until),
        ]
    };
    let heads = ["Signer", "User ID", "Fingerprint", "Scope", "Root", "From", "Until"];
    table(caption, &heads, &rows.iter().map(row).collect::<Vec<_>>())
}

/// What they may sign; and of an intermediate, for whom it vouches.
fn scope(delegation: &Delegation) -> String {
    match &delegation.vouches {
        Some(domain) => format!("{}; vouches for others at {domain}", delegation.scope),
        None => delegation.scope.clone(),
    }
}

fn signers(state: &State) -> String {
    if state.now.is_empty() {
        return "<p>Nobody: no delegation is in force.</p>\n".to_owned();
    }
    let caption = format!("Delegations in force on {}. Each ends by itself on its last day.", state.as_of.date());
    delegations(&caption, &state.now)
}

fn earlier(state: &State) -> String {
    if state.earlier.is_empty() {
        return "<p>Nobody: every delegation that there was is in force.</p>\n".to_owned();
    }
    let note = "<p>What was signed under these in their time is good when the list of <a href=\"#releases\">past releases</a> \
names it.</p>\n";
    format!("{note}{}", delegations("Delegations that are over", &state.earlier))
}

fn verify(state: &State) -> String {
    let fingerprints: Vec<Fingerprint> = state.roots.iter().map(|root| root.fingerprint).collect();
    let url = state.base.as_ref().map_or_else(|| "URL".to_owned(), ToString::to_string);
    let mut out = format!("<p>{}</p>\n", escaped(guide::BEGINNING));
    for section in guide::sections(&fingerprints, &url) {
        out.push_str(&format!("<h3>{}</h3>\n", escaped(section.title)));
        for block in &section.blocks {
            out.push_str(&match block {
                Block::Words(words) => format!("<p>{}</p>\n", escaped(words)),
                Block::Commands(lines) => commands(lines),
                Block::Compare(shown) => lines(shown),
            });
        }
    }
    out.push_str(&elsewhere(state));
    out
}

/// The same keys for programs that look elsewhere.
fn elsewhere(state: &State) -> String {
    let pacman = escaped(&state.pacman);
    let directories = if state.directories.is_empty() {
        "No user ID here has a mail address with a Web Key Directory.".to_owned()
    } else {
        let domains: Vec<String> =
            state.directories.iter().map(|domain| format!("<code>{}</code>", escaped(domain))).collect();
        format!(
            "The Web Key Directory, where <code>gpg --locate-external-keys</code> looks, has keys of {}. It finds a key, and \
says nothing of the root.",
            domains.join(", ")
        )
    };
    format!(
        "<h3>In other forms</h3>\n<p>{directories}</p>\n<p>For pacman, the same keys are <code>{pacman}.gpg</code>, \
<code>{pacman}-trusted</code> and <code>{pacman}-revoked</code>.</p>\n"
    )
}

fn revocations(state: &State) -> String {
    if state.revocations.is_empty() {
        return format!(
            "<p>None: no certificate of this folder carries a revocation ({}).</p>\n",
            link(super::revocations::INDEX)
        );
    }
    let row = |revoked: &super::Revoked| {
        vec![
            link(&revoked.path),
            fingerprint(revoked.certificate),
            escaped(&revoked.what),
            revoked.made.map_or_else(|| "not said".to_owned(), day),
            escaped(&revoked.reason),
        ]
    };
    let rows: Vec<_> = state.revocations.iter().map(row).collect();
    table("What was revoked; keys.txt has it all too", &["File", "Key", "Revokes", "Made", "Reason"], &rows)
}

fn releases(state: &State) -> String {
    let Some(list) = &state.releases else {
        return "<p>There is no list of past releases yet.</p>\n".to_owned();
    };
    let row = |release: &PastRelease| {
        vec![
            escaped(&release.release.to_string()),
            day(release.signed_on),
            escaped(&release.scope),
            fingerprint(release.signed_by),
            release.files.len().to_string(),
        ]
    };
    let rows: Vec<_> = list.releases.iter().rev().map(row).collect();
    let heads = ["Release", "Signed on", "Scope", "Signed by", "Files"];
    table("The last one first; past-releases.txt has the hash of every file", &heads, &rows)
}

fn minutes(state: &State) -> String {
    let path = |ceremony: &String| format!("minutes/{ceremony}.asc");
    let Some(last) = state.minutes.last() else {
        return "<p>No ceremony has signed minutes yet.</p>\n".to_owned();
    };
    let items: String = state.minutes.iter().map(|ceremony| format!("<li>{}</li>\n", link(&path(ceremony)))).collect();
    format!(
        "<p>What was done in each ceremony, signed by the records key. To verify the last ones:</p>
{}<ul>
{items}</ul>
",
        commands(&[format!("gpgv --keyring ./records.gpg {}", path(last))]),
    )
}

fn downloads(state: &State, files: &BTreeMap<String, Vec<u8>>) -> String {
    let is_listed =
        |path: &str| !path.starts_with('.') && !path.starts_with("minutes/") && !path.starts_with("revocations/");
    let rows: Vec<_> = files
        .iter()
        .filter(|(path, _)| is_listed(path))
        .map(|(path, bytes)| {
            vec![
                link(path),
                escaped(what(path, &state.pacman)),
                bytes.len().to_string(),
                format!("<code>{}</code>", Hash::of(bytes)),
            ]
        })
        .collect();
    format!(
        "<p>SHA256SUMS lists what the ceremony signed; the other files were made from those.</p>\n{}",
        table("Files of this folder", &["File", "What", "Bytes", "SHA-256"], &rows)
    )
}

fn what<'a>(path: &str, pacman: &str) -> &'a str {
    match path {
        "KEYS" => "all keys, with a readable listing",
        "SHA256SUMS" => "the list of what the ceremony signed",
        "SHA256SUMS.asc" => "the records key's signature on it",
        "archive.gpg" => "every signer ever, for gpgv",
        "current.gpg" => "signers in force, for gpgv",
        "how-to-verify.txt" => "how to verify, as text",
        "keys.txt" => "roots and signers, for gpg --import",
        "past-releases.txt" => "the list of past releases",
        "past-releases.txt.asc" => "the records key's signature on it",
        "records.asc" => "the records key",
        "records.gpg" => "the same, for gpgv",
        "signers.json" => "who may sign what, for programs",
        _ if path.strip_prefix(pacman).is_some_and(|rest| matches!(rest, ".gpg" | "-trusted" | "-revoked")) => {
            "for pacman"
        }
        _ if path.starts_with("answer-") => "what a signer gets back",
        _ => "part of the bundle",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mode::Mode;
    use crate::model::past_releases::PastReleases;

    fn hostile() -> State {
        let bad = "<script>alert(1)</script>\"'&\u{202e}\u{1b}[2J".to_owned();
        let key = Root { name: bad.clone(), fingerprint: Fingerprint([0xab; 20]), user_id: bad.clone() };
        let delegation = Delegation {
            signer: bad.clone(),
            user_id: bad.clone(),
            fingerprint: Fingerprint([0xcd; 20]),
            root: bad.clone(),
            scope: bad.clone(),
            vouches: Some(bad.clone()),
            from: Timestamp(1_795_258_797),
            until: Timestamp(1_826_794_797),
        };
        State {
            organization: bad.clone(),
            mode: Mode::Rehearsal,
            as_of: Timestamp(1_795_258_797),
            ceremony: bad.clone(),
            base: None,
            roots: vec![key.clone()],
            records: key,
            now: vec![delegation.clone()],
            earlier: vec![delegation],
            revocations: vec![super::super::Revoked {
                path: "revocations/A-1.asc".to_owned(),
                certificate: Fingerprint([1; 20]),
                what: bad.clone(),
                made: None,
                reason: bad.clone(),
            }],
            releases: Some(PastReleases {
                organization: bad.clone(),
                number: 1,
                as_of: Timestamp(1_795_258_797),
                releases: vec![PastRelease {
                    release: "a-1".parse().unwrap(),
                    signed_by: Fingerprint([2; 20]),
                    signed_on: Timestamp(1_795_258_797),
                    scope: bad.clone(),
                    taken_in: "0001-delegation".parse().unwrap(),
                    files: BTreeMap::new(),
                }],
            }),
            minutes: vec![bad.clone()],
            pacman: bad.clone(),
            directories: vec![bad],
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let state = hostile();
        let files = BTreeMap::from([(state.organization.clone(), Vec::new())]);
        let page = page(&state, &files);
        assert!(!page.contains("<script") && !page.contains("alert(1)<"), "{page}");
        assert!(!page.contains(['\u{202e}', '\u{1b}']));
        // Every quote of theirs is escaped: what is left is ours, and comes in pairs.
        assert!(page.lines().all(|line| line.matches('"').count() % 2 == 0));
        // Each of the names and values above, wherever it stands.
        assert_eq!(page.matches("&lt;script&gt;alert(1)").count(), 29, "{page}");
    }

    #[test]
    fn a_rehearsals_page_says_so_and_a_productions_does_not() {
        let mut state = hostile();
        let rehearsal = page(&state, &BTreeMap::new());
        assert!(
            rehearsal.contains("<title>REHEARSAL, NOT FOR USE: ") && rehearsal.contains("<p class=\"mark\">REHEARSAL")
        );
        state.mode = Mode::Production;
        assert!(!page(&state, &BTreeMap::new()).contains("REHEARSAL"));
    }

    #[test]
    fn what_there_is_none_of_is_said_in_words() {
        let mut state = hostile();
        (state.now, state.earlier, state.revocations, state.releases) = (Vec::new(), Vec::new(), Vec::new(), None);
        let page = page(&state, &BTreeMap::new());
        for words in
            ["Nobody: no delegation", "Nobody: every delegation", "None: no certificate", "no list of past releases"]
        {
            assert!(page.contains(words), "{words}");
        }
    }
}
