//! Hostile voices: graphs and configs that try to read files, exhaust memory or
//! never end. Each gives an error that names the voice.
//!
//! `fuzz/` looks for more of them.

use std::collections::BTreeMap;

use piper_rs::onnx::proto::{
    AttributeProto, AttributeType, DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, TensorProto, TensorType, TypeProto, TypeValue, ValueInfoProto,
};
use prost::Message as _;
use prost::bytes::Bytes;
use serde_json::json;

use crate::scene::{Run, Scene, root};

fn value(name: &str, elem_type: DataType) -> ValueInfoProto {
    let elem_type = elem_type as i32;
    let tensor = TypeValue::Tensor(TensorType {
        elem_type,
        shape: None,
    });
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            value: Some(tensor),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    }
}

/// A graph with Piper's inputs and output, which does what `nodes` do.
fn graph(nodes: Vec<NodeProto>, initializer: Vec<TensorProto>) -> ModelProto {
    let graph = GraphProto {
        node: nodes,
        name: "hostile".to_owned(),
        initializer,
        input: vec![
            value("input", DataType::Int64),
            value("input_lengths", DataType::Int64),
            value("scales", DataType::Float),
        ],
        output: vec![value("output", DataType::Float)],
        ..GraphProto::default()
    };
    ModelProto {
        ir_version: 8,
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: 15,
        }],
        ..ModelProto::default()
    }
}

fn node(op_type: &str, inputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: op_type.to_owned(),
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output: vec!["output".to_owned()],
        ..NodeProto::default()
    }
}

fn floats(name: &str, values: &[f32]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: vec![values.len() as i64],
        data_type: DataType::Float as i32,
        float_data: values.to_vec(),
        ..TensorProto::default()
    }
}

fn ints(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: vec![values.len() as i64],
        data_type: DataType::Int64 as i32,
        int64_data: values.to_vec(),
        ..TensorProto::default()
    }
}

/// A graph that returns `count` samples, each `sample`.
fn samples(sample: f32, count: i64) -> ModelProto {
    let constants = vec![
        floats("sample", &[sample]),
        ints("shape", &[1, 1, 1, count]),
    ];
    graph(vec![node("Expand", &["sample", "shape"])], constants)
}

