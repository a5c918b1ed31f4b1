//! Rewrites the command line before clap parses it: an implied `speak`, and
//! the spellings of Piper's programs.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command, CommandFactory as _};

use super::Cli;
use super::habits::{self, Meaning};

const SPEAK: &str = "speak";

/// Rewrites `typed`, whose first word is the program, for clap:
///
/// - Options without a command get the command `speak`. So does an empty
///   command line, unless standard input is a terminal.
/// - `--snake_case` becomes `--kebab-case`.
/// - `--version` among the options of `speak` becomes the command `version`.
/// - `--stats json` becomes `--stats=json`.
/// - `help COMMAND` becomes `COMMAND --help`.
/// - Some options of espeak-ng become the command that they mean: [`habits`].
pub(crate) fn rewrite(
    typed: impl IntoIterator<Item = OsString>,
    stdin_is_terminal: bool,
) -> Vec<OsString> {
    let mut typed = typed.into_iter();
    let mut rewritten: Vec<OsString> = typed.next().into_iter().collect();
    let mut words: Vec<OsString> = typed.collect();
    let command = Cli::command();
    let globals = count_globals(&command, &words);
    if words.get(globals).is_some_and(|word| word == "help") {
        // `help voices get` means `voices get --help`.
        words.remove(globals);
        words.push("--help".into());
    }
    let first = words.get(globals).map(OsString::as_os_str);
    let is_speak = match first {
        None => globals > 0 || !stdin_is_terminal,
        Some(first) if is_option(first) => first != "-h" && first != "--help",
        // A mistyped command without options is reported as such.
        Some(first) => globals > 0 && !is_command(&command, first),
    };
    let text = words.iter().position(|word| word == "--");
    let text = words.split_off(text.unwrap_or(words.len()));
    let after_globals = words.get(globals..).unwrap_or_default();
    let options_of_speak = match after_globals {
        [first, options @ ..] if first == SPEAK => Some(options),
        options => is_speak.then_some(options),
    };
    let meaning = options_of_speak.and_then(habits::meaning);
    if options_of_speak.is_some_and(has_version) {
        words.truncate(globals);
        words.push("version".into());
    } else if let Some(meaning) = meaning {
        match meaning {
            Meaning::ListVoices => {
                words.truncate(globals);
                words.extend(["voices", "list"].map(OsString::from));
            }
            Meaning::Phonemes => {
                if !is_speak {
                    words.remove(globals);
                }
                words.retain(|word| !word.to_str().is_some_and(habits::is_phonemes));
                words.insert(globals, "phonemes".into());
            }
        }
    } else if is_speak {
        rewritten.push(SPEAK.into());
    }
    for word in words {
        match word.to_str() {
            // clap cannot tell an optional value from a text.
            Some("json" | "text") if rewritten.last().is_some_and(|last| last == "--stats") => {
                rewritten.pop();
                rewritten.push(format!("--stats={}", word.display()).into());
            }
            _ => rewritten.push(hyphenated(word)),
        }
    }
    rewritten.extend(text);
    rewritten
}

/// Returns how many words at the start are global options and their values.
fn count_globals(command: &Command, words: &[OsString]) -> usize {
    let mut count = 0;
    while let Some(length) = words.get(count).and_then(|word| global(command, word)) {
        count += length;
    }
    count.min(words.len())
}

/// Returns how many words the global option `word` takes, its value included,
/// or `None` if it is something else.
fn global(command: &Command, word: &OsStr) -> Option<usize> {
    let word = word.to_str()?;
    let length = |arg: &Arg, has_value: bool| {
        let needs_value = arg.get_action().takes_values() && !has_value;
        1 + usize::from(needs_value)
    };
    let mut globals = command.get_arguments().filter(|arg| arg.is_global_set());
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = match long.split_once('=') {
            Some((name, _)) => (name, true),
            None => (long, false),
        };
        let name = name.replace('_', "-");
        let found = globals.find(|arg| {
            let aliases = arg.get_all_aliases().unwrap_or_default();
            arg.get_long() == Some(&*name) || aliases.contains(&&*name)
        });
        return found.map(|arg| length(arg, value));
    }
    let globals: Vec<_> = globals.collect();
    let mut shorts = word.strip_prefix('-')?.chars();
    let mut words = None;
    while let Some(short) = shorts.next() {
        let arg = globals.iter().find(|arg| arg.get_short() == Some(short))?;
        words = Some(1);
        if arg.get_action().takes_values() {
            return Some(length(arg, !shorts.as_str().is_empty()));
        }
    }
    words
}

