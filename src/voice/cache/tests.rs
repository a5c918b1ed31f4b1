//! The promises of the cache, through its public interface.

use super::*;
use crate::voice::ModelInfo;
use crate::voice::fake::{voice, voice_with_info};
use proptest::prelude::*;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex, mpsc};
use std::time::Duration;

/// The unit of the sizes here. The estimate of a voice without files is 50 MB
/// and what it keeps mapped, so the smallest voice takes 5 of these.
const UNIT: u64 = 10 * 1000 * 1000;
const SMALLEST: u64 = 5;

/// A voice that has no files; the fake loader needs none.
fn named(name: &str) -> VoiceFiles {
    VoiceFiles::on_disk(format!("/nowhere/{name}.onnx").into(), None)
}

fn limits(voices: usize, units: u64) -> Limits {
    let bytes = units * UNIT;
    Limits { voices, bytes }
}

fn broken(files: &VoiceFiles) -> Error {
    Error::BadVoiceModel {
        path: files.model_path().to_owned(),
        source: "broken".into(),
    }
}

/// Returns a voice that takes this many units.
fn voice_of(units: u64) -> Voice {
    let info = ModelInfo {
        mapped_bytes: (units - SMALLEST) * UNIT,
        ..ModelInfo::default()
    };
    voice_with_info(1, info)
}

/// A cache of voices that take as many units as their names say, otherwise 10,
/// and the names of those loaded. `bad` fails.
struct Fake {
    cache: VoiceCache,
    loaded: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    fn new(limits: Limits) -> Self {
        let loaded = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&loaded);
        let load = move |files: &VoiceFiles| {
            let name = files.name();
            log.lock().unwrap().push(name.clone());
            match name.as_str() {
                "bad" => Err(broken(files)),
                name => Ok(voice_of(name.parse().unwrap_or(10))),
            }
        };
        let cache = VoiceCache::new(limits, load);
        Self { cache, loaded }
    }

    fn get(&self, name: &str) -> Arc<Voice> {
        self.cache.get_or_load(&named(name)).unwrap()
    }

    /// Preloads on this thread, as the preloading thread does.
    fn preload(&self, name: &str) {
        self.cache.loader.preload(&named(name));
    }

    fn loads(&self) -> Vec<String> {
        self.loaded.lock().unwrap().clone()
    }

    /// The voices kept, the most recent one first.
    fn kept(&self) -> Vec<String> {
        let list = self.cache.list();
        list.into_iter().map(|voice| voice.name).collect()
    }
}

/// Runs `request` on `n` threads that start together.
fn at_once<R: Send>(n: usize, request: impl Fn() -> R + Sync) -> Vec<R> {
    let start = Barrier::new(n);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    request()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

/// Waits, in a loader, until `others` threads wait for its load.
fn wait_for_waiters(cache: &OnceLock<VoiceCache>, others: usize) {
    let cache = cache.wait();
    while cache.loader.with_slots(|slots| slots.waiting()) < others {
        std::thread::yield_now();
    }
}

#[test]
fn simultaneous_requests_share_one_load() {
    const THREADS: usize = 8;
    let cache = Arc::new(OnceLock::new());
    let seen = Arc::clone(&cache);
    let load = move |_: &VoiceFiles| {
        wait_for_waiters(&seen, THREADS - 1);
        Ok(voice(1))
    };
    let cache = cache.get_or_init(|| VoiceCache::new(Limits::default(), load));
    let voices = at_once(THREADS, || cache.get_or_load(&named("a")).unwrap());
    assert!(voices.iter().all(|v| Arc::ptr_eq(v, &voices[0])));
    let stats = cache.stats();
    assert_eq!((stats.requests, stats.misses, stats.loads), (8, 8, 1));
    assert_eq!((cache.list()[0].uses, cache.list()[0].loads), (8, 1));
}

#[test]
fn waiting_threads_get_the_loaders_error_and_the_next_request_tries_again() {
    const THREADS: usize = 4;
    let cache = Arc::new(OnceLock::new());
    let seen = Arc::clone(&cache);
    let tries = AtomicU64::new(0);
    let load = move |files: &VoiceFiles| {
        if tries.fetch_add(1, Ordering::SeqCst) > 0 {
            return Ok(voice(1));
        }
        wait_for_waiters(&seen, THREADS - 1);
        Err(broken(files))
    };
    let cache = cache.get_or_init(|| VoiceCache::new(Limits::default(), load));
    let errors = at_once(THREADS, || cache.get_or_load(&named("a")).unwrap_err());
    assert!(errors.iter().all(|e| Arc::ptr_eq(e, &errors[0])));
    assert_eq!(errors[0].to_string(), "bad voice model /nowhere/a.onnx");
    assert!(!cache.is_cached(&named("a")));
    assert!(cache.get_or_load(&named("a")).is_ok());
    let stats = cache.stats();
    assert_eq!((stats.loads, stats.failed_loads, stats.misses), (1, 1, 5));
}

#[test]
fn a_panic_of_the_loader_leaves_no_thread_waiting() {
    let cache = Arc::new(OnceLock::new());
    let seen = Arc::clone(&cache);
    let tries = AtomicU64::new(0);
    let load = move |_: &VoiceFiles| {
        if tries.fetch_add(1, Ordering::SeqCst) == 0 {
            wait_for_waiters(&seen, 1);
            panic!("part of the test");
        }
        Ok(voice(1))
    };
    let cache = cache.get_or_init(|| VoiceCache::new(Limits::default(), load));
    let request = || cache.get_or_load(&named("a")).is_ok();
    let outcomes = at_once(2, || {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(request)).is_ok()
    });
    assert_eq!(outcomes.iter().filter(|ok| **ok).count(), 1);
    assert!(cache.is_cached(&named("a")));
}

