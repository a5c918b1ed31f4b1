//! The names of all files of a batch, to notice that two texts would write the same one.
//!
//! A batch may have ten million files: of each name only a hash is kept, and the number
//! of its text. Where a text is, is looked up if there is something to report.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::bail;
use piper_rs::voice::content_hash::ContentHash;

use super::entry::SourceLocation;
use super::template::collision_key;
use crate::terminal::report::UsageError;

/// The names, as far as they are known: about 35 bytes for each file.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The number of the text that has the name.
    outputs: HashMap<NameHash, u32>,
    inputs: HashSet<NameHash>,
    reserved: HashSet<NameHash>,
    clashes: Vec<Clash>,
}

/// A quarter of a hash of a name. Of ten million names two have the same with a
/// probability of 10⁻⁵; then the batch is refused, and nothing is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct NameHash(u64);

impl NameHash {
    fn of(path: &Path) -> Self {
        let hash = ContentHash::of_parts([collision_key(path).as_bytes()]);
        Self(hash.first_quarter())
    }
}

/// Two texts that would write the same file.
#[derive(Debug)]
struct Clash {
    first: u32,
    second: u32,
    path: PathBuf,
}

/// Where the texts are that are in the way of each other.
pub(super) type Locations = HashMap<u32, SourceLocation>;

impl Names {
    /// `reserved` are files that no output may replace.
    pub(super) fn new(reserved: &[PathBuf]) -> Self {
        let reserved = reserved.iter().map(|path| NameHash::of(path));
        Self {
            reserved: reserved.collect(),
            ..Self::default()
        }
    }

    /// Adds a file that a text is read from.
    pub(super) fn add_input(&mut self, path: &Path) {
        self.inputs.insert(NameHash::of(path));
    }

    /// Adds a file of the text with the number `n`. `name_ending` is what names need if
    /// a text has several files.
    pub(super) fn add_output(
        &mut self,
        n: u32,
        location: &SourceLocation,
        path: &Path,
        name_ending: &str,
    ) -> Result<(), UsageError> {
        let hash = NameHash::of(path);
        if self.reserved.contains(&hash) {
            return Err(replaces_own(location, path));
        }
        match self.outputs.entry(hash) {
            Entry::Vacant(entry) => _ = entry.insert(n),
            Entry::Occupied(first) if *first.get() == n => {
                return Err(UsageError(format!(
                    "{location} would become {} more than once; `--name` needs what varies, \
                     such as {name_ending}",
                    path.display()
                )));
            }
            Entry::Occupied(first) => self.clashes.push(Clash {
                first: *first.get(),
                second: n,
                path: path.to_owned(),
            }),
        }
        Ok(())
    }

    /// Returns whether a file is one that a text is read from.
    pub(super) fn has_input(&self, path: &Path) -> bool {
        self.inputs.contains(&NameHash::of(path))
    }

    /// Returns the numbers of the texts whose locations [`Self::failed`] needs.
    pub(super) fn unclear(&self) -> BTreeSet<u32> {
        let clashes = self.clashes.iter();
        let clashing = clashes.flat_map(|clash| [clash.first, clash.second]);
        let replacing = self.inputs.iter().filter_map(|hash| self.outputs.get(hash));
        clashing.chain(replacing.copied()).collect()
    }

    /// Returns why a text fails that has the id of an earlier one and would become the
    /// same file, by its number. Fails if two other texts would write the same file on
    /// any system, or if one would replace a file that the batch reads itself.
    pub(super) fn failed(&self, locations: &Locations) -> anyhow::Result<HashMap<u32, String>> {
        let mut failed = HashMap::new();
        for Clash {
            first,
            second,
            path,
        } in &self.clashes
        {
            let (Some(one), Some(other)) = (locations.get(first), locations.get(second)) else {
                bail!("the list was changed while it was read");
            };
            let path = path.display();
            match &other.id {
                Some(id) if one.id == other.id => {
                    failed.entry(*second).or_insert_with(|| {
                        format!("the id `{id}` is also that of {one}, and both would become {path}")
                    });
                }
                _ => {
                    return Err(UsageError(format!(
                        "{one} and {other} would both become {path}; `--name` can give them \
                         different names, such as {{n:04}}-{{stem}}"
                    ))
                    .into());
                }
            }
        }
        Ok(failed)
    }

    /// Fails if a file of a text is one that the batch reads.
    pub(super) fn check_inputs<'a>(
        &self,
        location: &SourceLocation,
        mut outputs: impl Iterator<Item = &'a Path>,
    ) -> Result<(), UsageError> {
        match outputs.find(|path| self.has_input(path)) {
            Some(path) => Err(replaces_own(location, path)),
            None => Ok(()),
        }
    }
}

fn replaces_own(location: &SourceLocation, path: &Path) -> UsageError {
    UsageError(format!(
        "{location} would become {}, which this batch itself reads or writes",
        path.display()
    ))
}
