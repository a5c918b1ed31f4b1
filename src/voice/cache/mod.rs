//! Voices that stay loaded: loading one costs as much as speaking a sentence.
//!
//! [`VoiceCache`] is the whole of it. Inside, `desk` serves one request from
//! look-up to answer, `shelf` holds the voices and decides which to let go,
//! `lent` remembers those still in use after that, `flight` lets threads share
//! one load, `identity` tells voices and versions of their files apart,
//! `memory` reckons what they take, `preload` loads them ahead of time.

mod desk;
mod flight;
mod identity;
mod lent;
mod memory;
mod preload;
mod shelf;
mod stats;

pub use self::stats::{CacheStats, CachedVoice, TooLarge};

use std::sync::{Arc, OnceLock};

use serde::Serialize;

use self::desk::Desk;
use self::identity::Ask;
use self::preload::Preloader;
use self::shelf::Shelf;
use super::{Voice, VoiceFiles};
use crate::{Error, Result};

/// How much a cache may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// How many voices; 0 keeps none.
    pub voices: usize,
    /// How much memory they may take together.
    pub bytes: u64,
}

impl Default for Limits {
    /// The original design's numbers: 3 voices, 1.5 GB.
    fn default() -> Self {
        Self {
            voices: 3,
            bytes: 1_500_000_000,
        }
    }
}

/// Keeps the voices used last, for all threads together.
///
/// # Which voice
/// A voice is told by the canonical paths of its two files, so that links and
/// detours lead to the same one. It is loaded again when its files hold
/// something else: when their size differs, or their age and then their hash.
/// A file rewritten with the same size and the same time of change goes
/// unnoticed. All voices of a cache are loaded by one loader, with one set of
/// options.
///
/// # Limits
/// The least recently used voices go first, at once. A voice that somebody
/// still holds lives on, uncounted, and is handed out again rather than loaded
/// a second time.
///
/// # Memory
/// A voice counts as the growth of the process while it was loaded and the
/// files it keeps mapped, where the system tells (Linux), no other voice was
/// being loaded meanwhile and the number is credible; otherwise as twice its file and 50 MB. Speech on other
/// threads blurs the measurement.
///
/// # Cost
/// A hit takes a look at two paths and sizes, some 40 µs. A load reads the
/// files once more for their hash, on a second thread beside the loader: some
/// 60 ms of a core for a voice of 60 MB.
#[derive(Debug)]
pub struct VoiceCache {
    preloader: OnceLock<Option<Preloader>>,
    desk: Arc<Desk>,
}

impl VoiceCache {
    /// Returns an empty cache that loads voices with `loader`.
    ///
    /// The loader runs on the threads that ask. It must not ask the cache for
    /// the voice that it is loading.
    pub fn new(
        limits: Limits,
        loader: impl Fn(&VoiceFiles) -> Result<Voice> + Send + Sync + 'static,
    ) -> Self {
        Self::with_meter(limits, loader, memory::in_use)
    }

