//! Paths of this machine. With its submodules the only reader of environment
//! variables, apart from those that are defaults of options: see `env` in
//! `args`.

mod array_task;
mod connection;
mod display;
mod documented;
mod voice_folders;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use piper_rs::fs::is_stream;
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::{phoneme, runtime};

pub(crate) use self::array_task::{array_task, slurm_cpus};
pub(crate) use self::connection::connection;
pub(crate) use self::display::{locale_is_utf8, no_color, terminal_is_dumb};
pub(crate) use self::documented::{FILES, VARIABLES};
pub(crate) use self::voice_folders::{PROGRAM_VOICE, VoiceFolders};
use crate::args::{CATALOGUE_VARIABLE, PUBLIC_CATALOGUE, VOICE_VARIABLE};

/// The name of this program's folders: in the user's data folder, and in `lib/`
/// and `share/` beside the `bin/` where it is installed.
const FOLDER_NAME: &str = "piper-rs";

/// Where files are searched for and stored.
pub(crate) struct Environment {
    exe: Option<PathBuf>,
    exe_dir: Option<PathBuf>,
    data_dir: Option<PathBuf>,
    state_dir: Option<PathBuf>,
    cache_dir: Option<PathBuf>,
    config_dir: Option<PathBuf>,
    configured: ConfiguredPaths,
}

/// The paths that the config file sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfiguredPaths {
    pub(crate) data_dirs: Vec<PathBuf>,
    pub(crate) onnxruntime: Option<PathBuf>,
    pub(crate) espeak: Option<PathBuf>,
    pub(crate) espeak_data: Option<PathBuf>,
}

impl Environment {
    pub(crate) fn of_this_machine() -> Self {
        // Follow symlinks: a link in ~/bin has no library beside it.
        let exe = env::current_exe().and_then(|exe| exe.canonicalize()).ok();
        let base = etcetera::choose_base_strategy().ok();
        let folder = |folder: PathBuf| folder.join(FOLDER_NAME);
        Self {
            exe_dir: exe.as_deref().and_then(Path::parent).map(Path::to_owned),
            data_dir: base.as_ref().map(|base| folder(base.data_dir())),
            // Some systems do not separate state from data.
            state_dir: base
                .as_ref()
                .map(|base| folder(base.state_dir().unwrap_or_else(|| base.data_dir()))),
            cache_dir: base.as_ref().map(|base| folder(base.cache_dir())),
            config_dir: base.as_ref().map(|base| folder(base.config_dir())),
            configured: ConfiguredPaths::default(),
            exe,
        }
    }

    /// Returns the file of this program.
    pub(crate) fn program(&self) -> Option<&Path> {
        self.exe.as_deref()
    }

    /// Also searches the paths of the config file, after options and environment.
    pub(crate) fn configure(&mut self, configured: ConfiguredPaths) {
        self.configured = configured;
    }

    /// Returns the path of the user's config file.
    pub(crate) fn config_file(&self) -> Option<PathBuf> {
        self.config_dir.as_ref().map(|dir| dir.join("config.toml"))
    }

    /// Returns the path of the history of the interactive prompt.
    pub(crate) fn history(&self) -> Option<PathBuf> {
        self.state_dir.as_ref().map(|state| state.join("history"))
    }

    /// Returns the default socket of `serve`, in a folder that only the user can enter and
    /// that is gone after a restart.
    #[cfg(unix)]
    pub(crate) fn serve_socket(&self) -> Option<PathBuf> {
        let folder = path_var("XDG_RUNTIME_DIR")?.join(FOLDER_NAME);
        Some(folder.join("serve.sock"))
    }

    /// Lists the paths where ONNX Runtime may be, best first.
    pub(crate) fn onnxruntime(&self, flag: Option<&Path>) -> Vec<PathBuf> {
        if let Some(path) = flag {
            return vec![absolute(path.to_owned())];
        }
        let names = runtime::library_names();
        let in_folder = |folder: PathBuf| names.iter().map(move |name| folder.join(name));
        let named = path_var("ORT_DYLIB_PATH").map(absolute);
        let named = named.or_else(|| self.configured.onnxruntime.clone());
        let mut found: Vec<PathBuf> = named.into_iter().collect();
        found.extend(self.library_folders().flat_map(in_folder));
        found.extend(names.iter().map(PathBuf::from));
        found.extend(python_packages().flat_map(|packages| {
            let folder = packages.join("onnxruntime").join("capi");
            let mut files = files_starting(&folder, names);
            if files.is_empty() && packages.is_dir() {
                // So that an error lists this folder too.
                files.extend(names.first().map(|name| folder.join(name)));
            }
            files
        }));
        found
    }

