//! `--shard`: which part of a batch this run makes.

use std::fmt;

use piper_rs::voice::content_hash::ContentHash;

use crate::args::{Shard, ShardArg};
use crate::environment::array_task;
use crate::terminal::report::UsageError;

/// Returns the shard that the command line names, or that of the array job which has
/// started this program.
pub(super) fn from_arg(arg: ShardArg) -> Result<Shard, UsageError> {
    match arg {
        ShardArg::Part(shard) => Ok(shard),
        ShardArg::Auto => array_task()
            .map_err(|why| UsageError(format!("--shard auto: {why}; or use --shard I/N"))),
    }
}

/// Returns to which of `count` shards the file with this name belongs. Each has about as
/// many files as the others.
///
/// The name decides and not the number: a text keeps its shard if others are added to the
/// list. The hash is BLAKE3, the same on every machine and in every version.
pub(super) fn shard_of(name: &str, count: u32) -> Shard {
    let index = (hash(name) % u64::from(count)) as u32 + 1;
    Shard { index, count }
}

impl Shard {
    /// Returns whether the file with this name belongs to the shard.
    pub(super) fn holds(self, name: &str) -> bool {
        shard_of(name, self.count) == self
    }
}

fn hash(name: &str) -> u64 {
    ContentHash::of_parts([b"piper-rs shard 1".as_slice(), name.as_bytes()]).first_quarter()
}

/// Returns four hexadecimal digits for the file with this name, for folders with about
/// as many files each.
pub(super) fn hash_digits(name: &str) -> String {
    // The first digits: with 2, 4, 8 … shards the last ones are the same in a whole shard.
    format!("{:04x}", hash(name) >> 48)
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_one_shard_and_none_is_much_larger() {
        for count in [1, 2, 3, 7, 100] {
            let shards = (1..=count).map(|index| Shard { index, count });
            let shards: Vec<_> = shards.collect();
            let mut sizes = vec![0_u32; shards.len()];
            for n in 0..5_000 {
                let name = format!("{n:04}.wav");
                let holding = shards.iter().filter(|shard| shard.holds(&name));
                let holding: Vec<_> = holding.map(|shard| shard.index as usize).collect();
                assert_eq!(holding.len(), 1, "{name} in {holding:?} of {count}");
                sizes[holding[0] - 1] += 1;
            }
            let mean = 5_000.0 / f64::from(count);
            // Six standard deviations.
            let most = mean + 6.0 * mean.sqrt();
            assert!(
                sizes.iter().all(|size| f64::from(*size) <= most),
                "{sizes:?}"
            );
        }
    }

    /// A change here makes every task of a running array take other texts.
    #[test]
    fn the_shard_of_a_name_is_a_file_format() {
        let found = ["0001.wav", "a/b.opus", "é"].map(|name| shard_of(name, 1000).index);
        assert_eq!(found, [554, 599, 829]);
    }
}
