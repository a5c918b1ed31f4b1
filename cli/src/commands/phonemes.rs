//! `piper-rs phonemes`: prints the phonemes and ids that a voice would get.

use std::path::Path;

use anyhow::Context as _;
use piper_rs::PiperMode;
use piper_rs::Result;
use piper_rs::chunk::{self, ChunkOptions};
use piper_rs::lexicon::{Pronounced, Pronouncer};
use piper_rs::phoneme::Phonemes;
use piper_rs::phoneme_id::{PhonemeIds, UnknownPhonemes};
use piper_rs::voice::{Language, PhonemeType, VoiceConfig};
use serde::Serialize;

use crate::args::PhonemesArgs;
use crate::commands::Context;
use crate::speech::config_copy::readable_again;
use crate::speech::engine::note_ignored_reading;
use crate::speech::lexicon::{self, LexiconFile};
use crate::speech::markup;
use crate::speech::overrides::SpeechOverrides;
use crate::speech::settings::piper_mode;
use crate::speech::sound_check::{Sound, SoundCheck};
use crate::speech::source::{self, Reading, Source};
use crate::terminal::report::Outcome;
use crate::terminal::stdout::{print_json, print_line};

/// The result for one line of text.
#[derive(Debug, Default, Serialize)]
struct LinePhonemes {
    sentences: Vec<String>,
    /// The text that was phonemized.
    spoken: String,
    changes: Vec<LineChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<Vec<i64>>>,
}

/// What is spoken otherwise than it was written.
#[derive(Debug, Serialize)]
struct LineChange {
    from: String,
    to: String,
    rule: &'static str,
    /// The byte of the line.
    at: usize,
}

/// Converts lines of text to phonemes and ids.
struct Converter {
    pronouncer: Pronouncer,
    /// How sentences are split, as by `speak`. `None` leaves that to espeak-ng.
    chunks: Option<ChunkOptions>,
    ids: Option<PhonemeIds>,
}

/// The counts that are reported at the end.
#[derive(Default)]
struct Counts {
    unknown: UnknownPhonemes,
    /// Number of words replaced by a lexicon.
    replaced: u64,
}

pub(crate) fn phonemes(args: &PhonemesArgs, context: &Context) -> anyhow::Result<Outcome> {
    let reporter = &context.reporter;
    let converter = Converter::from_args(args, context)?;
    let mut counts = Counts::default();
    let encoding = source::encoding(args.encoding.as_deref())?;
    let reading = Reading::of_document(encoding, args.document);
    let reading = reading.in_mode(piper_mode(args.strict_piper));
    let source = Source::of(&args.text, &args.input, reading).by_line();
    if let [word] = args.text.as_slice()
        && Path::new(word).is_file()
    {
        reporter.note(&format!(
            "these are the phonemes of the words `{word}`; for what is in that file: `-i {word}`"
        ));
    }
    if source.uses_stdin() {
        reporter.note_waiting();
    }
    let mut sound_check = SoundCheck::new(&source, reporter);
    for passage in source.read() {
        let passage = passage?;
        if !passage.parts.is_empty() {
            reporter.note_once(
                "of SSML, phonemes are those of its words: its voices, languages and spelled \
                 letters are for `speak`",
            );
        }
        for note in &passage.notes {
            reporter.note_once(&format!("{}: {note}", passage.origin));
        }
        if let Some(note) = markup::note(&passage.text) {
            reporter.note_once(note);
        }
        let line = converter
            .convert(&passage.text, &mut counts)
            .with_context(|| format!("line {} of {}", passage.line, passage.origin))?;
        sound_check.record(&passage, &passage.text, line.sound());
        match args.json {
            true => print_json(&line)?,
            false => print_line(&line.text(args.explain))?,
        }
    }
    sound_check.finish();
    reporter.unknown_phonemes(&counts.unknown);
    reporter.replaced_words(counts.replaced);
    Ok(Outcome::Done)
}

