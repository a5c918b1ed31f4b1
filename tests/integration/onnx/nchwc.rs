//! Decoders in the blocked layout make the samples of the plain ones.

use piper_rs::onnx::{self, VoiceParts};
use piper_rs::runtime::{Optimization, Session, WeightsLocation};
use prost::Message as _;

use super::split::SplitVoice;
use super::{LIVELY, Model, decode, voices};
use crate::scene::{runtime, skipped};

/// How many channels are in a block of ONNX Runtime on this processor.
fn block_size() -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    {
        let is_wide = std::arch::is_x86_feature_detected!("avx512f");
        Some(if is_wide { 16 } else { 8 })
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}

#[test]
fn the_block_size_is_read_from_a_probe_that_onnx_runtime_optimized() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("probe.onnx");
    let probe = onnx::nchwc_probe().encode_to_vec();
    let (weights, optimization) = (WeightsLocation::Inline, Optimization::Full);
    Session::save_optimized(&runtime(), &probe, &file, weights, optimization).unwrap();
    let optimized = decode(&std::fs::read(&file).unwrap().into());
    let Some(expected) = block_size() else {
        return skipped("the block size of this processor is not known");
    };
    assert_eq!(onnx::nchwc_block_size(&optimized), Some(expected));
}

#[test]
fn blocked_decoders_make_the_same_samples_in_windows_of_any_size() {
    let Some(block) = block_size() else {
        return skipped("the block size of this processor is not known");
    };
    for (voice, bytes) in voices() {
        let stock = decode(&bytes);
        let VoiceParts { coarse, fine, .. } = onnx::split_voice(&stock).unwrap();
        if voice.contains("tiny") {
            // Its channels do not fill a block.
            assert!(onnx::convert_to_nchwc(&fine, block).is_err());
            continue;
        }
        let mut parts = SplitVoice::speak(&stock, LIVELY, 3);
        let frames = parts.frames();
        let latent = parts.latent(0, frames);
        let plain = parts.audio(&latent, 0, frames, 0);
        let blocked = |part| Model::load(&onnx::convert_to_nchwc(part, block).unwrap());
        (parts.coarse, parts.fine) = (blocked(&coarse), blocked(&fine));
        let blocked = parts.audio(&latent, 0, frames, 0);
        let difference = blocked.difference(&plain);
        assert!(difference < 1e-5, "{voice}: {difference}");
        let (hop, overlap) = (parts.interface.hop, parts.overlap());
        for size in [7, 50] {
            for start in (0..frames).step_by(size) {
                let end = (start + size).min(frames);
                let window = parts.audio(&latent, start, end, overlap);
                assert!(
                    window == blocked.window(start * hop, end * hop),
                    "{voice}: {start}"
                );
            }
        }
    }
}