    /// Lists the paths where espeak-ng may be, best first.
    pub(crate) fn espeak(&self, flag: Option<&Path>) -> Vec<PathBuf> {
        if let Some(path) = flag {
            return vec![absolute(path.to_owned())];
        }
        let names = phoneme::library_names();
        let in_folder = |folder: PathBuf| names.iter().map(move |name| folder.join(name));
        let configured = self.configured.espeak.clone();
        let mut found: Vec<PathBuf> = configured.into_iter().collect();
        found.extend(self.library_folders().flat_map(in_folder));
        found.extend(names.iter().map(PathBuf::from));
        found
    }

    /// Returns espeak-ng's data folder, or `None` for the library's own.
    pub(crate) fn espeak_data(&self, flag: Option<&Path>) -> Option<PathBuf> {
        flag.map(Path::to_owned)
            .or_else(|| path_var("ESPEAK_DATA_PATH"))
            .or_else(|| self.configured.espeak_data.clone())
    }

    /// Returns where voices are searched for.
    pub(crate) fn voice_folders(&self, flags: &[PathBuf]) -> VoiceFolders {
        VoiceFolders::new(self.user_voice_folders(flags), self.exe_dir.as_deref())
    }

    /// Lists the folders of the user's voices, best first: not that of the program,
    /// and the current one only if an option names it.
    pub(crate) fn user_voice_folders(&self, flags: &[PathBuf]) -> Vec<PathBuf> {
        let mut folders = flags.to_vec();
        if let Some(paths) = env::var_os("PIPER_VOICE_DIR").filter(|paths| !paths.is_empty()) {
            folders.extend(env::split_paths(&paths));
        }
        folders.extend(self.configured.data_dirs.iter().cloned());
        folders.extend(self.data_dir.iter().map(|data| data.join("voices")));
        folders
    }

    /// Returns the folder for downloaded voices.
    pub(crate) fn download_folder(&self, flags: &[PathBuf]) -> Option<PathBuf> {
        let own = || Some(self.data_dir.as_ref()?.join("voices"));
        let named = flags.first().or(self.configured.data_dirs.first());
        named.cloned().or_else(own)
    }

    /// Returns the location of the catalogue for commands without `--catalogue`.
    pub(crate) fn catalogue(&self) -> String {
        let named = env::var(CATALOGUE_VARIABLE).ok();
        named.unwrap_or_else(|| PUBLIC_CATALOGUE.to_owned())
    }

    /// Returns the folder of downloaded catalogues.
    pub(crate) fn catalogues(&self) -> Option<PathBuf> {
        Some(self.cache_dir.as_ref()?.join("catalogues"))
    }

    /// Returns the folder of prepared voices.
    pub(crate) fn prepared_folder(&self) -> Option<PathBuf> {
        self.cache_dir.as_ref().map(|cache| cache.join("prepared"))
    }

    /// Returns the store of prepared voices, with room for `max_megabytes`.
    pub(crate) fn prepared_voices(&self, max_megabytes: u64) -> Option<PreparedVoices> {
        let max_bytes = max_megabytes.saturating_mul(1_000_000);
        Some(PreparedVoices::new(self.prepared_folder()?, max_bytes))
    }

    /// Lists the folders where libraries for this program may be installed.
    fn library_folders(&self) -> impl Iterator<Item = PathBuf> {
        let exe = self.exe_dir.clone();
        let prefix = exe.as_deref().and_then(Path::parent);
        let installed = prefix.map(|prefix| prefix.join("lib").join(FOLDER_NAME));
        let user = self.data_dir.as_ref().map(|data| data.join("lib"));
        exe.into_iter().chain(installed).chain(user)
    }
}

/// Replaces a leading `~/` by the user's home folder, as a shell does.
pub(crate) fn expand_home(typed: &str) -> PathBuf {
    let home = || etcetera::home_dir().ok();
    typed
        .strip_prefix("~/")
        .and_then(|rest| Some(home()?.join(rest)))
        .unwrap_or_else(|| typed.into())
}

/// Returns the folder at which relative paths in the file `list` start: its own,
/// or the current folder if it is a stream.
pub(crate) fn base_folder(list: &Path) -> &Path {
    match is_stream(list) {
        true => Path::new(""),
        false => list.parent().unwrap_or(Path::new("")),
    }
}

/// Returns the voice that the environment names.
pub(crate) fn named_voice() -> Option<String> {
    let name = env::var(VOICE_VARIABLE).ok();
    name.filter(|name| !name.is_empty())
}

/// Returns the names of the sockets that systemd passes, in their order.
#[cfg(feature = "serve")]
pub(crate) fn passed_socket_names() -> Vec<String> {
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    names.split(':').map(str::to_owned).collect()
}

