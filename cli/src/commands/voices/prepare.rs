//! `voices prepare`: prepares voices before somebody waits for them.

use anyhow::Context as _;
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::voice::{LoadOptions, Voice, VoiceFiles};

use super::Desk;
use super::table::megabytes;
use crate::args::PrepareArgs;
use crate::speech::engine::default_threads;
use crate::terminal::report::Outcome;
use crate::terminal::stdout::{print_json, print_line};

pub(super) fn prepare(args: &PrepareArgs, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
    let prepared = desk.environment.prepared(&args.prepared);
    let prepared = prepared.context("there is no home folder to keep prepared voices in")?;
    if args.list {
        return list(&prepared, args.json, desk);
    }
    if args.clear {
        let n = prepared.clear().context("cannot remove what is prepared")?;
        desk.reporter
            .note(&format!("{n} prepared voices were removed"));
        return Ok(Outcome::Done);
    }
    let voices = desk.find_all(&args.voices, &args.folders.data_dir)?;
    for files in &voices {
        if let Err(error) = prepare_one(files, &prepared, desk) {
            match Outcome::of(&error) {
                // Without a library no other voice fares better.
                Outcome::Missing => return Err(error),
                _ => desk.reporter.error(&error),
            }
        }
    }
    let gone = voices.iter().filter(|files| {
        let on_disk = **files != VoiceFiles::Builtin;
        on_disk && !desk.reporter.has_failed() && prepared.of(files).is_empty()
    });
    let gone: Vec<_> = gone.map(VoiceFiles::name).collect();
    if !gone.is_empty() {
        let (gone, mb) = (gone.join(", "), args.prepared.prepared_mb);
        desk.reporter.note(&format!(
            "{mb} MB are too little for all of them: {gone} had to go; see --prepared-mb"
        ));
    }
    Ok(desk.outcome())
}

fn prepare_one(
    files: &VoiceFiles,
    prepared: &PreparedVoices,
    desk: &Desk<'_>,
) -> anyhow::Result<()> {
    let (name, reporter) = (files.name(), desk.reporter);
    if *files == VoiceFiles::Builtin {
        reporter.detail(|| format!("{name} needs no preparing"));
        return Ok(());
    }
    let runtime = desk.libraries.runtime()?;
    let was_there = prepared.has(files, &runtime);
    let options = LoadOptions {
        threads: default_threads(),
        prepared: Some(prepared.clone()),
    };
    let voice = Voice::load(files, &runtime, &options)?;
    match (voice.split_failure(), was_there) {
        (Some(reason), _) => reporter.note(&format!("{name} is run whole: {reason}")),
        (None, true) => reporter.note(&format!("{name} was prepared already")),
        (None, false) => reporter.note(&format!("{name} is prepared")),
    }
    Ok(())
}

fn list(prepared: &PreparedVoices, json: bool, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
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
            None => print_line(&format!("{:width$}  {size:>9}", voice.name))?,
            Some(reason) => print_line(&format!("{:width$}  is run whole: {reason}", voice.name))?,
        }
    }
    if voices.is_empty() {
        desk.reporter.note("no voice is prepared");
    }
    Ok(Outcome::Done)
}
