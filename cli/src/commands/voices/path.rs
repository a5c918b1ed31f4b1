//! `voices path`: prints the path of a voice's model.

use piper_rs::voice::VoiceFiles;

use crate::args::PathArgs;
use crate::commands::Context;
use crate::terminal::report::Outcome;
use crate::terminal::stdout::print_line;

pub(super) fn path(args: &PathArgs, context: &Context) -> anyhow::Result<Outcome> {
    let files = context.find(&args.voice, &args.folders.data_dir)?;
    if files == VoiceFiles::Builtin {
        anyhow::bail!("{} is built in and has no file", files.name());
    }
    let path = std::path::absolute(files.model_path())?;
    print_line(&path.display().to_string())?;
    Ok(Outcome::Done)
}
