//! Normalizations of channels, and the activation behind them.

use super::Recognizer;

/// A normalization of the channels of each id.
pub(super) struct Norm<'a> {
    pub(super) scale: Vec<f32>,
    pub(super) shift: Vec<f32>,
    pub(super) epsilon: f32,
    pub(super) input: &'a str,
}

impl<'a> Recognizer<'a> {
    /// The normalization that makes `value`: each channel is a row, before and after it.
    pub(super) fn norm(&self, value: &str) -> Option<Norm<'a>> {
        let normalized = self.transposed(value)?;
        let node = self.normalization(normalized);
        let mut norm = node.or_else(|| self.normalization_of_nodes(normalized))?;
        norm.input = self.transposed(norm.input)?;
        (norm.scale.len() == norm.shift.len()).then_some(norm)
    }

    fn normalization(&self, value: &str) -> Option<Norm<'a>> {
        let node = self.patterns.producer(value)?;
        let [input, scale, shift] = &node.input[..] else {
            return None;
        };
        let is_over_channels = matches!(node.int("axis").unwrap_or(-1), -1 | 2);
        let is_norm = node.is("LayerNormalization") && is_over_channels;
        is_norm.then_some(Norm {
            scale: self.numbers(scale)?,
            shift: self.numbers(shift)?,
            epsilon: node.float("epsilon").unwrap_or(1e-5),
            input,
        })
    }

    fn normalization_of_nodes(&self, value: &str) -> Option<Norm<'a>> {
        let (shift, scaled) = self.either(value, "Add", |operand| self.numbers(operand))?;
        let (scale, normal) = self.either(scaled, "Mul", |operand| self.numbers(operand))?;
        let [centred, deviation] = self.patterns.operands(normal, "Div")?;
        let [input, mean] = self.patterns.operands(centred, "Sub")?;
        let (epsilon, variance) = self.with_number(self.input(deviation, "Sqrt")?, "Add")?;
        let squares = self.mean(variance)?;
        let [squared, exponent] = self.patterns.operands(squares, "Pow")?;
        let is_norm =
            self.mean(mean)? == input && self.number(exponent)? == 2.0 && squared == centred;
        is_norm.then_some(Norm {
            scale,
            shift,
            epsilon,
            input,
        })
    }

    /// The value of which `value` is the mean along the last axis.
    fn mean(&self, value: &str) -> Option<&'a str> {
        let node = self.patterns.producer(value)?;
        let is_mean = node.is("ReduceMean") && matches!(node.ints("axes"), [-1] | [2]);
        let keeps_axis = node.int("keepdims").unwrap_or(1) == 1;
        Some(node.input.first().filter(|_| is_mean && keeps_axis)?)
    }

    /// The value with the last two axes of `value` swapped.
    pub(super) fn transposed(&self, value: &str) -> Option<&'a str> {
        let node = self.patterns.producer(value)?;
        let is_swapped = node.is("Transpose") && node.ints("perm") == [0, 2, 1];
        Some(node.input.first().filter(|_| is_swapped)?)
    }

    /// The value of which `value` is the Gaussian error linear unit.
    pub(super) fn gelu(&self, value: &str) -> Option<&'a str> {
        let (half, product) = self.with_number(value, "Mul")?;
        let one_more = |operand: &'a str| self.with_number(operand, "Add");
        let ((one, erf), input) = self.either(product, "Mul", one_more)?;
        let [divided, root] = self.patterns.operands(self.input(erf, "Erf")?, "Div")?;
        let is_root = (self.number(root)? - std::f32::consts::SQRT_2).abs() < 1e-6;
        let is_gelu = half == 0.5 && one == 1.0 && is_root && divided == input;
        is_gelu.then_some(input)
    }
}
