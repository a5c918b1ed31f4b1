//! Parsing the config file. Every error names the line and the key.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clap::Parser as _;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::key::{KEYS, Key, Kind, Role, VOICES};
use super::{ConfigFile, resolve_path};
use crate::args::Cli;
use crate::speech::lexicon::LexiconFile;
use crate::speech::overrides::{ConfiguredOverrides, SpeechOverrides};
use crate::speech::setting::{Setting, check_loudness};
use crate::terminal::report::UsageError;
use crate::terminal::suggest::nearest;

/// A value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigValue {
    pub(crate) key: Key,
    /// As typed after the option. Only lists have several.
    pub(crate) typed: Vec<String>,
    pub(crate) line: usize,
}

impl ConfigValue {
    pub(crate) fn text(&self) -> String {
        self.typed.join(", ")
    }
}

struct Parser<'a> {
    path: &'a Path,
    text: &'a str,
}

type Result<T> = std::result::Result<T, UsageError>;

/// Returns whether the value on the line of `offset` is a word without quotes.
fn lacks_quotes(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or(text);
    let line = text.lines().nth(before.matches('\n').count());
    let value = line.and_then(|line| Some(line.split_once('=')?.1.trim_start()));
    value.is_some_and(|value| value.starts_with(|c: char| c.is_alphabetic() || "/~.".contains(c)))
}

/// Parses the text of the file at `path`.
pub(crate) fn parse(path: &Path, text: &str) -> Result<ConfigFile> {
    let parser = Parser { path, text };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message().lines().next().unwrap_or_default();
        let quotes = match lacks_quotes(text, at) {
            true => "; a text value needs quotes, as in voice = \"NAME\"",
            false => "",
        };
        parser.error(at, &format!("not TOML: {message}{quotes}"))
    })?;
    let mut file = ConfigFile {
        path: Some(path.to_owned()),
        exists: true,
        ..ConfigFile::default()
    };
    let mut voices = BTreeMap::new();
    for (name, value) in in_file_order(table.get_ref()) {
        if name.get_ref() == VOICES {
            for (voice, table) in in_file_order(parser.table(name, value)?) {
                let values = parser.voice(voice, table)?;
                let voice = voice.get_ref().to_string();
                voices.insert(voice.clone(), parser.overrides(&values)?);
                let values = values.into_iter().map(|value| (voice.clone(), value));
                file.voices.extend(values);
            }
        } else {
            file.general.push(parser.general(name, value)?);
        }
    }
    let general = parser.overrides(&file.general)?;
    file.overrides = Arc::new(ConfiguredOverrides { general, voices });
    Ok(file)
}

type Name<'i> = Spanned<DeString<'i>>;

