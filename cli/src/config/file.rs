//! Reading the config file: every fault by its line and key.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clap::Parser as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::{KEYS, Key, Kind, Role, VOICES};
use super::{ConfigFile, place};
use crate::args::{Cli, Command, StyleArgs};
use crate::speech::lexicon::LexiconFile;
use crate::speech::overrides::{LayeredOverrides, SpeechOverrides};
use crate::speech::settings::Settings;
use crate::terminal::report::UsageError;
use crate::terminal::suggest::nearest;

/// A value that stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) key: Key,
    /// As it would be typed after its flag; one but for lists.
    pub(crate) values: Vec<String>,
    pub(crate) line: usize,
}

impl Given {
    pub(crate) fn value(&self) -> String {
        self.values.join(", ")
    }
}

/// Where in the file something stands, or whose it is.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

type Result<T> = std::result::Result<T, UsageError>;

/// Reads the text of the file at `path`.
pub(crate) fn parse(path: &Path, text: &str) -> Result<ConfigFile> {
    let reader = Reader { path, text };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        reader.wrong(at, &format!("not TOML: {message}"))
    })?;
    let mut file = ConfigFile {
        path: Some(path.to_owned()),
        found: true,
        ..ConfigFile::default()
    };
    let mut voices = BTreeMap::new();
    for (name, value) in in_order(table.get_ref()) {
        if name.get_ref() == VOICES {
            for (voice, table) in in_order(reader.table(name, value)?) {
                let given = reader.voice(voice, table)?;
                voices.insert(voice.get_ref().to_string(), reader.manner(&given)?);
                let voice = voice.get_ref().to_string();
                file.voices
                    .extend(given.into_iter().map(|given| (voice.clone(), given)));
            }
        } else {
            file.given.push(reader.given(name, value)?);
        }
    }
    let all = file
        .given
        .iter()
        .filter(|given| given.key.role == Role::SpeechOverrides);
    let all = reader.manner(&all.cloned().collect::<Vec<_>>())?;
    file.manners = Arc::new(LayeredOverrides { all, voices });
    Ok(file)
}

type Entry<'a, 'i> = (
    &'a Spanned<toml::de::DeString<'i>>,
    &'a Spanned<DeValue<'i>>,
);

/// Lists a table in the order of the file: the first fault is told.
fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

impl Reader<'_> {
    fn voice<'a>(
        &self,
        name: &Spanned<toml::de::DeString<'_>>,
        table: &'a Spanned<DeValue<'a>>,
    ) -> Result<Vec<Given>> {
        let entries = in_order(self.table(name, table)?).into_iter();
        entries
            .map(|(key, value)| {
                let at = key.span().start;
                let given = self.given_among(key, value, |key| key.is_of_voice())?;
                match given.key.is_of_voice() {
                    true => Ok(given),
                    false => {
                        let name = given.key.name;
                        Err(self.wrong(at, &format!("`{name}` cannot be set for a voice alone")))
                    }
                }
            })
            .collect()
    }

    fn table<'a, 'i>(
        &self,
        name: &Spanned<toml::de::DeString<'_>>,
        value: &'a Spanned<DeValue<'i>>,
    ) -> Result<&'a DeTable<'i>> {
        value.get_ref().as_table().ok_or_else(|| {
            let message = format!(
                "`{}` is {}, not a table, such as [{VOICES}.\"NAME\"]",
                name.get_ref(),
                kind_of(value.get_ref())
            );
            self.wrong(name.span().start, &message)
        })
    }

    fn given(
        &self,
        name: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Given> {
        let given = self.given_among(name, value, |key| key.role != Role::OneVoice)?;
        match given.key.role {
            Role::OneVoice => Err(self.wrong(
                name.span().start,
                &format!(
                    "`{}` is a voice's own matter: write it under [{VOICES}.\"NAME\"]",
                    given.key.name
                ),
            )),
            _ => Ok(given),
        }
    }

    /// Reads a value, and has its flag check it; `likely` are the keys to
    /// suggest.
    fn given_among(
        &self,
        name: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        likely: impl Fn(&Key) -> bool,
    ) -> Result<Given> {
        let at = name.span().start;
        let typed: &str = name.get_ref();
        let key = Key::named(typed).ok_or_else(|| {
            let names = KEYS.iter().filter(|key| likely(key)).map(|key| key.name);
            let meant = match nearest(&typed.replace('-', "_"), names.chain([VOICES])) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`piper-rs config show` lists the keys".to_owned(),
            };
            self.wrong(at, &format!("no key `{typed}`; {meant}"))
        })?;
        let (wanted, values) = (key.kind, value.get_ref());
        let values = match (wanted, values) {
            (Kind::Texts, DeValue::Array(list)) => list
                .iter()
                .map(|item| text_of(Kind::Text, item.get_ref()))
                .collect(),
            (_, one) => text_of(wanted, one).map(|one| vec![one]),
        };
        let values = values.ok_or_else(|| {
            let kind = kind_of(value.get_ref());
            self.wrong(
                at,
                &format!("`{typed}` is {kind}, not {}", kind_name(wanted)),
            )
        })?;
        let given = Given {
            key,
            values,
            line: self.line(at),
        };
        self.check(&given)
            .map_err(|reason| self.wrong(at, &format!("`{typed}`: {reason}")))?;
        Ok(given)
    }

    /// Has the flag check the value.
    fn check(&self, given: &Given) -> std::result::Result<(), String> {
        if given.key.role == Role::Place {
            return Ok(());
        }
        match parse_as_flags(std::slice::from_ref(given))? {
            Some(style) => match Settings::from_args(&style) {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            },
            None => Ok(()),
        }
    }

    /// Reads what is said of a voice as the command line would be.
    fn manner(&self, given: &[Given]) -> Result<SpeechOverrides> {
        let line_of = |name| given.iter().find(|given| given.key.name == name);
        if let (Some(speed), Some(scale)) = (line_of("speed"), line_of("length_scale")) {
            let line = speed.line.max(scale.line);
            return Err(self.wrong_on(
                line,
                "`speed` and `length_scale` are the same thing: keep one of them",
            ));
        }
        let style = parse_as_flags(given).map_err(UsageError)?;
        let settings = style.map(|style| Settings::from_args(&style)).transpose()?;
        let lexicons = line_of("lexicon").map(|given| {
            let environment = given.values.iter().map(|typed| place(self.path, typed));
            environment.map(LexiconFile::at).collect()
        });
        Ok(SpeechOverrides {
            lexicons,
            ..settings.map(|settings| settings.manner).unwrap_or_default()
        })
    }

    fn wrong(&self, at: usize, message: &str) -> UsageError {
        self.wrong_on(self.line(at), message)
    }

    fn wrong_on(&self, line: usize, message: &str) -> UsageError {
        UsageError(format!("{}:{line}: {message}", self.path.display()))
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }
}

