//! How many cores there are, and how many of them an inference takes.

use crate::environment::slurm_cpus;

/// Returns how many cores this process may use: those of its CPU set, of its group's
/// quota, and of its task in Slurm.
pub(crate) fn cores() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    slurm_cpus().map_or(cores, |cpus| cpus.min(cores))
}

/// Returns the default number of inference threads: the physical cores. Two
/// threads on one core would compete for its arithmetic units.
pub(crate) fn default_threads() -> usize {
    cores().min(num_cpus::get_physical())
}
