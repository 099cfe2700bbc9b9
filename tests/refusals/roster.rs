//! Rosters that are not acceptable, and requests that the roster in force does not bear out.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use keyrite::model::timestamp::Timestamp;

use crate::engineer::{Engineer, ROSTER, bundle, good_request, roster};
use crate::stage::{DELEGATION, Ran, Stage, keyrite};

/// A bundle with this roster and a good request, or other requests.
fn bring(stage: &Stage, name: &str, roster: &str, requests: &[&[u8]]) -> PathBuf {
    let named: Vec<(String, &[u8])> =
        requests.iter().enumerate().map(|(at, request)| (format!("r{at}.request.asc"), *request)).collect();
    let mut files: Vec<(&str, &[u8])> = named.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    files.push((ROSTER, roster.as_bytes()));
    bundle(stage, name, &files)
}

/// What a delegation says that is refused before it begins.
fn refused(stage: &Stage, bundle: &Path, control: &str, words: &str) {
    let before = stage.past().names.len();
    let ran = stage.run(DELEGATION, Some(bundle));
    let said = ran.refused(if control.is_empty() { 3 } else { 1 }, Some(control).filter(|c| !c.is_empty()));
    assert!(said.contains(words), "{words}? {said}");
    assert_eq!(stage.past().names.len(), before, "nothing was begun");
}

#[test]
fn what_the_roster_does_not_bear_out() {
    let stage = Stage::with_root();
    let good = roster();
    for (name, from, to, words) in [
        ("name", "[signer.anna", "[signer.bo", "signer is \"anna\", who is not on the roster"),
        ("user", "Anna Example (rehearsal)", "Anna Ехample (rehearsal)", "which the roster does not list for \"anna\""),
        (
            "scope",
            "packages = [\"packages\"]",
            "packages = [\"docs\"]",
            "scope is \"packages\", which the roster does not grant",
        ),
        ("root", "{ packages = [\"packages\"], ", "{ ", "which the roster does not grant to \"anna\" under this root"),
        ("kind", "\"ed25519\", ", "", "is ed25519, which the roster's policy does not list"),
        (
            "kept",
            "[\"card\", \"file\"]",
            "[\"card\"]",
            "the key is kept on: file, which the roster's policy does not list",
        ),
        ("days", "longest-days = 400", "longest-days = 364", "lifetime-days is 365, where 1 to 364 are allowed"),
    ] {
        assert!(good.contains(from), "{from}");
        let bundle = bring(&stage, name, &good.replace(from, to), &[good_request()]);
        refused(&stage, &bundle, "REQUEST-4", words);
    }
    // Nobody saw that a condition is met; somebody did, too long ago.
    let at = good.find("[signer.anna.met.releasers]").unwrap();
    let bundle = bring(&stage, "never", &good[..at], &[good_request()]);
    refused(&stage, &bundle, "REQUEST-4", "signer \"anna\": nobody saw that condition releasers is met");
    let today = Timestamp::try_from(SystemTime::now()).unwrap().date();
    let (before, after) = good.split_at(at);
    let old = format!("{before}{}", after.replace(&today[..4], "2020"));
    let bundle = bring(&stage, "old", &old, &[good_request()]);
    refused(&stage, &bundle, "REQUEST-4", "condition releasers was to be looked at again by ");
    // What is no roster is named by its line.
    let bundle = bring(&stage, "broken", &good.replace("serial         = 1", "serial = one"), &[good_request()]);
    refused(&stage, &bundle, "", "roster.toml:6:");
    let bundle = bring(&stage, "other", &good.replace("Example Organization", "Acme"), &[good_request()]);
    refused(&stage, &bundle, "REQUEST-4", "organization is \"Acme\", not \"Example Organization\"");
    let bundle = bring(&stage, "serial", &good.replace("serial         = 1", "serial         = 2"), &[good_request()]);
    refused(&stage, &bundle, "REQUEST-4", "serial is 2, where 1 is the next");
    // And then a good one.
    stage.run(DELEGATION, Some(&bring(&stage, "good", &good, &[good_request()]))).done();
    stage.assert_well_ended();
}

