//! `--cast`: who speaks the lines of a dialogue, from a TOML file.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use piper_rs::parts::dialogue::name_key;
use piper_rs::voice::content_hash::ContentHash;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::{PartSettings, PartVoice};
use crate::environment::expand_home;
use crate::terminal::report::{Reporter, UsageError};

/// The table of what no name begins.
const NARRATOR: &str = "narrator";
/// Far more than a cast needs.
const MAX_BYTES: u64 = 1024 * 1024;
/// The unknown names that are named; the others are counted.
const NAMED_UNKNOWN: usize = 20;
/// The unknown names that are remembered.
const MAX_UNKNOWN: usize = 10_000;

/// The people of a dialogue, and how each speaks.
#[derive(Debug)]
pub(crate) struct Cast {
    path: PathBuf,
    members: HashMap<String, Arc<PartSettings>>,
    narrator: Arc<PartSettings>,
    content_hash: ContentHash,
    /// The names of texts that have no table.
    unknown: Mutex<BTreeSet<String>>,
}

type Result<T> = std::result::Result<T, UsageError>;

impl Cast {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let failed = |error: std::io::Error| UsageError(format!("cannot read {shown}: {error}"));
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(failed)?;
        let mut limited = std::io::Read::take(file, MAX_BYTES + 1);
        std::io::Read::read_to_string(&mut limited, &mut text).map_err(failed)?;
        if text.len() as u64 > MAX_BYTES {
            return Err(UsageError(format!(
                "{shown} is larger than a cast may be: 1 MiB"
            )));
        }
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let error = |at: usize, message: &str| {
            let before = text.get(..at).unwrap_or(text);
            let line = 1 + before.matches('\n').count();
            UsageError(format!("{}:{line}: {message}", path.display()))
        };
        let table = DeTable::parse(text).map_err(|bad| {
            let at = bad.span().map_or(0, |span| span.start);
            let message = bad.message().lines().next().unwrap_or_default();
            error(at, &format!("not TOML: {message}"))
        })?;
        let mut cast = Self {
            path: path.to_owned(),
            members: HashMap::new(),
            narrator: Arc::default(),
            content_hash: ContentHash::of_parts([text.as_bytes()]),
            unknown: Mutex::default(),
        };
        let mut tables: Vec<_> = table.get_ref().iter().collect();
        tables.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in tables {
            let at = name.span().start;
            let name: &str = name.get_ref();
            let Some(fields) = value.get_ref().as_table() else {
                let message = format!(
                    "`{name}` is outside of a table; begin one with [NAME], or with [{NARRATOR}] \
                     for what no name begins"
                );
                return Err(error(at, &message));
            };
            let mut settings = PartSettings::default();
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(field, _)| field.span().start);
            for (field, value) in fields {
                let error = |message: &str| error(field.span().start, message);
                let Some(value) = json(value.get_ref()) else {
                    let written = text.get(value.span()).unwrap_or_default();
                    let message = format!("{} {written} is not a usable number", field.get_ref());
                    return Err(error(&message));
                };
                let set = settings.set(field.get_ref(), &value);
                set.map_err(|fault| error(&fault.to_string()))?;
            }
            for voice in &mut settings.voices {
                if let PartVoice::Named(voice) = voice {
                    *voice = resolved(path, voice);
                }
            }
            let settings = Arc::new(settings);
            let key = name_key(name);
            if key == NARRATOR {
                cast.narrator = Arc::clone(&settings);
            }
            if key.is_empty() {
                return Err(error(at, "a table has no name; write one such as [Anna]"));
            }
            if cast.members.insert(key, settings).is_some() {
                let message =
                    format!("`{name}` is twice in the cast; case and spaces make no difference");
                return Err(error(at, &message));
            }
        }
        Ok(cast)
    }

    /// Returns a hash of the file.
    pub(crate) fn content_hash(&self) -> ContentHash {
        self.content_hash
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how the person of this name speaks.
    pub(crate) fn member(&self, name: &str) -> Option<Arc<PartSettings>> {
        self.members.get(&name_key(name)).map(Arc::clone)
    }

    /// Notes a name that has no table, once, and only the first ones.
    pub(super) fn note_unknown(&self, name: &str, reporter: &Reporter) {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if unknown.len() < MAX_UNKNOWN
            && unknown.insert(name.to_owned())
            && unknown.len() <= NAMED_UNKNOWN
        {
            reporter.note(&format!(
                "`{name}` is not in {}: whoever speaks before goes on, and says the name too",
                self.path.display()
            ));
        }
    }

    /// Notes how many unknown names were not named.
    pub(super) fn report_unknown_names(&self, reporter: &Reporter) {
        let unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        let more = unknown.len().saturating_sub(NAMED_UNKNOWN);
        let least = match unknown.len() {
            MAX_UNKNOWN => "at least ",
            _ => "",
        };
        if more > 0 {
            reporter.note(&format!(
                "{least}{more} more names are not in {}",
                self.path.display()
            ));
        }
    }

    /// Returns how what no name begins is spoken.
    pub(crate) fn narrator(&self) -> Arc<PartSettings> {
        Arc::clone(&self.narrator)
    }

    /// Returns the voices that are named.
    pub(crate) fn voices(&self) -> BTreeSet<&str> {
        let settings = self.members.values();
        let voices = settings.flat_map(|settings| &settings.voices);
        let voices = voices.filter_map(|voice| match voice {
            PartVoice::Named(name) => Some(name.as_str()),
            PartVoice::OfDocument(_) | PartVoice::OfLanguage(_) | PartVoice::Speaker(_) => None,
        });
        voices.collect()
    }
}

