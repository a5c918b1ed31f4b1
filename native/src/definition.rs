//! What layers are by definition, in doubles: what tests compare the kernels with.

use crate::{Convolution, Layer};

/// The channels of a row.
pub(crate) type Row = Vec<f64>;

pub(crate) fn doubles(values: &[f32]) -> Row {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// What a row adds to an output by the weights of a tap.
pub(crate) fn product(layer: &Layer, output: usize, tap: usize, row: &[f64]) -> f64 {
    let weight = |input| f64::from(layer.weights.at(output, input, tap));
    let inputs = row.iter().enumerate();
    inputs.map(|(input, value)| value * weight(input)).sum()
}

/// A convolution, with zeros beyond the ends.
pub(crate) fn convolve(convolution: &Convolution, layer: &Layer, rows: &[Row]) -> Vec<Row> {
    let value = |at: usize, output: usize| {
        let products = (0..convolution.taps).filter_map(|tap| {
            let from = (at + tap * convolution.dilation).checked_sub(convolution.before)?;
            Some(product(layer, output, tap, rows.get(from)?))
        });
        f64::from(layer.bias[output]) + products.sum::<f64>()
    };
    let outputs = 0..layer.bias.len();
    let row = |at| outputs.clone().map(|output| value(at, output)).collect();
    (0..rows.len()).map(row).collect()
}

pub(crate) fn add(to: &mut [Row], rows: &[Row]) {
    let pairs = to.iter_mut().flatten().zip(rows.iter().flatten());
    pairs.for_each(|(to, value)| *to += value);
}

/// A layer norm with an epsilon of 1e-5.
pub(crate) fn normalize(row: &[f64], [scale, shift]: &[Vec<f32>; 2]) -> Row {
    let count = row.len() as f64;
    let mean = row.iter().sum::<f64>() / count;
    let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let deviation = (variance + 1e-5).sqrt();
    let scales = scale.iter().zip(shift);
    let values = row.iter().zip(scales);
    values
        .map(|(value, (&scale, &shift))| {
            (value - mean) / deviation * f64::from(scale) + f64::from(shift)
        })
        .collect()
}
