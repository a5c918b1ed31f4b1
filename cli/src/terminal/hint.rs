//! What to do about an error: the line below it.

use piper_rs::BadDownload;
use piper_rs::Error;

use super::report::library_error;

/// Returns what to do about an error, where that is not plain from it.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    let error = library_error(error)?;
    Some(match error {
        Error::LibraryNotFound {
            library: "ONNX Runtime",
            ..
        } => "run `make build` in piper-rs's source, or `pip install onnxruntime`, or name the \
             library with `--onnxruntime FILE`"
            .to_owned(),
        Error::LibraryNotFound { .. } => {
            "install espeak-ng (Debian: `apt-get install libespeak-ng1 espeak-ng-data`), or name \
             the library with `--espeak FILE`"
                .to_owned()
        }
        Error::LibraryUnusable {
            library: "espeak-ng",
            ..
        } => "install espeak-ng with its data (Debian: `apt-get install libespeak-ng1 \
              espeak-ng-data`), or name the data with `--espeak-data DIR`; `-v` says which files \
              were tried"
            .to_owned(),
        Error::LibraryUnusable { .. } => {
            "`--onnxruntime FILE` and `--espeak FILE` name another library; `piper-rs doctor` \
             looks at all of them"
                .to_owned()
        }
        Error::VoiceNotFound { .. } => {
            "name the voice's .onnx file, or its folder with `--data-dir DIR`; without `-m` the \
             built-in voice speaks"
                .to_owned()
        }
        Error::BadVoiceConfig { .. } => {
            "a voice is two files, VOICE.onnx and VOICE.onnx.json; name the second with \
             `--config FILE` if it is elsewhere"
                .to_owned()
        }
        Error::Download { source, .. } => return download_hint(source),
        Error::NotText { .. } => "say what it is with `--encoding NAME`".to_owned(),
        Error::NoDevice {
            requested: None, ..
        } => "write a file with `-o FILE`, or samples to standard output with `--raw`".to_owned(),
        Error::NoDevice { .. } => "`piper-rs devices` lists them".to_owned(),
        Error::WavTooLong { .. } => "write raw samples with `--raw`, or split the text".to_owned(),
        _ => return None,
    })
}

fn download_hint(error: &BadDownload) -> Option<String> {
    Some(match error {
        BadDownload::NoConnection(_) => {
            "is there a network? `http_proxy`, `https_proxy` and `no_proxy` are heeded; \
             `--catalogue URL|FILE` names a mirror"
                .to_owned()
        }
        BadDownload::Untrusted(_) => {
            "somebody is in between, or a certificate of your network is missing: \
             `SSL_CERT_FILE=FILE` names the certificates to trust"
                .to_owned()
        }
        BadDownload::Broken { .. } => "run it again: it goes on where it stopped".to_owned(),
        BadDownload::Size { .. } | BadDownload::Md5 { .. } => {
            "nothing was installed; if it stays so, `--update` fetches the catalogue anew"
                .to_owned()
        }
        _ => return None,
    })
}
