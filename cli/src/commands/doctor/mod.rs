//! `piper-rs doctor`: is all in place, and if not, what is to be done?
//!
//! Looks at everything, whatever it finds; writes nothing.

mod terminal;
mod voices;

use std::panic::{AssertUnwindSafe, catch_unwind};

use piper_rs::sink::device::{self, DeviceInfo};
use piper_rs::voice;
use piper_rs::voice::prepared::PreparedVoices;
use serde::Serialize;

use crate::args::DoctorArgs;
use crate::config::ConfigFile;
use crate::environment::{self, Environment};
use crate::speech::engine::Libraries;
use crate::terminal::hint::hint;
use crate::terminal::report::{Outcome, UsageError};
use crate::terminal::stdout::print;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Warning,
    Problem,
}

/// What was found out about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    about: &'static str,
    status: Status,
    finding: String,
    /// What is to be done.
    remedy: Option<String>,
}

impl Finding {
    fn ok(about: &'static str, finding: impl Into<String>) -> Self {
        Self {
            about,
            status: Status::Ok,
            finding: finding.into(),
            remedy: None,
        }
    }

    fn warning(about: &'static str, finding: impl Into<String>, remedy: &str) -> Self {
        Self {
            status: Status::Warning,
            remedy: Some(remedy.to_owned()),
            ..Self::ok(about, finding)
        }
    }

    fn problem(about: &'static str, error: impl Into<anyhow::Error>) -> Self {
        let error = error.into();
        Self {
            status: Status::Problem,
            remedy: hint(&error),
            ..Self::ok(about, one_line(&format!("{error:#}")))
        }
    }
}

/// What is looked at.
struct Doctor<'a> {
    args: &'a DoctorArgs,
    config: Result<&'a ConfigFile, &'a UsageError>,
    environment: &'a Environment,
    libraries: &'a Libraries,
}

/// Looks at everything and tells.
pub(crate) fn doctor(
    args: &DoctorArgs,
    config: Result<&ConfigFile, &UsageError>,
    environment: &Environment,
    libraries: &Libraries,
) -> anyhow::Result<Outcome> {
    let doctor = Doctor {
        args,
        config,
        environment,
        libraries,
    };
    let findings = doctor.findings();
    let worst = findings.iter().map(|finding| finding.status).max();
    let text = match args.json {
        true => serde_json::json!({ "status": worst, "findings": findings }).to_string() + "\n",
        false => findings.iter().map(line).collect(),
    };
    print(text)?;
    Ok(match worst {
        Some(Status::Problem) => Outcome::Failed,
        _ => Outcome::Done,
    })
}

fn line(finding: &Finding) -> String {
    let status = match finding.status {
        Status::Ok => "ok",
        Status::Warning => "warning",
        Status::Problem => "problem",
    };
    let (about, found) = (finding.about, &finding.finding);
    let remedy = finding.remedy.iter();
    let remedy: String = remedy
        .map(|remedy| format!("{:24}-> {remedy}\n", ""))
        .collect();
    format!("{status:8}  {about:14}{found}\n{remedy}")
}

/// An error that lists places takes many lines.
fn one_line(text: &str) -> String {
    text.split('\n')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
}

