//! The C functions of espeak-ng: the only unsafe code for this library.
//!
//! The caller must hold the lock of `espeak.rs` during every call.
#![allow(unsafe_code)] // the C interface of espeak-ng; nothing else is here

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::ptr;

use libloading::Library;

use crate::error::SharedLibrary;
use crate::shared_library::{open_first, unusable};
use crate::{Error, Result};

const CHARS_UTF8: c_int = 1; // espeakCHARS_UTF8
const PHONEMES_IPA: c_int = 0x02; // espeakPHONEMES_IPA
/// espeak-ng copies a voice's name into 60 bytes.
const MAX_VOICE_NAME_BYTES: usize = 59;
/// More stack than espeak-ng needs for a clause.
const STACK_BYTES: usize = 64 * 1024;
/// Zero bytes after the text, because 1.51 may read a little past its end.
const PADDING_BYTES: usize = 16;

/// The functions of espeak-ng. They are valid as long as `_library`.
pub(super) struct EspeakApi {
    initialize_path: unsafe extern "C" fn(*const c_char),
    initialize: unsafe extern "C" fn(*mut *mut c_void) -> c_int,
    clear_error: unsafe extern "C" fn(*mut *mut c_void),
    status_message: unsafe extern "C" fn(c_int, *mut c_char, usize),
    info: unsafe extern "C" fn(*mut *const c_char) -> *const c_char,
    set_voice: unsafe extern "C" fn(*const c_char) -> c_int,
    set_voice_by_properties: unsafe extern "C" fn(*mut VoiceProperties) -> c_int,
    list_voices: unsafe extern "C" fn(*const VoiceProperties) -> *const *const VoiceHead,
    current_voice: unsafe extern "C" fn() -> *const VoiceHead,
    text_to_phonemes: unsafe extern "C" fn(*mut *const c_void, c_int, c_int) -> *const c_char,
    /// Never closed: the library starts a thread, which would lose its code.
    _library: ManuallyDrop<Library>,
}

/// The first members of `espeak_VOICE`, as the library returns it.
#[repr(C)]
struct VoiceHead {
    name: *const c_char,
    /// A priority byte, then a language code.
    languages: *const c_char,
}

/// `espeak_VOICE`, as the library takes it to look for a voice.
#[repr(C)]
struct VoiceProperties {
    name: *const c_char,
    /// A language code, without a priority byte.
    language: *const c_char,
    identifier: *const c_char,
    gender: u8,
    age: u8,
    variant: u8,
    reserved: u8,
    score: c_int,
    spare: *mut c_void,
}

/// A clause of espeak-ng.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpokenClause {
    /// IPA, with language flags such as `(en)`.
    pub(super) phonemes: String,
    /// How many bytes of the text espeak-ng has read after this clause,
    /// including look-ahead; `None` at the end of the text.
    pub(super) read_bytes: Option<usize>,
}

/// Copies a C string; `None` for a null pointer.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
unsafe fn owned(text: *const c_char) -> Option<String> {
    // SAFETY: guaranteed by the caller.
    (!text.is_null()).then(|| {
        unsafe { CStr::from_ptr(text) }
            .to_string_lossy()
            .into_owned()
    })
}

/// Writes zeros to the stack that the next call will use for its locals.
///
/// espeak-ng up to 1.51 reads some locals before it writes them. Zeros end its
/// strings and lists; the data of earlier calls may crash it.
#[inline(never)]
fn clear_stack() {
    std::hint::black_box(&mut [0_u8; STACK_BYTES]);
}

