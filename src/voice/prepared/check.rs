//! Compares voices that were prepared without ONNX Runtime with their stock graphs.

use std::path::Path;

use super::load::{StockGraph, read_file};
use super::lock::{self, Attempt};
use super::preparation::Preparation;
use super::record::Record;
use super::test_sentence::{MAX_DIFFERENCE, difference};
use super::{PreparedVoices, refused, unchecked};
use crate::Result;
use crate::error::Cause;
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

impl PreparedVoices {
    /// Compares a voice with its stock graph if that was put off when it was
    /// [loaded](crate::voice::Voice::is_checked) for the first time. It takes as long as
    /// ONNX Runtime needs to load the graph and to speak a sentence, with this number of
    /// threads. If the process is killed meanwhile, the check stays due.
    ///
    /// A voice that makes other samples is prepared again, with ONNX Runtime, and never
    /// again without. Who has loaded it goes on with what there was.
    pub fn check(
        &self,
        files: &VoiceFiles,
        runtime: &dyn RuntimeSource,
        threads: usize,
    ) -> Result<StockCheck> {
        let VoiceFiles::OnDisk { model, .. } = files else {
            return Ok(StockCheck::NotDue);
        };
        let config = VoiceConfig::of(files)?;
        let check = || {
            let options = SessionOptions {
                threads,
                ..SessionOptions::default()
            };
            let preparation = Preparation {
                source: self.source(model, &config)?,
                config: &config,
                runtime: None,
                options,
                engine: self.engine,
                kernels: self.engine.kernels(),
            };
            self.check_model(model, preparation, runtime)
        };
        check().map_err(|source| model_error(files, source))
    }

    fn check_model(
        &self,
        path: &Path,
        preparation: Preparation<'_>,
        runtime: &dyn RuntimeSource,
    ) -> Result<StockCheck, Cause> {
        let source = preparation.source;
        let folder = self.folder_of(source, None);
        let due = || Record::read(&folder).filter(|record| record.unchecked_samples.is_some());
        if due().is_none() {
            return Ok(StockCheck::NotDue);
        }
        let runtime = &*runtime.get()?;
        let Attempt::Locked(_lock) = lock::attempt(&self.folder, &folder) else {
            return Ok(StockCheck::NotDue);
        };
        let StockGraph { graph, native } = StockGraph::read(read_file(path)?, self.engine)?;
        let kept = || {
            let record = due()?;
            let samples = unchecked::read(&folder, record.unchecked_samples?)?;
            Some((record, samples))
        };
        let (record, samples) = match (kept(), due()) {
            (Some(kept), _) => kept,
            (None, None) => return Ok(StockCheck::NotDue),
            // There is nothing to compare: its samples are damaged.
            (None, Some(_)) => {
                self.put_aside(&folder);
                let voice = native.ok_or("it has changed")?;
                preparation.run_native(&graph, &voice, path, &self.folder)?;
                kept().ok_or("the prepared voice has disappeared")?
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
        // From here on it is never loaded again, whatever happens.
        let reason = format!("its native parts make other samples: {difference:e}");
        refused::note(&self.folder, &folder, &reason)?;
        self.put_aside(&folder);
        let others = lock::acquire(&self.folder, &self.folder_of(source, Some(runtime)));
        let folder = preparation.run(&graph, path, &self.folder)?;
        drop(others);
        self.shrink(&folder);
        Ok(StockCheck::Failed { difference })
    }
}
