//! Hints: what to do about an error.

use std::io::ErrorKind;
use std::path::Path;

use piper_rs::text::FileKind;
use piper_rs::{BadDocument, BadDownload, Error, SharedLibrary};

use super::suggest::nearest;
use crate::environment::PROGRAM_VOICE;

/// Returns what to do about an error, if the error itself does not tell.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    let error = library_error(error)?;
    Some(match error {
        Error::NoVoiceConfig { model: path, .. }
        | Error::BadVoiceConfig { path, .. }
        | Error::BadVoiceModel { path, .. }
            if is_program_voice(path) =>
        {
            "install piper-rs again, or use the voice that is built in: `-m builtin`".to_owned()
        }
        Error::LibraryNotFound {
            library: SharedLibrary::OnnxRuntime,
            ..
        } => {
            "run `pip install onnxruntime`, or `make build` in the source of piper-rs, or give the \
             path of the library with `--onnxruntime FILE`"
                .to_owned()
        }
        Error::LibraryNotFound {
            library: SharedLibrary::Lame,
            ..
        } => "install LAME, which encodes MP3 (Debian: `apt-get install libmp3lame0`, macOS: \
              `brew install lame`), or write .opus or .flac"
            .to_owned(),
        Error::NoFormat { .. } => "write .wav, and convert it with ffmpeg".to_owned(),
        Error::LibraryNotFound { .. } => {
            "install espeak-ng (Debian: `apt-get install libespeak-ng1 espeak-ng-data`), or give \
             the path of the library with `--espeak FILE`"
                .to_owned()
        }
        Error::LibraryUnusable {
            library: SharedLibrary::EspeakNg,
            ..
        } => "install espeak-ng with its data (Debian: `apt-get install libespeak-ng1 \
              espeak-ng-data`), or give the path of its data with `--espeak-data DIR`; `-v` \
              prints which files were tried"
            .to_owned(),
        Error::LibraryUnusable {
            library: SharedLibrary::Lame,
            ..
        } => "install another version of LAME, or write .opus or .flac".to_owned(),
        Error::LibraryUnusable { .. } => {
            "choose another library with `--onnxruntime FILE` or `--espeak FILE`; `piper-rs \
             doctor` checks all libraries"
                .to_owned()
        }
        Error::UnknownEspeakVoice { name, known } => {
            let name = name.to_lowercase();
            let nearest = nearest(&name, known.iter().map(String::as_str));
            return nearest.map(|nearest| format!("did you mean `{nearest}`?"));
        }
        Error::VoiceNotFound { .. } => {
            "`piper-rs voices list` lists the installed voices; give the path of another's .onnx \
             file, or its folder with `--data-dir DIR`"
                .to_owned()
        }
        Error::NoVoiceConfig { .. } | Error::BadVoiceConfig { .. } => {
            "a voice has two files, VOICE.onnx and VOICE.onnx.json; if the second is elsewhere, \
             use `--config FILE`"
                .to_owned()
        }
        Error::UnsupportedPhonemeType { .. } => {
            "piper-tts 1.8 can speak with it; `piper-rs voices search` lists other voices"
                .to_owned()
        }
        Error::Download { source, .. } => return download_hint(source),
        Error::Document { source, .. } => return document_hint(source),
        Error::Input { origin, .. }
            if origin.starts_with("https://") || origin.starts_with("http://") =>
        {
            format!("download it first: `curl -L {origin} | piper-rs speak --format html`")
        }
        Error::NotText { .. } => "set the encoding with `--encoding NAME`".to_owned(),
        Error::NoDevice {
            requested: None, ..
        } => "write a file with `-o FILE`, or samples to standard output with `--raw`".to_owned(),
        Error::NoDevice { .. } => format!("`piper-rs devices` lists devices{MORE_DEVICES}"),
        Error::Output { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
            "choose another name, or replace the file with `--overwrite`".to_owned()
        }
        Error::Thread { .. } => {
            "a limit on processes is reached: see `ulimit -u`, or the limits of \
                                 the container or service"
                .to_owned()
        }
        // Words per minute, as for espeak-ng.
        Error::UnknownSpeaker { requested, .. }
            if requested
                .parse()
                .is_ok_and(|n: u32| (80..=450).contains(&n)) =>
        {
            format!(
                "`-s` is the speaker, as in Piper; for words per minute use `-r {requested}`, or \
                 `--speed`"
            )
        }
        Error::WavTooLong { .. } => "write raw samples with `--raw`, or split the text".to_owned(),
        _ => return None,
    })
}

