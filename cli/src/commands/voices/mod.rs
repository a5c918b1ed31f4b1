//! `piper-rs voices`: lists, downloads, checks and removes voices. Each command
//! has its own file.

mod audition;
mod catalogue_source;
mod get;
mod info;
mod list;
mod meta;
mod model_card;
mod path;
mod prepare;
mod remove;
mod sample_sentence;
mod table;
mod verify;
mod voice_hint;

use piper_rs::CancelToken;

use crate::args::VoicesCommand;
use crate::commands::Context;
use crate::terminal::report::Outcome;
use crate::terminal::signals;

pub(crate) use voice_hint::voice_hint;

pub(crate) fn voices(command: &VoicesCommand, context: &Context) -> anyhow::Result<Outcome> {
    if let VoicesCommand::Audition(args) = command {
        return audition::audition(args, context);
    }
    let cancel = CancelToken::new();
    // A signal ends the program at once: a partial download can be resumed.
    signals::cancel_on_signal(cancel.clone(), || true)?;
    match command {
        VoicesCommand::List(args) => list::list(args, context),
        VoicesCommand::Search(args) => list::search(args, context),
        VoicesCommand::Info(args) => info::info(args, context),
        VoicesCommand::Get(args) => get::get(args, context, &cancel),
        VoicesCommand::Verify(args) => verify::verify(args, context),
        VoicesCommand::Remove(args) => remove::remove(args, context),
        VoicesCommand::Path(args) => path::path(args, context),
        VoicesCommand::Prepare(args) => prepare::prepare(args, context),
        VoicesCommand::Audition(_) => Ok(Outcome::Done),
    }
}
