//! Voices that divide the durations of their ids by a speed.

use piper_rs::onnx::proto::{
    DataType, GraphProto, ModelProto, NodeProto, TensorType, TypeProto, TypeValue, ValueInfoProto,
};
use piper_rs::onnx::{self, DURATIONS_OUTPUT, DurationsError, SPEED_INPUT};

use super::{LIVELY, Model, Value, built_in, decode, value, voices};

const SPEEDS: [f32; 9] = [0.25, 0.5, 0.8, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0];

/// The names of the durations, before and after the division.
fn durations(graph: &GraphProto) -> [String; 2] {
    let nodes = graph.node.iter();
    let added: Vec<&NodeProto> = nodes
        .filter(|node| node.name.starts_with(SPEED_INPUT))
        .collect();
    let sum = added.iter().find(|node| node.op_type == "CumSum");
    [&sum.unwrap().input[0], &added.last().unwrap().output[0]].map(Clone::clone)
}

fn graph(model: &mut ModelProto) -> &mut GraphProto {
    model.graph.as_mut().unwrap()
}

/// A seedable voice with the input for the speed, whose durations, before and
/// after the division, are outputs.
struct Voice {
    model: Model,
    natural: String,
    spoken: String,
}

impl Voice {
    fn new(mut model: ModelProto) -> Self {
        onnx::add_speed_input(&mut model).unwrap();
        onnx::make_seedable(&mut model).unwrap();
        let graph = graph(&mut model);
        let [natural, spoken] = durations(graph);
        graph
            .output
            .extend([&natural, &spoken].map(|name| float(name)));
        Self {
            model: Model::load(&model),
            natural,
            spoken,
        }
    }

    fn speak(&self, speed: f32) -> Vec<(String, Value)> {
        let speed = Value {
            shape: vec![1],
            floats: vec![speed],
        };
        let speed = (SPEED_INPUT.to_owned(), speed);
        self.model.speak_from(&[speed], LIVELY, Some(1))
    }
}

fn float(name: &str) -> ValueInfoProto {
    let tensor = TensorType {
        elem_type: DataType::Float as i32,
        shape: None,
    };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            value: Some(TypeValue::Tensor(tensor)),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    }
}

#[test]
fn at_speed_1_no_sample_changes() {
    for (voice, bytes) in voices().into_iter().chain([built_in()]) {
        let mut stock = decode(&bytes);
        onnx::make_seedable(&mut stock).unwrap();
        let stock = Model::load(&stock).speak(LIVELY, Some(1));
        let same = Voice::new(decode(&bytes)).speak(1.0);
        assert!(value(&same, "output") == value(&stock, "output"), "{voice}");
    }
}

#[test]
fn declared_durations_are_those_that_are_spoken_and_change_no_sample() {
    for (voice, bytes) in voices().into_iter().chain([built_in()]) {
        let mut stock = decode(&bytes);
        onnx::make_seedable(&mut stock).unwrap();
        let stock = Model::load(&stock).speak(LIVELY, Some(1));
        let mut declared = decode(&bytes);
        onnx::declare_durations(&mut declared).unwrap();
        let before = declared.clone();
        onnx::declare_durations(&mut declared).unwrap();
        assert!(declared == before, "a second call changes nothing");
        let voice_with_both = Voice::new(declared);
        for speed in [1.0, 0.7] {
            let values = voice_with_both.speak(speed);
            let [spoken, told] = [&*voice_with_both.spoken, DURATIONS_OUTPUT]
                .map(|name| value(&values, name).floats);
            assert_eq!(told, spoken, "{voice} at speed {speed}");
            if speed == 1.0 {
                assert!(
                    value(&values, "output") == value(&stock, "output"),
                    "{voice}"
                );
            }
        }
    }
}

