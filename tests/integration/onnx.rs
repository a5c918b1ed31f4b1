//! ONNX files: rewritten voices, compared with the originals in ONNX Runtime.

use std::path::Path;

use piper_rs::CancelToken;
use piper_rs::onnx::proto::{
    AttributeProto, AttributeType, DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorType, TypeProto, TypeValue, ValueInfoProto,
};
use piper_rs::onnx::{
    self, EncoderSplit, Interface, SEED_INPUT, SideInput, SplitError, VoiceParts,
};
use piper_rs::runtime::{Session, SessionOptions, Tensor, WeightsLocation};
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
        let options = SessionOptions { threads: 1 };
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

#[test]
fn without_noise_a_seedable_voice_makes_the_samples_of_the_original() {
    for (voice, bytes) in voices().into_iter().chain([built_in()]) {
        let stock = Model::load(&decode(&bytes)).speak(QUIET, None);
        let mut model = decode(&bytes);
        assert!(onnx::make_seedable(&mut model).unwrap() >= 2, "{voice}");
        assert!(
            Model::load(&model).speak(QUIET, Some(7)) == stock,
            "{voice}"
        );
    }
}

#[test]
fn the_noise_depends_on_the_seed_alone() {
    for (voice, bytes) in voices().into_iter().chain([built_in()]) {
        let mut model = decode(&bytes);
        onnx::make_seedable(&mut model).unwrap();
        let model = Model::load(&model);
        let first = model.speak(LIVELY, Some(1));
        assert!(model.speak(LIVELY, Some(2)) != first, "{voice}");
        assert!(model.speak(LIVELY, Some(1)) == first, "{voice}");
    }
}

/// A model with two equal random operators over its input `like`.
fn noise_model(op_type: &str, attributes: &[(&str, f32)]) -> Model {
    let float = |name: &str| ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            value: Some(TypeValue::Tensor(TensorType {
                elem_type: DataType::Float as i32,
                shape: None,
            })),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    };
    let attribute = attributes.iter().map(|&(name, number)| AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Float as i32,
        f: Some(number),
        ..AttributeProto::default()
    });
    let draw = |output: &str| NodeProto {
        op_type: op_type.to_owned(),
        input: vec!["like".to_owned()],
        output: vec![output.to_owned()],
        attribute: attribute.clone().collect(),
        ..NodeProto::default()
    };
    let mut model = ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: 15,
        }],
        graph: Some(GraphProto {
            name: "noise".to_owned(),
            node: vec![draw("first"), draw("second")],
            input: vec![float("like")],
            output: vec![float("first"), float("second")],
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    };
    assert_eq!(onnx::make_seedable(&mut model), Ok(2));
    Model::load(&model)
}

fn draw(model: &Model, shape: &[usize], seed: i64) -> [Value; 2] {
    let zeros = vec![0.0; shape.iter().product()];
    let inputs = [
        ("like", Tensor::Floats(&zeros, shape)),
        (SEED_INPUT, Tensor::Ints(&[seed], &[1])),
    ];
    let drawn = model.run(&inputs);
    ["first", "second"].map(|name| value(&drawn, name))
}

/// Mean, variance, and the fourth moment over the variance squared.
fn moments(values: &[f32]) -> [f64; 3] {
    let count = values.len() as f64;
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let about_mean = |power| {
        let powers = values.iter().map(|&x| (f64::from(x) - mean).powi(power));
        powers.sum::<f64>() / count
    };
    [mean, about_mean(2), about_mean(4) / about_mean(2).powi(2)]
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let products = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
    products.sum::<f64>() / a.len().min(b.len()) as f64
}

fn assert_near(what: &str, value: f64, expected: f64, within: f64) {
    assert!(
        (value - expected).abs() < within,
        "{what}: {value}, not {expected} ± {within}"
    );
}

