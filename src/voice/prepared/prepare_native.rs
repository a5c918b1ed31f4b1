//! Prepares a voice of the stock architecture with native kernels.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::compare::{WORTHWHILE, relative_time};
use super::native::{NativeParts, RecognizedParts};
use super::parts::FirstStages;
use super::preparation::{Preparation, PreparedModel};
use super::record::{Outcome, SplitInfo};
use super::stock_voice::StockVoice;
use super::test_sentence::{MAX_DIFFERENCE, MIN_SNR_DB, difference, snr_db, speak};
use crate::error::Cause;
use crate::threads;
use crate::voice::PrecisionOption;
use crate::voice::model::Model;
use piper_rs_native::Kernels;

impl Preparation<'_> {
    /// Writes the weights of a voice whose parts are all native to `folder`.
    pub(super) fn all_native(
        &self,
        voice: &StockVoice,
        split: &SplitInfo,
        folder: &Path,
    ) -> Result<PreparedModel, Cause> {
        let native = voice.native.as_ref().zip(self.kernels);
        let (native, kernels) = native.ok_or("it has no native parts")?;
        let prepared = self.with_native_parts(native, kernels, None, split, folder)?;
        Ok(prepared.ok_or("its native parts make other samples")?)
    }

    /// Writes the weights of native parts to `folder`, beside the graphs of the others.
    /// `None` if they make other samples than those that are expected. If nothing is
    /// expected, they are to be compared later.
    pub(super) fn with_native_parts(
        &self,
        recognized: &RecognizedParts,
        kernels: Kernels,
        expected: Option<&[f32]>,
        split: &SplitInfo,
        folder: &Path,
    ) -> Result<Option<PreparedModel>, Cause> {
        let rounded = self.engine.rounded_kernels();
        let native = recognized.write(kernels, rounded, folder)?;
        let with = |native: &NativeParts| SplitInfo {
            native: Some(native.clone()),
            ..split.clone()
        };
        let split = with(&native);
        let load = || native.load_decoder(folder);
        let (stages, decoder) = FirstStages::load(folder, &split, self.runtime, load)?;
        let model = |stages: &FirstStages, decoder, split: &SplitInfo| -> Arc<dyn Model> {
            Arc::new(stages.with_decoder(decoder, split.clone(), self.options))
        };
        let rounded = rounded.map(|kernels| -> Result<_, Cause> {
            let rounded = native.rounded(kernels);
            let split = with(&rounded);
            let stages = stages.with_flow(rounded.load_flow(folder)?);
            let model = model(&stages, rounded.load_decoder(folder)?, &split);
            Ok((rounded, split, model))
        });
        let (model, rounded) = (model(&stages, decoder, &split), rounded.transpose()?);
        let speak_rounded = || {
            let rounded = rounded.as_ref();
            rounded.map(|(.., model)| speak(Arc::clone(model)))
        };
        let (rounded_samples, samples) =
            threads::run_both("bf16", speak_rounded, || speak(Arc::clone(&model)))?;
        let samples = samples?;
        if expected.is_some_and(|expected| difference(expected, &samples) > MAX_DIFFERENCE) {
            return Ok(None);
        }
        let unchecked = expected.is_none().then(|| samples.clone());
        let prepared = |split, model| PreparedModel {
            outcome: Outcome::Split(Box::new(split)),
            model,
            unchecked,
        };
        let (Some((rounded, rounded_split, rounded_model)), Some(rounded_samples)) =
            (rounded, rounded_samples)
        else {
            return Ok(Some(prepared(split, model)));
        };
        let is_near = snr_db(&samples, &rounded_samples?) >= MIN_SNR_DB;
        let is_wanted = is_near
            && (self.engine.precision == PrecisionOption::Bf16
                || relative_time(&rounded_model, &model)? <= WORTHWHILE);
        let exact = (split, model, native.files());
        let rounded = (rounded_split, rounded_model, rounded.files());
        let (kept, unused) = match is_wanted {
            true => (rounded, exact),
            false => (exact, rounded),
        };
        let ((split, model, files), (_, unused_model, unused_files)) = (kept, unused);
        drop((stages, unused_model)); // Windows cannot remove files that are open
        for file in unused_files.iter().filter(|file| !files.contains(file)) {
            fs::remove_file(folder.join(file))?;
        }
        Ok(Some(prepared(split, model)))
    }
}
