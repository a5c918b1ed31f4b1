//! The ids that one thread encodes: a sentence, or one half of it.
//!
//! A layer needs the keys and values of all ids, and the rows beside its own, which the
//! halves exchange before each layer. All else each of them computes by itself.

use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use super::attention::Attention;
use super::model::Model;
use super::places::LayerPlaces;
use crate::arithmetic::{Arithmetic, Fp32, Task};
use crate::convolution::{Activation, ConvolutionRun, FollowUp, Output};
use crate::norm::Norm;
use crate::packed::{Floats, Place};
use crate::reach::Reach;
use crate::rows::Rows;
use crate::{Error, Result};

/// How long a half waits for the other one without sleeping: a layer of 300 ids takes
/// a few milliseconds, and the halves are about as fast.
const PATIENCE: Duration = Duration::from_millis(2);

/// The ids that a thread encodes.
pub(super) struct Part<'a, A> {
    model: &'a Model<A>,
    /// All ids of the sentence.
    sentence: Range<isize>,
    /// Those that are encoded.
    own: Range<isize>,
    /// A row for each id of the sentence. Before a layer, those of its own are complete.
    state: Rows<f32>,
    /// `None` if this part is the whole sentence.
    other: Option<OtherHalf>,
}

/// The thread that encodes the other half.
struct OtherHalf {
    sender: Sender<Shared>,
    receiver: Receiver<Shared>,
}

/// What a half tells the other one before a layer: copies of its rows.
struct Shared {
    /// The number of the first row.
    first: isize,
    /// Of the state, the keys and the values.
    rows: [Vec<f32>; 3],
}

impl Shared {
    fn copy_to(&self, all: [&mut Rows<f32>; 3]) {
        for (to, rows) in all.into_iter().zip(&self.rows) {
            to.starting_at_mut(self.first)[..rows.len()].copy_from_slice(rows);
        }
    }
}

impl OtherHalf {
    /// Waits for what the other half tells.
    ///
    /// At first without sleeping: systems keep threads that wake each other on one
    /// processor, where they would take turns.
    fn receive(&self) -> Result<Shared> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match self.receiver.try_recv() {
                Err(TryRecvError::Empty) => yield_now(),
                received => return received.map_err(|_| Error::Cancelled),
            }
        }
        // The other half ends early only if it is cancelled or panics, which its thread tells.
        self.receiver.recv().map_err(|_| Error::Cancelled)
    }
}

impl<'a, A: Fp32> Part<'a, A> {
    /// The whole sentence.
    pub(super) fn whole(model: &'a Model<A>, ids: &[i64]) -> Result<Self> {
        let sentence = 0..ids.len() as isize;
        Ok(Self {
            state: model.embed(ids)?,
            model,
            own: sentence.clone(),
            sentence,
            other: None,
        })
    }

    /// Both halves, which have to be encoded at the same time.
    pub(super) fn halves(model: &'a Model<A>, ids: &[i64]) -> Result<[Self; 2]> {
        let (end, middle) = (ids.len() as isize, ids.len() as isize / 2);
        let (to_first, from_second) = channel();
        let (to_second, from_first) = channel();
        let half = |own, sender, receiver| {
            Ok(Self {
                own,
                other: Some(OtherHalf { sender, receiver }),
                ..Self::whole(model, ids)?
            })
        };
        Ok([
            half(0..middle, to_second, from_second)?,
            half(middle..end, to_first, from_first)?,
        ])
    }

    /// Encodes its ids: a row for each.
    pub(super) fn encode(mut self, is_cancelled: &dyn Fn() -> bool) -> Result<Vec<f32>> {
        let model = self.model;
        for places in &model.places.layers {
            if is_cancelled() {
                return Err(Error::Cancelled);
            }
            self.layer(places)?;
        }
        Ok(self.own_rows(&self.state))
    }

    fn layer(&mut self, places: &LayerPlaces) -> Result<()> {
        let [inner, outer] = self.model.architecture.convolutions.each_ref();
        let own = self.own.clone();
        let of_inner = Reach::by_definition(outer).inputs(&own, &self.sentence);
        let attending = Reach::by_definition(inner).inputs(&of_inner, &self.sentence);
        let attended = self.attend(places, &attending)?;
        let sum = self.convolve(&places.output, &attended, &attending, Some(&self.state));
        self.normalize(&places.norms[0], &sum, &attending);
        let inner = self.convolve_and_cut(&places.convolutions[0], &of_inner);
        let sum = self.convolve(&places.convolutions[1], &inner, &own, Some(&self.state));
        self.normalize(&places.norms[1], &sum, &own);
        Ok(())
    }