impl Converter {
    /// Reads the voice's config, but not its model.
    fn from_args(args: &PhonemesArgs, context: &Context) -> anyhow::Result<Self> {
        let mode = piper_mode(args.strict_piper);
        let folders = context.environment.voice_folders(&args.voice.data_dir);
        let config = args.voice.config.clone();
        let config = config.map(readable_again).transpose()?;
        let files = folders.find(args.voice.voice.as_deref(), config)?;
        let mut config = VoiceConfig::of(&files)?;
        let options = SpeechOverrides {
            lexicons: LexiconFile::all(&args.lexicon.lexicon),
            punctuation: args.spelling.punctuation,
            spell: args.spelling.spell.then_some(true),
            read_as: args.spelling.read_as,
            ..SpeechOverrides::default()
        };
        let mut name = files.name();
        let configured = &context.config.overrides;
        let overrides = configured.complete(options, Some(&name), mode);
        if let Some(espeak_voice) = &args.espeak_voice {
            // Settings and lexicons of the voice do not apply to another language.
            config.espeak_voice.clone_from(espeak_voice);
            (config.phoneme_type, config.language) = (PhonemeType::Espeak, Language::default());
            name.clear();
        }
        let pronouncer = context.libraries.pronouncer(&config, mode)?;
        let reading = overrides.reading();
        note_ignored_reading(&files.name(), &config, reading, &context.reporter);
        let lexicons = overrides.lexicons.unwrap_or_default();
        let replacements = lexicon::replacements(&lexicons, &name, &config)?;
        let chunks = ChunkOptions {
            language: config.espeak_voice.clone(),
            ..ChunkOptions::default()
        };
        let table = || config.phoneme_ids(config.num_symbols);
        Ok(Self {
            pronouncer: pronouncer
                .with_reading_options(reading)
                .with_replacements(replacements),
            chunks: (mode == PiperMode::Improved).then_some(chunks),
            ids: args.ids.then(table).transpose()?,
        })
    }

    fn convert(&self, text: &str, counts: &mut Counts) -> Result<LinePhonemes> {
        let mut sentences = Vec::new();
        let mut line = LinePhonemes::default();
        let mut pronounce = |at: usize, sentence: &str| {
            let pronounced = self.pronouncer.pronounce_in(text, sentence)?;
            line.add(at, sentence, &pronounced);
            sentences.extend(pronounced.sentences);
            counts.replaced += pronounced.replaced;
            Ok(sentence.len())
        };
        match &self.chunks {
            None => drop(pronounce(0, text)?),
            Some(options) => {
                // The sentences, concatenated, are the text.
                let sentences = chunk::split(text, options).flat_map(|chunk| chunk.sentences);
                let mut at = 0;
                for sentence in sentences {
                    at += pronounce(at, sentence.text)?;
                }
            }
        }
        let mut encode = |table: &PhonemeIds, sentence: &Phonemes| {
            let mut ids = Vec::new();
            table.encode(sentence, &mut ids, &mut counts.unknown);
            ids
        };
        line.ids = self
            .ids
            .as_ref()
            .map(|table| sentences.iter().map(|s| encode(table, s)).collect());
        line.sentences = sentences.iter().map(|s| s.as_str().to_owned()).collect();
        Ok(line)
    }
}

impl LinePhonemes {
    fn sound(&self) -> Sound {
        let is_silent = |sentence: &String| !sentence.contains(char::is_alphanumeric);
        match self.sentences.iter().all(is_silent) {
            true => Sound::Silent,
            false => Sound::Heard,
        }
    }

    /// Adds what is spoken for the sentence at byte `at` of the line.
    fn add(&mut self, at: usize, sentence: &str, pronounced: &Pronounced) {
        if !self.spoken.is_empty() && !pronounced.spoken.is_empty() {
            self.spoken.push(' ');
        }
        self.spoken.push_str(&pronounced.spoken);
        let changes = pronounced.changes.iter().map(|change| LineChange {
            from: sentence[change.written.clone()].to_owned(),
            to: pronounced.spoken[change.spoken.clone()].to_owned(),
            rule: change.rule.name(),
            at: at + change.written.start,
        });
        self.changes.extend(changes);
    }

    /// Returns one line per sentence, followed by a line of its ids, and then a
    /// line per change, if they are explained.
    fn text(&self, is_explained: bool) -> String {
        let ids = |n: usize| {
            let ids = self.ids.as_ref()?.get(n)?.iter();
            Some(format!(
                "\n{}",
                ids.map(i64::to_string).collect::<Vec<_>>().join(" ")
            ))
        };
        let lines = self.sentences.iter().enumerate();
        let lines = lines.map(|(n, s)| s.clone() + &ids(n).unwrap_or_default());
        let changes = self.changes.iter().filter(|_| is_explained);
        let changes = changes.map(|change| {
            let to = match change.to.trim() {
                "" => "(not read)",
                to => to,
            };
            format!("  {} → {to}  ({})", change.from.trim(), change.rule)
        });
        lines.chain(changes).collect::<Vec<_>>().join("\n")
    }
}
