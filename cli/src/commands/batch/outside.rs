//! Files that a manifest puts outside of the batch's folder, as it may: `output_file` can
//! be any path, as in Piper's JSON lines.

use std::path::{Component, Path};

use super::plan::Plan;
use crate::terminal::quantity::count;
use crate::terminal::report::Reporter;

/// Says how many files of the plan are not in `folder`.
pub(super) fn note(plan: &Plan, folder: &Path, reporter: &Reporter) {
    let is_inside = |path: &Path| {
        let rest = path.strip_prefix(folder).map(Path::components);
        rest.is_ok_and(|mut parts| parts.all(|part| part != Component::ParentDir))
    };
    let outputs = plan.tasks().map(|task| task.output.as_path());
    let mut outside = outputs.filter(|path| !is_inside(path));
    if let Some(first) = outside.next() {
        let files = count(outside.count() as u64 + 1, "file");
        let (folder, first) = (folder.display(), first.display());
        reporter.note(&format!(
            "`output_file` puts {files} outside of {folder}, such as {first}"
        ));
    }
}
