//! Calls of ONNX Runtime's C API that `ort` does not offer: the only unsafe code
//! of this module.
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

/// Disables ONNX Runtime's telemetry for this process.
///
/// From 1.29 on, Microsoft's Linux builds write a device id and a database
/// under the user's cache folder and open sockets as soon as an environment
/// exists. Only an environment variable that is set before the library is
/// loaded stops all of it. Call this first in `main`, while there is one thread;
/// [`Runtime::load`](super::Runtime::load) calls it too.
pub fn disable_telemetry() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: set once, before ONNX Runtime is loaded, so none of its
        // threads reads it meanwhile. Rust's own accesses are locked; the
        // docs tell callers to have no threads of C libraries running yet.
        unsafe { std::env::set_var("ORT_DISABLE_TELEMETRY", "1") };
    });
}

/// Returns the version of the library at `path`, which `ort` does not offer.
pub(super) fn version(path: &Path) -> Result<String, libloading::Error> {
    /// The head of `OrtApiBase`, stable since ONNX Runtime 1.0.
    #[repr(C)]
    struct ApiBase {
        get_api: unsafe extern "C" fn(u32) -> *const c_void,
        get_version_string: unsafe extern "C" fn() -> *const c_char,
    }
    // SAFETY: loading runs the library's initialisers, which the user
    // requests by naming this file. `OrtGetApiBase` has this signature in
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
        // `ort` opens it next. If it were closed in between, it would be loaded
        // and relocated twice.
        std::mem::forget(library);
        Ok(version)
    }
}

/// Makes all sessions of this environment share one memory arena. With an arena
/// each, every part of every voice would keep the most memory it ever needed.
///
/// A run that needs more than `max_bytes` fails; 0 means no limit.
pub(super) fn share_arena(environment: &Environment, max_bytes: usize) -> Result<(), ort::Error> {
    /// The arena grows by powers of two, so it seldom asks the system.
    const GROW_BY_POWERS: c_int = 0;
    /// The choice of ONNX Runtime.
    const DEFAULT: c_int = -1;
    let memory = MemoryInfo::new(
        AllocationDevice::CPU,
        0,
        AllocatorType::Arena,
        MemoryType::Default,
    )?;
    let api = ort::api();
    let mut config = ptr::null_mut();
    // SAFETY: the pointers come from live objects or from the call before. The
    // environment is `mut` only because C lacks `const` there: registering is locked, and no
    // session exists yet. ONNX Runtime copies the configuration.
    unsafe {
        let status = (api.CreateArenaCfg)(max_bytes, GROW_BY_POWERS, DEFAULT, DEFAULT, &mut config);
        ort::Error::result_from_status(status)?;
        let register = api.CreateAndRegisterAllocator;
        let status = register(environment.ptr().cast_mut(), memory.ptr(), config);
        (api.ReleaseArenaCfg)(config);
        ort::Error::result_from_status(status)
    }
}

/// An input of a model, in the caller's memory.
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

/// Runs a session that other threads may run at the same time. Returns the
/// outputs in the order of `output_names`.
///
/// `ort` requires exclusive access to the session. ONNX Runtime documents `Run`
/// as safe to call from many threads on one session, and its CPU provider, the
/// only one used here, is safe. With parallel runs on one session, several
/// texts use all cores.
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
    // and every array has the length that is passed with it. For a null result,
    // ONNX Runtime allocates that output. The session pointer is `mut` only
    // because the C API lacks `const`: `Run` is const in ONNX Runtime.
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
