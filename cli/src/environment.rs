//! Where things are on this machine: the only reader of the environment.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use piper_rs::download::Connection;
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::{phoneme, runtime};

use crate::args::{EngineArgs, PUBLIC_CATALOGUE, PreparedArgs};
use crate::config::ConfiguredPaths;

/// The folder of this program under the user's data folder, and beside
/// `bin/` where it is installed.
const OUR_NAME: &str = "piper-rs";

/// Reads where things may be.
pub(crate) struct Environment {
    exe_dir: Option<PathBuf>,
    data_dir: Option<PathBuf>,
    state_dir: Option<PathBuf>,
    cache_dir: Option<PathBuf>,
    config_dir: Option<PathBuf>,
    configured: ConfiguredPaths,
}

impl Environment {
    pub(crate) fn of_this_machine() -> Self {
        // The real file: a symlink in ~/bin has no library beside it.
        let exe = env::current_exe().and_then(|exe| exe.canonicalize()).ok();
        let base = etcetera::choose_base_strategy().ok();
        let folder = |folder: PathBuf| folder.join(OUR_NAME);
        Self {
            exe_dir: exe.as_deref().and_then(Path::parent).map(Path::to_owned),
            data_dir: base.as_ref().map(|base| folder(base.data_dir())),
            // Where a system makes no difference, state is data.
            state_dir: base
                .as_ref()
                .map(|base| folder(base.state_dir().unwrap_or_else(|| base.data_dir()))),
            cache_dir: base.as_ref().map(|base| folder(base.cache_dir())),
            config_dir: base.as_ref().map(|base| folder(base.config_dir())),
            configured: ConfiguredPaths::default(),
        }
    }

    /// Looks where the config file says, too: after flags and environment.
    pub(crate) fn configure(&mut self, configured: ConfiguredPaths) {
        self.configured = configured;
    }

    /// Returns where the user's defaults are, unless a flag says.
    pub(crate) fn config_file(&self) -> Option<PathBuf> {
        self.config_dir.as_ref().map(|dir| dir.join("config.toml"))
    }

    /// Returns where the lines typed at a prompt are remembered.
    pub(crate) fn history(&self) -> Option<PathBuf> {
        self.state_dir.as_ref().map(|state| state.join("history"))
    }

    /// Lists where ONNX Runtime may be, the first to win.
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
                // For the list of what was searched.
                files.extend(names.first().map(|name| folder.join(name)));
            }
            files
        }));
        found
    }

    /// Lists where espeak-ng may be, the first to win.
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

    /// Returns espeak-ng's data folder where it is not the library's own.
    pub(crate) fn espeak_data(&self, flag: Option<&Path>) -> Option<PathBuf> {
        flag.map(Path::to_owned)
            .or_else(|| path_var("ESPEAK_DATA_PATH"))
            .or_else(|| self.configured.espeak_data.clone())
    }

    /// Lists where voices are looked for by name, the first to win.
    pub(crate) fn voice_folders(&self, flags: &[PathBuf]) -> Vec<PathBuf> {
        let mut folders = flags.to_vec();
        if let Some(paths) = env::var_os("PIPER_VOICE_DIR").filter(|paths| !paths.is_empty()) {
            folders.extend(env::split_paths(&paths));
        }
        folders.extend(self.configured.data_dirs.iter().cloned());
        folders.extend(self.data_dir.iter().map(|data| data.join("voices")));
        folders.push(PathBuf::from("."));
        folders
    }

    /// Lists the folders that are there to keep voices in: unlike
    /// [`voice_folders`](Self::voice_folders) not the current one, unless a
    /// flag names it.
    pub(crate) fn kept_voice_folders(&self, flags: &[PathBuf]) -> Vec<PathBuf> {
        let mut folders = self.voice_folders(flags);
        folders.pop();
        folders
    }

    /// Returns where downloaded voices are put.
    pub(crate) fn download_folder(&self, flags: &[PathBuf]) -> Option<PathBuf> {
        let own = || Some(self.data_dir.as_ref()?.join("voices"));
        let named = flags.first().or(self.configured.data_dirs.first());
        named.cloned().or_else(own)
    }

    /// Returns where the catalogue is, unless a flag says otherwise.
    pub(crate) fn catalogue(&self) -> String {
        let named = env::var("PIPER_CATALOGUE").ok();
        named.unwrap_or_else(|| PUBLIC_CATALOGUE.to_owned())
    }

    /// Returns where the catalogues seen last are kept.
    pub(crate) fn catalogues(&self) -> Option<PathBuf> {
        Some(self.cache_dir.as_ref()?.join("catalogues"))
    }

    /// Returns how servers are reached from this machine.
    pub(crate) fn connection(&self) -> Connection {
        let var = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let either = |lower: &str| var(lower).or_else(|| var(&lower.to_uppercase()));
        let no_proxy = either("no_proxy").unwrap_or_default();
        let no_proxy = no_proxy
            .split(',')
            .map(str::trim)
            .filter(|host| !host.is_empty());
        Connection {
            // Not HTTP_PROXY: web servers set it to what visitors say.
            http_proxy: var("http_proxy").or_else(|| either("all_proxy")),
            https_proxy: either("https_proxy").or_else(|| either("all_proxy")),
            // `a.b` means its subdomains too, as curl has it.
            no_proxy: no_proxy
                .flat_map(|host| match host.starts_with(['.', '*']) {
                    true => vec![host.to_owned()],
                    false => vec![host.to_owned(), format!(".{host}")],
                })
                .collect(),
            root_certificates: certificates(),
            ..Connection::default()
        }
    }

    /// Returns the folder that prepared voices are kept in.
    pub(crate) fn prepared_folder(&self) -> Option<PathBuf> {
        self.cache_dir.as_ref().map(|cache| cache.join("prepared"))
    }

    /// Returns where prepared voices are kept, unless they are not wanted.
    pub(crate) fn prepared_voices(&self, args: &EngineArgs) -> Option<PreparedVoices> {
        self.prepared(&args.prepared).filter(|_| !args.no_prepare)
    }

    /// Returns where prepared voices are kept.
    pub(crate) fn prepared(&self, args: &PreparedArgs) -> Option<PreparedVoices> {
        self.prepared_in(args.prepared_mb)
    }

    /// Returns where prepared voices are kept, given room for so much.
    pub(crate) fn prepared_in(&self, megabytes: u64) -> Option<PreparedVoices> {
        let max_bytes = megabytes.saturating_mul(1_000_000);
        Some(PreparedVoices::new(self.prepared_folder()?, max_bytes))
    }

    /// Folders a library may have been put in for this program.
    fn library_folders(&self) -> impl Iterator<Item = PathBuf> {
        let exe = self.exe_dir.clone();
        let installed = exe
            .as_ref()
            .map(|dir| dir.join("..").join("lib").join(OUR_NAME));
        let user = self.data_dir.as_ref().map(|data| data.join("lib"));
        exe.into_iter().chain(installed).chain(user)
    }
}

