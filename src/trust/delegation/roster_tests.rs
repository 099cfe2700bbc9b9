use super::*;
use crate::format::place::Source;
use crate::format::roster::read;
use crate::model::fault::Fault as _;

const FIRST: &str = r#"
keyrite-roster = 1
organization   = "Acme Builds"
serial         = 1
[policy]
longest-days = 400
stale-days   = 30
algorithms   = ["ed25519", "rsa"]
kept         = ["card"]
[condition.source-host]
what         = "member on the source host"
recheck-days = 180
[signer.ann]
since    = "2026-11-01"
user-ids = ["Ann Signer <ann@acme.example>"]
may      = { packages = ["all packages"] }
[signer.ann.met.source-host]
evidence = "list of members"
by       = "Bo"
on       = "2026-11-01"
[signer.cyd]
since    = "2026-11-01"
user-ids = ["Cyd <cyd@acme.example>"]
may      = { packages = ["docs"] }
"#;

fn roster(text: &str) -> Roster {
    read(&Source::new("roster.toml", text.as_bytes()).unwrap()).unwrap()
}

fn review(before: Option<&str>, after: &str) -> Result<RosterReview, Error> {
    let before = before.map(roster);
    let day = "2026-11-22".parse().unwrap();
    RosterReview::new("Acme Builds", before.as_ref(), &roster(after), Hash([0xab; 32]), day)
}

#[test]
fn the_first_roster_in_words() {
    let review = review(None, FIRST).unwrap();
    let (text, sha256) = (review.text(), Hash([0xab; 32]).groups());
    let (head, tail) = sha256.split_at(49);
    let expected = format!(
        "THE FIRST ROSTER\n\norganization  Acme Builds\nserial        1\nfile          SHA-256 {head}\n              {}\n\n\
         POLICY\n  + a delegation lasts 400 days at the most\n  + a request is answered within 30 days\n  \
         + keys are kept on: card\n  + signing keys: ed25519, rsa\n\
         NEW CONDITION source-host\n  + member on the source host; looked at again after 180 days\n\
         NEW SIGNER ann\n  + may have a delegation of root packages for: all packages\n  + since 2026-11-01\n  \
         + source-host: list of members, seen by Bo on 2026-11-01, again by\n    2027-04-30\n  + user ID Ann Signer <ann@acme.example>\n\
         NEW SIGNER cyd\n  + may have a delegation of root packages for: docs\n  + since 2026-11-01\n  + user ID Cyd <cyd@acme.example>\n\n\
         unchanged     0 signer(s)\nnote          cyd gets no delegation now: nobody saw that condition\n              source-host is met\n",
        tail.trim()
    );
    assert_eq!(text, expected);
}

#[test]
fn what_changes_is_said_and_nothing_else() {
    let after = FIRST
        .replace("serial         = 1", "serial         = 2")
        .replace("longest-days = 400", "longest-days = 365")
        .replace("[\"docs\"]", "[\"docs\", \"all packages\"]")
        .replace("on       = \"2026-11-01\"", "on       = \"2026-03-01\"");
    let text = review(Some(FIRST), &after).unwrap().text().to_owned();
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "POLICY\n  - a delegation lasts 400 days at the most\n  + a delegation lasts 365 days at the most\n",
        "SIGNER cyd\n  + may have a delegation of root packages for: all packages\n",
        "SIGNER ann\n  - source-host: list of members, seen by Bo on 2026-11-01",
        "note          ann gets no delegation now: condition source-host was to be looked at again by 2026-08-28\n",
    ] {
        assert!(flat(&text).contains(&flat(words)), "{words}\n{text}");
    }
    assert!(!text.contains("CONDITION") && !text.contains("stale"), "{text}");
    // Somebody leaves.
    let at = FIRST.find("[signer.cyd]").unwrap();
    let after = FIRST[..at].replace("serial         = 1", "serial         = 2");
    let text = review(Some(FIRST), &after).unwrap().text().to_owned();
    assert!(text.contains("SIGNER cyd LEAVES THE ROSTER\n  - may have"), "{text}");
    assert!(text.contains("cyd is left out of current.gpg from now on; whoever trusts"), "{text}");
    assert!(text.contains("unchanged     1 signer(s)"), "{text}");
}

#[test]
fn another_organizations_and_an_old_roster_are_refused() {
    let serial = |before, serial: u32| {
        let after = FIRST.replace("serial         = 1", &format!("serial         = {serial}"));
        review(before, &after).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(serial(None, 2), "serial is 2, where 1 is the next");
    assert_eq!(serial(Some(FIRST), 1), "serial is 1, where 2 is the next");
    assert_eq!(serial(Some(FIRST), 3), "serial is 3, where 2 is the next");
    let error = review(None, &FIRST.replace("Acme Builds", "Acme")).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "organization is \"Acme\", not \"Acme Builds\"");
    assert_eq!(error.control().map(crate::model::control::Control::id), Some("REQUEST-4"));
}
