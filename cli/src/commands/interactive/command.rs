//! What a line means: text to speak, or a command.

use crate::terminal::suggest::nearest;

/// A line that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Nothing,
    Text(String),
    Command(Command),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Switch to a voice; without a name, tell which one speaks.
    Voice(Option<String>),
    /// Write the last thing said into a file.
    Save(String),
    Repeat,
    Stop,
    Skip,
    Queue,
    Wait,
    Voices,
    /// Let go of a loaded voice; of all without a name.
    Unload(Option<String>),
    /// Tell the numbers, or begin to count anew.
    Stats(Counts),
    /// Change a setting, or tell it; all of them without a name.
    Set(Option<String>, Option<String>),
    Help,
    Quit,
}

/// What becomes of the numbers when they have been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Kept,
    Reset,
}

/// Why a line that starts with `:` is no command.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum BadCommand {
    #[error("no command `:{name}`{}", meant(nearest))]
    Unknown {
        name: String,
        nearest: Option<&'static str>,
    },
    #[error("`:{name}` may be {}", list(candidates))]
    Ambiguous {
        name: String,
        candidates: Vec<&'static str>,
    },
    #[error("`:{0} {1}` needs its argument")]
    Missing(&'static str, &'static str),
    #[error("`:{0}` takes no argument")]
    Unexpected(&'static str),
    #[error("`:stats` takes `reset` or nothing")]
    NotReset,
}

fn meant(nearest: &Option<&str>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `:{name}`?"),
        None => "; `:help` lists them, and `::` begins a text with a colon".to_owned(),
    }
}

fn list(candidates: &[&str]) -> String {
    let names: Vec<_> = candidates.iter().map(|name| format!("`:{name}`")).collect();
    names.join(" or ")
}

/// A command as help shows it.
struct Spec {
    name: &'static str,
    argument: &'static str,
    help: &'static str,
}

#[rustfmt::skip] // a table
const COMMANDS: [Spec; 16] = [
    Spec { name: "voice", argument: "[NAME|PATH|-]", help: "speak with another voice; `-` is the one before" },
    Spec { name: "speaker", argument: "[NAME|NUMBER]", help: "who of the voice's speakers speaks" },
    Spec { name: "speed", argument: "[X]", help: "how fast: 2 is twice as fast" },
    Spec { name: "volume", argument: "[X]", help: "how loud: 0.5 is half" },
    Spec { name: "save", argument: "FILE", help: "write the last thing said as WAV" },
    Spec { name: "repeat", argument: "", help: "say the last thing again" },
    Spec { name: "stop", argument: "", help: "stop speaking and empty the queue" },
    Spec { name: "skip", argument: "", help: "go on with the next text in the queue" },
    Spec { name: "queue", argument: "", help: "list what is being said and what waits" },
    Spec { name: "wait", argument: "", help: "read on when all is said (for scripts)" },
    Spec { name: "voices", argument: "", help: "list the voices, and those that are loaded" },
    Spec { name: "unload", argument: "[NAME|PATH]", help: "let go of a loaded voice, or of all" },
    Spec { name: "stats", argument: "[reset]", help: "show the numbers of the session; then begin anew" },
    Spec { name: "set", argument: "[NAME [VALUE]]", help: "show or change settings; `default` is a value" },
    Spec { name: "help", argument: "", help: "show this" },
    Spec { name: "quit", argument: "", help: "leave at once; Ctrl-D leaves when all is said" },
];

/// Returns the names of all commands, without the colon.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|command| command.name)
}

/// Returns what `:help` says.
pub(super) fn help() -> String {
    let lines = COMMANDS.iter().map(|command| {
        let usage = format!(":{} {}", command.name, command.argument);
        format!("  {usage:24} {}\n", command.help)
    });
    "A line is spoken as soon as what is before it has been; `::` begins a text with a colon.\n\
     Commands may be shortened.\n"
        .to_owned()
        + &lines.collect::<String>()
        + "Ctrl-C stops the speech, twice leaves."
}

impl Input {
    /// Reads a line.
    pub(super) fn parse(line: &str) -> Result<Self, BadCommand> {
        let line = line.trim();
        match line.strip_prefix(':') {
            None if line.is_empty() => Ok(Self::Nothing),
            None => Ok(Self::Text(line.to_owned())),
            Some(text) if text.starts_with(':') => Ok(Self::Text(text.to_owned())),
            Some(command) => Command::parse(command).map(Self::Command),
        }
    }
}

