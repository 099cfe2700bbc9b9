//! The index of `revocations/`: it says so in words when there are none.

use super::State;
use crate::model::shown::Shown;

/// Where the index lies.
pub const INDEX: &str = "revocations/index.txt";

/// Where the revocation `at` of a certificate lies.
#[must_use]
pub fn path(certificate: crate::model::fingerprint::Fingerprint, at: usize) -> String {
    format!("revocations/{certificate}-{at}.asc")
}

/// The index.
#[must_use]
pub fn index(state: &State) -> String {
    let mark = state.mode.mark().map_or(String::new(), |mark| format!("{mark}\n\n"));
    let name = Shown::new(&state.organization);
    let mut out = format!("{mark}REVOCATIONS OF {name}, AS OF {}\n\n", state.as_of);
    if state.revocations.is_empty() {
        out.push_str("None: no certificate of this folder carries a revocation.\n");
        return out;
    }
    out.push_str("Each file is for gpg --import, in this folder; keys.txt has them all too.\n");
    for revoked in &state.revocations {
        let made = revoked.made.map_or_else(|| "without a date".to_owned(), |at| at.to_string());
        let file = revoked.path.rsplit('/').next().unwrap_or_default();
        out.push_str(&format!(
            "\n{file}\n    key      {}\n    revokes  {}\n    made     {made}\n    reason   {}\n",
            revoked.certificate.groups(),
            Shown::new(&revoked.what),
            Shown::new(&revoked.reason),
        ));
    }
    out
}
