//! The splines of a duration predictor. A graph computes one by hundreds of nodes, which
//! are not followed one by one: they must depend on nothing else, and numbers are read
//! where they may differ between voices. Preparing compares the results.

use piper_rs_native::Spline;

use super::Recognizer;
use crate::onnx::proto::NodeProto;

/// The operators of a spline, and of masks.
#[rustfmt::skip]
const OPERATORS: [&str; 40] = [
    "Add", "And", "Cast", "Concat", "Constant", "ConstantOfShape", "CumSum", "Div", "Equal",
    "Expand", "Gather", "GatherElements", "GatherND", "Greater", "GreaterOrEqual", "Identity",
    "Less", "LessOrEqual", "Mul", "Neg", "NonZero", "Not", "Or", "Pad", "Pow", "Range",
    "ReduceSum", "Reshape", "ScatterElements", "ScatterND", "Shape", "Slice", "Softmax",
    "Softplus", "Sqrt", "Squeeze", "Sub", "Transpose", "Unsqueeze", "Where",
];

/// What is done with the widths or heights of the pieces.
#[derive(PartialEq)]
struct Sizes {
    /// They are divided by it before their softmax.
    divisor: f32,
    /// It is added to each.
    least: f32,
    /// The factor of their sums, and what is then added.
    range: [f32; 2],
}

impl<'a> Recognizer<'a> {
    /// The splines that make `value` of `transformed`, if all that they depend on besides
    /// are `parameters`, so many for each id.
    pub(super) fn spline(
        &self,
        value: &'a str,
        transformed: &'a str,
        parameters: (&'a str, usize),
    ) -> Option<Spline> {
        let (parameters, count) = parameters;
        let nodes = self.made_of(value, &[transformed, parameters], &OPERATORS)?;
        let of = |op_type: &'static str| nodes.iter().copied().filter(move |node| node.is(op_type));
        let bins = (count + 1) / 3;
        let sizes: Vec<Sizes> = of("Softmax")
            .map(|softmax| self.sizes(softmax))
            .collect::<Option<_>>()?;
        let [widths, heights] = &sizes[..] else {
            return None;
        };
        let mut slopes = of("Softplus");
        let slope = self.user(slopes.next()?.output.first()?)?;
        let (min_slope, _) = self.with_number(slope, "Add")?;
        let [height, low] = widths.range;
        let is_sound = 3 * bins == count + 1
            && widths == heights
            && slopes.next().is_none()
            && low < 0.0
            && height == -2.0 * low
            && widths.divisor > 0.0
            && (0.0..0.5).contains(&(widths.least * bins as f32))
            && (0.0..0.5).contains(&min_slope);
        is_sound.then_some(Spline {
            bins,
            bound: -low,
            min_size: widths.least,
            min_slope,
            // The slope at the bounds is 1, as beyond them.
            outer_slope: (1.0 - f64::from(min_slope)).exp_m1().ln() as f32,
            divisor: widths.divisor,
        })
    }

    /// What is done with sizes around their softmax.
    fn sizes(&self, softmax: &'a NodeProto) -> Option<Sizes> {
        let gathered = softmax.input.first()?;
        let [_, divisor] = self
            .patterns
            .operands(self.input(gathered, "GatherND").unwrap_or(gathered), "Div")?;
        let scaled = self.user(softmax.output.first()?)?;
        let summand = self.user(scaled)?;
        let (least, _) = self.with_number(summand, "Add")?;
        let sum = self.user(summand)?;
        let padded = self.user(sum)?;
        let stretched = self.user(padded)?;
        let (factor, _) = self.with_number(stretched, "Mul")?;
        let (start, _) = self.with_number(self.user(stretched)?, "Add")?;
        let made_by = |value: &str, op_type: &str| self.input(value, op_type).is_some();
        let is_sum = made_by(scaled, "Mul") && made_by(sum, "CumSum") && made_by(padded, "Pad");
        is_sum.then_some(Sizes {
            divisor: self.number(divisor)?,
            least,
            range: [factor, start],
        })
    }
}
