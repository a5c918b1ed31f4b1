//! How far the parts of a flow are.

use std::ops::Range;

use super::Couplings;
use crate::arithmetic::Arithmetic;
use crate::reach::Reach;

/// The ends of what is computed: each coupling has computed all frames before its own.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    pub(super) couplings: Vec<CouplingEnds>,
}

#[derive(Clone, Debug)]
pub(super) struct CouplingEnds {
    /// Of its first convolution, and so of the half that it reads.
    pub(super) first: isize,
    /// Of each gate; the last convolution is as far as the last gate.
    pub(super) gates: Vec<isize>,
}

impl CouplingEnds {
    pub(super) fn last(&self) -> isize {
        self.gates.last().copied().unwrap_or(self.first)
    }
}

impl Ends {
    /// Nothing is computed.
    pub(super) fn none(architecture: &Couplings) -> Self {
        let couplings = architecture.couplings.iter().map(|coupling| CouplingEnds {
            first: 0,
            gates: vec![0; coupling.gates.len()],
        });
        Self {
            couplings: couplings.collect(),
        }
    }

    /// How far each must be for the latent up to frame `end`. Gates compute whole tiles.
    pub(super) fn of<A: Arithmetic>(
        architecture: &Couplings,
        mut end: isize,
        sentence: &Range<isize>,
    ) -> Self {
        let mut couplings = Vec::with_capacity(architecture.couplings.len());
        for coupling in architecture.couplings.iter().rev() {
            let mut gates = Vec::with_capacity(coupling.gates.len());
            for gate in coupling.gates.iter().rev() {
                let reach = Reach::of::<A>(gate);
                let frames = sentence.start..end;
                gates.push(reach.outputs(&frames, sentence).end);
                end = reach.inputs(&frames, sentence).end;
            }
            gates.reverse();
            couplings.push(CouplingEnds { first: end, gates });
        }
        couplings.reverse();
        Self { couplings }
    }

    /// Of the prior that was read.
    pub(super) fn prior(&self) -> isize {
        self.couplings.first().map_or(0, |coupling| coupling.first)
    }
}