impl EspeakApi {
    /// Opens the first of `candidates` that exists; returns its path too.
    ///
    /// # Errors
    /// [`Error::LibraryNotFound`] if none exists,
    /// [`Error::LibraryUnusable`] if the first one
    /// is not a library or not espeak-ng.
    pub(super) fn load(candidates: &[PathBuf]) -> Result<(PathBuf, Self)> {
        open_first(SharedLibrary::EspeakNg, candidates, |path| {
            // SAFETY: opening a library runs its initialisers. espeak-ng has
            // none; the caller guarantees that the file is espeak-ng.
            let api = unsafe { Library::new(path) }.and_then(Self::find);
            let api = api.map_err(|error| unusable(SharedLibrary::EspeakNg, path, error))?;
            Ok((path.to_owned(), api))
        })
    }

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
                set_voice_by_properties: *library.get(b"espeak_SetVoiceByProperties\0")?,
                list_voices: *library.get(b"espeak_ListVoices\0")?,
                current_voice: *library.get(b"espeak_GetCurrentVoice\0")?,
                text_to_phonemes: *library.get(b"espeak_TextToPhonemes\0")?,
                _library: ManuallyDrop::new(library),
            })
        }
    }

    /// Sets the data folder; `None` for the library's default.
    pub(super) fn set_data_dir(&self, dir: Option<&Path>) -> Result<(), String> {
        let dir = dir
            .map(|dir| CString::new(dir.as_os_str().as_encoded_bytes()))
            .transpose()
            .map_err(|_| "the path of its data folder contains a NUL".to_owned())?;
        let dir = dir.as_ref().map_or(ptr::null(), |dir| dir.as_ptr());
        // SAFETY: null or a NUL-terminated string that outlives the call.
        unsafe { (self.initialize_path)(dir) };
        Ok(())
    }

    /// Initialises the library, without a sound device and without a message
    /// on standard error.
    pub(super) fn initialize(&self) -> Result<(), String> {
        let mut context = ptr::null_mut();
        // SAFETY: `context` is a null error context, which the library fills.
        let status = unsafe { (self.initialize)(&raw mut context) };
        // SAFETY: frees what the call above may have allocated.
        unsafe { (self.clear_error)(&raw mut context) };
        if status != 0 {
            return Err(self.message(status));
        }
        // Its audio output is not initialised: phonemes do not need it, and it
        // reads the sound server's settings.
        Ok(())
    }

    fn message(&self, status: c_int) -> String {
        let mut buffer = [0; 512];
        // SAFETY: the library writes at most the given number of bytes.
        unsafe { (self.status_message)(status, buffer.as_mut_ptr(), buffer.len()) };
        // SAFETY: the text ends with a NUL; the rest is zero.
        unsafe { owned(buffer.as_ptr()) }.unwrap_or_default()
    }

    /// Returns the version and the data folder.
    pub(super) fn info(&self) -> (String, PathBuf) {
        let mut path = ptr::null();
        // SAFETY: both strings are static, in the library.
        let (version, path) = unsafe {
            let version = (self.info)(&raw mut path);
            (owned(version), owned(path))
        };
        let version = version.unwrap_or_default();
        // The string may have more words, as in "1.52.0  Data at: …".
        let number = version.split_whitespace().next().unwrap_or_default();
        (number.to_owned(), path.unwrap_or_default().into())
    }

    /// Sets the current voice by its name or language, as `espeak-ng -v` does.
    ///
    /// # Errors
    /// [`Error::UnknownEspeakVoice`].
    pub(super) fn set_voice(&self, voice: &str) -> Result<()> {
        let unknown = || Error::UnknownEspeakVoice {
            name: voice.to_owned(),
            known: self.languages(),
        };
        // A name is also a path below the data folder; it must stay below.
        if voice.is_empty() || voice.len() > MAX_VOICE_NAME_BYTES || voice.contains("..") {
            return Err(unknown());
        }
        let name = CString::new(voice).map_err(|_| unknown())?;
        // SAFETY: a NUL-terminated string; the library is initialised.
        if unsafe { (self.set_voice)(name.as_ptr()) } == 0 {
            return Ok(());
        }
        let mut properties = VoiceProperties {
            name: ptr::null(),
            language: name.as_ptr(),
            identifier: ptr::null(),
            gender: 0,
            age: 0,
            variant: 0,
            reserved: 0,
            score: 0,
            spare: ptr::null_mut(),
        };
        // SAFETY: the structure has the library's layout. It and its string
        // outlive the call; the library copies what it keeps.
        match unsafe { (self.set_voice_by_properties)(&raw mut properties) } {
            0 => Ok(()),
            _ => Err(unknown()),
        }
    }

    /// Returns the language codes of all voices.
    fn languages(&self) -> Vec<String> {
        let mut languages = Vec::new();
        // SAFETY: the library returns a list that ends with a null pointer and
        // is valid until the next call; for `languages` see `current_language`.
        unsafe {
            let mut next = (self.list_voices)(ptr::null());
            while let Some(voice) = next.as_ref().and_then(|voice| voice.as_ref()) {
                if !voice.languages.is_null() && *voice.languages != 0 {
                    languages.extend(owned(voice.languages.add(1)));
                }
                next = next.add(1);
            }
        }
        languages
    }

    /// Returns the language code of the current voice.
    pub(super) fn current_language(&self) -> Option<String> {
        // SAFETY: the library returns null or its current voice, which does not
        // change while the lock is held. `languages` starts with a priority
        // byte, never NUL in a loaded voice; an empty list is excluded first.
        unsafe {
            let voice = (self.current_voice)().as_ref()?;
            if voice.languages.is_null() || *voice.languages == 0 {
                return None;
            }
            owned(voice.languages.add(1)).filter(|code| !code.is_empty())
        }
    }

    /// Converts a text to phonemes, clause by clause.
    pub(super) fn clauses(&self, text: &str) -> Vec<SpokenClause> {
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
                // Never outside the text, and always forward.
                .filter(|&read| read <= text.len() && read > before);
            clauses.push(SpokenClause {
                phonemes: phonemes.unwrap_or_default(),
                read_bytes,
            });
        }
        clauses
    }
}
