//! All results: as one JSON object for programs, as a table for users.

use serde::Serialize;

use super::bench_voice::{Latencies, SynthesisCost};
use super::load_times::LoadTimes;
use super::machine::{Machine, Versions};
use super::measurement::Measurement;

/// The results for one voice.
#[derive(Debug, Serialize)]
pub(super) struct Results {
    pub(super) voice: String,
    pub(super) sample_rate_hz: u32,
    pub(super) machine: Machine,
    pub(super) versions: Versions,
    pub(super) rounds: usize,
    pub(super) load: LoadTimes,
    /// From the start of the program to the first audio of a short sentence.
    pub(super) cold_first_audio_ms: Option<Measurement>,
    /// Of the loaded voice.
    pub(super) warm: Latencies,
    pub(super) speech: Vec<SynthesisCost>,
    /// Of a process that speaks the long text. `None` if the system does not
    /// report it.
    pub(super) peak_memory_bytes: Option<u64>,
}

impl Results {
    /// Returns the table for users.
    pub(super) fn table(&self) -> String {
        let Self {
            machine, versions, ..
        } = self;
        let cpu = machine.cpu.as_deref().unwrap_or("unknown processor");
        let espeak = versions.espeak.as_deref().unwrap_or("none");
        let rounds = match self.rounds {
            1 => "one round".to_owned(),
            n => format!("median of {n} rounds (range in parentheses)"),
        };
        let mut table = format!(
            "{}, {} Hz, on {cpu}, {} cores, {} {}\n\
             piper-rs {}, ONNX Runtime {}, espeak-ng {espeak}\n\
             {rounds}\n\n",
            self.voice,
            self.sample_rate_hz,
            machine.cores,
            machine.os,
            machine.arch,
            versions.piper_rs,
            versions.onnxruntime,
        );
        for (name, value) in self.rows() {
            table += &format!("{name:44}{value}\n");
        }
        table
    }

    fn rows(&self) -> Vec<(String, String)> {
        let ms = |value: &Option<Measurement>| cell(value.as_ref(), "ms");
        let rows = [
            ("load, stock model", ms(&self.load.stock_ms)),
            ("load, prepared voice", ms(&self.load.prepared_ms)),
            ("load, cached voice", ms(&self.load.cached_ms)),
            (
                "first audio, program started",
                ms(&self.cold_first_audio_ms),
            ),
            ("first audio, short sentence", ms(&self.warm.short_ms)),
            ("first audio, long sentence", ms(&self.warm.long_ms)),
            ("stop", ms(&self.warm.stop_ms)),
        ];
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        for cost in &self.speech {
            let threads = match cost.threads {
                1 => "1 thread".to_owned(),
                n => format!("{n} threads"),
            };
            let wall = cell(cost.real_time_factor.as_ref(), "s");
            let cpu = cell(cost.cpu_factor.as_ref(), "s");
            rows.push((format!("per second of audio, {threads}, wall time"), wall));
            rows.push((format!("per second of audio, {threads}, CPU time"), cpu));
        }
        let memory = self
            .peak_memory_bytes
            .map_or_else(unknown, |bytes| format!("{:>9.0} MB", bytes as f64 / 1e6));
        rows.push(("peak memory".to_owned(), memory));
        rows
    }
}

fn unknown() -> String {
    format!("{:>9}", "–")
}

fn cell(value: Option<&Measurement>, unit: &str) -> String {
    let Some(value) = value else {
        return unknown();
    };
    let number = |number: f64| match number {
        100.0.. => format!("{number:.0}"),
        1.0.. => format!("{number:.1}"),
        _ => format!("{number:.3}"),
    };
    let (median, least, most) = (
        number(value.median),
        number(value.least),
        number(value.most),
    );
    match least == most {
        true => format!("{median:>9} {unit}"),
        false => format!("{median:>9} {unit:2}  ({least}–{most})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_median_with_its_range_or_a_dash() {
        let value = Measurement::of(vec![123.4, 0.0712, 5.55]);
        assert_eq!(
            cell(value.as_ref(), "ms"),
            "    5.5 ms  (0.071–123)".replace("    5.5", "      5.5")
        );
        assert_eq!(cell(None, "ms").trim(), "–");
    }
}
