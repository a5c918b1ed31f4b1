//! Loading ONNX Runtime's shared library, without its telemetry.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::raw::{self, disable_telemetry, version};
use crate::error::Cause;
use crate::{Error, Result};

const NAME: &str = "ONNX Runtime";

/// The names ONNX Runtime's library goes by on this system, the plain one
/// first.
pub fn library_names() -> &'static [&'static str] {
    if cfg!(windows) {
        &["onnxruntime.dll"]
    } else if cfg!(target_os = "macos") {
        &["libonnxruntime.dylib", "libonnxruntime.1.dylib"]
    } else {
        &["libonnxruntime.so", "libonnxruntime.so.1"]
    }
}

/// ONNX Runtime, loaded. There is one per process.
#[derive(Debug)]
pub struct Runtime {
    pub(super) environment: ort::environment::Environment,
    path: PathBuf,
    version: String,
}

impl Runtime {
    /// Loads the first of `candidates` that exists, or returns the runtime
    /// that is loaded already.
    ///
    /// A candidate without a folder is a name for the system's loader to
    /// find. A file that exists and cannot be loaded is an error rather than
    /// passed over: the next one found would be a surprise.
    pub fn load(candidates: &[PathBuf]) -> Result<Arc<Self>> {
        static LOADED: Mutex<Option<Arc<Runtime>>> = Mutex::new(None);
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return Ok(Arc::clone(runtime));
        }
        let runtime = Arc::new(first(candidates, Self::open)?);
        Ok(Arc::clone(loaded.insert(runtime)))
    }

    /// Returns the file that [`load`](Self::load) would load, and its version.
    ///
    /// Nothing is started yet, so it takes a third of the time.
    pub fn find(candidates: &[PathBuf]) -> Result<(PathBuf, String)> {
        first(candidates, |path| Ok((path.to_owned(), version_of(path)?)))
    }

    fn open(path: &Path) -> Result<Self> {
        let unusable = |source| unusable(path, source);
        let version = version_of(path)?;
        let environment = ort::init_from(path)
            .map_err(|error| unusable(error.to_string().into()))?
            .with_name("piper-rs")
            .with_telemetry(false)
            // What goes wrong comes back as an error; nothing is printed.
            .with_logger(Arc::new(|_level, _category, _id, _location, _message| {}))
            .build()
            .map_err(|error| unusable(error.into()))?;
        raw::share_arena(&environment, most_memory()).map_err(|error| unusable(error.into()))?;
        Ok(Self {
            environment,
            path: path.to_owned(),
            version,
        })
    }

    /// Returns the file, or the name the system's loader was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how the library was built: commit and compiler flags.
    pub fn build(&self) -> &'static str {
        ort::info()
    }

    /// Returns the library's own version, `1.32.0`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// Opens the first of `candidates` that exists.
fn first<T>(candidates: &[PathBuf], open: impl Fn(&Path) -> Result<T>) -> Result<T> {
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
        library: NAME,
        searched: candidates.to_vec(),
    })
}

fn version_of(path: &Path) -> Result<String> {
    disable_telemetry();
    version(path).map_err(|error| unusable(path, error.into()))
}

fn unusable(path: &Path, source: Cause) -> Error {
    Error::LibraryUnusable {
        library: NAME,
        path: path.into(),
        source,
    }
}

/// Returns how many bytes graphs may take for values, all together: half of
/// what the machine has, where the system tells, which is on Linux; else 0.
///
/// A broken or hostile graph may ask for any amount, and would take the whole
/// machine down with it.
fn most_memory() -> usize {
    let told = std::fs::read_to_string("/proc/meminfo");
    told.ok().and_then(|told| half_of(&told)).unwrap_or(0)
}

fn half_of(meminfo: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    let kib: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024 / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphs_may_take_half_of_the_memory() {
        let told = "MemTotal:       24689332 kB\nMemFree:        20198760 kB\n";
        assert_eq!(half_of(told), Some(24_689_332 * 512));
        assert_eq!(half_of("MemFree: 1 kB"), None);
    }

    #[test]
    fn a_missing_library_names_every_place_searched() {
        let error = Runtime::find(&["/nowhere/libonnxruntime.so".into()]).unwrap_err();
        let message = error.to_string();
        assert_eq!(
            message,
            "ONNX Runtime was not found; looked in:\n  /nowhere/libonnxruntime.so"
        );
    }

    #[test]
    fn a_file_that_is_no_library_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Runtime::find(&[file.path().to_owned()]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot use ONNX Runtime at /"),
            "{error}"
        );
    }
}
