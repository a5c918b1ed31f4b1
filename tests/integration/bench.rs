//! `piper-rs bench`: it measures everything. The values are not tested.

use serde_json::Value;

use crate::scene::Scene;

/// Checks that the median is within the range, and that all values are
/// plausible.
#[track_caller]
fn check_measurement(name: &str, measurement: &Value) {
    let number = |field: &str| {
        measurement[field]
            .as_f64()
            .unwrap_or_else(|| panic!("{name}: {measurement}"))
    };
    let (least, median, most) = (number("least"), number("median"), number("most"));
    // An hour in milliseconds: nothing takes that long.
    assert!(
        0.0 <= least && least <= median && median <= most && most < 3.6e6,
        "{name}: {measurement}"
    );
    assert!(most > 0.0, "{name}: {measurement}");
}

fn bench(flags: &str) -> Value {
    let run = Scene::new()
        .sh(&format!("piper-rs bench --json --rounds 1 {flags}"))
        .ok();
    serde_json::from_slice(&run.stdout).unwrap()
}

#[test]
fn every_quantity_of_a_voice_is_measured() {
    let results = bench("-m tiny");
    assert_eq!(results["voice"], "tiny");
    assert_eq!(results["rounds"], 1);
    assert_eq!(results["versions"]["piper_rs"], env!("CARGO_PKG_VERSION"));
    assert!(results["versions"]["onnxruntime"].is_string());
    for name in ["stock_ms", "prepared_ms", "cached_ms"] {
        check_measurement(name, &results["load"][name]);
    }
    for name in ["short_ms", "long_ms"] {
        check_measurement(name, &results["warm"][name]);
    }
    // Null if the machine was busy and the speech ended before the stop.
    if !results["warm"]["stop_ms"].is_null() {
        check_measurement("stop_ms", &results["warm"]["stop_ms"]);
    }
    check_measurement("cold_first_audio_ms", &results["cold_first_audio_ms"]);
    let speech = results["speech"].as_array().unwrap();
    assert_eq!(speech[0]["threads"], 1);
    for cost in speech {
        check_measurement("real_time_factor", &cost["real_time_factor"]);
        check_measurement("cpu_factor", &cost["cpu_factor"]);
    }
    if cfg!(target_os = "linux") {
        assert!(results["peak_memory_bytes"].as_f64().unwrap() > 1e6);
    }
}

#[test]
fn the_built_in_voice_has_no_prepared_load_time() {
    let results = bench("");
    assert_eq!(results["load"]["prepared_ms"], Value::Null);
    check_measurement("stock_ms", &results["load"]["stock_ms"]);
}

#[test]
fn the_table_goes_to_stdout_and_the_progress_to_stderr() {
    let scene = Scene::new();
    let run = scene
        .sh("piper-rs bench -m tiny_multi -s 1 --rounds 1")
        .ok();
    let table = String::from_utf8_lossy(&run.stdout).into_owned();
    for row in [
        "tiny_multi",
        "load, prepared voice",
        "per second of audio, 1 thread, CPU time",
    ] {
        assert!(table.contains(row), "{row}: {table}");
    }
    assert!(run.stderr.contains("measuring"), "{}", run.stderr);
}

#[test]
fn a_missing_voice_is_an_error() {
    let run = Scene::new().sh("piper-rs bench -m nobody");
    assert_eq!((run.code, run.stdout.len()), (Some(3), 0));
    assert!(run.stderr.contains("nobody"), "{}", run.stderr);
}

#[test]
fn the_command_is_not_listed_in_help() {
    let scene = Scene::new();
    let help = scene.sh("piper-rs --help").ok().text().to_owned();
    assert!(
        help.contains("  doctor ") && !help.contains("  bench "),
        "{help}"
    );
    scene.sh("piper-rs bench --help").ok().silently();
}
