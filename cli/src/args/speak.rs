//! The command line of `piper-rs speak`.

use std::path::PathBuf;

use clap::Args;

use super::extent::ExtentArgs;
use super::habits::HabitArgs;
use super::{
    AheadArgs, ConnectArgs, EngineArgs, InputArgs, LiveArgs, OutputArgs, SpeakEventArgs,
    SpeechArgs, SubtitleArgs, TimingsArgs,
};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs speak \"Hello.\"                      play with the default voice
  piper-rs speak -i book.epub -o book.wav      also .txt, .md, .html, .docx, .srt, .vtt, .csv
  echo Hi | piper-rs speak --raw | aplay -r 24000 -f S16_LE
  piper-rs speak -o hi.opus \"Hi\"               also .flac, .mp3; --audio-format for pipes
  piper-rs speak --follow log.txt              speak each line when it is written
  piper-rs speak -m en_GB-alba-medium -o save.wav --play \"Heard and kept.\"
  piper-rs speak --json-input -d out < lines.jsonl";

#[derive(Debug, Clone, Args)]
pub(crate) struct SpeakArgs {
    /// Text to speak; standard input if there is neither TEXT nor -i
    #[arg(value_name = "TEXT", allow_negative_numbers = true)]
    pub(crate) text: Vec<String>,
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) extent: ExtentArgs,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    #[command(flatten)]
    pub(crate) cues: CueArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) events: SpeakEventArgs,
    #[command(flatten)]
    pub(crate) subtitles: SubtitleArgs,
    #[command(flatten)]
    pub(crate) timings: TimingsArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    #[command(flatten)]
    pub(crate) ahead: AheadArgs,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
    #[command(flatten)]
    pub(crate) ignored: IgnoredArgs,
    #[command(flatten)]
    pub(crate) habits: HabitArgs,
}

impl SpeakArgs {
    /// Returns whether files or programs get something that depends on the level, besides the
    /// outputs: a line of JSON may name a file, and times depend on it if silence is trimmed.
    pub(crate) fn keeps_something(&self) -> bool {
        let timed_files = [
            &self.events.events_file,
            &self.subtitles.srt,
            &self.subtitles.vtt,
            &self.timings.timings,
        ];
        let has_file = timed_files.into_iter().any(Option::is_some);
        self.input.json_input || self.events.events.is_some() || has_file
    }
}

/// How subtitles are spoken.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct CueArgs {
    /// Begin each cue of subtitles at its time, with silence before it
    ///
    /// A cue that is still being spoken when the next one should begin delays that
    /// one, and is named.
    #[arg(
        long,
        hide_short_help = true,
        conflicts_with_all = ["text", "json_input", "output_dir", "inline", "cast"]
    )]
    pub(crate) at_cue_times: bool,
    /// Speak cues that are too long for their time up to FACTOR times as fast
    #[arg(
        long,
        value_name = "FACTOR",
        default_value_t = 1.0,
        value_parser = speedup,
        requires = "at_cue_times",
        hide_short_help = true
    )]
    pub(crate) cue_speedup: f32,
}

fn speedup(text: &str) -> Result<f32, String> {
    let factor = text.parse().map_err(|_| "not a number".to_owned())?;
    match (1.0..=4.0).contains(&factor) {
        true => Ok(factor),
        false => Err("it must be 1 to 4".to_owned()),
    }
}

/// Options of Piper's programs that have no effect here.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Compatibility with Piper")]
pub(crate) struct IgnoredArgs {
    /// No effect: inference runs on the CPU
    #[arg(long, alias = "use-cuda", hide_short_help = true)]
    pub(crate) cuda: bool,
    /// No effect: Arabic is read without added vowel marks
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) tashkeel_model: Option<PathBuf>,
    /// No effect: `speak` downloads nothing
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub(crate) download_dir: Option<PathBuf>,
    /// No effect: `speak` downloads nothing
    #[arg(long, hide_short_help = true)]
    pub(crate) update_voices: bool,
}

impl IgnoredArgs {
    /// Returns a note for each option that was given.
    pub(crate) fn notes(&self) -> impl Iterator<Item = &'static str> {
        let notes = [
            (self.cuda, "--cuda has no effect: inference runs on the CPU"),
            (
                self.tashkeel_model.is_some(),
                "--tashkeel-model has no effect: Arabic is read without added vowel marks",
            ),
            (
                self.download_dir.is_some(),
                "--download-dir has no effect: `speak` downloads nothing",
            ),
            (
                self.update_voices,
                "--update-voices has no effect: `speak` downloads nothing",
            ),
        ];
        notes
            .into_iter()
            .filter(|(given, _)| *given)
            .map(|(_, note)| note)
    }
}
