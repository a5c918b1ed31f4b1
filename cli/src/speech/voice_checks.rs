//! When voices are compared with their stock models: at their first use they speak before.

use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use piper_rs::threads;
use piper_rs::voice::prepared::{CheckOptions, PreparedVoices, StockCheck, WhenBusy};
use piper_rs::voice::{Voice, VoiceFiles};

use super::libraries::Libraries;
use crate::system::lower_priority_of_thread;
use crate::terminal::report::Reporter;

/// When a voice is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckTime {
    /// Before it speaks.
    First,
    /// While it speaks, by a thread that gives way to others.
    Beside,
    /// When the caller says so: at the end.
    Last,
}

impl CheckTime {
    /// For a run that may be endless, or has an end.
    pub(crate) fn of_run(is_endless: bool) -> Self {
        match is_endless {
            true => Self::Beside,
            false => Self::Last,
        }
    }
}

/// Compares voices.
pub(super) struct VoiceChecks {
    time: CheckTime,
    prepared: Option<PreparedVoices>,
    libraries: Libraries,
    threads: usize,
    reporter: Arc<Reporter>,
    voices: Mutex<CheckedVoices>,
}

#[derive(Default)]
struct CheckedVoices {
    due: Vec<VoiceFiles>,
    /// Those that the cache must not keep.
    failed: Vec<VoiceFiles>,
    threads: Vec<JoinHandle<()>>,
}

impl VoiceChecks {
    /// Compares voices at this time, with this number of threads.
    pub(super) fn new(
        time: CheckTime,
        prepared: Option<PreparedVoices>,
        libraries: Libraries,
        threads: usize,
        reporter: Arc<Reporter>,
    ) -> Self {
        Self {
            time,
            prepared,
            libraries,
            threads,
            reporter,
            voices: Mutex::default(),
        }
    }

    /// Notes that a voice has been loaded. Returns whether it has to be loaded again.
    pub(super) fn loaded(self: &Arc<Self>, files: &VoiceFiles, voice: &Voice) -> bool {
        if voice.is_checked() {
            return false;
        }
        match self.time {
            CheckTime::First => {
                self.check(files, WhenBusy::Wait);
                return true;
            }
            CheckTime::Last => self.voices().due.push(files.clone()),
            CheckTime::Beside => {
                let (checks, files) = (Arc::clone(self), files.clone());
                let thread = threads::spawn("check", move || {
                    lower_priority_of_thread();
                    if checks.check(&files, WhenBusy::Skip) {
                        checks.voices().failed.push(files);
                    }
                });
                // Without the thread, it is due at the next use.
                self.voices().threads.extend(thread);
            }
        }
        false
    }

    /// Whether voices are to be compared at the end.
    pub(super) fn are_due(&self) -> bool {
        !self.voices().due.is_empty()
    }

    /// Compares the voices that are left for the end.
    pub(super) fn run(&self) {
        let due = take(&mut self.voices().due);
        for files in due {
            self.check(&files, WhenBusy::Skip);
        }
    }

    /// Returns the voices that have failed since the last call.
    pub(super) fn take_failed(&self) -> Vec<VoiceFiles> {
        take(&mut self.voices().failed)
    }

    /// Waits for the checks that are running: a process that ends while ONNX Runtime
    /// creates a session may crash.
    pub(super) fn wait(&self) {
        let threads = take(&mut self.voices().threads);
        for thread in threads {
            _ = thread.join(); // a panic has been reported already
        }
    }

    /// Compares a voice. Returns whether what was loaded makes other samples than its stock
    /// model.
    fn check(&self, files: &VoiceFiles, when_busy: WhenBusy) -> bool {
        let Some(prepared) = &self.prepared else {
            return false;
        };
        let (name, reporter) = (files.name(), &self.reporter);
        let runtime = self.libraries.lazy_runtime();
        let options = CheckOptions {
            threads: self.threads,
            when_busy,
        };
        match prepared.check(files, runtime, options) {
            Ok(check) => {
                if check == StockCheck::Passed {
                    reporter.detail(|| format!("compared {name}, once"));
                }
                warn_of_other_samples(&name, check, reporter)
            }
            // It stays due. Speech does not need it.
            Err(error) => {
                reporter.detail(|| format!("{name} could not be compared: {error}"));
                false
            }
        }
    }

    fn voices(&self) -> MutexGuard<'_, CheckedVoices> {
        self.voices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says what a check has shown, if the voice makes other samples. Returns whether it does, as
/// it was loaded.
pub(crate) fn warn_of_other_samples(name: &str, check: StockCheck, reporter: &Reporter) -> bool {
    let (difference, end) = match check {
        StockCheck::Repaired { difference } => (difference, "it has been prepared again"),
        StockCheck::Failed { difference } => (difference, "from now on ONNX Runtime speaks it"),
        StockCheck::Passed | StockCheck::NotDue => return false,
    };
    reporter.note(&format!(
        "the native kernels make other samples of {name} than its model (they differ by \
         {difference:e}): {end}"
    ));
    true
}
