//! A flow in the arithmetic of one instruction set.

use super::buffers::Buffers;
use super::places::{Places, gate_channels};
use super::{Coupling, Couplings};
use crate::arithmetic::Arithmetic;
use crate::layer::Convolution;
use crate::packed::{Bytes, Channels};
use crate::workspaces::Workspaces;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Model<A: Arithmetic> {
    pub(super) arithmetic: A,
    pub(super) architecture: Couplings,
    pub(super) places: Places,
    gate_channels: Channels,
    pub(super) workspaces: Workspaces<Buffers<A::Operand>>,
}

impl<A: Arithmetic> Model<A> {
    /// `None` if these are not the packed weights of this architecture, or if it makes no
    /// sense.
    pub(super) fn new(arithmetic: A, architecture: Couplings, bytes: Bytes) -> Option<Self> {
        if !makes_sense(&architecture) {
            return None;
        }
        Some(Self {
            arithmetic,
            places: Places::new::<A>(&architecture, bytes)?,
            gate_channels: gate_channels::<A>(architecture.hidden),
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

/// No gate of a voice looks farther: ten seconds.
const MAX_REACH: usize = 1024;

/// Whether there are frames to change, and gates of these sizes that read the frames that they
/// change.
pub(super) fn makes_sense(architecture: &Couplings) -> bool {
    let Couplings { half, hidden, .. } = *architecture;
    let is_gate = |gate: &Convolution| {
        let reach = gate.taps.checked_sub(1);
        let reach = reach.and_then(|reach| reach.checked_mul(gate.dilation));
        let fits = gate.inputs == hidden && gate.outputs == 2 * hidden && gate.dilation > 0;
        fits && reach.is_some_and(|reach| gate.before <= reach && reach <= MAX_REACH)
    };
    let is_coupling =
        |coupling: &Coupling| !coupling.gates.is_empty() && coupling.gates.iter().all(is_gate);
    let couplings = &architecture.couplings;
    half > 0 && hidden > 0 && !couplings.is_empty() && couplings.iter().all(is_coupling)
}
