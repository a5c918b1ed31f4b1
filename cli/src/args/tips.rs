//! Tips for command lines that clap refuses, or that surely mean something else.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command, CommandFactory as _};

use super::{Cli, habits};

/// Commands that read the options of `speak` too, so that these may be typed before
/// the command's name by mistake.
const COMMANDS_OF_SPEECH: [&str; 3] = ["batch", "interactive", "phonemes"];

/// Adds what to type instead to clap's error about `words`.
pub(crate) fn add_tip(mut error: clap::Error, words: &[OsString]) -> clap::Error {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    let typed = words.get(1..).unwrap_or_default();
    let tip = match context(ContextKind::InvalidSubcommand) {
        Some(unknown) => speak_tip(&unknown, typed),
        None => context(ContextKind::InvalidArg).and_then(|unknown| {
            let is_speak = typed.iter().any(|word| word == "speak");
            let habit = || habits::unknown_option(&unknown).filter(|_| is_speak);
            let is_similar = error.get(ContextKind::SuggestedArg).is_some();
            let other = || speak_option_tip(&unknown, typed).filter(|_| !is_similar);
            dash_tip(&unknown, typed)
                .or_else(|| habit().map(str::to_owned))
                .or_else(other)
        }),
    };
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedArg);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

/// Returns how to speak words that were typed without a command. `unknown` may also
/// be a mistyped command of `voices` or `config`.
fn speak_tip(unknown: &str, typed: &[OsString]) -> Option<String> {
    if typed.first()? != unknown {
        return None;
    }
    let is_option = |word: &OsString| word.to_str().is_some_and(|word| word.starts_with('-'));
    let options = typed.iter().position(is_option).unwrap_or(typed.len());
    let as_file = Path::new(unknown);
    if options == 1 && as_file.is_file() {
        return Some(format!(
            "to speak what is in that file, use: piper-rs speak -i {}{}",
            as_typed(&typed[..1]).trim_start(),
            as_typed(&typed[options..])
        ));
    }
    let text: Vec<_> = typed[..options]
        .iter()
        .map(|w| w.to_string_lossy())
        .collect();
    Some(format!(
        "to speak a text, use: piper-rs speak {}{}",
        quoted(&text.join(" ")),
        as_typed(&typed[options..])
    ))
}

/// Returns which command has an option that was typed for another command.
fn speak_option_tip(unknown: &str, typed: &[OsString]) -> Option<String> {
    let is_other = |word: &&OsString| COMMANDS_OF_SPEECH.iter().any(|name| word == name);
    let other = typed.iter().find(is_other)?.display();
    let cli = Cli::command();
    length(cli.find_subcommand("speak")?, unknown)?;
    Some(format!(
        "`{unknown}` is an option of `piper-rs speak`, not of `piper-rs {other}`"
    ))
}

/// Returns how to pass a text that begins with a dash, as the items of a list do.
/// `unknown` is what clap took for an option.
fn dash_tip(unknown: &str, typed: &[OsString]) -> Option<String> {
    let is_command = |word: &OsString| word == "speak" || word == "phonemes";
    let command = typed.iter().position(is_command)?;
    let is_text = |word: &OsString| {
        let word = word.to_str().filter(|word| word.starts_with(unknown));
        word.is_some_and(|word| word.contains(char::is_whitespace) && !word.contains('='))
    };
    let text = typed.iter().position(is_text)?;
    let others = typed.iter().enumerate();
    let others = others.filter(|(at, _)| ![command, text].contains(at));
    let others: Vec<_> = others.map(|(_, word)| word.clone()).collect();
    Some(format!(
        "for a text that begins with a dash, use: piper-rs {}{} -- {}",
        typed[command].display(),
        as_typed(&others),
        quoted(&typed[text].to_string_lossy())
    ))
}

/// Returns what is wrong if the name of a command follows options of `speak`, as in
/// `piper-rs -m NAME batch …`. `words` are without the program.
pub(crate) fn misplaced_command(words: &[OsString]) -> Option<String> {
    let cli = Cli::command();
    let mut options = cli.find_subcommand("speak")?.clone();
    options = options.args(
        cli.get_arguments()
            .filter(|arg| arg.is_global_set())
            .cloned(),
    );
    let mut at = 0;
    while let Some(length) = words
        .get(at)
        .and_then(|word| length(&options, word.to_str()?))
    {
        at += length;
    }
    let name = words.get(at)?.to_str()?;
    let is_alone = words.len() == at + 1;
    if at == 0 || is_alone || !COMMANDS_OF_SPEECH.contains(&name) {
        return None;
    }
    let (before, after) = (as_typed(&words[..at]), as_typed(&words[at + 1..]));
    Some(format!(
        "options follow the command: piper-rs {name}{before}{after}\n\n  tip: to speak a text that \
         begins with this word, use: piper-rs speak{before} {name}{after}"
    ))
}

