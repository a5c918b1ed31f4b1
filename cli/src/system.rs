//! What the operating system reports about this process and this machine. The
//! only reader of `/proc`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Returns the CPU time of this process, of all threads together, if the
/// system reports it.
#[cfg(unix)]
pub(crate) fn cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).ok()
}

#[cfg(not(unix))]
pub(crate) fn cpu_time() -> Option<Duration> {
    None
}

/// Whether the system can let [other threads go first](lower_priority_of_thread).
pub(crate) const THREADS_HAVE_PRIORITIES: bool = cfg!(target_os = "linux");

/// Lets other threads go first, where the system can do that for one thread alone. Those
/// that it starts inherit it.
pub(crate) fn lower_priority_of_thread() {
    #[cfg(target_os = "linux")]
    {
        /// The lowest one.
        const NICENESS: i32 = 19;
        _ = rustix::process::nice(NICENESS);
    }
}

/// Divides the CPU time of this process into laps.
#[derive(Debug, Default)]
pub(crate) struct CpuLaps(Mutex<Duration>);

impl CpuLaps {
    /// Returns the CPU time since the lap before, or since the start of the process.
    pub(crate) fn lap(&self) -> Option<Duration> {
        let mut before = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = cpu_time()?;
        Some(now.saturating_sub(std::mem::replace(&mut before, now)))
    }
}

/// Returns the largest amount of memory that this process has used so far,
/// mapped files included. Only Linux reports it.
pub(crate) fn peak_memory_bytes() -> Option<u64> {
    let peak = field(&own_status(), "VmHWM")?;
    let kib: u64 = peak.strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Returns whether this process was started with `signal` ignored, as `nohup`
/// does with SIGHUP. Only Linux reports it.
pub(crate) fn ignores_signal(signal: i32) -> bool {
    signal_mask("SigIgn") >> (signal - 1) & 1 == 1
}

/// Returns the signals that this process ignores or handles: bit 0 is signal 1. Only
/// Linux reports them.
#[cfg(unix)]
pub(crate) fn signals_in_use() -> u64 {
    signal_mask("SigIgn") | signal_mask("SigCgt")
}

fn signal_mask(name: &str) -> u64 {
    let mask = field(&own_status(), name).and_then(|mask| u64::from_str_radix(&mask, 16).ok());
    mask.unwrap_or_default()
}

/// Returns the name of the processor. Only Linux reports it.
pub(crate) fn processor_name() -> Option<String> {
    let processors = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    field(&processors, "model name")
}

fn own_status() -> String {
    std::fs::read_to_string("/proc/self/status").unwrap_or_default()
}

/// Returns the value of the first `name: value` line.
fn field(text: &str, name: &str) -> Option<String> {
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(field, _)| field.trim() == name)?;
    Some(value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let status = "VmPeak:\t  900 kB\nVmHWM:\t  12 kB\nmodel name\t: Some CPU @ 3: GHz\n";
        assert_eq!(field(status, "VmHWM").as_deref(), Some("12 kB"));
        assert_eq!(
            field(status, "model name").as_deref(),
            Some("Some CPU @ 3: GHz")
        );
        assert_eq!(field(status, "Vm"), None);
    }
}
