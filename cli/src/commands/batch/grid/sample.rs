//! `--sample`: some of many readings, chosen at random, and the same in every run.

use std::collections::BTreeSet;

use piper_rs::voice::content_hash::ContentHash;

/// Returns `some` of the numbers below `all`, in their order. `seed` and `item` decide
/// which. `some` must be at most `all`.
pub(super) fn choose(some: usize, all: usize, seed: u64, item: &str) -> BTreeSet<usize> {
    // Floyd's algorithm: every set is as likely as any other, and the cost is that of
    // the chosen ones.
    let mut chosen = BTreeSet::new();
    for last in all - some..all {
        let parts = [
            b"piper-rs sample 1".as_slice(),
            &seed.to_le_bytes(),
            item.as_bytes(),
            &(last as u64).to_le_bytes(),
        ];
        let random = ContentHash::of_parts(parts).first_half();
        let at = (random % (last as u128 + 1)) as usize;
        if !chosen.insert(at) {
            chosen.insert(last);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_are_chosen_about_as_often() {
        let mut counts = [0_u32; 10];
        for n in 0..3000 {
            let chosen = choose(3, 10, 7, &n.to_string());
            assert_eq!(chosen.len(), 3);
            chosen.into_iter().for_each(|at| counts[at] += 1);
        }
        // 900 each, with a standard deviation of 25.
        assert!(
            counts.iter().all(|count| (775..1025).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn the_seed_and_the_item_choose() {
        let first = choose(5, 1000, 1, "a");
        assert_eq!(choose(5, 1000, 1, "a"), first);
        assert_ne!(choose(5, 1000, 2, "a"), first);
        assert_ne!(choose(5, 1000, 1, "b"), first);
        assert_eq!(choose(4, 4, 1, "a"), (0..4).collect());
    }
}
