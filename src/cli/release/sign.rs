//! `keyrite release sign`: the signer's step. Compared, shown, agreed to, signed, verified, written.

use std::path::{Path, PathBuf};

use clap::Args;
use sequoia_openpgp::crypto::hash::Context;

use super::ReleaseError;
use super::files::{show, shown, tell_hash};
use crate::ceremony::release_card::{self, Signing};
use crate::ceremony::run::own_path;
use crate::cli::{CliError, Screen, Terminal};
use crate::format::release::{self, LARGEST};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::release::Release;
use crate::model::shown::Shown;
use crate::trust::openpgp::{self, SignerCertificate, UntrustedCertificate};
use crate::trust::release::{Key, sign, signing_key, verify};
use crate::workstation::card::Rack;
use crate::workstation::digest::{self, Digested};
use crate::workstation::files::{self, Readers};
use crate::workstation::sandbox::Writable;
use crate::workstation::stock::agent;
use crate::workstation::stock::signer::{self, SignersGpg};
use crate::workstation::{WorkstationError, clock};

/// The largest certificate that is read.
const CERTIFICATE: u64 = 512 * 1024;

/// Arguments of `sign`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The manifest: NAME.SHA256SUMS. Signatures are written beside it
    #[arg(value_name = "FILE")]
    manifest: PathBuf,
    /// The key that signs: its fingerprint, or that of a certificate with one signing key
    #[arg(long, value_name = "FINGERPRINT")]
    key: Fingerprint,
    /// Sign by gpg, with its own keyring and agent; this is the default
    #[arg(long, conflicts_with = "card")]
    gpg: bool,
    /// Sign by the OpenPGP card in a reader, without gpg
    #[arg(long, requires = "certificate")]
    card: bool,
    /// The certificate that has the key; gpg is asked for it otherwise
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Where the files of the release are; by default beside the manifest
    #[arg(long, value_name = "DIR", conflicts_with = "manifest_only")]
    artefacts: Option<PathBuf>,
    /// Sign the manifest alone, and look at none of the files that it names
    #[arg(long)]
    manifest_only: bool,
    /// Do not ask at the terminal
    #[arg(long)]
    yes: bool,
}

/// Something to be signed.
struct Item {
    /// What errors call it.
    path: PathBuf,
    digested: Digested,
    /// Where the signature goes.
    out: PathBuf,
}

/// Who signs.
enum Hands<'a> {
    Gpg(SignersGpg),
    Card(&'a dyn Fn() -> Result<Box<dyn Rack>, CliError>),
}

impl Arguments {
    pub(super) fn writable(&self) -> Writable {
        let writable = Writable::default().and_new(&self.manifest);
        match signer::home().filter(|_| !self.card) {
            Some(home) => Writable { below: [writable.below, vec![home]].concat(), ..writable },
            None => writable,
        }
    }

    fn folder(&self) -> &Path {
        match self.manifest.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }
}

/// Does it.
pub(super) fn run(arguments: &Arguments, rack: &dyn Fn() -> Result<Box<dyn Rack>, CliError>) -> Result<(), CliError> {
    let bytes = files::read_named(&arguments.manifest, LARGEST as u64)?;
    let name = arguments.manifest.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let release = release::read(&name, &bytes)?;
    nothing_there(arguments, &release, &name)?;
    let hands = if arguments.card { Hands::Card(rack) } else { Hands::Gpg(signer::find()?) };
    let certificate = certificate(arguments, &hands)?;
    let key = signing_key(&certificate, arguments.key).map_err(certificate_fault(arguments))?;
    let items = items(arguments, &release, &name, &bytes, key)?;
    let manifest = Hash::of(&bytes);
    told(&release, &items, &name, manifest, &certificate, key)?;
    let pin = agreed(arguments, &name)?;
    let contexts: Vec<&Context> = items.iter().filter_map(|item| item.digested.context(key.hash)).collect();
    let signatures = match (&hands, pin) {
        (Hands::Card(rack), Some(pin)) => {
            let (mut rack, keyrite) = (rack()?, own_path()?);
            let beside = arguments.folder().join(format!("{name}.journal"));
            let (rack, pin) = (rack.as_mut(), &pin);
            let signing =
                Signing { rack, key: key.fingerprint, pin, subject: manifest, beside: &beside, keyrite: &keyrite };
            release_card::sign(signing, &contexts)?
        }
        (Hands::Gpg(gpg), _) => by_gpg(gpg, &certificate, key, &contexts)?,
        (Hands::Card(_), None) => return Err(WorkstationError::Bug("a card without a PIN").into()),
    };
    finish(&items, &contexts, &signatures, &certificate, key)
}

/// Before anybody is asked for anything: what could not be written in the end.
fn nothing_there(arguments: &Arguments, release: &Release, manifest: &str) -> Result<(), CliError> {
    let files = release.files.iter().map(|file| file.name.as_str()).filter(|_| !arguments.manifest_only);
    for name in files.chain([manifest]) {
        let path = arguments.folder().join(format!("{name}.asc"));
        if path.symlink_metadata().is_ok() || release.hash_of(&format!("{name}.asc")).is_some() {
            return Err(WorkstationError::Exists { path }.into());
        }
    }
    Ok(())
}

fn certificate(arguments: &Arguments, hands: &Hands<'_>) -> Result<SignerCertificate, CliError> {
    let bytes = match (&arguments.certificate, hands) {
        (Some(path), _) => files::read_named(path, CERTIFICATE)?,
        (None, Hands::Gpg(gpg)) => gpg.certificate(arguments.key)?,
        (None, Hands::Card(_)) => return Err(WorkstationError::Bug("a card without a certificate").into()),
    };
    let now = clock::now()?;
    UntrustedCertificate::parse(&bytes).and_then(|found| found.judge(now)).map_err(certificate_fault(arguments))
}

