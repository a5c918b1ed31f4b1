//! What this process has used up, as the system tells.

use std::time::Duration;

/// Returns the CPU time of this process, all threads together, where the
/// system tells.
#[cfg(unix)]
pub(crate) fn cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).ok()
}

#[cfg(not(unix))]
pub(crate) fn cpu_time() -> Option<Duration> {
    None
}

/// Returns the most memory that this process has had in use at any time,
/// mapped files included, where the system tells: on Linux.
pub(crate) fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    peak_bytes(&status)
}

fn peak_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_kibibytes() {
        let status = "VmPeak:\t  900 kB\nVmHWM:\t  12 kB\nVmRSS:\t  11 kB\n";
        assert_eq!(peak_bytes(status), Some(12 * 1024));
        assert_eq!(peak_bytes("VmRSS:\t 11 kB\n"), None);
    }
}
