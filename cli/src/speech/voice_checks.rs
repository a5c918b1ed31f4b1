//! What is left of preparing a voice when it speaks for the first time: it is compared with
//! its stock model, and perhaps its loudness is measured.

use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use piper_rs::audio::loudness::LoudnessAccuracy;
use piper_rs::threads;
use piper_rs::voice::prepared::{CheckOptions, StockCheck, WhenBusy};
use piper_rs::voice::{LoadOptions, Voice, VoiceFiles};

use super::libraries::Libraries;
use crate::system::lower_priority_of_thread;
use crate::terminal::report::Reporter;

/// When the rest is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckTime {
    /// Before the voice speaks.
    First,
    /// While it speaks, by a thread that gives way to others.
    #[cfg(feature = "serve")]
    Beside,
    /// The same, when the caller says that there is sound, which that thread cannot delay; at
    /// the end, if there is none.
    AfterSound,
    /// When the caller says so: at the end.
    Last,
}

impl CheckTime {
    /// For a run that may be endless, or has an end.
    pub(crate) fn of_run(is_endless: bool) -> Self {
        match is_endless {
            true => Self::AfterSound,
            false => Self::Last,
        }
    }
}

/// Completes what is prepared of voices.
pub(super) struct VoiceChecks {
    pub(super) time: CheckTime,
    pub(super) libraries: Libraries,
    /// A loudness that these estimate is measured here.
    pub(super) options: LoadOptions,
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

impl VoiceChecks {
    /// Notes that a voice has been loaded. Returns whether it has to be loaded again.
    pub(super) fn loaded(self: &Arc<Self>, files: &VoiceFiles, voice: &Voice) -> bool {
        let is_estimated = self.options.loudness == LoudnessAccuracy::Estimated;
        if voice.is_checked() && !(is_estimated && voice.is_to_be_measured()) {
            return false;
        }
        match self.time {
            CheckTime::First => {
                self.complete(files, WhenBusy::Wait);
                return true;
            }
            CheckTime::Last | CheckTime::AfterSound => self.voices().due.push(files.clone()),
            #[cfg(feature = "serve")]
            CheckTime::Beside => self.complete_beside(files.clone()),
        }
        false
    }

    /// Notes that there is sound.
    pub(super) fn begin(self: &Arc<Self>) {
        if self.time == CheckTime::AfterSound {
            let due = take(&mut self.voices().due);
            due.into_iter()
                .for_each(|files| self.complete_beside(files));
        }
    }

    /// Whether there is something to do at the end, or not all has been done.
    pub(super) fn are_due(&self) -> bool {
        !self.voices().due.is_empty() || self.are_running()
    }

    /// Whether a thread is busy with it.
    pub(super) fn are_running(&self) -> bool {
        let voices = self.voices();
        voices.threads.iter().any(|thread| !thread.is_finished())
    }

    /// Completes the voices that are left for the end.
    pub(super) fn run(&self) {
        let due = take(&mut self.voices().due);
        for files in due {
            self.complete(&files, WhenBusy::Skip);
        }
        self.wait();
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

    fn complete_beside(self: &Arc<Self>, files: VoiceFiles) {
        let checks = Arc::clone(self);
        let thread = threads::spawn("check", move || {
            lower_priority_of_thread();
            if checks.complete(&files, WhenBusy::Skip) {
                checks.voices().failed.push(files);
            }
        });
        // Without the thread, it is due at the next use.
        self.voices().threads.extend(thread);
    }

    /// Does what is left. Returns whether what was loaded makes other samples than its stock
    /// model.
    fn complete(&self, files: &VoiceFiles, when_busy: WhenBusy) -> bool {
        let Some(prepared) = &self.options.prepared else {
            return false;
        };
        let (name, reporter) = (files.name(), &self.reporter);
        let runtime = self.libraries.lazy_runtime();
        let options = CheckOptions {
            threads: self.options.threads,
            when_busy,
        };
        let is_other = match prepared.check(files, runtime, options) {
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
        };
        if self.options.loudness == LoudnessAccuracy::Estimated {
            // As the check has left it.
            let voice = Voice::load(files, runtime, &self.options);
            match voice.and_then(|voice| voice.reference_loudness()) {
                Ok(_) => reporter.detail(|| format!("measured the loudness of {name}, once")),
                Err(error) => reporter.detail(|| format!("{name} could not be measured: {error}")),
            }
        }
        is_other
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
