//! The formats of sound files that this program can write on this system.

use piper_rs::encode::SoundFormat;

/// Returns their names; LAME's version with MP3.
pub(super) fn sound_formats() -> Vec<String> {
    let can_write = |format: &SoundFormat| format.check().is_ok();
    SoundFormat::FILES
        .into_iter()
        .filter(can_write)
        .map(described)
        .collect()
}

fn described(format: SoundFormat) -> String {
    match (format, lame_version()) {
        (SoundFormat::Mp3, Some(version)) => format!("{format} (LAME {version})"),
        _ => format.to_string(),
    }
}

#[cfg(feature = "mp3")]
fn lame_version() -> Option<String> {
    let (_, version) = piper_rs::encode::mp3::find().ok()?;
    Some(version)
}

#[cfg(not(feature = "mp3"))]
fn lame_version() -> Option<String> {
    None
}