#[test]
fn normal_noise_is_normal_and_uncorrelated() {
    let model = noise_model("RandomNormalLike", &[]);
    let [first, second] = draw(&model, &[1, 192, 1001], 5);
    assert_eq!(first.shape, [1, 192, 1001]);
    // Five standard errors of 192 192 values each.
    let [mean, variance, fourth] = moments(&first.floats);
    assert_near("mean", mean, 0.0, 0.0115);
    assert_near("variance", variance, 1.0, 0.0162);
    assert_near("kurtosis", fourth, 3.0, 0.056);
    let [other_seed, _] = draw(&model, &[1, 192, 1001], 6);
    assert_near(
        "operators",
        correlation(&first.floats, &second.floats),
        0.0,
        0.0115,
    );
    assert_near(
        "seeds",
        correlation(&first.floats, &other_seed.floats),
        0.0,
        0.0115,
    );
    for lag in [1, 2, 3, 192, 1001] {
        let later = &first.floats[lag..];
        assert_near("lag", correlation(later, &first.floats), 0.0, 0.0115);
    }
}

#[test]
fn attributes_shift_and_scale_the_noise() {
    let model = noise_model("RandomNormalLike", &[("mean", 3.0), ("scale", 0.5)]);
    let [mean, variance, _] = moments(&draw(&model, &[40_000], 1)[0].floats);
    assert_near("mean", mean, 3.0, 0.0125);
    assert_near("variance", variance, 0.25, 0.009);

    let model = noise_model("RandomUniformLike", &[("low", -2.0), ("high", 5.0)]);
    let uniform = &draw(&model, &[40_000], 1)[0].floats;
    let [mean, variance, fourth] = moments(uniform);
    assert_near("mean", mean, 1.5, 0.05);
    assert_near("variance", variance, 49.0 / 12.0, 0.1);
    assert_near("flatness", fourth, 1.8, 0.03);
    assert!(uniform.iter().all(|x| (-2.0..5.0).contains(x)));
}

#[test]
fn an_element_depends_on_its_index_but_not_on_the_shape() {
    let model = noise_model("RandomNormalLike", &[]);
    let [long, _] = draw(&model, &[2, 50, 3], 9);
    for count in [0, 1, 2, 7, 300] {
        let [short, _] = draw(&model, &[1, count], 9);
        assert_eq!(short.floats.len(), count);
        for (short, long) in short.floats.iter().zip(&long.floats) {
            // At the end of an array, cosines are rounded differently.
            assert_near("element", (*short).into(), (*long).into(), 1e-6);
        }
    }
}

/// The generator of the paper, in Rust.
fn squares(counter: u64, start: u64) -> (u32, i64) {
    const KEY: u64 = 0xc58e_fd15_4ce3_2f6d;
    let even = counter.wrapping_mul(KEY).wrapping_add(start);
    let odd = even.wrapping_add(KEY);
    let step = |x: u64, weyl| x.wrapping_mul(x).wrapping_add(weyl);
    let third = [odd, even]
        .iter()
        .fold(step(even, even), |x, &weyl| step(x.rotate_left(32), weyl));
    let fourth = step(third.rotate_left(32), odd);
    let fifth = step(fourth.rotate_left(32), even);
    ((fourth >> 32) as u32, fifth as i64)
}

#[test]
fn the_bits_are_those_of_the_squares_generator() {
    let model = noise_model("RandomNormalLike", &[]);
    for seed in [0, 1, -1, i64::MAX, i64::MIN] {
        let base = squares(seed as u64, 0x243f_6a88_85a3_08d3).1 as u64;
        let base = base.rotate_left(32);
        let drawn = draw(&model, &[10_000], seed);
        for (stream, values) in drawn.iter().enumerate() {
            let start = base.wrapping_add(0xb7e1_5162_8aed_2a6b_u64.wrapping_mul(stream as u64));
            for (counter, pair) in values.floats.chunks(2).enumerate() {
                let (first, second) = squares(counter as u64, start);
                let radius = (-2.0 * ((f64::from(first) + 0.5) / 2_f64.powi(32)).ln()).sqrt();
                let angle = second as f64 * std::f64::consts::PI / 2_f64.powi(63);
                assert_near("cosine", pair[0].into(), radius * angle.cos(), 2e-5);
                assert_near("sine", pair[1].into(), radius * angle.sin(), 2e-5);
            }
        }
    }
}

/// A split voice, loaded, with the outputs of its text part.
struct SplitVoice {
    flow: Model,
    coarse: Model,
    fine: Model,
    interface: Interface,
    text_outputs: Vec<(String, Value)>,
}

