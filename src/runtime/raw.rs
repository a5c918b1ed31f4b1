//! What `ort` does not offer, asked of ONNX Runtime itself: the only unsafe
//! code of this door.
#![allow(unsafe_code)] // each block says why it is sound

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Once;

use ort::AsPointer as _;
use ort::environment::Environment;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::session::RunOptions;
use ort::value::{DynValue, TensorRef};

/// Forbids ONNX Runtime its telemetry, for this process.
///
/// From 1.29 on, Microsoft's Linux builds write a device id and a database
/// under the user's cache folder and open sockets as soon as an environment
/// exists. This variable, set before the library is loaded, is the only
/// switch that stops all of it. Call it first thing in `main`, while there is
/// one thread; [`Runtime::load`](super::Runtime::load) calls it too.
pub fn disable_telemetry() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: set once, before ONNX Runtime is loaded, so none of its
        // threads reads it meanwhile. Rust's own accesses are locked; the
        // callers are told to have no C library's threads running yet.
        unsafe { std::env::set_var("ORT_DISABLE_TELEMETRY", "1") };
    });
}

/// Asks the library at `path` for its version, which `ort` does not tell.
pub(super) fn version(path: &Path) -> Result<String, libloading::Error> {
    /// The head of `OrtApiBase`, stable since ONNX Runtime 1.0.
    #[repr(C)]
    struct ApiBase {
        get_api: unsafe extern "C" fn(u32) -> *const c_void,
        get_version_string: unsafe extern "C" fn() -> *const c_char,
    }
    // SAFETY: loading runs the library's initialisers, which is what a user
    // who names this file asks for. `OrtGetApiBase` has this signature in
    // every release; it returns a static table or null, and the version is a
    // static, NUL-terminated string.
    unsafe {
        let library = libloading::Library::new(path)?;
        let base =
            library.get::<unsafe extern "C" fn() -> *const ApiBase>(b"OrtGetApiBase\0")?().as_ref();
        let version = base.map(|base| (base.get_version_string)());
        let version = match version {
            Some(text) if !text.is_null() => CStr::from_ptr(text).to_string_lossy().into_owned(),
            _ => "unknown".to_owned(),
        };
        // `ort` opens it next; closed meanwhile, all of it would be loaded and
        // relocated once more.
        std::mem::forget(library);
        Ok(version)
    }
}

/// Gives all sessions of this environment one arena to take their memory
/// from. With one each, every part of every voice would keep the most that it
/// ever needed.
///
/// A graph that asks for more than `max_bytes` fails; 0 is no bound.
pub(super) fn share_arena(environment: &Environment, max_bytes: usize) -> Result<(), ort::Error> {
    /// An arena grows by powers of two: it asks the system seldom.
    const GROW_BY_POWERS: c_int = 0;
    /// ONNX Runtime chooses.
    const ITS_OWN: c_int = -1;
    let memory = MemoryInfo::new(
        AllocationDevice::CPU,
        0,
        AllocatorType::Arena,
        MemoryType::Default,
    )?;
    let api = ort::api();
    let mut config = ptr::null_mut();
    // SAFETY: the pointers come from live objects or from the call before. The
    // environment is mutable by C's habit only: registering is locked, and no
    // session exists yet. ONNX Runtime copies the configuration.
    unsafe {
        let made = (api.CreateArenaCfg)(max_bytes, GROW_BY_POWERS, ITS_OWN, ITS_OWN, &mut config);
        ort::Error::result_from_status(made)?;
        let register = api.CreateAndRegisterAllocator;
        let status = register(environment.ptr().cast_mut(), memory.ptr(), config);
        (api.ReleaseArenaCfg)(config);
        ort::Error::result_from_status(status)
    }
}

/// A graph's input: the caller's own memory.
pub(super) enum Input<'a> {
    Ints(TensorRef<'a, i64>),
    Floats(TensorRef<'a, f32>),
}

impl<'a> From<TensorRef<'a, i64>> for Input<'a> {
    fn from(tensor: TensorRef<'a, i64>) -> Self {
        Self::Ints(tensor)
    }
}

impl<'a> From<TensorRef<'a, f32>> for Input<'a> {
    fn from(tensor: TensorRef<'a, f32>) -> Self {
        Self::Floats(tensor)
    }
}

impl Input<'_> {
    fn ptr(&self) -> *const ort::sys::OrtValue {
        match self {
            Self::Ints(tensor) => tensor.ptr(),
            Self::Floats(tensor) => tensor.ptr(),
        }
    }
}

/// Runs a graph that other threads may be running too; returns its outputs in
/// the order of `output_names`.
///
/// `ort` wants a session to itself for a run. ONNX Runtime documents `Run` as
/// safe to call from many threads on one session, and keeps it so for its own
/// CPU provider, the only one this program uses; two runs at once on one
/// session are what makes several texts as fast as there are cores.
pub(super) fn run(
    session: &ort::session::Session,
    inputs: &[(&CStr, Input<'_>)],
    output_names: &[CString],
    options: &RunOptions,
) -> Result<Vec<DynValue>, ort::Error> {
    let names: Vec<_> = inputs.iter().map(|(name, _)| name.as_ptr()).collect();
    let values: Vec<_> = inputs.iter().map(|(_, value)| value.ptr()).collect();
    let outputs: Vec<_> = output_names.iter().map(|name| name.as_ptr()).collect();
    let mut results = vec![ptr::null_mut(); outputs.len()];
    // SAFETY: every pointer comes from a live object that outlives the call,
    // and every array has the length that is passed beside it. A null result
    // asks ONNX Runtime to allocate that output. The session pointer is
    // mutable by C's habit only: `Run` is const in ONNX Runtime.
    unsafe {
        let status = (ort::api().Run)(
            session.ptr().cast_mut(),
            options.ptr(),
            names.as_ptr(),
            values.as_ptr(),
            values.len(),
            outputs.as_ptr(),
            outputs.len(),
            results.as_mut_ptr(),
        );
        ort::Error::result_from_status(status)?;
    }
    let allocator = session.allocator();
    // SAFETY: after success each result is a value that we own, made by this
    // session's allocator. It is dropped before the session: callers borrow.
    let own = |value| unsafe { DynValue::from_ptr(value, Some(allocator)) };
    Ok(results
        .into_iter()
        .filter_map(NonNull::new)
        .map(own)
        .collect())
}
