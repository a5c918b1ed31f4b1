//! A sentence as the inputs of a Piper graph.

use super::model::Inference;
use crate::error::Cause;
use crate::onnx::{SEED_INPUT, SPEED_INPUT};
use crate::runtime::Tensor;

/// Every Piper graph has these inputs.
const REQUIRED: [&str; 3] = ["input", "input_lengths", "scales"];
/// Some have these: the speaker, the language of converted voices, and the
/// seed and the speed that this library adds.
const OPTIONAL: [&str; 4] = ["sid", "langid", SEED_INPUT, SPEED_INPUT];

/// Owns the data that the tensors borrow.
pub(super) struct ModelInputs {
    pub(super) ids: Vec<i64>,
    ids_shape: [usize; 2],
    length: [i64; 1],
    scales: [f32; 3],
    speed: [f32; 1],
    speaker: [i64; 1],
    seed: [i64; 1],
}

impl ModelInputs {
    pub(super) fn new(inference: Inference) -> Self {
        let Inference {
            ids,
            scales,
            speed,
            speaker,
            seed,
            ..
        } = inference;
        Self {
            ids_shape: [1, ids.len()],
            length: [ids.len() as i64],
            ids,
            scales: [scales.noise_scale, scales.length_scale, scales.noise_w],
            speed: [speed],
            speaker: [speaker.unwrap_or(0)],
            seed: [seed as i64],
        }
    }

    /// Returns a tensor for each of the graph's `inputs`, in their order.
    pub(super) fn tensors<'a>(&'a self, inputs: &'a [String]) -> Vec<(&'a str, Tensor<'a>)> {
        let tensor = |input: &String| match input.as_str() {
            "input" => Tensor::Ints(&self.ids, &self.ids_shape),
            "input_lengths" => Tensor::Ints(&self.length, &[1]),
            "scales" => Tensor::Floats(&self.scales, &[3]),
            "sid" => Tensor::Ints(&self.speaker, &[1]),
            SPEED_INPUT => Tensor::Floats(&self.speed, &[1]),
            SEED_INPUT => Tensor::Ints(&self.seed, &[1]),
            _ => Tensor::Ints(&[0], &[1]), // `langid`
        };
        inputs
            .iter()
            .map(|input| (input.as_str(), tensor(input)))
            .collect()
    }
}

/// Fails unless the graph has a Piper voice's inputs and no others.
pub(super) fn check_inputs(inputs: &[String]) -> Result<(), Cause> {
    let missing = REQUIRED
        .iter()
        .find(|name| !inputs.iter().any(|input| input == *name));
    if let Some(name) = missing {
        return Err(format!("not a Piper voice: the graph has no input `{name}`").into());
    }
    let known = |input: &str| REQUIRED.contains(&input) || OPTIONAL.contains(&input);
    match inputs.iter().find(|input| !known(input)) {
        Some(input) => {
            Err(format!("not a Piper voice: the graph has an unknown input `{input}`").into())
        }
        None => Ok(()),
    }
}

/// Returns whether a graph with these inputs takes a speaker id.
pub(super) fn takes_speaker(inputs: &[String]) -> bool {
    inputs.iter().any(|input| input == "sid")
}

/// Returns whether a graph with these inputs takes a speed.
pub(super) fn takes_speed(inputs: &[String]) -> bool {
    inputs.iter().any(|input| input == SPEED_INPUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_that_is_no_piper_voice_is_refused_with_a_reason() {
        let inputs = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        let cases = [
            (inputs(&["input", "input_lengths", "scales", "sid"]), ""),
            (inputs(&["input", "scales"]), "no input `input_lengths`"),
            (
                inputs(&["input", "input_lengths", "scales", "x"]),
                "an unknown input `x`",
            ),
        ];
        for (inputs, expected) in cases {
            let message = check_inputs(&inputs).err().map(|e| e.to_string());
            let message = message.unwrap_or_default();
            assert!(message.contains(expected) && message.is_empty() == expected.is_empty());
        }
    }
}