/// Lists a table in the order of the file, so that the first error is
/// reported.
fn in_file_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(&'a Name<'i>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

impl Parser<'_> {
    fn voice<'a>(
        &self,
        name: &Name<'_>,
        table: &'a Spanned<DeValue<'a>>,
    ) -> Result<Vec<ConfigValue>> {
        let entries = in_file_order(self.table(name, table)?).into_iter();
        entries
            .map(|(name, value)| {
                let value = self.value(name, value, Key::is_of_voice)?;
                match value.key.is_of_voice() {
                    true => Ok(value),
                    false => {
                        let key = value.key.name;
                        let message = format!("`{key}` cannot be set for a single voice");
                        Err(self.error(name.span().start, &message))
                    }
                }
            })
            .collect()
    }

    fn table<'a, 'i>(
        &self,
        name: &Name<'_>,
        value: &'a Spanned<DeValue<'i>>,
    ) -> Result<&'a DeTable<'i>> {
        value.get_ref().as_table().ok_or_else(|| {
            let (name_text, kind) = (name.get_ref(), kind_of(value.get_ref()));
            let message =
                format!("`{name_text}` is {kind}, not a table such as [{VOICES}.\"NAME\"]");
            self.error(name.span().start, &message)
        })
    }

    fn general(&self, name: &Name<'_>, value: &Spanned<DeValue<'_>>) -> Result<ConfigValue> {
        let value = self.value(name, value, Key::is_general)?;
        match value.key.is_general() {
            true => Ok(value),
            false => {
                let key = value.key.name;
                let message = format!(
                    "`{key}` can only be set for a single voice, under [{VOICES}.\"NAME\"]"
                );
                Err(self.error(name.span().start, &message))
            }
        }
    }

    /// Reads and checks a value. Suggests a key that is `allowed` here for an
    /// unknown one.
    fn value(
        &self,
        name: &Name<'_>,
        value: &Spanned<DeValue<'_>>,
        allowed: impl Fn(Key) -> bool,
    ) -> Result<ConfigValue> {
        let at = name.span().start;
        let typed: &str = name.get_ref();
        let key = Key::named(typed).ok_or_else(|| {
            let keys = KEYS.into_iter().filter(|key| allowed(*key));
            let names = keys.map(|key| key.name).chain([VOICES]);
            let help = match nearest(&typed.replace('-', "_"), names) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`piper-rs config show` lists all keys".to_owned(),
            };
            self.error(at, &format!("unknown key `{typed}`; {help}"))
        })?;
        let values = match (key.kind, value.get_ref()) {
            (Kind::Strings, DeValue::Array(list)) => list
                .iter()
                .map(|item| as_typed(Kind::String, item.get_ref()))
                .collect(),
            (kind, value) => as_typed(kind, value).map(|value| vec![value]),
        };
        let values = values.ok_or_else(|| {
            let (actual, expected) = (kind_of(value.get_ref()), kind_name(key.kind));
            self.error(at, &format!("`{typed}` is {actual}, not {expected}"))
        })?;
        let value = ConfigValue {
            key,
            typed: values,
            line: self.line(at),
        };
        check(&value).map_err(|reason| self.error(at, &reason))?;
        Ok(value)
    }

    /// Turns the values that are settings of speech into a layer.
    fn overrides(&self, values: &[ConfigValue]) -> Result<SpeechOverrides> {
        let named = |name| values.iter().find(|value| value.key.name == name);
        if let (Some(normalize), Some(loudness)) = (named("normalize"), named("loudness")) {
            let mut layer = SpeechOverrides::default();
            set(&mut layer, normalize)?;
            check_loudness(layer.normalize, true).map_err(|error| {
                self.error_in_line(normalize.line.max(loudness.line), &error.to_string())
            })?;
        }
        let mut overrides = SpeechOverrides::default();
        for value in values {
            set(&mut overrides, value)?;
        }
        overrides.lexicons = named("lexicon").map(|value| {
            let paths = value
                .typed
                .iter()
                .map(|typed| resolve_path(self.path, typed));
            paths.map(LexiconFile::at).collect()
        });
        Ok(overrides)
    }

    fn error(&self, at: usize, message: &str) -> UsageError {
        self.error_in_line(self.line(at), message)
    }

    fn error_in_line(&self, line: usize, message: &str) -> UsageError {
        UsageError(format!("{}:{line}: {message}", self.path.display()))
    }

    /// Returns the number of the line at the byte offset `at`.
    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }
}

/// Checks a value as its option would be.
fn check(value: &ConfigValue) -> std::result::Result<(), String> {
    match value.key.role {
        Role::OptionDefault => {
            check_option(value).map_err(|reason| format!("`{}`: {reason}", value.key.name))
        }
        _ => set(&mut SpeechOverrides::default(), value).map_err(|error| error.to_string()),
    }
}

/// Sets a value if it is a setting of speech.
fn set(overrides: &mut SpeechOverrides, value: &ConfigValue) -> Result<()> {
    let setting = Setting::named(value.key.name).filter(|_| value.key.is_speech());
    match (setting, value.typed.as_slice()) {
        (Some(setting), [typed]) => setting.set_typed(overrides, typed),
        _ => Ok(()),
    }
}

/// Lets clap check a value, as an option of a command that has it.
fn check_option(value: &ConfigValue) -> std::result::Result<(), String> {
    let command: &[&str] = match value.key.name {
        "jobs" => &["piper-rs", "batch", "-d", "folder", "text"],
        "voice_name" => &["piper-rs", "speechd"],
        _ => &["piper-rs", "speak"],
    };
    let command = command.iter().map(|&word| word.to_owned());
    let option = format!("{}={}", value.key.option(), value.text());
    match Cli::try_parse_from(command.chain([option])) {
        Ok(_) => Ok(()),
        Err(error) => {
            let text = error.to_string();
            let text = text.split("\n\nFor more").next().unwrap_or_default();
            let text = text.split("\n\nUsage").next().unwrap_or_default();
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let text = lines.collect::<Vec<_>>().join("; ");
            Err(text.trim_start_matches("error: ").to_owned())
        }
    }
}

