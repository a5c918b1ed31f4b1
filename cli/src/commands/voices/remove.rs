//! `voices remove`: deletes voices, with what was prepared of them.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use piper_rs::download;
use piper_rs::voice::VoiceFiles;

use super::Desk;
use super::info::card;
use crate::args::{PreparedArgs, RemoveArgs};
use crate::terminal::report::{Outcome, UsageError, ask};

pub(super) fn remove(args: &RemoveArgs, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
    // All are found before any is gone.
    let mut voices = Vec::new();
    for name in &args.names {
        let files = desk.find(name, &args.folders.data_dir)?;
        check(
            &files,
            &desk.environment.kept_voice_folders(&args.folders.data_dir),
        )?;
        voices.push(files);
    }
    let names: Vec<_> = voices
        .iter()
        .map(|files| files.model_path().display().to_string())
        .collect();
    if !args.yes && !confirmed(&names)? {
        desk.reporter.note("nothing was removed");
        return Ok(Outcome::Failed);
    }
    for files in &voices {
        remove_one(files, desk)?;
    }
    Ok(Outcome::Done)
}

/// Refuses what nobody keeps as a voice of theirs.
fn check(files: &VoiceFiles, folders: &[PathBuf]) -> anyhow::Result<()> {
    let VoiceFiles::OnDisk { model, .. } = files else {
        bail!(
            "{} is inside the program and cannot be removed",
            files.name()
        );
    };
    let real = |path: &Path| path.canonicalize().ok();
    let folder = model.parent().filter(|folder| *folder != Path::new(""));
    let folder = real(folder.unwrap_or(Path::new(".")));
    let is_kept = folder.is_some() && folders.iter().any(|kept| real(kept) == folder);
    if !is_kept {
        bail!(
            "{} is in no folder for voices: delete it by hand, or name its folder with \
             `--data-dir DIR`",
            model.display()
        );
    }
    Ok(())
}

/// Asks on the terminal.
fn confirmed(names: &[String]) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(UsageError("nobody is here to ask: confirm with --yes".to_owned()).into());
    }
    ask(&format!("Remove {}? [y/N] ", names.join(", ")));
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn remove_one(files: &VoiceFiles, desk: &Desk<'_>) -> anyhow::Result<()> {
    // Before the graph is gone, which tells which one it is.
    if let Some(prepared) = desk.environment.prepared(&PreparedArgs { prepared_mb: 0 }) {
        let removed = prepared.remove(files);
        removed.with_context(|| format!("cannot remove what was prepared of {}", files.name()))?;
    }
    let card = card(files);
    // The model first: a config alone is no voice to anybody.
    let paths = [
        Some(files.model_path()),
        Some(files.config_path()),
        card.as_deref(),
    ];
    for path in paths.into_iter().flatten() {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result.with_context(|| format!("cannot remove {}", path.display()))?,
        }
    }
    download::remove_partial_files(files.model_path());
    desk.reporter
        .note(&format!("removed {}", files.model_path().display()));
    Ok(())
}
