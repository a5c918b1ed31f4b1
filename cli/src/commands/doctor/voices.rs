//! Checks the files of every installed voice, and which one speaks by default.

use piper_rs::Error;
use piper_rs::PiperMode;
use piper_rs::voice::{self, Validation, VoiceConfig, VoiceFiles};

use super::finding::{Finding, counted};
use crate::commands::default_voice::{DefaultVoice, description};
use crate::environment::VoiceFolders;
use crate::speech::libraries::Libraries;

const ABOUT: &str = "voice";

pub(super) fn check(folders: &VoiceFolders, libraries: &Libraries) -> Vec<Finding> {
    let installed = folders.installed();
    let mut findings: Vec<_> = installed
        .iter()
        .map(|files| check_voice(files, libraries))
        .collect();
    findings.extend(folders.without_config().iter().map(|model| {
        let found = format!("{} has no config file", model.display());
        let remedy = "put VOICE.onnx.json in the same folder, or use `--config FILE`";
        Finding::warning(ABOUT, found, remedy)
    }));
    findings
}

pub(super) fn check_default(voice: &DefaultVoice) -> Finding {
    const ABOUT: &str = "default voice";
    let files = match &voice.files {
        Ok(files) => files,
        Err(error) => {
            let found = format!("{}: {error}", voice.chosen_by.text());
            let remedy = "`piper-rs voices list` lists the installed voices";
            return Finding::problem(ABOUT, anyhow::anyhow!(found)).with_remedy(remedy);
        }
    };
    match voice::validate(files) {
        Ok(_) => Finding::ok(ABOUT, description(files, voice.chosen_by)),
        Err(error) => Finding::problem(ABOUT, error),
    }
}

fn check_voice(files: &VoiceFiles, libraries: &Libraries) -> Finding {
    let (name, path) = (files.name(), files.model_path().display());
    let validation = voice::validate(files).and_then(|validation| {
        check_espeak_voice(&validation.config, libraries)?;
        Ok(validation)
    });
    match validation {
        Ok(Validation {
            config, problems, ..
        }) if problems.is_empty() => {
            let rate = config.sample_rate;
            let speakers = counted(config.num_speakers as usize, "speaker");
            let language = &config.espeak_voice;
            let place = match files {
                VoiceFiles::Builtin => "built in".to_owned(),
                VoiceFiles::OnDisk { .. } => path.to_string(),
            };
            let found = format!("{name}, {language}, {rate} Hz, {speakers}, {place}");
            Finding::ok(ABOUT, found)
        }
        Ok(Validation { problems, .. }) => {
            let found = format!("{name}: {} ({path})", problems.join("; "));
            let remedy = "its config and model do not belong together; download both again";
            Finding::warning(ABOUT, found, remedy)
        }
        Err(error) => {
            let problem = Finding::problem(ABOUT, error);
            let remedy = "download both of its files again, or remove them".to_owned();
            Finding {
                finding: format!("{name}: {}", problem.finding),
                remedy: problem.remedy.or(Some(remedy)),
                ..problem
            }
        }
    }
}

/// Fails if espeak-ng does not know the language of the voice.
fn check_espeak_voice(config: &VoiceConfig, libraries: &Libraries) -> piper_rs::Result<()> {
    match libraries.pronouncer(config, PiperMode::default()) {
        Err(error @ Error::UnknownEspeakVoice { .. }) => Err(error),
        // A missing espeak-ng has its own line.
        _ => Ok(()),
    }
}