/// Returns a value as it would be typed on the command line.
fn as_typed(expected: Kind, value: &DeValue<'_>) -> Option<String> {
    let without_separators = |digits: &str| digits.replace('_', "");
    match (expected, value) {
        (Kind::String | Kind::Strings, DeValue::String(text)) => Some(text.to_string()),
        (Kind::Number | Kind::Integer, DeValue::Integer(number)) => {
            let digits = without_separators(number.as_str());
            let number = i128::from_str_radix(&digits, number.radix()).ok()?;
            Some(number.to_string())
        }
        (Kind::Number, DeValue::Float(number)) => Some(without_separators(number.as_str())),
        _ => None,
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "a string",
        Kind::Number => "a number",
        Kind::Integer => "an integer",
        Kind::Strings => "a string or a list of strings",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piper_rs::voice::{Speaker, Speed};

    fn read(text: &str) -> std::result::Result<ConfigFile, String> {
        parse(Path::new("c.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_read_like_their_options() {
        let file = read(
            "voice = \"a\"\nvolume = 2\nsentence-silence = 0.5\ncache_mb = 1_000\n\
             data_dir = [\"x\", \"/y\"]\n[voices.\"b-c\"]\nspeed = 2\nspeaker = \"bob\"\n",
        )
        .unwrap();
        assert_eq!(file.overrides.general.volume, Some(2.0));
        assert_eq!(file.overrides.voices["b-c"].speed, Speed::new(2.0).ok());
        assert_eq!(
            file.overrides.voices["b-c"].speaker,
            Some(Speaker::from("bob"))
        );
        let lines: Vec<_> = file.general.iter().map(|value| value.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5]);
        assert_eq!(file.general[3].text(), "1000");
        assert_eq!(file.paths().data_dirs, [Path::new("x"), Path::new("/y")]);
    }

    #[test]
    fn a_text_without_quotes_is_told_to_have_them() {
        for text in [
            "\nvoice = en_GB-alba-medium",
            "data_dir = ~/voices\nspeed = 1",
            "device = fast",
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.ends_with("needs quotes, as in voice = \"NAME\""),
                "{error}"
            );
        }
        assert!(!read("speed = 1.2.3").unwrap_err().contains("quotes"));
    }

    #[test]
    fn errors_name_the_line_the_key_and_a_remedy() {
        let cases = [
            ("voice = ", "c.toml:1: not TOML: "),
            (
                "\nvioce = \"x\"",
                "c.toml:2: unknown key `vioce`; did you mean `voice`?",
            ),
            (
                "colour = 1",
                "c.toml:1: unknown key `colour`; `piper-rs config show` lists all keys",
            ),
            (
                "volume = \"loud\"",
                "c.toml:1: `volume` is a string, not a number",
            ),
            (
                "volume = -1",
                "c.toml:1: volume -1 is out of range: it must be 0 or more",
            ),
            ("threads = 0", "c.toml:1: `threads`: invalid value '0'"),
            (
                "threads = 1.5",
                "c.toml:1: `threads` is a fraction, not an integer",
            ),
            (
                "normalize = \"al\"",
                "c.toml:1: normalize \"al\" is not run, sentence or off",
            ),
            (
                "sentence_silence = 5000",
                "c.toml:1: sentence_silence 5000 is out of range",
            ),
            (
                "speed = 5",
                "c.toml:1: speed 5 is out of range: it must be 0.25 to 4",
            ),
            (
                "speaker = \"x\"",
                "c.toml:1: `speaker` can only be set for a single voice, under",
            ),
            (
                "voices = 1",
                "c.toml:1: `voices` is an integer, not a table",
            ),
            (
                "[voices.a]\nspaeker = \"x\"",
                "c.toml:2: unknown key `spaeker`; did you mean `speaker`?",
            ),
            (
                "[voices.a]\nthreads = 2",
                "c.toml:2: `threads` cannot be set for a single voice",
            ),
        ];
        for (text, message) in cases {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(message), "{text}\n{error}\n{message}");
        }
    }
}
