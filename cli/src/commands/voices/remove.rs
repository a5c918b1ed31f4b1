//! `voices remove`: deletes voices and their prepared copies.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use piper_rs::download;
use piper_rs::voice::VoiceFiles;

use super::model_card;
use crate::args::RemoveArgs;
use crate::commands::Context;
use crate::terminal::report::{Outcome, UsageError, ask};

pub(super) fn remove(args: &RemoveArgs, context: &Context) -> anyhow::Result<Outcome> {
    // All names are checked before any voice is deleted.
    let mut voices = Vec::new();
    for name in &args.names {
        let files = context.find(name, &args.folders.data_dir)?;
        check_removable(&files, &args.folders.data_dir, context)?;
        voices.push(files);
    }
    let names: Vec<_> = voices
        .iter()
        .map(|files| files.model_path().display().to_string())
        .collect();
    if !args.yes && !confirmed(&names)? {
        context.reporter.note("no voice was removed");
        return Ok(Outcome::Failed);
    }
    for files in &voices {
        remove_voice(files, context)?;
    }
    Ok(Outcome::Done)
}

/// Refuses voices that are not the user's: those of the program, and those that are
/// not in one of the user's voice folders.
fn check_removable(
    files: &VoiceFiles,
    data_dirs: &[PathBuf],
    context: &Context,
) -> anyhow::Result<()> {
    let VoiceFiles::OnDisk { model, .. } = files else {
        bail!("{} is built in and cannot be removed", files.name());
    };
    let environment = &context.environment;
    let of_program = environment.voice_folders(data_dirs).program_voice();
    if of_program.is_some_and(|own| own.canonical() == files.canonical()) {
        bail!(
            "{} is installed with the program and is removed with it; to speak with another \
             voice, set `voice` in the config file",
            model.display()
        );
    }
    let folders = environment.user_voice_folders(data_dirs);
    let real = |path: &Path| path.canonicalize().ok();
    let folder = model.parent().filter(|folder| *folder != Path::new(""));
    let folder = real(folder.unwrap_or(Path::new(".")));
    let is_in_voice_folder = folder.is_some() && folders.iter().any(|own| real(own) == folder);
    if !is_in_voice_folder {
        bail!(
            "{} is not in a voice folder; delete it yourself, or name its folder with \
             `--data-dir DIR`",
            model.display()
        );
    }
    Ok(())
}

/// Asks for confirmation on the terminal.
fn confirmed(names: &[String]) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(UsageError(
            "cannot ask for confirmation without a terminal; use --yes".to_owned(),
        )
        .into());
    }
    ask(&format!("Remove {}? [y/N] ", names.join(", ")));
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn remove_voice(files: &VoiceFiles, context: &Context) -> anyhow::Result<()> {
    // The model identifies the prepared copy, so that copy goes first.
    if let Some(prepared) = context.environment.prepared_voices(0) {
        let removed = prepared.remove(files);
        removed.with_context(|| format!("cannot remove the prepared copy of {}", files.name()))?;
    }
    let card = model_card::find(files);
    // The model goes first: a config without a model is not listed as a voice.
    let config = files.config_path();
    // That of a linked model can be in another folder, which is not ours.
    let is_beside = config.parent() == files.model_path().parent();
    let paths = [
        Some(files.model_path()),
        is_beside.then_some(config),
        card.as_deref(),
    ];
    for path in paths.into_iter().flatten() {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result.with_context(|| format!("cannot remove {}", path.display()))?,
        }
    }
    download::remove_partial_files(files.model_path());
    context
        .reporter
        .note(&format!("removed {}", files.model_path().display()));
    Ok(())
}
