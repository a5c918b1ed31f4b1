//! The text part of a trained voice, and what becomes of it if a node is another one.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::{recognize_aligner, recognize_encoder};
use crate::onnx::proto::{AttributeProto, ModelProto, NodeProto};
use crate::onnx::split::{Interface, split_voice};

/// A trained voice, if `setup/voice.sh` has run.
fn voice() -> Option<(ModelProto, Interface)> {
    let voice = ".deps/voices/en_US-joe-medium.onnx";
    let Ok(bytes) = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(voice)) else {
        assert!(std::env::var_os("CI").is_none(), "{voice} is missing");
        _ = writeln!(std::io::stderr(), "SKIPPED: {voice} is missing");
        return None;
    };
    let voice = ModelProto::read(bytes.into()).unwrap();
    let interface = split_voice(&voice).unwrap().interface;
    Some((voice, interface))
}

#[test]
fn the_text_part_of_a_trained_voice_is_recognized() {
    let Some((voice, interface)) = voice() else {
        return;
    };
    let aligner = recognize_aligner(&voice, &interface).unwrap();
    let architecture = &aligner.architecture;
    assert_eq!(
        (
            architecture.inputs,
            architecture.channels,
            architecture.couplings
        ),
        (192, 192, 3)
    );
    let dilations: Vec<_> = architecture
        .separable
        .iter()
        .map(|layer| layer.dilation)
        .collect();
    assert_eq!(dilations, [1, 3, 9]);
    assert_eq!(
        (architecture.spline.bins, architecture.spline.bound),
        (10, 5.0)
    );
    let encoder = recognize_encoder(&voice, &aligner.encoded)
        .unwrap()
        .architecture;
    assert_eq!((encoder.symbols, encoder.channels), (256, 192));
    assert_eq!((encoder.layers, encoder.heads, encoder.window), (6, 2, 4));
}

/// Another operator for the first node, or for the last one, of a type.
type Change = (&'static str, &'static str, bool);

fn change(voice: &mut ModelProto, (from, to, is_first): Change) {
    let nodes = voice.graph.as_mut().unwrap().node.iter_mut();
    let mut nodes = nodes.filter(|node| node.op_type == from);
    let node: &mut NodeProto = match is_first {
        true => nodes.next().unwrap(),
        false => nodes.last().unwrap(),
    };
    node.op_type = to.to_owned();
}

#[test]
fn any_change_to_the_aligner_makes_it_unknown() {
    let Some((original, interface)) = voice() else {
        return;
    };
    let changes: [Change; 10] = [
        ("Ceil", "Floor", true),
        ("Erf", "Tanh", true),
        ("Erf", "Tanh", false),
        ("Softplus", "Relu", true),
        ("ScatterND", "Sin", false),
        ("GatherElements", "Sin", true),
        ("RandomNormalLike", "RandomUniformLike", true),
        ("RandomNormalLike", "RandomUniformLike", false),
        ("Sqrt", "Abs", false),
        ("CumSum", "Identity", true),
    ];
    for changed in changes {
        let mut voice = original.clone();
        change(&mut voice, changed);
        assert!(
            recognize_aligner(&voice, &interface).is_none(),
            "{changed:?}"
        );
    }
    let mut voice = original;
    let nodes = voice.graph.as_mut().unwrap().node.iter_mut();
    let mut splits = nodes.filter(|node| node.op_type == "Split");
    splits.next().unwrap().attribute = vec![AttributeProto::int("axis", 2)];
    assert!(recognize_aligner(&voice, &interface).is_none());
}

#[test]
fn any_change_to_the_encoder_makes_it_unknown() {
    let Some((original, interface)) = voice() else {
        return;
    };
    let encoded = recognize_aligner(&original, &interface).unwrap().encoded;
    let changes: [Change; 6] = [
        ("Relu", "Tanh", true),
        ("Softmax", "Sigmoid", true),
        ("MatMul", "Mod", true),
        ("Where", "Sin", true),
        ("Sqrt", "Abs", true),
        ("Pad", "Sin", true),
    ];
    for changed in changes {
        let mut voice = original.clone();
        change(&mut voice, changed);
        assert!(recognize_encoder(&voice, &encoded).is_none(), "{changed:?}");
    }
}

#[test]
fn a_random_node_without_outputs_only_counts() {
    let Some((mut voice, interface)) = voice() else {
        return;
    };
    let streams = |voice: &ModelProto| {
        let aligner = recognize_aligner(voice, &interface).unwrap();
        aligner.architecture.streams
    };
    let [durations, prior] = streams(&voice);
    let random = NodeProto {
        op_type: "RandomNormalLike".to_owned(),
        ..NodeProto::default()
    };
    voice.graph.as_mut().unwrap().node.insert(0, random);
    assert_eq!(streams(&voice), [durations + 1, prior + 1]);
}

#[test]
fn distances_of_more_channels_than_there_are_make_an_encoder_unknown() {
    let Some((mut voice, interface)) = voice() else {
        return;
    };
    let encoded = recognize_aligner(&voice, &interface).unwrap().encoded;
    let tensors = voice.graph.as_mut().unwrap().initializer.iter_mut();
    let distances = tensors.filter(|tensor| tensor.dims == [1, 9, 96]);
    let changed = distances.map(|tensor| tensor.dims = vec![1, 1, 9 * 96]);
    assert_eq!(changed.count(), 12);
    assert!(recognize_encoder(&voice, &encoded).is_none());
}
