//! `--shard`: a part of a batch.

use std::str::FromStr;

/// The most parts.
const MAX_PARTS: u32 = 1_000_000;

/// One of several parts of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Counted from 1.
    pub(crate) index: u32,
    pub(crate) count: u32,
}

/// A part of a batch, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardArg {
    /// `3/8`.
    Part(Shard),
    /// That of the array job that has started this program.
    Auto,
}

impl FromStr for ShardArg {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        if typed == "auto" {
            return Ok(Self::Auto);
        }
        let parts = typed.split_once('/').and_then(|(index, count)| {
            let (index, count) = (index.parse().ok()?, count.parse().ok()?);
            Some((index, count))
        });
        match parts {
            Some((index, count @ 1..=MAX_PARTS)) if (1..=count).contains(&index) => {
                Ok(Self::Part(Shard { index, count }))
            }
            Some((0, _)) => Err("parts are counted from 1: the first of 8 is 1/8".to_owned()),
            Some((_, count)) if count > MAX_PARTS => {
                Err(format!("at most {MAX_PARTS} parts are possible"))
            }
            Some((index, count)) => Err(format!("there is no part {index} of {count}")),
            None => Err("write I/N, such as 1/8, or auto".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_typed_as_a_fraction() {
        let part = |index, count| Ok(ShardArg::Part(Shard { index, count }));
        assert_eq!("auto".parse(), Ok(ShardArg::Auto));
        assert_eq!("1/1".parse(), part(1, 1));
        assert_eq!("7/100".parse(), part(7, 100));
        let cases = [
            ("0/8", "counted from 1"),
            ("9/8", "no part 9 of 8"),
            ("1/0", "no part 1 of 0"),
            ("1/2000000", "at most"),
            ("3", "write I/N"),
            ("-1/3", "write I/N"),
            ("1/3/5", "write I/N"),
        ];
        for (typed, expected) in cases {
            let error = typed.parse::<ShardArg>().unwrap_err();
            assert!(error.contains(expected), "{typed}: {error}");
        }
    }
}
