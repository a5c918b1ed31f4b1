//! The source files of both packages, as text.

use std::fs;
use std::path::Path;

use crate::scene::root;

/// A source file.
pub(crate) struct Source {
    /// Its path below `src`; files of the program begin with `cli/`.
    pub(crate) name: String,
    /// Its lines without comments.
    pub(crate) lines: Vec<String>,
    /// How many of them come before the tests.
    pub(crate) before_tests: usize,
}

/// Every source file of the library and of the program.
pub(crate) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join("src"), "", &mut found);
    collect(&root().join("cli/src"), "cli/", &mut found);
    assert!(found.len() > 50);
    found
}

/// Adds the source files below `folder`, with `prefix` before their names.
pub(crate) fn collect(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().display());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(Source::read(&path, name));
        }
    }
}

impl Source {
    fn read(path: &Path, name: String) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
        let lines: Vec<_> = text.lines().map(code).collect();
        let mut pairs = text.lines().zip(text.lines().skip(1));
        let tests = pairs.position(|(line, next)| line == "#[cfg(test)]" && next.contains("mod "));
        let is_tests = ["/tests.rs"].iter().any(|end| name.ends_with(end));
        let before_tests = match is_tests {
            true => 0,
            false => tests.unwrap_or(lines.len()),
        };
        Self {
            name,
            lines,
            before_tests,
        }
    }

    pub(crate) fn is_library(&self) -> bool {
        !self.name.starts_with("cli/")
    }

    /// The lines before the tests.
    pub(crate) fn code(&self) -> impl Iterator<Item = &str> {
        self.lines[..self.before_tests].iter().map(String::as_str)
    }
}

/// Whether `line` uses `path`, as a whole word.
pub(crate) fn uses(line: &str, path: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(is_word))
}
