//! A flow in the arithmetic of one instruction set.

use std::sync::Arc;

use super::places::{Places, gate_channels};
use super::run::{Buffers, Run};
use super::{Advance, Couplings, Transform};
use crate::arithmetic::Arithmetic;
use crate::packed::{Bytes, Channels};
use crate::reach::Reach;
use crate::workspaces::Workspaces;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Model<A: Arithmetic> {
    pub(super) arithmetic: A,
    pub(super) architecture: Couplings,
    pub(super) places: Places,
    gate_channels: Channels,
    /// Of each coupling, how many rows its gates may read around those that they need.
    pub(super) margins: Vec<isize>,
    pub(super) workspaces: Workspaces<Buffers<A::Operand>>,
}

impl<A: Arithmetic> Transform for Model<A> {
    fn begin(self: Arc<Self>) -> Box<dyn Advance> {
        Box::new(Run::new(self))
    }
}

impl<A: Arithmetic> Model<A> {
    /// `None` if these are not the packed weights of this architecture, or if it makes no
    /// sense.
    pub(super) fn new(arithmetic: A, architecture: Couplings, bytes: Bytes) -> Option<Self> {
        let couplings = architecture.couplings.iter();
        let margins = couplings.map(|coupling| {
            let margins = coupling
                .gates
                .iter()
                .map(|gate| Reach::of::<A>(gate).margin());
            margins.max().map(|margin| margin as isize)
        });
        Some(Self {
            arithmetic,
            places: Places::new::<A>(&architecture, bytes)?,
            gate_channels: gate_channels::<A>(architecture.hidden),
            margins: margins.collect::<Option<_>>()?,
            architecture,
            workspaces: Workspaces::default(),
        })
    }

    /// What is added in each gate, if the values of the speaker fit.
    pub(super) fn conditions<'a>(&self, speaker: &[&'a [f32]]) -> Result<Vec<Option<&'a [f32]>>> {
        let Couplings {
            hidden,
            ref couplings,
            has_speaker,
            ..
        } = self.architecture;
        let gates = couplings.iter().map(|coupling| coupling.gates.len()).sum();
        let conditions: Vec<Option<&[f32]>> = match has_speaker {
            true => speaker.iter().map(|&values| Some(values)).collect(),
            false => vec![None; gates],
        };
        let are_complete =
            |values: &Option<&[f32]>| values.is_none_or(|values| values.len() == 2 * hidden);
        let fit = conditions.len() == gates && conditions.iter().all(are_complete);
        fit.then_some(conditions).ok_or(Error::Disagreement)
    }

    /// What is added in a gate, in the order of its outputs in memory.
    pub(super) fn gate_condition(&self, values: &[f32]) -> Vec<f32> {
        let channels = self.gate_channels.iter();
        channels
            .map(|channel| channel.map_or(0.0, |n| values[n]))
            .collect()
    }
}