    /// What these rows attend to.
    fn attend(&mut self, places: &LayerPlaces, rows: &Range<isize>) -> Result<Rows<f32>> {
        let [of_queries, of_keys, of_values] = &places.inputs;
        let of_own = |place| self.convolve(place, &self.state, &self.own, None);
        let (keys, values) = (of_own(of_keys), of_own(of_values));
        let [keys, values] = self.share([keys, values])?;
        let packed = &self.model.places.packed;
        let [distant_keys, distant_values] = places
            .distances
            .each_ref()
            .map(|place| packed.floats(place));
        let architecture = &self.model.architecture;
        let mut attended = Rows::over(rows, 0, self.state.width());
        let attention = Attention {
            arithmetic: self.model.arithmetic,
            length: self.sentence.len(),
            rows: rows.clone(),
            channels: architecture.head(),
            window: architecture.window,
            divisor: architecture.divisor,
            queries: &self.convolve(of_queries, &self.state, rows, None),
            keys: &keys,
            values: &values,
            distant_keys,
            distant_values,
        };
        for head in 0..architecture.heads {
            attention.head(head, &mut attended);
        }
        Ok(attended)
    }

    /// Exchanges the state, and keys and values. Returns the keys and values of all rows.
    fn share(&mut self, of_own: [Rows<f32>; 2]) -> Result<[Rows<f32>; 2]> {
        let Some(other) = &self.other else {
            return Ok(of_own);
        };
        let [keys, values] = of_own;
        let own = Shared {
            first: self.own.start,
            rows: [&self.state, &keys, &values].map(|rows| self.own_rows(rows)),
        };
        let mut keys = Rows::over(&self.sentence, 0, keys.width());
        let mut values = Rows::over(&self.sentence, 0, values.width());
        own.copy_to([&mut self.state, &mut keys, &mut values]);
        other.sender.send(own).map_err(|_| Error::Cancelled)?;
        let others = other.receive()?;
        others.copy_to([&mut self.state, &mut keys, &mut values]);
        Ok([keys, values])
    }

    /// A copy of the values of its own rows.
    fn own_rows(&self, rows: &Rows<f32>) -> Vec<f32> {
        rows.starting_at(self.own.start)[..self.own.len() * rows.width()].to_vec()
    }

    /// Runs a convolution for some rows, and adds `residual` to its outputs.
    fn convolve(
        &self,
        place: &Place,
        input: &Rows<f32>,
        rows: &Range<isize>,
        residual: Option<&Rows<f32>>,
    ) -> Rows<f32> {
        let mut output = Rows::over(rows, 0, place.sizes.outputs);
        self.run(place, input, rows, |start| FollowUp {
            addends: [residual.map(|rows| rows.starting_at(start)), None],
            output: Output::To(output.starting_at_mut(start)),
            activation: None,
        });
        output
    }

    /// Runs a convolution of the state, with a ReLU.
    fn convolve_and_cut(&self, place: &Place, rows: &Range<isize>) -> Rows<f32> {
        let [_, outer] = &self.model.architecture.convolutions;
        let margin = Reach::by_definition(outer).margin();
        let mut output = Rows::over(rows, margin, place.sizes.outputs);
        self.run(place, &self.state, rows, |start| FollowUp {
            addends: [None, None],
            output: Output::Nowhere,
            activation: Some(Activation {
                scale: 1.0,
                slope: 0.0,
                to: output.starting_at_mut(start),
            }),
        });
        output.clear_outside(&self.sentence);
        output
    }

    fn run<'r>(
        &self,
        place: &Place,
        input: &Rows<f32>,
        rows: &Range<isize>,
        finish: impl FnOnce(isize) -> FollowUp<'r, A>,
    ) {
        let packed = &self.model.places.packed;
        let finish = finish(rows.start);
        let run = ConvolutionRun::new(packed, place, input, rows.clone(), finish);
        self.model.arithmetic.run(run);
    }

    /// Normalizes some rows of `input` into the state.
    fn normalize(&mut self, norm: &[Floats; 2], input: &Rows<f32>, rows: &Range<isize>) {
        let width = self.state.width();
        let packed = &self.model.places.packed;
        let [scale, shift] = norm.each_ref().map(|place| packed.floats(place));
        let count = rows.len() * width;
        let values = &mut self.state.starting_at_mut(rows.start)[..count];
        values.copy_from_slice(&input.starting_at(rows.start)[..count]);
        self.model.arithmetic.run(Normalized {
            norm: Norm {
                scale,
                shift,
                epsilon: self.model.architecture.epsilon,
                width,
            },
            values,
        });
    }
}

/// Normalizes rows.
struct Normalized<'a> {
    norm: Norm<'a>,
    values: &'a mut [f32],
}

impl<A: Arithmetic> Task<A> for Normalized<'_> {
    #[inline(always)]
    fn perform(self, _: A) {
        for row in self.values.chunks_exact_mut(self.norm.width) {
            self.norm.apply(row);
        }
    }
}
