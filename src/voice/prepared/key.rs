//! What a prepared voice depends on, as the name of its folder.

use crate::runtime::Runtime;
use crate::voice::content_hash::ContentHash;

/// Raised whenever what is written changes its form or meaning.
const FORMAT: u32 = 4;

/// Returns the name of the folder for a voice with this content, prepared by
/// this ONNX Runtime on this kind of processor.
pub(super) fn folder_name(content: ContentHash, runtime: &Runtime) -> String {
    let format = FORMAT.to_le_bytes();
    let cpu = cpu_features();
    let parts: [&[u8]; 5] = [
        content.as_bytes(),
        runtime.version().as_bytes(),
        runtime.build().as_bytes(),
        cpu.as_bytes(),
        &format,
    ];
    // Half of the hash tells voices apart, and is easier on the eye.
    ContentHash::of_parts(parts).to_string()[..32].to_owned()
}

/// Names what ONNX Runtime's optimiser may make use of: a graph laid out for
/// one kind of processor does not run on another.
fn cpu_features() -> String {
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
