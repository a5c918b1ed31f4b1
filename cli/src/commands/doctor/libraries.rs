//! Checks ONNX Runtime, espeak-ng and the formats of sound files.

use piper_rs::encode::SoundFormat;

use super::finding::Finding;
use crate::commands::sound_formats::sound_formats;
use crate::environment;
use crate::speech::libraries::Libraries;

pub(super) fn check_runtime(libraries: &Libraries) -> Finding {
    const ABOUT: &str = "ONNX Runtime";
    let runtime = match libraries.runtime() {
        Ok(runtime) => runtime,
        Err(error) => return Finding::problem(ABOUT, error),
    };
    let found = format!("{}, {}", runtime.version(), runtime.path().display());
    match environment::telemetry_is_off() {
        true => Finding::ok(ABOUT, found + ", telemetry off"),
        false => Finding::warning(
            ABOUT,
            found + ", telemetry on",
            "set ORT_DISABLE_TELEMETRY=1",
        ),
    }
}

pub(super) fn check_espeak(libraries: &Libraries) -> Finding {
    const ABOUT: &str = "espeak-ng";
    match libraries.espeak() {
        Ok(espeak) => {
            let (version, data) = (espeak.version(), espeak.data_path().display());
            Finding::ok(ABOUT, format!("{version}, data in {data}"))
        }
        Err(error) => Finding::problem(ABOUT, error),
    }
}

pub(super) fn check_formats() -> Finding {
    const ABOUT: &str = "sound formats";
    let found = sound_formats().join(", ");
    let mut formats = SoundFormat::FILES.into_iter();
    match formats.find_map(|format| format.check().err()) {
        None => Finding::ok(ABOUT, found),
        Some(error) => Finding::missing(ABOUT, found, error),
    }
}