impl SplitVoice {
    fn speak(model: &ModelProto, scales: [f32; 3], seed: i64) -> Self {
        let VoiceParts {
            mut text,
            flow,
            coarse,
            fine,
            interface,
        } = onnx::split_voice(model).unwrap();
        assert_eq!(onnx::make_seedable(&mut text), Ok(2));
        Self {
            flow: Model::load(&flow),
            coarse: Model::load(&coarse),
            fine: Model::load(&fine),
            text_outputs: Model::load(&text).speak(scales, Some(seed)),
            interface,
        }
    }

    fn frames(&self) -> usize {
        *value(&self.text_outputs, &self.interface.prior)
            .shape
            .last()
            .unwrap()
    }

    fn side_inputs(
        &self,
        side_inputs: &[SideInput],
        start: usize,
        end: usize,
    ) -> Vec<(String, Value)> {
        let slice = |side_input: &SideInput| {
            let value = value(&self.text_outputs, &side_input.name);
            let value = match side_input.is_per_frame {
                true => value.window(start, end),
                false => value,
            };
            (side_input.name.clone(), value)
        };
        side_inputs.iter().map(slice).collect()
    }

    fn latent(&self, start: usize, end: usize) -> Value {
        let prior = value(&self.text_outputs, &self.interface.prior).window(start, end);
        let side_inputs = self.side_inputs(&self.interface.flow_side_inputs, start, end);
        let mut inputs = vec![(self.interface.prior.as_str(), &prior)];
        inputs.extend(
            side_inputs
                .iter()
                .map(|(name, value)| (name.as_str(), value)),
        );
        self.flow.run_floats(&inputs)
    }

    /// The frames that the two decoders together need on each side.
    fn overlap(&self) -> usize {
        self.interface.coarse_overlap_frames + self.interface.fine_overlap_frames
    }

    /// The samples of the frames from `start` to `end`. The coarse decoder gets
    /// `overlap` more frames on each side. The fine decoder gets all of its
    /// output that is correct, or as much as it needs.
    fn audio(&self, latent: &Value, start: usize, end: usize, overlap: usize) -> Value {
        let Interface {
            positions_per_frame: positions,
            hop,
            ..
        } = self.interface;
        let around = |overlap: usize| {
            let from = start.saturating_sub(overlap);
            (from, (end + overlap).min(self.frames()))
        };
        let (from, to) = around(overlap);
        let (fine_from, fine_to) = around(overlap.min(self.interface.fine_overlap_frames));
        let window = latent.window(from, to);
        let side_inputs = self.side_inputs(&self.interface.decoder_side_inputs, from, to);
        let mut inputs = vec![(self.interface.latent.as_str(), &window)];
        inputs.extend(
            side_inputs
                .iter()
                .map(|(name, value)| (name.as_str(), value)),
        );
        let hidden = self.coarse.run_floats(&inputs);
        let hidden = hidden.window((fine_from - from) * positions, (fine_to - from) * positions);
        self.fine
            .run_floats(&[(self.interface.decoder_hidden.as_str(), &hidden)])
            .window((start - fine_from) * hop, (end - fine_from) * hop)
    }
}

#[test]
fn split_voices_make_exactly_the_samples_of_the_original() {
    for (voice, bytes) in voices() {
        let stock = decode(&bytes);
        let mut whole = stock.clone();
        onnx::make_seedable(&mut whole).unwrap();
        let whole = Model::load(&whole);
        for (scales, seed) in [(QUIET, 0), (LIVELY, 1), (LIVELY, -8)] {
            let parts = SplitVoice::speak(&stock, scales, seed);
            let latent = parts.latent(0, parts.frames());
            assert_eq!(latent.shape, [1, parts.interface.channels, parts.frames()]);
            let audio = parts.audio(&latent, 0, parts.frames(), 0);
            assert_eq!(
                audio.shape.last(),
                Some(&(parts.frames() * parts.interface.hop))
            );
            let expected = value(&whole.speak(scales, Some(seed)), &parts.interface.audio);
            assert!(audio == expected, "{voice}, seed {seed}");
        }
    }
}