/// Returns whether ONNX Runtime's telemetry is switched off.
pub(crate) fn telemetry_is_off() -> bool {
    env::var_os("ORT_DISABLE_TELEMETRY").is_some_and(|value| value == "1")
}

/// Returns whether files can be written into `folder`, or the folder can be
/// created. Changes nothing.
pub(crate) fn is_writable(folder: &Path) -> bool {
    let Some(there) = folder.ancestors().find(|folder| folder.exists()) else {
        return false;
    };
    #[cfg(unix)]
    let writable = rustix::fs::access(there, rustix::fs::Access::WRITE_OK).is_ok();
    #[cfg(not(unix))]
    let writable = std::fs::metadata(there).is_ok_and(|there| !there.permissions().readonly());
    there.is_dir() && writable
}

fn path_var(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// Makes a typed path absolute, so that the loader does not search for it.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Lists the folders of Python packages: of the active environment, the user,
/// the system and pyenv.
fn python_packages() -> impl Iterator<Item = PathBuf> {
    let home = etcetera::home_dir().ok();
    let prefixes = [
        path_var("VIRTUAL_ENV"),
        home.as_ref().map(|home| home.join(".local")),
        Some(PathBuf::from("/usr/local")),
        Some(PathBuf::from("/usr")),
    ];
    let pyenv = home.map(|home| home.join(".pyenv").join("versions"));
    let pyenv = pyenv
        .map(|versions| children(&versions, ""))
        .unwrap_or_default();
    prefixes
        .into_iter()
        .flatten()
        .chain(pyenv)
        .flat_map(|prefix| {
            let pythons = children(&prefix.join("lib"), "python3");
            let packages = ["site-packages", "dist-packages"];
            pythons
                .into_iter()
                .flat_map(move |python| packages.map(|name| python.join(name)))
        })
}

/// Lists files whose name starts with the first of `names`. The library in a
/// wheel has its full version in its name, `libonnxruntime.so.1.32.0`.
fn files_starting(folder: &Path, names: &[&str]) -> Vec<PathBuf> {
    let plain = names.first().copied().unwrap_or_default();
    children(folder, plain)
}

/// Lists the entries of `folder` whose name starts with `start`, in descending
/// order. Returns an empty list if the folder does not exist.
fn children(folder: &Path, start: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let starts = |name: &OsString| name.to_string_lossy().starts_with(start);
    let mut found: Vec<_> = entries
        .flatten()
        .filter(|entry| starts(&entry.file_name()))
        .map(|entry| entry.path())
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment {
            exe: None,
            exe_dir: Some("/opt/bin".into()),
            data_dir: Some("/home/u/data".into()),
            state_dir: None,
            cache_dir: None,
            config_dir: None,
            configured: ConfiguredPaths::default(),
        }
    }

    #[test]
    fn an_option_is_the_only_path_searched() {
        let found = environment().onnxruntime(Some(Path::new("/x/libonnxruntime.so")));
        assert_eq!(found, [PathBuf::from("/x/libonnxruntime.so")]);
        let relative = environment().espeak(Some(Path::new("libespeak-ng.so")));
        assert!(relative[0].is_absolute(), "{relative:?}");
    }

    #[test]
    fn the_documented_files_are_those_that_are_used() {
        let folder = |base: &str| Some(Path::new("~").join(base).join(FOLDER_NAME));
        let environment = Environment {
            data_dir: folder(".local/share"),
            state_dir: folder(".local/state"),
            cache_dir: folder(".cache"),
            config_dir: folder(".config"),
            ..environment()
        };
        let used = [
            environment.config_file(),
            environment.download_folder(&[]),
            environment.library_folders().last(),
            environment.history(),
            environment.prepared_folder(),
            environment.catalogues(),
        ];
        let documented = FILES.map(|(path, _)| Some(PathBuf::from(path)));
        assert_eq!(used, documented[..used.len()]);
    }

    #[test]
    fn folders_of_options_are_searched_first() {
        let folders = environment().user_voice_folders(&["/a".into()]);
        assert_eq!(folders.first(), Some(&PathBuf::from("/a")));
        assert!(folders.contains(&PathBuf::from("/home/u/data/voices")));
    }

    #[test]
    fn the_library_in_a_wheel_is_found_by_its_full_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "libonnxruntime.so.1.9.0",
            "libonnxruntime_providers.so",
            "other",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = files_starting(folder.path(), &["libonnxruntime.so"]);
        assert_eq!(found, [folder.path().join("libonnxruntime.so.1.9.0")]);
    }
}
