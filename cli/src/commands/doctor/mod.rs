//! `piper-rs doctor`: checks the installation and suggests fixes.
//!
//! All checks run, whatever the others found. Nothing is written to disk.

mod config;
mod finding;
mod libraries;
mod prepared;
mod sound;
mod terminal;
mod voices;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::finding::{Finding, Status};
use crate::args::DoctorArgs;
use crate::commands::Context;
use crate::commands::default_voice::DefaultVoice;
use crate::config::ConfigFile;
use crate::environment::{Environment, VoiceFolders};
use crate::speech::libraries::Libraries;
use crate::terminal::report::{Outcome, UsageError};
use crate::terminal::stdout::print;

/// What the checks look at.
struct Installation<'a> {
    args: &'a DoctorArgs,
    config: Result<&'a ConfigFile, &'a UsageError>,
    environment: &'a Environment,
    libraries: &'a Libraries,
    default_voice: DefaultVoice,
}

/// Runs all checks and prints the findings.
pub(crate) fn doctor(
    args: &DoctorArgs,
    context: &Context,
    config_error: Option<&UsageError>,
) -> anyhow::Result<Outcome> {
    let installation = Installation {
        args,
        config: config_error.map_or(Ok(&context.config), Err),
        environment: &context.environment,
        libraries: &context.libraries,
        default_voice: DefaultVoice::of(context, &args.data_dir),
    };
    let findings = installation.findings();
    let worst = findings.iter().map(|finding| finding.status).max();
    print(match args.json {
        true => serde_json::json!({ "status": worst, "findings": findings }).to_string() + "\n",
        false => findings.iter().map(Finding::text).collect(),
    })?;
    Ok(match worst {
        Some(Status::Problem) => Outcome::Failed,
        _ => Outcome::Done,
    })
}

impl Installation<'_> {
    fn findings(&self) -> Vec<Finding> {
        type Check<'a> = (&'static str, &'a dyn Fn() -> Vec<Finding>);
        let configured_device = self.config.ok().and_then(ConfigFile::device);
        let checks: [Check<'_>; 9] = [
            ("ONNX Runtime", &|| {
                vec![libraries::check_runtime(self.libraries)]
            }),
            ("espeak-ng", &|| {
                vec![libraries::check_espeak(self.libraries)]
            }),
            ("sound formats", &|| vec![libraries::check_formats()]),
            ("sound", &|| {
                vec![sound::check(configured_device.as_deref())]
            }),
            ("voice", &|| {
                voices::check(&self.voice_folders(), self.libraries)
            }),
            ("default voice", &|| {
                vec![voices::check_default(&self.default_voice)]
            }),
            ("prepared", &|| {
                prepared::check(self.environment, self.libraries)
            }),
            ("config file", &|| {
                vec![config::check(self.config, &self.voice_folders())]
            }),
            ("terminal", &|| vec![terminal::check()]),
        ];
        let findings = checks.into_iter().map(|(about, check)| {
            // A bug in one check must not prevent the others.
            catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
                let error = anyhow::anyhow!("the check failed because of a bug in piper-rs");
                vec![Finding::problem(about, error)]
            })
        });
        findings.flatten().collect()
    }

    fn voice_folders(&self) -> VoiceFolders {
        self.environment.voice_folders(&self.args.data_dir)
    }
}
