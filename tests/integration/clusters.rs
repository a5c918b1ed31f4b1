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
    let wrong = format!(
        "{}/parallel.sh -m tiny -d out --manifest list.jsonl",
        folder()
    );
    scene
        .sh(&wrong)
        .exits(2)
        .says(&["usage: parallel.sh SHARDS"]);
    let wrong = format!("{}/parallel.sh 3 -d out --force list", folder());
    scene
        .sh(&wrong)
        .exits(2)
        .says(&["--force cannot be combined"]);
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

    // A text that fails keeps no other from being made, and is named at the end.
    let list = String::from_utf8(scene.read("list.jsonl")).unwrap();
    scene.write(
        "list.jsonl",
        list + "{\"id\":\"bad\",\"file\":\"none.txt\"}\n{\"id\":\"last\",\"text\":\"Last.\"}\n",
    );
    let run = scene.sh(&line).exits(1);
    run.says(&[
        "some shards have failed",
        "13 of 14 files are complete, 1 invalid",
    ]);
    assert!(scene.path("out dir/last.wav").exists());
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
             SLURM_ARRAY_TASK_COUNT=3 {}/sbatch.sh -m tiny -d out --seed=7 --manifest list.jsonl",
            folder()
        );
        scene.sh(&task).ok();
    }
    let verify = "piper-rs batch --seed 7 --verify -m tiny -d out --manifest list.jsonl";
    scene.sh(verify).ok().says(&["12 of 12 files are complete"]);
}

/// Returns what follows `start` on its line of the Job.
fn value_in_job(start: &str) -> String {
    let job = std::fs::read_to_string(root().join("assets/clusters/job.yaml")).unwrap();
    let rest = job.split(start).nth(1).unwrap();
    rest.lines().next().unwrap().trim().to_owned()
}

/// The words of a list `[a, b, "c"]`.
fn words(list: &str) -> String {
    let list = list.trim_start_matches('[').trim_end_matches(']');
    let words = list.split(", ").map(|word| word.trim_matches('"'));
    words.collect::<Vec<_>>().join(" ")
}

/// The schema of Kubernetes is in `tests/cluster/job.mjs`: it comes from a registry.
#[test]
fn the_command_of_the_job_makes_the_shard_of_its_index() {
    let scene = scene_with_list();
    let completions = value_in_job("\n  completions: ");
    let told = value_in_job("- name: JOB_COMPLETIONS\n              value: ");
    assert_eq!(told.trim_matches('"'), completions);
    let command = words(&value_in_job("\n          command: "));
    let args = words(&value_in_job("\n          args: "));
    assert!(command.starts_with("piper-rs batch "), "{command}");
    let args = args
        .replace("en_US-heart-medium", "tiny")
        .replace("/data/", "");
    for index in 0..3 {
        let task = format!("JOB_COMPLETION_INDEX={index} JOB_COMPLETIONS=3 {command} {args}");
        scene.sh(&task).ok();
    }
    let verify = command
        .replace("--quiet", "--verify")
        .replace("--shard auto", "");
    let run = scene.sh(&format!("{verify} {args}")).ok();
    run.says(&["12 of 12 files are complete"]);
}
