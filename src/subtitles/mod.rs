//! Subtitles of speech: SubRip and WebVTT.
//!
//! ```text
//! timed sentences → atoms → cues (splitter, layout, clock) → SRT, WebVTT
//! ```
//!
//! A [`CueSplitter`] makes cues of [timed sentences](crate::timing::TimedSentence), a
//! [`SubtitleWriter`] writes them. Both hold one cue, whatever the length of the text.
//!
//! Where no source is named, the numbers are those of Netflix's *Timed Text Style Guide*
//! (general requirements, timing guidelines, English).
//!
//! ```
//! use piper_rs::audio::SampleRate;
//! use piper_rs::subtitles::{CueOptions, CueSplitter, SubtitleFormat, SubtitleWriter};
//! use piper_rs::timing::{Precision, TimedSentence, TimedWord};
//!
//! # fn main() -> std::io::Result<()> {
//! let word = |text: &str, source, samples| TimedWord {
//!     text: text.to_owned(), source, samples, phonemes: 0..0,
//! };
//! let sentence = TimedSentence {
//!     text: "Hello, world.".to_owned(),
//!     source: 0..13,
//!     samples: 2_000..22_000,
//!     words: vec![word("Hello,", 0..6, 2_400..9_000), word("world.", 7..13, 12_000..20_000)],
//!     phonemes: vec![],
//!     precision: Precision::Measured,
//! };
//!
//! let rate = SampleRate::new(16_000).unwrap();
//! let mut cues = CueSplitter::new(rate, &CueOptions::default());
//! let mut file = SubtitleWriter::new(SubtitleFormat::Srt, Vec::new())?;
//! for cue in cues.push(&sentence) {
//!     file.write(&cue)?;
//! }
//! if let Some(cue) = cues.finish() {
//!     file.write(&cue)?;
//! }
//! let srt = String::from_utf8(file.finish()?).unwrap();
//! assert_eq!(srt, "1\n00:00:00,150 --> 00:00:01,250\nHello, world.\n\n");
//! # Ok(())
//! # }
//! ```

mod atom;
mod clock;
mod cue;
mod cut;
mod format;
mod layout;
mod splitter;
mod srt;
mod vtt;
mod writer;
mod written;

pub use clock::text as clock_text;
pub use cue::{Cue, CueWord};
pub use format::{SubtitleFormat, WordStamps};
pub use splitter::{CueOptions, CueSplitter};
pub use writer::SubtitleWriter;
pub use written::{WrittenCue, WrittenCueFault, is_written, read_cues};

/// The most columns of a line. A Chinese character is two columns wide.
pub const MAX_COLUMNS: usize = 42;
