//! Files that two texts would both write.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::entry::SourceLocation;
use super::plan::{PlanOptions, Task};
use super::template::collision_key;
use crate::terminal::report::UsageError;

/// Fails if, on any system, two tasks would write the same file, or one would
/// replace a file that the batch reads or writes itself.
pub(super) fn refuse_collisions<'a>(
    options: &PlanOptions,
    tasks: impl Iterator<Item = &'a Task> + Clone,
) -> Result<(), UsageError> {
    let inputs = tasks.clone().flat_map(|task| task.source.files());
    let reserved = options.reserved.iter().map(PathBuf::as_path).chain(inputs);
    let reserved: HashSet<_> = reserved.map(collision_key).collect();
    let mut names: HashMap<String, &SourceLocation> = HashMap::new();
    for (task, output) in tasks.flat_map(|task| task.files().map(move |file| (task, file))) {
        let (location, key) = (&task.location, collision_key(output));
        let output = output.display();
        if reserved.contains(&key) {
            return Err(UsageError(format!(
                "{location} would become {output}, which this batch itself reads or writes"
            )));
        }
        let first = names.insert(key, location);
        if first == Some(location) {
            return Err(UsageError(format!(
                "{location} would become {output} more than once; `--name` needs what varies, \
                 such as {}",
                options.grid.name_ending()
            )));
        }
        if let Some(first) = first {
            return Err(UsageError(format!(
                "{first} and {location} would both become {output}; `--name` can give them \
                 different names, such as {{n:04}}-{{stem}}"
            )));
        }
    }
    Ok(())
}