#[test]
fn the_encoder_and_the_rest_have_the_outputs_of_the_text_part() {
    for (voice, bytes) in voices() {
        let mut text = onnx::split_voice(&decode(&bytes)).unwrap().text;
        onnx::make_seedable(&mut text).unwrap();
        let whole = Model::load(&text).speak(LIVELY, Some(5));
        let EncoderSplit {
            encoder,
            rest,
            encoded,
        } = onnx::split_encoder(&text).expect("it has an encoder like other voices");
        if !voice.contains("tiny") {
            let nodes = |model: &ModelProto| model.graph.as_ref().unwrap().node.len();
            let larger = nodes(&encoder).max(nodes(&rest));
            assert!(larger * 4 < nodes(&text) * 3, "{voice}: {larger} nodes");
        }
        let encoder = Model::load(&encoder).speak(LIVELY, Some(5));
        let rest = Model::load(&rest).speak_from(&encoder, LIVELY, Some(5));
        assert_eq!(encoder[0].0, encoded);
        assert!(rest == whole, "{voice}");
    }
}

#[test]
fn the_decoders_make_the_same_samples_in_windows() {
    for (voice, bytes) in voices() {
        let parts = SplitVoice::speak(&decode(&bytes), LIVELY, 3);
        let frames = parts.frames();
        let latent = parts.latent(0, frames);
        let whole = parts.audio(&latent, 0, frames, 0);
        let (hop, overlap) = (parts.interface.hop, parts.overlap());
        let worst = |size: usize, overlap| {
            let starts = (0..frames).step_by(size);
            let differences = starts.map(|start| {
                let end = (start + size).min(frames);
                let window = parts.audio(&latent, start, end, overlap);
                window.difference(&whole.window(start * hop, end * hop))
            });
            differences.fold(0.0, f32::max)
        };
        for size in [7, 16, 64] {
            // Matrix products are summed in another order for other sizes.
            assert!(
                worst(size, overlap) < 1e-6,
                "{voice}: {}",
                worst(size, overlap)
            );
        }
        assert!(
            worst(16, overlap / 2) > 1e-5,
            "{voice}: the overlap is longer than necessary"
        );
    }
}

/// How many channels are in a block of ONNX Runtime on this processor.
fn block_size() -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    {
        let is_wide = std::arch::is_x86_feature_detected!("avx512f");
        Some(if is_wide { 16 } else { 8 })
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}

#[test]
fn the_block_size_is_read_from_a_probe_that_onnx_runtime_optimized() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("probe.onnx");
    let probe = onnx::nchwc_probe().encode_to_vec();
    Session::save_optimized(&runtime(), &probe, &file, WeightsLocation::Inline).unwrap();
    let optimized = decode(&std::fs::read(&file).unwrap().into());
    let Some(expected) = block_size() else {
        return skipped("the block size of this processor is not known");
    };
    assert_eq!(onnx::nchwc_block_size(&optimized), Some(expected));
}

#[test]
fn blocked_decoders_make_the_same_samples_in_windows_of_any_size() {
    let Some(block) = block_size() else {
        return skipped("the block size of this processor is not known");
    };
    for (voice, bytes) in voices() {
        let stock = decode(&bytes);
        let VoiceParts { coarse, fine, .. } = onnx::split_voice(&stock).unwrap();
        if voice.contains("tiny") {
            // Its channels do not fill a block.
            assert!(onnx::convert_to_nchwc(&fine, block).is_err());
            continue;
        }
        let mut parts = SplitVoice::speak(&stock, LIVELY, 3);
        let frames = parts.frames();
        let latent = parts.latent(0, frames);
        let plain = parts.audio(&latent, 0, frames, 0);
        let blocked = |part| Model::load(&onnx::convert_to_nchwc(part, block).unwrap());
        (parts.coarse, parts.fine) = (blocked(&coarse), blocked(&fine));
        let blocked = parts.audio(&latent, 0, frames, 0);
        let difference = blocked.difference(&plain);
        assert!(difference < 1e-5, "{voice}: {difference}");
        let (hop, overlap) = (parts.interface.hop, parts.overlap());
        for size in [7, 50] {
            for start in (0..frames).step_by(size) {
                let end = (start + size).min(frames);
                let window = parts.audio(&latent, start, end, overlap);
                assert!(
                    window == blocked.window(start * hop, end * hop),
                    "{voice}: {start}"
                );
            }
        }
    }
}

