//! Options that users of espeak-ng and of `say` are used to. They work if no
//! option of Piper is in the way; the others get a tip.

use std::ffi::OsString;

use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::SpeechArgs;

/// What espeak-ng and `say` speak without an option.
const NORMAL_WORDS_PER_MINUTE: f64 = 175.0;
/// espeak-ng's volume without an option.
const NORMAL_AMPLITUDE: f64 = 100.0;

/// Short options of other programs, hidden from the help: it names ours.
#[derive(Debug, Clone, Args)]
pub(crate) struct HabitArgs {
    /// Words per minute, as for `say`; 175 is --speed 1, 44 and 700 are its limits
    #[arg(
        short = 'r',
        hide = true,
        value_name = "N",
        value_parser = RangedU64ValueParser::<u32>::new().range(44..=700),
        conflicts_with_all = ["speed", "length_scale"]
    )]
    words_per_minute: Option<u32>,
    /// Volume, 0 to 200, as for espeak-ng; 100 is --volume 1
    #[arg(
        short = 'a',
        hide = true,
        value_name = "N",
        value_parser = RangedU64ValueParser::<u32>::new().range(0..=200),
        conflicts_with = "volume"
    )]
    amplitude: Option<u32>,
    /// No effect: the pitch belongs to the voice
    #[arg(short = 'p', hide = true, value_name = "N")]
    pitch: Option<String>,
}

impl HabitArgs {
    /// Returns `speech` with what these options set.
    pub(crate) fn apply(&self, speech: &SpeechArgs) -> SpeechArgs {
        let mut speech = speech.clone();
        if let Some(words) = self.words_per_minute {
            speech.prosody.speed = Some((f64::from(words) / NORMAL_WORDS_PER_MINUTE).into());
        }
        if let Some(amplitude) = self.amplitude {
            speech.sound.volume = Some(f64::from(amplitude) / NORMAL_AMPLITUDE);
        }
        speech
    }

    /// Returns what to tell the user.
    pub(crate) fn note(&self) -> Option<&'static str> {
        self.pitch
            .as_ref()
            .map(|_| "-p has no effect: the pitch belongs to the voice; choose another with `-m`")
    }
}

/// The command that options of another program mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    ListVoices,
    Phonemes,
}

/// Returns the command that the options of `speak` mean in espeak-ng.
pub(super) fn meaning(options: &[OsString]) -> Option<Meaning> {
    options.iter().find_map(|option| match option.to_str()? {
        "--voices" => Some(Meaning::ListVoices),
        text if text.starts_with("--voices=") => Some(Meaning::ListVoices),
        text => is_phonemes(text).then_some(Meaning::Phonemes),
    })
}

/// Returns whether an option makes espeak-ng print phonemes.
pub(super) fn is_phonemes(option: &str) -> bool {
    ["-x", "-X", "--ipa"].contains(&option)
}

/// Returns a tip if the words before `--` have a voice after `-v`, which prints
/// details here.
pub(crate) fn mistaken_voice(words: &[OsString]) -> Option<String> {
    let options = words.split(|word| word == "--").next()?;
    let mut pairs = options.windows(2).filter(|pair| pair[0] == "-v");
    let named = pairs.find_map(|pair| pair[1].to_str().filter(|word| is_voice(word)))?;
    Some(match named {
        "?" => "`-v` prints more detail; `piper-rs voices list` lists the voices".to_owned(),
        voice => format!(
            "`-v` prints more detail and takes no value; choose a voice with `-m {voice}`, or see \
             `piper-rs voices list`"
        ),
    })
}

/// Returns whether a word is a voice's name and surely no text: `?` in `say`,
/// `en_US-joe-medium`, a file, or a language with a region, `en-us`.
fn is_voice(word: &str) -> bool {
    let is_language =
        |part: &str| (2..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_lowercase());
    let has_region = |region: &str| {
        (2..=3).contains(&region.len()) && region.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let with_region = match word.split_once(['_', '-']) {
        Some((language, rest)) => {
            let region = rest.split('-').next().unwrap_or_default();
            let only_region = word.contains('_') || !rest.contains('-');
            is_language(language) && has_region(region) && only_region
        }
        None => false,
    };
    word == "?" || word.ends_with(".onnx") || with_region
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_after_v_is_recognized_and_text_is_not() {
        let tip = |line: &str| {
            let words: Vec<_> = line.split(' ').map(OsString::from).collect();
            mistaken_voice(&words)
        };
        for line in [
            "x speak -v en_US-joe-medium hello",
            "x speak -v en-us hello",
            "x speak -v pt-br hello",
            "x -v a.onnx hello",
        ] {
            let tip = tip(line).unwrap();
            assert!(tip.contains("-m "), "{line}: {tip}");
        }
        assert!(tip("x -v ?").unwrap().contains("voices list"));
        for line in [
            "x speak -v hello",
            "x speak -v so-called experts",
            "x speak -v to-do-list",
            "x speak -q en-us",
            "x speak -v -- en-us",
            "x speak -v",
        ] {
            assert_eq!(tip(line), None, "{line}");
        }
    }
}