fn certificate_fault(arguments: &Arguments) -> impl Fn(openpgp::Error) -> CliError {
    |error| ReleaseError::Certificate { key: arguments.key, error }.into()
}

/// The files, each as the manifest names it, and the manifest, which comes last.
fn items(
    arguments: &Arguments,
    release: &Release,
    manifest: &str,
    bytes: &[u8],
    key: Key,
) -> Result<Vec<Item>, CliError> {
    let out = |name: &str| arguments.folder().join(format!("{name}.asc"));
    let artefacts = arguments.artefacts.as_deref().unwrap_or_else(|| arguments.folder());
    let mut items = Vec::new();
    for file in release.files.iter().filter(|_| !arguments.manifest_only) {
        let path = artefacts.join(file.name.as_str());
        if path.symlink_metadata().is_err() {
            return Err(
                ReleaseError::NotListed { file: shown(&path), what: "it is in the manifest, and not there" }.into()
            );
        }
        let digested = digest::file(&path, &[key.hash])?;
        if digested.sha256 != file.hash {
            return Err(ReleaseError::NotListed {
                file: shown(&path),
                what: "it is not the file that the manifest names",
            }
            .into());
        }
        items.push(Item { path, digested, out: out(file.name.as_str()) });
    }
    let digested = Digested::of(bytes, &[key.hash])?;
    items.push(Item { path: arguments.manifest.clone(), digested, out: out(manifest) });
    Ok(items)
}

fn told(
    release: &Release,
    items: &[Item],
    name: &str,
    manifest: Hash,
    certificate: &SignerCertificate,
    key: Key,
) -> Result<(), CliError> {
    let mut screen = Screen::new();
    let compared = items.len() - 1;
    let sizes: Vec<Option<u64>> = items.iter().take(compared).map(|item| Some(item.digested.size)).collect();
    show(&mut screen, release, &sizes)?;
    screen.line(&match compared {
        0 => "None of these files was looked at: the manifest alone is signed.".to_owned(),
        count => format!("Each of these {count} files was read and is as the manifest says."),
    })?;
    tell_hash(&mut screen, name, manifest)?;
    for user_id in certificate.user_ids() {
        screen.line(&format!("signs        {}", Shown::new(user_id)))?;
    }
    screen.line(&format!("with key     {}", key.fingerprint.groups()))
}

/// Asks, and for a card's PIN too.
fn agreed(arguments: &Arguments, name: &str) -> Result<Option<keyrite_locked::Locked>, CliError> {
    if arguments.yes && !arguments.card {
        return Ok(None);
    }
    let mut terminal = Terminal::open(None)?;
    if !arguments.yes {
        let words = [format!("Sign {}? Type yes.", Shown::new(name))];
        terminal.must_type(&words, "yes").map_err(declined)?;
    }
    match arguments.card {
        true => terminal
            .hidden(&["The user PIN of your card. It is not shown.".to_owned()], "PIN")
            .map(Some)
            .map_err(declined),
        false => Ok(None),
    }
}

/// Nothing was typed, or something else.
fn declined(error: CliError) -> CliError {
    match error {
        CliError::NotTyped { .. } => ReleaseError::NotSigned.into(),
        other => other,
    }
}

/// gpg's agent signs what was read: gpg itself would read every file once more.
fn by_gpg(
    gpg: &SignersGpg,
    certificate: &SignerCertificate,
    key: Key,
    contexts: &[&Context],
) -> Result<Vec<Vec<u8>>, CliError> {
    let unfit = |error| ReleaseError::Certificate { key: key.fingerprint, error };
    let mut signer = gpg.signer(key.fingerprint, key.public(certificate).map_err(unfit)?)?;
    let mut signed = Vec::with_capacity(contexts.len());
    for context in contexts {
        signed.push(sign(context, clock::now()?, &mut signer).map_err(|error| match error {
            openpgp::Error::Signing(failure) => agent::failure(failure.0).into(),
            error => CliError::from(unfit(error)),
        })?);
    }
    Ok(signed)
}

/// Verifies every signature over what was read before, and writes them all, or none.
fn finish(
    items: &[Item],
    contexts: &[&Context],
    signatures: &[Vec<u8>],
    certificate: &SignerCertificate,
    key: Key,
) -> Result<(), CliError> {
    if items.len() != signatures.len() || items.len() != contexts.len() {
        return Err(WorkstationError::Bug("not as many signatures as files").into());
    }
    let now = clock::now()?;
    for ((item, context), signature) in items.iter().zip(contexts).zip(signatures) {
        verify(signature, context, certificate, key, now).map_err(|error| ReleaseError::BadSignature {
            file: shown(&item.path),
            reason: Shown::new(&error.to_string()),
        })?;
    }
    let mut written: Vec<&Path> = Vec::new();
    for (item, signature) in items.iter().zip(signatures) {
        if let Err(error) = files::write_new(&item.out, signature, Readers::All) {
            // Half a release is none. They were written just now, by nobody else.
            written.iter().for_each(|path| drop(std::fs::remove_file(path)));
            return Err(error.into());
        }
        written.push(&item.out);
    }
    let mut screen = Screen::new();
    for path in written {
        screen.line(&format!("{} is written; keyrite verified it.", shown(path)))?;
    }
    Ok(())
}