/// A graph whose weights are in the file `secret` in the current folder.
fn reads_a_file() -> ModelProto {
    let entry = |key: &str, value: &str| StringStringEntryProto {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let weights = TensorProto {
        name: "weights".to_owned(),
        dims: vec![4096],
        data_type: DataType::Float as i32,
        external_data: vec![entry("location", "secret"), entry("length", "16384")],
        data_location: 1,
        ..TensorProto::default()
    };
    graph(vec![node("Identity", &["weights"])], vec![weights])
}

/// A graph with an endless loop.
fn loops() -> ModelProto {
    let name = |name: &str| vec![name.to_owned()];
    let same = |from: &str, to: &str| NodeProto {
        op_type: "Identity".to_owned(),
        input: name(from),
        output: name(to),
        ..NodeProto::default()
    };
    let body = GraphProto {
        name: "body".to_owned(),
        node: vec![same("go_on", "still"), same("before", "after")],
        input: vec![
            value("turn", DataType::Int64),
            value("go_on", DataType::Bool),
            value("before", DataType::Float),
        ],
        output: vec![
            value("still", DataType::Bool),
            value("after", DataType::Float),
        ],
        ..GraphProto::default()
    };
    let endless = NodeProto {
        attribute: vec![AttributeProto {
            name: "body".to_owned(),
            g: Some(Box::new(body)),
            r#type: AttributeType::Graph as i32,
            ..AttributeProto::default()
        }],
        ..node("Loop", &["turns", "yes", "scales"])
    };
    let yes = TensorProto {
        name: "yes".to_owned(),
        data_type: DataType::Bool as i32,
        raw_data: Some(Bytes::from_static(&[1])),
        ..TensorProto::default()
    };
    graph(vec![endless], vec![ints("turns", &[i64::MAX]), yes])
}

#[test]
fn a_hostile_graph_ends_in_an_error_that_names_it() {
    let cases = BTreeMap::from([
        (
            "file",
            (reads_a_file(), "weights `weights` are in another file"),
        ),
        ("loop", (loops(), "it has a Loop node")),
        (
            "nan",
            (
                samples(f32::NAN, 9000),
                "samples that are not finite numbers",
            ),
        ),
        (
            "infinite",
            (
                samples(f32::INFINITY, 9000),
                "samples that are not finite numbers",
            ),
        ),
        // An hour and a half of audio; more memory than any machine has.
        (
            "long",
            (
                samples(0.1, (1 << 27) + 1),
                "134217729 samples for one sentence",
            ),
        ),
        (
            "endless",
            (samples(0.1, 1 << 44), "more memory than there is"),
        ),
    ]);
    let scene = Scene::new();
    std::fs::create_dir(scene.path("v")).unwrap();
    scene.write("secret", vec![7; 16384]);
    for (name, (graph, says)) in cases {
        scene.write(&format!("v/{name}.onnx"), graph.encode_to_vec());
        let config = root().join("tests/voices/tiny.onnx.json");
        std::fs::copy(config, scene.path(&format!("v/{name}.onnx.json"))).unwrap();
        let line = format!("piper-rs speak --data-dir v -m {name} -o out.wav Hello.");
        scene.sh(&line).exits(1).says(&["piper-rs: ", says]);
        assert!(!scene.path("out.wav").exists(), "{name}");
        let line = format!("piper-rs voices verify -q --data-dir v {name}");
        let run = scene.sh(&line).exits(1);
        let (start, text) = (format!("bad  {name}: "), run.text());
        assert!(text.starts_with(&start) && text.contains(says), "{text}");
    }
}

#[test]
fn a_hostile_config_ends_in_an_error_that_names_it() {
    let voices = root().join("tests/voices");
    let tiny = std::fs::read_to_string(voices.join("tiny.onnx.json")).unwrap();
    let tiny: serde_json::Value = serde_json::from_str(&tiny).unwrap();
    let many: BTreeMap<_, _> = (0..100_000).map(|n| (format!("s{n}"), [n % 200])).collect();
    let cases = [
        (
            "/phoneme_id_map/_",
            json!(vec![0; 9]),
            "has 9 ids for `_`; the limit is 8",
        ),
        ("/phoneme_id_map", json!(many), "no usable id for"),
        (
            "/audio/sample_rate",
            json!(u32::MAX),
            "`audio.sample_rate` is 4294967295",
        ),
        (
            "/espeak/voice",
            json!("../../x"),
            "espeak-ng has no voice `../../x`",
        ),
        ("/audio/quality", json!(7), "not a Piper config"),
        (
            "/num_speakers",
            json!(1_000_000_000),
            "`num_speakers` is 1000000000, more than any voice has",
        ),
        (
            "/espeak/voice",
            json!("x".repeat(100_000)),
            &format!("espeak-ng has no voice `{}`", "x".repeat(64)),
        ),
        // Without control characters, which a terminal would execute.
        (
            "/espeak/voice",
            json!("\u{1b}[31mred"),
            "espeak-ng has no voice `[31mred`",
        ),
    ];
    let scene = Scene::new();
    std::fs::copy(voices.join("tiny.onnx"), scene.path("v.onnx")).unwrap();
    for (place, value, says) in cases {
        let mut config = tiny.clone();
        *config.pointer_mut(place).unwrap() = value;
        scene.write("v.onnx.json", config.to_string());
        let run = scene.sh("piper-rs speak -m ./v.onnx -o out.wav Hello.");
        run.exits(1).says(&[says]);
        let run = scene.sh("piper-rs voices verify -q ./v.onnx").exits(1);
        assert!(run.text().contains(says), "{}", run.text());
    }
}

/// Writes `model` to `v.onnx` and speaks with it within bounded memory. Returns
/// the result and its folder.
fn speak_with(model: &[u8]) -> (Scene, Run) {
    let scene = Scene::new();
    let config = root().join("tests/voices/tiny.onnx.json");
    std::fs::copy(config, scene.path("v.onnx.json")).unwrap();
    scene.write("v.onnx", model);
    let run = scene.sh("ulimit -v 8000000; piper-rs speak -m ./v.onnx -o x.wav Hello.");
    (scene, run)
}

#[test]
fn a_voice_with_too_many_nodes_is_refused() {
    // Two bytes per node: the tag of the field, and its length.
    let nodes = [0x0a, 0].repeat(30_000_000);
    let mut file = vec![0x3a];
    prost::encoding::encode_varint(nodes.len() as u64, &mut file);
    file.extend(nodes);
    let (_, run) = speak_with(&file);
    run.exits(1)
        .says(&["far more nodes and values than any voice"]);
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let (scene, _) = speak_with(&[]);
    scene.sh("truncate -s 1T v.onnx").ok();
    scene
        .sh("piper-rs speak -m ./v.onnx -o x.wav Hello.")
        .exits(1)
        .says(&["bad voice model ./v.onnx: 1099511627776 bytes"]);
}

#[test]
fn a_voice_whose_parts_disagree_on_the_length_is_run_unsplit() {
    let tiny = std::fs::read(root().join("tests/voices/tiny.onnx")).unwrap();
    let mut hostile = ModelProto::read(tiny.into()).unwrap();
    let graph = hostile.graph.as_mut().unwrap();
    // Half of the latent is lost between the flow and the decoder.
    let is_up = |node: &NodeProto| node.op_type == "ConvTranspose";
    let up = graph.node.iter().position(is_up).unwrap();
    let is_conv = |node: &NodeProto| node.op_type == "Conv";
    let entry = graph.node[..up].iter().rposition(is_conv).unwrap();
    let latent = graph.node[entry].input[0].clone();
    let cut = ["from", "to", "axis", "step"].map(|name| format!("cut/{name}"));
    let [from, to, axis, step] = cut.each_ref().map(String::as_str);
    let every_second = NodeProto {
        output: vec!["cut/latent".to_owned()],
        ..node("Slice", &[&latent, from, to, axis, step])
    };
    graph.node[entry].input[0] = "cut/latent".to_owned();
    graph.node.insert(entry, every_second);
    for (name, number) in cut.iter().zip([0, i64::MAX, 2, 2]) {
        graph.initializer.push(ints(name, &[number]));
    }
    let (scene, run) = speak_with(&hostile.encode_to_vec());
    run.ok();
    assert!(!scene.wav("x.wav").samples.is_empty());
}
