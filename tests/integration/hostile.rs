//! Voices made to do harm: each ends in words, within bounded memory.
//!
//! `fuzz/` looks for more of their kind.

use piper_rs::graph::proto::{
    DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, TensorType, TypeProto, TypeValue, ValueInfoProto,
};
use prost::Message as _;

use crate::scene::Scene;

/// More than any of these takes, less than what they ask for.
const SPEAK: &str = "ulimit -v 8000000; piper-rs speak -m ./v.onnx -o x.wav Hello.";

/// A scene with the tiny voice as `v.onnx`.
fn scene() -> Scene {
    let scene = Scene::new();
    scene
        .sh("cp $PIPER_VOICE_DIR/tiny.onnx v.onnx; cp $PIPER_VOICE_DIR/tiny.onnx.json v.onnx.json")
        .ok();
    scene
}

fn tiny() -> ModelProto {
    ModelProto::decode(&include_bytes!("../voices/tiny.onnx")[..]).unwrap()
}

fn node(op_type: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output: vec![output.to_owned()],
        op_type: op_type.to_owned(),
        ..NodeProto::default()
    }
}

fn ints(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        data_type: DataType::Int64 as i32,
        dims: vec![values.len() as i64],
        int64_data: values.to_vec(),
        ..TensorProto::default()
    }
}

fn value(name: &str, elem_type: DataType) -> ValueInfoProto {
    let tensor = TensorType {
        elem_type: elem_type as i32,
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

/// A graph with a voice's inputs and nothing else of a voice.
fn model(node: Vec<NodeProto>, initializer: Vec<TensorProto>) -> ModelProto {
    let inputs = [
        ("input", DataType::Int64),
        ("input_lengths", DataType::Int64),
        ("scales", DataType::Float),
    ];
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: 15,
        }],
        graph: Some(GraphProto {
            name: "hostile".to_owned(),
            input: inputs.map(|(name, elem)| value(name, elem)).to_vec(),
            output: vec![value("output", DataType::Float)],
            node,
            initializer,
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    }
}

fn refused(name: &str, model: &[u8], words: &str) {
    let scene = scene();
    scene.write("v.onnx", model);
    let run = scene.sh(SPEAK);
    assert_eq!(run.code, Some(1), "{name}: {}", run.stderr);
    run.says(&[words]);
    assert!(!scene.path("x.wav").exists(), "{name}");
}

#[test]
fn a_voice_of_countless_nodes_is_refused() {
    // Two bytes each: a node's number in a graph, and its length.
    let nodes = [0x0a, 0].repeat(30_000_000);
    let mut file = vec![0x3a];
    prost::encoding::encode_varint(nodes.len() as u64, &mut file);
    file.extend(nodes);
    refused("nodes", &file, "far more nodes and values than any voice");
}

#[test]
fn weights_are_not_looked_for_in_other_files() {
    let mut hostile = tiny();
    let weights = &mut hostile.graph.as_mut().unwrap().initializer[0];
    weights.raw_data = None;
    weights.data_location = 1;
    for place in ["beside.bin", "/etc/passwd", "../../../../etc/passwd"] {
        hostile.graph.as_mut().unwrap().initializer[0].external_data =
            vec![StringStringEntryProto {
                key: "location".to_owned(),
                value: place.to_owned(),
            }];
        let scene = scene();
        scene.write("v.onnx", hostile.encode_to_vec());
        scene.write("beside.bin", vec![0; 100_000]);
        let named = format!("another file, `{place}`");
        scene.sh(SPEAK).exits(1).says(&["bad voice model", &named]);
    }
}

#[test]
fn a_graph_that_wants_all_memory_fails() {
    let fill = model(
        vec![node("ConstantOfShape", &["shape"], "output")],
        vec![ints("shape", &[1 << 42])],
    );
    refused("fill", &fill.encode_to_vec(), "the voice model failed");
}

#[test]
fn a_file_far_too_large_is_not_read() {
    let scene = scene();
    scene.sh("truncate -s 1T v.onnx").ok();
    scene
        .sh(SPEAK)
        .exits(1)
        .says(&["bad voice model ./v.onnx: 1099511627776 bytes"]);
}

#[test]
fn parts_that_do_not_agree_on_the_length_are_run_whole() {
    let mut hostile = tiny();
    let graph = hostile.graph.as_mut().unwrap();
    // Half of the latent is lost between the flow and the decoder.
    let is_up = |node: &NodeProto| node.op_type == "ConvTranspose";
    let up = graph.node.iter().position(is_up).unwrap();
    let is_conv = |node: &NodeProto| node.op_type == "Conv";
    let entry = graph.node[..up].iter().rposition(is_conv).unwrap();
    let latent = graph.node[entry].input[0].clone();
    let cut = ["from", "to", "axis", "step"].map(|name| format!("cut/{name}"));
    let [from, to, axis, step] = cut.each_ref().map(String::as_str);
    let every_second = node("Slice", &[&latent, from, to, axis, step], "cut/latent");
    graph.node[entry].input[0] = "cut/latent".to_owned();
    graph.node.insert(entry, every_second);
    for (name, number) in cut.iter().zip([0, i64::MAX, 2, 2]) {
        graph.initializer.push(ints(name, &[number]));
    }
    let scene = scene();
    scene.write("v.onnx", hostile.encode_to_vec());
    scene.sh(SPEAK).ok();
    assert!(!scene.wav("x.wav").samples.is_empty());
}

#[test]
fn absurd_numbers_in_a_config_are_refused() {
    for (from, to, words) in [
        (
            "\"sample_rate\": *[0-9]*",
            "\"sample_rate\": 0",
            "`audio.sample_rate` is 0",
        ),
        (
            "\"sample_rate\": *[0-9]*",
            "\"sample_rate\": 4000000000",
            "`audio.sample_rate` is 4000000000",
        ),
        (
            "\"num_speakers\": *[0-9]*",
            "\"num_speakers\": 1000000000",
            "`num_speakers` is 1000000000, more than any voice has",
        ),
    ] {
        let scene = scene();
        scene
            .sh(&format!("sed -i 's/{from}/{to}/' v.onnx.json"))
            .ok();
        scene
            .sh(SPEAK)
            .exits(1)
            .says(&["bad voice config ./v.onnx.json", words]);
    }
}
