//! Fingerprints: hashes of everything that decides how an output sounds.

mod encoding;
mod legacy;

use std::path::Path;
use std::time::Duration;

use piper_rs::PiperMode;
use piper_rs::audio::SampleRate;
use piper_rs::audio::level::{Normalize, RUN_LOUDNESSES};
use piper_rs::chunk::{ChunkOptions, LineBreaks, Splitting};
use piper_rs::encode::Encoding;
use piper_rs::voice::Speed;
use piper_rs::voice::content_hash::ContentHash;
use serde::Serialize;

use self::encoding::EncodingRecipe;
use super::album::Album;
use super::joined_format::JoinedEncoding;
use crate::args::{ChaptersArg, PunctuationArg, ReadAsArg};
use crate::speech::lexicon::LexiconFile;
use crate::speech::output_format::{Ends, OutputFormat};
use crate::speech::overrides::SpeechOverrides;
use crate::speech::settings::Settings;
use crate::terminal::report::UsageError;

/// Identifies everything that decides how an output sounds: two outputs with
/// one fingerprint were made from the same text in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// What this program writes into the journal.
    pub(super) current: ContentHash,
    /// What it wrote before [`TEXT_FORMAT`] existed; see [`legacy`].
    pub(super) legacy: ContentHash,
}

/// Names the encoding of a text's recipe. Raise the number when a field
/// changes its meaning, so that older files count as outdated.
const TEXT_FORMAT: &str = "piper-rs batch text 1";

/// The same for the file that `--join` makes.
const JOIN_FORMAT: &str = "piper-rs batch join 1";

/// What a fingerprint is the hash of: this struct as JSON, in this order.
///
/// The names and values below are a file format: journals depend on them.
/// They are written out here so that renaming a type or a field elsewhere
/// leaves every journal valid. Values that were not given are `null`.
#[derive(Serialize)]
struct TextRecipe<'a> {
    format: &'static str,
    /// The version of this program.
    program: &'a str,
    /// The version of espeak-ng; empty if it is not installed.
    espeak_ng: &'a str,
    /// Hashes of contents: file names do not count.
    text: ContentHash,
    voice: ContentHash,
    lexicons: Vec<ContentHash>,
    strict_piper: bool,
    speaker: Option<String>,
    length_scale: Option<f32>,
    /// Left out at the natural speed: recipes are older than this setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<f32>,
    noise_scale: Option<f32>,
    noise_w: Option<f32>,
    volume: Option<f32>,
    /// Durations are `{"secs":0,"nanos":200000000}`.
    sentence_silence: Option<Duration>,
    line_silence: Option<Duration>,
    paragraph_silence: Option<Duration>,
    phoneme_silence: &'a [(char, Duration)],
    seed: Option<u64>,
    chunk_size: usize,
    split_paragraphs: bool,
    split_sentences: bool,
    /// `keep`, `join` or `auto`.
    line_breaks: &'static str,
    /// `run` and its limits, `loudness` and the same, `sentence` or `off`.
    normalize: String,
    /// `some`, `most` or `all`. Older journals were written without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    punctuation: Option<&'static str>,
    /// `true`. Older journals were written without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    spell: Option<bool>,
    /// `words`. Older programs read as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_as: Option<&'static str>,
    /// Older journals were written without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<u32>,
    /// `true`. Older journals were written without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    trim: Option<bool>,
    /// Older journals were written without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    scene_silence: Option<Duration>,
    /// Left out for WAV, the only format of older programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<EncodingRecipe<'a>>,
}

/// The same for the file that `--join` makes.
#[derive(Serialize)]
struct JoinRecipe<'a> {
    format: &'static str,
    /// The cue sheet names the audio file.
    file_name: &'a str,
    /// Always `cue`, and no tags: they are in the list of chapters and not in the
    /// audio. Older programs counted them: `cue` or `ffmetadata`.
    chapters: &'static str,
    pause: Duration,
    /// Left out if there are none, as before they existed.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a Album>,
    parts: Vec<PartRecipe>,
    /// Left out for WAV, the only format of older programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<EncodingRecipe<'a>>,
}

#[derive(Serialize)]
struct PartRecipe {
    fingerprint: ContentHash,
    /// Distinguishes readings without a seed.
    length: Duration,
}

impl Fingerprint {
    /// Returns the fingerprint of a text with these hashes of text and voice.
    ///
    /// `settings` must be resolved for the voice. Fails if a lexicon cannot be
    /// read.
    pub(super) fn of_text(
        text: ContentHash,
        voice: ContentHash,
        settings: &Settings,
        encoding: &Encoding,
        espeak_ng: &str,
    ) -> Result<Self, UsageError> {
        let recipe = TextRecipe::new(text, voice, settings, encoding, espeak_ng)?;
        let current = hash_json(&recipe);
        // The settings that older programs did not have make another output.
        let is_newer = recipe.punctuation.is_some()
            || recipe.spell.is_some()
            || recipe.read_as.is_some()
            || recipe.rate.is_some()
            || recipe.trim.is_some()
            || recipe.scene_silence.is_some()
            || recipe.encoding.is_some();
        Ok(Self {
            current,
            legacy: match is_newer {
                true => current,
                false => legacy::text(&recipe),
            },
        })
    }

