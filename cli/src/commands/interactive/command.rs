//! Parses a line: text to speak, or a command.

use crate::terminal::suggest::nearest;

/// A parsed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Empty,
    Text(String),
    Command(Command),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Switch to a voice; without a name, print the current one.
    Voice(Option<String>),
    /// Write the audio of the last text into a file.
    Save(String),
    Repeat,
    Stop,
    Skip,
    Queue,
    Wait,
    Voices,
    /// Remove a voice from memory; without a name, all of them.
    Unload(Option<String>),
    /// Print the statistics.
    Stats(StatsAction),
    /// Change a setting. Without a value, print it; without a name, print all.
    Set(Option<String>, Option<String>),
    Help,
    Quit,
}

/// What `:stats` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatsAction {
    Show,
    ShowAndReset,
}

/// Why a line that starts with `:` is not a command.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum CommandError {
    #[error("unknown command `:{name}`{}", suggestion(nearest))]
    Unknown {
        name: String,
        nearest: Option<&'static str>,
    },
    #[error("`:{name}` is ambiguous: {}", alternatives(candidates))]
    Ambiguous {
        name: String,
        candidates: Vec<&'static str>,
    },
    #[error("`:{0} {1}` needs an argument")]
    Missing(&'static str, &'static str),
    #[error("`:{0}` takes no argument")]
    Unexpected(&'static str),
    #[error("`:stats` takes `reset` or no argument")]
    BadStatsArgument,
}

fn suggestion(nearest: &Option<&str>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `:{name}`?"),
        None => "; `:help` lists all commands; start a text with `::` to speak a colon".to_owned(),
    }
}

fn alternatives(candidates: &[&str]) -> String {
    let names: Vec<_> = candidates.iter().map(|name| format!("`:{name}`")).collect();
    names.join(" or ")
}

/// A command as `:help` shows it.
struct CommandSpec {
    name: &'static str,
    argument: &'static str,
    help: &'static str,
}

#[rustfmt::skip] // a table
const COMMANDS: [CommandSpec; 16] = [
    CommandSpec { name: "voice", argument: "[NAME|PATH|-]", help: "switch to another voice; `-` is the previous one" },
    CommandSpec { name: "speaker", argument: "[NAME|NUMBER]", help: "choose a speaker of the voice" },
    CommandSpec { name: "speed", argument: "[X]", help: "speaking rate; 2 is twice as fast" },
    CommandSpec { name: "volume", argument: "[X]", help: "loudness; 0.5 is half" },
    CommandSpec { name: "save", argument: "FILE", help: "write the last speech to a WAV file" },
    CommandSpec { name: "repeat", argument: "", help: "speak the last text again" },
    CommandSpec { name: "stop", argument: "", help: "stop speaking and empty the queue" },
    CommandSpec { name: "skip", argument: "", help: "skip to the next text in the queue" },
    CommandSpec { name: "queue", argument: "", help: "list the current text and the waiting ones" },
    CommandSpec { name: "wait", argument: "", help: "wait until the queue is empty (for scripts)" },
    CommandSpec { name: "voices", argument: "", help: "list all voices; shows which are loaded" },
    CommandSpec { name: "unload", argument: "[NAME|PATH]", help: "remove a voice from memory, or all voices" },
    CommandSpec { name: "stats", argument: "[reset]", help: "show statistics; `reset` sets them to zero afterwards" },
    CommandSpec { name: "set", argument: "[NAME [VALUE]]", help: "show or change settings; `default` resets one" },
    CommandSpec { name: "help", argument: "", help: "show this help" },
    CommandSpec { name: "quit", argument: "", help: "leave immediately; Ctrl-D leaves when the queue is empty" },
];

/// Returns the names of all commands, without the colon.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|command| command.name)
}

/// Returns the name, the argument and the help of each command.
pub(crate) fn commands() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    COMMANDS
        .iter()
        .map(|command| (command.name, command.argument, command.help))
}

/// Returns the text of `:help`.
pub(super) fn help() -> String {
    let lines = COMMANDS.iter().map(|command| {
        let usage = format!(":{} {}", command.name, command.argument);
        format!("  {usage:24} {}\n", command.help)
    });
    "Each line is spoken after the previous one. Start a text with `::` to speak a colon.\n\
     Commands can be abbreviated.\n"
        .to_owned()
        + &lines.collect::<String>()
        + "Ctrl-C stops the speech; press it twice to leave."
}

impl Line {
    /// Parses a line.
    pub(super) fn parse(line: &str) -> Result<Self, CommandError> {
        let line = line.trim();
        match line.strip_prefix(':') {
            None if line.is_empty() => Ok(Self::Empty),
            None => Ok(Self::Text(line.to_owned())),
            Some(text) if text.starts_with(':') => Ok(Self::Text(text.to_owned())),
            Some(command) => Command::parse(command).map(Self::Command),
        }
    }
}

