//! The ids of a manifest's entries.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

use anyhow::bail;

use super::entry::SourceLocation;
use super::template::collision_key;

/// The entries that have an id, by their outputs.
#[derive(Default)]
pub(super) struct UsedIds(HashMap<String, SourceLocation>);

impl UsedIds {
    /// Fails if an earlier entry has the same id, and would become the same file.
    /// Other collisions are found later: they concern the whole batch.
    pub(super) fn add<'a>(
        &mut self,
        location: &SourceLocation,
        outputs: impl Iterator<Item = &'a Path>,
    ) -> anyhow::Result<()> {
        let Some(id) = &location.id else {
            return Ok(());
        };
        for output in outputs {
            match self.0.entry(collision_key(output)) {
                Entry::Vacant(entry) => _ = entry.insert(location.clone()),
                Entry::Occupied(first)
                    if first.get() != location && first.get().id == location.id =>
                {
                    bail!(
                        "the id `{id}` is also that of {}, and both would become {}",
                        first.get(),
                        output.display()
                    )
                }
                Entry::Occupied(_) => {}
            }
        }
        Ok(())
    }
}