#[test]
fn limits_hold_while_threads_compete() {
    let fake = Fake::new(limits(2, 60));
    let start = AtomicU64::new(0);
    at_once(4, || {
        let start = start.fetch_add(1, Ordering::SeqCst);
        for i in 0..100 {
            let name = ["10", "20", "30", "40", "50"][(start + i * i) as usize % 5];
            let voice = fake.get(name);
            let stats = fake.cache.stats();
            assert!(stats.voices <= 2 && stats.bytes <= 60 * UNIT, "{stats:?}");
            drop(voice);
        }
    });
    let stats = fake.cache.stats();
    assert_eq!(stats.requests, 400);
    assert_eq!(stats.loads, fake.loads().len() as u64);
}

#[test]
fn the_least_recently_used_voice_is_evicted_first() {
    let fake = Fake::new(limits(2, 1000));
    for name in ["a", "b"] {
        fake.get(name);
    }
    fake.get("a");
    fake.get("c");
    assert_eq!(fake.kept(), ["c", "a"]);
    assert_eq!(fake.cache.stats().evictions, 1);
}

#[test]
fn a_voice_in_use_outlives_its_eviction_and_is_not_loaded_again() {
    let fake = Fake::new(limits(1, 1000));
    let in_use = fake.get("a");
    fake.get("b");
    assert_eq!(fake.kept(), ["b"]);
    assert_eq!(in_use.name(), "fake");
    assert!(Arc::ptr_eq(&fake.get("a"), &in_use));
    assert_eq!(fake.loads(), ["a", "b"]);
    drop(in_use);
    fake.get("b");
    fake.get("a");
    assert_eq!(fake.loads(), ["a", "b", "b", "a"], "no caller used them");
}

#[test]
fn an_evicted_voice_is_freed_with_its_last_user() {
    let fake = Fake::new(limits(1, 1000));
    let in_use = fake.get("a");
    let alive = Arc::downgrade(&in_use);
    assert!(fake.cache.evict(&named("a")));
    assert!(!fake.cache.evict(&named("a")));
    assert!(alive.upgrade().is_some());
    drop(in_use);
    assert!(alive.upgrade().is_none());
}

#[test]
fn a_voice_evicted_on_request_is_loaded_again() {
    let fake = Fake::new(limits(3, 1000));
    let in_use = fake.get("a");
    fake.cache.evict(&named("a"));
    assert!(!Arc::ptr_eq(&fake.get("a"), &in_use));
    fake.cache.clear();
    assert!(!Arc::ptr_eq(&fake.get("a"), &in_use));
    assert_eq!(fake.cache.stats().evictions, 2);
}

#[test]
fn a_voice_over_the_limit_is_not_kept_and_reported_once() {
    let fake = Fake::new(limits(3, 50));
    fake.get("20");
    for _ in 0..2 {
        fake.get("60");
    }
    assert_eq!(fake.kept(), ["20"], "no voice was evicted for it");
    assert_eq!(fake.loads(), ["20", "60", "60"]);
    let expected = TooLarge {
        path: "/nowhere/60.onnx".into(),
        bytes: 60 * UNIT,
        limit_bytes: 50 * UNIT,
    };
    assert_eq!(fake.cache.take_too_large(), [expected]);
    fake.get("60");
    assert_eq!(fake.cache.take_too_large(), []);
}

#[test]
fn callers_share_a_voice_over_the_limit() {
    let fake = Fake::new(limits(3, 50));
    let in_use = fake.get("60");
    assert!(Arc::ptr_eq(&fake.get("60"), &in_use));
    assert_eq!(fake.loads(), ["60"]);
}

