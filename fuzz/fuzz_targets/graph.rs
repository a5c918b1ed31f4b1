#![no_main]
//! An `.onnx` file, read and rewritten as for preparing a voice.

use piper_rs::graph::{self, proto::ModelProto};

libfuzzer_sys::fuzz_target!(|onnx: &[u8]| {
    if let Ok(mut model) = ModelProto::read(onnx.to_vec().into()) {
        _ = (graph::embedding_rows(&model), graph::block_size_of(&model));
        _ = graph::block_decoder(&model, 8);
        if let Ok(parts) = graph::cut(&model) {
            _ = graph::split_encoder(&parts.text);
            _ = [parts.coarse, parts.fine].map(|part| graph::block_decoder(&part, 16));
        }
        _ = graph::make_seedable(&mut model);
    }
});
