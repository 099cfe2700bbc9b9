//! What if a script were another? Every step of every shipped script is left out, done twice and swapped with the next, and every
//! key is renamed. Lint refuses each of these mutants for the reason that stands in `mutants/refused.txt`, or somebody has
//! reviewed it: `mutants/equivalent.txt` says why it does no harm.
//!
//! After a change of lint: `BLESS=1 cargo test --test mutants` writes `refused.txt` anew, to be read before it is committed.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use keyrite::ceremony::CeremonyError;
use keyrite::ceremony::lint;
use keyrite::format::place::Source;
use keyrite::format::{organization, script};

const REFUSED: &str = "tests/mutants/refused.txt";
const EQUIVALENT: &str = "tests/mutants/equivalent.txt";
const STEP: &str = "[[step]]\n";

/// A shipped script, and the organization that lies beside it.
struct Script {
    name: String,
    text: String,
    organization: PathBuf,
}

/// The shipped scripts, found and not listed: a new one is mutated too.
fn scripts() -> Vec<Script> {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["ceremony", "ceremony/card-only"] {
        files.extend(std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    }
    files.retain(|path| path.extension().is_some_and(|end| end == "toml") && !path.ends_with("organization.toml"));
    files.sort();
    let name = |path: &Path| path.with_extension("").strip_prefix("ceremony").unwrap().to_str().unwrap().to_owned();
    let script = |path: PathBuf| Script {
        name: name(&path),
        text: std::fs::read_to_string(&path).unwrap(),
        organization: path.with_file_name("organization.toml"),
    };
    files.into_iter().map(script).collect()
}

/// What lint says: nothing when it takes the script, otherwise the first fault without its place.
fn refusal(text: &str, organization: &Path) -> Option<String> {
    let source = Source::new("mutant.toml", text.as_bytes()).unwrap();
    let organization = std::fs::read(organization).unwrap();
    let organization = Source::new("organization.toml", &organization).unwrap();
    let organization = organization::read(&organization).unwrap();
    let error = match script::read(&source) {
        Err(error) => CeremonyError::from(error),
        Ok(script) => match lint::lint(&script, &organization, None) {
            Ok(_) => return None,
            Err(faults) => CeremonyError::Lint(faults),
        },
    };
    let first = error.to_string().lines().next().unwrap().to_owned();
    // `mutant.toml:12:1: ` says where; a line more above would change every line of the list.
    let reason = first.splitn(4, ':').last().unwrap().trim();
    // Nor would an act more.
    Some(reason.split("; there are").next().unwrap().to_owned())
}

/// A script as its head and its steps.
fn parts(text: &str) -> (&str, Vec<&str>) {
    let mut parts = text.split(STEP);
    (parts.next().unwrap(), parts.collect())
}

fn id(step: &str) -> &str {
    step.split('"').nth(1).unwrap()
}

fn joined(head: &str, steps: &[&str]) -> String {
    steps.iter().fold(head.to_owned(), |all, step| all + STEP + step)
}

/// Every mutant of a script by its name.
fn mutants(script: &str, text: &str) -> Vec<(String, String)> {
    let (head, steps) = parts(text);
    let mut mutants = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let (before, after) = (&steps[..at], &steps[at + 1..]);
        let name = |what: &str| format!("{script}, {} {what}", id(step));
        mutants.push((name("left out"), joined(head, &[before, after].concat())));
        // Under an id of its own: not for the name alone is it refused.
        let again = step.replacen(&format!("\"{}\"", id(step)), &format!("\"{}.again\"", id(step)), 1);
        mutants.push((name("done twice"), joined(head, &[before, &[*step, &again], after].concat())));
        if let Some((next, rest)) = after.split_first() {
            let swapped = [before, &[*next, *step], rest].concat();
            mutants.push((name(&format!("after {}", id(next))), joined(head, &swapped)));
        }
    }
    for (number, line) in text.lines().enumerate() {
        let Some(renamed) = renamed(line) else { continue };
        let changed: Vec<&str> =
            text.lines().enumerate().map(|(at, line)| if at == number { &renamed } else { line }).collect();
        let step = steps
            .iter()
            .rev()
            .find(|step| text.lines().take(number + 1).any(|line| line.contains(&format!("\"{}\"", id(step)))));
        let place = step.map_or("head", |step| id(step));
        // `id` is the first key of a step: the step before it is named.
        mutants.push((format!("{script}, {renamed}, in or after {place}"), changed.join("\n") + "\n"));
    }
    mutants
}

/// A line with its key renamed; nothing for a line without one.
fn renamed(line: &str) -> Option<String> {
    if let Some(table) = line.strip_suffix("]]").or_else(|| line.strip_suffix(']')) {
        let end = &line[table.len()..];
        return line.starts_with('[').then(|| format!("{table}x{end}"));
    }
    let (key, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    Some(format!("{}x ={value}", key.trim_end()))
}

/// The reviewed list: a mutant, and on the next line why it does no harm.
fn equivalent() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(EQUIVALENT).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let reviewed =
        lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].trim().to_owned())).collect::<BTreeMap<_, _>>();
    assert!(reviewed.values().all(|why| !why.is_empty()));
    reviewed
}

#[test]
fn every_mutant_is_refused_for_its_reason_or_reviewed() {
    let mut reviewed = equivalent();
    let (mut refused, mut taken) = (String::new(), Vec::new());
    for Script { name: script, text, organization } in scripts() {
        assert_eq!(refusal(&text, &organization), None, "{script} itself");
        for (name, mutant) in mutants(&script, &text) {
            assert_ne!(mutant, text, "{name}");
            match refusal(&mutant, &organization) {
                Some(reason) => writeln!(refused, "{name}\n    {reason}").unwrap(),
                None if reviewed.remove(&name).is_some() => {}
                None => taken.push(name),
            }
        }
    }
    assert!(taken.is_empty(), "taken, and not reviewed in {EQUIVALENT}:\n{}", taken.join("\n"));
    assert!(reviewed.is_empty(), "reviewed, but refused or gone: {:?}", reviewed.keys());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(REFUSED, &refused).unwrap();
    }
    let expected = std::fs::read_to_string(Path::new(REFUSED)).unwrap();
    for (line, (is, should)) in refused.lines().zip(expected.lines()).enumerate() {
        assert_eq!(is, should, "{REFUSED}:{}", line + 1);
    }
    assert_eq!(refused.lines().count(), expected.lines().count());
}
