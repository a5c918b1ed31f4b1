//! The source files of all packages, as text.

use std::fs;
use std::path::Path;

use crate::scene::root;

/// A source file.
pub(crate) struct Source {
    /// Its path below `src`; files of the program begin with `cli/`, those of the native
    /// kernels with `native/`.
    pub(crate) name: String,
    /// Its lines without comments.
    pub(crate) lines: Vec<String>,
    /// For each line, whether only tests are compiled with it.
    is_test: Vec<bool>,
}

/// Every source file of the library, of the program and of the native kernels.
pub(crate) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join("src"), "", &mut found);
    collect(&root().join("cli/src"), "cli/", &mut found);
    collect(&root().join("native/src"), "native/", &mut found);
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
        let is_test = match name.ends_with("/tests.rs") {
            true => vec![true; lines.len()],
            false => test_lines(&lines),
        };
        Self {
            name,
            lines,
            is_test,
        }
    }

    /// The folder of its package.
    pub(crate) fn package(&self) -> &str {
        let mut packages = ["cli/", "native/"].into_iter();
        let package = packages.find(|package| self.name.starts_with(package));
        package.unwrap_or_default()
    }

    pub(crate) fn is_library(&self) -> bool {
        !self.name.starts_with("cli/")
    }

    /// The lines that are not only for tests.
    pub(crate) fn code(&self) -> impl Iterator<Item = &str> {
        let lines = self.lines.iter().zip(&self.is_test);
        lines
            .filter(|(_, is_test)| !**is_test)
            .map(|(line, _)| line.as_str())
    }
}

/// For each line, whether it belongs to an item after `#[cfg(test)]`, wherever
/// in the file. The lines are as rustfmt writes them: an item ends at the first
/// line that is indented like its attribute and ends with `}`, `;` or `,`.
fn test_lines(lines: &[String]) -> Vec<bool> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut item_indent = None;
    let mut is_test = Vec::new();
    for line in lines {
        let line = line.trim_end();
        if item_indent.is_none() && line.trim_start() == "#[cfg(test)]" {
            item_indent = Some(indent(line));
        }
        is_test.push(item_indent.is_some());
        if item_indent == Some(indent(line)) && line.ends_with(['}', ';', ',']) {
            item_indent = None;
        }
    }
    is_test
}

#[test]
fn tests_are_recognized_wherever_they_are() {
    let lines = [
        "#[cfg(test)]",
        "mod fake;",
        "#[cfg(test)]",
        "mod tests {",
        "    fn f() {}",
        "",
        "}",
        "fn code() {",
        "    #[cfg(test)]",
        "    count();",
        "}",
    ];
    let is_test = test_lines(&lines.map(str::to_owned));
    let code: Vec<_> = lines
        .iter()
        .zip(&is_test)
        .filter(|(_, test)| !**test)
        .collect();
    assert_eq!(code.len(), 2, "{code:?}");
}

/// Whether `line` uses `path`, as a whole word.
pub(crate) fn uses(line: &str, path: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(is_word))
}
