//! Micro-benchmarks: splitting and cleaning text, encoding ids, converting and stretching
//! samples, and the buffer pool compared with plain allocation.
//!
//! `benchmarks/peer.py` measures the whole program.
#![allow(missing_docs)] // criterion's macro makes a public function
#![allow(clippy::unwrap_used)] // there is no user input here

use std::collections::HashMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use piper_rs::audio::stretch::Stretcher;
use piper_rs::audio::{BufferPool, SampleRate, pcm};
use piper_rs::chunk::{ChunkOptions, split};
use piper_rs::phoneme::Phonemes;
use piper_rs::phoneme_id::{PhonemeIds, UnknownPhonemes};
use piper_rs::reading::Reader;

/// A paragraph that is hard to split.
const PARAGRAPH: &str = "Dr. Smith, who had left at 3 p.m., paid $3.14 for it. \"Why?\" she asked. \
    Nobody knew… The lamps along the quay were lit one after another, and the old man closed the \
    shutters, sat down beside the window, and began to read.\n\n";
/// The phonemes of a sentence of that kind.
const SYMBOLS: &str = "ðə lˈæmps ɐlˈɔŋ ðə kˈiː wɜː lˈɪt wˈʌn ˈæftɚɹ ɐnˈʌðɚ, ænd ðɪ ˈoʊld mˈæn \
    klˈoʊzd ðə ʃˈʌɾɚz, sˈæt dˌaʊn bᵻsˌaɪd ðə wˈɪndoʊ, ænd bɪɡˈæn tə ɹˈiːd.";
/// Samples of a window of 128 frames.
const WINDOW: usize = 128 * 256;
/// Samples of a sentence of twelve seconds.
const SENTENCE: usize = 12 * 22_050;

fn chunking(criterion: &mut Criterion) {
    let text = PARAGRAPH.repeat(40);
    let options = ChunkOptions::default();
    let mut group = criterion.benchmark_group("chunk");
    group.bench_function("first chunk", |bencher| {
        bencher.iter(|| {
            split(black_box(&text), &options)
                .next()
                .map(|c| c.text.len())
        });
    });
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("whole text", |bencher| {
        bencher.iter(|| split(black_box(&text), &options).count());
    });
    group.finish();
}

fn reading(criterion: &mut Criterion) {
    let sentences = [
        (
            "plain",
            "The lamps along the quay were lit one after another, and the old man slept.",
        ),
        (
            "with digits",
            "Ms. Smith, who hadn't left at 3 p.m., paid 1,234 dollars for it in 1984.",
        ),
        (
            "with much to write out",
            "On Feb. 3, 1984, Henry VIII paid $3.14 for 10–20 km at 9:05, see p. 7 of www.example.com/a.",
        ),
        (
            "with accents",
            "Die Brücke über den Fluß wäre größer – „so“ sagte er – als 10 000 Häuser.",
        ),
        (
            "decomposed",
            "Die Bru\u{308}cke u\u{308}ber den Fluß wa\u{308}re gro\u{308}ßer als Ha\u{308}user.",
        ),
    ];
    let mut group = criterion.benchmark_group("reading");
    for (name, sentence) in sentences {
        let language = if sentence.is_ascii() || name.ends_with("out") {
            "en-us"
        } else {
            "de"
        };
        let reader = Reader::new(language);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                reader
                    .write_out(reader.clean(black_box(sentence)))
                    .as_str()
                    .len()
            });
        });
    }
    group.finish();
}

/// A text that looks like one number, range or address after another.
fn reading_hostile_text(criterion: &mut Criterion) {
    let reader = Reader::new("en-us");
    let mut group = criterion.benchmark_group("reading of 10 kB");
    for unit in ["1-", "1/", "1.", "a@", "I ", "$1-", "<", "a_", "St. "] {
        let text = unit.repeat(10_000 / unit.len());
        group.bench_function(unit, |bencher| {
            bencher.iter(|| {
                reader
                    .write_out(reader.clean(black_box(&text)))
                    .as_str()
                    .len()
            });
        });
    }
    group.finish();
}

fn ids(criterion: &mut Criterion) {
    let symbols = ["^", "$", "_"].map(str::to_owned);
    let symbols = symbols.into_iter().chain(SYMBOLS.chars().map(String::from));
    let map: HashMap<_, _> = symbols.zip((0..).map(|id| vec![id])).collect();
    let clusters = [vec!["a".to_owned(), "ʊ".to_owned()]];
    let phonemes = Phonemes::from(SYMBOLS.to_owned());
    let mut group = criterion.benchmark_group("ids");
    group.throughput(Throughput::Elements(SYMBOLS.chars().count() as u64));
    for (name, clusters) in [("plain", &[][..]), ("with vowel clusters", &clusters)] {
        let table = PhonemeIds::new(&map, clusters, None).unwrap();
        let (mut ids, mut unknown) = (Vec::new(), UnknownPhonemes::default());
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                table.encode(black_box(&phonemes), &mut ids, &mut unknown);
                ids.len()
            });
        });
    }
    group.finish();
}

fn samples_to_bytes(criterion: &mut Criterion) {
    let samples: Vec<f32> = (0..WINDOW).map(|n| (n as f32 / 50.0).sin()).collect();
    let mut bytes = Vec::new();
    let mut group = criterion.benchmark_group("pcm");
    group.throughput(Throughput::Elements(WINDOW as u64));
    group.bench_function("16 bits", |bencher| {
        bencher.iter(|| {
            bytes.clear();
            pcm::extend_s16le(&mut bytes, black_box(&samples));
        });
    });
    group.bench_function("floats", |bencher| {
        bencher.iter(|| {
            bytes.clear();
            pcm::extend_f32le(&mut bytes, black_box(&samples));
        });
    });
    group.finish();
}

/// Makes a second of audio faster. At speed 1 no stretcher exists.
fn stretching(criterion: &mut Criterion) {
    let rate = SampleRate::new(22_050).unwrap();
    let second: Vec<f32> = (0..rate.get()).map(|n| (n as f32 * 0.05).sin()).collect();
    let mut group = criterion.benchmark_group("stretch");
    for speed in [1.25, 2.0, 2.5, 4.0] {
        let mut stretcher = Stretcher::new(rate, speed);
        let mut out = Vec::new();
        group.bench_function(speed.to_string(), |bencher| {
            bencher.iter(|| {
                out.clear();
                stretcher.process(black_box(&second), &mut out);
                out.len()
            });
        });
    }
    group.finish();
}

/// Acquires, fills and drops a buffer. Filling is included, because the system
/// provides fresh memory only when it is written.
fn buffers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("buffer");
    for (name, samples) in [("window", WINDOW), ("sentence", SENTENCE)] {
        let pool = BufferPool::default();
        drop(pool.acquire(samples));
        group.throughput(Throughput::Elements(samples as u64));
        group.bench_function(format!("{name}, pooled"), |bencher| {
            bencher.iter(|| {
                let mut buffer = pool.acquire(samples);
                buffer.resize(samples, black_box(0.5));
                // All of it, or the compiler removes the filling.
                black_box(buffer.as_slice()).len()
            });
        });
        group.bench_function(format!("{name}, fresh"), |bencher| {
            bencher.iter(|| {
                let mut buffer = Vec::with_capacity(samples);
                buffer.resize(samples, black_box(0.5f32));
                black_box(buffer.as_slice()).len()
            });
        });
    }
    group.finish();
}

criterion_group!(
    parts,
    chunking,
    reading,
    reading_hostile_text,
    ids,
    samples_to_bytes,
    stretching,
    buffers
);
criterion_main!(parts);