    /// Returns the fingerprint of the file at `path` that has `parts`, each
    /// with its length, and `pause` between them. `chapters` and `tags` do not
    /// change it; they serve to recognize files of older programs.
    pub(super) fn of_join(
        path: &Path,
        chapters: ChaptersArg,
        pause: Duration,
        tags: &Album,
        encoding: &JoinedEncoding,
        parts: &[(Self, Duration)],
    ) -> Self {
        let recipe = JoinRecipe {
            format: JOIN_FORMAT,
            file_name: &path.file_name().unwrap_or_default().to_string_lossy(),
            chapters: "cue",
            pause,
            tags: None,
            parts: (parts.iter())
                .map(|(part, length)| PartRecipe {
                    fingerprint: part.current,
                    length: *length,
                })
                .collect(),
            encoding: EncodingRecipe::of_joined(encoding),
        };
        let current = hash_json(&recipe);
        if recipe.encoding.is_some() {
            return Self {
                current,
                legacy: current,
            };
        }
        let tags = Some(tags).filter(|tags| **tags != Album::default());
        let legacy = match (chapters, tags) {
            (ChaptersArg::Cue, None) => legacy::join(path, &recipe, parts),
            (chapters, tags) => hash_json(&JoinRecipe {
                chapters: match chapters {
                    ChaptersArg::Cue => "cue",
                    ChaptersArg::Ffmetadata => "ffmetadata",
                },
                tags,
                ..recipe
            }),
        };
        Self { current, legacy }
    }

    /// Returns whether `recorded` is this fingerprint, in either form.
    pub(super) fn matches(&self, recorded: &ContentHash) -> bool {
        [self.current, self.legacy].contains(recorded)
    }
}

impl<'a> TextRecipe<'a> {
    /// Reads the settings; the only place that knows their names.
    fn new(
        text: ContentHash,
        voice: ContentHash,
        settings: &'a Settings,
        encoding: &'a Encoding,
        espeak_ng: &'a str,
    ) -> Result<Self, UsageError> {
        // Without `..`: a setting that is added later must be considered here.
        let Settings {
            // The voice counts by the content of its files.
            voice: _,
            config: _,
            overrides:
                SpeechOverrides {
                    speaker,
                    speed,
                    length_scale,
                    noise_scale,
                    noise_w,
                    volume,
                    sentence_silence,
                    line_silence,
                    paragraph_silence,
                    scene_silence,
                    lexicons,
                    punctuation,
                    spell,
                    read_as,
                    // Resolved below.
                    normalize: _,
                    seed,
                },
            // Resolved for the voice already.
            configured: _,
            mode,
            phoneme_silence,
            chunks:
                ChunkOptions {
                    max_chars,
                    paragraphs,
                    sentences,
                    line_breaks,
                    // The voice's.
                    language: _,
                },
            // The same for every batch.
            optimize_for: _,
            format:
                OutputFormat {
                    rate,
                    ends,
                    // Resolved in `encoding`.
                    sound: _,
                    bitrate: _,
                    tags: _,
                },
        } = settings;
        let lexicons = lexicons.iter().flatten().map(LexiconFile::content_hash);
        Ok(Self {
            format: TEXT_FORMAT,
            program: env!("CARGO_PKG_VERSION"),
            espeak_ng,
            text,
            voice,
            lexicons: lexicons.collect::<Result<_, _>>()?,
            strict_piper: *mode == PiperMode::Strict,
            speaker: speaker.as_ref().map(ToString::to_string),
            length_scale: *length_scale,
            speed: speed
                .filter(|speed| *speed != Speed::NATURAL)
                .map(Speed::get),
            noise_scale: *noise_scale,
            noise_w: *noise_w,
            volume: *volume,
            sentence_silence: *sentence_silence,
            line_silence: *line_silence,
            paragraph_silence: *paragraph_silence,
            phoneme_silence,
            seed: *seed,
            chunk_size: *max_chars,
            split_paragraphs: *paragraphs == Splitting::On,
            split_sentences: *sentences == Splitting::On,
            line_breaks: match line_breaks {
                LineBreaks::Keep => "keep",
                LineBreaks::Join => "join",
                LineBreaks::Auto => "auto",
            },
            normalize: match settings.normalize() {
                // Before it had a number, `run` was another level.
                Normalize::Run => {
                    let (quietest, loudest) = RUN_LOUDNESSES.into_inner();
                    format!("run {} to {}", quietest.0, loudest.0)
                }
                Normalize::Loudness(target) => format!("loudness {}", target.0),
                // How near-silence is treated follows from `strict_piper`.
                Normalize::Sentence(_) => "sentence".to_owned(),
                Normalize::Off => "off".to_owned(),
            },
            punctuation: punctuation
                .filter(|level| *level != PunctuationArg::None)
                .map(PunctuationArg::name),
            spell: spell.filter(|spell| *spell),
            read_as: read_as
                .filter(|how| *how != ReadAsArg::Written)
                .map(ReadAsArg::name),
            rate: rate.map(SampleRate::get),
            trim: (*ends == Ends::Trim).then_some(true),
            scene_silence: *scene_silence,
            encoding: EncodingRecipe::of(encoding),
        })
    }
}

