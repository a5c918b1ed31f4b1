//! ONNX files: rewritten voices, compared with the originals in ONNX Runtime.

mod durations;
mod nchwc;
mod noise;
mod split;

use std::path::Path;

use piper_rs::CancelToken;
use piper_rs::onnx::proto::{GraphProto, ModelProto};
use piper_rs::onnx::{self, SEED_INPUT};
use piper_rs::runtime::{Session, SessionOptions, Tensor};
use prost::Message as _;
use prost::bytes::Bytes;

use crate::scene::{runtime, skipped};

/// The small voices, and the large ones that exist on this machine.
fn voices() -> Vec<(String, Bytes)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let small = ["tiny", "tiny_multi"].map(|name| root.join(format!("tests/voices/{name}.onnx")));
    let large =
        ["x_low", "medium_multi"].map(|name| root.join(format!("../shared/voices/{name}.onnx")));
    let (present, missing): (Vec<_>, Vec<_>) = large.into_iter().partition(|path| path.exists());
    for path in missing {
        skipped(&format!("there is no {}", path.display()));
    }
    let paths = small.into_iter().chain(present);
    paths
        .map(|path| {
            (
                path.display().to_string(),
                std::fs::read(&path).unwrap().into(),
            )
        })
        .collect()
}

/// The voice that is part of the program; it has another architecture.
fn built_in() -> (String, Bytes) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("assets/voice/en_US-slt-low.onnx");
    (
        path.display().to_string(),
        std::fs::read(&path).unwrap().into(),
    )
}

fn decode(bytes: &Bytes) -> ModelProto {
    ModelProto::decode(bytes.clone()).unwrap()
}

/// A loaded model whose outputs are all floats.
struct Model(Session);

#[derive(Clone, Debug, PartialEq)]
struct Value {
    shape: Vec<usize>,
    floats: Vec<f32>,
}

impl Model {
    fn load(model: &ModelProto) -> Self {
        let options = SessionOptions::default();
        Self(Session::from_bytes(&runtime(), &model.encode_to_vec(), options).unwrap())
    }

    fn run(&self, inputs: &[(&str, Tensor<'_>)]) -> Vec<(String, Value)> {
        let names = self.0.outputs();
        let read = |outputs: &piper_rs::runtime::Outputs<'_>| {
            let values = names.iter().enumerate().map(|(index, name)| {
                let (shape, floats) = outputs.floats(index)?;
                let shape = shape.iter().map(|&size| size as usize).collect();
                let floats = floats.to_vec();
                Ok((name.clone(), Value { shape, floats }))
            });
            values.collect()
        };
        self.0.run(inputs, &CancelToken::new(), read).unwrap()
    }

    fn run_floats(&self, inputs: &[(&str, &Value)]) -> Value {
        let inputs: Vec<_> = inputs
            .iter()
            .map(|(name, value)| (*name, value.tensor()))
            .collect();
        self.run(&inputs).remove(0).1
    }

    /// Speaks some ids.
    fn speak(&self, scales: [f32; 3], seed: Option<i64>) -> Vec<(String, Value)> {
        self.speak_from(&[], scales, seed)
    }

    /// Speaks the same ids, given the outputs of an earlier part.
    fn speak_from(
        &self,
        given: &[(String, Value)],
        scales: [f32; 3],
        seed: Option<i64>,
    ) -> Vec<(String, Value)> {
        let ids: Vec<i64> = (0..41)
            .map(|i| if i % 2 == 0 { 0 } else { 3 + i * 7 % 90 })
            .collect();
        let (length, speaker, seed_value) = ([ids.len() as i64], [2], [seed.unwrap_or(0)]);
        let mut inputs = vec![
            ("input", Tensor::Ints(&ids, &[1, 41])),
            ("input_lengths", Tensor::Ints(&length, &[1])),
            ("scales", Tensor::Floats(&scales, &[3])),
        ];
        inputs.push(("sid", Tensor::Ints(&speaker, &[1])));
        if seed.is_some() {
            inputs.push((SEED_INPUT, Tensor::Ints(&seed_value, &[1])));
        }
        inputs.extend(given.iter().map(|(name, value)| (&**name, value.tensor())));
        // A part has only some of these inputs.
        inputs.retain(|(name, _)| self.0.inputs().iter().any(|input| input == name));
        self.run(&inputs)
    }
}

impl Value {
    fn tensor(&self) -> Tensor<'_> {
        Tensor::Floats(&self.floats, &self.shape)
    }

