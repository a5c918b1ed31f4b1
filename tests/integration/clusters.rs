//! The files in `assets/clusters`, where they can run. `tests/cluster` has a Slurm of two
//! nodes, and the schema of the Kubernetes Job.

use crate::scene::{Scene, has, root};

fn folder() -> String {
    root().join("assets/clusters").display().to_string()
}

fn scene_with_list() -> Scene {
    let scene = Scene::new();
    let line = |n| format!("{{\"id\":\"{n}\",\"text\":\"Number {n}.\"}}\n");
    scene.write("list.jsonl", (0..12).map(line).collect::<String>());
    scene
}

#[test]
fn gnu_parallel_makes_all_shards_and_goes_on() {
    if !has("bash") || !has("parallel") {
        return;
    }
    let scene = scene_with_list();
    let line = format!(
        "{}/parallel.sh 3 -m tiny -d 'out dir' --manifest list.jsonl",
        folder()
    );
    scene.sh(&line).ok().says(&["12 of 12 files are complete"]);
    scene
        .sh("piper-rs batch -m tiny --seed 1 -d whole --manifest list.jsonl")
        .ok();
    for n in 0..12 {
        let (part, whole) = (format!("out dir/{n}.wav"), format!("whole/{n}.wav"));
        assert!(scene.read(&part) == scene.read(&whole), "{n}");
    }
    std::fs::remove_file(scene.path("out dir/7.wav")).unwrap();
    scene.sh(&line).ok().says(&["12 of 12 files are complete"]);
}

#[test]
fn the_script_for_slurm_makes_the_shard_of_its_task() {
    if !has("bash") {
        return;
    }
    let scene = scene_with_list();
    for id in 1..=3 {
        let task = format!(
            "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=3 \
             SLURM_ARRAY_TASK_COUNT=3 {}/sbatch.sh -m tiny -d out --manifest list.jsonl",
            folder()
        );
        scene.sh(&task).ok();
    }
    let verify = "piper-rs batch --seed 1 --verify -m tiny -d out --manifest list.jsonl";
    scene.sh(verify).ok().says(&["12 of 12 files are complete"]);
}

/// The schema of Kubernetes is in `tests/cluster/job.mjs`: it comes from a registry.
#[test]
fn the_job_tells_its_tasks_how_many_they_are() {
    let job = std::fs::read_to_string(root().join("assets/clusters/job.yaml")).unwrap();
    let after = |start: &str| {
        let rest = job.split(start).nth(1).unwrap();
        rest.lines()
            .next()
            .unwrap()
            .trim()
            .trim_matches('"')
            .to_owned()
    };
    assert_eq!(
        after("\n  completions: "),
        after("- name: JOB_COMPLETIONS\n              value: ")
    );
}