/// Returns how many words an option of `command` takes, its values included, or
/// `None` if `word` is something else.
fn length(command: &Command, word: &str) -> Option<usize> {
    let values = |arg: &Arg| match arg.get_action().takes_values() && !arg.is_require_equals_set() {
        true => arg.get_num_args().map_or(1, |range| range.min_values()),
        false => 0,
    };
    if let Some(long) = word.strip_prefix("--") {
        let (name, has_value) = match long.split_once('=') {
            Some((name, _)) => (name, true),
            None => (long, false),
        };
        let name = name.replace('_', "-");
        let arg = command.get_arguments().find(|arg| {
            let aliases = arg.get_all_aliases().unwrap_or_default();
            arg.get_long() == Some(&*name) || aliases.contains(&&*name)
        })?;
        return Some(if has_value { 1 } else { 1 + values(arg) });
    }
    let mut shorts = word.strip_prefix('-')?.chars();
    let mut words = None;
    while let Some(short) = shorts.next() {
        let arg = command.get_arguments().find(|arg| {
            let aliases = arg.get_all_short_aliases().unwrap_or_default();
            arg.get_short() == Some(short) || aliases.contains(&short)
        })?;
        words = Some(1);
        if values(arg) > 0 {
            // The rest of the word is its value.
            let in_word = usize::from(!shorts.as_str().is_empty());
            return Some(1 + values(arg) - in_word);
        }
    }
    words
}

/// Returns words as they would be typed again, each with a space before it.
fn as_typed(words: &[OsString]) -> String {
    let typed = |word: &OsString| {
        let word = word.to_string_lossy();
        let is_plain = |c: char| c.is_alphanumeric() || "-_./=,:+@%".contains(c);
        match !word.is_empty() && word.chars().all(is_plain) {
            true => format!(" {word}"),
            false => format!(" {}", quoted(&word)),
        }
    };
    words.iter().map(typed).collect()
}

/// Returns a word in quotes for a shell.
fn quoted(word: &str) -> String {
    match word.contains(['"', '$', '`', '\\', '!']) {
        true => format!("'{}'", word.replace('\'', r"'\''")),
        false => format!("\"{word}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        let words = shlex::split(line).unwrap();
        words.into_iter().map(OsString::from).collect()
    }

    #[test]
    fn a_command_after_options_of_speak_is_noticed() {
        for (line, expected) in [
            ("-m joe batch x -d out", "piper-rs batch -m joe x -d out"),
            (
                "-qm joe --length_scale 2 phonemes 'a b'",
                "piper-rs phonemes -qm joe --length_scale 2 \"a b\"",
            ),
            (
                "--speed=2 interactive --json",
                "piper-rs interactive --speed=2 --json",
            ),
            (
                "--phoneme-silence a 1 batch x",
                "piper-rs batch --phoneme-silence a 1 x",
            ),
        ] {
            let fault = misplaced_command(&words(line)).unwrap_or_default();
            assert!(fault.contains(expected), "{line}: {fault}");
        }
        for line in [
            "-m batch hello",
            "-m joe batch",
            "batch x",
            "-o x.wav doctor it",
            "-x batch y",
            "-- batch y",
        ] {
            assert_eq!(misplaced_command(&words(line)), None, "{line}");
        }
    }

    #[test]
    fn an_option_of_another_command_is_told_whose_it_is() {
        let tip = |unknown, line| speak_option_tip(unknown, &words(line));
        let cues = tip("--at-cue-times", "batch -d out film.srt --at-cue-times");
        let expected = "`--at-cue-times` is an option of `piper-rs speak`, not of `piper-rs batch`";
        assert_eq!(cues.as_deref(), Some(expected));
        assert_eq!(tip("--nonsense", "batch -d out --nonsense"), None);
        assert_eq!(tip("--at-cue-times", "voices list --at-cue-times"), None);
    }

    #[test]
    fn a_text_with_a_dash_is_told_from_an_option() {
        let tip = |unknown, line| dash_tip(unknown, &words(line));
        let line = "-q speak '- one' -o x.wav";
        let expected = "piper-rs speak -q -o x.wav -- \"- one\"";
        assert!(tip("- ", line).unwrap().ends_with(expected));
        for (unknown, line) in [
            ("--nonsense", "speak --nonsense -o'a b.wav'"),
            ("--nonsense", "speak --nonsense"),
            ("- ", "voices get '- one'"),
        ] {
            assert_eq!(tip(unknown, line), None, "{line}");
        }
    }

    #[test]
    fn a_tip_can_be_typed_in_a_shell() {
        for word in ["Hello there", "it's $5 \"now\"", "a\\b", "x.wav", ""] {
            let line = as_typed(&[word.into()]);
            assert_eq!(shlex::split(&line).unwrap(), [word], "{line}");
        }
    }
}