#[test]
fn a_roster_changes_only_forward_and_stays_without_another() {
    let stage = Stage::with_root();
    let good = roster();
    let ran = stage.run(DELEGATION, Some(&bring(&stage, "first", &good, &[good_request()])));
    let told = ran.done().out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("THE FIRST ROSTER") && told.contains("NEW SIGNER anna"), "{told}");
    let again = |id: &str| Engineer::anna().request(|request| request.id = id.parse().unwrap());
    // The one in force may be carried in again; an earlier one, or one that skips a number, may not.
    let ran = stage.run(DELEGATION, Some(&bring(&stage, "same", &good, &[&again("second")])));
    assert!(ran.done().out.contains("Roster 1 is in force, and stays."), "{}", ran.out);
    let next =
        good.replace("serial         = 1", "serial         = 2").replace("longest-days = 400", "longest-days = 390");
    let ran = stage.run(DELEGATION, Some(&bring(&stage, "next", &next, &[&again("third")])));
    let told = ran.done().out.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in
        ["ROSTER CHANGED", "- a delegation lasts 400 days at the most", "+ a delegation lasts 390 days at the most"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("SIGNER anna"), "{told}");
    let ran = stage.run(DELEGATION, Some(&bring(&stage, "back", &good, &[&again("fourth")])));
    assert!(ran.refused(1, Some("REQUEST-4")).contains("serial is 1, where 3 is the next"), "{}", ran.err);

    // Who is a signer, what they have, and what a file would change.
    let signer = |arguments: &[&str]| {
        let mut command = Command::new(keyrite());
        command.arg("signer").args(arguments).arg("--register").arg(stage.path("register"));
        Ran::of(&command.output().unwrap())
    };
    let list = signer(&["list"]).done().out.clone();
    assert!(list.starts_with("roster 2: 1 signer(s)\nsigner anna, since "), "{list}");
    assert_eq!(list.matches("    packages: packages, until ").count(), 3, "{list}");
    let show = signer(&["show", "anna"]).done().out.clone();
    for words in [
        "condition releasers: member of the releasers group",
        "seen by Ada Brandt on ",
        "request third, ceremony 0004-",
    ] {
        assert!(show.contains(words), "{words}: {show}");
    }
    assert!(signer(&["show", "bo"]).refused(3, None).contains("the roster in force has no signer bo"));
    let json: serde_json::Value = serde_json::from_str(&signer(&["list", "--json"]).done().out).unwrap();
    assert_eq!(
        (&json["version"], &json["serial"], &json["signers"][0]["signer"]),
        (&1.into(), &2.into(), &"anna".into())
    );
    let file = stage.folder().join("third.toml");
    std::fs::write(
        &file,
        next.replace("serial         = 2", "serial         = 3").replace("[signer.anna", "[signer.bo"),
    )
    .unwrap();
    let check = signer(&["check", file.to_str().unwrap()]).done().out.clone();
    for words in [
        "SIGNER anna LEAVES THE ROSTER",
        "NEW SIGNER bo",
        "anna is left out of current.gpg from now on; whoever trusts",
    ] {
        assert!(check.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{words}: {check}");
    }
    signer(&["check", stage.folder().join("back/roster.toml").to_str().unwrap()]).refused(1, Some("REQUEST-4"));
}

#[test]
fn a_request_is_written_checked_outside_and_answered_inside() {
    let stage = Stage::with_root();
    let anna = Engineer::anna();
    let request = |arguments: &[&str]| {
        let mut command = Command::new(keyrite());
        command.arg("request").args(arguments).current_dir(anna.home.path());
        Ran::of(&command.output().unwrap())
    };
    let certificate = anna.home.write("anna.asc", anna.home.export(anna.key).as_bytes());
    let asked = ["new", "anna.toml", "--certificate", &certificate, "--signer", "anna"];
    let more = ["--organization", "Example Organization", "--scope", "packages", "--days", "90"];
    let ran = request(&[&asked[..], &more].concat());
    let said = ran.done().out.clone();
    assert!(said.contains(&anna.key.groups()), "{said}");
    // Never over another file.
    request(&[&asked[..], &more].concat()).refused(1, Some("FILE-1"));
    // The command that it says.
    let command = said.split_once("    gpg ").unwrap().1.replace("\\\n", " ");
    let arguments: Vec<&str> = command.split_whitespace().collect();
    anna.home.gpg(&arguments, b"");
    let signed = std::fs::read(anna.home.path().join("anna.request.asc")).unwrap();

    let register = stage.path("register");
    let register = register.to_str().unwrap();
    let roster_file = anna.home.write(ROSTER, roster().as_bytes());
    request(&["check", "anna.request.asc", "--register", register]).refused(3, None);
    let ran = request(&["check", "anna.request.asc", "--register", register, "--roster", &roster_file]);
    let said = ran.done().out.clone();
    for words in ["in order. It would be read aloud so:", "NEW DELEGATION", "scope       packages"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    stage.run(DELEGATION, Some(&bring(&stage, "good", &roster(), &[&signed]))).done();
    assert_eq!(stage.past().history.delegations.len(), 1);
    let ran = request(&["check", "anna.request.asc", "--register", register]);
    ran.refused(1, Some("REQUEST-3"));
}
