//! Rewrites a voice model: `cargo run --example rewrite -- seed IN.onnx OUT.onnx`.
//!
//! `split` writes the parts of the voice to `OUT.onnx.text.onnx`, `.flow.onnx`,
//! `.coarse.onnx` and `.fine.onnx`, and their interface to `.json`.

use std::fs;

use anyhow::{Context as _, bail};
use piper_rs::onnx::{self, proto::ModelProto};
use prost::Message as _;
use prost::bytes::Bytes;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rewrite, from, to] = arguments.as_slice() else {
        bail!("usage: rewrite copy|seed|speed|split|nchwc8|nchwc16 IN.onnx OUT.onnx");
    };
    let bytes = Bytes::from(fs::read(from).context("cannot read the model")?);
    let mut model = ModelProto::read(bytes).context("not a usable ONNX model")?;
    match rewrite.as_str() {
        "copy" => {}
        "split" => return write_parts(onnx::split_voice(&model)?, to),
        "nchwc8" => model = onnx::convert_to_nchwc(&model, 8)?,
        "nchwc16" => model = onnx::convert_to_nchwc(&model, 16)?,
        "speed" => onnx::add_speed_input(&mut model)?,
        "seed" => drop(onnx::make_seedable(&mut model)?),
        _ => bail!("unknown rewrite `{rewrite}`"),
    }
    fs::write(to, model.encode_to_vec()).context("cannot write the model")
}

fn write_parts(mut parts: onnx::VoiceParts, to: &str) -> anyhow::Result<()> {
    onnx::add_speed_input(&mut parts.text)?;
    onnx::make_seedable(&mut parts.text)?;
    let models = [
        ("text", parts.text),
        ("flow", parts.flow),
        ("coarse", parts.coarse),
        ("fine", parts.fine),
    ];
    for (name, model) in models {
        fs::write(format!("{to}.{name}.onnx"), model.encode_to_vec())?;
    }
    let interface = serde_json::to_vec(&parts.interface)?;
    fs::write(format!("{to}.json"), interface).context("cannot write the interface")
}
