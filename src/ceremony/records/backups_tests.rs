use super::*;
use crate::model::evidence::Artefact;

const MADE: Timestamp = Timestamp(1_795_258_797);
const DRILL_BY: Timestamp = Timestamp(1_803_034_797);
const LATER: Timestamp = Timestamp(1_800_000_000);

fn backup(sealed: Sealed) -> Backup {
    let artefact = || Artefact { path: "sealed.asc".to_owned(), sha256: Hash::of(b"") };
    Backup {
        root: "packages".parse().expect("name"),
        fingerprint: Fingerprint([0xab; 20]),
        sealed,
        record: SealedRecord { set: "7K3MQ2XA".to_owned(), message: artefact(), statement: artefact() },
        ceremony: "0001-root-generation".to_owned(),
        made: MADE,
        people: BTreeMap::new(),
        proofs: Vec::new(),
        next: None,
        failed: None,
        bags: BTreeMap::new(),
        copies: Vec::new(),
    }
}

fn statement(content: Sealed, drill_by: Option<Timestamp>) -> SetStatement {
    let drill_by = drill_by.map_or_else(String::new, |by| format!("drill-by = \"{by}\"\n"));
    let (hash, fingerprint) = (Hash::of(b""), Fingerprint([0xab; 20]));
    let mut text = format!(
        "format = \"keyrite-share-set-1\"\nshare-bytes = 1\nmessage-sha256 = \"{hash}\"\n\
         [set]\nid = \"7K3MQ2XA\"\nmode = \"rehearsal\"\nroot = \"packages\"\n\
         fingerprint = \"{fingerprint}\"\ncontent = \"{content}\"\nmade = \"{MADE}\"\n{drill_by}\
         [quorum]\nthreshold = 2\nshares = 2\n"
    );
    for number in 1..=2 {
        text += &format!(
            "[[share]]\nnumber = {number}\nsha256 = \"{hash}\"\nholder = {{ role = \"custodian\", number = {number} }}\n"
        );
    }
    SetStatement::from_toml(&text).expect("a statement")
}

#[test]
fn a_drill_is_due_when_the_last_one_or_the_set_or_a_year_says() {
    let (dated, older) = (statement(Sealed::Key, Some(DRILL_BY)), statement(Sealed::Key, None));
    let mut backup = backup(Sealed::Key);
    assert_eq!(backup.due(&dated), Some(DRILL_BY));
    assert_eq!(backup.due(&older), Some(MADE.plus(GOOD_FOR)));
    // It was restored for a new card: no drill, so what stands on the sheets stays.
    backup.proofs.push(Proof { ceremony: "0002-card".to_owned(), time: LATER, shares: vec![1, 2] });
    assert_eq!(backup.due(&dated), Some(DRILL_BY));
    assert_eq!(backup.due(&older), Some(LATER.plus(GOOD_FOR)));
    // A drill was held.
    backup.next = Some(LATER);
    assert_eq!((backup.due(&dated), backup.due(&older)), (Some(LATER), Some(LATER)));
}

#[test]
fn a_revocation_certificate_has_no_drill() {
    assert_eq!(backup(Sealed::Revocation).due(&statement(Sealed::Revocation, None)), None);
}
