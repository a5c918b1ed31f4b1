//! A temporary folder per test, in which a shell runs the program as a user
//! would.
//!
//! The environment is built, not inherited: the home is inside the folder,
//! voices are found by name in `tests/voices`, and there is no sound device
//! except that of [`Scene::with_device`], which writes what it plays to a file.

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::{Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use piper_rs::runtime::Runtime;

use crate::{connected, ready};

/// No run takes this long, even on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    /// A folder with an empty home, on a machine without a sound device.
    pub(crate) fn new() -> Self {
        ready::prepare_test_voices();
        let scene = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(scene.path("home")).unwrap();
        scene.write("asound.conf", "");
        scene
    }

    /// The same with a default sound device, which writes what it plays to the
    /// file `captured`.
    pub(crate) fn with_device() -> Self {
        let scene = Self::new();
        let captured = scene.path("captured");
        let config = format!(
            r#"
            pcm.nowhere {{ type null }}
            pcm.captured {{ type file slave.pcm nowhere file "{}" format raw }}
            pcm.!default {{ type plug slave.pcm captured hint {{ show on description "Captured" }} }}
            "#,
            captured.display()
        );
        scene.write("asound.conf", config);
        scene
    }

    /// Adds a default sound device that plays in real time, and writes what was heard to
    /// the file `captured`: see `tests/device/clocked.c` for its settings.
    pub(crate) fn add_real_time_device(&self, settings: &str) {
        let source = root().join("tests/device/clocked.c");
        let compile = format!(
            "cc -shared -fPIC -DPIC -o clocked.so {} -lasound",
            source.display()
        );
        self.sh(&compile).ok();
        let folder = self.folder.path().display();
        let config = format!(
            r#"
            pcm_type.clocked {{ lib "{folder}/clocked.so" }}
            pcm.!default {{
                type clocked file "{folder}/captured" {settings}
                hint {{ show on description "Real-time device" }}
            }}"#
        );
        self.write("asound.conf", config);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(name), contents).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs a line of shell. `$TINY` and `$MULTI` are the flags of the test
    /// voices with one speaker and with three, without noise: they give the
    /// same samples every time.
    pub(crate) fn sh(&self, line: &str) -> Run {
        let output = assert_cmd::Command::from_std(self.command("sh"))
            .args(["-c", line])
            .timeout(TIMEOUT)
            .output()
            .unwrap();
        Run {
            line: line.to_owned(),
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Starts a line of shell with its input and output connected to the test.
    /// The line's program replaces the shell, so it gets the signals.
    pub(crate) fn start(&self, line: &str) -> Live {
        let mut command = self.command("sh");
        command.args(["-c", &format!("exec {line}")]);
        Live::start(command)
    }

    /// A program in the scene's folder and environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_piper-rs"));
        let folders = binary.parent().into_iter().map(Path::to_owned);
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(folders.chain(env::split_paths(&path))).unwrap();
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", &path)
            .env("HOME", self.path("home"))
            // Voices are prepared once for all tests, as for a user.
            .env("XDG_CACHE_HOME", ready::cache_folder())
            .env("LANG", "C.UTF-8")
            .env("ALSA_CONFIG_PATH", self.path("asound.conf"))
            .env("PIPER_VOICE_DIR", root().join("tests/voices"))
            .env("TINY", "-m tiny --noise-scale 0 --noise-w 0")
            .env("MULTI", "-m tiny_multi --noise-scale 0 --noise-w 0");
        connected::connect(&mut command, path.to_str().unwrap());
        for kept in ["ORT_DYLIB_PATH", "LLVM_PROFILE_FILE"] {
            if let Some(value) = env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
    }

    /// Copies the program into a folder.
    pub(crate) fn copy_program(&self, folder: &str) {
        // Not by this process: a child that starts meanwhile would inherit the open file,
        // and a file that is open for writing cannot be run.
        let program = env!("CARGO_BIN_EXE_piper-rs");
        self.sh(&format!("cp {program} {folder}")).ok();
    }

    /// Reads a WAV file, which must be complete.
    pub(crate) fn wav(&self, name: &str) -> Wav {
        Wav::parse(&self.read(name))
    }

    /// Speaks `text` with `flags` into a file, and reads it.
    pub(crate) fn spoken(&self, flags: &str, text: &str) -> Wav {
        self.write("spoken.txt", text);
        let line = format!("piper-rs speak {flags} -o spoken.wav < spoken.txt");
        self.sh(&line).ok();
        self.wav("spoken.wav")
    }

    /// The samples that the device played.
    pub(crate) fn captured(&self) -> Vec<i16> {
        samples(&self.read("captured"))
    }

    /// Whether the device has played a sound.
    pub(crate) fn has_played(&self) -> bool {
        let played = fs::read(self.path("captured")).unwrap_or_default();
        played.iter().any(|byte| *byte != 0)
    }

    /// What is in a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The result of a line of shell.
#[derive(Debug)]
pub(crate) struct Run {
    line: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.line, self.stderr);
        self
    }

    /// Checks that all of `words` are on standard error.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            let found = self.stderr.contains(word);
            assert!(found, "no {word:?} after {}:\n{}", self.line, self.stderr);
        }
        self
    }

    /// Checks that nothing is on standard error.
    #[track_caller]
    pub(crate) fn silently(self) -> Self {
        assert_eq!(self.stderr, "", "{}", self.line);
        self
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    pub(crate) fn samples(&self) -> Vec<i16> {
        samples(&self.stdout)
    }
}

