//! Every voice there is, compared with its graph.

use std::path::PathBuf;

use piper_rs::Error;
use piper_rs::phoneme::Terminators;
use piper_rs::voice::{self, Fit, VoiceConfig, VoiceFiles};

use super::{Finding, counted};
use crate::speech::engine::{Libraries, phonemizer};

const ABOUT: &str = "voice";

pub(super) fn check(folders: &[PathBuf], libraries: &Libraries) -> Vec<Finding> {
    let (installed, lonely) = (voice::installed(folders), voice::without_config(folders));
    let mut findings: Vec<_> = installed
        .iter()
        .map(|files| one(files, libraries))
        .collect();
    findings.extend(lonely.iter().map(|model| {
        let found = format!("{} has no config beside it", model.display());
        let remedy = "put VOICE.onnx.json there, or name it with `--config FILE`";
        Finding::warning(ABOUT, found, remedy)
    }));
    findings
}

fn one(files: &VoiceFiles, libraries: &Libraries) -> Finding {
    let (name, path) = (files.name(), files.model_path().display());
    let spoken = |config: &VoiceConfig| match phonemizer(libraries, config, Terminators::default())
    {
        Err(error @ Error::UnknownEspeakVoice { .. }) => Err(error),
        // That the library is missing is a line of its own.
        _ => Ok(()),
    };
    let fit = Fit::of(files).and_then(|fit| spoken(&fit.config).map(|()| fit));
    match fit {
        Ok(Fit {
            config, misfits, ..
        }) if misfits.is_empty() => {
            let rate = config.sample_rate;
            let speakers = counted(config.num_speakers as usize, "speaker");
            let language = &config.espeak_voice;
            let found = format!("{name}, {language}, {rate} Hz, {speakers}, {path}");
            Finding::ok(ABOUT, found)
        }
        Ok(Fit { misfits, .. }) => {
            let found = format!("{name}: {} ({path})", misfits.join("; "));
            let remedy = "its two files are not of one voice: fetch both again";
            Finding::warning(ABOUT, found, remedy)
        }
        Err(error) => {
            let problem = Finding::problem(ABOUT, error);
            let remedy = "fetch both of its files again, or remove them".to_owned();
            Finding {
                finding: format!("{name}: {}", problem.finding),
                remedy: problem.remedy.or(Some(remedy)),
                ..problem
            }
        }
    }
}
