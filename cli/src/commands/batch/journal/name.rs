//! The names of the journals in an output folder: one for runs of a whole batch, and
//! one for each shard of each division.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::args::Shard;

const START: &str = ".piper-rs-journal";
const END: &str = ".jsonl";

/// Returns the path of the journal for runs of `shard`, or of the whole batch.
pub(in super::super) fn path(folder: &Path, shard: Option<Shard>) -> PathBuf {
    folder.join(match shard {
        Some(Shard { index, count }) => format!("{START}.{index}-of-{count}{END}"),
        None => format!("{START}{END}"),
    })
}

/// Returns the paths of all journals in a folder.
pub(in super::super) fn paths(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    Ok(all(folder)?.into_iter().map(|(path, _)| path).collect())
}

/// Returns into how many shards the batch in a folder was divided; `None` if it was not, or
/// in several ways.
pub(in super::super) fn only_division(folder: &Path) -> anyhow::Result<Option<u32>> {
    let journals = all(folder)?;
    let counts = journals
        .iter()
        .filter_map(|(_, shard)| Some((*shard)?.count));
    let counts: BTreeSet<u32> = counts.collect();
    Ok(counts.first().copied().filter(|_| counts.len() == 1))
}

/// Lists the journals in a folder, each with its shard, in the order of their names.
pub(super) fn all(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Option<Shard>)>> {
    let context = || cannot_read(folder);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(context)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.with_context(context)?;
        if let Some(shard) = parse(&entry.file_name().to_string_lossy()) {
            found.push((entry.path(), shard));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found)
}

/// Returns the shard of the journal with this name; `None` if it is no journal.
fn parse(name: &str) -> Option<Option<Shard>> {
    let division = name.strip_prefix(START)?.strip_suffix(END)?;
    if division.is_empty() {
        return Some(None);
    }
    let (index, count) = division.strip_prefix('.')?.split_once("-of-")?;
    let (index, count) = (index.parse().ok()?, count.parse().ok()?);
    (1..=count)
        .contains(&index)
        .then_some(Some(Shard { index, count }))
}

pub(super) fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_shard() {
        let shard = |index, count| Some(Some(Shard { index, count }));
        let cases = [
            (".piper-rs-journal.jsonl", Some(None)),
            (".piper-rs-journal.3-of-10.jsonl", shard(3, 10)),
            (".piper-rs-journal.0-of-10.jsonl", None),
            (".piper-rs-journal.11-of-10.jsonl", None),
            (".piper-rs-journal.x.jsonl", None),
            (".piper-rs-abc.wav", None),
        ];
        for (name, expected) in cases {
            assert_eq!(parse(name), expected, "{name}");
        }
        let third = Shard {
            index: 3,
            count: 10,
        };
        let path = path(Path::new("out"), Some(third));
        assert_eq!(path, Path::new("out/.piper-rs-journal.3-of-10.jsonl"));
    }
}