/// A program that is running.
pub(crate) struct Live {
    child: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Option<thread::JoinHandle<()>>,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Live {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        // So that its children can be killed with it.
        command.process_group(0);
        let mut child = command.spawn().unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (sender, stdout) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(n @ 1..) = out.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let said: Arc<Mutex<Vec<u8>>> = Arc::default();
        let so_far = Arc::clone(&said);
        let stderr = thread::spawn(move || {
            let mut buffer = [0; 1 << 12];
            while let Ok(n @ 1..) = err.read(&mut buffer) {
                so_far.lock().unwrap().extend(&buffer[..n]);
            }
        });
        Self {
            child,
            stdout,
            stderr: Some(stderr),
            said,
        }
    }

    fn said(said: &Mutex<Vec<u8>>) -> String {
        String::from_utf8_lossy(&said.lock().unwrap()).into_owned()
    }

    /// What is on standard error so far.
    pub(crate) fn says_so_far(&self) -> String {
        Self::said(&self.said)
    }

    /// Waits until `words` are on standard error.
    pub(crate) fn until_says(&mut self, words: &str) {
        let said = Arc::clone(&self.said);
        self.until(|| Self::said(&said).contains(words));
    }

    /// Writes to its input, which stays open.
    pub(crate) fn types_part(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("input is open");
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Writes a line to its input, which stays open.
    pub(crate) fn types(&mut self, line: &str) {
        self.types_part(&format!("{line}\n"));
    }

    pub(crate) fn ends_input(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for `n_bytes` of output since the last call; returns them with any
    /// more that came.
    pub(crate) fn hear(&self, n_bytes: usize) -> Vec<u8> {
        let mut heard = Vec::new();
        while heard.len() < n_bytes {
            let part = self.stdout.recv_timeout(TIMEOUT);
            heard.extend(part.unwrap_or_else(|_| panic!("{} of {n_bytes} bytes", heard.len())));
        }
        heard
    }

    /// Waits for `n_bytes` of output, or for its end.
    pub(crate) fn hear_at_most(&self, n_bytes: usize) -> Vec<u8> {
        let mut heard = Vec::new();
        while heard.len() < n_bytes {
            match self.stdout.recv_timeout(TIMEOUT) {
                Ok(part) => heard.extend(part),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("{} of {n_bytes} bytes", heard.len()),
            }
        }
        heard
    }

    /// Returns the output that comes within some time; nothing if none does.
    pub(crate) fn hear_for(&self, time: Duration) -> Vec<u8> {
        self.stdout.recv_timeout(time).unwrap_or_default()
    }

    /// Waits until `condition` is true.
    pub(crate) fn until(&mut self, condition: impl Fn() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(self.is_running() && start.elapsed() < TIMEOUT);
            // There is no event for a file that grows.
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Its peak resident memory.
    pub(crate) fn peak_megabytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kibibytes = line
            .and_then(|line| line.split_whitespace().nth(1))
            .unwrap();
        kibibytes.parse::<u64>().unwrap() * 1024 / 1_000_000
    }

    /// Sends a signal that has a number only, such as a real-time signal.
    pub(crate) fn signal_number(&self, number: i32) {
        let line = format!("kill -{number} {}", self.child.id());
        let status = Command::new("sh").arg("-c").arg(line).status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn signal(&self, name: &str) {
        let signal = match name {
            "KILL" => Signal::KILL,
            "INT" => Signal::INT,
            "TERM" => Signal::TERM,
            "HUP" => Signal::HUP,
            "QUIT" => Signal::QUIT,
            "XCPU" => Signal::XCPU,
            "USR1" => Signal::USR1,
            "ALRM" => Signal::ALARM,
            "PROF" => Signal::PROF,
            "STKFLT" => Signal::STKFLT,
            "IO" => Signal::IO,
            "PWR" => Signal::POWER,
            _ => panic!("no test sends SIG{name}"),
        };
        kill_process(self.pid(), signal).unwrap();
    }

    /// A number of its state in `/proc`, such as `Threads`.
    pub(crate) fn status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
        number.unwrap().parse().unwrap()
    }

    /// Where the system lists the files that it has mapped.
    pub(crate) fn mapped_files(&self) -> PathBuf {
        format!("/proc/{}/maps", self.child.id()).into()
    }

    /// How many files and sockets it has open.
    pub(crate) fn open_files(&self) -> usize {
        let open = fs::read_dir(format!("/proc/{}/fd", self.child.id()));
        open.unwrap().count()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for the end. Returns the exit code (`None` after a signal), all of
    /// standard error, and the rest of the output.
    pub(crate) fn ends(&mut self) -> (Option<i32>, String, Vec<u8>) {
        let rest = self.output_until_end();
        let status = self.child.wait().unwrap();
        self.stderr.take().unwrap().join().unwrap();
        (status.code(), Self::said(&self.said), rest)
    }

    /// Waits for the end. Returns the signal that caused it.
    pub(crate) fn ended_by(&mut self) -> Option<i32> {
        self.output_until_end();
        self.child.wait().unwrap().signal()
    }

    /// The output ends when the program does.
    fn output_until_end(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        loop {
            match self.stdout.recv_timeout(TIMEOUT) {
                Ok(part) => rest.extend(part),
                Err(RecvTimeoutError::Disconnected) => return rest,
                Err(RecvTimeoutError::Timeout) => panic!("still running"),
            }
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // With its group: a `tail -f` would outlive its reader.
        _ = kill_process_group(self.pid(), Signal::KILL);
        _ = self.child.wait();
    }
}

/// A WAV file: 16 bits, one channel.
#[derive(Debug, PartialEq)]
pub(crate) struct Wav {
    pub(crate) rate: u32,
    pub(crate) samples: Vec<i16>,
}

impl Wav {
    #[track_caller]
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let reader = hound::WavReader::new(bytes).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.bits_per_sample), (1, 16));
        let samples = reader.into_samples().collect::<Result<_, _>>().unwrap();
        Self {
            rate: spec.sample_rate,
            samples,
        }
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    pub(crate) fn peak(&self) -> u16 {
        let loud = self.samples.iter().map(|sample| sample.unsigned_abs());
        loud.max().unwrap_or(0)
    }
}

/// Raw audio: 16 bits, little-endian.
pub(crate) fn samples(bytes: &[u8]) -> Vec<i16> {
    let pairs = bytes.chunks_exact(2);
    pairs.map(|b| i16::from_le_bytes([b[0], b[1]])).collect()
}

/// Concatenates sounds.
pub(crate) fn concat(parts: &[&[i16]]) -> Vec<i16> {
    parts.concat()
}

/// The sound that a device was given. A device does not wait for the writer, so
/// its capture may have silence between blocks and after them.
pub(crate) fn without_silence(samples: &[i16]) -> Vec<i16> {
    samples
        .iter()
        .copied()
        .filter(|sample| *sample != 0)
        .collect()
}

/// This many samples of silence.
pub(crate) fn silence(n_samples: usize) -> Vec<i16> {
    vec![0; n_samples]
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A voice of real size with random weights, from the folder next to the
/// project, prepared, if there is one.
pub(crate) fn shared_voice(name: &str) -> Option<PathBuf> {
    prepared_voice(root().join(format!("../shared/voices/{name}.onnx")))
}

/// A trained voice, en_US-joe-medium, prepared, if `setup/voice.sh` has run.
pub(crate) fn trained_voice() -> Option<PathBuf> {
    prepared_voice(root().join(".deps/voices/en_US-joe-medium.onnx"))
}

/// The natural voice, if `setup/natural_voice.sh` has run.
pub(crate) fn natural_voice() -> Option<PathBuf> {
    voice_that_exists(root().join(".deps/natural-voice/en_US-heart-medium.onnx"))
}

fn prepared_voice(path: PathBuf) -> Option<PathBuf> {
    let path = voice_that_exists(path)?;
    ready::prepare(&path);
    Some(path)
}

#[track_caller]
fn voice_that_exists(path: PathBuf) -> Option<PathBuf> {
    if !path.exists() {
        skipped(&format!("there is no {}", path.display()));
        return None;
    }
    Some(path)
}

/// Whether a program is installed; if not, the test counts as skipped.
pub(crate) fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        skipped(&format!("there is no {program}"));
    }
    found
}

/// Reports that a test was skipped. In continuous integration, where everything
/// is installed, that is a failure.
#[track_caller]
pub(crate) fn skipped(reason: &str) {
    assert!(env::var_os("CI").is_none(), "skipped with CI set: {reason}");
    let test = thread::current().name().unwrap_or_default().to_owned();
    // Not through `eprintln!`, whose output the test harness would hide.
    _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {reason}");
}

/// ONNX Runtime, for tests that use the library.
pub(crate) fn runtime() -> Arc<Runtime> {
    let path = env::var_os("ORT_DYLIB_PATH").expect("`make` puts ONNX Runtime in place");
    Runtime::load(&[PathBuf::from(path)]).unwrap()
}
