//! Wyoming, by which Home Assistant speaks.
//!
//! A connection speaks one request at a time, and reads meanwhile: a `describe` is
//! answered at once, and a client that leaves is noticed.

mod info;
mod request;
mod sentences;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use piper_rs::protocol::wyoming::{Message, Reader, encode};
use piper_rs::text::plain;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::timeout;

use self::request::{Arriving, Refused, begin, begin_arriving};
use super::connections::{Protocol, stopped};
use super::sound::{Piece, Sound};
use super::speech::Speech;

/// How long a connection stays open without a message.
const MAX_IDLE: Duration = Duration::from_secs(300);

/// How many requests of one connection may wait for each other.
const MAX_WAITING: usize = 16;

const READ_BYTES: usize = 16 * 1024;

/// Wyoming on the connections of one socket.
#[derive(Clone)]
pub(super) struct Wyoming {
    speech: Arc<Speech>,
    stopping: watch::Receiver<bool>,
}

/// One connection.
struct Connection<S> {
    speech: Arc<Speech>,
    stream: S,
    reader: Reader,
    /// What is sent now.
    speaking: Option<Speaking>,
    /// A text that is still arriving.
    arriving: Option<Arriving>,
    /// `synthesize` while another is spoken.
    waiting: VecDeque<Message>,
}

/// A sound that is being sent.
struct Speaking {
    sound: Sound,
    state: State,
    /// What follows `audio-stop`.
    last: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    BeforeStart,
    Started,
}

/// Why a connection ends.
enum End {
    Io,
    /// Tell the client this first.
    Fault(Refused),
}

impl From<io::Error> for End {
    /// The client has left: there is nobody to tell.
    fn from(_: io::Error) -> Self {
        Self::Io
    }
}

impl From<Refused> for End {
    fn from(refused: Refused) -> Self {
        Self::Fault(refused)
    }
}

impl Wyoming {
    pub(super) fn new(speech: &Arc<Speech>, stopping: &watch::Receiver<bool>) -> Self {
        Self {
            speech: Arc::clone(speech),
            stopping: stopping.clone(),
        }
    }
}

impl Protocol for Wyoming {
    async fn serve(mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let mut connection = Connection {
            speech: self.speech,
            stream,
            reader: Reader::default(),
            speaking: None,
            arriving: None,
            waiting: VecDeque::new(),
        };
        if let Err(End::Fault(refused)) = connection.run(&mut self.stopping).await {
            let data = json!({"text": refused.message, "code": refused.code});
            _ = connection.send("error", &data, b"").await;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    async fn run(&mut self, stopping: &mut watch::Receiver<bool>) -> Result<(), End> {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            while let Some(message) = self.next_message()? {
                self.handle(message).await?;
            }
            if self.speaking.is_none()
                && let Some(message) = self.waiting.pop_front()
            {
                self.synthesize(&message).await?;
                continue;
            }
            tokio::select! {
                read = timeout(MAX_IDLE, self.stream.read(&mut buffer)), if self.may_read() => {
                    match read {
                        Ok(Ok(0)) => return Ok(()),
                        Ok(read) => self.reader.push(&buffer[..read?]),
                        // A long text may be spoken meanwhile.
                        Err(_) if self.speaking.is_some() => {}
                        Err(_) => return Ok(()),
                    }
                }
                piece = next_piece(&mut self.speaking) => self.send_piece(piece?).await?,
                () = stopped(stopping), if self.speaking.is_none() => return Ok(()),
            }
        }
    }

    fn may_read(&self) -> bool {
        self.waiting.len() < MAX_WAITING
    }

    fn next_message(&mut self) -> Result<Option<Message>, Refused> {
        let message = self.reader.next_message();
        message.map_err(|error| Refused::new("bad-message", error.to_string()))
    }

    async fn handle(&mut self, message: Message) -> Result<(), End> {
        match &*message.kind {
            "describe" => {
                let info = info::info(&self.speech).await;
                self.send("info", &info, b"").await?;
            }
            "ping" => {
                let data = json!({"text": message.data.get("text")});
                self.send("pong", &data, b"").await?;
            }
            // Its text has arrived in pieces.
            "synthesize" if self.arriving.is_some() => {}
            "synthesize" => self.waiting.push_back(message),
            "synthesize-start" => {
                if self.speaking.is_some() {
                    let message = "a text is still being spoken".to_owned();
                    return Err(Refused::new("busy", message).into());
                }
                self.arriving = Some(begin_arriving(&self.speech, &message.data).await?);
            }
            "synthesize-chunk" => {
                let text = message.data.get("text").and_then(Value::as_str);
                self.hear(&plain(text.unwrap_or_default()))?;
            }
            "synthesize-stop" => {
                if let Some(arriving) = self.arriving.take() {
                    let sound = arriving.finish(&self.speech)?;
                    self.speak(sound, Some("synthesize-stopped"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    async fn synthesize(&mut self, message: &Message) -> Result<(), Refused> {
        let sound = begin(&self.speech, &message.data).await?;
        self.speak(Some(sound), None);
        Ok(())
    }

    /// Takes a piece of a text that is still arriving.
    fn hear(&mut self, text: &str) -> Result<(), Refused> {
        if let Some(arriving) = &mut self.arriving {
            let sound = arriving.push(&self.speech, text)?;
            self.speak(sound, Some("synthesize-stopped"));
        }
        Ok(())
    }

    /// `None` goes on with the sound that is being sent.
    fn speak(&mut self, sound: Option<Sound>, last: Option<&'static str>) {
        if let Some(sound) = sound {
            self.speaking = Some(Speaking {
                sound,
                state: State::BeforeStart,
                last,
            });
        }
    }

    /// Sends a piece of the sound, or its end.
    async fn send_piece(&mut self, piece: Option<Piece>) -> Result<(), End> {
        let Some(speaking) = &mut self.speaking else {
            return Ok(());
        };
        let Some(piece) = piece else {
            let last = speaking.last;
            self.speaking = None;
            self.send("audio-stop", &json!({"timestamp": null}), b"")
                .await?;
            if let Some(last) = last {
                self.send(last, &json!({}), b"").await?;
            }
            return Ok(());
        };
        let is_first = speaking.state == State::BeforeStart;
        speaking.state = State::Started;
        let format =
            json!({"rate": piece.rate.get(), "width": 2, "channels": 1, "timestamp": null});
        if is_first {
            self.send("audio-start", &format, b"").await?;
        }
        if !piece.bytes.is_empty() {
            self.send("audio-chunk", &format, &piece.bytes).await?;
        }
        Ok(())
    }

    async fn send(&mut self, kind: &str, data: &Value, payload: &[u8]) -> io::Result<()> {
        self.stream.write_all(&encode(kind, data, payload)).await?;
        self.stream.flush().await
    }
}

/// Waits for the next piece; for ever if nothing is spoken.
async fn next_piece(speaking: &mut Option<Speaking>) -> Result<Option<Piece>, Refused> {
    match speaking {
        None => std::future::pending().await,
        Some(speaking) => {
            let piece = speaking.sound.next().await;
            piece.map_err(|failure| Refused::new("failed", failure.message))
        }
    }
}
