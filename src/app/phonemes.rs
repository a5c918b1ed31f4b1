//! `piper-rs phonemes`: what a voice would be given to read.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use piper_rs::Result;
use piper_rs::chunk::{self, ChunkOptions};
use piper_rs::phoneme::{EspeakPhonemizer, Phonemes, Phonemizer};
use piper_rs::phoneme_id::{PhonemeIds, UnknownPhonemes};
use piper_rs::voice::VoiceConfig;
use serde::Serialize;

use super::args::PhonemesArgs;
use super::engine::{Libraries, find_voice, phonemizer};
use super::report::{Outcome, Reporter};
use super::settings::Fidelity;
use super::source::{self, Source};

/// What a line of text becomes.
#[derive(Debug, Serialize)]
struct Line {
    sentences: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<Vec<i64>>>,
}

/// Turns lines of text into what is shown of them.
struct Reading {
    phonemizer: std::sync::Arc<dyn Phonemizer>,
    /// Cuts sentences as `speak` does; `None` leaves that to espeak-ng.
    chunks: Option<ChunkOptions>,
    ids: Option<PhonemeIds>,
}

pub(super) fn phonemes(
    args: &PhonemesArgs,
    libraries: &Libraries,
    voice_folders: &[PathBuf],
    reporter: &Reporter,
    mut out: impl Write,
) -> anyhow::Result<Outcome> {
    let reading = Reading::from_args(args, libraries, voice_folders)?;
    let mut unknown = UnknownPhonemes::default();
    let source = match args.text.as_slice() {
        [] => Source::stdin_lines(source::encoding(args.encoding.as_deref())?),
        words => Source::text(words.join(" ")).by_line(),
    };
    for passage in source.read() {
        let passage = passage?;
        let line = reading
            .read(&passage.text, &mut unknown)
            .with_context(|| format!("line {} of {}", passage.line, passage.origin))?;
        let text = if args.json {
            serde_json::to_string(&line)?
        } else {
            line.text()
        };
        writeln!(out, "{text}")
            .and_then(|()| out.flush())
            .map_err(|source| piper_rs::Error::Output {
                target: "standard output".to_owned(),
                source,
            })?;
    }
    reporter.left_out(&unknown);
    Ok(Outcome::Done)
}

impl Reading {
    /// Reads the voice's config where one is needed; never its model.
    fn from_args(
        args: &PhonemesArgs,
        libraries: &Libraries,
        voice_folders: &[PathBuf],
    ) -> anyhow::Result<Self> {
        let fidelity = Fidelity::of(args.strict_piper);
        let files = find_voice(
            args.voice.voice.as_deref(),
            args.voice.config.clone(),
            voice_folders,
        )?;
        let config = VoiceConfig::of(&files)?;
        let phonemizer = match &args.espeak_voice {
            Some(name) => std::sync::Arc::new(EspeakPhonemizer::new(
                libraries.espeak()?,
                name,
                fidelity.terminators(),
            )?),
            None => phonemizer(libraries, &config, fidelity.terminators())?,
        };
        let language = args
            .espeak_voice
            .clone()
            .unwrap_or_else(|| config.espeak_voice.clone());
        let chunks = ChunkOptions {
            language,
            ..ChunkOptions::default()
        };
        let table = || {
            PhonemeIds::new(
                &config.phoneme_id_map,
                &config.vowel_clusters,
                config.num_symbols,
            )
        };
        Ok(Self {
            phonemizer,
            chunks: (fidelity == Fidelity::Repaired).then_some(chunks),
            ids: args.ids.then(table).transpose()?,
        })
    }

    fn read(&self, text: &str, unknown: &mut UnknownPhonemes) -> Result<Line> {
        let mut sentences = Vec::new();
        match &self.chunks {
            None => sentences = self.phonemizer.phonemize(text.trim())?,
            Some(options) => {
                for sentence in chunk::split(text, options).flat_map(|chunk| chunk.sentences) {
                    sentences.extend(self.phonemizer.phonemize(sentence.text.trim())?);
                }
            }
        }
        let mut encode = |table: &PhonemeIds, sentence: &Phonemes| {
            let mut ids = Vec::new();
            table.encode(sentence, &mut ids, unknown);
            ids
        };
        let ids = self
            .ids
            .as_ref()
            .map(|table| sentences.iter().map(|s| encode(table, s)).collect());
        let sentences = sentences.iter().map(|s| s.as_str().to_owned()).collect();
        Ok(Line { sentences, ids })
    }
}

impl Line {
    /// A sentence per line, its ids below it.
    fn text(&self) -> String {
        let ids = |n: usize| {
            let ids = self.ids.as_ref()?.get(n)?.iter();
            Some(format!(
                "\n{}",
                ids.map(i64::to_string).collect::<Vec<_>>().join(" ")
            ))
        };
        let lines = self.sentences.iter().enumerate();
        lines
            .map(|(n, s)| s.clone() + &ids(n).unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
