//! Single nodes of a text part.

use std::collections::HashSet;

use super::Recognizer;
use crate::onnx::proto::NodeProto;
use crate::onnx::weights::{floats, only_float};

/// The input with the number of ids.
const LENGTHS_INPUT: &str = "input_lengths";
/// The input with Piper's scales.
const SCALES_INPUT: &str = "scales";
/// The input with the speaker.
const SPEAKER_INPUT: &str = "sid";
/// The operators of masks.
#[rustfmt::skip]
const MASK_OPERATORS: [&str; 14] = [
    "Cast", "Clip", "Constant", "Gather", "Identity", "Less", "Mul", "Range", "ReduceMax",
    "ReduceSum", "Shape", "Squeeze", "Sub", "Unsqueeze",
];

impl<'a> Recognizer<'a> {
    /// The value of that name.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        let node = self.patterns.producer(name)?;
        let mut outputs = node.output.iter().map(String::as_str);
        outputs.find(|output| *output == name)
    }

    /// The first input of the node that makes `value`.
    pub(super) fn input(&self, value: &str, op_type: &str) -> Option<&'a str> {
        self.patterns.input(value, op_type)
    }

    /// The result of `find` for one of both inputs of a node, and the other input.
    pub(super) fn either<T>(
        &self,
        value: &str,
        op_type: &str,
        find: impl Fn(&'a str) -> Option<T>,
    ) -> Option<(T, &'a str)> {
        let [a, b] = self.patterns.operands(value, op_type)?;
        let second = || find(b).map(|found| (found, a));
        find(a).map(|found| (found, b)).or_else(second)
    }

    /// A constant number.
    pub(super) fn number(&self, value: &str) -> Option<f32> {
        only_float(self.patterns.tensor(value)?).filter(|number| number.is_finite())
    }

    /// The numbers of a constant.
    pub(super) fn numbers(&self, value: &str) -> Option<Vec<f32>> {
        self.patterns.numbers(value)
    }

    /// The number that is one of both inputs of a node, and the other input.
    pub(super) fn with_number(&self, value: &str, op_type: &str) -> Option<(f32, &'a str)> {
        self.either(value, op_type, |operand| self.number(operand))
    }

    /// The value before it is multiplied by the mask of ids, if it is.
    pub(super) fn unmasked(&self, value: &'a str) -> &'a str {
        self.patterns.unmasked(value, self.mask)
    }

    /// Whether `value` only says which ids there are.
    pub(super) fn is_mask(&self, value: &str) -> bool {
        let nodes = self.made_of(value, &[], &MASK_OPERATORS);
        nodes.is_some_and(|nodes| nodes.iter().any(|node| node.is("Less")))
    }

    /// Whether `value` only says which frames there are: their numbers are compared with
    /// the sum of the durations.
    pub(super) fn is_frame_mask(&self, value: &str) -> bool {
        let nodes = self.made_of(value, &[self.durations], &MASK_OPERATORS);
        nodes.is_some_and(|nodes| {
            let has = |op_type: &str| nodes.iter().any(|node| node.is(op_type));
            has("Less") && has("ReduceSum")
        })
    }

    /// The nodes that make `value` of `given` values, of constants, of shapes and of the
    /// number of ids; `None` if there are others.
    pub(super) fn made_of(
        &self,
        value: &str,
        given: &[&str],
        operators: &[&str],
    ) -> Option<Vec<&'a NodeProto>> {
        let (nodes, sources) = self.explore(value, given, operators);
        sources.is_empty().then_some(nodes)
    }

    /// The nodes with these operators that make `value` of `given` values, of constants,
    /// of shapes, of the number of ids and of other values; and the latter, each once.
    pub(super) fn explore(
        &self,
        value: &str,
        given: &[&str],
        operators: &[&str],
    ) -> (Vec<&'a NodeProto>, Vec<&'a str>) {
        let index = self.patterns.index;
        let (mut nodes, mut sources) = (Vec::new(), Vec::new());
        let mut known: HashSet<&str> = given.iter().copied().collect();
        let mut to_visit: Vec<&'a str> = self.value(value).into_iter().collect();
        while let Some(value) = to_visit.pop() {
            let node = index.producer(value);
            let is_one = |node: &&NodeProto| operators.iter().any(|op_type| node.is(op_type));
            let Some(node) = node.filter(is_one) else {
                sources.push(value);
                continue;
            };
            nodes.push(node);
            if node.is("Shape") {
                continue;
            }
            for input in node.input.iter().filter(|input| !input.is_empty()) {
                let is_known = index.is_constant(input) || input == LENGTHS_INPUT;
                if !is_known && known.insert(input) {
                    to_visit.push(input);
                }
            }
        }
        (nodes, sources)
    }

    /// The value that is multiplied by this one of Piper's scales.
    pub(super) fn by_scale(&self, value: &str, scale: i64) -> Option<&'a str> {
        let is_scale = |operand: &'a str| {
            let [scales, position] = self.patterns.operands(operand, "Gather")?;
            let position = self.patterns.small_int64s(position)?;
            (scales == SCALES_INPUT && position == [scale]).then_some(())
        };
        Some(self.either(value, "Mul", is_scale)?.1)
    }

    /// The value of whose two halves of channels `value` is one, and which.
    pub(super) fn half(&self, value: &str) -> Option<(&'a str, usize)> {
        let node = self.patterns.producer(value)?;
        let are_equal = matches!(self.patterns.split_sizes(node)?[..], [a, b] if a == b);
        let is_split = node.is("Split") && node.int("axis") == Some(1) && node.output.len() == 2;
        let half = node.output.iter().position(|output| output == value)?;
        let of = node.input.first()?;
        (is_split && are_equal).then_some((of, half))
    }

    /// What is made of `value`, by a single node besides those that ask for its shape.
    pub(super) fn user(&self, value: &str) -> Option<&'a str> {
        let consumers = self.patterns.index.consumers(value);
        let mut users = consumers.filter(|node| !node.is("Shape"));
        let user = users.next()?;
        users.next().is_none().then_some(user.output.first()?)
    }

    /// How many speakers there are, how many channels describe one, and all descriptions,
    /// if `value` is the description of a speaker.
    pub(super) fn speaker_table(&self, value: &str) -> Option<(usize, usize, Vec<f32>)> {
        let [table, speaker] = self
            .patterns
            .operands(self.input(value, "Unsqueeze")?, "Gather")?;
        let is_speaker = speaker == SPEAKER_INPUT && self.patterns.tensor(speaker).is_none();
        let table = is_speaker.then(|| self.patterns.counted(table))??;
        let [count, channels] = table.dims[..] else {
            return None;
        };
        let sizes = [
            usize::try_from(count).ok()?,
            usize::try_from(channels).ok()?,
        ];
        let values = floats(table)?;
        let fits = sizes[0].checked_mul(sizes[1]) == Some(values.len());
        fits.then_some((sizes[0], sizes[1], values))
    }
}
