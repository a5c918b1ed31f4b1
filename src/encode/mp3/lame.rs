//! LAME, the MP3 encoder: a C library that is opened at run time.
#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libloading::Library;

use crate::audio::SampleRate;
use crate::encode::{Bitrate, Medium};
use crate::error::SharedLibrary;
use crate::shared_library::{open_first, unusable};
use crate::{Error, Result};

/// The names that systems and package managers give the library.
const CANDIDATES: [&str; 6] = [
    "libmp3lame.so.0",
    "libmp3lame.dylib",
    "/opt/homebrew/lib/libmp3lame.dylib",
    "/usr/local/lib/libmp3lame.dylib",
    "libmp3lame.dll",
    "libmp3lame-0.dll",
];

/// LAME's constant for one channel, `MONO` of `MPEG_mode`.
const MONO: c_int = 3;
/// LAME's constants for the kinds of bit rates, of `vbr_mode`.
const VBR_ABR: c_int = 3;
const VBR_MTRH: c_int = 4;
/// Of 0 (best) to 9. About 50 kbit/s for speech at 22 050 Hz.
const VBR_QUALITY: f32 = 4.0;

/// What LAME's manual wants as the size of the buffer, for a number of samples.
const fn buffer_bytes(samples: usize) -> usize {
    samples + samples / 4 + 7200
}

/// Declares the functions, which are looked up once by their names.
macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        #[allow(non_snake_case, reason = "the names of the library")]
        struct Functions {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Functions {
            fn find(library: &Library) -> Result<Self, libloading::Error> {
                // SAFETY: the types are those of lame.h of LAME 3.98 and newer, whose
                // interface has not changed since 2008.
                unsafe {
                    Ok(Self {
                        $($name: *library.get(concat!(stringify!($name), "\0").as_bytes())?,)*
                    })
                }
            }
        }
    };
}

functions! {
    get_lame_version: fn() -> *const c_char;
    lame_init: fn() -> *mut c_void;
    lame_close: fn(*mut c_void) -> c_int;
    lame_set_errorf: fn(*mut c_void, *const c_void) -> c_int;
    lame_set_debugf: fn(*mut c_void, *const c_void) -> c_int;
    lame_set_msgf: fn(*mut c_void, *const c_void) -> c_int;
    lame_set_in_samplerate: fn(*mut c_void, c_int) -> c_int;
    lame_set_out_samplerate: fn(*mut c_void, c_int) -> c_int;
    lame_set_num_channels: fn(*mut c_void, c_int) -> c_int;
    lame_set_mode: fn(*mut c_void, c_int) -> c_int;
    lame_set_VBR: fn(*mut c_void, c_int) -> c_int;
    lame_set_VBR_quality: fn(*mut c_void, f32) -> c_int;
    lame_set_VBR_mean_bitrate_kbps: fn(*mut c_void, c_int) -> c_int;
    lame_set_bWriteVbrTag: fn(*mut c_void, c_int) -> c_int;
    lame_set_write_id3tag_automatic: fn(*mut c_void, c_int);
    lame_init_params: fn(*mut c_void) -> c_int;
    lame_encode_buffer_ieee_float: fn(*mut c_void, *const f32, *const f32, c_int, *mut u8, c_int) -> c_int;
    lame_encode_flush: fn(*mut c_void, *mut u8, c_int) -> c_int;
    lame_get_lametag_frame: fn(*const c_void, *mut u8, usize) -> usize;
}

/// The open library.
pub(super) struct Lame {
    functions: Functions,
    path: PathBuf,
    /// Keeps the functions valid. Last, so that it is closed last.
    _library: Library,
}

impl Lame {
    /// Returns the library. The first call opens it; after an error, the next call
    /// tries again.
    pub(super) fn get() -> Result<&'static Self> {
        static LAME: OnceLock<Lame> = OnceLock::new();
        match LAME.get() {
            Some(lame) => Ok(lame),
            None => {
                let candidates = CANDIDATES.map(PathBuf::from);
                let opened = open_first(SharedLibrary::Lame, &candidates, Self::open)?;
                Ok(LAME.get_or_init(|| opened))
            }
        }
    }

    fn open(path: &Path) -> Result<Self> {
        let unusable = |error| unusable(SharedLibrary::Lame, path, error);
        // SAFETY: LAME's initialisation does nothing but set up tables.
        let library = unsafe { Library::new(path) }.map_err(unusable)?;
        Ok(Self {
            functions: Functions::find(&library).map_err(unusable)?,
            path: path.to_owned(),
            _library: library,
        })
    }

    /// Returns the name that it was found by, and its version.
    pub(super) fn describe(&self) -> (&Path, String) {
        // SAFETY: returns a string of the library, which is never closed.
        let version = unsafe { CStr::from_ptr((self.functions.get_lame_version)()) };
        (&self.path, version.to_string_lossy().into_owned())
    }
}

