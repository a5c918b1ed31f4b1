//! The door to espeak-ng, the library that knows how words are pronounced.
//!
//! The system's library is opened at run time. espeak-ng keeps all of its
//! state in globals, so one lock, shared by the whole process, is held from
//! choosing the voice to the last clause of a text.
#![allow(unsafe_code)] // the C interface of espeak-ng; nothing else lives here

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use libloading::Library;

use crate::{Error, Result};

/// What people call the library.
const NAME: &str = "espeak-ng";
/// The files without which no voice can be loaded.
const DATA_FILES: [&str; 4] = ["phontab", "phonindex", "phondata", "intonations"];

const CHARS_UTF8: c_int = 1; // espeakCHARS_UTF8
const PHONEMES_IPA: c_int = 0x02; // espeakPHONEMES_IPA
/// espeak-ng copies a voice's name into 60 bytes.
const MAX_VOICE_NAME_BYTES: usize = 59;
/// More stack than one of its clauses takes.
const STACK_BYTES: usize = 64 * 1024;
/// Zero bytes after the text: 1.51 may look a little past its end.
const PADDING_BYTES: usize = 16;

/// Which espeak-ng to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EspeakOptions {
    /// The files to try, in order. A bare name is looked for as the system
    /// looks for any shared library.
    pub libraries: Vec<PathBuf>,
    /// The folder `espeak-ng-data`, or the one that holds it. `None` leaves
    /// the choice to the library.
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

/// Returns the names under which this system's packages install espeak-ng.
pub fn library_names() -> &'static [&'static str] {
    if cfg!(target_os = "macos") {
        &["libespeak-ng.1.dylib", "libespeak-ng.dylib"]
    } else if cfg!(windows) {
        &["libespeak-ng.dll", "espeak-ng.dll"]
    } else {
        &["libespeak-ng.so.1", "libespeak-ng.so"]
    }
}

/// An open espeak-ng, ready to be asked.
pub struct Espeak {
    calls: Calls,
    options: EspeakOptions,
    version: String,
    data_path: PathBuf,
}

/// What espeak-ng made of one of its clauses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpokenClause {
    /// IPA, with language flags such as `(en)`.
    pub(super) phonemes: String,
    /// How many bytes of the text had been read when the clause was done,
    /// look-ahead included; `None` at the end of the text.
    pub(super) read_bytes: Option<usize>,
}

/// The functions that are called. Stay valid as long as `_library`.
struct Calls {
    initialize_path: unsafe extern "C" fn(*const c_char),
    initialize: unsafe extern "C" fn(*mut *mut c_void) -> c_int,
    clear_error: unsafe extern "C" fn(*mut *mut c_void),
    status_message: unsafe extern "C" fn(c_int, *mut c_char, usize),
    info: unsafe extern "C" fn(*mut *const c_char) -> *const c_char,
    set_voice: unsafe extern "C" fn(*const c_char) -> c_int,
    current_voice: unsafe extern "C" fn() -> *const VoiceHead,
    text_to_phonemes: unsafe extern "C" fn(*mut *const c_void, c_int, c_int) -> *const c_char,
    /// Never closed: the library starts a thread of its own, which would be
    /// left without code.
    _library: ManuallyDrop<Library>,
}

/// The first members of `espeak_VOICE`; we never make one.
#[repr(C)]
struct VoiceHead {
    name: *const c_char,
    /// A priority byte, then a language code.
    languages: *const c_char,
}

/// The state of the library, which is the process's.
struct Global {
    /// How it was initialised last.
    options: Option<EspeakOptions>,
    /// The voice that is set.
    voice: Option<String>,
}

static GLOBAL: Mutex<Global> = Mutex::new(Global {
    options: None,
    voice: None,
});

