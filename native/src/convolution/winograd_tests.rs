//! Winograd's algorithm in every arithmetic of this machine, against the definition of a
//! convolution.

use std::ops::Range;

use proptest::prelude::*;

use super::{ConvolutionRun, FollowUp, Output, Workspace};
use crate::Precision;
use crate::arithmetic::Fp32;
use crate::definition::convolve;
use crate::kernels::Fp32Work;
use crate::packed::{Layout, Packed, padded};
use crate::packer::Packer;
use crate::rows::Rows;
use crate::test_numbers::{all_kernels, layer, numbers, packed};
use crate::winograd::Groups;
use crate::{Convolution, Kernels, Layer};

/// A convolution of the rows of a sentence, in parts.
struct InParts<'a> {
    convolution: &'a Convolution,
    layer: &'a Layer,
    /// `[rows][channels]`
    values: &'a [f32],
    parts: &'a [Range<isize>],
}

impl Fp32Work for InParts<'_> {
    type Result = Vec<f32>;

    fn run(self, a: impl Fp32) -> Vec<f32> {
        in_parts(a, &self)
    }
}

fn in_parts<A: Fp32>(a: A, of: &InParts) -> Vec<f32> {
    let Convolution {
        inputs, outputs, ..
    } = *of.convolution;
    let bytes = packed(|to| Packer::new(a, to).fast_convolution(of.layer));
    let mut layout = Layout::<A>::new();
    let place = layout.fast_convolution(of.convolution);
    let packed = Packed::new(Box::new(bytes), &layout).unwrap();
    let rows = of.values.len() / inputs;
    let margin = 1000;
    let mut input = Rows::<f32>::zeros(rows, margin, padded::<A>(inputs));
    for (n, row) in of.values.chunks_exact(inputs).enumerate() {
        input.starting_at_mut(n as isize)[..inputs].copy_from_slice(row);
    }
    let width = padded::<A>(outputs);
    let mut results = Vec::new();
    for part in of.parts {
        let mut output = vec![f32::NAN; part.len() * width];
        let finish = FollowUp {
            addends: [None, None],
            output: Output::To(&mut output),
            activation: None,
        };
        let mut workspace = Workspace::default();
        let run = ConvolutionRun::new(&packed, &place, &input, part.clone(), finish);
        run.run(a, &mut workspace);
        let rows = output.chunks_exact(width);
        results.extend(rows.flat_map(|row| &row[..outputs]));
    }
    results
}

fn compute(of: InParts, kernels: Kernels) -> Vec<f32> {
    kernels.instructions.with_fp32(of).unwrap()
}

fn convolution() -> impl Strategy<Value = Convolution> {
    let sizes = (1usize..40, 1usize..40, 2usize..12, 1usize..14, 0usize..100);
    sizes.prop_map(|(inputs, outputs, taps, dilation, before)| Convolution {
        inputs,
        outputs,
        taps,
        dilation,
        before: before % ((taps - 1) * dilation + 1),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 50 }))]

    #[test]
    fn any_rows_of_a_convolution_are_those_of_its_definition(
        convolution in convolution(), rows in 1usize..150, cut in 0usize..150
    ) {
        let Convolution { inputs, outputs, taps, .. } = convolution;
        let layer = layer([outputs, inputs, taps], outputs, 5);
        let values = numbers(rows * inputs, 6);
        let row = |row: &[f32]| row.iter().map(|&value| f64::from(value)).collect();
        let in_doubles: Vec<_> = values.chunks_exact(inputs).map(row).collect();
        let expected = convolve(&convolution, &layer, &in_doubles).concat();
        let (cut, rows) = ((cut % (rows + 1)) as isize, rows as isize);
        for kernels in all_kernels(Precision::Fp32) {
            let of = |parts| {
                let (convolution, layer, values) = (&convolution, &layer, &values);
                compute(InParts { convolution, layer, values, parts }, kernels)
            };
            let whole_sentence = 0..rows;
            let whole = of(std::slice::from_ref(&whole_sentence));
            for (value, expected) in whole.iter().zip(&expected) {
                let error = (f64::from(*value) - expected).abs();
                prop_assert!(error < 1e-5, "{kernels}: {error}");
            }
            prop_assert_eq!(whole.len(), expected.len());
            prop_assert_eq!(of(&[0..cut, cut..rows]), whole);
        }
    }
}

#[test]
fn groups_have_the_points_that_their_taps_need() {
    let values = [2, 3, 4, 5, 6, 7, 11].map(|taps| Groups::of(taps).values());
    assert_eq!(values, [5, 6, 5, 6, 12, 16, 23]);
}
