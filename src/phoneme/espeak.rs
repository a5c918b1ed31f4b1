//! espeak-ng, the library that knows how words are pronounced.
//!
//! The system's library is opened at run time. espeak-ng keeps its whole state
//! in globals. Therefore one lock, shared by the whole process, is held from
//! the choice of the voice to the last clause of a text.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::espeak_api::{EspeakApi, SpokenClause};
use crate::Result;
use crate::error::SharedLibrary;
use crate::shared_library::unusable;
use crate::threads;

/// The files that every voice needs.
const DATA_FILES: [&str; 4] = ["phontab", "phonindex", "phondata", "intonations"];

/// Which espeak-ng to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EspeakOptions {
    /// The files to try, in order. The system's search path applies to a bare
    /// name.
    pub libraries: Vec<PathBuf>,
    /// The folder `espeak-ng-data`, or its parent folder. If `None`, the
    /// library decides.
    pub data_dir: Option<PathBuf>,
}

impl Default for EspeakOptions {
    fn default() -> Self {
        Self {
            libraries: library_names().iter().map(PathBuf::from).collect(),
            data_dir: None,
        }
    }
}

/// Returns the file names of espeak-ng in this system's packages.
pub fn library_names() -> &'static [&'static str] {
    if cfg!(target_os = "macos") {
        &["libespeak-ng.1.dylib", "libespeak-ng.dylib"]
    } else if cfg!(windows) {
        &["libespeak-ng.dll", "espeak-ng.dll"]
    } else {
        &["libespeak-ng.so.1", "libespeak-ng.so"]
    }
}

/// An open espeak-ng.
pub struct Espeak {
    api: EspeakApi,
    options: EspeakOptions,
    version: String,
    data_path: PathBuf,
}

/// The options of the last initialisation. The whole process shares the library's state.
static INITIALIZED: Mutex<Option<EspeakOptions>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<EspeakOptions>> {
    // A panic cannot interrupt a call into the C library.
    INITIALIZED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Espeak {
    /// Opens the first library that exists, and checks its data.
    ///
    /// Takes a few milliseconds. The library stays loaded until the process
    /// ends. It sets the process's `LC_CTYPE`.
    ///
    /// # Errors
    /// [`Error::LibraryNotFound`](crate::Error::LibraryNotFound) if no file
    /// exists, [`Error::LibraryUnusable`](crate::Error::LibraryUnusable) if the
    /// first one is not espeak-ng or has no data.
    pub fn open(options: &EspeakOptions) -> Result<Arc<Self>> {
        let mut initialized = lock();
        let (path, api) = EspeakApi::load(&options.libraries)?;
        let mut espeak = Self {
            api,
            options: options.clone(),
            version: String::new(),
            data_path: PathBuf::new(),
        };
        if initialized.as_ref() != Some(options) {
            // espeak-ng starts two, and ends the process if it gets none.
            threads::check(2)?;
            espeak
                .initialize(&mut initialized)
                .map_err(|reason| unusable(SharedLibrary::EspeakNg, &path, reason))?;
        }
        (espeak.version, espeak.data_path) = espeak.api.info();
        Ok(Arc::new(espeak))
    }

    /// Returns the library's version, such as `1.51`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the folder from which the library reads its data.
    pub fn data_path(&self) -> &Path {
        &self.data_path
    }

    /// Returns the language code of a voice: `en-us`, `de`.
    ///
    /// # Errors
    /// [`UnknownEspeakVoice`](crate::Error::UnknownEspeakVoice).
    pub(super) fn language(&self, voice: &str) -> Result<String> {
        let mut initialized = lock();
        self.select(&mut initialized, voice)?;
        let language = self.api.current_language();
        Ok(language.unwrap_or_else(|| voice.to_owned()))
    }

    /// Converts `text` to phonemes, clause by clause.
    ///
    /// `text` must not contain control characters other than white space: two
    /// of them are commands to espeak-ng.
    ///
    /// # Errors
    /// [`UnknownEspeakVoice`](crate::Error::UnknownEspeakVoice).
    pub(super) fn clauses(&self, voice: &str, text: &str) -> Result<Vec<SpokenClause>> {
        debug_assert!(!text.chars().any(|c| c.is_control() && !c.is_whitespace()));
        let mut initialized = lock();
        self.select(&mut initialized, voice)?;
        // Discard a look-ahead character that the last text may have left.
        self.api.clauses("");
        Ok(self.api.clauses(text))
    }

    /// Sets the library's data folder and voice to ours.
    fn select(&self, initialized: &mut Option<EspeakOptions>, voice: &str) -> Result<()> {
        if initialized.as_ref() != Some(&self.options) {
            self.initialize(initialized)
                .map_err(|reason| unusable(SharedLibrary::EspeakNg, &self.data_path, reason))?;
        }
        // Even if it is the current one: a word in another script, such as `Bह`, may have left
        // the phonemes of another voice behind. Takes 0.03 to 0.3 ms.
        self.api.set_voice(voice)
    }

    /// Initialises the library with our data folder.
    fn initialize(&self, initialized: &mut Option<EspeakOptions>) -> Result<(), String> {
        *initialized = None;
        if let Some(dir) = &self.options.data_dir {
            let nested = dir.join("espeak-ng-data");
            check_data(if nested.is_dir() { &nested } else { dir })?;
        }
        self.api.set_data_dir(self.options.data_dir.as_deref())?;
        let (_, data_path) = self.api.info();
        check_data(&data_path)?;
        self.api.initialize()?;
        *initialized = Some(self.options.clone());
        Ok(())
    }
}

impl std::fmt::Debug for Espeak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Espeak")
            .field("version", &self.version)
            .field("data_path", &self.data_path)
            .finish_non_exhaustive()
    }
}

/// Returns an error if a file that every voice needs is missing.
fn check_data(dir: &Path) -> Result<(), String> {
    match DATA_FILES.iter().find(|file| !dir.join(file).is_file()) {
        Some(file) => Err(format!(
            "its data is missing: there is no {} in {}",
            file,
            dir.display()
        )),
        None => Ok(()),
    }
}