impl Doctor<'_> {
    fn findings(&self) -> Vec<Finding> {
        type Check<'a> = (&'static str, &'a dyn Fn() -> Vec<Finding>);
        let voices = || {
            let folders = self.environment.voice_folders(&self.args.data_dir);
            voices::check(&folders, self.libraries)
        };
        let checks: [Check<'_>; 7] = [
            ("ONNX Runtime", &|| vec![self.runtime()]),
            ("espeak-ng", &|| vec![self.espeak()]),
            ("sound", &|| vec![self.sound()]),
            ("voice", &voices),
            ("prepared", &|| self.prepared()),
            ("config file", &|| vec![self.config()]),
            ("terminal", &terminal::check),
        ];
        let checked = checks.into_iter().map(|(about, check)| {
            // A fault of ours in one check is no reason to leave out the rest.
            catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
                let fault = anyhow::anyhow!("the check itself failed: a fault of this program");
                vec![Finding::problem(about, fault)]
            })
        });
        checked.flatten().collect()
    }

    fn runtime(&self) -> Finding {
        const ABOUT: &str = "ONNX Runtime";
        match self.libraries.runtime() {
            Ok(runtime) => {
                let (version, path) = (runtime.version(), runtime.path().display());
                let found = format!("{version}, {path}");
                match environment::telemetry_is_off() {
                    true => Finding::ok(ABOUT, found + ", telemetry off"),
                    false => Finding::warning(
                        ABOUT,
                        found + ", telemetry on",
                        "set ORT_DISABLE_TELEMETRY=1",
                    ),
                }
            }
            Err(error) => Finding::problem(ABOUT, error),
        }
    }

    fn espeak(&self) -> Finding {
        match self.libraries.espeak() {
            Ok(espeak) => {
                let (version, data) = (espeak.version(), espeak.data_path().display());
                Finding::ok("espeak-ng", format!("{version}, data in {data}"))
            }
            Err(error) => Finding::problem("espeak-ng", error),
        }
    }

    /// The cache of prepared voices.
    fn prepared(&self) -> Vec<Finding> {
        const ABOUT: &str = "prepared";
        let Some(folder) = self.environment.prepared_folder() else {
            let remedy = "set HOME or XDG_CACHE_HOME; voices are loaded whole until then";
            return vec![Finding::warning(
                ABOUT,
                "no folder for prepared voices",
                remedy,
            )];
        };
        let voices = PreparedVoices::new(folder.clone(), u64::MAX).list();
        let megabytes = voices.iter().map(|voice| voice.bytes).sum::<u64>() / 1_000_000;
        let count = counted(voices.len(), "voice");
        let found = format!("{count}, {megabytes} MB in {}", folder.display());
        let mut findings = vec![match environment::is_writable(&folder) {
            true => Finding::ok(ABOUT, found),
            false => Finding::warning(
                ABOUT,
                found + ", which cannot be written to",
                "make it yours, or point XDG_CACHE_HOME elsewhere; voices start slowly until then",
            ),
        }];
        let whole = voices.into_iter().filter_map(|voice| {
            let reason = one_line(&voice.whole_because?);
            let name = voice.name;
            Some(Finding::warning(
                ABOUT,
                format!("{name} is run whole: {reason}"),
                "it speaks, but each sentence is made before it is heard",
            ))
        });
        findings.extend(whole);
        findings
    }

    fn config(&self) -> Finding {
        const ABOUT: &str = "config file";
        match self.config {
            Err(error) => Finding {
                remedy: Some("mend the file; `--no-config` does without it".to_owned()),
                ..Finding::problem(ABOUT, error.clone())
            },
            Ok(ConfigFile {
                path: Some(path),
                found,
                ..
            }) => {
                let path = path.display();
                match found {
                    true => self.configured(format!("{path}")),
                    false => Finding::ok(ABOUT, format!("none; would be {path}")),
                }
            }
            Ok(_) => Finding::ok(ABOUT, "none is read"),
        }
    }

    /// Whether the voice that the config file names is there.
    fn configured(&self, path: String) -> Finding {
        const ABOUT: &str = "config file";
        let Some(name) = self.config.ok().and_then(ConfigFile::voice) else {
            return Finding::ok(ABOUT, path);
        };
        let folders = self.environment.voice_folders(&self.args.data_dir);
        match voice::find(&name, None, &folders) {
            Ok(_) => Finding::ok(ABOUT, path),
            Err(_) => Finding {
                status: Status::Problem,
                ..Finding::warning(
                    ABOUT,
                    format!("{path}: there is no voice `{name}`"),
                    &format!("`piper-rs voices get {name}`, or name another there"),
                )
            },
        }
    }

    fn sound(&self) -> Finding {
        const ABOUT: &str = "sound";
        const REMEDY: &str = "write files with `-o FILE`, or samples with `--raw`, meanwhile";
        if cfg!(not(feature = "playback")) {
            return Finding::warning(ABOUT, "built without sound devices", REMEDY);
        }
        let devices = match device::devices() {
            Ok(devices) if devices.is_empty() => {
                return Finding::warning(ABOUT, "no sound device", REMEDY);
            }
            Ok(devices) => devices,
            Err(error) => {
                return Finding {
                    status: Status::Warning,
                    remedy: Some(REMEDY.to_owned()),
                    ..Finding::problem(ABOUT, error)
                };
            }
        };
        let (host, count) = (device::host_name(), counted(devices.len(), "device"));
        let there = format!("{}, {count}", host.unwrap_or_default());
        let is_called = |name: &str, device: &DeviceInfo| {
            let names = [&device.id, &device.name];
            names.into_iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        let default = devices.iter().find(|device| device.is_default);
        match (self.config.ok().and_then(ConfigFile::device), default) {
            (Some(name), _) if !devices.iter().any(|device| is_called(&name, device)) => {
                let found = format!("{there}, none of them `{name}` of the config file");
                Finding::warning(ABOUT, found, "`piper-rs devices` lists them")
            }
            (Some(name), _) => Finding::ok(ABOUT, format!("{there}, plays on {name}")),
            (None, Some(default)) => Finding::ok(ABOUT, format!("{there}, default {}", default.id)),
            (None, None) => Finding::warning(
                ABOUT,
                there + ", none of them the default",
                "name one with `--device NAME`; `piper-rs devices` lists them",
            ),
        }
    }
}

/// `1 voice`, `2 voices`.
fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}
