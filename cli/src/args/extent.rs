//! Options that say how much of the text is spoken.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::number::play_time;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct ExtentArgs {
    /// Begin at line N, or at the sentence that has TEXT
    ///
    /// Lines are counted from 1; in EPUB and DOCX, which have no lines, paragraphs are.
    /// Of several files, N is a line of the first. TEXT is searched for in all of them:
    /// case and white space do not matter, and it may go over line ends within a
    /// paragraph of a file. Speech begins with the first sentence that has it. To search
    /// for a number, put a space before it: ` 1984`.
    #[arg(
        long,
        value_name = "N|TEXT",
        hide_short_help = true,
        conflicts_with = "at_cue_times"
    )]
    pub(crate) start_at: Option<StartAt>,
    /// Stop after TIME of audio, such as 90, 5m or 1h30m
    ///
    /// The sentence that is spoken then is the last one, and is spoken to its end. Pauses
    /// count, and waiting for text does not.
    #[arg(
        long,
        value_name = "TIME",
        value_parser = play_time,
        hide_short_help = true,
        conflicts_with = "at_cue_times"
    )]
    pub(crate) max_duration: Option<Duration>,
    /// Go on where the run before with this bookmark stopped
    ///
    /// FILE says which sentence was heard last, or written if nothing is played. It is
    /// written at each sentence, so that a crash loses nothing; with -o alone when the
    /// output is complete. A sentence that was interrupted is spoken again; in SSML, its
    /// whole paragraph is. In a text that has changed, the sentence is searched for. If the
    /// text was heard to its end, the next run begins anew. --start-at overrides the place.
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
        conflicts_with_all = ["follow", "json_input", "output_dir", "at_cue_times"],
        value_hint = ValueHint::FilePath
    )]
    pub(crate) bookmark: Option<PathBuf>,
}

/// Where reading begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StartAt {
    /// Counted from 1.
    Line(u64),
    Words(String),
}

impl FromStr for StartAt {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        if typed.trim().is_empty() {
            return Err("the number of a line, or words of the text, are expected".to_owned());
        }
        match typed.parse() {
            Ok(0) => Err("lines are counted from 1".to_owned()),
            Ok(line) => Ok(Self::Line(line)),
            Err(_) => Ok(Self::Words(typed.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_line_unless_a_space_is_before_it() {
        assert_eq!("12".parse(), Ok(StartAt::Line(12)));
        for words in [" 1984", "1984 was", "-1", "12th"] {
            assert_eq!(words.parse(), Ok(StartAt::Words(words.to_owned())));
        }
        for wrong in ["0", "", " "] {
            assert!(wrong.parse::<StartAt>().is_err(), "{wrong:?}");
        }
    }
}
