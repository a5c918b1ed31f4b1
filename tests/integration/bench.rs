//! `piper-rs bench`: that it measures, not what comes out.

use serde_json::Value;

use crate::scene::Scene;

/// A figure: its middle lies between its ends, and none of them is odd.
fn check_figure(name: &str, figure: &Value) {
    let number = |field: &str| {
        figure[field]
            .as_f64()
            .unwrap_or_else(|| panic!("{name}: {figure}"))
    };
    let (least, median, most) = (number("least"), number("median"), number("most"));
    // An hour, in milliseconds: nothing takes that long.
    assert!(
        0.0 <= least && least <= median && median <= most && most < 3.6e6,
        "{name}: {figure}"
    );
    assert!(most > 0.0, "{name}: {figure}");
}

fn bench(flags: &str) -> Value {
    let run = Scene::new()
        .sh(&format!("piper-rs bench --json --rounds 1 {flags}"))
        .ok();
    serde_json::from_slice(&run.stdout).unwrap()
}

#[test]
fn a_voice_is_measured_in_every_respect() {
    let results = bench("-m tiny");
    assert_eq!(results["voice"], "tiny");
    assert_eq!(results["rounds"], 1);
    assert_eq!(results["versions"]["piper_rs"], env!("CARGO_PKG_VERSION"));
    assert!(results["versions"]["onnxruntime"].is_string());
    for name in ["stock_ms", "prepared_ms", "cached_ms"] {
        check_figure(name, &results["load"][name]);
    }
    for name in ["short_ms", "long_ms"] {
        check_figure(name, &results["warm"][name]);
    }
    // Null where the machine was held up and the speech was over before.
    if !results["warm"]["stop_ms"].is_null() {
        check_figure("stop_ms", &results["warm"]["stop_ms"]);
    }
    check_figure("cold_first_sound_ms", &results["cold_first_sound_ms"]);
    let speech = results["speech"].as_array().unwrap();
    assert_eq!(speech[0]["threads"], 1);
    for rate in speech {
        check_figure("real_time_factor", &rate["real_time_factor"]);
        check_figure("cpu_factor", &rate["cpu_factor"]);
    }
    if cfg!(target_os = "linux") {
        assert!(results["peak_memory_bytes"].as_f64().unwrap() > 1e6);
    }
}

#[test]
fn a_voice_that_is_never_prepared_says_so() {
    let results = bench("");
    assert_eq!(results["load"]["prepared_ms"], Value::Null);
    check_figure("stock_ms", &results["load"]["stock_ms"]);
}

#[test]
fn people_get_a_table_and_are_told_of_progress_elsewhere() {
    let scene = Scene::new();
    let run = scene
        .sh("piper-rs bench -m tiny_multi -s 1 --rounds 1")
        .ok();
    let table = String::from_utf8_lossy(&run.stdout).into_owned();
    for row in [
        "tiny_multi",
        "load, prepared",
        "a second of speech, 1 thread, CPU",
    ] {
        assert!(table.contains(row), "{row}: {table}");
    }
    assert!(run.stderr.contains("measuring"), "{}", run.stderr);
}

#[test]
fn a_voice_that_is_not_there_is_not_measured() {
    let run = Scene::new().sh("piper-rs bench -m nobody");
    assert_eq!((run.code, run.stdout.len()), (Some(3), 0));
    assert!(run.stderr.contains("nobody"), "{}", run.stderr);
}