fn is_option(word: &OsStr) -> bool {
    word.to_str().is_some_and(|word| word.starts_with('-'))
}

fn is_command(command: &Command, word: &OsStr) -> bool {
    let mut commands = command.get_subcommands();
    commands.any(|command| {
        word == command.get_name() || command.get_all_aliases().any(|alias| word == alias)
    })
}

/// Returns whether these options of `speak` ask for the version, as those of
/// the original piper do.
fn has_version(options: &[OsString]) -> bool {
    options.iter().any(|option| option == "--version")
        || options.first().is_some_and(|option| option == "-V")
}

/// Turns `--a_b=c_d` into `--a-b=c_d`.
fn hyphenated(word: OsString) -> OsString {
    match word.to_str() {
        Some(text) if text.starts_with("--") => {
            let (name, value) = text.split_at(text.find('=').unwrap_or(text.len()));
            (name.replace('_', "-") + value).into()
        }
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_rewritten() {
        let cases = [
            ("x --output_file a_b", "x speak --output-file a_b"),
            ("x speak --length_scale=1_0", "x speak --length-scale=1_0"),
            ("x speak -- --a_b", "x speak -- --a_b"),
            ("x phonemes a_b", "x phonemes a_b"),
            ("x -o y --stats json", "x speak -o y --stats=json"),
            ("x speak --stats text json", "x speak --stats=text json"),
            ("x speak --stats hello json", "x speak --stats hello json"),
            // Version
            ("x --version", "x version"),
            ("x -V", "x version"),
            ("x speak -V", "x version"),
            ("x speak -m y --version", "x version"),
            ("x -q --version", "x -q version"),
            ("x --espeak=e -m y --version", "x --espeak=e version"),
            ("x speak -- --version", "x speak -- --version"),
            ("x phonemes --version", "x phonemes --version"),
            // Global options before a command
            ("x -q doctor", "x -q doctor"),
            ("x -qv doctor", "x -qv doctor"),
            ("x --debug i", "x --debug i"),
            ("x --no_config devices", "x --no-config devices"),
            (
                "x --espeak-data D phonemes y",
                "x --espeak-data D phonemes y",
            ),
            (
                "x --espeak_data=D phonemes y",
                "x --espeak-data=D phonemes y",
            ),
            (
                "x -q --config-file F batch y",
                "x -q --config-file F batch y",
            ),
            ("x -q -h", "x -q -h"),
            // No command
            ("x", "x speak"),
            ("x -q", "x speak -q"),
            ("x --espeak-data", "x speak --espeak-data"),
            ("x -q hello", "x speak -q hello"),
            ("x hello", "x hello"),
            ("x -q -o y doctor", "x speak -q -o y doctor"),
            ("x -qo y doctor", "x speak -qo y doctor"),
            ("x -- doctor", "x speak -- doctor"),
            ("x -q -- doctor", "x speak -q -- doctor"),
            ("x -", "x speak -"),
            // Habits
            ("x help", "x --help"),
            ("x -q help", "x -q --help"),
            ("x help voices get", "x voices get --help"),
            ("x speak help", "x speak help"),
            ("x --voices", "x voices list"),
            ("x speak --voices=de", "x voices list"),
            ("x speak -m y -x z", "x phonemes -m y z"),
            ("x -q --ipa z", "x -q phonemes z"),
            ("x -x -- -x", "x phonemes -- -x"),
            ("x phonemes -x", "x phonemes -x"),
        ];
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        for (typed, expected) in cases {
            assert_eq!(rewrite(words(typed), false), words(expected), "{typed}");
        }
        assert_eq!(rewrite(words("x"), true), words("x"));
    }
}