fn hash_json(recipe: &impl Serialize) -> ContentHash {
    let json = serde_json::to_vec(recipe).expect("strings, numbers and lists are JSON");
    ContentHash::of_parts([&*json])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::entry::TextDigest;
    use crate::commands::batch::tests::{no_parts, settings, settings_with};
    use crate::speech::source::Source;
    use piper_rs::CancelToken;

    fn text(text: &str) -> ContentHash {
        let source = Source::text(text.to_owned());
        TextDigest::of(&source, no_parts().reader(), &CancelToken::new())
            .unwrap()
            .hash
    }

    fn fingerprint(text: &str, voice: u8, settings: &Settings, espeak: &str) -> Fingerprint {
        let voice = ContentHash::of_parts([&[voice][..]]);
        Fingerprint::of_text(
            self::text(text),
            voice,
            settings,
            &Encoding::default(),
            espeak,
        )
        .unwrap()
    }

    fn hash(digits: &str) -> ContentHash {
        digits.to_owned().try_into().unwrap()
    }

    #[test]
    fn it_changes_with_everything_that_is_heard_and_nothing_else() {
        let plain = settings();
        let first = fingerprint("Hi.", 1, &plain, "1.52");
        let folder = tempfile::tempdir().unwrap();
        let with_lexicon = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let settings = settings_with(&["--lexicon", path.to_str().unwrap()]);
            fingerprint("Hi.", 1, &settings, "1.52")
        };
        let hello = with_lexicon("a", "hi = hello");
        assert_eq!(hello, with_lexicon("b", "hi = hello"));
        assert_ne!(hello, with_lexicon("a", "hi = hullo"));
        let flags: [&[&str]; 23] = [
            &["--speaker", "1"],
            &["--length-scale", "1.5"],
            &["--speed", "1.5"],
            &["--noise-scale", "0.5"],
            &["--noise-w", "0.5"],
            &["--volume", "0.5"],
            &["--sentence-silence", "2"],
            &["--line-silence", "2"],
            &["--paragraph-silence", "2"],
            &["--phoneme-silence", ".", "0.1"],
            &["--seed", "1"],
            &["--chunk-size", "100"],
            &["--no-paragraphs"],
            &["--no-sentences"],
            &["--line-breaks", "join"],
            &["--normalize", "sentence"],
            &["--normalize", "off"],
            &["--loudness", "-20"],
            &["--rate", "8000"],
            &["--rate", "16000"],
            &["--trim"],
            &["--loudness", "-19"],
            &["--strict-piper"],
        ];
        let with_flags = |flags| fingerprint("Hi.", 1, &settings_with(flags), "1.52");
        let mut others = vec![
            first,
            hello,
            fingerprint("Hi!", 1, &plain, "1.52"),
            fingerprint("Hi.", 2, &plain, "1.52"),
            fingerprint("Hi.", 1, &plain, "1.51"),
        ];
        others.extend(flags.map(with_flags));
        for (n, one) in others.iter().enumerate() {
            for other in &others[..n] {
                assert_ne!(one.current, other.current);
                assert_ne!(one.legacy, other.legacy);
            }
        }
        let renamed = fingerprint("Hi.", 1, &settings_with(&["--voice", "b.onnx"]), "1.52");
        assert_eq!(first, renamed);
    }

    /// The hashes are from journals that the program wrote at commit 6df5ea0,
    /// before its types had the names of today.
    #[test]
    fn journals_from_before_the_encoding_are_still_read() {
        let folder = tempfile::tempdir().unwrap();
        let lexicon = folder.path().join("lexicon");
        std::fs::write(&lexicon, "hi = hello\n").unwrap();
        let voice = hash("af6d3211e4fa1b41cad5ba9877b2cce95b783e1774f97bf38c52b87e9abb4674");
        let cases: [(&str, &str); 4] = [
            (
                "",
                "6fb829ecb0c6230cfe03e1353ad0980be0e44ca280b76f08de3556ad9fa86357",
            ),
            (
                "--seed 7 --length-scale 1.25 --noise-scale 0.5 --noise-w 0.1 --volume 0.5 \
                 --speaker 0 --sentence-silence 0.25 --line-silence 0.1 --paragraph-silence 1.5 \
                 --phoneme-silence . 0.05 --phoneme-silence , 0.1 --chunk-size 200 \
                 --no-paragraphs --normalize sentence --line-breaks keep --lexicon LEXICON",
                "686a969fc36a949c443fcaca1d9846e44242ceb580aa7494cce0630261d4d234",
            ),
            (
                "--strict-piper",
                "e4d8f3f8911221ae74aed5065b0c1c8fdc46113bd6e96e277c686baf43c8f695",
            ),
            (
                "--no-normalize --no-sentences --length-scale 0.33333334 --line-breaks join",
                "7f0ec607f7b95c81af7e772e09f2a9c0ca4032f06b9cae48f6a54677fd01928a",
            ),
        ];
        let text = text("One.\n\nTwo.\n");
        let settings = |flags: &str| {
            let flags = flags.replace("LEXICON", lexicon.to_str().unwrap());
            settings_with(&flags.split_whitespace().collect::<Vec<_>>())
        };
        let fingerprint = |flags| {
            Fingerprint::of_text(text, voice, &settings(flags), &Encoding::default(), "1.51")
                .unwrap()
        };
        let (at_old_level, others) = cases.split_first().unwrap();
        for (flags, recorded) in others {
            assert!(fingerprint(flags).matches(&hash(recorded)), "{flags}");
        }
        // The default level has changed since then.
        assert!(!fingerprint("").matches(&hash(at_old_level.1)));
        let wav = Encoding::default();
        let old_level = |flags| {
            let settings = settings(flags);
            let recipe = TextRecipe {
                normalize: "run".to_owned(),
                ..TextRecipe::new(text, voice, &settings, &wav, "1.51").unwrap()
            };
            Fingerprint {
                current: hash_json(&recipe),
                legacy: legacy::text(&recipe),
            }
        };
        assert!(old_level("").matches(&hash(at_old_level.1)));
        let part = old_level("--seed 7");
        let length = Duration::from_secs_f64(33_553.0 / 22_050.0);
        let pause = Duration::from_millis(500);
        let path = Path::new("joined.wav");
        let joined = Fingerprint::of_join(
            path,
            ChaptersArg::Cue,
            pause,
            &Album::default(),
            &JoinedEncoding::Sound(Encoding::default()),
            &[(part, length)],
        );
        let recorded = "8420d0c58c937a3ae3f220d1cd821682e35e7860702326be3d6603eaf56adc7d";
        assert!(joined.matches(&hash(recorded)));
    }

    /// A change here makes every user's files outdated.
    #[test]
    fn the_encoding_is_a_file_format() {
        let settings = settings_with(&["--seed", "7", "--speed", "2", "--line-silence", "0.5"]);
        let (text, voice) = (ContentHash::of_parts([]), ContentHash::of_parts([]));
        let wav = Encoding::default();
        let recipe = TextRecipe {
            program: "0.1.0",
            ..TextRecipe::new(text, voice, &settings, &wav, "1.51").unwrap()
        };
        let empty = text.to_string();
        let expected = format!(
            r#"{{"format":"piper-rs batch text 1","program":"0.1.0","espeak_ng":"1.51","text":"{empty}","voice":"{empty}","lexicons":[],"strict_piper":false,"speaker":null,"length_scale":null,"speed":2.0,"noise_scale":null,"noise_w":null,"volume":null,"sentence_silence":null,"line_silence":{{"secs":0,"nanos":500000000}},"paragraph_silence":null,"phoneme_silence":[],"seed":7,"chunk_size":500,"split_paragraphs":true,"split_sentences":true,"line_breaks":"auto","normalize":"run -19 to -15.5"}}"#
        );
        assert_eq!(serde_json::to_string(&recipe).unwrap(), expected);

        let part = Fingerprint {
            current: text,
            legacy: text,
        };
        let second = Duration::from_secs(1);
        let path = Path::new("out/book.wav");
        let joined = Fingerprint::of_join(
            path,
            ChaptersArg::Cue,
            second,
            &Album::default(),
            &JoinedEncoding::Sound(Encoding::default()),
            &[(part, second)],
        );
        let expected = format!(
            r#"{{"format":"piper-rs batch join 1","file_name":"book.wav","chapters":"cue","pause":{{"secs":1,"nanos":0}},"parts":[{{"fingerprint":"{empty}","length":{{"secs":1,"nanos":0}}}}]}}"#
        );
        assert_eq!(joined.current, ContentHash::of_parts([expected.as_bytes()]));
    }
}
