//! What the word being typed may become: asked by the shells at every Tab, so
//! neither ONNX Runtime nor espeak-ng is touched.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{ArgMatches, Command, CommandFactory as _};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _, complete,
};
use piper_rs::sink::device;
use piper_rs::voice::{self, VoiceConfig, VoiceFiles};

use super::args::{Cli, CompleteArgs, normalize};
use super::places::Places;

/// Returns the candidates, one a line.
pub(super) fn candidates(args: &CompleteArgs, places: &Places) -> String {
    let typed = args.words.clone();
    // `piper-rs -m …` is `piper-rs speak -m …`; a word more is one further on.
    let words = normalize(typed.clone(), true);
    let added = words.len().saturating_sub(typed.len());
    let (words, index) = match added {
        0 | 1 => (words, args.index + added),
        _ => (typed, args.index),
    };
    let said = Said::of(&words, places);
    let mut command = said.attach(Cli::command());
    let here = std::env::current_dir().ok();
    let found = complete(&mut command, words, index, here.as_deref()).unwrap_or_default();
    let shown = found.iter().filter(|candidate| !candidate.is_hide_set());
    let line =
        |candidate: &CompletionCandidate| format!("{}\n", candidate.get_value().to_string_lossy());
    shown.map(line).collect()
}

/// What the line says already.
#[derive(Clone)]
struct Said {
    voice: Option<String>,
    folders: Vec<PathBuf>,
}

impl Said {
    fn of(words: &[OsString], places: &Places) -> Self {
        let matches = Cli::command()
            .ignore_errors(true)
            .try_get_matches_from(words)
            .ok();
        let sub = matches.as_ref().and_then(ArgMatches::subcommand);
        let sub = sub.map(|(_, matches)| matches);
        let voice = sub.and_then(|sub| sub.try_get_one::<String>("voice").ok()?.cloned());
        let folders = sub.and_then(|sub| sub.try_get_many::<PathBuf>("data_dir").ok()?);
        let folders: Vec<_> = folders.into_iter().flatten().cloned().collect();
        Self {
            voice,
            folders: places.voice_folders(&folders),
        }
    }

    /// Lets flags be completed by what there is.
    fn attach(&self, command: Command) -> Command {
        let said = self.clone();
        let command = command.mut_args(|arg| {
            let said = said.clone();
            match arg.get_id().as_str() {
                "voice" | "preload" => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    said.voices(current)
                })),
                "speaker" => arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                    beginning(said.speakers(), current)
                })),
                "device" => arg.add(ArgValueCompleter::new(|current: &OsStr| {
                    let devices = device::devices().unwrap_or_default();
                    beginning(devices.into_iter().map(|device| device.id), current)
                })),
                _ => arg,
            }
        });
        command.mut_subcommands(|sub| self.attach(sub))
    }

    fn voices(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let installed = voice::installed(&self.folders);
        let named = beginning(installed.iter().map(VoiceFiles::name), current);
        match named.is_empty() {
            true => PathCompleter::file().complete(current),
            false => named,
        }
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