#[test]
fn new_limits_take_effect_at_once() {
    let fake = Fake::new(Limits::default());
    for name in ["10", "20", "30"] {
        fake.get(name);
    }
    fake.cache.set_limits(limits(3, 55));
    assert_eq!(fake.kept(), ["30", "20"]);
    fake.cache.set_limits(limits(1, 55));
    assert_eq!(fake.kept(), ["30"]);
    assert_eq!(fake.cache.limits(), limits(1, 55));
    fake.cache.set_limits(limits(0, 55));
    assert!(fake.kept().is_empty());
    fake.get("10");
    assert!(fake.kept().is_empty());
}

/// A voice with files, and a cache.
struct OnDisk {
    folder: tempfile::TempDir,
    files: VoiceFiles,
    cache: VoiceCache,
}

fn on_disk() -> OnDisk {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("a.onnx");
    fs::write(&model, "graph").unwrap();
    fs::write(folder.path().join("a.onnx.json"), "{}").unwrap();
    let load = |files: &VoiceFiles| match fs::read(files.model_path()) {
        Ok(_) => Ok(voice(1)),
        Err(_) => Err(broken(files)),
    };
    OnDisk {
        files: VoiceFiles::on_disk(model, None),
        folder,
        cache: VoiceCache::new(Limits::default(), load),
    }
}

/// Writes a file and advances its modification time by `seconds`.
fn rewrite(path: &Path, content: &str, seconds: u64) {
    let before = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, content).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    let after = before + Duration::from_secs(seconds);
    file.set_modified(after).unwrap();
}

impl OnDisk {
    fn get(&self, model: PathBuf) -> Arc<Voice> {
        let config = Some(self.files.config_path().to_owned());
        let files = VoiceFiles::on_disk(model, config);
        self.cache.get_or_load(&files).unwrap()
    }

    fn model(&self) -> &Path {
        self.files.model_path()
    }
}

#[test]
#[cfg(unix)]
fn a_link_to_a_cached_voice_is_a_hit() {
    let voice = on_disk();
    let link = voice.folder.path().join("link.onnx");
    std::os::unix::fs::symlink(voice.model(), &link).unwrap();
    let first = voice.get(voice.model().to_owned());
    assert!(Arc::ptr_eq(&voice.get(link.clone()), &first));
    let config = Some(voice.files.config_path().to_owned());
    let linked = VoiceFiles::on_disk(link, config);
    assert!(voice.cache.is_cached(&linked));
    assert!(voice.cache.evict(&linked));
    assert_eq!(voice.cache.stats().hits, 1);
}

#[test]
fn a_replaced_file_is_loaded_again() {
    let cases = [("another size", "graphs", 0), ("the same size", "GRAPH", 9)];
    for (name, content, seconds) in cases {
        let voice = on_disk();
        let old = voice.cache.get_or_load(&voice.files).unwrap();
        rewrite(voice.model(), content, seconds);
        assert!(!voice.cache.is_cached(&voice.files), "{name}");
        let new = voice.cache.get_or_load(&voice.files).unwrap();
        assert!(!Arc::ptr_eq(&old, &new), "{name}");
        let stats = voice.cache.stats();
        assert_eq!((stats.loads, stats.evictions, stats.voices), (2, 1, 1));
        voice.cache.get_or_load(&voice.files).unwrap();
        assert_eq!(voice.cache.stats().hits, 1, "{name}");
    }
}

#[test]
fn a_touched_file_with_the_same_content_is_a_hit() {
    let voice = on_disk();
    let first = voice.cache.get_or_load(&voice.files).unwrap();
    for seconds in [5, 9] {
        rewrite(voice.model(), "graph", seconds);
        let again = voice.cache.get_or_load(&voice.files).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert!(voice.cache.is_cached(&voice.files), "with its new time");
    }
    let stats = voice.cache.stats();
    assert_eq!((stats.loads, stats.hits, stats.evictions), (1, 2, 0));
}

#[test]
fn a_removed_file_is_an_error_although_the_voice_is_cached() {
    let voice = on_disk();
    voice.cache.get_or_load(&voice.files).unwrap();
    fs::remove_file(voice.model()).unwrap();
    assert!(voice.cache.get_or_load(&voice.files).is_err());
    fs::write(voice.model(), "graph").unwrap();
    assert!(voice.cache.get_or_load(&voice.files).is_ok());
}

