//! Every voice there is, compared with its graph.

use std::path::PathBuf;

use piper_rs::voice::{self, Fit, VoiceFiles};

use super::Finding;

const ABOUT: &str = "voice";

pub(super) fn check(folders: &[PathBuf]) -> Vec<Finding> {
    let (installed, lonely) = (voice::installed(folders), voice::without_config(folders));
    let mut findings: Vec<_> = installed.iter().map(one).collect();
    findings.extend(lonely.iter().map(|model| {
        let found = format!("{} has no config beside it", model.display());
        let remedy = "put VOICE.onnx.json there, or name it with `--config FILE`";
        Finding::warning(ABOUT, found, remedy)
    }));
    findings
}

fn one(files: &VoiceFiles) -> Finding {
    let (name, path) = (files.name(), files.model_path().display());
    match Fit::of(files) {
        Ok(Fit {
            config, misfits, ..
        }) if misfits.is_empty() => {
            let (rate, speakers) = (config.sample_rate, config.num_speakers);
            let language = &config.espeak_voice;
            let found = format!("{name}, {language}, {rate} Hz, {speakers} speakers, {path}");
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
                remedy: problem.remedy.or(Some(remedy)),
                ..problem
            }
        }
    }
}
