//! The commands of the server.

/// A line that is a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Load what is needed; the first command.
    Init,
    /// Settings of the audio follow.
    Audio,
    /// Settings of the log follow.
    LogLevel,
    /// Settings of the messages to come follow.
    Set,
    /// The text of a message follows.
    Speak(MessageKind),
    /// Drop the current message. There is no reply.
    Stop,
    /// Stop at the next mark of the server. There is no reply.
    Pause,
    /// List the voices of a language and a variant, or all.
    ListVoices {
        /// `en` or `en-GB`.
        language: Option<String>,
        /// What the third column of the list has.
        variant: Option<String>,
    },
    /// Write everything to this file, or end that.
    Debug(Option<String>),
    /// End.
    Quit,
    /// It is none of these.
    Unknown,
}

/// What the text of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// SSML, or words.
    Text,
    /// One character.
    Character,
    /// The name of a key, such as `shift_a`.
    Key,
    /// The name of a sound.
    SoundIcon,
}

impl Command {
    /// Parses a line without its end.
    pub fn parse(line: &str) -> Self {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let mut next = || words.next();
        match line {
            "INIT" => Self::Init,
            "AUDIO" => Self::Audio,
            "LOGLEVEL" => Self::LogLevel,
            "SET" => Self::Set,
            "SPEAK" => Self::Speak(MessageKind::Text),
            "CHAR" => Self::Speak(MessageKind::Character),
            "KEY" => Self::Speak(MessageKind::Key),
            "SOUND_ICON" => Self::Speak(MessageKind::SoundIcon),
            "STOP" => Self::Stop,
            "PAUSE" => Self::Pause,
            "QUIT" => Self::Quit,
            _ => match (next(), next()) {
                (Some("LIST"), Some("VOICES")) => Self::ListVoices {
                    language: next().map(str::to_owned),
                    variant: next().map(str::to_owned),
                },
                (Some("DEBUG"), Some("OFF")) => Self::Debug(None),
                (Some("DEBUG"), Some("ON")) => match next() {
                    Some(file) => Self::Debug(Some(file.to_owned())),
                    None => Self::Unknown,
                },
                _ => Self::Unknown,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_exact_and_some_have_arguments() {
        let list = |language: Option<&str>, variant: Option<&str>| Command::ListVoices {
            language: language.map(str::to_owned),
            variant: variant.map(str::to_owned),
        };
        let cases = [
            ("INIT", Command::Init),
            ("CHAR", Command::Speak(MessageKind::Character)),
            ("LIST VOICES", list(None, None)),
            ("LIST VOICES en-GB none", list(Some("en-GB"), Some("none"))),
            (
                "DEBUG ON /tmp/a ",
                Command::Debug(Some("/tmp/a".to_owned())),
            ),
            ("DEBUG OFF ", Command::Debug(None)),
            ("DEBUG ON", Command::Unknown),
            ("SPEAK ", Command::Unknown),
            ("speak", Command::Unknown),
            ("LIST", Command::Unknown),
            ("", Command::Unknown),
        ];
        for (line, expected) in cases {
            assert_eq!(Command::parse(line), expected, "{line:?}");
        }
    }
}
