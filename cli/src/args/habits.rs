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

/// Returns a tip for an option of espeak-ng or `say` that `speak` does not have.
pub(super) fn unknown_option(option: &str) -> Option<&'static str> {
    Some(match option {
        "--stdout" => "`-o -` writes a WAV stream to standard output, `--raw` samples",
        "-g" => {
            "words have no gap to set; `--sentence-silence SECONDS` sets the pause after a \
                 sentence, `--speed` the rate"
        }
        "-k" => "`--spell` spells the text and announces capitals",
        "-l" => "`--line-breaks keep|join|auto` sets the meaning of a line break",
        "-b" => "`--encoding NAME` sets the encoding of the text",
        "-z" => "`--sentence-silence 0` leaves out the pause after a sentence",
        "--path" => "`--espeak-data DIR` is the folder of espeak-ng's data",
        "--phonout" => "`piper-rs phonemes TEXT > FILE` writes phonemes to a file",
        "--file-format" | "--data-format" => {
            "`-o FILE` writes a file, in the format of its name; `--rate HZ` sets the sample rate"
        }
        _ => return None,
    })
}

/// What to do about a word after `-v` that may be meant as a voice: the option prints
/// details here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MistakenVoice {
    /// It is no text.
    Refuse(String),
    /// It may be text, and is spoken.
    Note(String),
}

/// Returns what to do if the words before `--` have a word after `-v` that may be meant
/// as a voice.
pub(crate) fn mistaken_voice(words: &[OsString]) -> Option<MistakenVoice> {
    let options = words.split(|word| word == "--").next()?;
    let mut flags = options.iter().enumerate().filter(|(_, word)| *word == "-v");
    flags.find_map(|(at, _)| {
        let named = options.get(at + 1)?.to_str()?;
        let text = options.get(at + 2).and_then(|word| word.to_str());
        let (is_known, is_before_text) = (
            KNOWN_VOICES.contains(&named),
            is_word_before_text(named, text),
        );
        let advice = format!(
            "choose a voice with `-m {named}`, or see `piper-rs voices list`; `-v -- {named} …` \
             speaks the word"
        );
        if named == "?" {
            let advice = "`-v` prints more detail; `piper-rs voices list` lists the voices";
            Some(MistakenVoice::Refuse(advice.to_owned()))
        } else if is_voice(named) || is_known && is_before_text {
            let advice = format!("`-v` prints more detail and takes no value; {advice}");
            Some(MistakenVoice::Refuse(advice))
        } else if is_known || is_before_text {
            let note = format!("`-v` prints more detail, so `{named}` is spoken, too; {advice}");
            Some(MistakenVoice::Note(note))
        } else {
            None
        }
    })
}

/// Returns whether `named` is one word and `text`, the next argument, is several, as
/// in `-v Alex "Hello there"`.
fn is_word_before_text(named: &str, text: Option<&str>) -> bool {
    let is_word = !named.starts_with('-') && !named.contains(char::is_whitespace);
    let is_text = |text: &str| !text.starts_with('-') && text.contains(char::is_whitespace);
    is_word && text.is_some_and(is_text)
}

/// Voices of `say` that are often named, and languages of espeak-ng that are no
/// English words.
const KNOWN_VOICES: &[&str] = &[
    "Alex",
    "Alice",
    "Amelie",
    "Anna",
    "Bruce",
    "Daniel",
    "Ellen",
    "Fiona",
    "Fred",
    "Karen",
    "Kyoko",
    "Luca",
    "Mei-Jia",
    "Moira",
    "Monica",
    "Paulina",
    "Rishi",
    "Samantha",
    "Tessa",
    "Thomas",
    "Ting-Ting",
    "Tom",
    "Veena",
    "Vicki",
    "Victoria",
    "Whisper",
    "Xander",
    "Yuna",
    "Zarvox",
    "Zosia", //
    "ar",
    "ca",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "fr",
    "hu",
    "ja",
    "ko",
    "nl",
    "pl",
    "pt",
    "ro",
    "ru",
    "sv",
    "tr",
    "uk",
    "zh",
];

/// Returns whether a word is a voice's name and surely no text: `en_US-joe-medium`, a
/// file, or a language with a region, `en-us`.
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
    word.ends_with(".onnx") || with_region
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
        let quoted = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            mistaken_voice(&words)
        };
        for line in [
            "x speak -v en_US-joe-medium hello",
            "x speak -v en-us hello",
            "x speak -v pt-br hello",
            "x -v a.onnx hello",
        ] {
            let Some(MistakenVoice::Refuse(tip)) = tip(line) else {
                panic!("{line} is spoken");
            };
            assert!(
                tip.contains("-m ") && tip.contains("-v -- "),
                "{line}: {tip}"
            );
        }
        let known = quoted(&["x", "-v", "Alex", "Hello there."]);
        assert!(matches!(known, Some(MistakenVoice::Refuse(_))), "{known:?}");
        let list = tip("x -v ?");
        assert!(matches!(list, Some(MistakenVoice::Refuse(tip)) if tip.contains("voices list")));
        let texts = [
            tip("x -v Alex hello"),
            tip("x speak -q -v de Hallo"),
            tip("x speak -v Tom is here"),
            quoted(&["x", "-v", "Attention", "the train leaves"]),
        ];
        for text in texts {
            let Some(MistakenVoice::Note(note)) = text else {
                panic!("{text:?}");
            };
            assert!(
                note.contains("is spoken") && note.contains("`-v -- "),
                "{note}"
            );
        }
        assert_eq!(quoted(&["x", "-v", "Hello", "-o", "a b.wav"]), None);
        for line in [
            "x speak -v hello",
            "x speak -v so-called experts",
            "x speak -v to-do-list",
            "x speak -q en-us",
            "x speak -v -- en-us",
            "x speak -v",
            "x speak -v Hello there",
            "x speak -v hi there",
        ] {
            assert_eq!(tip(line), None, "{line}");
        }
    }
}
