//! Requests, certificates, user IDs and bundles that somebody made to do harm. Each is a real file, given to the real program: it ends
//! within two processor seconds and 256 MB in a refusal that names the file and what is wrong with it, and nothing raw is shown.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod bundles;
mod certificates;
mod made;
#[path = "../support/measured.rs"]
mod measured;
mod requests;
#[path = "../support/signers.rs"]
mod signers;
mod sneaked;
#[path = "../support/stage.rs"]
mod stage;
mod user_ids;

use std::path::PathBuf;
use std::process::Command;

use measured::{Measured, measured};
use signers::{Signer, roster};
use stage::{Stage, is_plain, keyrite};

/// What one file may cost.
const CPU_SECONDS: f64 = 2.0;
const KIB: u64 = 256 * 1024;

/// A register with a root, and a roster with Anna on it.
struct Desk {
    stage: Stage,
    roster: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let stage = Stage::with_root();
        let path = stage.folder().join("roster.toml");
        std::fs::write(&path, roster(&[&anna()])).unwrap();
        Self { stage, roster: path }
    }

    /// What `keyrite request check` says of a file with these bytes.
    fn check(&self, request: &[u8]) -> Measured {
        let file = self.stage.folder().join("hostile.request.asc");
        std::fs::write(&file, request).unwrap();
        let mut check = Command::new(keyrite());
        check.args(["request", "check"]).arg(&file).arg("--roster").arg(&self.roster);
        check.arg("--register").arg(self.stage.path("register"));
        measured(&check)
    }

    /// It is refused, by this control, in these words.
    #[track_caller]
    fn refuses(&self, what: &str, request: &[u8], control: Option<&str>, words: &str) {
        let ran = self.check(request);
        assert!(ran.err.contains("hostile.request.asc"), "{what}: the file is not named: {}", ran.err);
        is_refusal(what, &ran, control, words);
    }
}

/// A refusal with its control, its words and a hint, within the bounds.
#[track_caller]
fn is_refusal(what: &str, ran: &Measured, control: Option<&str>, words: &str) {
    let Measured { code, err, cpu, size, .. } = ran;
    assert!([1, 3].contains(code), "{what} ends with {code}: {err}");
    assert!(err.starts_with("error: ") && err.contains(words), "{what}, {words}? {err}");
    assert!(err.lines().any(|line| line.len() > 6 && line.starts_with("hint: ")), "{what} has no hint: {err}");
    let named = err.lines().find_map(|line| line.strip_prefix("refused by control "));
    assert_eq!(named, control, "{what}: {err}");
    assert!(err.len() < 4096 && is_plain(err) && is_plain(&ran.out), "{what}: {err:?}");
    assert!(*cpu < CPU_SECONDS && *size <= KIB, "{what} takes {cpu} s and {size} KiB");
}

/// The one on the roster: the same in a whole test program.
fn anna() -> Signer {
    Signer::new("anna")
}

#[test]
fn a_good_request_is_in_order_and_costs_little() {
    let ran = Desk::new().check(&anna().request());
    assert_eq!((ran.code, ran.err.trim()), (0, ""));
    assert!(ran.cpu < CPU_SECONDS && ran.size <= KIB, "{ran:?}");
}
