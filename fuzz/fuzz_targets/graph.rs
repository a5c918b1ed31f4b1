#![no_main]
//! An `.onnx` file, read and rewritten as for preparing a voice.

use piper_rs::onnx::{self, proto::ModelProto};

libfuzzer_sys::fuzz_target!(|onnx: &[u8]| {
    if let Ok(mut model) = ModelProto::read(onnx.to_vec().into()) {
        _ = (onnx::embedding_rows(&model), onnx::block_size_of(&model));
        _ = onnx::block_decoder(&model, 8);
        if let Ok(parts) = onnx::cut(&model) {
            _ = onnx::split_encoder(&parts.text);
            _ = [parts.coarse, parts.fine].map(|part| onnx::block_decoder(&part, 16));
        }
        _ = onnx::make_seedable(&mut model);
    }
});