#[test]
fn the_flow_of_a_prefix_is_the_prefix_of_the_whole_flow() {
    for (voice, bytes) in voices() {
        let parts = SplitVoice::speak(&decode(&bytes), LIVELY, 3);
        let whole = parts.latent(0, parts.frames());
        let overlap = parts.interface.flow_overlap_frames.unwrap();
        let wanted = 27.min(parts.frames());
        let prefix = parts.latent(0, (wanted + overlap).min(parts.frames()));
        let difference = prefix
            .window(0, wanted)
            .difference(&whole.window(0, wanted));
        assert!(difference < 1e-6, "{voice}: {difference}");
        let start = wanted.saturating_sub(overlap);
        let rest = parts.latent(start, parts.frames());
        let rest = rest.window(wanted - start, parts.frames() - start);
        let difference = rest.difference(&whole.window(wanted, parts.frames()));
        assert!(difference < 1e-6, "{voice}: {difference}");
    }
}

#[test]
fn a_voice_with_other_value_names_is_split_the_same_way() {
    let (_, bytes) = voices().swap_remove(1);
    let mut model = decode(&bytes);
    let named = onnx::split_voice(&model).unwrap().interface;
    rename(model.graph.as_mut().unwrap());
    let numbered = onnx::split_voice(&model).unwrap().interface;
    assert!(numbered.prior.parse::<usize>().is_ok());
    assert_eq!(
        numbered.decoder_side_inputs.len(),
        named.decoder_side_inputs.len()
    );
    let strip = |interface: Interface| {
        let overlaps = (
            interface.coarse_overlap_frames,
            interface.fine_overlap_frames,
        );
        (
            interface.channels,
            interface.positions_per_frame,
            interface.hop,
            overlaps,
        )
    };
    assert_eq!(strip(numbered), strip(named));
    let audio = |model: &ModelProto| {
        let parts = SplitVoice::speak(model, LIVELY, 3);
        parts.audio(&parts.latent(0, parts.frames()), 0, parts.frames(), 0)
    };
    assert!(audio(&model) == audio(&decode(&bytes)));
}

/// Replaces the names of inner values by numbers and removes those of nodes, as
/// old exporters do.
fn rename(graph: &mut GraphProto) {
    let fixed: Vec<String> = graph
        .input
        .iter()
        .chain(&graph.output)
        .map(|value| value.name.clone())
        .collect();
    let mut numbers = std::collections::HashMap::new();
    let mut number = |name: &mut String| {
        if !name.is_empty() && !fixed.contains(name) {
            let next = numbers.len() + 1000;
            *name = numbers.entry(name.clone()).or_insert(next).to_string();
        }
    };
    graph
        .initializer
        .iter_mut()
        .for_each(|tensor| number(&mut tensor.name));
    for node in &mut graph.node {
        node.name.clear();
        node.input
            .iter_mut()
            .chain(&mut node.output)
            .for_each(&mut number);
    }
    graph.value_info.clear();
}

#[test]
fn a_voice_of_another_architecture_is_not_split() {
    let model = decode(&built_in().1);
    assert_eq!(
        onnx::split_voice(&model).unwrap_err(),
        SplitError::NoDecoder
    );
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
        let mut model = ModelProto::decode(&include_bytes!("../voices/tiny_multi.onnx")[..]).unwrap();
        for (kind, at, other) in damages {
            damage(model.graph.as_mut().unwrap(), kind, at, other);
        }
        // Any result will do, but no panic, endless loop or exhausted memory.
        _ = onnx::convert_to_nchwc(&model, 8);
        if let Ok(parts) = onnx::split_voice(&model) {
            _ = onnx::convert_to_nchwc(&parts.coarse, 4);
            _ = onnx::convert_to_nchwc(&parts.fine, 4);
        }
        _ = onnx::make_seedable(&mut model);
    }

    #[test]
    fn arbitrary_bytes_are_an_error_or_a_model(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
        cut_at in 0_usize..60_000,
    ) {
        let whole = include_bytes!("../voices/tiny.onnx");
        for bytes in [&bytes[..], &whole[..cut_at.min(whole.len())]] {
            if let Ok(mut model) = ModelProto::decode(bytes) {
                _ = onnx::split_voice(&model);
                _ = onnx::make_seedable(&mut model);
            }
        }
    }
}
