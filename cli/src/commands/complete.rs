//! `piper-rs complete`: prints the candidates for the word at the cursor.
//!
//! The shells run it at every Tab, so it must be fast: it loads neither ONNX
//! Runtime nor espeak-ng, and it downloads nothing.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, CommandFactory as _};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _, complete,
};
use piper_rs::catalogue::{Address, CachedCatalogue};
use piper_rs::sink::device;
use piper_rs::voice::{BUILTIN_ALIAS, VoiceConfig};

use crate::args::{Cli, CompleteArgs, rewrite};
use crate::environment::{Environment, VoiceFolders};

/// Returns the candidates, one per line.
pub(crate) fn candidates(args: &CompleteArgs, environment: &Environment) -> String {
    let typed = args.words.clone();
    // `piper-rs -m …` becomes `piper-rs speak -m …`; then the cursor moves too.
    let words = rewrite(typed.clone(), true);
    let added = words.len().saturating_sub(typed.len());
    let (words, index) = match added {
        0 | 1 => (words, args.index + added),
        _ => (typed, args.index),
    };
    let words = resolve_aliases(words, index);
    let typed_args = CompletionArgs::parse(&words, environment);
    let mut command = typed_args.add_completers(Cli::command());
    let current_dir = std::env::current_dir().ok();
    let found = complete(&mut command, words, index, current_dir.as_deref()).unwrap_or_default();
    let visible = found.iter().filter(|candidate| !candidate.is_hide_set());
    let line =
        |candidate: &CompletionCandidate| format!("{}\n", candidate.get_value().to_string_lossy());
    visible.map(line).collect()
}

/// Replaces an alias of a flag by its name, `--model` by `--voice`, because
/// `clap_complete` does not complete values after an alias. The word at the cursor
/// is not changed.
fn resolve_aliases(words: Vec<OsString>, cursor: usize) -> Vec<OsString> {
    let command = Cli::command();
    let words = words.into_iter().enumerate();
    let resolve = |(n, word): (usize, OsString)| {
        let alias = word.to_str().and_then(|word| word.strip_prefix("--"));
        let alias = alias.filter(|_| n != cursor);
        alias
            .and_then(|alias| flag_with_alias(&command, alias))
            .unwrap_or(word)
    };
    words.map(resolve).collect()
}

/// Returns the flag that has this alias, in `command` or its subcommands.
fn flag_with_alias(command: &Command, alias: &str) -> Option<OsString> {
    let has_alias = |arg: &&Arg| {
        arg.get_all_aliases()
            .is_some_and(|all| all.contains(&alias))
    };
    let flag = command
        .get_arguments()
        .find(has_alias)
        .and_then(Arg::get_long);
    let flag = flag.map(|flag| format!("--{flag}").into());
    let mut subcommands = command.get_subcommands();
    flag.or_else(|| subcommands.find_map(|sub| flag_with_alias(sub, alias)))
}

/// The arguments before the cursor that the candidates depend on.
#[derive(Clone)]
struct CompletionArgs {
    voice: Option<String>,
    folders: VoiceFolders,
    /// The folder of the cached catalogue, and the address of the catalogue.
    catalogue: Option<(PathBuf, Address)>,
}

impl CompletionArgs {
    fn parse(words: &[OsString], environment: &Environment) -> Self {
        let matches = Cli::command()
            .ignore_errors(true)
            .try_get_matches_from(words)
            .ok();
        let mut sub = matches.as_ref().and_then(ArgMatches::subcommand);
        // Down to the last subcommand, as in `voices audition`.
        while let Some(next) = sub.and_then(|(_, matches)| matches.subcommand()) {
            sub = Some(next);
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

    /// Makes voices, speakers and devices complete arguments.
    fn add_completers(&self, command: Command) -> Command {
        let args = self.clone();
        let name = command.get_name().to_owned();
        let command = command.mut_args(|arg| {
            let args = args.clone();
            match (&*name, arg.get_id().as_str()) {
                ("get", "names") => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    with_prefix(args.available(), current)
                })),
                ("info", "voice") => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    let names: BTreeSet<_> = args.installed().chain(args.available()).collect();
                    with_prefix(names, current)
                })),
                (_, "voice" | "voices" | "names" | "preload" | "with") => {
                    arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                        args.voices(current)
                    }))
                }
                (_, "speaker") => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    with_prefix(args.speakers(), current)
                })),
                (_, "device") => arg.add(ArgValueCompleter::new(|current: &OsStr| {
                    let devices = device::devices().unwrap_or_default();
                    with_prefix(devices.into_iter().map(|device| device.id), current)
                })),
                _ => arg,
            }
        });
        command.mut_subcommands(|sub| self.add_completers(sub))
    }

    fn voices(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let names = self.installed().chain([BUILTIN_ALIAS.to_owned()]);
        let named = with_prefix(names, current);
        match named.is_empty() {
            true => PathCompleter::file().complete(current),
            false => named,
        }
    }

    fn installed(&self) -> impl Iterator<Item = String> {
        let installed = self.folders.installed();
        installed.into_iter().map(|files| files.name())
    }

    /// Returns the voices of the cached catalogue.
    fn available(&self) -> Vec<String> {
        let cached = self.catalogue.as_ref();
        let cached = cached.and_then(|(folder, address)| CachedCatalogue::load(folder, address));
        let catalogue = cached.map(|cached| cached.catalogue).unwrap_or_default();
        let voices = catalogue.voices();
        voices.map(|voice| voice.meta.name.clone()).collect()
    }

    fn speakers(&self) -> Vec<String> {
        let files = self.folders.find(self.voice.as_deref(), None);
        let config = files.and_then(|files| VoiceConfig::of(&files));
        config.map_or_else(|_| Vec::new(), |config| config.speaker_labels())
    }
}

fn with_prefix(
    words: impl IntoIterator<Item = String>,
    current: &OsStr,
) -> Vec<CompletionCandidate> {
    let prefix = current.to_string_lossy();
    let words = words.into_iter().filter(|word| word.starts_with(&*prefix));
    words.map(CompletionCandidate::new).collect()
}
