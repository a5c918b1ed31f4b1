//! How soon the program speaks when it is started anew: it is its own child.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::args::{CommonArgs, VoiceArgs};

/// The program and the flags that the child shares with us.
pub(super) struct Child {
    program: PathBuf,
    flags: Vec<std::ffi::OsString>,
}

/// What a child took.
pub(super) struct Life {
    /// From its start to the first byte of sound.
    pub(super) first_sound: Duration,
    /// Where the system tells.
    pub(super) peak_memory_bytes: Option<u64>,
}

impl Child {
    pub(super) fn new(voice: &VoiceArgs, common: &CommonArgs, prepared_mb: u64) -> Result<Self> {
        let program = std::env::current_exe().context("cannot tell where this program is")?;
        let mut flags = Vec::new();
        let mut flag = |name: &str, value: std::ffi::OsString| {
            let mut joined = std::ffi::OsString::from(format!("--{name}="));
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
            ("onnxruntime", &common.onnxruntime),
            ("espeak", &common.espeak),
            ("espeak-data", &common.espeak_data),
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

    /// Has a child speak `text` into a pipe.
    pub(super) fn speak(&self, text: &str) -> Result<Life> {
        let began = Instant::now();
        let mut child = Command::new(&self.program)
            .args(["speak", "--quiet", "--raw", "--stats=json"])
            .args(&self.flags)
            .args(["--", text])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let mut sound = child.stdout.take().context("the child has no output")?;
        let heard = sound.read_exact(&mut [0]);
        let first_sound = began.elapsed();
        std::io::copy(&mut sound, &mut std::io::sink())?;
        // Few lines: they fit into the pipe while the sound is read.
        let end = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&end.stderr);
        anyhow::ensure!(
            end.status.success(),
            "`speak` failed when started by itself ({}): {}",
            end.status,
            said.trim()
        );
        heard.context("`speak` made no sound when started by itself")?;
        let stats: Option<Value> = said
            .lines()
            .last()
            .and_then(|line| serde_json::from_str(line).ok());
        let stats = stats.context("`speak` gave no statistics when started by itself")?;
        Ok(Life {
            first_sound,
            peak_memory_bytes: stats["stream"]["peak_memory_bytes"].as_u64(),
        })
    }
}