/// Returns the certificates that this system trusts; those of `SSL_CERT_FILE`
/// and `SSL_CERT_DIR` in their place, which the crate looks for itself.
fn certificates() -> Vec<Vec<u8>> {
    let found = rustls_native_certs::load_native_certs();
    found.certs.iter().map(|der| der.to_vec()).collect()
}

/// Returns whether colour is unwelcome, whatever the terminal: no-color.org.
pub(crate) fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Returns `typed` with the user's home for a leading `~`, as a shell would.
pub(crate) fn expand_home(typed: &str) -> PathBuf {
    let home = || etcetera::home_dir().ok();
    typed
        .strip_prefix("~/")
        .and_then(|rest| Some(home()?.join(rest)))
        .unwrap_or_else(|| typed.into())
}

/// Returns whether ONNX Runtime was told to keep what it learns to itself.
pub(crate) fn telemetry_is_off() -> bool {
    env::var_os("ORT_DISABLE_TELEMETRY").is_some_and(|value| value == "1")
}

/// Returns whether texts on the terminal are UTF-8, as far as it tells.
pub(crate) fn locale_is_utf8() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let set = names.into_iter().filter_map(env::var_os);
    let locale = set.into_iter().find(|value| !value.is_empty());
    let locale = locale.unwrap_or_default().to_string_lossy().to_lowercase();
    cfg!(windows) || locale.replace('-', "").contains("utf8")
}

/// Returns whether something could be written into `folder`, or the folder be
/// made; nothing is.
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

/// A path that somebody typed is a file, never a name for the loader.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Lists the folders that Python installs packages in: the active
/// environment's, the user's, the system's, those of pyenv.
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

/// Lists files whose name starts with one of `names`: the wheel's library
/// carries its full version, `libonnxruntime.so.1.32.0`.
fn files_starting(folder: &Path, names: &[&str]) -> Vec<PathBuf> {
    let plain = names.first().copied().unwrap_or_default();
    children(folder, plain)
}

/// Lists what is in `folder` with a name that starts so, newest name first;
/// nothing where there is no such folder.
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

    fn places() -> Environment {
        Environment {
            exe_dir: Some("/opt/bin".into()),
            data_dir: Some("/home/u/data".into()),
            state_dir: None,
            cache_dir: None,
            config_dir: None,
            configured: ConfiguredPaths::default(),
        }
    }

    #[test]
    fn a_flag_is_the_only_place_looked_at() {
        let found = places().onnxruntime(Some(Path::new("/x/libonnxruntime.so")));
        assert_eq!(found, [PathBuf::from("/x/libonnxruntime.so")]);
        let relative = places().espeak(Some(Path::new("libespeak-ng.so")));
        assert!(relative[0].is_absolute(), "{relative:?}");
    }

    #[test]
    fn voices_are_looked_for_where_flags_say_first() {
        let folders = places().voice_folders(&["/a".into()]);
        assert_eq!(folders.first(), Some(&PathBuf::from("/a")));
        assert_eq!(folders.last(), Some(&PathBuf::from(".")));
        assert!(folders.contains(&PathBuf::from("/home/u/data/voices")));
    }

    #[test]
    fn a_wheels_library_is_found_by_its_full_name() {
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
