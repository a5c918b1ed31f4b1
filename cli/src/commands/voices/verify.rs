//! `voices verify`: are installed voices whole, and do they speak?

use std::path::PathBuf;

use piper_rs::Error;
use piper_rs::catalogue::Catalogue;
use piper_rs::download::{Integrity, check_integrity};
use piper_rs::phoneme::Terminators;
use piper_rs::voice::{self, LoadOptions, Voice, VoiceFiles};
use serde::Serialize;

use super::Desk;
use super::shop::Shop;
use crate::args::VerifyArgs;
use crate::speech::engine::{default_threads, phonemizer};
use crate::terminal::report::Outcome;
use crate::terminal::stdout::{print_json, print_line};

/// What was found out about a voice.
#[derive(Debug, Serialize)]
struct Finding {
    name: String,
    path: PathBuf,
    /// Whether the model is the catalogue's; none where it is not listed.
    matches_catalogue: Option<bool>,
    /// What is wrong; nothing if nothing is.
    problems: Vec<String>,
}

pub(super) fn verify(args: &VerifyArgs, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
    let voices = desk.find_all(&args.voices, &args.folders.data_dir)?;
    let catalogue = Shop::new(&args.catalogue, desk)?.last_seen()?;
    if catalogue.is_none() {
        desk.reporter
            .note("no catalogue to compare with: `piper-rs voices search --update` fetches it");
    }
    let catalogue = catalogue.unwrap_or_default();
    let mut outcome = Outcome::Done;
    for files in &voices {
        let finding = examine(files, &catalogue, desk)?;
        if !finding.problems.is_empty() {
            outcome = Outcome::Failed;
        }
        match args.json {
            true => print_json(&finding)?,
            false => print_line(&finding.line())?,
        }
    }
    Ok(outcome)
}

fn examine(files: &VoiceFiles, catalogue: &Catalogue, desk: &Desk<'_>) -> anyhow::Result<Finding> {
    // Without it nothing can be said of any voice.
    let runtime = desk.libraries.runtime()?;
    let mut finding = Finding {
        name: files.name(),
        path: files.model_path().to_owned(),
        matches_catalogue: None,
        problems: Vec::new(),
    };
    let listed = catalogue.find(&finding.name);
    if let (Some(voice), VoiceFiles::OnDisk { .. }) = (listed, files) {
        let compared = check_integrity(voice, files);
        finding.matches_catalogue = Some(matches!(compared, Ok(Integrity::Intact)));
        match compared {
            Ok(Integrity::Intact | Integrity::Missing) => {}
            Ok(Integrity::Damaged(reason)) => finding.problems.push(format!("the model: {reason}")),
            Err(error) => finding.problems.push(format!("the model: {error}")),
        }
    }
    if let Ok(validation) = voice::validate(files) {
        finding.problems.extend(validation.problems);
        match phonemizer(&desk.libraries, &validation.config, Terminators::default()) {
            Ok(_) => {}
            Err(error @ Error::UnknownEspeakVoice { .. }) => {
                finding.problems.push(error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
    }
    let options = LoadOptions {
        threads: default_threads(),
        prepared: None,
    };
    // Speaking a few syllables shows more than loading.
    let spoken = Voice::load(files, &runtime, &options).and_then(|voice| voice.reference_peak());
    match spoken {
        Ok(peak) if peak.is_finite() && peak > 0.0 => {}
        Ok(_) => finding.problems.push("it makes no sound".to_owned()),
        Err(error) => {
            let error = anyhow::Error::from(error);
            finding.problems.push(format!("{error:#}"));
        }
    }
    Ok(finding)
}

impl Finding {
    fn line(&self) -> String {
        let name = &self.name;
        match (self.problems.as_slice(), self.matches_catalogue) {
            ([], Some(true)) => format!("ok   {name}: as in the catalogue, and speaks"),
            ([], _) => format!("ok   {name}: speaks"),
            (problems, _) => {
                let remedy = match self.matches_catalogue {
                    Some(_) => format!("; `piper-rs voices get --force {name}` fetches it anew"),
                    None => String::new(),
                };
                format!("bad  {name}: {}{remedy}", problems.join("; "))
            }
        }
    }
}
