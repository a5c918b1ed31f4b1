//! What decides how an output sounds, as one hash.

use piper_rs::voice::content_hash::ContentHash;
use piper_rs::{CancelToken, Error, Result};

use crate::speech::lexicon::LexiconFile;
use crate::speech::settings::Settings;
use crate::speech::source::Source;
use crate::terminal::report::UsageError;

/// How many characters of a text are kept for its name.
const OPENING_CHARS: usize = 120;

/// What reading a text through tells.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    pub(super) chars: u64,
    /// How it begins.
    pub(super) opening: String,
    content: ContentHash,
}

impl Survey {
    /// Reads a text through, passage by passage.
    pub(super) fn of(text: &Source, cancel: &CancelToken) -> Result<Self> {
        let mut content = ContentHash::of_parts([]);
        let (mut chars, mut opening) = (0, String::new());
        for passage in text.read() {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let passage = passage?.text;
            if opening.trim().is_empty() {
                opening = passage.trim().chars().take(OPENING_CHARS).collect();
            }
            chars += passage.chars().count() as u64;
            content = ContentHash::of_parts([content.as_bytes(), passage.as_bytes()]);
        }
        Ok(Self {
            chars,
            opening,
            content,
        })
    }
}

/// Returns a hash of text, voice, settings, lexicons and program.
///
/// `voice` is the hash of its files; `espeak` the version of espeak-ng.
pub(super) fn fingerprint(
    survey: &Survey,
    voice: &ContentHash,
    settings: &Settings,
    espeak: &str,
) -> Result<ContentHash, UsageError> {
    // Voice and lexicons count by what their files hold, not by their names.
    let mut settings = Settings {
        voice: None,
        config: None,
        ..settings.clone()
    };
    let lexicons = settings.manner.lexicons.take().unwrap_or_default();
    let lexicons = lexicons.iter().map(LexiconFile::content);
    let lexicons = lexicons.collect::<Result<Vec<_>, _>>()?;
    let lexicons = ContentHash::of_parts(lexicons.iter().map(ContentHash::as_bytes));
    // Derived, so that no setting added later is forgotten.
    let settings = format!("{settings:?}");
    Ok(ContentHash::of_parts([
        survey.content.as_bytes(),
        voice.as_bytes(),
        settings.as_bytes(),
        lexicons.as_bytes(),
        env!("CARGO_PKG_VERSION").as_bytes(),
        espeak.as_bytes(),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::tests::settings;

    fn survey(text: &str) -> Survey {
        Survey::of(&Source::text(text.to_owned()), &CancelToken::new()).unwrap()
    }

    fn fingerprint(text: &str, voice: u8, settings: &Settings, espeak: &str) -> ContentHash {
        let voice = ContentHash::of_parts([&[voice][..]]);
        super::fingerprint(&survey(text), &voice, settings, espeak).unwrap()
    }

    #[test]
    fn it_changes_with_everything_that_is_heard_and_nothing_else() {
        let plain = settings();
        let first = fingerprint("Hi.", 1, &plain, "1.52");
        let seeded = Settings {
            seed: Some(1),
            ..plain.clone()
        };
        let mut paused = plain.clone();
        paused.manner.silences.paragraph = Some(std::time::Duration::from_secs(2));
        let folder = tempfile::tempdir().unwrap();
        let with_lexicon = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let mut settings = plain.clone();
            settings.manner.lexicons = Some(vec![LexiconFile::at(path)]);
            fingerprint("Hi.", 1, &settings, "1.52")
        };
        let hello = with_lexicon("a", "hi = hello");
        assert_eq!(hello, with_lexicon("b", "hi = hello"));
        assert_ne!(hello, with_lexicon("a", "hi = hullo"));
        let others = [
            hello,
            fingerprint("Hi!", 1, &plain, "1.52"),
            fingerprint("Hi.", 2, &plain, "1.52"),
            fingerprint("Hi.", 1, &seeded, "1.52"),
            fingerprint("Hi.", 1, &paused, "1.52"),
            fingerprint("Hi.", 1, &plain, "1.51"),
        ];
        for other in others {
            assert_ne!(first, other);
        }
        let renamed = Settings {
            voice: Some("b.onnx".into()),
            ..plain
        };
        assert_eq!(first, fingerprint("Hi.", 1, &renamed, "1.52"));
    }

    #[test]
    fn a_survey_counts_characters_and_keeps_the_opening() {
        let survey = survey("\n\nÄh,\nja.\n\nDas ist es.\n");
        assert_eq!(survey.chars, 23);
        assert!(survey.opening.starts_with("Äh,"), "{:?}", survey.opening);
    }
}
