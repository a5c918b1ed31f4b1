//! `voices get`: downloads voices, one after the other.

use anyhow::Context as _;
use piper_rs::CancelToken;
use piper_rs::catalogue::Catalogue;
use piper_rs::download::{DownloadEvent, InstallOutcome, Reinstall};

use super::catalogue_source::CatalogueSource;
use super::voice_hint::FROM_SOURCE;
use crate::args::GetArgs;
use crate::commands::Context;
use crate::environment::PROGRAM_VOICE;
use crate::terminal::progress::ByteBar;
use crate::terminal::quantity::megabytes;
use crate::terminal::report::{Outcome, Reporter, UnknownVoice};
use crate::terminal::suggest::nearest;

pub(super) fn get(
    args: &GetArgs,
    context: &Context,
    cancel: &CancelToken,
) -> anyhow::Result<Outcome> {
    let of_program = context.environment.voice_folders(&args.data_dir);
    let of_program = of_program.program_voice();
    let (own, names): (Vec<_>, Vec<_>) = (args.names.iter().cloned())
        .partition(|name| of_program.is_some() && name == PROGRAM_VOICE);
    if let (Some(files), [name, ..]) = (of_program, own.as_slice()) {
        let path = files.model_path().display();
        context.reporter.note(&format!(
            "{name} is installed with the program, in {path}; try `piper-rs speak -m {name} \
             \"Hello.\"`"
        ));
        if names.is_empty() {
            return Ok(Outcome::Done);
        }
    }
    let source = CatalogueSource::new(&args.catalogue, context)?;
    let folder = context.environment.download_folder(&args.data_dir);
    let folder = folder.context("there is no home folder; choose one with `--data-dir DIR`")?;
    let downloader = source.downloader(cancel);
    let catalogue = source.catalogue_with(&names, &args.update, &downloader)?;
    let reinstall = match args.force {
        true => Reinstall::Always,
        false => Reinstall::IfDamaged,
    };
    let mut worst = Outcome::Done;
    for requested in &names {
        let Some(voice) = catalogue.find(requested) else {
            let error = unknown_voice(requested, &catalogue);
            context.reporter.error(&error.into());
            worst = Outcome::Missing;
            continue;
        };
        let name = &voice.meta.name;
        let mut progress = DownloadProgress::new(name, &context.reporter);
        let mut show = |event| progress.show(event);
        let installed =
            downloader.install_voice(voice, &source.address, &folder, reinstall, &mut show);
        progress.bar.finish();
        match installed {
            Ok(InstallOutcome::AlreadyInstalled) => {
                let folder = folder.display();
                context
                    .reporter
                    .note(&format!("{name} is already installed in {folder}"));
            }
            Ok(InstallOutcome::Installed) => {
                let folder = folder.display();
                context.reporter.note(&format!(
                    "installed {name} in {folder}; try `piper-rs speak -m {name} \"Hello.\"`"
                ));
            }
            Err(error) => {
                let error = anyhow::Error::from(error).context(format!("voice {name}"));
                let outcome = Outcome::of(&error);
                if outcome == Outcome::Interrupted {
                    return Err(error);
                }
                context.reporter.error(&error);
                if worst == Outcome::Done {
                    worst = outcome;
                }
            }
        }
    }
    Ok(worst)
}

fn unknown_voice(name: &str, catalogue: &Catalogue) -> UnknownVoice {
    let names = catalogue.voices().map(|voice| &*voice.meta.name);
    let reason = match name {
        PROGRAM_VOICE => Some(FROM_SOURCE.to_owned()),
        name => catalogue.unusable().get(name).cloned(),
    };
    UnknownVoice {
        name: name.to_owned(),
        reason,
        similar: nearest(name, names).map(str::to_owned),
    }
}

/// Shows the progress of one download.
struct DownloadProgress<'a> {
    name: &'a str,
    reporter: &'a Reporter,
    bar: ByteBar,
}

impl<'a> DownloadProgress<'a> {
    fn new(name: &'a str, reporter: &'a Reporter) -> Self {
        Self {
            name,
            reporter,
            bar: ByteBar::new(name, reporter),
        }
    }

    fn show(&mut self, event: DownloadEvent) {
        let name = self.name;
        match event {
            DownloadEvent::Started {
                total_bytes,
                resumed_at,
            } => {
                self.bar.begin(total_bytes, resumed_at);
                if resumed_at > 0 {
                    let at = megabytes(resumed_at);
                    self.reporter.note(&format!("{name}: resuming at {at}"));
                }
            }
            DownloadEvent::Progress(bytes) => self.bar.at(bytes),
            DownloadEvent::Resumed(message) | DownloadEvent::Warning(message) => {
                self.reporter.note(&format!("{name}: {message}"));
            }
        }
    }
}

impl Drop for DownloadProgress<'_> {
    fn drop(&mut self) {
        self.bar.finish();
    }
}