/// Reads values as flags of the command that has them.
fn parse_as_flags(given: &[Given]) -> std::result::Result<Option<StyleArgs>, String> {
    let is_of_batch = given.iter().any(|given| given.key.name == "jobs");
    let command: &[&str] = match is_of_batch {
        true => &["piper-rs", "batch", "-d", "folder", "text"],
        false => &["piper-rs", "speak"],
    };
    let command = command.iter().map(|&word| word.to_owned());
    let flags = given.iter().flat_map(|given| {
        let values = given.values.iter();
        values.map(|value| format!("{}={value}", given.key.flag()))
    });
    let cli = Cli::try_parse_from(command.chain(flags)).map_err(|error| {
        let text = error.to_string();
        let text = text.split("\n\nFor more").next().unwrap_or_default();
        let text = text.split("\n\nUsage").next().unwrap_or_default();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join("; ");
        text.trim_start_matches("error: ").to_owned()
    })?;
    Ok(match cli.command {
        Command::Speak(args) => Some(args.style),
        Command::Batch(args) => Some(args.style),
        _ => None,
    })
}

/// Returns a value as it would be typed.
fn text_of(wanted: Kind, value: &DeValue<'_>) -> Option<String> {
    let without_marks = |digits: &str| digits.replace('_', "");
    match (wanted, value) {
        (Kind::Text | Kind::Texts, DeValue::String(text)) => Some(text.to_string()),
        (Kind::Number | Kind::Whole, DeValue::Integer(number)) => {
            let digits = without_marks(number.as_str());
            Some(
                i128::from_str_radix(&digits, number.radix())
                    .ok()?
                    .to_string(),
            )
        }
        (Kind::Number, DeValue::Float(number)) => Some(without_marks(number.as_str())),
        _ => None,
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text in quotes",
        Kind::Number => "a number",
        Kind::Whole => "a whole number",
        Kind::Texts => "a text in quotes or a list of them",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<ConfigFile, String> {
        parse(Path::new("c.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_read_as_their_flags_are() {
        let file = read(
            "voice = \"a\"\nvolume = 2\nsentence-silence = 0.5\ncache_mb = 1_000\n\
             data_dir = [\"x\", \"/y\"]\n[voices.\"b-c\"]\nspeed = 2\nspeaker = \"bob\"\n",
        )
        .unwrap();
        assert_eq!(file.manners.all.volume, Some(2.0));
        assert_eq!(file.manners.voices["b-c"].length_scale, Some(0.5));
        assert_eq!(file.manners.voices["b-c"].speaker.as_deref(), Some("bob"));
        let lines: Vec<_> = file.given.iter().map(|given| given.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5]);
        assert_eq!(file.given[3].value(), "1000");
        assert_eq!(file.places().data_dirs, [Path::new("x"), Path::new("/y")]);
    }

    #[test]
    fn every_fault_names_its_line_and_key_and_what_to_do() {
        let cases = [
            ("voice = ", "c.toml:1: not TOML: "),
            (
                "\nvioce = \"x\"",
                "c.toml:2: no key `vioce`; did you mean `voice`?",
            ),
            (
                "colour = 1",
                "c.toml:1: no key `colour`; `piper-rs config show` lists the keys",
            ),
            (
                "volume = \"loud\"",
                "c.toml:1: `volume` is a text, not a number",
            ),
            (
                "volume = -1",
                "c.toml:1: `volume`: volume -1 is not 0 or more",
            ),
            ("threads = 0", "c.toml:1: `threads`: invalid value '0'"),
            (
                "threads = 1.5",
                "c.toml:1: `threads` is a number with a fraction, not a whole",
            ),
            (
                "normalize = \"al\"",
                "c.toml:1: `normalize`: invalid value 'al'",
            ),
            (
                "sentence_silence = 5000",
                "c.toml:1: `sentence_silence`: --sentence-silence 5000",
            ),
            (
                "speed = 1\nlength_scale = 1",
                "c.toml:2: `speed` and `length_scale` are the same",
            ),
            (
                "speaker = \"x\"",
                "c.toml:1: `speaker` is a voice's own matter: write it under",
            ),
            (
                "voices = 1",
                "c.toml:1: `voices` is a whole number, not a table",
            ),
            (
                "[voices.a]\nspaeker = \"x\"",
                "c.toml:2: no key `spaeker`; did you mean `speaker`?",
            ),
            (
                "[voices.a]\nthreads = 2",
                "c.toml:2: `threads` cannot be set for a voice alone",
            ),
        ];
        for (text, message) in cases {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(message), "{text}\n{error}\n{message}");
        }
    }
}
