//! Lexicon files, each read once.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use piper_rs::lexicon::{BadLexicon, IpaEntries, Lexicon, LexiconVoice, MAX_BYTES, Replacements};
use piper_rs::voice::content_hash::ContentHash;
use piper_rs::voice::{PhonemeType, VoiceConfig};

use crate::terminal::report::UsageError;

/// A lexicon file. Clones share its content.
#[derive(Clone)]
pub(crate) struct LexiconFile {
    path: PathBuf,
    read: Arc<OnceLock<Content>>,
}

struct Content {
    lexicon: Lexicon,
    hash: ContentHash,
}

impl LexiconFile {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self {
            path,
            read: Arc::default(),
        }
    }

    /// Returns the files at `paths`, or `None` if there are none.
    pub(crate) fn all(paths: &[PathBuf]) -> Option<Vec<Self>> {
        let files = paths.iter().cloned().map(Self::at);
        (!paths.is_empty()).then(|| files.collect())
    }

    /// Returns a hash of the file's content.
    pub(crate) fn content_hash(&self) -> Result<ContentHash, UsageError> {
        Ok(self.read()?.hash)
    }

    fn read(&self) -> Result<&Content, UsageError> {
        if let Some(content) = self.read.get() {
            return Ok(content);
        }
        let content = Content::of(&self.path)?;
        Ok(self.read.get_or_init(|| content))
    }
}

impl Content {
    fn of(path: &Path) -> Result<Self, UsageError> {
        let shown = path.display();
        // One byte too many, so that the parser refuses a larger file.
        let limit = MAX_BYTES as u64 + 1;
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(limit).read_to_end(&mut bytes))
            .map_err(|error| UsageError(format!("cannot read the lexicon {shown}: {error}")))?;
        let lexicon = Lexicon::parse(&bytes)
            .map_err(|BadLexicon { line, fault }| UsageError(format!("{shown}:{line}: {fault}")))?;
        Ok(Self {
            lexicon,
            hash: ContentHash::of_parts([&*bytes]),
        })
    }
}

/// Reads the files now, so that errors are reported before any speech.
pub(crate) fn read(files: &[LexiconFile]) -> Result<(), UsageError> {
    files.iter().try_for_each(|file| file.read().map(drop))
}

/// Returns the entries of `files` that apply to the voice called `name`.
pub(crate) fn replacements(
    files: &[LexiconFile],
    name: &str,
    config: &VoiceConfig,
) -> Result<Replacements, UsageError> {
    let read = files.iter().map(|file| Ok(&file.read()?.lexicon));
    let lexicons = read.collect::<Result<Vec<_>, UsageError>>()?;
    let language = config.language.clone().or_from_name(name);
    let voice = LexiconVoice {
        name,
        languages: &[&config.espeak_voice, &language.code, &language.family],
        ipa_entries: match config.phoneme_type {
            PhonemeType::Espeak => IpaEntries::Use,
            PhonemeType::Text | PhonemeType::Pinyin => IpaEntries::Skip,
        },
    };
    Ok(Replacements::new(lexicons, &voice))
}

impl fmt::Display for LexiconFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl fmt::Debug for LexiconFile {
    /// Without the entries: there may be a million.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LexiconFile").field(&self.path).finish()
    }
}

impl PartialEq for LexiconFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}
