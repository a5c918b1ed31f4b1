//! A thread that loads voices before they are requested, one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use crate::threads;
use crate::voice::VoiceFiles;

/// A thread with a queue of voices.
///
/// Dropping it discards the queue and waits for the load in progress: a process
/// that ends while ONNX Runtime creates a session may crash.
#[derive(Debug)]
pub(super) struct Preloader {
    /// `None` only while this is being dropped.
    queue: Option<Sender<VoiceFiles>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Preloader {
    /// Starts the thread; `None` if the system cannot start one.
    pub(super) fn start(load: impl Fn(&VoiceFiles) + Send + 'static) -> Option<Self> {
        let (queue, queued) = mpsc::channel();
        let closing = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&closing);
        let thread = threads::spawn("preload", move || work(&queued, &seen, load)).ok()?;
        Some(Self {
            queue: Some(queue),
            closing,
            thread: Some(thread),
        })
    }

    pub(super) fn push(&self, files: VoiceFiles) {
        if let Some(queue) = &self.queue {
            // Fails only if a panic of the loader has ended the thread. The
            // voice is then loaded when it is requested.
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
            _ = thread.join(); // a panic has been reported already
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
    fn voices_are_loaded_in_the_order_of_the_requests() {
        let (loaded, order) = mpsc::channel();
        let preloader = Preloader::start(move |files| loaded.send(files.name()).unwrap()).unwrap();
        for name in ["c", "a", "b"] {
            preloader.push(voice(name));
        }
        let order: Vec<_> = order.iter().take(3).collect();
        assert_eq!(order, ["c", "a", "b"]);
    }

    #[test]
    fn dropping_it_waits_for_the_load_in_progress_and_discards_the_rest() {
        let loaded = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&loaded);
        let (started, has_started) = mpsc::channel();
        let (go, may_go) = mpsc::channel::<()>();
        let preloader = Preloader::start(move |files| {
            started.send(()).unwrap();
            _ = may_go.recv();
            seen.lock().unwrap().push(files.name());
        })
        .unwrap();
        for name in ["a", "b"] {
            preloader.push(voice(name));
        }
        has_started.recv().unwrap();
        // Closed before `a` continues, so that `b` never starts.
        preloader.closing.store(true, Ordering::SeqCst);
        go.send(()).unwrap();
        drop(preloader);
        assert_eq!(*loaded.lock().unwrap(), ["a"]);
    }
}