    /// The samples from `start` to `end` of the last axis.
    fn window(&self, start: usize, end: usize) -> Self {
        let mut shape = self.shape.clone();
        let length = std::mem::replace(shape.last_mut().unwrap(), end - start);
        let rows = self.floats.chunks_exact(length);
        let floats = rows.flat_map(|row| &row[start..end]).copied().collect();
        Self { shape, floats }
    }

    fn difference(&self, other: &Self) -> f32 {
        assert_eq!(self.shape, other.shape);
        let pairs = self.floats.iter().zip(&other.floats);
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }
}

const QUIET: [f32; 3] = [0.0, 1.0, 0.0];
const LIVELY: [f32; 3] = [0.667, 1.0, 0.8];

fn value(values: &[(String, Value)], name: &str) -> Value {
    values
        .iter()
        .find(|(known, _)| known == name)
        .unwrap()
        .1
        .clone()
}

#[test]
fn reading_and_writing_a_voice_changes_no_byte() {
    // The files of the small ones contain default values, which are not written.
    let voices = voices()
        .into_iter()
        .filter(|(voice, _)| !voice.contains("tiny"));
    for (voice, bytes) in voices.chain([built_in()]) {
        assert!(decode(&bytes).encode_to_vec() == bytes, "{voice}");
    }
}

/// Damages a graph: confuses values, makes numbers absurd, removes nodes.
fn damage(graph: &mut GraphProto, kind: usize, at: usize, other: usize) {
    let names: Vec<String> = graph
        .node
        .iter()
        .flat_map(|node| node.output.clone())
        .collect();
    let name = names[other % names.len()].clone();
    let (nodes, tensors) = (graph.node.len(), graph.initializer.len());
    let node = &mut graph.node[at % nodes];
    let absurd = [i64::MAX, i64::MIN, -1, 0, 1 << 33][other % 5];
    match kind {
        0 => node
            .input
            .iter_mut()
            .for_each(|input| *input = name.clone()),
        1 => node
            .output
            .iter_mut()
            .for_each(|output| *output = name.clone()),
        2 => node.input.truncate(other % 2),
        3 => node.output.clear(),
        4 => {
            for attribute in &mut node.attribute {
                attribute
                    .ints
                    .iter_mut()
                    .for_each(|number| *number = absurd);
                attribute.i = Some(absurd);
            }
        }
        5 => graph.initializer[at % tensors].dims = vec![absurd; other % 5],
        6 => graph.initializer[at % tensors].raw_data = None,
        7 => drop(graph.node.remove(at % nodes)),
        8 => {
            node.op_type =
                ["Conv", "ConvTranspose", "RandomNormalLike", "Slice"][other % 4].to_owned()
        }
        _ => graph.node.swap(at % nodes, other % nodes),
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn a_damaged_voice_is_an_error_or_a_model(
        damages in proptest::collection::vec((0_usize..10, 0_usize..9999, 0_usize..9999), 1..4),
    ) {
        let mut model = ModelProto::decode(&include_bytes!("../../voices/tiny_multi.onnx")[..]).unwrap();
        for (kind, at, other) in damages {
            damage(model.graph.as_mut().unwrap(), kind, at, other);
        }
        // Any result will do, but no panic, endless loop or exhausted memory.
        _ = onnx::convert_to_nchwc(&model, 8);
        if let Ok(parts) = onnx::split_voice(&model) {
            _ = onnx::convert_to_nchwc(&parts.coarse, 4);
            _ = onnx::convert_to_nchwc(&parts.fine, 4);
        }
        _ = onnx::add_speed_input(&mut model);
        _ = onnx::make_seedable(&mut model);
    }

    #[test]
    fn arbitrary_bytes_are_an_error_or_a_model(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
        cut_at in 0_usize..60_000,
    ) {
        let whole = include_bytes!("../../voices/tiny.onnx");
        for bytes in [&bytes[..], &whole[..cut_at.min(whole.len())]] {
            if let Ok(mut model) = ModelProto::decode(bytes) {
                _ = onnx::split_voice(&model);
                _ = onnx::add_speed_input(&mut model);
                _ = onnx::make_seedable(&mut model);
            }
        }
    }
}
