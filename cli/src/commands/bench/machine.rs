//! The machine and the versions that a voice was measured with.

use serde::Serialize;

use crate::speech::cores::cores;
use crate::speech::libraries::Libraries;
use crate::system::processor_name;

/// The machine that was measured.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    /// The name of the processor. `None` if the system does not report it.
    pub(super) cpu: Option<String>,
    /// Number of cores that this process may use.
    pub(super) cores: usize,
    pub(super) os: &'static str,
    pub(super) arch: &'static str,
}

/// The versions of everything that affects speed.
#[derive(Debug, Serialize)]
pub(super) struct Versions {
    pub(super) piper_rs: &'static str,
    pub(super) onnxruntime: String,
    /// `None` if espeak-ng is not installed: some voices need none.
    pub(super) espeak: Option<String>,
}

impl Machine {
    pub(super) fn this() -> Self {
        Self {
            cpu: processor_name(),
            cores: cores(),
            os: std::env::consts::OS,
            arch: std::env::consts::ARCH,
        }
    }
}

impl Versions {
    pub(super) fn of(libraries: &Libraries) -> piper_rs::Result<Self> {
        let espeak = libraries.espeak().ok();
        Ok(Self {
            piper_rs: env!("CARGO_PKG_VERSION"),
            onnxruntime: libraries.runtime()?.version().to_owned(),
            espeak: espeak.map(|espeak| espeak.version().to_owned()),
        })
    }
}
