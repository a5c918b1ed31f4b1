//! The folders with voices, and the voice that speaks if none is named.

use std::path::{Path, PathBuf};

use piper_rs::Result;
use piper_rs::voice::{self, VoiceFiles};

use super::FOLDER_NAME;

/// The voice that is installed with the program. It can be left out: then the
/// built-in voice speaks by default.
pub(crate) const PROGRAM_VOICE: &str = "en_US-heart-medium";

/// Where voices are searched for.
#[derive(Debug, Clone)]
pub(crate) struct VoiceFolders {
    /// Best first.
    folders: Vec<PathBuf>,
    /// Those of them that are installed with the program.
    of_program: Vec<PathBuf>,
}

impl VoiceFolders {
    /// `user` are the folders of options, environment, config file and home. The
    /// folders of the program in `exe_dir` come after them, the current folder last.
    pub(crate) fn new(user: Vec<PathBuf>, exe_dir: Option<&Path>) -> Self {
        let of_program: Vec<_> = exe_dir
            .map(beside)
            .into_iter()
            .flatten()
            // Most programs have one of them: the other would lengthen messages.
            .filter(|folder| folder.is_dir())
            .collect();
        let mut folders = user;
        for folder in &of_program {
            // In a home, as ~/.local, it is also that of the user's voices.
            if !folders.contains(folder) {
                folders.push(folder.clone());
            }
        }
        folders.push(PathBuf::from("."));
        Self {
            folders,
            of_program,
        }
    }

    /// Finds a voice by name or path. Without a name, or with an empty one as in
    /// `PIPER_VOICE=`, it is the [`program_voice`](Self::program_voice), or else the
    /// built-in one.
    pub(crate) fn find(&self, name: Option<&str>, config: Option<PathBuf>) -> Result<VoiceFiles> {
        match name.filter(|name| !name.is_empty()) {
            Some(name) => voice::find(name, config, &self.folders),
            None => Ok(match (self.program_voice(), config) {
                (Some(VoiceFiles::OnDisk { model, .. }), config @ Some(_)) => {
                    VoiceFiles::on_disk(model, config)
                }
                (Some(files), _) => files,
                (None, _) => VoiceFiles::Builtin,
            }),
        }
    }

    /// Returns the voice that is installed with the program. If only one of its files
    /// is there, loading it names the other. Reads no file.
    pub(crate) fn program_voice(&self) -> Option<VoiceFiles> {
        let files = |folder: &PathBuf| {
            let model = folder.join(format!("{PROGRAM_VOICE}.onnx"));
            VoiceFiles::on_disk(model, None)
        };
        let is_there =
            |files: &VoiceFiles| files.model_path().exists() || files.config_path().exists();
        self.of_program.iter().map(files).find(is_there)
    }

    /// Lists the voices that [`find`](Self::find) finds by name.
    pub(crate) fn installed(&self) -> Vec<VoiceFiles> {
        voice::installed(&self.folders)
    }

    /// Lists the graphs without a config beside them.
    pub(crate) fn without_config(&self) -> Vec<PathBuf> {
        voice::without_config(&self.folders)
    }
}

/// Lists the folders of the program's voices: where it is installed, and for a
/// program whose files are all in one folder.
fn beside(exe_dir: &Path) -> impl Iterator<Item = PathBuf> {
    let places = [exe_dir.parent(), Some(exe_dir)].into_iter().flatten();
    places
        .map(|place| place.join("share").join(FOLDER_NAME).join("voices"))
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program in `prefix/bin`, and its folder for voices, with these files.
    fn installed(prefix: &Path, files: &[&str]) -> VoiceFolders {
        let voices = prefix.join("share/piper-rs/voices");
        std::fs::create_dir_all(&voices).unwrap();
        for name in files {
            std::fs::write(voices.join(name), "").unwrap();
        }
        VoiceFolders::new(vec!["/user".into()], Some(&prefix.join("bin")))
    }

    #[test]
    fn without_a_name_the_programs_voice_is_found_and_else_the_built_in_one() {
        let prefix = tempfile::tempdir().unwrap();
        let folders = installed(prefix.path(), &["other.onnx", "other.onnx.json"]);
        assert_eq!(folders.find(None, None).unwrap(), VoiceFiles::Builtin);
        let names = ["en_US-heart-medium.onnx", "en_US-heart-medium.onnx.json"];
        for name in names {
            let prefix = tempfile::tempdir().unwrap();
            let folders = installed(prefix.path(), &[name]);
            let half = folders.find(None, None).unwrap();
            assert_eq!(half.name(), PROGRAM_VOICE, "only {name}");
        }
        let folders = installed(prefix.path(), &names);
        for name in [None, Some(""), Some(PROGRAM_VOICE)] {
            let found = folders.find(name, None).unwrap();
            assert_eq!(Some(found), folders.program_voice(), "{name:?}");
        }
        let with_config = folders.find(None, Some("/c.json".into())).unwrap();
        assert_eq!(with_config.config_path(), Path::new("/c.json"));
        let builtin = folders.find(Some("builtin"), None).unwrap();
        assert_eq!(builtin, VoiceFiles::Builtin);
    }

    #[test]
    fn the_voices_of_the_program_are_beside_its_bin_or_in_its_folder() {
        let prefix = tempfile::tempdir().unwrap();
        let folders = installed(prefix.path(), &["en_US-heart-medium.onnx"]);
        let in_prefix = VoiceFolders::new(Vec::new(), Some(prefix.path()));
        assert!(folders.program_voice().is_some());
        assert_eq!(folders.program_voice(), in_prefix.program_voice());
        let expected = ["/user".into(), prefix.path().join("share/piper-rs/voices")];
        assert_eq!(folders.folders[..2], expected);
        assert_eq!(folders.folders[2..], [PathBuf::from(".")]);
        let user = vec![prefix.path().join("share/piper-rs/voices")];
        let shared = VoiceFolders::new(user, Some(&prefix.path().join("bin")));
        assert_eq!(shared.folders.len(), 2, "{shared:?}");
        assert!(shared.program_voice().is_some());
        let elsewhere = VoiceFolders::new(Vec::new(), Some(Path::new("/nowhere/bin")));
        assert_eq!(elsewhere.program_voice(), None);
    }
}
