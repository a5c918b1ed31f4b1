//! Encoding a sentence, on one thread or on two.

use super::model::Model;
use super::part::Part;
use super::{Encode, RunBoth};
use crate::arithmetic::Fp32;
use crate::{Error, Result};

/// With fewer ids a second thread is not worth its start.
const MIN_SHARED_IDS: usize = 24;

impl<A: Fp32> Encode for Model<A> {
    fn encode(&self, ids: &[i64], is_cancelled: &dyn Fn() -> bool) -> Result<Vec<f32>> {
        let rows = Part::whole(self, ids)?.encode(is_cancelled)?;
        Ok(self.by_channel(&rows))
    }

    fn encode_on_two_threads(
        &self,
        ids: &[i64],
        is_cancelled: &(dyn Fn() -> bool + Sync),
        run_both: RunBoth<'_>,
    ) -> Result<Vec<f32>> {
        if ids.len() < MIN_SHARED_IDS {
            return self.encode(ids, is_cancelled);
        }
        let [first, second] = Part::halves(self, ids)?;
        let (mut first, mut second) = (Some(first), Some(second));
        let mut rows = [const { Ok(Vec::new()) }; 2];
        let [of_first, of_second] = &mut rows;
        let run = |half: &mut Option<Part<'_, A>>| match half.take() {
            Some(half) => half.encode(is_cancelled),
            None => Err(Error::Disagreement),
        };
        let have_run = run_both(&mut || *of_second = run(&mut second), &mut || {
            *of_first = run(&mut first)
        });
        if !have_run {
            return self.encode(ids, is_cancelled);
        }
        let [first, second] = rows;
        let mut rows = first?;
        rows.append(&mut second?);
        Ok(self.by_channel(&rows))
    }
}
