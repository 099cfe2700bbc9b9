use proptest::prelude::*;

use super::*;

const SECRET: &[u8] = b"TEST SECRET";

fn locked(bytes: &[u8]) -> Locked {
    Locked::copy_of(bytes).expect("locked memory")
}

fn quorum(threshold: u8, shares: u8) -> Quorum {
    Quorum::new(threshold, shares).expect("a quorum")
}

/// Not random at all, for repeatable tests.
fn coins(quorum: Quorum, len: usize) -> Locked {
    locked(&(0..quorum.randomness_len(len)).map(|at| (at * 7 + 3) as u8).collect::<Vec<_>>())
}

fn dealt(quorum: Quorum) -> Vec<Share> {
    split(&locked(SECRET), quorum, &coins(quorum, SECRET.len())).expect("split")
}

fn copy(share: &Share) -> Share {
    Share::new(share.number(), locked(share.bytes())).expect("a share")
}

fn pick(shares: &[Share], which: &[usize]) -> Vec<Share> {
    which.iter().map(|at| copy(&shares[*at])).collect()
}

/// By Python: multiplication modulo 0x11d by shift and xor; each coefficient is the first of four random bytes (the lowest of a
/// little-endian word), the highest degree first; Horner's rule at x = 1 to 5. Holds the crate to how it deals.
#[test]
fn deals_as_a_script_of_twenty_lines_does() {
    let expected: Vec<String> = PYTHON.split_whitespace().map(str::to_owned).collect();
    let hex = |share: &Share| share.bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(dealt(quorum(3, 5)).iter().map(hex).collect::<Vec<_>>(), expected);
}

const PYTHON: &str = "
    4829af383c7f796f4ea928
    660781516851ca06daa006
    7a6b7d3d747df62ac64c7a
    1893360d6d22bdbda51262
    04ffca61710e8191b9fe1e";

#[test]
fn a_quorum_is_two_to_sixteen() {
    for (threshold, shares) in [(0, 0), (0, 3), (1, 1), (1, 3), (2, 1), (3, 2), (2, 17), (17, 17), (255, 255)] {
        assert!(matches!(Quorum::new(threshold, shares), Err(BackupError::Quorum { .. })), "{threshold} of {shares}");
    }
    for (threshold, shares) in [(2, 2), (2, 16), (16, 16), (3, 5)] {
        assert!(Quorum::new(threshold, shares).is_ok(), "{threshold} of {shares}");
    }
    assert!(serde_json::from_str::<Quorum>(r#"{"threshold":1,"shares":3}"#).is_err());
    assert!(serde_json::from_str::<Quorum>(r#"{"threshold":2,"shares":3,"spare":1}"#).is_err());
}

#[test]
fn every_subset_of_every_quorum_up_to_eight_restores() {
    for shares in 2..=8u8 {
        for threshold in 2..=shares {
            let quorum = quorum(threshold, shares);
            let dealt = dealt(quorum);
            for subset in 0..1u32 << shares {
                if subset.count_ones() == u32::from(threshold) {
                    let which: Vec<usize> = (0..usize::from(shares)).filter(|at| subset & (1 << at) != 0).collect();
                    let secret = recover(&pick(&dealt, &which), quorum).expect("recovered");
                    assert_eq!(&*secret, SECRET, "{threshold} of {shares}: {which:?}");
                }
            }
        }
    }
}

#[test]
fn what_the_crate_below_lets_through_is_refused() {
    let quorum = quorum(3, 5);
    let dealt = dealt(quorum);
    let refused = |shares: Vec<Share>| recover(&shares, quorum).err().expect("refused");
    assert!(matches!(refused(pick(&dealt, &[0, 1, 1])), BackupError::ShareTwice(2)));
    assert!(matches!(refused(pick(&dealt, &[0, 1])), BackupError::ShareCount { wanted: 3, given: 2 }));
    assert!(matches!(refused(pick(&dealt, &[0, 1, 2, 3])), BackupError::ShareCount { wanted: 3, given: 4 }));
    assert!(matches!(refused(Vec::new()), BackupError::ShareCount { wanted: 3, given: 0 }));
    let short = Share::new(3, locked(b"TEST")).expect("a share");
    assert!(matches!(refused([pick(&dealt, &[0, 1]), vec![short]].concat_shares()), BackupError::ShareLength(3)));
    assert!(matches!(Share::new(0, locked(SECRET)).err(), Some(BackupError::ShareNumber(0))));
    assert!(Share::new(1, locked(b"")).is_err());
}

trait Concat {
    fn concat_shares(self) -> Vec<Share>;
}

impl Concat for [Vec<Share>; 2] {
    fn concat_shares(self) -> Vec<Share> {
        self.into_iter().flatten().collect()
    }
}

#[test]
fn randomness_is_used_once_and_whole() {
    let quorum = quorum(3, 5);
    for len in [0, 87, 89] {
        let refused = split(&locked(SECRET), quorum, &Locked::zeroed(len).expect("locked memory")).err();
        assert!(matches!(refused, Some(BackupError::Randomness { wanted: 88, .. })), "{len}");
    }
    let refused = split(&locked(b""), quorum, &locked(b"")).err();
    assert!(matches!(refused, Some(BackupError::EmptySecret)));
}

#[test]
fn only_opening_the_message_proves_the_shares() {
    let quorum = quorum(2, 3);
    let message = message::seal(&locked(b"TEST SECRET KEY"), &locked(SECRET), &[]).expect("sealed");
    let dealt = dealt(quorum);
    let opened = restore(&message, &pick(&dealt, &[2, 0]), quorum).expect("restored");
    assert_eq!(&*opened, b"TEST SECRET KEY");
    let mut wrong = locked(dealt[1].bytes());
    wrong[4] ^= 1;
    let wrong = Share::new(2, wrong).expect("a share");
    let shares = [pick(&dealt, &[0]), vec![wrong]].concat_shares();
    assert!(recover(&shares, quorum).is_ok(), "no arithmetic can tell");
    assert!(matches!(restore(&message, &shares, quorum).err(), Some(BackupError::NotRestored)));
}

proptest! {
    #[test]
    fn any_threshold_of_any_shares_of_any_secret_restores(
        secret in proptest::collection::vec(any::<u8>(), 1..40),
        (threshold, shares) in (2u8..=16).prop_flat_map(|shares| (2..=shares, Just(shares))),
        order in Just((0usize..16).collect::<Vec<_>>()).prop_shuffle(),
        seed in any::<u8>(),
    ) {
        let quorum = quorum(threshold, shares);
        let coins = (0..quorum.randomness_len(secret.len())).map(|at| (at * 31) as u8 ^ seed).collect::<Vec<_>>();
        let dealt = split(&locked(&secret), quorum, &locked(&coins)).expect("split");
        let which: Vec<usize> =
            order.into_iter().filter(|at| *at < usize::from(shares)).take(threshold.into()).collect();
        prop_assert_eq!(&*recover(&pick(&dealt, &which), quorum).expect("recovered"), secret.as_slice());
        // One share too few, filled up by another set's share, gives something else: nothing here can tell.
        prop_assert!(recover(&pick(&dealt, &which[1..]), quorum).is_err());
    }
}
