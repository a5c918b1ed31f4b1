//! Awaits audio blocks; any executor will do, such as tokio's.
//!
//! `cargo run --example async_stream --features async`
#![allow(clippy::print_stdout)]

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use futures_core::Stream as _;
use piper_rs::*;

async fn speak(synthesizer: &Arc<Synthesizer>, text: &str) -> Result<()> {
    let mut blocks = synthesizer.stream(SpeechSessionOptions::default(), text);
    // With the crate `futures`: `while let Some(block) = blocks.next().await`
    while let Some(block) = poll_fn(|context| Pin::new(&mut blocks).poll_next(context)).await {
        println!("{} samples", block?.samples.len());
    }
    Ok(())
}

fn main() -> Result<()> {
    let library = std::env::var_os("ORT_DYLIB_PATH").unwrap_or("libonnxruntime.so".into());
    let runtime = Runtime::load(&[library.into()])?;
    let voice = Voice::load(&VoiceFiles::Builtin, &runtime, &LoadOptions::default())?;
    let synthesizer = Synthesizer::for_voice(Arc::new(voice), &EspeakOptions::default())?;
    block_on(speak(&Arc::new(synthesizer), "One. Two. Three."))
}

/// The smallest executor, in place of a runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
