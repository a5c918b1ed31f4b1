//! Formats of sound files, by the endings of their names. This program writes
//! WAV; a WAV file under another ending would mislead its readers.

use std::path::Path;

use crate::terminal::report::UsageError;

/// A format of sound files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SoundFormat {
    Wav,
    /// Samples without a header: `--raw` writes them.
    Raw,
    /// A format that ffmpeg makes from WAV.
    Other,
}

/// Every known ending, in lower case.
const ENDINGS: [(&str, SoundFormat); 48] = [
    ("wav", SoundFormat::Wav),
    ("wave", SoundFormat::Wav),
    ("raw", SoundFormat::Raw),
    ("pcm", SoundFormat::Raw),
    ("s16", SoundFormat::Raw),
    ("s16le", SoundFormat::Raw),
    ("sw", SoundFormat::Raw),
    ("f32", SoundFormat::Raw),
    ("f32le", SoundFormat::Raw),
    ("3gp", SoundFormat::Other),
    ("aac", SoundFormat::Other),
    ("ac3", SoundFormat::Other),
    ("aif", SoundFormat::Other),
    ("aifc", SoundFormat::Other),
    ("aiff", SoundFormat::Other),
    ("al", SoundFormat::Other),
    ("alac", SoundFormat::Other),
    ("amr", SoundFormat::Other),
    ("ape", SoundFormat::Other),
    ("au", SoundFormat::Other),
    ("caf", SoundFormat::Other),
    ("dts", SoundFormat::Other),
    ("eac3", SoundFormat::Other),
    ("flac", SoundFormat::Other),
    ("gsm", SoundFormat::Other),
    ("m4a", SoundFormat::Other),
    ("m4b", SoundFormat::Other),
    ("m4r", SoundFormat::Other),
    ("mka", SoundFormat::Other),
    ("mkv", SoundFormat::Other),
    ("mov", SoundFormat::Other),
    ("mp2", SoundFormat::Other),
    ("mp3", SoundFormat::Other),
    ("mp4", SoundFormat::Other),
    ("mpga", SoundFormat::Other),
    ("oga", SoundFormat::Other),
    ("ogg", SoundFormat::Other),
    ("opus", SoundFormat::Other),
    ("rf64", SoundFormat::Other),
    ("snd", SoundFormat::Other),
    ("spx", SoundFormat::Other),
    ("tta", SoundFormat::Other),
    ("ul", SoundFormat::Other),
    ("voc", SoundFormat::Other),
    ("w64", SoundFormat::Other),
    ("webm", SoundFormat::Other),
    ("wma", SoundFormat::Other),
    ("wv", SoundFormat::Other),
];

/// How the audio of a file could be had in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputUse {
    /// All audio of a run: it can go through a pipe.
    Run,
    /// The audio of one text: its file can be converted.
    Text,
}

impl SoundFormat {
    /// Returns the format that a file of this name should have, if its ending is
    /// that of a sound format.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        let mut endings = ENDINGS.iter();
        endings
            .find(|(known, _)| *known == ending)
            .map(|(_, format)| *format)
    }
}

/// Fails if a file of this name should not be WAV. Other names are allowed, and
/// so are names without an ending.
pub(crate) fn check_name(path: &Path, output_use: OutputUse) -> Result<(), UsageError> {
    let shown = path.display();
    let remedy = match (SoundFormat::of(path), output_use) {
        (None | Some(SoundFormat::Wav), _) => return Ok(()),
        (Some(SoundFormat::Raw), OutputUse::Run) => {
            format!("use `--raw > {shown}` for samples without a header, or `-o FILE.wav`")
        }
        (Some(SoundFormat::Raw), OutputUse::Text) => "end its name with .wav".to_owned(),
        (Some(SoundFormat::Other), OutputUse::Run) => {
            format!("use `-o - | ffmpeg -i - {shown}`, or `-o FILE.wav`")
        }
        (Some(SoundFormat::Other), OutputUse::Text) => {
            let wav = path.with_extension("wav");
            let wav = wav.display();
            format!("write {wav}, then convert it with `ffmpeg -i {wav} {shown}`")
        }
    };
    Err(UsageError(format!(
        "cannot write {shown}: only WAV files can be written; {remedy}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_format_of_its_ending_in_any_case() {
        let cases = [
            ("a.wav", Some(SoundFormat::Wav)),
            ("a.mp3.WAV", Some(SoundFormat::Wav)),
            ("a/b.raw", Some(SoundFormat::Raw)),
            ("a.Mp3", Some(SoundFormat::Other)),
            ("a.b/c.opus", Some(SoundFormat::Other)),
            ("mp3", None),
            (".mp3", None),
            ("a.mp3/b", None),
            ("a.txt", None),
            ("/dev/null", None),
        ];
        for (name, expected) in cases {
            assert_eq!(SoundFormat::of(Path::new(name)), expected, "{name}");
            let is_refused = check_name(Path::new(name), OutputUse::Run).is_err();
            let wav_fits = matches!(expected, None | Some(SoundFormat::Wav));
            assert_eq!(is_refused, !wav_fits, "{name}");
        }
    }

    #[test]
    fn every_ending_is_listed_once_in_lower_case() {
        for (n, (ending, _)) in ENDINGS.iter().enumerate() {
            assert_eq!(ending.to_lowercase(), *ending);
            assert!(ENDINGS[..n].iter().all(|(other, _)| other != ending));
        }
    }
}
