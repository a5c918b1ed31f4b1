//! `voices get`: downloads voices, one after the other.

use anyhow::Context as _;
use piper_rs::CancelToken;
use piper_rs::catalogue::Catalogue;
use piper_rs::download::{DownloadEvent, InstallOutcome, Reinstall};

use super::Desk;
use super::shop::Shop;
use super::table::megabytes;
use crate::args::GetArgs;
use crate::terminal::progress::ByteBar;
use crate::terminal::report::{Outcome, Reporter, UnknownVoice};
use crate::terminal::suggest::nearest;

pub(super) fn get(
    args: &GetArgs,
    desk: &Desk<'_>,
    cancel: &CancelToken,
) -> anyhow::Result<Outcome> {
    let shop = Shop::new(&args.catalogue, desk)?;
    let folder = desk.environment.download_folder(&args.data_dir);
    let folder = folder.context("there is no home folder: say where with `--data-dir DIR`")?;
    let downloader = shop.downloader(cancel);
    let catalogue = shop.knowing(&args.names, &args.update, &downloader)?;
    let overwrite = match args.force {
        true => Reinstall::Always,
        false => Reinstall::IfDamaged,
    };
    let mut worst = Outcome::Done;
    for asked in &args.names {
        let Some(voice) = catalogue.find(asked) else {
            desk.reporter.error(&unknown(asked, &catalogue).into());
            worst = Outcome::Missing;
            continue;
        };
        let name = &voice.meta.name;
        let mut teller = Teller::new(name, desk.reporter);
        let mut tell = |event| teller.tell(event);
        let fetched = downloader.install_voice(voice, &shop.address, &folder, overwrite, &mut tell);
        teller.bar.finish();
        match fetched {
            Ok(InstallOutcome::AlreadyInstalled) => {
                let folder = folder.display();
                desk.reporter
                    .note(&format!("{name} is in {folder} already, whole"));
            }
            Ok(InstallOutcome::Installed) => {
                let folder = folder.display();
                desk.reporter.note(&format!(
                    "{name} is in {folder} now: `piper-rs speak -m {name} \"…\"`"
                ));
            }
            Err(error) => {
                let error = anyhow::Error::from(error).context(format!("voice {name}"));
                if Outcome::of(&error) == Outcome::Interrupted {
                    return Err(error);
                }
                desk.reporter.error(&error);
                if worst == Outcome::Done {
                    worst = Outcome::Failed;
                }
            }
        }
    }
    Ok(worst)
}

fn unknown(asked: &str, catalogue: &Catalogue) -> UnknownVoice {
    let names = catalogue.voices().map(|voice| &*voice.meta.name);
    UnknownVoice {
        asked: asked.to_owned(),
        because: catalogue.unusable().get(asked).cloned(),
        near: nearest(asked, names).map(str::to_owned),
    }
}

/// Tells people how a download goes.
struct Teller<'a> {
    name: &'a str,
    reporter: &'a Reporter,
    bar: ByteBar,
}

impl<'a> Teller<'a> {
    fn new(name: &'a str, reporter: &'a Reporter) -> Self {
        Self {
            name,
            reporter,
            bar: ByteBar::new(name, reporter),
        }
    }

    fn tell(&mut self, event: DownloadEvent) {
        let name = self.name;
        match event {
            DownloadEvent::Started {
                total_bytes,
                resumed_at,
            } => {
                self.bar.begin(total_bytes, resumed_at);
                if resumed_at > 0 {
                    let (at, name) = (megabytes(resumed_at), name);
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

impl Drop for Teller<'_> {
    fn drop(&mut self) {
        self.bar.finish();
    }
}
