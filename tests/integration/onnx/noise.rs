//! Seeded noise: its statistics, and that it depends on the seed alone.

use piper_rs::onnx::proto::{
    AttributeProto, AttributeType, DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorType, TypeProto, TypeValue, ValueInfoProto,
};
use piper_rs::onnx::{self, SEED_INPUT};
use piper_rs::runtime::Tensor;

use super::{LIVELY, Model, QUIET, Value, built_in, decode, value, voices};

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
