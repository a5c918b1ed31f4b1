//! Names for the files of single texts.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use piper_rs::encode::SoundFormat;
use piper_rs::fs::is_forbidden_in_file_name;

use crate::args::NamingArg;

/// The longest file name made from a text, in bytes. Systems allow 255.
const MAX_NAME_BYTES: usize = 200;

/// Returns a path in `folder` for the audio of `text`, and adds it to those
/// that this run has `taken`.
///
/// A text has the same name in each run, so that scripts can rely on it: a file
/// of an earlier run is replaced.
pub(crate) fn path_for(
    folder: &Path,
    naming: NamingArg,
    text: &str,
    format: SoundFormat,
    taken: &mut HashSet<PathBuf>,
) -> PathBuf {
    let ending = format.ending();
    let name = match naming {
        NamingArg::Text => file_name(text),
        NamingArg::Timestamp => {
            let time = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            time.as_nanos().to_string()
        }
    };
    let numbered = (2..).map(|n| folder.join(format!("{name}-{n}.{ending}")));
    let mut names = std::iter::once(folder.join(format!("{name}.{ending}"))).chain(numbered);
    names
        .find(|path| taken.insert(path.clone()))
        .unwrap_or_else(|| folder.join(name))
}

/// Turns a text into a file name that is valid on every system.
pub(crate) fn file_name(text: &str) -> String {
    let allowed = |c: &char| !is_forbidden_in_file_name(*c);
    let mut name: String = text.trim().chars().filter(allowed).collect();
    while name.len() > MAX_NAME_BYTES {
        name.pop();
    }
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() {
        "speech".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_valid_name() {
        let long = "ä".repeat(300);
        let cases = [
            ("Hello, world.", "Hello, world"),
            ("../../etc/passwd", "etcpasswd"),
            ("a\nb?", "ab"),
            ("...", "speech"),
            ("", "speech"),
            (&long, &long[..MAX_NAME_BYTES]),
        ];
        for (text, expected) in cases {
            assert_eq!(file_name(text), expected, "{text}");
        }
    }

    #[test]
    fn no_name_is_used_twice() {
        let mut taken = HashSet::new();
        for (text, expected) in [("hi", "hi.wav"), ("hi?", "hi-2.wav"), ("hi!", "hi!.wav")] {
            let (folder, format) = (Path::new("out"), SoundFormat::Wav);
            let path = path_for(folder, NamingArg::Text, text, format, &mut taken);
            assert_eq!(path, Path::new("out").join(expected));
        }
    }
}
