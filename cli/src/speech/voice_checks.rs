//! When voices are compared with their stock models, and measured if their loudness is an
//! estimate: at their first use they speak before.

use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use piper_rs::threads;
use piper_rs::voice::prepared::{CheckOptions, PreparedVoices, StockCheck, WhenBusy};
use piper_rs::voice::{Voice, VoiceFiles};

use super::libraries::Libraries;
use crate::system::lower_priority_of_thread;
use crate::terminal::report::Reporter;

/// When a voice is compared and measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckTime {
    /// Before it speaks.
    First,
    /// While it speaks, by a thread that gives way to others.
    Beside,
    /// The same, from the first [sound](VoiceChecks::note_sound) on, so that it does not delay
    /// that sound. At the end, if there is none.
    AfterSound,
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

/// Compares and measures voices.
pub(super) struct VoiceChecks {
    pub(super) time: CheckTime,
    pub(super) prepared: Option<PreparedVoices>,
    pub(super) libraries: Libraries,
    pub(super) threads: usize,
    pub(super) reporter: Arc<Reporter>,
    pub(super) voices: Mutex<CheckedVoices>,
}

/// The voices of [`VoiceChecks`].
#[derive(Default)]
pub(super) struct CheckedVoices {
    due: Vec<VoiceFiles>,
    /// Those that the cache must not keep.
    failed: Vec<VoiceFiles>,
    threads: Vec<JoinHandle<()>>,
}

impl CheckedVoices {
    fn are_running(&self) -> bool {
        self.threads.iter().any(|thread| !thread.is_finished())
    }
}

impl VoiceChecks {
    /// Notes that a voice has been loaded. Returns whether it has to be loaded again.
    pub(super) fn loaded(self: &Arc<Self>, files: &VoiceFiles, voice: &Voice) -> bool {
        if voice.is_checked() && !voice.is_to_be_measured() {
            return false;
        }
        match self.time {
            CheckTime::First => {
                self.check(files, WhenBusy::Wait);
                return true;
            }
            CheckTime::Last | CheckTime::AfterSound => self.voices().due.push(files.clone()),
            CheckTime::Beside => self.check_beside(vec![files.clone()]),
        }
        false
    }

    /// Notes that there is sound.
    pub(super) fn note_sound(self: &Arc<Self>) {
        if self.time == CheckTime::AfterSound {
            let due = take(&mut self.voices().due);
            if !due.is_empty() {
                self.check_beside(due);
            }
        }
    }

    /// Whether voices are to be compared at the end, or are being compared.
    pub(super) fn are_due(&self) -> bool {
        let voices = self.voices();
        !voices.due.is_empty() || voices.are_running()
    }

    /// Compares the voices that are left for the end, and waits for the others.
    pub(super) fn run(&self) {
        let due = take(&mut self.voices().due);
        for files in due {
            self.check(&files, WhenBusy::Skip);
        }
        self.wait();
    }

    /// Does not wait for what is running. Returns whether something is.
    pub(super) fn abandon(&self) -> bool {
        let mut voices = self.voices();
        let are_running = voices.are_running();
        voices.threads.clear();
        are_running
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

    fn check_beside(self: &Arc<Self>, voices: Vec<VoiceFiles>) {
        let checks = Arc::clone(self);
        let thread = threads::spawn("check", move || {
            lower_priority_of_thread();
            for files in voices {
                if checks.check(&files, WhenBusy::Skip) {
                    checks.voices().failed.push(files);
                }
            }
        });
        // Without the thread, it is due at the next use.
        self.voices().threads.extend(thread);
    }

    /// Compares and measures a voice. Returns whether what was loaded makes other samples than
    /// its stock model.
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
                match check {
                    StockCheck::Passed => reporter.detail(|| format!("compared {name}, once")),
                    StockCheck::Measured => reporter.detail(|| format!("measured {name}, once")),
                    _ => {}
                }
                warn_of_other_samples(&name, check, reporter)
            }
            // It stays due. Speech does not need it.
            Err(error) => {
                reporter.detail(|| format!("{name} could not be checked: {error}"));
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
        StockCheck::Passed | StockCheck::Measured | StockCheck::NotDue => return false,
    };
    reporter.note(&format!(
        "the native kernels make other samples of {name} than its model (they differ by \
         {difference:e}): {end}"
    ));
    true
}
