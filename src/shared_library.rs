//! Which file of a shared library is opened: one rule for all of them.

use std::path::{Path, PathBuf};

use crate::error::{Cause, SharedLibrary};
use crate::{Error, Result};

/// Opens the first of `candidates` that exists.
///
/// The system's loader looks for a candidate without a folder. A file that
/// exists but cannot be opened is an error: falling back to the next candidate
/// would surprise the user.
pub(crate) fn open_first<T>(
    library: SharedLibrary,
    candidates: &[PathBuf],
    open: impl Fn(&Path) -> Result<T>,
) -> Result<T> {
    for path in candidates {
        let is_bare_name = path.parent().is_none_or(|parent| parent == Path::new(""));
        if !is_bare_name && !path.is_file() {
            continue;
        }
        match open(path) {
            Err(_) if is_bare_name => continue,
            result => return result,
        }
    }
    Err(Error::LibraryNotFound {
        library,
        searched: candidates.to_vec(),
    })
}

/// Returns the error for a file that was found but cannot be used.
pub(crate) fn unusable(library: SharedLibrary, path: &Path, source: impl Into<Cause>) -> Error {
    Error::LibraryUnusable {
        library,
        path: path.into(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_file_that_exists_is_opened_even_if_it_is_broken() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let [missing, bare] = ["/nowhere/x.so", "x.so"].map(PathBuf::from);
        let opened = |candidates: &[PathBuf]| {
            open_first(SharedLibrary::EspeakNg, candidates, |path| {
                match path == file.path() {
                    true => Err(unusable(SharedLibrary::EspeakNg, path, "broken")),
                    false => Ok(path.to_owned()),
                }
            })
        };
        let broken = file.path().to_owned();
        let both = [missing.clone(), broken.clone(), bare.clone()];
        assert!(
            matches!(opened(&both), Err(Error::LibraryUnusable { path, .. }) if path == broken)
        );
        assert_eq!(opened(&[missing.clone(), bare.clone()]).unwrap(), bare);
        let error = opened(std::slice::from_ref(&missing)).unwrap_err();
        assert!(matches!(error, Error::LibraryNotFound { searched, .. } if searched == [missing]));
    }

    #[test]
    fn a_bare_name_that_cannot_be_opened_is_not_found() {
        let nothing = |path: &Path| Err::<(), _>(unusable(SharedLibrary::OnnxRuntime, path, "no"));
        let error = open_first(SharedLibrary::OnnxRuntime, &["x.so".into()], nothing);
        let message = error.unwrap_err().to_string();
        assert_eq!(message, "ONNX Runtime was not found; looked in:\n  x.so");
    }
}
