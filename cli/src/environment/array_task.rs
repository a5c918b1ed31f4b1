//! Which task of an array job this program is: variables that Slurm, Kubernetes and AWS
//! Batch set.

use std::env;

use crate::args::Shard;

/// Why the environment does not tell the task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnknownTask {
    #[error(
        "this is no task of an array job: there is neither SLURM_ARRAY_TASK_ID nor \
         JOB_COMPLETION_INDEX nor AWS_BATCH_JOB_ARRAY_INDEX"
    )]
    NoArray,
    #[error("{0} and {1} are both set")]
    Several(&'static str, &'static str),
    #[error("{0} is set, but not {1}{2}")]
    Missing(&'static str, &'static str, &'static str),
    #[error("{0}={1} is not a whole number")]
    NoNumber(&'static str, String),
    #[error("{0}={1} is not one of {2} tasks")]
    Outside(&'static str, u32, u32),
    #[error(
        "the array has {count} tasks from {min} to {max} in steps of {step}, so some are left out"
    )]
    Gaps {
        min: u32,
        max: u32,
        step: u32,
        count: u32,
    },
}

/// The variables with the number of a task.
const INDICES: [&str; 3] = [
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
];

/// Returns the part that is for this task of an array job.
pub(crate) fn array_task() -> Result<Shard, UnknownTask> {
    of_variables(|name| env::var(name).ok())
}

/// Returns how many CPUs Slurm has given to this task, if it says so. Not every Slurm
/// keeps its tasks from the others.
pub(crate) fn slurm_cpus() -> Option<usize> {
    let number = |name| env::var(name).ok()?.parse().ok().filter(|cpus| *cpus > 0);
    // The first one is set only if the job asks for a number of CPUs for each task.
    number("SLURM_CPUS_PER_TASK").or_else(|| number("SLURM_CPUS_ON_NODE"))
}

fn of_variables(get: impl Fn(&str) -> Option<String>) -> Result<Shard, UnknownTask> {
    let number = |name: &'static str| match get(name).filter(|value| !value.is_empty()) {
        Some(value) => value
            .trim()
            .parse::<u32>()
            .map(Some)
            .map_err(|_| UnknownTask::NoNumber(name, value)),
        None => Ok(None),
    };
    let mut found = Vec::new();
    for name in INDICES {
        found.extend(number(name)?.map(|index| (name, index)));
    }
    let (name, index) = match found.as_slice() {
        [] => return Err(UnknownTask::NoArray),
        [found] => *found,
        [(one, _), (other, _), ..] => return Err(UnknownTask::Several(one, other)),
    };
    let required = |variable, hint| {
        let missing = UnknownTask::Missing(name, variable, hint);
        number(variable)?.ok_or(missing)
    };
    match name {
        "SLURM_ARRAY_TASK_ID" => {
            let (min, max) = (
                required("SLURM_ARRAY_TASK_MIN", "")?,
                required("SLURM_ARRAY_TASK_MAX", "")?,
            );
            let (count, step) = (
                required("SLURM_ARRAY_TASK_COUNT", "")?,
                number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1),
            );
            let gaps = UnknownTask::Gaps {
                min,
                max,
                step,
                count,
            };
            if max.checked_sub(min).ok_or(gaps.clone())? / step + 1 != count {
                return Err(gaps);
            }
            match index.checked_sub(min) {
                Some(above) if above % step == 0 && above / step < count => Ok(Shard {
                    index: above / step + 1,
                    count,
                }),
                _ => Err(UnknownTask::Outside(name, index, count)),
            }
        }
        "JOB_COMPLETION_INDEX" => {
            let hint = ", which the container needs with the number of `completions`, as in \
                        assets/clusters/job.yaml";
            from_zero(name, index, required("JOB_COMPLETIONS", hint)?)
        }
        _ => from_zero(name, index, required("AWS_BATCH_JOB_ARRAY_SIZE", "")?),
    }
}

fn from_zero(name: &'static str, index: u32, count: u32) -> Result<Shard, UnknownTask> {
    match index < count {
        true => Ok(Shard {
            index: index + 1,
            count,
        }),
        false => Err(UnknownTask::Outside(name, index, count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(variables: &str) -> Result<Shard, String> {
        let get = |name: &str| {
            let mut variables = variables.split_whitespace();
            variables.find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
        };
        of_variables(get).map_err(|error| error.to_string())
    }

    fn slurm(id: u32, array: [u32; 4]) -> Result<Shard, String> {
        let [min, max, count, step] = array;
        task(&format!(
            "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_MIN={min} SLURM_ARRAY_TASK_MAX={max} \
             SLURM_ARRAY_TASK_COUNT={count} SLURM_ARRAY_TASK_STEP={step}"
        ))
    }

    #[test]
    fn arrays_begin_anywhere() {
        let part = |index, count| Ok(Shard { index, count });
        assert_eq!(slurm(0, [0, 7, 8, 1]), part(1, 8));
        assert_eq!(slurm(8, [1, 8, 8, 1]), part(8, 8));
        assert_eq!(slurm(15, [10, 25, 4, 5]), part(2, 4));
        assert_eq!(slurm(3, [3, 3, 1, 1]), part(1, 1));
        assert_eq!(task("JOB_COMPLETION_INDEX=0 JOB_COMPLETIONS=4"), part(1, 4));
        let aws = "AWS_BATCH_JOB_ARRAY_INDEX=9 AWS_BATCH_JOB_ARRAY_SIZE=10";
        assert_eq!(task(aws), part(10, 10));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let gaps = slurm(3, [1, 7, 3, 1]).unwrap_err();
        assert!(gaps.contains("3 tasks from 1 to 7"), "{gaps}");
        let outside = slurm(9, [1, 8, 8, 1]).unwrap_err();
        assert_eq!(outside, "SLURM_ARRAY_TASK_ID=9 is not one of 8 tasks");
        let cases = [
            ("", "no task of an array job"),
            ("SLURM_ARRAY_TASK_ID=", "no task of an array job"),
            ("SLURM_ARRAY_TASK_ID=1", "but not SLURM_ARRAY_TASK_MIN"),
            ("JOB_COMPLETION_INDEX=0", "but not JOB_COMPLETIONS, which"),
            ("JOB_COMPLETION_INDEX=4 JOB_COMPLETIONS=4", "not one of 4"),
            ("JOB_COMPLETION_INDEX=x", "not a whole number"),
            (
                "AWS_BATCH_JOB_ARRAY_INDEX=1",
                "but not AWS_BATCH_JOB_ARRAY_SIZE",
            ),
            (
                "JOB_COMPLETION_INDEX=0 SLURM_ARRAY_TASK_ID=1",
                "are both set",
            ),
        ];
        for (variables, expected) in cases {
            let error = task(variables).unwrap_err();
            assert!(error.contains(expected), "{variables}: {error}");
        }
    }
}
