//! `voices list` and `voices search`.

use piper_rs::catalogue::{Catalogue, Filter};
use piper_rs::voice;

use super::Desk;
use super::shop::Shop;
use super::table::{Row, State, show};
use crate::args::{FilterArgs, FoldersArgs, ListArgs, QualityArg, SearchArgs};
use crate::terminal::report::{Outcome, UsageError};

pub(super) fn list(args: &ListArgs, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
    let filter = filter(&args.filter, &[])?;
    if args.available || args.update.update {
        let catalogue = Shop::new(&args.catalogue, desk)?.catalogue(&args.update)?;
        return available(&catalogue, &filter, &args.folders, args.json, desk);
    }
    let mut rows = Vec::new();
    for files in voice::installed(&desk.environment.voice_folders(&args.folders.data_dir)) {
        match Row::installed(&files) {
            Ok(row) => rows.push(row),
            Err(error) => desk.reporter.error(&error.into()),
        }
    }
    rows.retain(|row| filter.accepts(&row.meta));
    finish(&rows, args.json, desk)
}

pub(super) fn search(args: &SearchArgs, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
    let filter = filter(&args.filter, &args.words)?;
    let catalogue = Shop::new(&args.catalogue, desk)?.catalogue(&args.update)?;
    available(&catalogue, &filter, &args.folders, args.json, desk)
}

fn available(
    catalogue: &Catalogue,
    filter: &Filter,
    folders: &FoldersArgs,
    json: bool,
    desk: &Desk<'_>,
) -> anyhow::Result<Outcome> {
    let installed = voice::installed(&desk.environment.voice_folders(&folders.data_dir));
    let wanted = catalogue
        .voices()
        .filter(|voice| filter.accepts(&voice.meta));
    let rows: Vec<_> = wanted
        .map(|voice| {
            let here = installed
                .iter()
                .find(|files| files.name() == voice.meta.name);
            Row {
                meta: voice.meta.clone(),
                state: here.map_or(State::Available, |_| State::Installed),
                path: here.map(|files| files.model_path().to_owned()),
            }
        })
        .collect();
    finish(&rows, json, desk)
}

fn finish(rows: &[Row], json: bool, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
    show(rows, json)?;
    if rows.is_empty() {
        desk.reporter.note("there is no such voice");
    }
    Ok(desk.outcome())
}

fn filter(args: &FilterArgs, words: &[String]) -> Result<Filter, UsageError> {
    let max_bytes = match args.max_size {
        None => u64::MAX,
        Some(megabytes) if megabytes >= 0.0 => (megabytes * 1e6) as u64,
        Some(other) => return Err(UsageError(format!("--max-size {other} is no size"))),
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
    let speakers = args.speakers.as_deref().map(span).transpose()?;
    Ok(Filter {
        words: words.to_vec(),
        languages: args.language.clone(),
        qualities: args.quality.iter().map(quality).collect(),
        speakers: speakers.unwrap_or(any),
        max_bytes,
    })
}

/// Reads `3`, `2-`, `-3` or `2-10`.
fn span(text: &str) -> Result<std::ops::RangeInclusive<u32>, UsageError> {
    let number = |text: &str, open: u32| match text.trim() {
        "" => Ok(open),
        text => text.parse(),
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (number(from, 0), number(to, u32::MAX)) {
        (Ok(from), Ok(to)) if from <= to && !text.trim().is_empty() => Ok(from..=to),
        _ => Err(UsageError(format!(
            "--speakers {text} is no number of speakers: `1`, `2-` and `2-10` are"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_numbers_is_read() {
        assert_eq!(span("3").unwrap(), 3..=3);
        assert_eq!(span("2-").unwrap(), 2..=u32::MAX);
        assert_eq!(span("2-10").unwrap(), 2..=10);
        for bad in ["", "a", "10-2", "1-2-3"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }
}
