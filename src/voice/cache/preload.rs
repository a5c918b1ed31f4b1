//! Loading voices before anybody asks, one at a time, on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{Builder, JoinHandle};

use crate::voice::VoiceFiles;

/// A thread that works through a queue of voices.
///
/// Dropping it forgets the queue and waits for the load under way: a process
/// that ends while ONNX Runtime builds a session may crash.
#[derive(Debug)]
pub(super) struct Preloader {
    /// `None` only while this is being dropped.
    queue: Option<Sender<VoiceFiles>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Preloader {
    /// Starts the thread; `None` where the system has none to give.
    pub(super) fn start(load: impl Fn(&VoiceFiles) + Send + 'static) -> Option<Self> {
        let (queue, queued) = mpsc::channel();
        let closing = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&closing);
        let thread = Builder::new()
            .name("piper-rs preload".to_owned())
            .spawn(move || work(&queued, &seen, load))
            .ok()?;
        Some(Self {
            queue: Some(queue),
            closing,
            thread: Some(thread),
        })
    }

    pub(super) fn push(&self, files: VoiceFiles) {
        if let Some(queue) = &self.queue {
            // It fails only when a loader's panic has ended the thread. What
            // is not preloaded is loaded when it is asked for.
            _ = queue.send(files);
        }
    }
}

fn work(queued: &Receiver<VoiceFiles>, closing: &AtomicBool, load: impl Fn(&VoiceFiles)) {
    for files in queued {
        if closing.load(Ordering::SeqCst) {
            return;
        }
        load(&files);
    }
}

impl Drop for Preloader {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join(); // a panic has been reported where it happened
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn voice(name: &str) -> VoiceFiles {
        VoiceFiles::on_disk(name.into(), None)
    }

    #[test]
    fn voices_are_loaded_in_the_order_asked() {
        let (loaded, order) = mpsc::channel();
        let preloader = Preloader::start(move |files| loaded.send(files.name()).unwrap()).unwrap();
        for name in ["c", "a", "b"] {
            preloader.push(voice(name));
        }
        let order: Vec<_> = order.iter().take(3).collect();
        assert_eq!(order, ["c", "a", "b"]);
    }

    #[test]
    fn dropping_it_waits_for_the_load_under_way_and_forgets_the_rest() {
        let loaded = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&loaded);
        let (begun, has_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let preloader = Preloader::start(move |files| {
            begun.send(()).unwrap();
            _ = may_go_on.recv();
            seen.lock().unwrap().push(files.name());
        })
        .unwrap();
        for name in ["a", "b"] {
            preloader.push(voice(name));
        }
        has_begun.recv().unwrap();
        // Closed before `a` may go on, so that `b` is never begun.
        preloader.closing.store(true, Ordering::SeqCst);
        go_on.send(()).unwrap();
        drop(preloader);
        assert_eq!(*loaded.lock().unwrap(), ["a"]);
    }
}