fn global() -> MutexGuard<'static, Global> {
    // A panic cannot leave the C side half way through a call.
    GLOBAL.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Espeak {
    /// Opens the first of the libraries that is there, and checks its data.
    ///
    /// Costs a few milliseconds. The library stays loaded until the process
    /// ends. It sets the process's `LC_CTYPE`, as it always does.
    ///
    /// # Errors
    /// [`Error::LibraryNotFound`] when no file can be opened,
    /// [`Error::LibraryUnusable`] when it is no espeak-ng or has no data.
    pub fn open(options: &EspeakOptions) -> Result<Arc<Self>> {
        let mut global = global();
        let (path, library) = load(&options.libraries)?;
        let unusable = |source| Error::LibraryUnusable {
            library: NAME,
            path: path.clone(),
            source,
        };
        let calls = Calls::find(library).map_err(|error| unusable(error.into()))?;
        let mut espeak = Self {
            calls,
            options: options.clone(),
            version: String::new(),
            data_path: PathBuf::new(),
        };
        if global.options.as_ref() != Some(options) {
            espeak
                .start(&mut global)
                .map_err(|reason| unusable(reason.into()))?;
        }
        (espeak.version, espeak.data_path) = espeak.calls.info();
        Ok(Arc::new(espeak))
    }

    /// Returns the library's own version, such as `1.51`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the folder the library reads its data from.
    pub fn data_path(&self) -> &Path {
        &self.data_path
    }

    /// Returns the language code of a voice: `en-us`, `de`.
    ///
    /// # Errors
    /// [`Error::UnknownEspeakVoice`].
    pub(super) fn language(&self, voice: &str) -> Result<String> {
        let mut global = global();
        self.select(&mut global, voice)?;
        Ok(self
            .calls
            .current_language()
            .unwrap_or_else(|| voice.to_owned()))
    }

    /// Reads `text` clause by clause.
    ///
    /// `text` must be free of control characters other than white space: two
    /// of them are commands to espeak-ng.
    ///
    /// # Errors
    /// [`Error::UnknownEspeakVoice`].
    pub(super) fn speak(&self, voice: &str, text: &str) -> Result<Vec<SpokenClause>> {
        debug_assert!(!text.chars().any(|c| c.is_control() && !c.is_whitespace()));
        let mut global = global();
        self.select(&mut global, voice)?;
        // One character of look-ahead may be left over from the last text.
        self.calls.clauses("");
        Ok(self.calls.clauses(text))
    }

    /// Makes the library ours, with that voice.
    fn select(&self, global: &mut Global, voice: &str) -> Result<()> {
        if global.options.as_ref() != Some(&self.options) {
            self.start(global)
                .map_err(|reason| Error::LibraryUnusable {
                    library: NAME,
                    path: self.data_path.clone(),
                    source: reason.into(),
                })?;
        }
        if global.voice.as_deref() != Some(voice) {
            global.voice = None;
            self.calls.set_voice(voice)?;
            global.voice = Some(voice.to_owned());
        }
        Ok(())
    }

    /// Initialises the library with our data folder.
    fn start(&self, global: &mut Global) -> Result<(), String> {
        global.options = None;
        global.voice = None;
        if let Some(dir) = &self.options.data_dir {
            let nested = dir.join("espeak-ng-data");
            check_data(if nested.is_dir() { &nested } else { dir })?;
        }
        self.calls.start(self.options.data_dir.as_deref())?;
        global.options = Some(self.options.clone());
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

/// Opens the first library that is there.
fn load(candidates: &[PathBuf]) -> Result<(PathBuf, Library)> {
    let mut broken = None;
    for path in candidates {
        // SAFETY: opening a library runs its initialisers. espeak-ng has none
        // of its own; that the file is espeak-ng is the caller's word.
        match unsafe { Library::new(path) } {
            Ok(library) => return Ok((path.clone(), library)),
            // A file that is there and does not load deserves its own words.
            Err(error) if path.is_file() => broken = broken.or(Some((path.clone(), error))),
            Err(_) => {}
        }
    }
    Err(match broken {
        Some((path, error)) => Error::LibraryUnusable {
            library: NAME,
            path,
            source: error.into(),
        },
        None => Error::LibraryNotFound {
            library: NAME,
            searched: candidates.to_vec(),
        },
    })
}

/// Refuses a folder from which no voice could be loaded.
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

/// Copies a C string; nothing for a null pointer.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
unsafe fn owned(text: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    (!text.is_null()).then(|| {
        unsafe { CStr::from_ptr(text) }
            .to_string_lossy()
            .into_owned()
    })
}

/// Writes zeros where the next call will have its locals.
///
/// espeak-ng up to 1.51 reads some of them before it writes them. Zeros end
/// its strings and its lists; what an earlier call left there may crash it.
#[inline(never)]
fn clear_stack() {
    std::hint::black_box(&mut [0_u8; STACK_BYTES]);
}

impl Calls {
    fn find(library: Library) -> Result<Self, libloading::Error> {
        // SAFETY: the signatures are those of speak_lib.h and espeak_ng.h,
        // unchanged from 1.50 to 1.53.
        unsafe {
            Ok(Self {
                initialize_path: *library.get(b"espeak_ng_InitializePath\0")?,
                initialize: *library.get(b"espeak_ng_Initialize\0")?,
                clear_error: *library.get(b"espeak_ng_ClearErrorContext\0")?,
                status_message: *library.get(b"espeak_ng_GetStatusCodeMessage\0")?,
                info: *library.get(b"espeak_Info\0")?,
                set_voice: *library.get(b"espeak_SetVoiceByName\0")?,
                current_voice: *library.get(b"espeak_GetCurrentVoice\0")?,
                text_to_phonemes: *library.get(b"espeak_TextToPhonemes\0")?,
                _library: ManuallyDrop::new(library),
            })
        }
    }

    /// Initialises without a sound device or a word on standard error.
    fn start(&self, data_dir: Option<&Path>) -> Result<(), String> {
        let dir = data_dir
            .map(|dir| CString::new(dir.as_os_str().as_encoded_bytes()))
            .transpose()
            .map_err(|_| "its data folder has a NUL in its name".to_owned())?;
        let dir = dir.as_ref().map_or(ptr::null(), |dir| dir.as_ptr());
        // SAFETY: null or a NUL-terminated string that outlives the call.
        unsafe { (self.initialize_path)(dir) };
        check_data(&self.info().1)?;

        let mut context = ptr::null_mut();
        // SAFETY: `context` is a null error context, which the library fills.
        let status = unsafe { (self.initialize)(&raw mut context) };
        // SAFETY: frees what the call above may have put there.
        unsafe { (self.clear_error)(&raw mut context) };
        if status != 0 {
            return Err(self.message(status));
        }
        // Its output is left alone: phonemes need none, and preparing it
        // reads the sound server's settings.
        Ok(())
    }

    fn message(&self, status: c_int) -> String {
        let mut buffer = [0; 512];
        // SAFETY: the library writes at most the bytes it is told of.
        unsafe { (self.status_message)(status, buffer.as_mut_ptr(), buffer.len()) };
        // SAFETY: it ends what it writes with a NUL; the rest is zero.
        unsafe { owned(buffer.as_ptr()) }.unwrap_or_default()
    }

    /// Returns version and data path.
    fn info(&self) -> (String, PathBuf) {
        let mut path = ptr::null();
        // SAFETY: both strings are static, in the library.
        let (version, path) = unsafe {
            let version = (self.info)(&raw mut path);
            (owned(version), owned(path))
        };
        let version = version.unwrap_or_default();
        // Newer versions say "1.52.0  Data at: …" in other calls; keep a word.
        let number = version.split_whitespace().next().unwrap_or_default();
        (number.to_owned(), path.unwrap_or_default().into())
    }

    fn set_voice(&self, voice: &str) -> Result<()> {
        let unknown = || Error::UnknownEspeakVoice {
            name: voice.to_owned(),
        };
        // A name is also a path below the data folder; it stays below.
        if voice.is_empty() || voice.len() > MAX_VOICE_NAME_BYTES || voice.contains("..") {
            return Err(unknown());
        }
        let name = CString::new(voice).map_err(|_| unknown())?;
        // SAFETY: a NUL-terminated string; the library is initialised.
        match unsafe { (self.set_voice)(name.as_ptr()) } {
            0 => Ok(()),
            _ => Err(unknown()),
        }
    }

    fn current_language(&self) -> Option<String> {
        // SAFETY: the library returns null or its current voice, which stays
        // as it is while the lock is held. `languages` starts with a priority
        // byte, never NUL in a loaded voice; an empty list is caught first.
        unsafe {
            let voice = (self.current_voice)().as_ref()?;
            if voice.languages.is_null() || *voice.languages == 0 {
                return None;
            }
            owned(voice.languages.add(1)).filter(|code| !code.is_empty())
        }
    }

    fn clauses(&self, text: &str) -> Vec<SpokenClause> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.extend([0; PADDING_BYTES]);
        let start = bytes.as_ptr().cast::<c_void>();
        let mut next = start;
        let mut clauses = Vec::new();
        let mut read_bytes = Some(0);
        while let Some(before) = read_bytes {
            clear_stack();
            // SAFETY: `next` points into `bytes`, at or before the first NUL.
            // The result is null or a string that is valid until the next call.
            let phonemes = unsafe {
                owned((self.text_to_phonemes)(
                    &raw mut next,
                    CHARS_UTF8,
                    PHONEMES_IPA,
                ))
            };
            read_bytes = (!next.is_null())
                .then(|| (next as usize).saturating_sub(start as usize))
                // Neither out of the text nor for ever on the same spot.
                .filter(|&read| read <= text.len() && read > before);
            clauses.push(SpokenClause {
                phonemes: phonemes.unwrap_or_default(),
                read_bytes,
            });
        }
        clauses
    }
}
