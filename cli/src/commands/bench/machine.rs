//! Where it was measured, and with what.

use serde::Serialize;

use crate::speech::engine::{Libraries, cores};

/// The machine.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    /// The processor's name, where the system tells: on Linux.
    pub(super) cpu: Option<String>,
    /// Cores this process may use.
    pub(super) cores: usize,
    pub(super) os: &'static str,
    pub(super) arch: &'static str,
}

/// The versions of everything that decides how fast it is.
#[derive(Debug, Serialize)]
pub(super) struct Versions {
    pub(super) piper_rs: &'static str,
    pub(super) onnxruntime: String,
    /// None where the voice reads letters and espeak-ng is not to be had.
    pub(super) espeak: Option<String>,
}

impl Machine {
    pub(super) fn this() -> Self {
        let cpu_info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self {
            cpu: cpu_name(&cpu_info),
            cores: cores(),
            os: std::env::consts::OS,
            arch: std::env::consts::ARCH,
        }
    }
}

fn cpu_name(cpu_info: &str) -> Option<String> {
    let line = cpu_info.lines().find(|line| line.starts_with("model name"));
    line?
        .split_once(':')
        .map(|(_, name)| name.trim().to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_where_it_says_so() {
        let cpu_info = "processor\t: 0\nmodel name\t: Some CPU @ 3: GHz\n";
        assert_eq!(cpu_name(cpu_info).as_deref(), Some("Some CPU @ 3: GHz"));
        assert_eq!(cpu_name("processor\t: 0\n"), None);
    }
}
