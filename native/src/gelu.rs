//! The Gaussian error linear unit, without branches, so that loops over it become vector
//! instructions. It is as exact as ONNX Runtime's, to the last digit or two.

/// The exponential of a number; below −87 that of −87, above 88 that of 88.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Added to a small number, it leaves that number rounded in the lowest bits.
    const ROUNDING: f32 = 12_582_912.0; // 1.5 × 2²³
    // The logarithm of 2 in two parts, the first of few bits.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDING;
    let twos = shifted - ROUNDING;
    let x = x - twos * LN_2[0] - twos * LN_2[1];
    // Cephes' polynomial.
    let mut sum = 1.987_569_1e-4;
    for coefficient in [
        1.398_2e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ] {
        sum = sum * x + coefficient;
    }
    let power = shifted
        .to_bits()
        .wrapping_sub(ROUNDING.to_bits())
        .wrapping_add(127)
        << 23;
    (sum * x * x + x + 1.0) * f32::from_bits(power)
}

/// The error function, by N. Juffa's polynomials (forums.developer.nvidia.com, "erff()
/// with improved accuracy and performance", 2-clause BSD).
#[inline(always)]
fn erf(x: f32) -> f32 {
    let size = x.abs();
    let square = x * x;
    let mut large = -1.728_534_7e-5 * size + 3.831_971_3e-4;
    large = large * square + (-3.883_964_4e-3 * size + 2.425_462_2e-2);
    for coefficient in [-1.067_778_8e-1, -6.348_468_7e-1, -1.287_175_1e-1] {
        large = large * size + coefficient;
    }
    let large = (1.0 - exp(large * size - size)).copysign(x);
    let mut small = -5.967_617e-4;
    for coefficient in [
        4.991_194_2e-3,
        -2.676_813_5e-2,
        1.128_199_25e-1,
        -3.761_253_4e-1,
        1.283_791_7e-1,
    ] {
        small = small * square + coefficient;
    }
    let small = small * x + x;
    if size > 0.927_734_4 { large } else { small }
}

/// The Gaussian error linear unit: `x` times the probability that a normal number is
/// below it.
#[inline(always)]
pub(crate) fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from −9 to 9, close together.
    fn numbers() -> impl Iterator<Item = f32> {
        (-90_000..=90_000).map(|n| n as f32 * 1e-4)
    }

    #[test]
    fn exponentials_are_right_to_two_digits_of_the_last_place() {
        for x in numbers() {
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) / expected - 1.0).abs();
            assert!(error < 2.5e-7, "{x}: {error:e}");
        }
        assert!(exp(-1e30) < 1e-37 && exp(1e30) > 1e37);
    }

    /// The error function by its series, which is exact for numbers that are not large.
    fn series(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..300 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn the_error_function_is_right_to_two_digits_of_the_last_place() {
        for x in numbers().filter(|x| x.abs() < 4.0) {
            let expected = series(f64::from(x));
            let error = (f64::from(erf(x)) - expected).abs();
            assert!(error <= 2.5e-7 * expected.abs(), "{x}: {error:e}");
        }
        assert_eq!([erf(5.0), erf(-1e9), erf(0.0)], [1.0, -1.0, 0.0]);
    }
}
