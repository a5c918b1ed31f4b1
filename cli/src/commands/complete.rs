//! What the word being typed may become: asked by the shells at every Tab, so
//! neither ONNX Runtime nor espeak-ng is touched.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, CommandFactory as _};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _, complete,
};
use piper_rs::catalogue::{Address, CachedCatalogue};
use piper_rs::sink::device;
use piper_rs::voice::{self, VoiceConfig, VoiceFiles};

use crate::args::{Cli, CompleteArgs, normalize};
use crate::environment::Environment;

/// Returns the candidates, one a line.
pub(crate) fn candidates(args: &CompleteArgs, environment: &Environment) -> String {
    let typed = args.words.clone();
    // `piper-rs -m …` is `piper-rs speak -m …`; a word more is one further on.
    let words = normalize(typed.clone(), true);
    let added = words.len().saturating_sub(typed.len());
    let (words, index) = match added {
        0 | 1 => (words, args.index + added),
        _ => (typed, args.index),
    };
    let words = by_own_names(words, index);
    let said = Said::of(&words, environment);
    let mut command = said.attach(Cli::command());
    let here = std::env::current_dir().ok();
    let found = complete(&mut command, words, index, here.as_deref()).unwrap_or_default();
    let shown = found.iter().filter(|candidate| !candidate.is_hide_set());
    let line =
        |candidate: &CompletionCandidate| format!("{}\n", candidate.get_value().to_string_lossy());
    shown.map(line).collect()
}

/// Puts a flag's own name for an alias of it, `--voice` for `--model`: the crate
/// completes no value after an alias. What is being typed stays as it is.
fn by_own_names(words: Vec<OsString>, typed: usize) -> Vec<OsString> {
    let command = Cli::command();
    let words = words.into_iter().enumerate();
    let own = |(n, word): (usize, OsString)| {
        let alias = word.to_str().and_then(|word| word.strip_prefix("--"));
        let own = alias.filter(|_| n != typed);
        own.and_then(|alias| own_name(&command, alias))
            .unwrap_or(word)
    };
    words.map(own).collect()
}

fn own_name(command: &Command, alias: &str) -> Option<OsString> {
    let is_it = |arg: &&Arg| {
        arg.get_all_aliases()
            .is_some_and(|all| all.contains(&alias))
    };
    let own = command.get_arguments().find(is_it).and_then(Arg::get_long);
    let own = own.map(|own| format!("--{own}").into());
    let mut deeper = command.get_subcommands();
    own.or_else(|| deeper.find_map(|sub| own_name(sub, alias)))
}

/// What the line says already.
#[derive(Clone)]
struct Said {
    voice: Option<String>,
    folders: Vec<PathBuf>,
    /// Where the catalogue seen last is kept, and whose it is.
    catalogue: Option<(PathBuf, Address)>,
}

impl Said {
    fn of(words: &[OsString], environment: &Environment) -> Self {
        let matches = Cli::command()
            .ignore_errors(true)
            .try_get_matches_from(words)
            .ok();
        let mut sub = matches.as_ref().and_then(ArgMatches::subcommand);
        // As deep as `voices audition`.
        while let Some(deeper) = sub.and_then(|(_, matches)| matches.subcommand()) {
            sub = Some(deeper);
        }
        let sub = sub.map(|(_, matches)| matches);
        let catalogue = sub.and_then(|sub| sub.try_get_one::<String>("catalogue").ok()?.cloned());
        let catalogue = catalogue.unwrap_or_else(|| environment.catalogue());
        let voice = sub.and_then(|sub| sub.try_get_one::<String>("voice").ok()?.cloned());
        let folders = sub.and_then(|sub| sub.try_get_many::<PathBuf>("data_dir").ok()?);
        let folders: Vec<_> = folders.into_iter().flatten().cloned().collect();
        Self {
            voice,
            folders: environment.voice_folders(&folders),
            catalogue: environment
                .catalogues()
                .zip(Address::parse(&catalogue).ok()),
        }
    }

    /// Lets flags be completed by what there is.
    fn attach(&self, command: Command) -> Command {
        let said = self.clone();
        let name = command.get_name().to_owned();
        let command = command.mut_args(|arg| {
            let said = said.clone();
            match (&*name, arg.get_id().as_str()) {
                ("get", "names") => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    beginning(said.available(), current)
                })),
                ("info", "voice") => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    let names: BTreeSet<_> = said.installed().chain(said.available()).collect();
                    beginning(names, current)
                })),
                (_, "voice" | "voices" | "names" | "preload" | "with") => {
                    arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                        said.voices(current)
                    }))
                }
                (_, "speaker") => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    beginning(said.speakers(), current)
                })),
                (_, "device") => arg.add(ArgValueCompleter::new(|current: &OsStr| {
                    let devices = device::devices().unwrap_or_default();
                    beginning(devices.into_iter().map(|device| device.id), current)
                })),
                _ => arg,
            }
        });
        command.mut_subcommands(|sub| self.attach(sub))
    }

    fn voices(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let named = beginning(self.installed(), current);
        match named.is_empty() {
            true => PathCompleter::file().complete(current),
            false => named,
        }
    }

    fn installed(&self) -> impl Iterator<Item = String> {
        let installed = voice::installed(&self.folders);
        installed.into_iter().map(|files| files.name())
    }

    /// The voices of the catalogue seen last: a Tab fetches nothing.
    fn available(&self) -> Vec<String> {
        let kept = self.catalogue.as_ref();
        let kept = kept.and_then(|(folder, address)| CachedCatalogue::load(folder, address));
        let kept = kept.map(|kept| kept.catalogue).unwrap_or_default();
        let voices = kept.voices();
        voices.map(|voice| voice.meta.name.clone()).collect()
    }

    fn speakers(&self) -> Vec<String> {
        let files = match &self.voice {
            Some(name) => voice::find(name, None, &self.folders),
            None => Ok(VoiceFiles::Builtin),
        };
        let Ok(config) = files.and_then(|files| VoiceConfig::of(&files)) else {
            return Vec::new();
        };
        let mut named: Vec<_> = config.speaker_id_map.into_iter().collect();
        named.sort_by_key(|(_, id)| *id);
        match named.is_empty() {
            true => (0..config.num_speakers).map(|id| id.to_string()).collect(),
            false => named.into_iter().map(|(name, _)| name).collect(),
        }
    }
}

fn beginning(words: impl IntoIterator<Item = String>, current: &OsStr) -> Vec<CompletionCandidate> {
    let start = current.to_string_lossy();
    let words = words.into_iter().filter(|word| word.starts_with(&*start));
    words.map(CompletionCandidate::new).collect()
}