#[test]
fn the_rounding_is_carried_so_that_the_sentence_has_the_right_length() {
    for (voice, bytes) in voices().into_iter().chain([built_in()]) {
        let model = Voice::new(decode(&bytes));
        let length = |values: &[(String, Value)]| value(values, "output").floats.len() as f64;
        let at_1 = length(&model.speak(1.0));
        for speed in SPEEDS {
            let values = model.speak(speed);
            let [natural, spoken] =
                [&model.natural, &model.spoken].map(|name| value(&values, name).floats);
            let what = format!("{voice} at speed {speed}");
            assert_eq!(natural.len(), spoken.len(), "{what}");
            let is_frames = |frames: &&f32| **frames >= 0.0 && frames.fract() == 0.0;
            assert_eq!(
                spoken.iter().filter(is_frames).count(),
                spoken.len(),
                "{what}"
            );
            let (mut end, mut spoken_end) = (0.0, 0.0);
            for (natural, spoken) in natural.iter().zip(&spoken) {
                (end, spoken_end) = (end + natural, spoken_end + spoken);
                // An id ends where it would without rounding, to a frame.
                assert!((spoken_end - end / speed).abs() <= 1.0, "{what}");
            }
            assert_eq!(spoken_end, (end / speed).round_ties_even(), "{what}");
            // The built-in voice adds 480 samples to each sentence.
            let ratio = at_1 / length(&values) / f64::from(speed);
            assert!((ratio - 1.0).abs() < 0.05, "{what}: {ratio}");
        }
    }
}

#[test]
fn the_shortest_sentence_keeps_a_frame() {
    let mut model = decode(&voices()[0].1);
    // Every id is silent but one, which lasts a frame.
    let frames = [0.0, 1.0, 0.0];
    onnx::add_speed_input(&mut model).unwrap();
    let graph = graph(&mut model);
    graph.node.retain(|node| node.name.starts_with(SPEED_INPUT));
    let [natural, spoken] = durations(graph);
    graph.input = vec![float(&natural), float(SPEED_INPUT)];
    graph.output = vec![float(&spoken)];
    graph.initializer.clear();
    let model = Model::load(&model);
    for speed in SPEEDS {
        let inputs = [
            (natural.as_str(), frames.to_vec(), vec![1, 1, 3]),
            (SPEED_INPUT, vec![speed], vec![1]),
        ];
        let inputs = inputs.map(|(name, floats, shape)| (name, Value { shape, floats }));
        let inputs: Vec<_> = inputs.iter().map(|(name, value)| (*name, value)).collect();
        let spoken = model.run_floats(&inputs).floats;
        assert!(
            spoken[1] >= 1.0 && spoken[0] == 0.0 && spoken[2] == 0.0,
            "{spoken:?}"
        );
    }
}

#[test]
fn a_graph_without_durations_stays_as_it_is() {
    let stock = decode(&voices()[0].1);
    let without = |op_type: &str| {
        let mut model = stock.clone();
        graph(&mut model)
            .node
            .retain(|node| node.op_type != op_type);
        model
    };
    let mut twice = stock.clone();
    onnx::add_speed_input(&mut twice).unwrap();
    let taken = DurationsError::NameTaken {
        name: format!("{SPEED_INPUT}/0"),
    };
    let cases = [
        (ModelProto::default(), DurationsError::NoGraph),
        (without("CumSum"), DurationsError::NoDurations),
        (without("Ceil"), DurationsError::NoDurations),
        (without("Less"), DurationsError::NoDurations),
        (twice, taken),
    ];
    for (mut model, error) in cases {
        let before = model.clone();
        assert_eq!(onnx::add_speed_input(&mut model), Err(error));
        assert!(model == before);
    }
}

#[test]
fn durations_are_found_whatever_the_values_are_called() {
    let mut model = decode(&voices()[0].1);
    let graph_ = graph(&mut model);
    for node in &mut graph_.node {
        for name in node.input.iter_mut().chain(&mut node.output) {
            *name = name
                .replace("CumSum", "a")
                .replace("Ceil", "b")
                .replace("Less", "c");
        }
        node.name.clear();
    }
    assert_eq!(onnx::add_speed_input(&mut model), Ok(()));
}
