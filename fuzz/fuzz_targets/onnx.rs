#![no_main]
//! Reads an `.onnx` file and applies all rewrites that prepare a voice.

use piper_rs::onnx::{self, proto::ModelProto};

libfuzzer_sys::fuzz_target!(|onnx: &[u8]| {
    if let Ok(mut model) = ModelProto::read(onnx.to_vec().into()) {
        _ = (onnx::embedding_rows(&model), onnx::nchwc_block_size(&model));
        _ = onnx::convert_to_nchwc(&model, 8);
        if let Ok(parts) = onnx::split_voice(&model) {
            _ = onnx::split_encoder(&parts.text);
            _ = onnx::recognize_decoder(&model, &parts.interface);
            _ = onnx::recognize_flow(&model, &parts.interface);
            if let Some(aligner) = onnx::recognize_aligner(&model, &parts.interface) {
                _ = onnx::recognize_encoder(&model, &aligner.encoded);
            }
            _ = [parts.coarse, parts.fine].map(|part| onnx::convert_to_nchwc(&part, 16));
        }
        _ = onnx::split_framewise(&model);
        _ = onnx::add_speed_input(&mut model);
        _ = onnx::make_seedable(&mut model);
    }
});
