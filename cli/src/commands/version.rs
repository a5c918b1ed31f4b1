//! `piper-rs version`: the versions of everything that decides how speech
//! sounds.

use piper_rs::Error;

use super::Context;
use super::default_voice::{DefaultVoice, description};
use super::sound_formats::sound_formats;
use crate::terminal::report::Outcome;
use crate::terminal::stdout::print;

pub(crate) fn version(context: &Context) -> anyhow::Result<Outcome> {
    let libraries = &context.libraries;
    let unusable = |error: Error| {
        let message = error.to_string();
        format!(
            "not usable ({})",
            message.lines().next().unwrap_or_default()
        )
    };
    let runtime = libraries
        .find_runtime()
        .map_or_else(unusable, |(path, version)| {
            format!("{version} ({})", path.display())
        });
    let espeak = libraries.espeak().map_or_else(unusable, |espeak| {
        format!("{} ({})", espeak.version(), espeak.data_path().display())
    });
    let default = DefaultVoice::of(context, &[]);
    let chosen_by = default.chosen_by;
    let checked = default.check();
    let files = checked.and(default.files);
    let voice = files.map_or_else(unusable, |files| description(&files, chosen_by));
    let formats = sound_formats().join(", ");
    let own = env!("CARGO_PKG_VERSION");
    print(format!(
        "piper-rs {own}\nONNX Runtime {runtime}\nespeak-ng {espeak}\nvoice {voice}\nformats {formats}\n"
    ))?;
    Ok(Outcome::Done)
}
