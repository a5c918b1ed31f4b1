//! The name of a prepared voice's folder, made from everything that its files
//! depend on.

use crate::runtime::Runtime;
use crate::voice::content_hash::ContentHash;
use crate::voice::engine::EngineChoice;

/// Must be raised when the files change their form or meaning.
const FORMAT: u32 = 19;

/// What a voice is prepared from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source {
    /// Hash of the stock graph.
    pub(super) content_hash: ContentHash,
    /// Hash of what matters of the config: see
    /// [`config_hash`](crate::voice::loudness::config_hash).
    pub(super) config_hash: ContentHash,
}

/// Returns the name of the folder for a voice of this source, prepared for this
/// ONNX Runtime, or for none, on this kind of processor with this choice of an engine.
pub(super) fn folder_name(
    source: Source,
    runtime: Option<&Runtime>,
    engine: EngineChoice,
) -> String {
    let format = FORMAT.to_le_bytes();
    let cpu = processor_kind();
    let engine = engine.label();
    let parts: [&[u8]; 7] = [
        source.content_hash.as_bytes(),
        source.config_hash.as_bytes(),
        runtime.map_or("", Runtime::version).as_bytes(),
        runtime.map_or("", Runtime::build).as_bytes(),
        cpu.as_bytes(),
        engine.as_bytes(),
        &format,
    ];
    // Half of the hash is enough to tell voices apart, and easier to read.
    ContentHash::of_parts(parts).to_string()[..32].to_owned()
}

/// Returns the kind of this processor: its architecture, and the features that ONNX
/// Runtime's optimizer may use, such as `x86_64 avx avx2 fma`.
///
/// A graph that is optimized for one kind does not run on another, and the last bits of
/// samples may differ.
pub fn processor_kind() -> String {
    #[cfg(target_arch = "x86_64")]
    let features = [
        ("avx", std::arch::is_x86_feature_detected!("avx")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        (
            "avx512vnni",
            std::arch::is_x86_feature_detected!("avx512vnni"),
        ),
        (
            "avx512bf16",
            std::arch::is_x86_feature_detected!("avx512bf16"),
        ),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let features: [(&str, bool); 0] = [];
    let present = features.iter().filter(|(_, present)| *present);
    let names: Vec<_> = present.map(|(name, _)| *name).collect();
    format!("{} {}", std::env::consts::ARCH, names.join(" "))
}
