//! Everything measured: for programs as one object, for people as a table.

use serde::Serialize;

use super::figure::Figure;
use super::load::LoadTimes;
use super::machine::{Machine, Versions};
use super::speech::{Delays, Rate};

/// What was measured of one voice.
#[derive(Debug, Serialize)]
pub(super) struct Results {
    pub(super) voice: String,
    pub(super) sample_rate_hz: u32,
    pub(super) machine: Machine,
    pub(super) versions: Versions,
    pub(super) rounds: usize,
    pub(super) load: LoadTimes,
    /// From starting the program to the first sound of a short sentence.
    pub(super) cold_first_sound_ms: Option<Figure>,
    /// Of a voice that is loaded.
    pub(super) warm: Delays,
    pub(super) speech: Vec<Rate>,
    /// Of a process that speaks the long text, where the system tells.
    pub(super) peak_memory_bytes: Option<u64>,
}

impl Results {
    /// Returns the table, for people.
    pub(super) fn table(&self) -> String {
        let Self {
            machine, versions, ..
        } = self;
        let cpu = machine.cpu.as_deref().unwrap_or("unknown processor");
        let espeak = versions.espeak.as_deref().unwrap_or("none");
        let mut table = format!(
            "{}, {} Hz, on {cpu}, {} cores, {} {}\n\
             piper-rs {}, ONNX Runtime {}, espeak-ng {espeak}\n\
             median of {} (least to most)\n\n",
            self.voice,
            self.sample_rate_hz,
            machine.cores,
            machine.os,
            machine.arch,
            versions.piper_rs,
            versions.onnxruntime,
            self.rounds
        );
        for (name, value) in self.rows() {
            table += &format!("{name:44}{value}\n");
        }
        table
    }

    fn rows(&self) -> Vec<(String, String)> {
        let ms = |figure: &Option<Figure>| shown(figure.as_ref(), "ms");
        let rows = [
            ("load, as it came", ms(&self.load.stock_ms)),
            ("load, prepared", ms(&self.load.prepared_ms)),
            ("load, kept in memory", ms(&self.load.cached_ms)),
            (
                "first sound, program started anew",
                ms(&self.cold_first_sound_ms),
            ),
            ("first sound, short sentence", ms(&self.warm.short_ms)),
            ("first sound, long sentence", ms(&self.warm.long_ms)),
            ("stopping", ms(&self.warm.stop_ms)),
        ];
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        for rate in &self.speech {
            let threads = match rate.threads {
                1 => "1 thread".to_owned(),
                n => format!("{n} threads"),
            };
            let wall = shown(rate.real_time_factor.as_ref(), "s");
            let cpu = shown(rate.cpu_factor.as_ref(), "s");
            rows.push((format!("a second of speech, {threads}, time"), wall));
            rows.push((format!("a second of speech, {threads}, CPU"), cpu));
        }
        let memory = self
            .peak_memory_bytes
            .map_or_else(unknown, |bytes| format!("{:>9.0} MB", bytes as f64 / 1e6));
        rows.push(("memory at most".to_owned(), memory));
        rows
    }
}

fn unknown() -> String {
    format!("{:>9}", "–")
}

fn shown(figure: Option<&Figure>, unit: &str) -> String {
    let Some(figure) = figure else {
        return unknown();
    };
    let number = |value: f64| match value {
        100.0.. => format!("{value:.0}"),
        1.0.. => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    };
    let (median, least, most) = (
        number(figure.median),
        number(figure.least),
        number(figure.most),
    );
    format!("{median:>9} {unit:2}  ({least}–{most})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_their_range_and_absent_ones_with_a_dash() {
        let figure = Figure::of(vec![123.4, 0.0712, 5.55]);
        assert_eq!(
            shown(figure.as_ref(), "ms"),
            "    5.5 ms  (0.071–123)".replace("    5.5", "      5.5")
        );
        assert_eq!(shown(None, "ms").trim(), "–");
    }
}
