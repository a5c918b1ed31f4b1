//! Writes weights in the order in which a kernel reads them.

use std::io::{self, Write};

use bytemuck::{Pod, Zeroable as _};

use crate::arithmetic::Arithmetic;
use crate::layer::{Layer, Weights};
use crate::packed::{ALIGNMENT, in_order};
use crate::winograd::{self, Groups};

/// Packs weights, one layer after the other, and writes them.
pub(crate) struct Packer<'a, A: Arithmetic> {
    arithmetic: A,
    to: &'a mut dyn Write,
    buffer: Buffer<A::Weight>,
}

/// What is reused from layer to layer: fresh memory would take a third of the time.
struct Buffer<W> {
    /// The weights of an output.
    output: Vec<f32>,
    /// Those of all outputs of a tile, `[columns][inputs][taps]`, where taps may be values at
    /// points.
    columns: Vec<f32>,
    packed: Vec<W>,
}

impl<'a, A: Arithmetic> Packer<'a, A> {
    pub(crate) fn new(arithmetic: A, to: &'a mut dyn Write) -> Self {
        Self {
            arithmetic,
            to,
            buffer: Buffer {
                output: Vec::new(),
                columns: Vec::new(),
                packed: Vec::new(),
            },
        }
    }

    /// Packs a convolution whose channels are in their order.
    pub(crate) fn convolution(&mut self, layer: &Layer) -> io::Result<()> {
        let outputs = in_order::<A>(layer.weights.outputs);
        self.layer(layer, &outputs, &in_order::<A>(layer.weights.inputs))
    }

    /// Packs a convolution for [`Layout::fast_convolution`](crate::packed::Layout::fast_convolution).
    pub(crate) fn fast_convolution(&mut self, layer: &Layer) -> io::Result<()> {
        let outputs = in_order::<A>(layer.weights.outputs);
        self.fast_layer(layer, &outputs, &in_order::<A>(layer.weights.inputs))
    }

    /// Packs weights for [`Layout::fast_place`](crate::packed::Layout::fast_place).
    pub(crate) fn fast_layer(
        &mut self,
        layer: &Layer,
        outputs: &[Option<usize>],
        inputs: &[Option<usize>],
    ) -> io::Result<()> {
        let taps = layer.weights.taps;
        let groups = winograd::fits::<A>(taps).then(|| Groups::of(taps));
        self.layer_in_groups(layer, groups, outputs, inputs)
    }

    /// Packs weights as `[outputs / columns of a tile][taps][operands of a row][columns]`.
    /// There may be a bias for each output, or for the first outputs, which the others
    /// then repeat.
    pub(crate) fn layer(
        &mut self,
        layer: &Layer,
        outputs: &[Option<usize>],
        inputs: &[Option<usize>],
    ) -> io::Result<()> {
        self.layer_in_groups(layer, None, outputs, inputs)
    }

    /// The same; if there are groups, with their values at the points for taps.
    fn layer_in_groups(
        &mut self,
        Layer { weights, bias }: &Layer,
        groups: Option<Groups>,
        outputs: &[Option<usize>],
        inputs: &[Option<usize>],
    ) -> io::Result<()> {
        let taps = groups.map_or(weights.taps, Groups::values);
        let of_column = weights.inputs * taps;
        let mut bytes = 0;
        for outputs in outputs.chunks(2 * A::LANES) {
            self.read_columns(weights, groups, outputs);
            let Buffer {
                columns, packed, ..
            } = &mut self.buffer;
            let width = outputs.len();
            let rows = inputs.len().div_ceil(A::CHANNELS);
            packed.resize(taps * rows * width, A::Weight::zeroed());
            // In this order, what is read stays in the first cache.
            for (row, inputs) in inputs.chunks(A::CHANNELS).enumerate() {
                for tap in 0..taps {
                    let to = &mut packed[(tap * rows + row) * width..][..width];
                    for (to, column) in to.iter_mut().zip(columns.chunks_exact(of_column)) {
                        let weight = |input| column[input * taps + tap];
                        let operand = operand(self.arithmetic, inputs, weight);
                        *to = self.arithmetic.weight(operand);
                    }
                }
            }
            let packed: &[u8] = bytemuck::cast_slice(packed);
            self.to.write_all(packed)?;
            bytes += packed.len();
        }
        self.pad(bytes)?;
        let bias = |output: &Option<usize>| output.map_or(0.0, |n| bias[n % bias.len()]);
        let bias: Vec<f32> = outputs.iter().map(bias).collect();
        self.floats(&bias)
    }

    /// Reads the weights of the outputs of a tile.
    fn read_columns(
        &mut self,
        weights: &Weights,
        groups: Option<Groups>,
        outputs: &[Option<usize>],
    ) {
        let Buffer {
            output, columns, ..
        } = &mut self.buffer;
        columns.clear();
        let of_column = weights.inputs * groups.map_or(weights.taps, Groups::values);
        for (n, number) in outputs.iter().enumerate() {
            match (number, groups) {
                (None, _) => columns.resize((n + 1) * of_column, 0.0),
                (&Some(number), None) => weights.read_output(number, columns),
                (&Some(number), Some(groups)) => {
                    output.clear();
                    weights.read_output(number, output);
                    for taps in output.chunks_exact(weights.taps) {
                        groups.evaluate(taps, columns);
                    }
                }
            }
        }
    }

    /// Packs the weights of the only output of a convolution as `[taps][operands]`.
    pub(crate) fn single_output(&mut self, layer: &Layer) -> io::Result<()> {
        let Layer { weights, bias } = layer;
        let mut operands: Vec<A::Operand> = Vec::new();
        for tap in 0..weights.taps {
            for inputs in in_order::<A>(weights.inputs).chunks(A::CHANNELS) {
                let weight = |input| weights.at(0, input, tap);
                operands.push(operand(self.arithmetic, inputs, weight));
            }
        }
        self.push(&operands)?;
        self.floats(bias)
    }

    pub(crate) fn floats(&mut self, values: &[f32]) -> io::Result<()> {
        self.push(values)
    }

    fn push<T: Pod>(&mut self, values: &[T]) -> io::Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(values);
        self.to.write_all(bytes)?;
        self.pad(bytes.len())
    }

    /// Continues where a tensor may begin, after so many bytes of another.
    fn pad(&mut self, bytes: usize) -> io::Result<()> {
        let zeros = [0; ALIGNMENT];
        let count = bytes.next_multiple_of(ALIGNMENT) - bytes;
        self.to.write_all(&zeros[..count])
    }
}

/// The operand of some inputs, `None` of which is padding.
fn operand<A: Arithmetic>(
    arithmetic: A,
    inputs: &[Option<usize>],
    weight: impl Fn(usize) -> f32,
) -> A::Operand {
    let mut channels = [0.0; 2];
    for (to, input) in channels.iter_mut().zip(inputs) {
        *to = input.map_or(0.0, &weight);
    }
    arithmetic.operand(&channels)
}