/// Returns whether a file is of the voice that is installed with the program.
fn is_program_voice(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_prefix(PROGRAM_VOICE)
        .is_some_and(|rest| rest.starts_with(".onnx"))
}

/// Where more names of devices are found.
const MORE_DEVICES: &str = if cfg!(target_os = "linux") {
    "; `aplay -L` lists more names, and any name that ALSA can open works"
} else {
    ""
};

/// Returns the library's error among the causes. Those of the voice cache are
/// shared.
pub(crate) fn library_error(error: &anyhow::Error) -> Option<&Error> {
    error.chain().find_map(|cause| {
        let shared = || cause.downcast_ref::<std::sync::Arc<Error>>();
        cause
            .downcast_ref()
            .or_else(|| shared().map(|error| &**error))
    })
}

fn document_hint(error: &BadDocument) -> Option<String> {
    let BadDocument::WrongKind(kind) = error else {
        return match error {
            BadDocument::Encrypted => Some(
                "it is protected against copies: only the shop's programs can open it".to_owned(),
            ),
            BadDocument::TooLarge { .. } => Some(
                "split it, or make plain text of it; a book with many pictures must be a file, not \
                 a pipe"
                    .to_owned(),
            ),
            BadDocument::TooMany { .. } => {
                Some("split it, or make plain text of it".to_owned())
            }
            BadDocument::TooDeep { .. }
            | BadDocument::TooManyAttributes { .. }
            | BadDocument::Damaged { .. } => Some(
                "open it in its own program and save it as plain text; a file of text can be read \
                 as it is with `--format text`"
                    .to_owned(),
            ),
            BadDocument::Incomplete { .. } => Some(
                "a file tells its format if `--format` is left out; if this one is damaged, save \
                 it again in its own program, as plain text too"
                    .to_owned(),
            ),
            _ => None,
        };
    };
    let hint = match kind {
        FileKind::Pdf => "make text of it: `pdftotext FILE - | piper-rs speak --format pdftext`",
        FileKind::OpenDocument | FileKind::OldWord | FileKind::Rtf => {
            "make a DOCX of it: `soffice --headless --convert-to docx FILE`"
        }
        FileKind::OfficeTable => "save its text as CSV, or as plain text",
        FileKind::Mobi => "make an EPUB of it: `ebook-convert FILE FILE.epub`, of calibre",
        FileKind::Djvu => "make text of it: `djvutxt FILE | piper-rs speak --format pdftext`",
        FileKind::Gzip => "unpack it: `gunzip -c FILE | piper-rs speak`",
        FileKind::Zip => {
            "unpack it; an EPUB or DOCX from a pipe needs `--format epub` or `--format docx`"
        }
        FileKind::Picture => {
            "recognise its text: `tesseract FILE - | piper-rs speak --format pdftext`"
        }
        FileKind::Sound | FileKind::Video => {
            "only texts are spoken; a transcript or subtitles (.srt, .vtt) of it can be"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

fn download_hint(error: &BadDownload) -> Option<String> {
    Some(match error {
        BadDownload::NoConnection(_) => {
            "check your connection; `http_proxy`, `https_proxy` and `no_proxy` are honoured; use a \
             mirror with `--catalogue URL|FILE`"
                .to_owned()
        }
        BadDownload::Untrusted(_) => {
            "the connection may be intercepted, or a certificate of your network is missing: set \
             trusted certificates with `SSL_CERT_FILE=FILE`"
                .to_owned()
        }
        BadDownload::Broken { .. } => "run the command again: it resumes the download".to_owned(),
        BadDownload::Size { .. } | BadDownload::Md5 { .. } => {
            "nothing was installed; if this happens again, update the catalogue with `--update`"
                .to_owned()
        }
        _ => return None,
    })
}
