//! `piper-rs voices`: finding, fetching and trusting voices. A file for each
//! command; `shop` knows the catalogue, `table` shows voices.

mod audition;
mod get;
mod info;
mod list;
mod prepare;
mod remove;
mod sentence;
mod shop;
mod table;
mod verify;

use std::path::PathBuf;
use std::sync::Arc;

use piper_rs::voice::VoiceFiles;
use piper_rs::{CancelToken, Result, voice};

use crate::args::{PathArgs, VoicesCommand};
use crate::environment::Environment;
use crate::speech::engine::Libraries;
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::signals;
use crate::terminal::stdout::print_line;

pub(crate) use shop::advisor;

/// What every command here works with.
struct Desk<'a> {
    environment: &'a Environment,
    libraries: Libraries,
    reporter: &'a Arc<Reporter>,
}

pub(crate) fn voices(
    command: &VoicesCommand,
    libraries: Libraries,
    environment: &Environment,
    reporter: &Arc<Reporter>,
) -> anyhow::Result<Outcome> {
    let desk = Desk {
        environment,
        libraries,
        reporter,
    };
    if let VoicesCommand::Audition(args) = command {
        return audition::audition(args, &desk);
    }
    let cancel = CancelToken::new();
    // Nothing of the rest is lost: what is half done is gone on with.
    signals::cancel_on_signal(cancel.clone(), || true);
    match command {
        VoicesCommand::List(args) => list::list(args, &desk),
        VoicesCommand::Search(args) => list::search(args, &desk),
        VoicesCommand::Info(args) => info::info(args, &desk),
        VoicesCommand::Get(args) => get::get(args, &desk, &cancel),
        VoicesCommand::Verify(args) => verify::verify(args, &desk),
        VoicesCommand::Remove(args) => remove::remove(args, &desk),
        VoicesCommand::Path(args) => path(args, &desk),
        VoicesCommand::Prepare(args) => prepare::prepare(args, &desk),
        VoicesCommand::Audition(_) => Ok(Outcome::Done),
    }
}

impl Desk<'_> {
    /// Finds an installed voice.
    fn find(&self, asked: &str, data_dirs: &[PathBuf]) -> Result<VoiceFiles> {
        voice::find(asked, None, &self.environment.voice_folders(data_dirs))
    }

    /// Finds those asked for, all that are installed if none are.
    fn find_all(&self, asked: &[String], data_dirs: &[PathBuf]) -> Result<Vec<VoiceFiles>> {
        match asked {
            [] => Ok(voice::installed(&self.environment.voice_folders(data_dirs))),
            asked => asked
                .iter()
                .map(|name| self.find(name, data_dirs))
                .collect(),
        }
    }

    /// Returns how a command that went on after errors ended.
    fn outcome(&self) -> Outcome {
        match self.reporter.has_failed() {
            true => Outcome::Failed,
            false => Outcome::Done,
        }
    }
}

fn path(args: &PathArgs, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
    let files = desk.find(&args.voice, &args.folders.data_dir)?;
    if files == VoiceFiles::Builtin {
        anyhow::bail!("{} is inside the program: it has no file", files.name());
    }
    let path = files.model_path();
    print_line(&std::path::absolute(path)?.display().to_string())?;
    Ok(Outcome::Done)
}
