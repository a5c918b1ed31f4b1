//! Fingerprints of the form before [`TEXT_FORMAT`](super::TEXT_FORMAT): hashes
//! of the `Debug` output of the settings, with the names that the types had
//! then.
//!
//! Delete this file when the version of the program is no longer 0.1.0. The
//! version is part of every fingerprint, so older journals are outdated then.

use std::path::Path;
use std::time::Duration;

use piper_rs::voice::content_hash::ContentHash;

use super::{Fingerprint, JoinRecipe, TextRecipe};

pub(super) fn text(recipe: &TextRecipe<'_>) -> ContentHash {
    let lexicons = ContentHash::of_parts(recipe.lexicons.iter().map(ContentHash::as_bytes));
    ContentHash::of_parts([
        recipe.text.as_bytes(),
        recipe.voice.as_bytes(),
        settings(recipe).as_bytes(),
        lexicons.as_bytes(),
        recipe.program.as_bytes(),
        recipe.espeak_ng.as_bytes(),
    ])
}

pub(super) fn join(
    path: &Path,
    recipe: &JoinRecipe<'_>,
    parts: &[(Fingerprint, Duration)],
) -> ContentHash {
    let (chapters, pause) = (capitalized(recipe.chapters), recipe.pause);
    let join = format!("Join {{ path: {path:?}, chapters: {chapters}, pause: {pause:?} }}");
    let parts = parts.iter().flat_map(|(part, length)| {
        let length = length.as_nanos().to_le_bytes();
        [part.legacy.as_bytes().to_vec(), length.to_vec()]
    });
    let parts: Vec<_> = std::iter::once(join.into_bytes()).chain(parts).collect();
    ContentHash::of_parts(parts.iter().map(Vec::as_slice))
}

fn settings(recipe: &TextRecipe<'_>) -> String {
    let TextRecipe {
        speaker,
        length_scale,
        speed,
        noise_scale,
        noise_w,
        volume,
        sentence_silence,
        line_silence,
        paragraph_silence,
        phoneme_silence,
        seed,
        chunk_size,
        ..
    } = recipe;
    let splitting = |on| if on { "On" } else { "Off" };
    let (paragraphs, sentences) = (
        splitting(recipe.split_paragraphs),
        splitting(recipe.split_sentences),
    );
    let (fidelity, near_silence) = match recipe.strict_piper {
        true => ("Strict", "Amplify"),
        false => ("Repaired", "Keep"),
    };
    let line_breaks = capitalized(recipe.line_breaks);
    // Programs of that time had no setting that does the same.
    let speed = speed.map_or(String::new(), |speed| format!(", speed: {speed}"));
    let normalize = match recipe.normalize.as_str() {
        "sentence" => format!("Sentence({near_silence})"),
        other => capitalized(other),
    };
    format!(
        "Settings {{ voice: None, config: None, manner: Manner {{ speaker: {speaker:?}, \
         length_scale: {length_scale:?}, noise_scale: {noise_scale:?}, noise_w: {noise_w:?}, \
         volume: {volume:?}, silences: Silences {{ sentence: {sentence_silence:?}, \
         line: {line_silence:?}, paragraph: {paragraph_silence:?} }}, lexicons: None }}, \
         manners: Manners {{ all: Manner {{ speaker: None, length_scale: None, \
         noise_scale: None, noise_w: None, volume: None, silences: Silences {{ sentence: None, \
         line: None, paragraph: None }}, lexicons: None }}, voices: {{}} }}, seed: {seed:?}, \
         fidelity: {fidelity}, phoneme_silence: {phoneme_silence:?}, chunks: ChunkOptions {{ \
         max_chars: {chunk_size}, paragraphs: {paragraphs}, sentences: {sentences}, \
         line_breaks: {line_breaks}, language: \"en-us\" }}, normalize: {normalize}, \
         pace: Bulk{speed} }}"
    )
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
