//! `voices prepare`: prepares voices in advance, and lists or removes prepared
//! voices.

use anyhow::Context as _;
use piper_rs::voice::prepared::{CheckOptions, PreparedVoices, WhenBusy};
use piper_rs::voice::{LoadOptions, Voice, VoiceFiles};

use crate::args::PrepareArgs;
use crate::commands::Context;
use crate::speech::cores::default_threads;
use crate::speech::voice_checks::warn_of_other_samples;
use crate::terminal::quantity::megabytes;
use crate::terminal::report::Outcome;
use crate::terminal::stdout::{print_json, print_line};

pub(super) fn prepare(args: &PrepareArgs, context: &Context) -> anyhow::Result<Outcome> {
    let prepared = context
        .environment
        .prepared_voices(args.prepared.prepared_mb);
    let prepared = prepared.context("there is no home folder for prepared voices")?;
    let prepared = prepared.with_engine(args.choice.into());
    if args.list {
        return list(&prepared, args.json, context);
    }
    if args.clear {
        let n = prepared
            .clear()
            .context("cannot remove the prepared voices")?;
        context
            .reporter
            .note(&format!("removed {n} prepared voices"));
        return Ok(Outcome::Done);
    }
    let voices = context.find_all(&args.voices, &args.folders.data_dir)?;
    for files in &voices {
        if let Err(error) = prepare_voice(files, &prepared, context) {
            match Outcome::of(&error) {
                // Without a library, the other voices fail too.
                Outcome::Missing => return Err(error),
                _ => context.reporter.error(&error),
            }
        }
    }
    if voices.iter().all(|files| *files == VoiceFiles::Builtin) {
        context.reporter.note(match args.voices.is_empty() {
            true => "nothing to prepare: no voice is installed, and the built-in one needs none",
            false => "nothing to prepare: the built-in voice needs no preparation",
        });
    }
    let evicted = voices.iter().filter(|files| {
        let on_disk = **files != VoiceFiles::Builtin;
        on_disk && !context.reporter.has_failed() && prepared.of(files).is_empty()
    });
    let evicted: Vec<_> = evicted.map(VoiceFiles::name).collect();
    if !evicted.is_empty() {
        let (evicted, mb) = (evicted.join(", "), args.prepared.prepared_mb);
        context.reporter.note(&format!(
            "{mb} MB are not enough for all voices: {evicted} was removed again; see --prepared-mb"
        ));
    }
    Ok(context.outcome())
}

fn prepare_voice(
    files: &VoiceFiles,
    prepared: &PreparedVoices,
    context: &Context,
) -> anyhow::Result<()> {
    let (name, reporter) = (files.name(), &context.reporter);
    if *files == VoiceFiles::Builtin {
        reporter.detail(|| format!("{name} is built in and needs no preparation"));
        return Ok(());
    }
    let runtime = context.libraries.lazy_runtime();
    let was_prepared = prepared.has(files, runtime);
    let options = LoadOptions {
        threads: default_threads(),
        prepared: Some(prepared.clone()),
        ..LoadOptions::default()
    };
    let mut voice = Voice::load(files, runtime, &options)?;
    if !voice.is_checked() {
        let check = CheckOptions {
            threads: options.threads,
            when_busy: WhenBusy::Wait,
        };
        let check = prepared.check(files, runtime, check)?;
        warn_of_other_samples(&name, check, reporter);
        // As the check has left it.
        voice = Voice::load(files, runtime, &options)?;
    }
    match (voice.split_failure(), was_prepared) {
        (Some(reason), _) => reporter.note(&format!(
            "{name} cannot be split, so a sentence is heard when all of it is synthesized: {reason}"
        )),
        (None, true) => reporter.note(&format!("{name} was already prepared")),
        (None, false) => reporter.note(&format!("{name} is prepared")),
    }
    Ok(())
}

fn list(prepared: &PreparedVoices, json: bool, context: &Context) -> anyhow::Result<Outcome> {
    let voices = prepared.list();
    let width = voices.iter().map(|voice| voice.name.chars().count()).max();
    let width = width.unwrap_or_default();
    for voice in &voices {
        if json {
            print_json(voice)?;
            continue;
        }
        let size = megabytes(voice.bytes);
        match &voice.split_failure {
            None if !voice.is_checked => print_line(&format!(
                "{:width$}  {size:>9}  not yet compared with its model",
                voice.name
            ))?,
            None => print_line(&format!("{:width$}  {size:>9}", voice.name))?,
            Some(reason) => print_line(&format!(
                "{:width$}  {size:>9}  cannot be split: {reason}",
                voice.name
            ))?,
        }
    }
    if voices.is_empty() {
        context.reporter.note("no voice is prepared");
    }
    Ok(Outcome::Done)
}
