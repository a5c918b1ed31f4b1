//! Prepares a voice of the stock architecture with native kernels.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::compare::{WORTHWHILE, relative_time};
use super::native::{NativeParts, RecognizedParts};
use super::parts::FirstStages;
use super::preparation::{Preparation, PreparedModel};
use super::record::{Outcome, SplitInfo};
use super::test_sentence::{MAX_DIFFERENCE, MIN_SNR_DB, difference, snr_db, speak};
use crate::error::Cause;
use crate::voice::PrecisionOption;
use crate::voice::model::Model;
use piper_rs_native::Kernels;

impl Preparation<'_> {
    /// Writes the weights of native parts to `folder`, beside the graphs of the others.
    /// `None` if they make other samples than those that are expected.
    pub(super) fn with_native_parts(
        &self,
        recognized: &RecognizedParts,
        kernels: Kernels,
        expected: &[f32],
        split: &SplitInfo,
        folder: &Path,
    ) -> Result<Option<PreparedModel>, Cause> {
        let native = recognized.write(kernels, folder)?;
        let with = |native: &NativeParts| SplitInfo {
            native: Some(native.clone()),
            ..split.clone()
        };
        let split = with(&native);
        let load = || native.load_decoder(folder);
        let (stages, decoder) = FirstStages::load(folder, &split, Some(self.runtime), load)?;
        let model: Arc<dyn Model> =
            Arc::new(stages.with_decoder(decoder, split.clone(), self.options));
        let is_right = difference(expected, &speak(Arc::clone(&model))?) <= MAX_DIFFERENCE;
        if !is_right {
            return Ok(None);
        }
        let prepared = |split, model| PreparedModel {
            outcome: Outcome::Split(Box::new(split)),
            model,
        };
        let Some(bf16) = self.engine.bf16_kernels() else {
            return Ok(Some(prepared(split, model)));
        };
        let rounded = native.with_decoder_kernels(bf16);
        recognized.write_decoder(&rounded, folder)?;
        let rounded_split = with(&rounded);
        let decoder = rounded.load_decoder(folder)?;
        let rounded_model: Arc<dyn Model> =
            Arc::new(stages.with_decoder(decoder, rounded_split.clone(), self.options));
        let is_near = snr_db(expected, &speak(Arc::clone(&rounded_model))?) >= MIN_SNR_DB;
        let is_wanted = is_near
            && (self.engine.precision == PrecisionOption::Bf16
                || relative_time(&rounded_model, &model)? <= WORTHWHILE);
        let (kept, unused, other) = match is_wanted {
            true => (prepared(rounded_split, rounded_model), native, model),
            false => (prepared(split, model), rounded, rounded_model),
        };
        drop(other);
        fs::remove_file(folder.join(unused.decoder_file()))?;
        Ok(Some(kept))
    }
}
