//! Lots: in which order people come, so that nobody chose.

/// Random bytes that a lot takes for each number.
pub const PER_NUMBER: usize = 8;

/// The numbers 1 to `count` in an order that these bytes give: Fisher and Yates, each place by eight bytes. Of at most 255
/// numbers, none is more likely at a place than another by more than 2^-56.
#[must_use]
pub fn lots(count: u8, random: &[u8]) -> Vec<u8> {
    let mut order: Vec<u8> = (1..=count).collect();
    for (left, bytes) in (1..=order.len()).rev().zip(random.chunks_exact(PER_NUMBER)) {
        let drawn = bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        let place = usize::try_from(drawn % left as u64).unwrap_or(0);
        order.swap(place, left - 1);
    }
    order.reverse();
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::hash::Hash;

    #[test]
    fn every_number_is_drawn_once_and_at_every_place() {
        let mut seen = [[0_u32; 5]; 5];
        for seed in 0..2000_u64 {
            let random: Vec<u8> =
                (0..5_u8).flat_map(|at| Hash::of(&[&seed.to_be_bytes()[..], &[at]].concat()).0[..8].to_vec()).collect();
            let order = lots(5, &random);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [1, 2, 3, 4, 5]);
            for (place, number) in order.iter().enumerate() {
                seen[place][usize::from(*number) - 1] += 1;
            }
        }
        assert!(seen.iter().flatten().all(|count| (320..480).contains(count)), "{seen:?}");
    }

    /// By hand: of 1 2 3, bytes that are 1 modulo 3 take 2, and put 3 in its place; bytes that are 0 modulo 2 then take 1.
    #[test]
    fn a_lot_is_what_its_bytes_say() {
        let random = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9];
        assert_eq!(lots(3, &random), [2, 1, 3]);
    }
}