#[test]
fn a_file_replaced_during_its_load_is_loaded_again() {
    let voice = on_disk();
    let load = |files: &VoiceFiles| {
        rewrite(files.model_path(), "GRAPH", 3);
        Ok(crate::voice::fake::voice(1))
    };
    let cache = VoiceCache::new(Limits::default(), load);
    for _ in 0..2 {
        cache.get_or_load(&voice.files).unwrap();
    }
    assert_eq!(cache.stats().loads, 2);
}

#[test]
fn a_request_for_a_replaced_file_does_not_share_the_load_of_the_old_one() {
    let on_disk = on_disk();
    let cell = Arc::new(OnceLock::new());
    let seen = Arc::clone(&cell);
    let (started, has_started) = mpsc::channel();
    let load = move |files: &VoiceFiles| {
        let graph = fs::read_to_string(files.model_path()).unwrap();
        started.send(graph.clone()).unwrap();
        if graph == "graph" {
            wait_for_waiters(&seen, 1);
        }
        Ok(voice(1))
    };
    let cache = cell.get_or_init(|| VoiceCache::new(Limits::default(), load));
    let request = || cache.get_or_load(&on_disk.files).unwrap();
    let (old, new) = std::thread::scope(|scope| {
        let old = scope.spawn(request);
        assert_eq!(has_started.recv().unwrap(), "graph");
        rewrite(on_disk.model(), "GRAPH", 9);
        let new = request();
        (old.join().unwrap(), new)
    });
    assert_eq!(has_started.try_recv().unwrap(), "GRAPH");
    assert!(!Arc::ptr_eq(&old, &new));
    assert!(Arc::ptr_eq(&new, &request()));
}

#[test]
fn a_voice_counts_as_its_mapped_bytes_twice_the_rest_of_its_file_and_50_mb() {
    let on_disk = on_disk();
    on_disk.cache.get_or_load(&on_disk.files).unwrap();
    assert_eq!(on_disk.cache.list()[0].bytes, 50_000_000 + 2 * 5);
    let fake = Fake::new(Limits::default());
    fake.get("42");
    assert_eq!(fake.cache.list()[0].bytes, 42 * UNIT);
}

#[test]
fn a_preloaded_voice_is_a_hit() {
    let (started, has_started) = mpsc::channel();
    let load = move |files: &VoiceFiles| {
        started.send(files.name()).unwrap();
        Ok(voice(1))
    };
    let cache = VoiceCache::new(Limits::default(), load);
    cache.preload(["a", "b"].map(named));
    // One thread, one after the other: when `b` starts, `a` is loaded.
    assert_eq!(has_started.iter().take(2).last().unwrap(), "b");
    cache.get_or_load(&named("a")).unwrap();
    let stats = cache.stats();
    assert_eq!((stats.requests, stats.hits), (1, 1));
}

#[test]
fn the_error_of_a_preload_is_kept_for_the_first_request() {
    let fake = Fake::new(Limits::default());
    fake.preload("bad");
    for loads in [1, 2] {
        let error = fake.cache.get_or_load(&named("bad")).unwrap_err();
        assert_eq!(error.to_string(), "bad voice model /nowhere/bad.onnx");
        assert_eq!(fake.loads().len(), loads);
    }
    let stats = fake.cache.stats();
    assert_eq!((stats.failed_loads, stats.misses, stats.loads), (2, 2, 0));
}

#[test]
fn a_preload_evicts_no_voice_that_is_needed_sooner() {
    let fake = Fake::new(limits(3, 1000));
    for name in ["old", "current"] {
        fake.get(name);
    }
    for name in ["next", "after", "late"] {
        fake.preload(name);
    }
    assert_eq!(fake.kept(), ["after", "next", "current"]);
    assert_eq!(fake.loads(), ["old", "current", "next", "after"]);

    let fake = Fake::new(limits(3, 70));
    fake.get("66");
    fake.preload("5");
    assert_eq!(fake.kept(), ["66"], "71 units are too many");
    fake.get("65");
    fake.preload("5");
    assert_eq!(fake.kept(), ["5", "65"]);
}

#[test]
fn a_preload_of_a_cached_voice_keeps_it_longer() {
    let fake = Fake::new(limits(3, 1000));
    for name in ["a", "b", "current"] {
        fake.get(name);
    }
    for name in ["a", "next"] {
        fake.preload(name);
    }
    assert_eq!(fake.kept(), ["next", "a", "current"]);
}

