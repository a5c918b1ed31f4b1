//! Rewrites a voice model: `cargo run --example rewrite -- seed IN.onnx OUT.onnx`.
//!
//! `split` writes `OUT.onnx.text.onnx`, `.flow.onnx`, `.coarse.onnx`, `.fine.onnx` and
//! `.json`.

use std::fs;

use anyhow::{Context as _, bail};
use piper_rs::onnx::{self, proto::ModelProto};
use prost::Message as _;
use prost::bytes::Bytes;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, from, to] = arguments.as_slice() else {
        bail!("usage: rewrite copy|seed|split|nchwc8|nchwc16 IN.onnx OUT.onnx");
    };
    let bytes = Bytes::from(fs::read(from).context("cannot read the model")?);
    let mut model = ModelProto::read(bytes).context("not an ONNX model")?;
    match what.as_str() {
        "copy" => {}
        "split" => {
            let onnx::VoiceParts {
                mut text,
                flow,
                coarse,
                fine,
                interface,
            } = onnx::split_voice(&model)?;
            onnx::make_seedable(&mut text)?;
            let parts = [
                ("text", text),
                ("flow", flow),
                ("coarse", coarse),
                ("fine", fine),
            ];
            for (name, part) in parts {
                fs::write(format!("{to}.{name}.onnx"), part.encode_to_vec())?;
            }
            return Ok(fs::write(
                format!("{to}.json"),
                serde_json::to_vec(&interface)?,
            )?);
        }
        "nchwc8" => model = onnx::convert_to_nchwc(&model, 8)?,
        "nchwc16" => model = onnx::convert_to_nchwc(&model, 16)?,
        "seed" => drop(onnx::make_seedable(&mut model)?),
        _ => bail!("unknown rewrite `{what}`"),
    }
    fs::write(to, model.encode_to_vec()).context("cannot write the model")
}