    fn with_meter(
        limits: Limits,
        loader: impl Fn(&VoiceFiles) -> Result<Voice> + Send + Sync + 'static,
        meter: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> Self {
        Self {
            preloader: OnceLock::new(),
            desk: Arc::new(Desk::new(limits, Box::new(loader), Box::new(meter))),
        }
    }

    /// Returns a voice, loaded now unless it is kept.
    ///
    /// Threads that ask for one voice at the same time share one load, and
    /// its error too, hence the `Arc`. An error is not kept: who asks next
    /// tries again. Only that of a [`preload`](Self::preload) waits for the
    /// first to ask.
    pub fn get_or_load(&self, files: &VoiceFiles) -> Result<Arc<Voice>, Arc<Error>> {
        let answer = self.desk.serve(files);
        self.desk
            .with_shelf(|shelf| shelf.count_request(answer.hit));
        answer.outcome
    }

    /// Loads voices in the background, one after the other, the one needed
    /// first first.
    ///
    /// A voice is passed over if it would push out the one used last, or one
    /// preloaded since then.
    pub fn preload(&self, voices: impl IntoIterator<Item = VoiceFiles>) {
        let preloader = self.preloader.get_or_init(|| {
            let desk = Arc::clone(&self.desk);
            Preloader::start(move |files| desk.preload(files))
        });
        if let Some(preloader) = preloader {
            voices.into_iter().for_each(|files| preloader.push(files));
        }
    }

    /// Returns whether the voice is kept and its files look untouched.
    pub fn is_cached(&self, files: &VoiceFiles) -> bool {
        let ask = Ask::new(files);
        self.desk.with_shelf(|shelf| shelf.holds(&ask))
    }

    /// Lets go of a voice; returns whether it was kept.
    pub fn evict(&self, files: &VoiceFiles) -> bool {
        let key = files.canonical();
        self.desk.with_shelf(|shelf| shelf.evict(&key))
    }

    /// Lets go of every voice.
    pub fn clear(&self) {
        self.desk.with_shelf(Shelf::clear);
    }

    /// Returns the voices kept, the one used last first.
    pub fn list(&self) -> Vec<CachedVoice> {
        self.desk.with_shelf(|shelf| shelf.list())
    }

    /// Returns the limits.
    pub fn limits(&self) -> Limits {
        self.desk.with_shelf(|shelf| shelf.limits())
    }

    /// Changes the limits and lets go of what is over them.
    pub fn set_limits(&self, limits: Limits) {
        self.desk.with_shelf(|shelf| shelf.set_limits(limits));
    }

    /// Returns the voices that turned out too large to keep since this was
    /// last asked. Each is named once in the life of the cache.
    pub fn take_too_large(&self) -> Vec<TooLarge> {
        self.desk.with_shelf(Shelf::take_too_large)
    }

    /// Returns the statistics.
    pub fn stats(&self) -> CacheStats {
        self.desk.with_shelf(|shelf| shelf.stats())
    }

    /// Sets every count to zero, but for what describes the present.
    pub fn reset_stats(&self) {
        self.desk.with_shelf(Shelf::reset_stats);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::fake::voice;
    use proptest::prelude::*;
    use std::fs::{self, File};
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Barrier, Mutex, mpsc};
    use std::time::Duration;

    const MB: u64 = 1000 * 1000;

    /// A voice that has no files; the fake loader needs none.
    fn named(name: &str) -> VoiceFiles {
        VoiceFiles::on_disk(format!("/nowhere/{name}.onnx").into(), None)
    }

    fn limits(voices: usize, megabytes: u64) -> Limits {
        let bytes = megabytes * MB;
        Limits { voices, bytes }
    }

    fn broken(files: &VoiceFiles) -> Error {
        Error::BadVoiceModel {
            path: files.model_path().to_owned(),
            source: "broken".into(),
        }
    }

    /// A cache of voices that take as many megabytes as their name says,
    /// and the names of those loaded. `bad` fails.
    struct Fake {
        cache: VoiceCache,
        loaded: Arc<Mutex<Vec<String>>>,
    }

    impl Fake {
        fn new(limits: Limits) -> Self {
            let loaded = Arc::new(Mutex::new(Vec::new()));
            let in_use = Arc::new(AtomicU64::new(0));
            let (log, meter) = (Arc::clone(&loaded), Arc::clone(&in_use));
            let load = move |files: &VoiceFiles| {
                let name = files.name();
                log.lock().unwrap().push(name.clone());
                if name == "bad" {
                    return Err(broken(files));
                }
                let megabytes: u64 = name.parse().unwrap_or(10);
                in_use.fetch_add(megabytes * MB, Ordering::SeqCst);
                Ok(voice(1))
            };
            let meter = move || Some(meter.load(Ordering::SeqCst));
            let cache = VoiceCache::with_meter(limits, load, meter);
            Self { cache, loaded }
        }

        fn get(&self, name: &str) -> Arc<Voice> {
            self.cache.get_or_load(&named(name)).unwrap()
        }

        /// Preloads on this thread, as the preloading thread does.
        fn preload(&self, name: &str) {
            self.cache.desk.preload(&named(name));
        }

        fn loads(&self) -> Vec<String> {
            self.loaded.lock().unwrap().clone()
        }

        /// The voices kept, the one used last first.
        fn kept(&self) -> Vec<String> {
            let list = self.cache.list();
            list.into_iter().map(|voice| voice.name).collect()
        }
    }

    /// Runs `ask` on `n` threads that begin together.
    fn at_once<R: Send>(n: usize, ask: impl Fn() -> R + Sync) -> Vec<R> {
        let start = Barrier::new(n);
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..n)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        ask()
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        })
    }

    /// A loader that waits until `others` threads wait for it.
    ///
    /// A waiter holds its flight, so the count of holders tells.
    fn wait_for_waiters(cache: &OnceLock<VoiceCache>, others: usize) {
        let cache = cache.wait();
        while cache.desk.with_shelf(|shelf| shelf.waiting()) < others {
            std::thread::yield_now();
        }
    }

    #[test]
    fn threads_that_ask_at_once_share_one_load() {
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
    fn waiters_get_the_loaders_error_and_the_next_asker_tries_again() {
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
    fn a_loader_that_panics_leaves_nobody_waiting() {
        let cache = Arc::new(OnceLock::new());
        let seen = Arc::clone(&cache);
        let tries = AtomicU64::new(0);
        let load = move |_: &VoiceFiles| {
            if tries.fetch_add(1, Ordering::SeqCst) == 0 {
                wait_for_waiters(&seen, 1);
                panic!("as the test wants");
            }
            Ok(voice(1))
        };
        let cache = cache.get_or_init(|| VoiceCache::new(Limits::default(), load));
        let ask = || cache.get_or_load(&named("a")).is_ok();
        let answers = at_once(2, || {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask)).is_ok()
        });
        assert_eq!(answers.iter().filter(|ok| **ok).count(), 1);
        assert!(cache.is_cached(&named("a")));
    }

    #[test]
    fn limits_hold_while_threads_press() {
        let fake = Fake::new(limits(2, 60));
        let start = AtomicU64::new(0);
        at_once(4, || {
            let start = start.fetch_add(1, Ordering::SeqCst);
            for i in 0..100 {
                let name = ["10", "20", "30", "40", "50"][(start + i * i) as usize % 5];
                let voice = fake.get(name);
                let stats = fake.cache.stats();
                assert!(stats.voices <= 2 && stats.bytes <= 60 * MB, "{stats:?}");
                drop(voice);
            }
        });
        let stats = fake.cache.stats();
        assert_eq!(stats.requests, 400);
        assert_eq!(stats.loads, fake.loads().len() as u64);
    }

    #[test]
    fn the_least_recently_used_voice_goes_first() {
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
        let speaking = fake.get("a");
        fake.get("b");
        assert_eq!(fake.kept(), ["b"]);
        assert_eq!(speaking.name(), "fake");
        assert!(Arc::ptr_eq(&fake.get("a"), &speaking));
        assert_eq!(fake.loads(), ["a", "b"]);
        drop(speaking);
        fake.get("b");
        fake.get("a");
        assert_eq!(fake.loads(), ["a", "b", "b", "a"], "nobody held them");
    }

    #[test]
    fn an_evicted_voice_is_freed_with_its_last_user() {
        let fake = Fake::new(limits(1, 1000));
        let speaking = fake.get("a");
        let alive = Arc::downgrade(&speaking);
        assert!(fake.cache.evict(&named("a")));
        assert!(!fake.cache.evict(&named("a")));
        assert!(alive.upgrade().is_some());
        drop(speaking);
        assert!(alive.upgrade().is_none());
    }

    #[test]
    fn a_voice_evicted_on_request_is_loaded_anew() {
        let fake = Fake::new(limits(3, 1000));
        let speaking = fake.get("a");
        fake.cache.evict(&named("a"));
        assert!(!Arc::ptr_eq(&fake.get("a"), &speaking));
        fake.cache.clear();
        assert!(!Arc::ptr_eq(&fake.get("a"), &speaking));
        assert_eq!(fake.cache.stats().evictions, 2);
    }

    #[test]
    fn a_voice_over_the_limit_is_used_and_not_kept_and_says_so_once() {
        let fake = Fake::new(limits(3, 50));
        fake.get("20");
        for _ in 0..2 {
            fake.get("60");
        }
        assert_eq!(fake.kept(), ["20"], "nothing was let go for it");
        assert_eq!(fake.loads(), ["20", "60", "60"]);
        let expected = TooLarge {
            path: "/nowhere/60.onnx".into(),
            bytes: 60 * MB,
            limit_bytes: 50 * MB,
        };
        assert_eq!(fake.cache.take_too_large(), [expected]);
        fake.get("60");
        assert_eq!(fake.cache.take_too_large(), []);
    }

    #[test]
    fn those_who_use_a_voice_over_the_limit_share_it() {
        let fake = Fake::new(limits(3, 50));
        let speaking = fake.get("60");
        assert!(Arc::ptr_eq(&fake.get("60"), &speaking));
        assert_eq!(fake.loads(), ["60"]);
    }

    #[test]
    fn new_limits_hold_at_once() {
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

    #[test]
    fn loads_beside_each_other_are_not_measured() {
        let both = Arc::new(Barrier::new(2));
        let load = move |_: &VoiceFiles| {
            both.wait();
            Ok(voice(1))
        };
        let clock = AtomicU64::new(0);
        let meter = move || Some(clock.fetch_add(7 * MB, Ordering::SeqCst));
        let cache = VoiceCache::with_meter(Limits::default(), load, meter);
        std::thread::scope(|scope| {
            for name in ["a", "b"] {
                scope.spawn(|| cache.get_or_load(&named(name)).unwrap());
            }
        });
        let bytes: Vec<_> = cache.list().iter().map(|voice| voice.bytes).collect();
        assert_eq!(bytes, [50 * MB; 2], "the estimate for no file at all");
    }

    /// A voice of real files, and a cache that counts its loads.
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
            cache: VoiceCache::with_meter(Limits::default(), load, || None),
        }
    }

    /// Writes a file that is `seconds` younger than it was.
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
    fn a_voice_asked_for_by_a_link_is_a_hit() {
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
    fn a_replaced_file_is_loaded_anew() {
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
    fn a_touched_file_of_the_same_content_is_not() {
        let voice = on_disk();
        let first = voice.cache.get_or_load(&voice.files).unwrap();
        for seconds in [5, 9] {
            rewrite(voice.model(), "graph", seconds);
            let again = voice.cache.get_or_load(&voice.files).unwrap();
            assert!(Arc::ptr_eq(&first, &again));
            assert!(voice.cache.is_cached(&voice.files), "its age is known");
        }
        let stats = voice.cache.stats();
        assert_eq!((stats.loads, stats.hits, stats.evictions), (1, 2, 0));
    }

    #[test]
    fn a_file_that_went_bad_is_not_answered_from_the_cache() {
        let voice = on_disk();
        voice.cache.get_or_load(&voice.files).unwrap();
        fs::remove_file(voice.model()).unwrap();
        assert!(voice.cache.get_or_load(&voice.files).is_err());
        fs::write(voice.model(), "graph").unwrap();
        assert!(voice.cache.get_or_load(&voice.files).is_ok());
    }

    #[test]
    fn a_file_replaced_during_its_load_is_loaded_anew() {
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
    fn who_asks_for_a_replaced_file_does_not_share_the_load_of_the_old_one() {
        let on_disk = on_disk();
        let cell = Arc::new(OnceLock::new());
        let seen = Arc::clone(&cell);
        let (begun, has_begun) = mpsc::channel();
        let load = move |files: &VoiceFiles| {
            let graph = fs::read_to_string(files.model_path()).unwrap();
            begun.send(graph.clone()).unwrap();
            if graph == "graph" {
                wait_for_waiters(&seen, 1);
            }
            Ok(voice(1))
        };
        let cache = cell.get_or_init(|| VoiceCache::new(Limits::default(), load));
        let ask = || cache.get_or_load(&on_disk.files).unwrap();
        let (old, new) = std::thread::scope(|scope| {
            let old = scope.spawn(ask);
            assert_eq!(has_begun.recv().unwrap(), "graph");
            rewrite(on_disk.model(), "GRAPH", 9);
            let new = ask();
            (old.join().unwrap(), new)
        });
        assert_eq!(has_begun.try_recv().unwrap(), "GRAPH");
        assert!(!Arc::ptr_eq(&old, &new));
        assert!(Arc::ptr_eq(&new, &ask()));
    }

    #[test]
    fn a_measurement_takes_the_place_of_the_estimate() {
        let voice = on_disk();
        voice.cache.get_or_load(&voice.files).unwrap();
        assert_eq!(voice.cache.list()[0].bytes, 50 * MB + 2 * 5);
        let fake = Fake::new(Limits::default());
        fake.get("42");
        assert_eq!(fake.cache.list()[0].bytes, 42 * MB);
    }

    #[test]
    fn a_preloaded_voice_is_a_hit() {
        let (begun, has_begun) = mpsc::channel();
        let load = move |files: &VoiceFiles| {
            begun.send(files.name()).unwrap();
            Ok(voice(1))
        };
        let cache = VoiceCache::with_meter(Limits::default(), load, || None);
        cache.preload(["a", "b"].map(named));
        // One thread, one after the other: when `b` begins, `a` is there.
        assert_eq!(has_begun.iter().take(2).last().unwrap(), "b");
        cache.get_or_load(&named("a")).unwrap();
        let stats = cache.stats();
        assert_eq!((stats.requests, stats.hits), (1, 1));
    }

    #[test]
    fn the_error_of_a_preload_waits_for_the_first_to_ask() {
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
    fn a_preload_pushes_out_nothing_that_is_needed_sooner() {
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
        fake.get("30");
        fake.preload("5"); // reckoned at 50 before it is measured
        assert_eq!(fake.kept(), ["30"]);
    }

    #[test]
    fn a_preload_of_a_kept_voice_keeps_it_longer() {
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
    fn the_list_tells_loads_and_uses_over_the_life_of_the_cache() {
        let fake = Fake::new(limits(1, 1000));
        for name in ["a", "a", "b", "a"] {
            fake.get(name);
        }
        let [voice] = &fake.cache.list()[..] else {
            panic!("one voice is kept");
        };
        assert_eq!((voice.loads, voice.uses, voice.bytes), (2, 3, 10 * MB));
        assert_eq!(voice.path, Path::new("/nowhere/a.onnx"));
        assert!(voice.idle.is_some());
        fake.preload("c");
        assert_eq!(fake.kept(), ["a"], "no room for a preload");
        fake.cache.clear();
        fake.preload("c");
        assert_eq!(fake.cache.list()[0].idle, None);
    }

    #[test]
    fn resetting_the_statistics_keeps_what_is_there() {
        let fake = Fake::new(Limits::default());
        fake.get("10");
        fake.cache.reset_stats();
        let expected = CacheStats {
            voices: 1,
            bytes: 10 * MB,
            ..CacheStats::default()
        };
        assert_eq!(fake.cache.stats(), expected);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Get(u64),
        Evict(u64),
        Limit(Limits),
        Clear,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let size = || (1u64..8).prop_map(|n| n * 10);
        let step = prop_oneof![
            8 => size().prop_map(Step::Get),
            1 => size().prop_map(Step::Evict),
            2 => (0usize..5, 0u64..150).prop_map(|(n, mb)| Step::Limit(limits(n, mb))),
            1 => Just(Step::Clear),
        ];
        prop::collection::vec(step, 0..40)
    }

    /// The simple model: megabytes of the voices kept, least recent first.
    struct Naive {
        limits: Limits,
        kept: Vec<u64>,
    }

    impl Naive {
        fn take(&mut self, step: &Step) {
            match *step {
                Step::Get(mb) if mb * MB > self.limits.bytes => {}
                Step::Get(mb) => {
                    self.kept.retain(|kept| *kept != mb);
                    self.kept.push(mb);
                }
                Step::Evict(mb) => self.kept.retain(|kept| *kept != mb),
                Step::Limit(limits) => self.limits = limits,
                Step::Clear => self.kept.clear(),
            }
            let over = |kept: &[u64], limits: Limits| {
                kept.len() > limits.voices || kept.iter().sum::<u64>() * MB > limits.bytes
            };
            while over(&self.kept, self.limits) {
                self.kept.remove(0);
            }
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_simple_model_and_the_statistics_add_up(steps in steps()) {
            let limits = limits(3, 100);
            let fake = Fake::new(limits);
            let mut naive = Naive { limits, kept: Vec::new() };
            let (mut requests, mut hits, mut refused) = (0, 0, 0);
            for step in &steps {
                match *step {
                    Step::Get(mb) => {
                        requests += 1;
                        hits += u64::from(naive.kept.contains(&mb));
                        refused += u64::from(mb * MB > naive.limits.bytes);
                        fake.get(&mb.to_string());
                    }
                    Step::Evict(mb) => _ = fake.cache.evict(&named(&mb.to_string())),
                    Step::Limit(limits) => fake.cache.set_limits(limits),
                    Step::Clear => fake.cache.clear(),
                }
                naive.take(step);
                let kept: Vec<_> = naive.kept.iter().rev().map(u64::to_string).collect();
                prop_assert_eq!(fake.kept(), kept);
                let stats = fake.cache.stats();
                prop_assert_eq!(stats.bytes, naive.kept.iter().sum::<u64>() * MB);
                prop_assert_eq!((stats.requests, stats.hits), (requests, hits));
                prop_assert_eq!(stats.misses, requests - hits);
                prop_assert_eq!(stats.loads, stats.misses);
                let gone = stats.evictions + refused;
                prop_assert_eq!(stats.loads, stats.voices as u64 + gone);
            }
        }
    }
}