/// A running encoder.
pub(super) struct LameEncoder {
    lame: &'static Lame,
    /// Never null, and closed once, on drop.
    state: *mut c_void,
}

// SAFETY: the state is on the heap and belongs to this value alone; LAME keeps
// nothing per thread.
unsafe impl Send for LameEncoder {}

/// LAME refused something: its error code.
#[derive(Debug, thiserror::Error)]
#[error("LAME failed with code {0}")]
pub(super) struct LameError(c_int);

impl LameEncoder {
    pub(super) fn new(
        rate: SampleRate,
        bitrate: Option<Bitrate>,
        medium: Medium,
    ) -> Result<Self, Error> {
        let lame = Lame::get()?;
        let refused = |code| unusable(SharedLibrary::Lame, &lame.path, LameError(code));
        let functions = &lame.functions;
        // SAFETY: `lame_init` has no preconditions.
        let state = unsafe { (functions.lame_init)() };
        if state.is_null() {
            return Err(refused(-10)); // LAME_NOMEM
        }
        let encoder = Self { lame, state };
        let rate = rate.get() as c_int;
        let has_length = c_int::from(medium == Medium::File);
        // SAFETY: the state is valid, and parameters are set before
        // `lame_init_params`. A null function keeps LAME silent.
        let code = unsafe {
            (functions.lame_set_errorf)(state, std::ptr::null());
            (functions.lame_set_debugf)(state, std::ptr::null());
            (functions.lame_set_msgf)(state, std::ptr::null());
            (functions.lame_set_in_samplerate)(state, rate);
            (functions.lame_set_out_samplerate)(state, rate);
            (functions.lame_set_num_channels)(state, 1);
            (functions.lame_set_mode)(state, MONO);
            match bitrate {
                Some(bitrate) => {
                    (functions.lame_set_VBR)(state, VBR_ABR);
                    (functions.lame_set_VBR_mean_bitrate_kbps)(state, bitrate.kbps() as c_int);
                }
                None => {
                    (functions.lame_set_VBR)(state, VBR_MTRH);
                    (functions.lame_set_VBR_quality)(state, VBR_QUALITY);
                }
            }
            (functions.lame_set_bWriteVbrTag)(state, has_length);
            (functions.lame_set_write_id3tag_automatic)(state, 0);
            (functions.lame_init_params)(state)
        };
        match code {
            0.. => Ok(encoder),
            code => Err(refused(code)),
        }
    }

    /// Encodes samples and appends the frames that are complete.
    pub(super) fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<(), LameError> {
        let start = bytes.len();
        bytes.resize(start + buffer_bytes(samples.len()), 0);
        let room = &mut bytes[start..];
        let (n_samples, n_room) = (samples.len() as c_int, room.len() as c_int);
        // SAFETY: both pointers are valid for the lengths given; the second channel is
        // not read for mono.
        let written = unsafe {
            (self.lame.functions.lame_encode_buffer_ieee_float)(
                self.state,
                samples.as_ptr(),
                samples.as_ptr(),
                n_samples,
                room.as_mut_ptr(),
                n_room,
            )
        };
        keep(bytes, start, written)
    }

    /// Appends the last frames.
    pub(super) fn flush(&mut self, bytes: &mut Vec<u8>) -> Result<(), LameError> {
        let start = bytes.len();
        bytes.resize(start + buffer_bytes(0), 0);
        let room = &mut bytes[start..];
        // SAFETY: the pointer is valid for the length given.
        let written = unsafe {
            (self.lame.functions.lame_encode_flush)(
                self.state,
                room.as_mut_ptr(),
                room.len() as c_int,
            )
        };
        keep(bytes, start, written)
    }

    /// Returns the first frame of a flushed file, which says how long it is.
    pub(super) fn length_frame(&self) -> Vec<u8> {
        let mut frame = vec![0; buffer_bytes(0)];
        // SAFETY: the pointer is valid for the length given; LAME writes nothing if
        // the frame is longer.
        let length = unsafe {
            (self.lame.functions.lame_get_lametag_frame)(
                self.state,
                frame.as_mut_ptr(),
                frame.len(),
            )
        };
        if length > frame.len() {
            return Vec::new();
        }
        frame.truncate(length);
        frame
    }
}

impl Drop for LameEncoder {
    fn drop(&mut self) {
        // SAFETY: the state is valid and not used afterwards.
        unsafe { (self.lame.functions.lame_close)(self.state) };
    }
}

/// Keeps what was written after `start`; nothing after an error, a negative number.
fn keep(bytes: &mut Vec<u8>, start: usize, written: c_int) -> Result<(), LameError> {
    let length = usize::try_from(written);
    bytes.truncate(start + *length.as_ref().unwrap_or(&0));
    length.map(drop).map_err(|_| LameError(written))
}
