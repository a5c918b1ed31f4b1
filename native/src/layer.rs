//! Layers as they are trained: their sizes, and their weights in the order of the graph.

/// A convolution that keeps the number of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Convolution {
    /// Channels that it takes.
    pub inputs: usize,
    /// Channels that it makes.
    pub outputs: usize,
    /// Rows that it looks at.
    pub taps: usize,
    /// How far these are apart.
    pub dilation: usize,
    /// How many rows before its own the first of these is.
    pub before: usize,
}

impl Convolution {
    /// One that looks at its own row alone.
    pub fn pointwise(inputs: usize, outputs: usize) -> Self {
        Self {
            inputs,
            outputs,
            taps: 1,
            dilation: 1,
            before: 0,
        }
    }

    /// How many rows after its own the last row that it looks at is.
    pub fn after(&self) -> usize {
        (self.taps - 1) * self.dilation - self.before
    }
}

/// The weights of a convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Those of the products.
    pub weights: Weights,
    /// What each output begins with.
    pub bias: Vec<f32>,
}

impl Layer {
    /// Whether its sizes are these: `[outputs, inputs, taps]`.
    pub(crate) fn has(&self, sizes: [usize; 3]) -> bool {
        let weights = &self.weights;
        [weights.outputs, weights.inputs, weights.taps] == sizes
            && self.bias.len() == weights.outputs
    }
}

/// Weights `[outputs][inputs][taps]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Channels that are made.
    pub outputs: usize,
    /// Channels that are taken.
    pub inputs: usize,
    /// Rows that are looked at.
    pub taps: usize,
    values: Vec<f32>,
}

impl Weights {
    /// `None` unless there are as many values as the sizes `[outputs, inputs, taps]` say.
    pub fn new([outputs, inputs, taps]: [usize; 3], values: Vec<f32>) -> Option<Self> {
        let count = outputs.checked_mul(inputs)?.checked_mul(taps)?;
        (count == values.len()).then_some(Self {
            outputs,
            inputs,
            taps,
            values,
        })
    }

    /// All of them.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// One weight; panics if there is no such weight.
    pub fn at(&self, output: usize, input: usize, tap: usize) -> f32 {
        self.values[(output * self.inputs + input) * self.taps + tap]
    }
}
