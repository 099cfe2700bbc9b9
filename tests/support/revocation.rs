//! The revocation certificate of a root, out of the pockets of its holders.

use keyrite::backup::reading::UntrustedSheet;
use keyrite::backup::share;
use keyrite::backup::statement::SetStatement;
use keyrite::model::evidence::Sealed;
use keyrite::trust::openpgp::{Certificate, signed_text};
use keyrite::workstation::clock;
use keyrite_locked::Locked;

use crate::stage::Stage;

/// What the shares of these holders give.
pub(crate) fn restored(stage: &Stage, root: &str, holders: &[u8]) -> Vec<u8> {
    let history = stage.past().history;
    let read = |path: &str| std::fs::read(stage.path("register").join(path)).expect("a file of the register");
    let (fingerprint, records) = history.records.expect("a records key");
    let records = Certificate::parse(&read(&records.path), fingerprint).expect("its certificate");
    let sealed = &history.roots[&root.parse().expect("a name")].sealed[&Sealed::Revocation];
    let statement = String::from_utf8(read(&sealed.statement.path)).expect("UTF-8");
    let statement = SetStatement::from_toml(&statement).expect("a statement");
    let share = |holder: &u8| {
        let pocket = format!("pockets/revocation-holder-{holder}/{root}-revocation-{}.{holder:03}.asc", sealed.set);
        let sheet = std::fs::read(stage.path(&pocket)).expect("a sheet");
        let text =
            signed_text::verify_text(&sheet, &records, clock::now().expect("a clock")).expect("as it was signed");
        let text = Locked::absorb(text).expect("locked memory");
        UntrustedSheet::parse(&text).expect("a sheet").verify(&statement).expect("of this set").into_share()
    };
    let shares: Vec<_> = holders.iter().map(share).collect();
    let opened = share::restore(&read(&sealed.message.path), &shares, statement.quorum()).expect("a quorum");
    opened.to_vec()
}
