//! Functions of whole vectors.

use crate::arithmetic::Arithmetic;

/// Beyond this the hyperbolic tangent is 1 in fp32.
const LARGEST: f32 = 9.0;
/// The coefficients of the odd numerator and of the even denominator, the highest first:
/// Eigen's rational approximation, which ONNX Runtime has as well.
const NUMERATOR: [f32; 7] = [
    -2.760_768_5e-16,
    2.000_188e-13,
    -8.604_672e-11,
    5.122_297e-8,
    1.485_722_4e-5,
    6.372_619_3e-4,
    4.893_524_6e-3,
];
const DENOMINATOR: [f32; 4] = [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_6e-3, 4.893_525e-3];

/// The hyperbolic tangent, to a few units in the last place.
#[inline(always)]
pub(crate) fn tanh<A: Arithmetic>(a: A, value: A::Vector) -> A::Vector {
    let value = a.max(a.splat(-LARGEST), a.min(value, a.splat(LARGEST)));
    let square = a.multiply(value, value);
    let [first, rest @ ..] = NUMERATOR;
    let mut numerator = a.splat(first);
    for coefficient in rest {
        numerator = a.multiply_then_add(numerator, square, a.splat(coefficient));
    }
    let [first, rest @ ..] = DENOMINATOR;
    let mut denominator = a.splat(first);
    for coefficient in rest {
        denominator = a.multiply_then_add(denominator, square, a.splat(coefficient));
    }
    a.divide(a.multiply(value, numerator), denominator)
}

/// The logistic function, to 3e-7.
#[inline(always)]
pub(crate) fn sigmoid<A: Arithmetic>(a: A, value: A::Vector) -> A::Vector {
    let half = a.splat(0.5);
    a.multiply_then_add(tanh(a, a.multiply(value, half)), half, half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Precision;
    use crate::arithmetic::{Fp32, MAX_LANES, Task};
    use crate::kernels::Fp32Work;
    use crate::test_numbers::all_kernels;

    /// Both functions of some values.
    struct Both<'a> {
        values: &'a [f32],
        results: &'a mut Vec<[f32; 2]>,
    }

    impl<A: Fp32> Task<A> for Both<'_> {
        #[inline(always)]
        fn perform(self, a: A) {
            for &value in self.values {
                let vector = a.splat(value);
                let functions = [tanh(a, vector), sigmoid(a, vector)];
                self.results.push(functions.map(|result| {
                    let mut lanes = [0.0; MAX_LANES];
                    a.store(result, &mut lanes);
                    lanes[0]
                }));
            }
        }
    }

    impl Fp32Work for Both<'_> {
        type Result = ();

        fn run(self, arithmetic: impl Fp32) {
            arithmetic.run(self);
        }
    }

    #[test]
    fn both_functions_are_exact_to_the_last_digits() {
        let step = if cfg!(miri) { 1000 } else { 1 };
        let values = (-40_000..=40_000).step_by(step);
        let values: Vec<f32> = values.map(|n| n as f32 / 2000.0).collect();
        for kernels in all_kernels(Precision::Fp32) {
            let mut results = Vec::new();
            let values = &values;
            let results_of = Both {
                values,
                results: &mut results,
            };
            kernels.instructions.with_fp32(results_of).unwrap();
            for (&value, [tangent, logistic]) in values.iter().zip(results) {
                let value = f64::from(value);
                let expected = value.tanh();
                let error = (f64::from(tangent) - expected).abs();
                assert!(
                    error <= 4e-7 * expected.abs(),
                    "{kernels}: tanh({value}), {error}"
                );
                let error = (f64::from(logistic) - 1.0 / (1.0 + (-value).exp())).abs();
                assert!(error < 3e-7, "{kernels}: sigmoid({value}), {error}");
            }
        }
    }
}