impl Command {
    fn parse(command: &str) -> Result<Self, CommandError> {
        let (name, argument) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let argument = Some(argument.trim().to_owned()).filter(|argument| !argument.is_empty());
        let spec = find(name)?;
        match (spec.argument.chars().next(), &argument) {
            (None, Some(_)) => return Err(CommandError::Unexpected(spec.name)),
            (Some(first), None) if first != '[' => {
                return Err(CommandError::Missing(spec.name, spec.argument));
            }
            _ => {}
        }
        Ok(match spec.name {
            "voice" => Self::Voice(argument),
            "save" => Self::Save(argument.unwrap_or_default()),
            "repeat" => Self::Repeat,
            "stop" => Self::Stop,
            "skip" => Self::Skip,
            "queue" => Self::Queue,
            "wait" => Self::Wait,
            "voices" => Self::Voices,
            "unload" => Self::Unload(argument),
            "stats" => Self::Stats(match argument.as_deref() {
                None => StatsAction::Show,
                Some("reset") => StatsAction::ShowAndReset,
                Some(_) => return Err(CommandError::BadStatsArgument),
            }),
            "help" => Self::Help,
            "quit" => Self::Quit,
            "set" => match argument
                .as_deref()
                .map(|a| a.split_once(char::is_whitespace))
            {
                Some(Some((name, value))) => {
                    Self::Set(Some(name.to_owned()), Some(value.trim().to_owned()))
                }
                _ => Self::Set(argument, None),
            },
            // `:speaker`, `:speed` and `:volume` are settings.
            setting => Self::Set(Some(setting.to_owned()), argument),
        })
    }
}

/// Returns the command of that name, or the only one that starts with it.
fn find(name: &str) -> Result<&'static CommandSpec, CommandError> {
    let name = match name {
        "q" => "quit", // as in vi, psql, gdb
        name => name,
    };
    let exact = COMMANDS.iter().find(|command| command.name == name);
    let mut longer = COMMANDS
        .iter()
        .filter(|command| !name.is_empty() && command.name.starts_with(name));
    match (exact, longer.next(), longer.next()) {
        (Some(command), ..) | (None, Some(command), None) => Ok(command),
        (None, Some(first), Some(second)) => Err(CommandError::Ambiguous {
            name: name.to_owned(),
            candidates: [first, second]
                .into_iter()
                .chain(longer)
                .map(|command| command.name)
                .collect(),
        }),
        (None, None, _) => Err(CommandError::Unknown {
            name: name.to_owned(),
            nearest: nearest(name, names()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_line_is_a_text_or_a_command() {
        let text = |text: &str| Line::Text(text.to_owned());
        let cases = [
            ("", Line::Empty),
            ("  \t", Line::Empty),
            (" Hello, world. \n", text("Hello, world.")),
            ("::-)", text(":-)")),
            (":voice", Line::Command(Command::Voice(None))),
            (
                ":voice  my voices/a b.onnx ",
                Line::Command(Command::Voice(some("my voices/a b.onnx"))),
            ),
            (
                ":save a b.wav",
                Line::Command(Command::Save("a b.wav".into())),
            ),
            (
                ":speed 2",
                Line::Command(Command::Set(some("speed"), some("2"))),
            ),
            (":volume", Line::Command(Command::Set(some("volume"), None))),
            (
                ":set  noise_w   0.5",
                Line::Command(Command::Set(some("noise_w"), some("0.5"))),
            ),
            (":set seed", Line::Command(Command::Set(some("seed"), None))),
            (":set", Line::Command(Command::Set(None, None))),
            (":q", Line::Command(Command::Quit)),
            (":h", Line::Command(Command::Help)),
            (":voices", Line::Command(Command::Voices)),
        ];
        for (line, expected) in cases {
            assert_eq!(Line::parse(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn a_wrong_command_is_answered_with_a_suggestion() {
        let cases = [
            (
                ":vioce x",
                "unknown command `:vioce`; did you mean `:voice`?",
            ),
            (":stp", "unknown command `:stp`; did you mean `:stop`?"),
            (
                ":-)",
                "unknown command `:-)`; `:help` lists all commands; start a text with `::` to speak a colon",
            ),
            (
                ":",
                "unknown command `:`; `:help` lists all commands; start a text with `::` to speak a colon",
            ),
            (":st", "`:st` is ambiguous: `:stop` or `:stats`"),
            (":save", "`:save FILE` needs an argument"),
            (":stop now", "`:stop` takes no argument"),
            (":stats x", "`:stats` takes `reset` or no argument"),
        ];
        for (line, message) in cases {
            assert_eq!(Line::parse(line).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn every_listed_command_is_parsed() {
        for command in &COMMANDS {
            let argument = match command.argument {
                "" => "",
                "[reset]" => " reset",
                _ => " x",
            };
            let line = format!(":{}{argument}", command.name);
            let parsed = Line::parse(&line);
            assert!(matches!(parsed, Ok(Line::Command(_))), "{line}");
            assert!(help().contains(&format!(":{}", command.name)));
        }
    }

    proptest! {
        #[test]
        fn any_line_is_parsed_or_refused(line in ".*") {
            let parsed = Line::parse(&line);
            if let Ok(Line::Text(text)) = parsed {
                prop_assert!(line.contains(&text));
            }
        }
    }
}
