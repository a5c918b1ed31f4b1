//! `voices audition`: one sentence by many speakers. This file makes the
//! requests; `speak` speaks them.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use piper_rs::text;
use piper_rs::voice::{OptimizeFor, VoiceConfig, VoiceFiles};

use super::meta::installed_meta;
use super::sample_sentence::sample_sentence;
use crate::args::{AuditionArgs, NamingArg};
use crate::commands::Context;
use crate::commands::speak::Speak;
use crate::speech::destination::{Destination, OutputMode, check_existing, check_formats};
use crate::speech::engine::Engine;
use crate::speech::engine_options::EngineOptions;
use crate::speech::file_name::file_name;
use crate::speech::output_format::OutputFormat;
use crate::speech::request::Request;
use crate::speech::settings::Settings;
use crate::speech::speakers::{speaker_ids, speaker_name};
use crate::terminal::report::Outcome;

pub(super) fn audition(args: &AuditionArgs, context: &Context) -> anyhow::Result<Outcome> {
    let output = match &args.output_dir {
        Some(folder) => OutputMode::FilePerText(folder.clone(), NamingArg::Text),
        None => OutputMode::Together(Destination::all_from_args(
            &args.destinations,
            &OutputFormat::default(),
            context.config.device(),
        )?),
    };
    check_existing(output.destinations())?;
    check_formats(output.destinations())?;
    let mut settings = Settings::from_args(&args.speech, &context.config.overrides)?;
    if output.is_files_only() {
        settings.optimize_for = OptimizeFor::Throughput;
    }
    let options = EngineOptions::from_args(&args.engine, settings.mode, &context.environment);
    let folders = context
        .environment
        .voice_folders(&args.speech.voice.data_dir);
    let reporter = Arc::clone(&context.reporter);
    let engine = Engine::new(context.libraries.clone(), folders, options, reporter);
    let requests = requests(args, &settings, &engine, context)?;
    if let Some(folder) = &args.output_dir {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let reporter = Arc::clone(&context.reporter);
    let speak = Speak::of_requests(requests, settings, output, engine, reporter);
    speak.run_until_signal(Instant::now(), args.engine.stats)
}

/// Returns one request per speaker of each voice.
fn requests(
    args: &AuditionArgs,
    settings: &Settings,
    engine: &Engine,
    context: &Context,
) -> anyhow::Result<Vec<Request>> {
    let first = settings.voice.clone();
    let others = args.with.iter().cloned().map(Some);
    // Without any voice, the built-in one is used.
    let first = (first.is_some() || args.with.is_empty()).then_some(first);
    let mut requests = Vec::new();
    for (n, name) in first.into_iter().chain(others).enumerate() {
        let config = settings.config.clone().filter(|_| n == 0);
        let files = engine.files(name.as_deref(), config.clone())?;
        let voice_settings = Settings {
            voice: name,
            config,
            ..settings.clone()
        };
        let config = VoiceConfig::of(&files)?;
        let speakers = speakers(args, &config, &files, context)?;
        let language = installed_meta(&files, config.clone()).language;
        let text = match args.text.as_slice() {
            [] => sample_sentence(&language.family).to_owned(),
            words => text::plain(&words.join(" ")).into_owned(),
        };
        for speaker in speakers {
            let name = AuditionName::of(&files, &config, speaker);
            requests.push(Request {
                text: text.clone(),
                settings: voice_settings.with_speaker(speaker),
                output: args.output_dir.as_deref().map(|folder| name.file(folder)),
                label: Some(name.label),
            });
        }
    }
    Ok(requests)
}

/// Returns the ids of the speakers to hear. `None` stands for the speaker of
/// `--speaker`, or the default speaker.
fn speakers(
    args: &AuditionArgs,
    config: &VoiceConfig,
    files: &VoiceFiles,
    context: &Context,
) -> anyhow::Result<Vec<Option<i64>>> {
    if let Some(list) = &args.speakers {
        let ids = speaker_ids(list, config).with_context(|| format!("voice {}", files.name()))?;
        return Ok(ids.into_iter().map(Some).collect());
    }
    if args.speech.voice.speaker.is_some() || config.num_speakers == 1 {
        return Ok(vec![None]);
    }
    let n = config.num_speakers.min(args.limit);
    if n < config.num_speakers {
        let (name, all) = (files.name(), config.num_speakers);
        context.reporter.note(&format!(
            "{name} has {all} speakers; playing the first {n}; see --speakers and --limit"
        ));
    }
    Ok((0..i64::from(n)).map(Some).collect())
}

/// The label and the file name of one request.
struct AuditionName {
    label: String,
    stem: String,
}

impl AuditionName {
    fn of(files: &VoiceFiles, config: &VoiceConfig, speaker: Option<i64>) -> Self {
        let voice = files.name();
        let Some(id) = speaker else {
            return Self {
                label: voice.clone(),
                stem: voice,
            };
        };
        match speaker_name(config, id) {
            Some(name) => Self {
                label: format!("{voice}, speaker {id} ({name})"),
                stem: format!("{voice}-{id:03}-{name}"),
            },
            None => Self {
                label: format!("{voice}, speaker {id}"),
                stem: format!("{voice}-{id:03}"),
            },
        }
    }

    fn file(&self, folder: &Path) -> std::path::PathBuf {
        folder.join(format!("{}.wav", file_name(&self.stem)))
    }
}