#[test]
fn the_list_counts_loads_and_uses_over_the_life_of_the_cache() {
    let fake = Fake::new(limits(1, 1000));
    for name in ["a", "a", "b", "a"] {
        fake.get(name);
    }
    let [voice] = &fake.cache.list()[..] else {
        panic!("one voice is kept");
    };
    assert_eq!((voice.loads, voice.uses, voice.bytes), (2, 3, 10 * UNIT));
    assert_eq!(voice.path, Path::new("/nowhere/a.onnx"));
    assert!(voice.idle.is_some());
    fake.preload("c");
    assert_eq!(fake.kept(), ["a"], "there is no room");
    fake.cache.clear();
    fake.preload("c");
    assert_eq!(fake.cache.list()[0].idle, None);
}

#[test]
fn resetting_the_statistics_keeps_the_present_state() {
    let fake = Fake::new(Limits::default());
    fake.get("10");
    fake.cache.reset_stats();
    let expected = CacheStats {
        voices: 1,
        bytes: 10 * UNIT,
        ..CacheStats::default()
    };
    assert_eq!(fake.cache.stats(), expected);
}

#[derive(Debug, Clone)]
enum Step {
    Get(u64),
    Preload(u64),
    Evict(u64),
    Limit(Limits),
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = || (1u64..8).prop_map(|n| n * 10);
    let step = prop_oneof![
        8 => size().prop_map(Step::Get),
        4 => size().prop_map(Step::Preload),
        1 => size().prop_map(Step::Evict),
        2 => (0usize..5, 0u64..150).prop_map(|(n, units)| Step::Limit(limits(n, units))),
        1 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 0..40)
}

/// A simple model of the cache.
#[derive(Default)]
struct Naive {
    limits: Limits,
    /// The sizes of the voices kept, the least recent one first.
    kept: Vec<u64>,
    last_used: Option<u64>,
    requests: u64,
    hits: u64,
    loads: u64,
    evictions: u64,
}

impl Naive {
    fn take(&mut self, step: &Step) {
        match *step {
            Step::Get(size) => {
                self.requests += 1;
                self.hits += u64::from(self.kept.contains(&size));
                self.last_used = Some(size);
                self.load(size);
            }
            Step::Preload(size) if self.has_room_for(size) => self.load(size),
            Step::Preload(_) => {}
            Step::Evict(size) => self.evict(|kept| *kept == size),
            Step::Limit(limits) => self.limits = limits,
            Step::Clear => self.evict(|_| true),
        }
        while self.kept.len() > self.limits.voices || self.units() * UNIT > self.limits.bytes {
            self.kept.remove(0);
            self.evictions += 1;
        }
    }

    fn load(&mut self, size: u64) {
        match self.kept.iter().position(|kept| *kept == size) {
            Some(i) => self.kept[i..].rotate_left(1),
            None => {
                self.loads += 1;
                if size * UNIT <= self.limits.bytes {
                    self.kept.push(size);
                }
            }
        }
    }

    fn has_room_for(&self, size: u64) -> bool {
        let is_last_used = |kept: &u64| Some(*kept) == self.last_used;
        let since = self.kept.iter().position(is_last_used).unwrap_or(0);
        let needed = &self.kept[since..];
        let units = needed.iter().sum::<u64>() + SMALLEST;
        self.kept.contains(&size)
            || (needed.len() < self.limits.voices && units * UNIT <= self.limits.bytes)
    }

    fn evict(&mut self, is_evicted: impl Fn(&u64) -> bool) {
        let before = self.kept.len();
        self.kept.retain(|kept| !is_evicted(kept));
        self.evictions += (before - self.kept.len()) as u64;
    }

    fn units(&self) -> u64 {
        self.kept.iter().sum()
    }
}

proptest! {
    #[test]
    fn the_cache_agrees_with_a_simple_model(steps in steps()) {
        let limits = limits(3, 100);
        let fake = Fake::new(limits);
        let mut naive = Naive { limits, ..Naive::default() };
        for step in &steps {
            match *step {
                Step::Get(size) => _ = fake.get(&size.to_string()),
                Step::Preload(size) => fake.preload(&size.to_string()),
                Step::Evict(size) => _ = fake.cache.evict(&named(&size.to_string())),
                Step::Limit(limits) => fake.cache.set_limits(limits),
                Step::Clear => fake.cache.clear(),
            }
            naive.take(step);
            let kept: Vec<_> = naive.kept.iter().rev().map(u64::to_string).collect();
            prop_assert_eq!(fake.kept(), kept);
            let expected = CacheStats {
                requests: naive.requests,
                hits: naive.hits,
                misses: naive.requests - naive.hits,
                loads: naive.loads,
                failed_loads: 0,
                evictions: naive.evictions,
                voices: naive.kept.len(),
                bytes: naive.units() * UNIT,
                load_time: fake.cache.stats().load_time,
            };
            prop_assert_eq!(fake.cache.stats(), expected);
        }
    }
}
