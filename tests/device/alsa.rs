//! ALSA devices that record what is played, and processes that use them.
//!
//! ALSA reads its configuration once per process. So each test runs its
//! scenario in a process of its own: this test binary, with the ignored test
//! `playback::scenario`.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::{env, fs};

/// Names the scenario that `playback::scenario` runs.
pub(crate) const SCENARIO: &str = "PIPER_RS_TEST_SCENARIO";

/// Configures one device, the default, that writes what it plays to `file`. It
/// does not wait: it plays as fast as it gets samples.
pub(crate) fn instant(file: &Path) -> String {
    format!(
        r#"
        pcm.nowhere {{ type null }}
        pcm.captured {{ type file slave.pcm nowhere file "{}" format raw }}
        pcm.!default {{
            type plug slave.pcm captured
            hint {{ show on description "Captured device" }}
        }}
        "#,
        file.display()
    )
}

/// Configures one device, the default, that plays in real time and records in
/// `file` what was heard: see `clocked.c` for the settings.
pub(crate) fn clocked(file: &Path, settings: &str) -> String {
    let library = CLOCKED.as_ref().map_err(|error| error.as_str()).unwrap();
    format!(
        r#"
        pcm_type.clocked {{ lib "{}" }}
        pcm.!default {{ type clocked file "{}" {settings} }}
        "#,
        library.path().join("clocked.so").display(),
        file.display()
    )
}

static CLOCKED: LazyLock<Result<tempfile::TempDir, String>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-DPIC", "-O1", "-o"])
        .arg(folder.path().join("clocked.so"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/device/clocked.c"
        ))
        .arg("-lasound")
        .output()
        .map_err(|error| format!("cannot run cc: {error}"))?;
    match compiled.status.success() {
        true => Ok(folder),
        false => Err(String::from_utf8_lossy(&compiled.stderr).into_owned()),
    }
});

/// A scenario that has run.
pub(crate) struct Played {
    folder: tempfile::TempDir,
    output: Output,
}

impl Played {
    /// Runs a scenario with the configuration that `config` makes for the file
    /// of the recording.
    pub(crate) fn new(scenario: &str, config: impl Fn(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config_path = folder.path().join("asound.conf");
        fs::write(&config_path, config(&folder.path().join("captured"))).unwrap();
        let output = Command::new(env::current_exe().unwrap())
            .args(["playback::scenario", "--exact", "--ignored", "--nocapture"])
            .env("ALSA_CONFIG_PATH", config_path)
            .env(SCENARIO, scenario)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scenario}: {stderr}");
        assert!(!stderr.contains("ALSA lib"), "{scenario}: {stderr}");
        Self { folder, output }
    }

    /// The bytes that were heard.
    pub(crate) fn captured(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("captured")).unwrap()
    }

    /// What the scenario printed in a line after `key`.
    pub(crate) fn printed(&self, key: &str) -> String {
        let stdout = String::from_utf8_lossy(&self.output.stdout).into_owned();
        let line = stdout.lines().find_map(|line| line.split_once(key));
        let (_, value) = line.unwrap_or_else(|| panic!("no {key} in {stdout}"));
        value.to_owned()
    }

    /// The number of milliseconds that the scenario printed after `key`.
    pub(crate) fn printed_ms(&self, key: &str) -> u64 {
        self.printed(key).parse().unwrap()
    }
}
