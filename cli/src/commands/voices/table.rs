//! Voices as rows: for people in columns, for programs as JSON.

use std::fs;
use std::path::PathBuf;

use crate::terminal::stdout::{print_json, print_line};
use piper_rs::Result;
use piper_rs::catalogue::VoiceMeta;
use piper_rs::voice::{VoiceConfig, VoiceFiles};
use serde::Serialize;

/// A voice in a list.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) meta: VoiceMeta,
    pub(super) state: State,
    /// Where its model is, if it is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<PathBuf>,
}

/// Where a voice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    BuiltIn,
    Installed,
    Available,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::Installed => "installed",
            Self::Available => "",
        }
    }
}

impl Row {
    /// Reads an installed voice's config.
    pub(super) fn installed(files: &VoiceFiles) -> Result<Self> {
        let (state, path) = match files {
            VoiceFiles::Builtin => (State::BuiltIn, None),
            VoiceFiles::OnDisk { model, .. } => (State::Installed, Some(model.clone())),
        };
        Ok(Self {
            meta: meta(files, VoiceConfig::of(files)?),
            state,
            path,
        })
    }
}

/// Returns what an installed voice is chosen by.
pub(super) fn meta(files: &VoiceFiles, config: VoiceConfig) -> VoiceMeta {
    let name = files.name();
    let metadata = match files {
        VoiceFiles::Builtin => None,
        VoiceFiles::OnDisk { model, .. } => fs::metadata(model).ok(),
    };
    VoiceMeta {
        aliases: Vec::new(),
        language: match config.language.or_from_name(&name) {
            language if language.code.is_empty() => piper_rs::voice::Language {
                code: config.espeak_voice.clone(),
                family: config.espeak_voice,
                ..language
            },
            language => language,
        },
        quality: config.quality,
        num_speakers: config.num_speakers,
        bytes: metadata.map(|metadata| metadata.len()),
        name,
    }
}

/// Prints rows as `json`, or as a table.
pub(super) fn show(rows: &[Row], json: bool) -> anyhow::Result<()> {
    if json {
        for row in rows {
            print_json(row)?;
        }
        return Ok(());
    }
    if rows.is_empty() {
        return Ok(());
    }
    let titles = ["NAME", "LANGUAGE", "QUALITY", "SPEAKERS", "SIZE", ""].map(str::to_owned);
    let cells: Vec<_> = std::iter::once(titles)
        .chain(rows.iter().map(cells))
        .collect();
    let width = |column: usize| {
        let widths = cells.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    for row in &cells {
        let cell = |column: usize| {
            let (text, width) = (&row[column], widths[column]);
            match column {
                // Numbers.
                3 | 4 => format!("{text:>width$}"),
                _ => format!("{text:width$}"),
            }
        };
        let line: Vec<_> = (0..6).map(cell).collect();
        print_line(line.join("  ").trim_end())?;
    }
    Ok(())
}

fn cells(row: &Row) -> [String; 6] {
    let language = &row.meta.language;
    let spoken = match (&*language.english, &*language.country) {
        ("", _) => language.code.clone(),
        (english, "") => english.to_owned(),
        (english, country) => format!("{english}, {country}"),
    };
    [
        row.meta.name.clone(),
        spoken,
        row.meta.quality.clone().unwrap_or_default(),
        row.meta.num_speakers.to_string(),
        row.meta.bytes.map(megabytes).unwrap_or_default(),
        row.state.word().to_owned(),
    ]
}

pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