impl Command {
    fn parse(command: &str) -> Result<Self, BadCommand> {
        let (name, argument) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let argument = Some(argument.trim().to_owned()).filter(|argument| !argument.is_empty());
        let spec = find(name)?;
        match (spec.argument.chars().next(), &argument) {
            (None, Some(_)) => return Err(BadCommand::Unexpected(spec.name)),
            (Some(first), None) if first != '[' => {
                return Err(BadCommand::Missing(spec.name, spec.argument));
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
                None => Counts::Kept,
                Some("reset") => Counts::Reset,
                Some(_) => return Err(BadCommand::NotReset),
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
            // Those that are settings of their own.
            setting => Self::Set(Some(setting.to_owned()), argument),
        })
    }
}

/// Returns the command of that name, or the only one that starts so.
fn find(name: &str) -> Result<&'static Spec, BadCommand> {
    let name = match name {
        "q" => "quit", // as everywhere
        name => name,
    };
    let exact = COMMANDS.iter().find(|command| command.name == name);
    let mut longer = COMMANDS
        .iter()
        .filter(|command| !name.is_empty() && command.name.starts_with(name));
    match (exact, longer.next(), longer.next()) {
        (Some(command), ..) | (None, Some(command), None) => Ok(command),
        (None, Some(first), Some(second)) => Err(BadCommand::Ambiguous {
            name: name.to_owned(),
            candidates: [first, second]
                .into_iter()
                .chain(longer)
                .map(|command| command.name)
                .collect(),
        }),
        (None, None, _) => Err(BadCommand::Unknown {
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
        let text = |text: &str| Input::Text(text.to_owned());
        let cases = [
            ("", Input::Nothing),
            ("  \t", Input::Nothing),
            (" Hello, world. \n", text("Hello, world.")),
            ("::-)", text(":-)")),
            (":voice", Input::Command(Command::Voice(None))),
            (
                ":voice  my voices/a b.onnx ",
                Input::Command(Command::Voice(some("my voices/a b.onnx"))),
            ),
            (
                ":save a b.wav",
                Input::Command(Command::Save("a b.wav".into())),
            ),
            (
                ":speed 2",
                Input::Command(Command::Set(some("speed"), some("2"))),
            ),
            (
                ":volume",
                Input::Command(Command::Set(some("volume"), None)),
            ),
            (
                ":set  noise_w   0.5",
                Input::Command(Command::Set(some("noise_w"), some("0.5"))),
            ),
            (
                ":set seed",
                Input::Command(Command::Set(some("seed"), None)),
            ),
            (":set", Input::Command(Command::Set(None, None))),
            (":q", Input::Command(Command::Quit)),
            (":h", Input::Command(Command::Help)),
            (":voices", Input::Command(Command::Voices)),
        ];
        for (line, expected) in cases {
            assert_eq!(Input::parse(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn a_bad_command_says_what_was_probably_meant() {
        let cases = [
            (":vioce x", "no command `:vioce`; did you mean `:voice`?"),
            (":stp", "no command `:stp`; did you mean `:stop`?"),
            (
                ":-)",
                "no command `:-)`; `:help` lists them, and `::` begins a text with a colon",
            ),
            (
                ":",
                "no command `:`; `:help` lists them, and `::` begins a text with a colon",
            ),
            (":st", "`:st` may be `:stop` or `:stats`"),
            (":save", "`:save FILE` needs its argument"),
            (":stop now", "`:stop` takes no argument"),
            (":stats x", "`:stats` takes `reset` or nothing"),
        ];
        for (line, message) in cases {
            assert_eq!(Input::parse(line).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn every_command_of_the_table_is_understood() {
        for command in &COMMANDS {
            let argument = match command.argument {
                "" => "",
                "[reset]" => " reset",
                _ => " x",
            };
            let line = format!(":{}{argument}", command.name);
            let parsed = Input::parse(&line);
            assert!(matches!(parsed, Ok(Input::Command(_))), "{line}");
            assert!(help().contains(&format!(":{}", command.name)));
        }
    }

    proptest! {
        #[test]
        fn any_line_is_understood_or_refused(line in ".*") {
            let parsed = Input::parse(&line);
            if let Ok(Input::Text(text)) = parsed {
                prop_assert!(line.contains(&text));
            }
        }
    }
}
