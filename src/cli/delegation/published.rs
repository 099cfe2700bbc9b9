//! `keyrite delegation list --keys`: whom a root vouches for in published keys, whoever published them.

use std::fmt::Display;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::{VERSION, print_json};
use crate::cli::{CliError, Screen};
use crate::model::domain::Domain;
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::vouched::{self, Roots, Standing, Vouched, Word};
use crate::trust::openpgp::{self, Certificate, UntrustedCertificate};
use crate::workstation::{clock, files};

/// The largest file of keys that is read: a million certificates.
const LARGEST: u64 = 1024 * 1024 * 1024;
/// The largest root.
const LARGEST_ROOT: u64 = 512 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    version: u32,
    roots: Vec<Fingerprint>,
    certificates: Vec<One>,
    counts: Counts,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Counts {
    certificates: usize,
    in_force: usize,
    not_certified: usize,
    bad: usize,
    unreadable: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct One {
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Fingerprint>,
    /// Why nobody can use it now, or read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unfit: Option<String>,
    certifications: Vec<Certification>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Certification {
    root: Fingerprint,
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vouches: Option<Domain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ceremony: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_sha256: Option<String>,
    from: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
}

/// Tells of every certificate in the file but the roots themselves.
pub(super) fn list(path: &Path, names: &[String], json: bool) -> Result<(), CliError> {
    let now = clock::now()?;
    let fault = |error| CliError::Keys { path: Shown::new(&path.to_string_lossy()), error: Box::new(error) };
    let certificates = names.iter().map(|name| root(path, name)).collect::<Result<Vec<_>, _>>()?;
    let fingerprints: Vec<Fingerprint> = certificates.iter().map(Certificate::fingerprint).collect();
    let roots = Roots::new(&certificates, now).map_err(fault)?;
    let mut out = BufWriter::new(Screen::new());
    let mut report =
        Report { version: VERSION, roots: fingerprints, certificates: Vec::new(), counts: Counts::default() };
    let file = files::open_named(path, LARGEST)?;
    let told = roots.each(file, |vouched| {
        if vouched.as_ref().is_ok_and(|vouched| report.roots.contains(&vouched.fingerprint)) {
            return Ok(());
        }
        let one = One::of(vouched);
        report.counts.count(&one);
        if json {
            report.certificates.push(one);
            Ok(())
        } else {
            one.show(report.counts.certificates, &mut out).map_err(Told::Output)
        }
    });
    told.map_err(|told| match told {
        Told::Keys(error) => fault(error),
        Told::Output(error) => CliError::Output(error),
    })?;
    if !json {
        report.counts.show(&mut out).map_err(CliError::Output)?;
    }
    out.flush().map_err(CliError::Output)?;
    drop(out);
    if json {
        print_json(&report)?;
    }
    match report.counts.bad + report.counts.unreadable {
        0 => Ok(()),
        count => Err(CliError::NotVouched { path: Shown::new(&path.to_string_lossy()), count }),
    }
}

/// What ends the telling.
enum Told {
    Keys(openpgp::Error),
    Output(std::io::Error),
}

impl From<openpgp::Error> for Told {
    fn from(error: openpgp::Error) -> Self {
        Self::Keys(error)
    }
}

/// The root by its fingerprint out of the keys, or from a file of its own.
fn root(keys: &Path, name: &str) -> Result<Certificate, CliError> {
    let fault =
        |path: &Path, error| CliError::Keys { path: Shown::new(&path.to_string_lossy()), error: Box::new(error) };
    if let Ok(fingerprint) = name.parse::<Fingerprint>() {
        let found =
            vouched::find(files::open_named(keys, LARGEST)?, fingerprint).map_err(|error| fault(keys, error))?;
        let path = || Shown::new(&keys.to_string_lossy());
        return found.ok_or_else(|| CliError::NoRootInKeys { path: path(), fingerprint });
    }
    let path = Path::new(name);
    let bytes = files::read_named(path, LARGEST_ROOT)?;
    let fingerprint = UntrustedCertificate::parse(&bytes).and_then(|root| root.fingerprint());
    fingerprint.and_then(|known| Certificate::parse(&bytes, known)).map_err(|error| fault(path, error))
}

impl One {
    fn of(vouched: Result<Vouched, openpgp::Error>) -> Self {
        match vouched {
            Ok(Vouched { fingerprint, unfit, words }) => Self {
                fingerprint: Some(fingerprint),
                unfit: unfit.as_ref().map(ToString::to_string),
                certifications: words.into_iter().map(Certification::of).collect(),
            },
            Err(error) => Self { fingerprint: None, unfit: Some(error.to_string()), certifications: Vec::new() },
        }
    }

    fn show(&self, number: usize, out: &mut impl Write) -> std::io::Result<()> {
        let unfit = self.unfit.as_deref().unwrap_or_default();
        let Some(fingerprint) = &self.fingerprint else {
            return writeln!(out, "certificate {number}: UNREADABLE: {unfit}");
        };
        writeln!(out, "{}", fingerprint.groups())?;
        if !unfit.is_empty() {
            writeln!(out, "    NOT FIT: {unfit}")?;
        }
        if self.certifications.is_empty() {
            writeln!(out, "    not certified")?;
        }
        self.certifications.iter().try_for_each(|certification| certification.show(out))
    }
}

impl Certification {
    fn of(word: Word) -> Self {
        let (state, fault) = match word.standing {
            Standing::InForce => ("in-force", None),
            Standing::NotYet => ("not-yet", None),
            Standing::Over => ("over", None),
            Standing::Withdrawn => ("withdrawn", None),
            Standing::Bad(fault) => ("bad", Some(fault)),
        };
        let Word { root, user_id, scope, vouches, ceremony, request_sha256, from, until, .. } = word;
        Self { root, user_id, scope, vouches, ceremony, request_sha256, from, until, state, fault }
    }

    fn show(&self, out: &mut impl Write) -> std::io::Result<()> {
        let shown = |text: &Option<String>| text.as_deref().map_or(Shown::new("(not said)"), Shown::new);
        let user_id = if self.user_id.is_empty() { "(of no user ID)" } else { &self.user_id };
        writeln!(out, "    {}", Shown::new(user_id))?;
        let until: &dyn Display = match &self.until {
            Some(until) => &until.date(),
            None => &"for ever",
        };
        let state = match (self.state, self.fault) {
            ("in-force", _) => String::new(),
            ("bad", Some(fault)) => format!(", BAD: {fault}"),
            (state, _) => format!(", {}", state.to_uppercase().replace('-', " ")),
        };
        writeln!(out, "        {}, {} to {until}{state}", shown(&self.scope), self.from.date())?;
        match &self.vouches {
            Some(domain) => writeln!(out, "        vouches for others at {domain}"),
            None => Ok(()),
        }
    }
}

impl Counts {
    fn count(&mut self, one: &One) {
        let any = |state: &str| one.certifications.iter().any(|certification| certification.state == state);
        self.certificates += 1;
        self.in_force += usize::from(one.unfit.is_none() && any("in-force"));
        self.not_certified += usize::from(one.fingerprint.is_some() && one.certifications.is_empty());
        self.bad += usize::from(any("bad"));
        self.unreadable += usize::from(one.fingerprint.is_none());
    }

    fn show(&self, out: &mut impl Write) -> std::io::Result<()> {
        let Self { certificates, in_force, not_certified, bad, unreadable } = self;
        write!(out, "{certificates} certificate(s): {in_force} in force, {not_certified} not certified")?;
        writeln!(out, ", {bad} with a bad certification, {unreadable} unreadable")
    }
}
