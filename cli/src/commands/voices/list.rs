//! `voices list` and `voices search`: print a table of voices.

use piper_rs::catalogue::{Catalogue, Filter};

use super::catalogue_source::CatalogueSource;
use super::table::{VoiceRow, VoiceState, print_rows};
use crate::args::{FilterArgs, FoldersArgs, ListArgs, QualityArg, SearchArgs};
use crate::commands::Context;
use crate::commands::default_voice::DefaultVoice;
use crate::environment::VoiceFolders;
use crate::terminal::report::{Outcome, UsageError};

pub(super) fn list(args: &ListArgs, context: &Context) -> anyhow::Result<Outcome> {
    let filter = filter(&args.filter, &[])?;
    if args.available || args.update.update {
        let catalogue = CatalogueSource::new(&args.catalogue, context)?.catalogue(&args.update)?;
        return list_catalogue(&catalogue, &filter, &args.folders, args.json, context);
    }
    let mut rows = Vec::new();
    let folders = context.environment.voice_folders(&args.folders.data_dir);
    let default = DefaultVoice::of(context, &args.folders.data_dir);
    for files in folders.installed() {
        match VoiceRow::installed(&files) {
            Ok(row) => rows.push(row.with_default(&files, &default)),
            Err(error) => context.reporter.error(&error.into()),
        }
    }
    check_default(&default, &folders, &mut rows, context);
    rows.retain(|row| filter.accepts(&row.meta));
    finish(&rows, args.json, context)
}

/// Reports a default voice that cannot speak, and adds the row of one that is in no
/// folder.
fn check_default(
    default: &DefaultVoice,
    folders: &VoiceFolders,
    rows: &mut Vec<VoiceRow>,
    context: &Context,
) {
    let chosen_by = default.chosen_by.text();
    let files = match &default.files {
        Ok(files) => files,
        Err(error) => {
            let error = error.to_string();
            let error = error.lines().next().unwrap_or_default();
            let note = format!("the default voice, {chosen_by}: {error}");
            return context.reporter.note(note.trim_end_matches("; looked in:"));
        }
    };
    let is_listed = folders.installed().iter().any(|files| default.is(files));
    if let Err(error) = default.check() {
        let about = format!("the default voice, {chosen_by}, cannot speak");
        context
            .reporter
            .error(&anyhow::Error::new(error).context(about));
    } else if !is_listed && let Ok(row) = VoiceRow::installed(files) {
        rows.push(row.with_default(files, default));
    }
}

pub(super) fn search(args: &SearchArgs, context: &Context) -> anyhow::Result<Outcome> {
    let filter = filter(&args.filter, &args.words)?;
    let catalogue = CatalogueSource::new(&args.catalogue, context)?.catalogue(&args.update)?;
    list_catalogue(&catalogue, &filter, &args.folders, args.json, context)
}

fn list_catalogue(
    catalogue: &Catalogue,
    filter: &Filter,
    folders: &FoldersArgs,
    json: bool,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let installed = context
        .environment
        .voice_folders(&folders.data_dir)
        .installed();
    let matching = catalogue
        .voices()
        .filter(|voice| filter.accepts(&voice.meta));
    let rows: Vec<_> = matching
        .map(|voice| {
            let files = installed
                .iter()
                .find(|files| files.name() == voice.meta.name);
            VoiceRow {
                meta: voice.meta.clone(),
                state: files.map_or(VoiceState::Available, |_| VoiceState::Installed),
                path: files.map(|files| files.model_path().to_owned()),
                default: None,
            }
        })
        .collect();
    finish(&rows, json, context)
}

fn finish(rows: &[VoiceRow], json: bool, context: &Context) -> anyhow::Result<Outcome> {
    print_rows(rows, json)?;
    if rows.is_empty() {
        context.reporter.note("no voice matches");
    }
    Ok(context.outcome())
}

fn filter(args: &FilterArgs, words: &[String]) -> Result<Filter, UsageError> {
    let max_bytes = match args.max_size {
        None => u64::MAX,
        Some(megabytes) if megabytes >= 0.0 => (megabytes * 1e6) as u64,
        Some(other) => return Err(UsageError(format!("--max-size {other} is not a size"))),
    };
    let quality = |quality: &QualityArg| {
        let name = match quality {
            QualityArg::XLow => "x_low",
            QualityArg::Low => "low",
            QualityArg::Medium => "medium",
            QualityArg::High => "high",
        };
        name.to_owned()
    };
    let any = Filter::default().speakers;
    let speakers = args.speakers.as_deref().map(parse_range).transpose()?;
    Ok(Filter {
        words: words.to_vec(),
        languages: args.language.clone(),
        qualities: args.quality.iter().map(quality).collect(),
        speakers: speakers.unwrap_or(any),
        max_bytes,
    })
}

/// Parses `3`, `2-`, `-3` or `2-10`.
fn parse_range(text: &str) -> Result<std::ops::RangeInclusive<u32>, UsageError> {
    let number = |text: &str, open: u32| match text.trim() {
        "" => Ok(open),
        text => text.parse(),
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (number(from, 0), number(to, u32::MAX)) {
        (Ok(from), Ok(to)) if from <= to && !text.trim().is_empty() => Ok(from..=to),
        _ => Err(UsageError(format!(
            "--speakers {text} is not a number or range such as `1`, `2-` or `2-10`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_parsed() {
        assert_eq!(parse_range("3").unwrap(), 3..=3);
        assert_eq!(parse_range("2-").unwrap(), 2..=u32::MAX);
        assert_eq!(parse_range("2-10").unwrap(), 2..=10);
        for bad in ["", "a", "10-2", "1-2-3"] {
            assert!(parse_range(bad).is_err(), "{bad}");
        }
    }
}
