//! Compares with the samples of piper-tts 1.8.0 that `tests/oracle/record.py`
//! recorded: the same count, and each within one step of 16 bits.
//!
//! The tests speak the recorded phonemes, since versions of espeak-ng differ. If
//! the installed version is the recorded one, the program also speaks the text.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;

use piper_rs::audio::level::{NearSilence, Normalize};
use piper_rs::audio::pcm;
use piper_rs::chunk::{ChunkOptions, LineBreaks, Splitting};
use piper_rs::lexicon::Pronouncer;
use piper_rs::phoneme::{Phonemes, Phonemizer};
use piper_rs::synth::{Pauses, SpeakOptions, SpeechSession, SpeechSessionOptions, Synthesizer};
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::voice::{EngineChoice, OptimizeFor, PrecisionOption, Scales, Speaker, Speed, Voice};
use serde::Deserialize;
use std::time::Duration;

use crate::ready::{load, prepared_voices};
use crate::scene::{Scene, Wav, root, samples, shared_voice, skipped};

/// One line of references.json; its README explains the fields.
#[derive(Deserialize)]
struct Reference {
    voice: String,
    case: String,
    lines: Vec<String>,
    sentences: Vec<Vec<String>>,
    settings: Settings,
    sample_rate: u32,
    samples: usize,
    offset: Option<usize>,
    every: Option<usize>,
    picked: Option<Vec<i16>>,
    rms: Option<f64>,
}

#[derive(Deserialize)]
struct Settings {
    speaker: Option<u32>,
    length_scale: f32,
    sentence_silence: f64,
    volume: f32,
    normalize: bool,
}

#[derive(Deserialize)]
struct References {
    references: Vec<Reference>,
}

fn references(voice: &str) -> Vec<Reference> {
    let json = fs::read(root().join("tests/oracle/references.json")).unwrap();
    let all: References = serde_json::from_slice(&json).unwrap();
    let ours = all
        .references
        .into_iter()
        .filter(|reference| reference.voice == voice);
    let ours: Vec<_> = ours.collect();
    assert!(ours.len() >= 3, "{voice}: {}", ours.len());
    ours
}

/// The longest case, in samples, that a voice of real size speaks in these tests.
const SHORT: usize = 28_000;

/// Prepared voices that keep all digits, also on processors with bf16.
fn exact_voices() -> PreparedVoices {
    prepared_voices().with_engine(EngineChoice {
        precision: PrecisionOption::Fp32,
        ..EngineChoice::default()
    })
}

#[test]
fn tiny_voices_give_the_samples_of_piper_tts() {
    for name in ["tiny", "tiny_multi"] {
        let model = root().join(format!("tests/voices/{name}.onnx"));
        let (whole, parts) = (load(&model, None), load(&model, Some(exact_voices())));
        for reference in references(name) {
            reference.check(&speak(&whole, &reference, OptimizeFor::Throughput));
            reference.check(&speak(&parts, &reference, OptimizeFor::Throughput));
            reference.check(&speak(&parts, &reference, OptimizeFor::Latency));
        }
    }
}

#[test]
fn voices_of_real_size_give_the_samples_of_piper_tts() {
    for name in ["x_low", "medium", "medium_multi"] {
        let Some(model) = shared_voice(name) else {
            continue;
        };
        // They are slow: short cases only, with the split and the stock model by
        // turns. `compare.py` runs all cases.
        let voices = [load(&model, Some(exact_voices())), load(&model, None)];
        let mut short = references(name);
        short.retain(|reference| reference.samples < SHORT);
        assert!(short.len() >= 3, "{name}: {}", short.len());
        for (reference, voice) in short.iter().zip(voices.iter().cycle()) {
            reference.check(&speak(voice, reference, OptimizeFor::Latency));
        }
    }
}

#[test]
fn the_program_gives_the_samples_of_piper_tts_from_text() {
    let scene = Scene::new();
    if !scene
        .sh("piper-rs --version")
        .ok()
        .text()
        .contains("espeak-ng 1.51")
    {
        return skipped("the references are espeak-ng 1.51's");
    }
    for voice in ["tiny", "tiny_multi"] {
        for reference in references(voice) {
            scene.write("text", reference.lines.join("\n"));
            let flags = flags(&reference.settings);
            scene
                .sh(&format!(
                    "piper-rs speak -m {voice} {flags} -o x.wav < text"
                ))
                .ok();
            reference.check(&scene.wav("x.wav"));
        }
    }
}

