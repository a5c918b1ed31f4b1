//! Formats of sound files, by the endings of their names: a file under the ending of
//! another format would mislead its readers.

use std::path::Path;

use piper_rs::encode::SoundFormat;

use crate::terminal::report::UsageError;

/// What the ending of a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A format that this program writes.
    Format(SoundFormat),
    /// Samples without a header: `--raw` writes them.
    Raw,
    /// A format that ffmpeg makes from WAV.
    Other,
}

/// Every known ending, in lower case.
const ENDINGS: [(&str, Ending); 48] = [
    ("wav", Ending::Format(SoundFormat::Wav)),
    ("wave", Ending::Format(SoundFormat::Wav)),
    ("raw", Ending::Raw),
    ("pcm", Ending::Raw),
    ("s16", Ending::Raw),
    ("s16le", Ending::Raw),
    ("sw", Ending::Raw),
    ("f32", Ending::Raw),
    ("f32le", Ending::Raw),
    ("3gp", Ending::Other),
    ("aac", Ending::Other),
    ("ac3", Ending::Other),
    ("aif", Ending::Other),
    ("aifc", Ending::Other),
    ("aiff", Ending::Other),
    ("al", Ending::Other),
    ("alac", Ending::Other),
    ("amr", Ending::Other),
    ("ape", Ending::Other),
    ("au", Ending::Other),
    ("caf", Ending::Other),
    ("dts", Ending::Other),
    ("eac3", Ending::Other),
    ("flac", Ending::Format(SoundFormat::Flac)),
    ("gsm", Ending::Other),
    ("m4a", Ending::Other),
    ("m4b", Ending::Other),
    ("m4r", Ending::Other),
    ("mka", Ending::Other),
    ("mkv", Ending::Other),
    ("mov", Ending::Other),
    ("mp2", Ending::Other),
    ("mp3", Ending::Format(SoundFormat::Mp3)),
    ("mp4", Ending::Other),
    ("mpga", Ending::Format(SoundFormat::Mp3)),
    ("oga", Ending::Other),
    ("ogg", Ending::Other),
    ("opus", Ending::Format(SoundFormat::Opus)),
    ("rf64", Ending::Other),
    ("snd", Ending::Other),
    ("spx", Ending::Other),
    ("tta", Ending::Other),
    ("ul", Ending::Other),
    ("voc", Ending::Other),
    ("w64", Ending::Other),
    ("webm", Ending::Other),
    ("wma", Ending::Other),
    ("wv", Ending::Other),
];

/// How the audio of a file could be had in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputUse {
    /// All audio of a run: it can go through a pipe.
    Run,
    /// The audio of one text: its file can be converted.
    Text,
}

impl Ending {
    /// Returns what the ending of this name says, if it is that of a sound format.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        let mut endings = ENDINGS.iter();
        endings
            .find(|(known, _)| *known == ending)
            .map(|(_, says)| *says)
    }
}

/// Returns the format of a file of this name: the `requested` one, else that of its
/// ending, else WAV.
///
/// Fails if the ending is that of another format. Other names are allowed, and so are
/// names without an ending.
pub(crate) fn format_of(
    path: &Path,
    requested: Option<SoundFormat>,
    output_use: OutputUse,
) -> Result<SoundFormat, UsageError> {
    let shown = path.display();
    let remedy = match (Ending::of(path), output_use) {
        (None, _) => return Ok(requested.unwrap_or_default()),
        (Some(Ending::Format(format)), _) => {
            return match requested.filter(|requested| *requested != format) {
                None => Ok(format),
                Some(other) => Err(UsageError(format!(
                    "{shown} would be {other}, as --audio-format says, under the name of \
                     {format}: leave out --audio-format, or write {}",
                    path.with_extension(other.ending()).display()
                ))),
            };
        }
        (Some(Ending::Raw), OutputUse::Run) => {
            format!("use `--raw > {shown}` for samples without a header, or `-o FILE.wav`")
        }
        (Some(Ending::Raw), OutputUse::Text) => "end its name with .wav".to_owned(),
        (Some(Ending::Other), _) if is_ogg(path) => format!(
            "the format in Ogg is Opus: write {}",
            path.with_extension("opus").display()
        ),
        (Some(Ending::Other), OutputUse::Run) => {
            format!("use one of them, or `-o - | ffmpeg -i - {shown}`")
        }
        (Some(Ending::Other), OutputUse::Text) => {
            let wav = path.with_extension("wav");
            let wav = wav.display();
            format!("use one of them, or write {wav} and convert it with `ffmpeg -i {wav} {shown}`")
        }
    };
    Err(UsageError(format!(
        "cannot write {shown}: the formats are .wav, .flac, .opus and .mp3; {remedy}"
    )))
}

fn is_ogg(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ["ogg", "oga"]
        .iter()
        .any(|ogg| ending.eq_ignore_ascii_case(ogg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_format_of_its_ending_in_any_case() {
        let format = |format| Some(Ending::Format(format));
        let cases = [
            ("a.wav", format(SoundFormat::Wav)),
            ("a.mp3.WAV", format(SoundFormat::Wav)),
            ("a/b.raw", Some(Ending::Raw)),
            ("a.Mp3", format(SoundFormat::Mp3)),
            ("a.b/c.opus", format(SoundFormat::Opus)),
            ("a.flac", format(SoundFormat::Flac)),
            ("a.OGG", Some(Ending::Other)),
            ("a.m4a", Some(Ending::Other)),
            ("mp3", None),
            (".mp3", None),
            ("a.mp3/b", None),
            ("a.txt", None),
            ("/dev/null", None),
        ];
        for (name, expected) in cases {
            let path = Path::new(name);
            assert_eq!(Ending::of(path), expected, "{name}");
            let found = format_of(path, None, OutputUse::Run).ok();
            let allowed = match expected {
                None => Some(SoundFormat::Wav),
                Some(Ending::Format(format)) => Some(format),
                Some(Ending::Raw | Ending::Other) => None,
            };
            assert_eq!(found, allowed, "{name}");
        }
    }

    #[test]
    fn a_requested_format_must_fit_the_name() {
        let opus = Some(SoundFormat::Opus);
        let of = |name: &str| format_of(Path::new(name), opus, OutputUse::Text);
        assert_eq!(of("a").unwrap(), SoundFormat::Opus);
        assert_eq!(of("a.txt").unwrap(), SoundFormat::Opus);
        assert_eq!(of("a.OPUS").unwrap(), SoundFormat::Opus);
        let message = of("a.flac").unwrap_err().to_string();
        assert!(message.contains("a.flac would be Opus"), "{message}");
        assert!(message.ends_with("or write a.opus"), "{message}");
    }

    #[test]
    fn every_ending_is_listed_once_in_lower_case() {
        for (n, (ending, _)) in ENDINGS.iter().enumerate() {
            assert_eq!(ending.to_lowercase(), *ending);
            assert!(ENDINGS[..n].iter().all(|(other, _)| other != ending));
        }
    }
}
