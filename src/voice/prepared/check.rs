//! Compares voices that were prepared without ONNX Runtime with their stock graphs.

use std::path::Path;

use super::load::{DISAPPEARED, native_voice, read_file};
use super::lock::{self, Attempt};
use super::preparation::Preparation;
use super::record::Record;
use super::test_sentence::{MAX_DIFFERENCE, difference};
use super::{PreparedVoices, refused, unchecked};
use crate::Result;
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::runtime::{RuntimeSource, SessionOptions};
use crate::voice::{VoiceConfig, VoiceFiles, model_error};

/// What a check of a voice has shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StockCheck {
    /// Nothing: the voice was compared before, another process does it now, or it is not
    /// prepared.
    NotDue,
    /// It makes the samples of its stock graph.
    Passed,
    /// It makes other samples. ONNX Runtime runs it when it is loaded again.
    Failed {
        /// The largest difference between two samples.
        difference: f32,
    },
}

/// How to compare a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckOptions {
    /// Threads that share the inference; at least 1.
    pub threads: usize,
    /// What to do if another process does it.
    pub when_busy: WhenBusy,
}

/// What to do while another process compares the voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    /// Wait for its end.
    Wait,
    /// Leave it to that process.
    Skip,
}

impl PreparedVoices {
    /// Compares a voice with its stock graph if that was put off when it was
    /// [loaded](crate::voice::Voice::is_checked) for the first time. It takes as long as
    /// ONNX Runtime needs to load the graph and to speak a sentence. If the process is
    /// killed meanwhile, the check stays due.
    ///
    /// A voice that makes other samples is prepared again, with ONNX Runtime, and never
    /// again without. Who has loaded it goes on with what there was.
    pub fn check(
        &self,
        files: &VoiceFiles,
        runtime: &dyn RuntimeSource,
        options: CheckOptions,
    ) -> Result<StockCheck> {
        let VoiceFiles::OnDisk { model, .. } = files else {
            return Ok(StockCheck::NotDue);
        };
        let config = VoiceConfig::of(files)?;
        let check = || {
            let session = SessionOptions {
                threads: options.threads,
                ..SessionOptions::default()
            };
            let preparation = Preparation {
                source: self.source(model, &config)?,
                config: &config,
                runtime: None,
                options: session,
                engine: self.engine,
                kernels: self.engine.kernels(),
            };
            self.check_model(model, preparation, runtime, options.when_busy)
        };
        check().map_err(|source| model_error(files, source))
    }

    fn check_model(
        &self,
        path: &Path,
        preparation: Preparation<'_>,
        runtime: &dyn RuntimeSource,
        when_busy: WhenBusy,
    ) -> Result<StockCheck, Cause> {
        let source = preparation.source;
        let folder = self.folder_of(source, None);
        let due = || Record::read(&folder).filter(|record| record.unchecked_samples.is_some());
        if due().is_none() {
            return Ok(StockCheck::NotDue);
        }
        let _lock = match (when_busy, lock::attempt(&self.folder, &folder)) {
            (_, Attempt::Locked(lock)) => Some(lock),
            (WhenBusy::Wait, Attempt::Busy) => lock::acquire(&self.folder, &folder),
            (WhenBusy::Skip, Attempt::Busy) => return Ok(StockCheck::NotDue),
        };
        let Some(mut record) = due() else {
            return Ok(StockCheck::NotDue);
        };
        let runtime = &*runtime.get()?;
        let graph = ModelProto::read(read_file(path)?)?;
        let kept = |record: &Record| unchecked::read(&folder, record.unchecked_samples?);
        let samples = match kept(&record) {
            Some(samples) => samples,
            // They are damaged: there is nothing to compare.
            None => {
                self.put_aside(&folder);
                let voice = native_voice(&graph, self.engine).ok_or("it has changed")?;
                preparation.run_native(&graph, &voice, path, &self.folder)?;
                record = due().ok_or(DISAPPEARED)?;
                kept(&record).ok_or(DISAPPEARED)?
            }
        };
        let preparation = Preparation {
            runtime: Some(runtime),
            kernels: None,
            ..preparation
        };
        let options = preparation.options;
        let expected = preparation.speak_stock(&graph, options, || Ok(()))?;
        let difference = difference(&expected, &samples);
        if difference <= MAX_DIFFERENCE {
            record.mark_checked(&folder)?;
            unchecked::remove(&folder);
            return Ok(StockCheck::Passed);
        }
        // The note first: without it, the voice would be prepared in this way again.
        let reason = format!("its native parts make other samples: {difference:e}");
        refused::note(&self.folder, &folder, &reason)?;
        self.put_aside(&folder);
        let others = lock::acquire(&self.folder, &self.folder_of(source, Some(runtime)));
        // If it fails, loading the voice says why.
        if let Ok(folder) = preparation.run(&graph, path, &self.folder) {
            drop(others);
            self.shrink(&folder);
        }
        Ok(StockCheck::Failed { difference })
    }
}
