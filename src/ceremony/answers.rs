//! What goes back to each signer whose request was answered: their certificate as it is now, and what to do with it.

use super::CeremonyError;
use crate::model::fingerprint::Fingerprint;
use crate::model::history::DelegationRecord;
use crate::model::mode::Mode;
use crate::model::shown::Shown;
use crate::trust::openpgp::Certificate;

/// The two files of an answer, with their names: `answer-REQUEST.txt` and `answer-REQUEST.asc`. `certificate` is the signer's, as the
/// root certified it.
///
/// # Errors
/// When the certificate is not the recorded one.
pub(super) fn files(
    organization: &str,
    mode: Mode,
    record: &DelegationRecord,
    root: Fingerprint,
    certificate: &[u8],
) -> Result<[(String, Vec<u8>); 2], CeremonyError> {
    let certificate = Certificate::parse(certificate, record.fingerprint)?;
    let comments = [format!("Answer to request {}, certified by root {}", record.request, record.root)];
    let name = |ending: &str| format!("answer-{}.{ending}", record.request);
    Ok([
        (name("txt"), text(organization, mode, record, root).into_bytes()),
        (name("asc"), certificate.armored(&comments)?),
    ])
}

fn text(organization: &str, mode: Mode, record: &DelegationRecord, root: Fingerprint) -> String {
    let mark = mode.mark().map_or(String::new(), |mark| format!("{mark}\n\n"));
    let DelegationRecord { request, request_sha256, fingerprint, from, expires, ceremony, .. } = record;
    let (organization, signer) = (Shown::new(organization), Shown::new(&record.signer));
    let (user_id, scope) = (Shown::new(&record.user_id), Shown::new(&record.scope));
    format!(
        "{mark}ANSWER TO REQUEST {request}

organization  {organization}
ceremony      {ceremony}
request       {request}
              SHA-256 {request_sha256}
root          {root_name}
              {root}
signer        {signer}
scope         {scope}
as            {user_id}
with key      {fingerprint}
from          {from}
until         {expires}

Releases of that scope which you sign with that key between these two moments
are good. answer-{request}.asc is your certificate with the root's word in it.


1. LOOK WHETHER IT ANSWERS WHAT YOU ASKED

    sha256sum YOUR.request.asc

prints the SHA-256 above. If it does not, somebody else asked in your name: call
the organization.


2. TAKE IT IN

    gpg --import keys.txt answer-{request}.asc
    gpg --check-signatures {fingerprint}

The second command lists a signature of {root}
on your user ID.


3. PASS IT ON

Wherever people get your key from, they need this copy of it: put it on your own
page, and into your web key directory. keys.openpgp.org publishes the root's
word only when you approve of it, with your key:

    sq cert import keys.txt
    sq cert import answer-{request}.asc
    sq key approvals update --cert {fingerprint} \\
        --add-by {root}
    sq network keyserver publish --cert {fingerprint}
",
        root_name = record.root,
    )
}