/// Returns a path of the file `cast` as it is for this process; a name stays as it
/// is.
fn resolved(cast: &Path, voice: &str) -> String {
    let path = expand_home(voice);
    let is_path = path.components().count() > 1 || path.extension().is_some_and(|e| e == "onnx");
    match (is_path, cast.parent()) {
        (true, Some(folder)) => folder.join(path).to_string_lossy().into_owned(),
        _ => voice.to_owned(),
    }
}

/// Returns a value as it would be in a line of JSON, if JSON has it: no `nan`, no `inf`,
/// no integer of more than 64 bits.
fn json(value: &DeValue<'_>) -> Option<Value> {
    let plain = |digits: &str| digits.replace('_', "");
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => {
            let (digits, radix) = (plain(number.as_str()), number.radix());
            match i64::from_str_radix(&digits, radix) {
                Ok(number) => Value::from(number),
                Err(_) => Value::from(u64::from_str_radix(&digits, radix).ok()?),
            }
        }
        DeValue::Float(number) => {
            let number = plain(number.as_str()).parse::<f64>().ok()?;
            Value::Number(serde_json::Number::from_f64(number)?)
        }
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(list) => {
            let list = list.iter().map(|value| json(value.get_ref()));
            Value::Array(list.collect::<Option<_>>()?)
        }
        DeValue::Table(_) => Value::Object(serde_json::Map::new()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use piper_rs::voice::{Speaker, Speed};

    fn parse(text: &str) -> std::result::Result<Cast, String> {
        Cast::parse(Path::new("a/cast.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn each_name_has_its_settings() {
        let cast = parse(
            "[Anna]\nvoice = \"joe\"\nspeed = 0.9\n[\"Old Man\"]\nvoice = \"./v/x.onnx\"\n\
             speaker = 3\n[Narrator]\nlang = \"de\"\n",
        )
        .unwrap();
        let anna = cast.member("ANNA").unwrap();
        assert_eq!(anna.voices, [PartVoice::Named("joe".to_owned())]);
        assert_eq!(anna.overrides.speed, Speed::new(0.9).ok());
        let man = cast.member(" old  man").unwrap();
        assert_eq!(man.voices, [PartVoice::Named("a/./v/x.onnx".to_owned())]);
        assert_eq!(man.overrides.speaker, Some(Speaker::Id(3)));
        let german = [PartVoice::OfLanguage("de".to_owned())];
        assert_eq!(cast.narrator().voices, german);
        assert_eq!(cast.member("narrator"), Some(cast.narrator()));
        assert_eq!(cast.member("Bob"), None);
        assert_eq!(Vec::from_iter(cast.voices()), ["a/./v/x.onnx", "joe"]);
    }

    #[test]
    fn errors_name_file_line_and_key() {
        let cases = [
            ("[a", "a/cast.toml:1: not TOML: "),
            (
                "\nspeed = 2\n",
                "a/cast.toml:2: `speed` is outside of a table; begin one with",
            ),
            (
                "[Anna]\nspeeed = 2\n",
                "a/cast.toml:2: unknown key `speeed`; did you mean `speed`? the keys are voice, \
                 lang, speaker, speed,",
            ),
            (
                "[Anna]\nspeed = 9\n",
                "a/cast.toml:2: speed 9 is out of range",
            ),
            (
                "[Anna]\nvoice = 9\n",
                "a/cast.toml:2: voice 9 is not a string",
            ),
            (
                "[Anna]\nlexicon = \"x\"\n",
                "a/cast.toml:2: unknown key `lexicon`",
            ),
            (
                "[Anna]\n[ANNA]\n",
                "a/cast.toml:2: `ANNA` is twice in the cast; case and",
            ),
            ("[\" \"]\n", "a/cast.toml:1: a table has no name"),
            (
                "[Anna]\nspeed = nan\n",
                "a/cast.toml:2: speed nan is not a usable number",
            ),
            (
                "[Anna]\nvolume = -inf\n",
                "a/cast.toml:2: volume -inf is not a usable number",
            ),
            (
                "[Anna]\nseed = 100000000000000000000\n",
                "a/cast.toml:2: seed 100000000000000000000 is not a usable number",
            ),
            ("[Anna]\nseed = 1e20\n", "a/cast.toml:2: seed "),
        ];
        for (text, expected) in cases {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
