//! `voices verify`: checks that installed voices are complete and can speak.

use std::path::PathBuf;

use piper_rs::Error;
use piper_rs::PiperMode;
use piper_rs::catalogue::Catalogue;
use piper_rs::download::{Integrity, check_integrity};
use piper_rs::voice::{self, LoadOptions, Voice, VoiceFiles};
use serde::Serialize;

use super::catalogue_source::CatalogueSource;
use crate::args::VerifyArgs;
use crate::commands::Context;
use crate::speech::cores::default_threads;
use crate::terminal::report::Outcome;
use crate::terminal::stdout::{print_json, print_line};

/// The result for one voice.
#[derive(Debug, Serialize)]
struct Verification {
    name: String,
    path: PathBuf,
    /// Whether the model is the one of the catalogue; `None` if the catalogue
    /// does not list the voice.
    matches_catalogue: Option<bool>,
    /// Empty if the voice is fine.
    problems: Vec<String>,
}

pub(super) fn verify(args: &VerifyArgs, context: &Context) -> anyhow::Result<Outcome> {
    let voices = context.find_all(&args.voices, &args.folders.data_dir)?;
    let catalogue = CatalogueSource::new(&args.catalogue, context)?.cached()?;
    if catalogue.is_none() {
        context
            .reporter
            .note("no catalogue to compare with; `piper-rs voices search --update` downloads it");
    }
    let catalogue = catalogue.unwrap_or_default();
    let mut outcome = Outcome::Done;
    for files in &voices {
        let result = verify_voice(files, &catalogue, context)?;
        if !result.problems.is_empty() {
            outcome = Outcome::Failed;
        }
        match args.json {
            true => print_json(&result)?,
            false => print_line(&result.line())?,
        }
    }
    Ok(outcome)
}

fn verify_voice(
    files: &VoiceFiles,
    catalogue: &Catalogue,
    context: &Context,
) -> anyhow::Result<Verification> {
    // Without ONNX Runtime no voice can be verified.
    let runtime = context.libraries.runtime()?;
    let mut result = Verification {
        name: files.name(),
        path: files.model_path().to_owned(),
        matches_catalogue: None,
        problems: Vec::new(),
    };
    let listed = catalogue.find(&result.name);
    if let (Some(voice), VoiceFiles::OnDisk { .. }) = (listed, files) {
        let compared = check_integrity(voice, files);
        result.matches_catalogue = Some(matches!(compared, Ok(Integrity::Intact)));
        match compared {
            Ok(Integrity::Intact | Integrity::Missing) => {}
            Ok(Integrity::Damaged(reason)) => result.problems.push(format!("the model: {reason}")),
            Err(error) => result.problems.push(format!("the model: {error}")),
        }
    }
    if let Ok(validation) = voice::validate(files) {
        result.problems.extend(validation.problems);
        match context
            .libraries
            .pronouncer(&validation.config, PiperMode::default())
        {
            Ok(_) => {}
            Err(error @ Error::UnknownEspeakVoice { .. }) => {
                result.problems.push(error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
    }
    let options = LoadOptions {
        threads: default_threads(),
        ..LoadOptions::default()
    };
    // Speaking a few sentences checks more than loading does.
    let loudness =
        Voice::load(files, &runtime, &options).and_then(|voice| voice.reference_loudness());
    match loudness {
        Ok(Some(_)) => {}
        Ok(None) => result.problems.push("it makes no sound".to_owned()),
        Err(error) => {
            let error = anyhow::Error::from(error);
            result.problems.push(format!("{error:#}"));
        }
    }
    Ok(result)
}

impl Verification {
    fn line(&self) -> String {
        let name = &self.name;
        match (self.problems.as_slice(), self.matches_catalogue) {
            ([], Some(true)) => format!("ok   {name}: same as in the catalogue, speaks"),
            ([], _) => format!("ok   {name}: speaks"),
            (problems, _) => {
                let remedy = match self.matches_catalogue {
                    Some(_) => format!("; `piper-rs voices get --force {name}` downloads it again"),
                    None => String::new(),
                };
                format!("bad  {name}: {}{remedy}", problems.join("; "))
            }
        }
    }
}
