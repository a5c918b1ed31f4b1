//! How much memory a voice takes.

/// What a voice is reckoned to take beside its weights: the original design's
/// number.
const OVERHEAD_BYTES: u64 = 50 * 1000 * 1000;

/// Returns what a voice of that file size is reckoned to take, before anybody
/// has measured: the original design's rule, meant to be on the safe side.
pub(super) fn estimate(model_bytes: u64) -> u64 {
    model_bytes.saturating_mul(2).saturating_add(OVERHEAD_BYTES)
}

/// Returns how much memory of its own the process has in use, where the
/// system tells: on Linux.
///
/// Pages of files are left out: the first voice to load would be charged for
/// ONNX Runtime's code, and weights that are mapped come in when they are used.
pub(super) fn in_use() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    anonymous_bytes(&status)
}

fn anonymous_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("RssAnon:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Returns what a voice takes: `mapped` bytes of files, and that by which
/// memory grew from `before` to `after` while it was loaded, if that can be the
/// voice.
///
/// The whole process is measured. Growth by less than the weights means that freed
/// memory was used again; more than twice the estimate, that another thread
/// was at work.
pub(super) fn measured(
    before: Option<u64>,
    after: Option<u64>,
    mapped: u64,
    model_bytes: u64,
) -> Option<u64> {
    let taken = after?.saturating_sub(before?).saturating_add(mapped);
    let taken = match mapped {
        0 => taken,
        // Little is not mapped, and where that went hardly matters.
        _ => taken.max(model_bytes),
    };
    let credible = model_bytes.max(1)..=estimate(model_bytes).saturating_mul(2);
    credible.contains(&taken).then_some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1000 * 1000;

    #[test]
    fn the_estimate_is_twice_the_file_and_fifty_megabytes() {
        assert_eq!(estimate(63 * MB), 176 * MB);
        assert_eq!(estimate(u64::MAX), u64::MAX);
    }

    #[test]
    fn only_credible_measurements_are_taken() {
        let cases = [
            (Some(10), Some(90), 0, Some(80)),
            (Some(10), Some(20), 55, Some(65)),
            (Some(10), Some(69), 0, None), // the file alone is 60
            (Some(10), Some(351), 0, None),
            (Some(90), Some(10), 0, None),
            (Some(90), Some(10), 55, Some(60)),
            (None, Some(90), 0, None),
            (Some(10), None, 55, None),
        ];
        for (before, after, mapped, expected) in cases {
            let [before, after] = [before, after].map(|mb| mb.map(|mb: u64| mb * MB));
            let expected = expected.map(|mb: u64| mb * MB);
            assert_eq!(
                measured(before, after, mapped * MB, 60 * MB),
                expected,
                "{before:?} {after:?} {mapped}"
            );
        }
    }

    #[test]
    fn memory_is_read_from_what_linux_tells() {
        let status = "VmRSS:\t  9000 kB\nRssAnon:\t    1234 kB\nRssFile:\t 7000 kB\n";
        assert_eq!(anonymous_bytes(status), Some(1234 * 1024));
        assert_eq!(anonymous_bytes("VmRSS:\t 9000 kB\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_sees_its_own_memory_grow() {
        let before = in_use().unwrap();
        let block = vec![1u8; 64 << 20];
        let after = in_use().unwrap();
        assert!(block.iter().all(|byte| *byte == 1));
        // Other tests run beside this one, so only a loose bound holds.
        assert!(after.saturating_sub(before) > 32 << 20);
    }
}
