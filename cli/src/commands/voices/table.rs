//! A list of voices: as a table for users, as JSON lines for programs.

use std::path::PathBuf;

use crate::terminal::quantity::megabytes;
use crate::terminal::stdout::{print_json, print_line};
use piper_rs::Result;
use piper_rs::catalogue::VoiceMeta;
use piper_rs::voice::{VoiceConfig, VoiceFiles};
use serde::Serialize;

use super::meta::installed_meta;
use crate::commands::default_voice::{ChosenBy, DefaultVoice};

/// One voice of the list.
#[derive(Debug, Serialize)]
pub(super) struct VoiceRow {
    #[serde(flatten)]
    pub(super) meta: VoiceMeta,
    pub(super) state: VoiceState,
    /// Path of the model, if the voice is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<PathBuf>,
    /// What made it the default voice; `None` if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<ChosenBy>,
}

/// Whether a voice is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum VoiceState {
    BuiltIn,
    Installed,
    Available,
}

impl VoiceState {
    fn text(self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::Installed => "installed",
            Self::Available => "",
        }
    }
}

impl VoiceRow {
    /// Reads an installed voice's config.
    pub(super) fn installed(files: &VoiceFiles) -> Result<Self> {
        let (state, path) = match files {
            VoiceFiles::Builtin => (VoiceState::BuiltIn, None),
            VoiceFiles::OnDisk { model, .. } => (VoiceState::Installed, Some(model.clone())),
        };
        Ok(Self {
            meta: installed_meta(files, VoiceConfig::of(files)?),
            state,
            path,
            default: None,
        })
    }

    /// Says whether the row's voice, which has these files, is the default one.
    pub(super) fn with_default(self, files: &VoiceFiles, default: &DefaultVoice) -> Self {
        let default = default.is(files).then_some(default.chosen_by);
        Self { default, ..self }
    }

    fn state(&self) -> String {
        let state = self.state.text();
        match self.default {
            None => state.to_owned(),
            Some(ChosenBy::Program) => format!("{state}, default"),
            Some(ChosenBy::Installation) => {
                format!("{}, default", ChosenBy::Installation.text())
            }
            Some(chosen_by) => format!("{state}, default {}", chosen_by.text()),
        }
    }
}

/// Prints rows as JSON lines or as a table.
pub(super) fn print_rows(rows: &[VoiceRow], json: bool) -> anyhow::Result<()> {
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
                // Numbers are aligned to the right.
                3 | 4 => format!("{text:>width$}"),
                _ => format!("{text:width$}"),
            }
        };
        let line: Vec<_> = (0..6).map(cell).collect();
        print_line(line.join("  ").trim_end())?;
    }
    Ok(())
}

fn cells(row: &VoiceRow) -> [String; 6] {
    let language = &row.meta.language;
    let language = match (&*language.english, &*language.country) {
        ("", _) => language.code.clone(),
        (english, "") => english.to_owned(),
        (english, country) => format!("{english}, {country}"),
    };
    [
        row.meta.name.clone(),
        language,
        row.meta.quality.clone().unwrap_or_default(),
        row.meta.num_speakers.to_string(),
        row.meta.bytes.map(megabytes).unwrap_or_default(),
        row.state(),
    ]
}
