//! The sound of a request, from the thread that makes it to the connection that sends it.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use futures_core::Stream;
use piper_rs::audio::SampleRate;
use piper_rs::cancel::CancelOnDrop;
use piper_rs::{CancelToken, Error, Result};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many pieces wait for a slow client. The thread waits while there are so many.
const MAX_PIECES: usize = 4;

/// What the thread sends.
enum Event {
    Piece(Piece),
    /// Nothing is missing.
    End,
    Failed(Failure),
}

/// Some bytes of the sound.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    /// The rate of the samples.
    pub(super) rate: SampleRate,
}

/// Why there is no sound, or no more of it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub(super) struct Failure {
    pub(super) kind: FailureKind,
    pub(super) message: String,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The request is wrong.
    Client,
    /// The server has something else than the client means.
    Conflict,
    /// Something else is.
    Server,
}

/// The thread's end.
pub(super) struct SoundSender(Sender<Event>);

/// The connection's end. Dropping it cancels the thread.
pub(super) struct Sound {
    events: Receiver<Event>,
    /// Pieces that came before they were asked for.
    early: VecDeque<Piece>,
    ended: bool,
    _cancel: CancelOnDrop,
}

/// Returns both ends. When the second is dropped, `cancel` is cancelled.
pub(super) fn sound(cancel: CancelToken) -> (SoundSender, Sound) {
    let (sender, events) = channel(MAX_PIECES);
    let sound = Sound {
        events,
        early: VecDeque::new(),
        ended: false,
        _cancel: CancelOnDrop::new(cancel),
    };
    (SoundSender(sender), sound)
}

impl SoundSender {
    /// Waits for room, and fails if the connection has gone.
    pub(super) fn piece(&self, bytes: Vec<u8>, rate: SampleRate) -> Result<()> {
        let bytes = bytes.into();
        self.send(Event::Piece(Piece { bytes, rate }))
    }

    pub(super) fn end(self) -> Result<()> {
        self.send(Event::End)
    }

    pub(super) fn failed(self, failure: Failure) {
        // If nobody waits for it, it does not matter.
        _ = self.send(Event::Failed(failure));
    }

    fn send(&self, event: Event) -> Result<()> {
        self.0.blocking_send(event).map_err(|_| Error::Cancelled)
    }
}

impl Sound {
    /// Waits for the first piece, which stays part of the sound. A format without a
    /// header has none if there is nothing to hear.
    pub(super) async fn first(&mut self) -> Result<Option<Piece>, Failure> {
        let first = self.next().await?;
        self.early.extend(first.clone());
        Ok(first)
    }

    /// Waits until it is known whether the first piece is all there is. Returns it then.
    pub(super) async fn only_piece(&mut self) -> Result<Option<Piece>, Failure> {
        let Some(first) = self.next().await? else {
            return Ok(None);
        };
        let second = self.next().await?;
        if second.is_none() {
            return Ok(Some(first));
        }
        self.early
            .extend([Some(first), second].into_iter().flatten());
        Ok(None)
    }

    /// Waits for the next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>, Failure> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Piece>, Failure>> {
        if let Some(early) = self.early.pop_front() {
            return Poll::Ready(Ok(Some(early)));
        }
        if self.ended {
            return Poll::Ready(Ok(None));
        }
        let event = std::task::ready!(self.events.poll_recv(context));
        let piece = match event {
            Some(Event::Piece(piece)) => return Poll::Ready(Ok(Some(piece))),
            Some(Event::End) => Ok(None),
            Some(Event::Failed(failure)) => Err(failure),
            // The thread has panicked.
            None => Err(Failure {
                kind: FailureKind::Server,
                message: "the request failed".to_owned(),
            }),
        };
        self.ended = true;
        Poll::Ready(piece)
    }
}

impl Stream for Sound {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.get_mut().poll(context);
        polled.map(|piece| match piece {
            Ok(piece) => piece.map(|piece| Ok(piece.bytes)),
            Err(failure) => Some(Err(io::Error::other(failure))),
        })
    }
}
