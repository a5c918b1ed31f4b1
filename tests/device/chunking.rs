//! The time that chunking takes.

use std::time::{Duration, Instant};

use piper_rs::chunk::{ChunkOptions, LineBreaks, split};

#[test]
fn the_first_chunk_is_found_without_reading_the_rest() {
    let text = format!("Hello there. {}", "And so on and on. ".repeat(50_000));
    let started = Instant::now();
    let first = split(&text, &ChunkOptions::default()).next();
    let first_took = started.elapsed();
    assert_eq!(first.map(|chunk| chunk.text), Some("Hello there. "));
    let started = Instant::now();
    let n_chunks = split(&text, &ChunkOptions::default()).count();
    assert!(n_chunks > 1000);
    assert!(first_took * 20 < started.elapsed());
}

#[test]
fn the_cost_is_linear_for_any_text() {
    let units = [
        "a",
        " ",
        ".",
        "\n",
        "[[",
        "]]",
        "[[a",
        "[[\n",
        "a. ",
        "a.\u{201d} ",
        ". ",
        "。",
        "…",
        "A. B. ",
        "1. ",
        "»",
        "!)",
        "e\u{301}",
        "\u{301}",
        "🇩🇪",
        "👩\u{200d}",
        "word ",
        "a, ",
        "世",
        "[[x]] ",
        "[1]",
        "\"",
        "-",
        " .",
        "a.\n",
        "\n \n",
    ];
    for unit in units {
        // 16 times the text takes 16 times as long, or 256 times if the cost is
        // quadratic. Repeat the measurement, because the machine may be busy.
        let times = || {
            let short = best_time(&unit.repeat(4_000 / unit.len()));
            (short, best_time(&unit.repeat(64_000 / unit.len())))
        };
        let is_linear =
            |&(short, long): &(Duration, Duration)| long < 80 * short + Duration::from_millis(5);
        let attempts: Vec<_> = (0..10)
            .map(|_| times())
            .take_while(|t| !is_linear(t))
            .collect();
        assert!(attempts.len() < 10, "{unit:?}: {attempts:?}");
    }
}

fn best_time(text: &str) -> Duration {
    let join = ChunkOptions {
        line_breaks: LineBreaks::Join,
        ..ChunkOptions::default()
    };
    (0..3)
        .map(|_| {
            let started = Instant::now();
            for options in [&ChunkOptions::default(), &join] {
                let length: usize = split(text, options).map(|chunk| chunk.text.len()).sum();
                assert_eq!(length, text.len());
            }
            started.elapsed()
        })
        .min()
        .unwrap_or_default()
}
