//! What is published beside the keys: how a stranger verifies a release with tools they have.

use crate::model::fingerprint::Fingerprint;
use crate::model::mode::Mode;
use crate::model::organization::Organization;
use crate::model::shown::Shown;

/// `how-to-verify.txt`, for a root and those equal to it.
#[must_use]
pub fn how_to_verify(organization: &Organization, mode: Mode, roots: &[Fingerprint]) -> String {
    let name = Shown::new(&organization.name);
    let mark = mode.mark().map_or(String::new(), |mark| format!("{mark}\n\n"));
    let each = |line: &dyn Fn(&Fingerprint) -> String| roots.iter().map(line).collect::<String>();
    let fingerprint = each(&|root| format!("    gpg --fingerprint {root}\n"));
    let groups = each(&|root| format!("    {}\n", root.groups()));
    let trust =
        each(&|root| format!("    gpg --quick-lsign-key {root}\n    echo {root}:5: | gpg --import-ownertrust\n"));
    let several = match roots.len() {
        0 | 1 => String::new(),
        count => format!("\nThere are {count} such roots, in case one is lost. Trust them all.\n"),
    };
    format!(
        "{mark}HOW TO VERIFY A RELEASE OF {name}

A release is a file, such as FILE.tar.gz, and a signature, FILE.tar.gz.asc.
Both ways below need only what is in this folder and on most systems.


1. WITH GPGV

current.gpg holds the keys that may sign releases now:

    gpgv --keyring ./current.gpg FILE.tar.gz.asc FILE.tar.gz

Write ./ before the name: without a slash gpgv looks in your home folder.
The release is good when gpgv says \"Good signature\" and ends with status 0.


2. WITH GPG, BY THE ROOT

The root vouches for each signer until a date. Tell gpg once that you trust it.
You do that with a key of your own, which never leaves your machine. If you have
none yet:

    gpg --quick-gen-key \"Your Name <you@example.org>\"
{several}
Then:

    gpg --import keys.txt
{fingerprint}
Compare the fingerprint with one from another place than this one:

{groups}
{trust}    gpg --verify FILE.tar.gz.asc FILE.tar.gz

The release is good when gpg says \"Good signature\" and gives no WARNING.

Do not use gpg --fetch-keys to get keys.txt: it keeps each key's own signatures
and drops what others say of it. The root's word is then lost, and gpg warns
that the key is not certified with a trusted signature. Download the file and
import it, or write

    gpg --keyserver-options no-self-sigs-only --fetch-keys URL


3. OLDER RELEASES

archive.gpg holds every key that ever could sign. It says who signed, but not
whether they were allowed to at that time. Use it only for releases that the
organization's list of past releases names.
"
    )
}
