//! What is left of preparing a voice without ONNX Runtime when it has spoken: it is compared
//! with its stock graph, and measured.

use std::path::Path;

use super::faults::is_fault_of_model;
use super::load::read_file;
use super::loaded::{NativeModel, load_native, loudness_of};
use super::lock::{self, Attempt};
use super::preparation::Preparation;
use super::record::Record;
use super::test_sentence::{difference, speak_if_it_can};
use super::{PreparedVoices, refused};
use crate::Result;
use crate::audio::loudness::LoudnessAccuracy;
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::runtime::{RuntimeSource, SessionOptions};
use crate::voice::{VoiceConfig, VoiceFiles, model_error};

/// What a check of a voice has shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StockCheck {
    /// Nothing: the voice was compared and measured before, another process does it now, or it
    /// is not prepared.
    NotDue,
    /// Its loudness has been measured. It was compared before.
    Measured,
    /// It makes the samples of its stock graph.
    Passed,
    /// It made other samples, and has been prepared again. It makes those of its stock graph
    /// when it is loaded again.
    Repaired {
        /// The largest difference between two samples.
        difference: f32,
    },
    /// It makes other samples. ONNX Runtime runs it when it is loaded again.
    Failed {
        /// The largest difference between two samples.
        difference: f32,
    },
}

/// How to compare and measure a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckOptions {
    /// Threads that share the inference; at least 1.
    pub threads: usize,
    /// What to do if another process does it.
    pub when_busy: WhenBusy,
}

/// What to do while another process compares or measures the voice.
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
    /// ONNX Runtime needs to load the graph and to speak a sentence. If its loudness is only
    /// estimated, it is measured, also if ONNX Runtime is missing. If the process is killed
    /// meanwhile, the rest stays due.
    ///
    /// A voice that makes other samples is prepared again: in fp32 if it was less precise, or
    /// else with ONNX Runtime, and never again without. Who has loaded it goes on with what
    /// there was.
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
                loudness_accuracy: LoudnessAccuracy::Measured,
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
        let folder = self.folder_of(preparation.source, None);
        let due = || {
            let record = Record::read(&folder)?;
            let is_measured = record.loudness_file(&folder).read().is_some();
            (!record.is_checked || !is_measured).then_some((record, is_measured))
        };
        if due().is_none() {
            return Ok(StockCheck::NotDue);
        }
        let _lock = match (when_busy, lock::attempt(&self.folder, &folder)) {
            (_, Attempt::Locked(lock)) => Some(lock),
            (WhenBusy::Wait, Attempt::Busy) => lock::acquire(&self.folder, &folder),
            (WhenBusy::Skip, Attempt::Busy) => return Ok(StockCheck::NotDue),
        };
        let Some((record, is_measured)) = due() else {
            return Ok(StockCheck::NotDue);
        };
        let (source, options) = (preparation.source, preparation.options);
        let Some(native) = load_native(&record, &folder, source, options)? else {
            return Ok(StockCheck::NotDue);
        };
        let can_be_measured = match is_measured {
            true => true,
            false => match loudness_of(&native.model, preparation.config) {
                Ok(loudness) => {
                    record.loudness_file(&folder).write(loudness);
                    true
                }
                Err(error) if is_fault_of_model(&error) => false,
                Err(error) => return Err(error),
            },
        };
        match record.is_checked && can_be_measured {
            true => Ok(StockCheck::Measured),
            false => self.compare(
                path,
                preparation,
                runtime,
                native,
                (record, can_be_measured),
            ),
        }
    }

    /// Compares a voice, and prepares it again if it makes other samples or cannot be measured.
    fn compare(
        &self,
        path: &Path,
        preparation: Preparation<'_>,
        runtime: &dyn RuntimeSource,
        native: NativeModel,
        (record, can_be_measured): (Record, bool),
    ) -> Result<StockCheck, Cause> {
        let source = preparation.source;
        let folder = self.folder_of(source, None);
        let NativeModel { parts, model } = native;
        let runtime = &*runtime.get()?;
        let graph = ModelProto::read(read_file(path)?)?;
        let options = preparation.options;
        let preparation = Preparation {
            runtime: Some(runtime),
            ..preparation
        };
        let (expected, samples) =
            preparation.speak_stock(&graph, options, || speak_if_it_can(model))?;
        if can_be_measured && parts.makes(&expected, &samples) {
            record.mark_checked(&folder)?;
            return Ok(StockCheck::Passed);
        }
        let difference = difference(&expected, &samples);
        let note = || {
            let reason = format!("its native parts make other samples: {difference:e}");
            refused::note(&self.folder, &folder, &reason)
        };
        // In fp32 they may make its samples.
        let is_rounded = parts.is_rounded();
        if !is_rounded {
            // First: without it, the voice would be prepared in this way again.
            note()?;
        }
        self.put_aside(&folder);
        let others = lock::acquire(&self.folder, &self.folder_of(source, Some(runtime)));
        let preparation = Preparation {
            kernels: preparation.kernels.filter(|_| is_rounded),
            ..preparation
        };
        match preparation.run(&graph, path, &self.folder) {
            Ok(prepared) => {
                drop(others);
                self.shrink(&prepared);
                // It is the old one if that could not be put aside.
                let is_checked = || Record::read(&prepared).is_some_and(|now| now.is_checked);
                if prepared == folder && is_checked() {
                    return Ok(StockCheck::Repaired { difference });
                }
            }
            // Nothing is known about fp32: the next use tries again.
            Err(error) if is_rounded && !is_fault_of_model(&error) => return Err(error),
            // Loading the voice says why.
            Err(_) => {}
        }
        if is_rounded {
            note()?;
        }
        Ok(StockCheck::Failed { difference })
    }
}
