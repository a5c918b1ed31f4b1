//! Prepares a voice of the stock architecture with native kernels.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::compare::WORTHWHILE;
use super::native::{NativeParts, RecognizedParts};
use super::parts::FirstStages;
use super::preparation::{Preparation, PreparedModel};
use super::record::{Outcome, SplitInfo};
use super::stock_voice::StockVoice;
use super::test_sentence::{MAX_DIFFERENCE, MIN_SNR_DB, difference, snr_db, speak_if_it_can};
use crate::error::Cause;
use crate::voice::PrecisionOption;
use crate::voice::engine::PartKernels;
use crate::voice::model::Model;
use piper_rs_native::relative_time;

impl Preparation<'_> {
    /// Writes the weights of a voice whose parts are all native to `folder`. It is to be
    /// compared with its graph later.
    pub(super) fn all_native(
        &self,
        voice: &StockVoice,
        kernels: PartKernels,
        split: &SplitInfo,
        folder: &Path,
    ) -> Result<PreparedModel, Cause> {
        let native = voice.native.as_ref().ok_or("it has no native parts")?;
        let (split, model) = self.native_model(native, kernels, split, folder)?;
        Ok(PreparedModel {
            outcome: Outcome::Split(Box::new(split)),
            model,
            is_checked: false,
        })
    }

    /// Writes the weights of native parts to `folder`, beside the graphs of the others.
    /// `None` if they do not make the samples that are expected.
    pub(super) fn with_native_parts(
        &self,
        recognized: &RecognizedParts,
        expected: &[f32],
        split: &SplitInfo,
        folder: &Path,
    ) -> Result<Option<PreparedModel>, Cause> {
        for kernels in self.part_kernels() {
            let (split, model) = self.native_model(recognized, kernels, split, folder)?;
            let native = split.native.as_ref().expect("it has native parts");
            if native.makes(expected, &speak_if_it_can(Arc::clone(&model))?) {
                return Ok(Some(PreparedModel {
                    outcome: Outcome::Split(Box::new(split)),
                    model,
                    is_checked: true,
                }));
            }
            let files = native.files();
            drop(model); // Windows cannot remove files that are open
            for file in files {
                fs::remove_file(folder.join(file))?;
            }
        }
        Ok(None)
    }

    /// The kernels to try: less precise ones first, if they are wanted or faster.
    pub(super) fn part_kernels(&self) -> Vec<PartKernels> {
        let Some(exact) = self.kernels else {
            return Vec::new();
        };
        let rounded = self.engine.rounded_kernels().filter(|rounded| {
            let ratio = || relative_time(rounded.decoder, exact);
            self.engine.precision == PrecisionOption::Bf16
                || ratio().is_some_and(|ratio| ratio <= WORTHWHILE)
        });
        rounded
            .into_iter()
            .chain([PartKernels::all(exact)])
            .collect()
    }

    fn native_model(
        &self,
        recognized: &RecognizedParts,
        kernels: PartKernels,
        split: &SplitInfo,
        folder: &Path,
    ) -> Result<(SplitInfo, Arc<dyn Model>), Cause> {
        let native = recognized.write(kernels, folder)?;
        let split = SplitInfo {
            native: Some(native.clone()),
            ..split.clone()
        };
        let load = || native.load_decoder(folder);
        let (stages, decoder) = FirstStages::load(folder, &split, self.runtime, load)?;
        let model = stages.with_decoder(decoder, split.clone(), self.options);
        Ok((split, Arc::new(model)))
    }
}

impl NativeParts {
    /// Whether these samples are near enough to those that are expected.
    pub(super) fn makes(&self, expected: &[f32], samples: &[f32]) -> bool {
        match self.is_rounded() {
            true => snr_db(expected, samples) >= MIN_SNR_DB,
            false => difference(expected, samples) <= MAX_DIFFERENCE,
        }
    }
}
