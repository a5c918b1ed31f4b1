//! Measures a freshly started program: it runs itself as a child process.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::args::{GlobalArgs, VoiceArgs};

/// The program, and the flags that the child process gets from this one.
pub(super) struct ColdStart {
    program: PathBuf,
    flags: Vec<OsString>,
}

/// What one run took.
pub(super) struct ColdRun {
    /// From the start of the process to the first byte of audio.
    pub(super) first_audio: Duration,
    /// `None` if the system does not report it.
    pub(super) peak_memory_bytes: Option<u64>,
}

impl ColdStart {
    pub(super) fn new(voice: &VoiceArgs, global: &GlobalArgs, prepared_mb: u64) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find the path of this program")?;
        let mut flags = Vec::new();
        let mut flag = |name: &str, value: OsString| {
            let mut joined = OsString::from(format!("--{name}="));
            joined.push(value);
            flags.push(joined);
        };
        let VoiceArgs {
            voice,
            config,
            data_dir,
            speaker,
        } = voice;
        let files = [
            ("config", config),
            ("onnxruntime", &global.onnxruntime),
            ("espeak", &global.espeak),
            ("espeak-data", &global.espeak_data),
        ];
        for (name, value) in [("voice", voice), ("speaker", speaker)] {
            value.iter().for_each(|value| flag(name, value.into()));
        }
        for (name, value) in files {
            value.iter().for_each(|value| flag(name, value.into()));
        }
        for folder in data_dir {
            flag("data-dir", folder.into());
        }
        flag("prepared-mb", prepared_mb.to_string().into());
        Ok(Self { program, flags })
    }

    /// Runs `speak` with this text, into a pipe.
    pub(super) fn speak(&self, text: &str) -> Result<ColdRun> {
        let start = Instant::now();
        let mut child = Command::new(&self.program)
            .args(["speak", "--quiet", "--raw", "--stats=json"])
            .args(&self.flags)
            .args(["--", text])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let mut audio = child
            .stdout
            .take()
            .context("the child process has no stdout")?;
        let first_byte = audio.read_exact(&mut [0]);
        let first_audio = start.elapsed();
        std::io::copy(&mut audio, &mut std::io::sink())?;
        // The few lines on stderr fit into the pipe while the audio is read.
        let end = child.wait_with_output()?;
        let stderr = String::from_utf8_lossy(&end.stderr);
        anyhow::ensure!(
            end.status.success(),
            "the child process failed ({}): {}",
            end.status,
            stderr.trim()
        );
        first_byte.context("the child process wrote no audio")?;
        let stats: Option<Value> = stderr
            .lines()
            .last()
            .and_then(|line| serde_json::from_str(line).ok());
        let stats = stats.context("the child process printed no statistics")?;
        Ok(ColdRun {
            first_audio,
            peak_memory_bytes: stats["stream"]["peak_memory_bytes"].as_u64(),
        })
    }
}