fn flags(settings: &Settings) -> String {
    let Settings {
        speaker,
        length_scale,
        sentence_silence,
        volume,
        normalize,
    } = settings;
    let speaker = speaker.map(|id| format!("-s {id}")).unwrap_or_default();
    let normalize = if *normalize { "sentence" } else { "off" };
    format!(
        "--strict-piper --noise-scale 0 --noise-w 0 {speaker} --length-scale {length_scale} \
         --sentence-silence {sentence_silence} --volume {volume} --normalize {normalize}"
    )
}

/// A phonemizer that returns the recorded sentences of line `n` for the text `n`.
struct Recorded(HashMap<String, Vec<Phonemes>>);

impl Phonemizer for Recorded {
    fn phonemize(&self, text: &str) -> piper_rs::Result<Vec<Phonemes>> {
        Ok(self.0.get(text).cloned().unwrap_or_default())
    }
}

fn speak(voice: &Arc<Voice>, reference: &Reference, optimize_for: OptimizeFor) -> Wav {
    let phonemes =
        |sentences: &Vec<String>| sentences.iter().cloned().map(Phonemes::from).collect();
    let numbered = reference.sentences.iter().enumerate();
    let recorded = numbered.map(|(n, sentences)| (n.to_string(), phonemes(sentences)));
    let recorded = Pronouncer::new(Arc::new(Recorded(recorded.collect())));
    let options = SpeakOptions {
        optimize_for,
        ..strict_options(&reference.settings)
    };
    let synthesizer = Synthesizer::new(Arc::clone(voice), recorded, options).unwrap();
    let normalize = match reference.settings.normalize {
        true => Normalize::Sentence(NearSilence::Amplify),
        false => Normalize::Off,
    };
    let mut session = SpeechSession::new(SpeechSessionOptions {
        normalize,
        ..SpeechSessionOptions::default()
    });
    let mut samples = Vec::new();
    for n in 0..reference.sentences.len() {
        for block in synthesizer.blocks(&mut session, &n.to_string()) {
            samples.extend(
                block
                    .unwrap()
                    .samples
                    .iter()
                    .map(|sample| pcm::to_i16(*sample)),
            );
        }
    }
    let rate = voice.config().sample_rate.get();
    Wav { rate, samples }
}

fn strict_options(settings: &Settings) -> SpeakOptions {
    SpeakOptions {
        chunks: ChunkOptions {
            paragraphs: Splitting::Off,
            sentences: Splitting::Off,
            line_breaks: LineBreaks::Join,
            ..ChunkOptions::default()
        },
        scales: Scales {
            noise_scale: 0.0,
            length_scale: settings.length_scale,
            noise_w: 0.0,
        },
        speed: Speed::NATURAL,
        speaker: settings.speaker.map(|id| Speaker::Id(id.into())),
        pauses: Pauses {
            sentence: Duration::from_secs_f64(settings.sentence_silence),
            line: Duration::ZERO,
            paragraph: Duration::ZERO,
            scene: None,
        },
        phoneme_silence: Vec::new(),
        volume: settings.volume,
        seed: 0,
        optimize_for: OptimizeFor::Throughput,
    }
}

impl Reference {
    #[track_caller]
    fn check(&self, wav: &Wav) {
        let case = format!("{}, {}", self.voice, self.case);
        assert_eq!(
            (wav.rate, wav.samples.len()),
            (self.sample_rate, self.samples),
            "{case}"
        );
        let (every, expected) = self.expected();
        let ours: Vec<i16> = wav.samples.iter().copied().step_by(every).collect();
        assert_eq!(ours.len(), expected.len(), "{case}");
        for (at, (ours, theirs)) in ours.iter().zip(&expected).enumerate() {
            let difference = i32::from(*ours) - i32::from(*theirs);
            assert!(
                difference.abs() <= 1,
                "{case}: {ours} for {theirs} at {}",
                at * every
            );
        }
        let squares = wav.samples.iter().map(|sample| f64::from(*sample).powi(2));
        let rms = (squares.sum::<f64>() / wav.samples.len() as f64).sqrt();
        assert!(
            (rms - self.rms.unwrap_or(rms)).abs() < 1.0,
            "{case}: RMS {rms}"
        );
    }

    /// The interval at which samples are recorded, and the samples.
    fn expected(&self) -> (usize, Vec<i16>) {
        match (self.offset, self.every, &self.picked) {
            (Some(at), ..) => {
                let pcm = fs::read(root().join("tests/oracle/references.s16")).unwrap();
                (1, samples(&pcm[at..at + 2 * self.samples]))
            }
            (None, Some(every), Some(picked)) => (every, picked.clone()),
            _ => panic!(
                "{}, {}: neither complete nor a summary",
                self.voice, self.case
            ),
        }
    }
}
