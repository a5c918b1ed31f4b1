//! How much memory this process may use: that of the machine, or less if the system
//! limits the group of processes that it is in, as Slurm and Kubernetes do. Known on
//! Linux only.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the groups are.
const GROUPS: &str = "/sys/fs/cgroup";

/// Returns the memory that this process may use, in bytes.
pub(super) fn available_bytes() -> Option<usize> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let of_machine = machine_bytes(&read("/proc/meminfo"));
    let of_group = group_limit(Path::new(GROUPS), &read("/proc/self/cgroup"));
    of_machine.into_iter().chain(of_group).min()
}

fn machine_bytes(meminfo: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    let kib: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Returns the lowest limit of the groups in `/proc/self/cgroup` and of those that they
/// are in. `root` has the groups of version 2, and in `memory` those of version 1.
fn group_limit(root: &Path, groups: &str) -> Option<usize> {
    let limits = groups.lines().filter_map(|line| {
        let (_, line) = line.split_once(':')?;
        let (controllers, path) = line.split_once(':')?;
        let path = Path::new(path.trim_start_matches('/'));
        if controllers.is_empty() {
            return lowest(root, path, "memory.max");
        }
        let is_memory = controllers.split(',').any(|name| name == "memory");
        let root = root.join("memory");
        is_memory.then(|| lowest(&root, path, "memory.limit_in_bytes"))?
    });
    limits.min()
}

/// Returns the lowest number in the files called `name` in `root`, in `path` below it,
/// and between them. In a container `path` may be the one outside, which is not there.
fn lowest(root: &Path, path: &Path, name: &str) -> Option<usize> {
    let folders = path.ancestors().map(|folder| root.join(folder));
    // `max` is no limit; version 1 has a number over all memory instead.
    let limit = |folder: PathBuf| {
        fs::read_to_string(folder.join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    folders.filter_map(limit).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_its_total_memory() {
        let meminfo = "MemTotal:       24689332 kB\nMemFree:        20198760 kB\n";
        assert_eq!(machine_bytes(meminfo), Some(24_689_332 * 1024));
        assert_eq!(machine_bytes("MemFree: 1 kB"), None);
    }

    #[test]
    fn the_lowest_limit_of_all_groups_counts() {
        let root = tempfile::tempdir().unwrap();
        let group = |path: &str, name: &str, limit: &str| {
            let folder = root.path().join(path);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), limit).unwrap();
        };
        group("slurm/job_1", "memory.max", "3000000000\n");
        group("slurm/job_1/step_0", "memory.max", "max\n");
        group("memory", "memory.limit_in_bytes", "9223372036854771712\n");
        group("memory/kube/pod", "memory.limit_in_bytes", "2000000000\n");
        let limit = |groups| group_limit(root.path(), groups);
        assert_eq!(limit("0::/slurm/job_1/step_0\n"), Some(3_000_000_000));
        assert_eq!(limit("0::/elsewhere\n"), None);
        let first = "5:cpu,memory:/kube/pod\n4:pids:/x\n0::/\n";
        assert_eq!(limit(first), Some(2_000_000_000));
        let unlimited = "5:memory:/of/the/host\n";
        assert_eq!(limit(unlimited), Some(9_223_372_036_854_771_712));
        assert_eq!(limit(""), None);
    }
}
