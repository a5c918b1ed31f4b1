//! Wyoming, by which Home Assistant speaks.
//!
//! A connection speaks one request at a time, and reads meanwhile: a `describe` is
//! answered at once, and a client that leaves is noticed.

mod info;
mod request;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use piper_rs::protocol::wyoming::{Message, Reader, encode};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use self::request::{Refused, TextSender, WholeText, refused};
use super::connections::{Protocol, stopped};
use super::sound::{Piece, Sound};
use super::speech::Speech;

/// How long a connection stays open while the server waits for its client.
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
    speaking: Option<Speaking>,
    /// `synthesize` while another text is spoken.
    waiting: VecDeque<WholeText>,
    /// When the last message came or the last sound was sent.
    last_active: Instant,
}

/// A text that is spoken now. Its sound is dropped before its text ends, so that a client
/// that leaves cancels it.
struct Speaking {
    sound: Sound,
    sent: Sent,
    text: Text,
}

/// What the client has of a sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    Start,
}

/// How the text of a sound comes.
enum Text {
    Whole,
    /// More may come.
    Arriving(TextSender),
    /// It came in pieces, and is complete.
    Arrived,
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
            waiting: VecDeque::new(),
            last_active: Instant::now(),
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
            while self.may_read()
                && let Some(message) = self.next_message()?
            {
                self.last_active = Instant::now();
                self.handle(message).await?;
                // One client's messages do not keep others waiting.
                tokio::task::yield_now().await;
            }
            if self.speaking.is_none()
                && let Some(text) = self.waiting.pop_front()
            {
                let sound = text.start(&self.speech).await?;
                self.speak(sound, Text::Whole);
                continue;
            }
            let idle_at = self.last_active + MAX_IDLE;
            tokio::select! {
                read = self.stream.read(&mut buffer), if self.may_read() => match read? {
                    0 => return Ok(()),
                    read => self.reader.push(&buffer[..read]),
                },
                piece = next_piece(&mut self.speaking) => self.send_piece(piece?).await?,
                () = stopped(stopping), if self.speaking.is_none() => return Ok(()),
                () = sleep_until(idle_at), if self.waits_for_client() => return Ok(()),
            }
        }
    }

    /// Whether there is room for one more text.
    fn may_read(&self) -> bool {
        let n_chars: usize = self.waiting.iter().map(WholeText::n_chars).sum();
        self.waiting.len() < MAX_WAITING && n_chars < self.speech.limits().max_chars
    }

    /// Whether nothing happens until the client does something: a whole text may take
    /// any time.
    fn waits_for_client(&self) -> bool {
        let speaking = self.speaking.as_ref();
        speaking.is_none_or(|speaking| matches!(speaking.text, Text::Arriving(_)))
    }

    fn next_message(&mut self) -> Result<Option<Message>, Refused> {
        let message = self.reader.next_message();
        message.map_err(|error| Refused::new("bad-message", error.to_string()))
    }

    async fn handle(&mut self, message: Message) -> Result<(), End> {
        let data = &message.data;
        let arriving = self.speaking.as_mut().map(|speaking| &mut speaking.text);
        match (&*message.kind, arriving) {
            ("describe", _) => {
                let info = info::info(&self.speech).await;
                self.send("info", &info, b"").await?;
            }
            ("ping", _) => {
                let data = json!({"text": data.get("text")});
                self.send("pong", &data, b"").await?;
            }
            // Its text has arrived in pieces.
            ("synthesize", Some(Text::Arriving(_))) => {}
            ("synthesize", _) => {
                let text = WholeText::read(&self.speech, data)?;
                self.waiting.push_back(text);
            }
            ("synthesize-start", None) if self.waiting.is_empty() => {
                let (text, sound) = TextSender::start(&self.speech, data).await?;
                self.speak(sound, Text::Arriving(text));
            }
            ("synthesize-start", _) => {
                let message = "a text is still being spoken";
                return Err(refused(&self.speech, "busy", message).into());
            }
            ("synthesize-chunk", Some(Text::Arriving(arriving))) => {
                arriving.push(&self.speech, data)?;
            }
            ("synthesize-stop", Some(text @ Text::Arriving(_))) => *text = Text::Arrived,
            _ => {}
        }
        Ok(())
    }

    /// Sends a sound from now on.
    fn speak(&mut self, sound: Sound, text: Text) {
        debug_assert!(self.speaking.is_none(), "one sound at a time");
        self.speaking = Some(Speaking {
            sound,
            sent: Sent::Nothing,
            text,
        });
    }

    /// Sends a piece of the sound, or its end.
    async fn send_piece(&mut self, piece: Option<Piece>) -> Result<(), End> {
        let Some(speaking) = &mut self.speaking else {
            return Ok(());
        };
        let Some(piece) = piece else {
            let is_whole = matches!(speaking.text, Text::Whole);
            self.speaking = None;
            self.send("audio-stop", &json!({"timestamp": null}), b"")
                .await?;
            if !is_whole {
                self.send("synthesize-stopped", &json!({}), b"").await?;
            }
            return Ok(());
        };
        let sent = std::mem::replace(&mut speaking.sent, Sent::Start);
        let format =
            json!({"rate": piece.rate.get(), "width": 2, "channels": 1, "timestamp": null});
        if sent == Sent::Nothing {
            self.send("audio-start", &format, b"").await?;
        }
        if !piece.bytes.is_empty() {
            self.send("audio-chunk", &format, &piece.bytes).await?;
        }
        Ok(())
    }

    async fn send(&mut self, kind: &str, data: &Value, payload: &[u8]) -> io::Result<()> {
        self.stream.write_all(&encode(kind, data, payload)).await?;
        self.last_active = Instant::now();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::serve::paused_time;
    use crate::commands::serve::sound::{SoundSender, sound};
    use piper_rs::CancelToken;
    use tokio::io::{DuplexStream, duplex};
    use tokio::time::timeout;

    /// A connection that speaks, its client, and the thread's end of the sound. Time
    /// passes while all wait.
    fn run<F: Future<Output = ()>>(
        text: Text,
        test: impl FnOnce(Connection<DuplexStream>, DuplexStream, SoundSender) -> F,
    ) {
        paused_time::run(async {
            let (ours, theirs) = duplex(1 << 16);
            let (sender, sound) = sound(CancelToken::new());
            let mut connection = Connection {
                speech: Speech::of_nobody(),
                stream: ours,
                reader: Reader::default(),
                speaking: None,
                waiting: VecDeque::new(),
                last_active: Instant::now(),
            };
            connection.speak(sound, text);
            test(connection, theirs, sender).await;
        });
    }

    #[test]
    fn a_client_that_never_ends_its_text_is_given_up() {
        let (text, _arriving) = TextSender::channel();
        run(
            Text::Arriving(text),
            |mut connection, mut client, sender| async move {
                let (started, _open) = (Instant::now(), sender);
                let (_stop, mut stopping) = watch::channel(false);
                let ping = encode("ping", &json!({}), b"");
                let served = connection.run(&mut stopping);
                let client = async {
                    tokio::time::sleep(MAX_IDLE / 2).await;
                    client.write_all(&ping).await.unwrap();
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    served = timeout(MAX_IDLE * 10, served) => assert!(matches!(served, Ok(Ok(())))),
                    () = client => {}
                }
                assert_eq!(started.elapsed(), MAX_IDLE / 2 + MAX_IDLE);
            },
        );
    }

    #[test]
    fn a_client_that_waits_for_a_whole_text_is_not() {
        run(Text::Whole, |mut connection, client, sender| async move {
            let _open = (client, sender);
            let (_stop, mut stopping) = watch::channel(false);
            let served = connection.run(&mut stopping);
            assert!(timeout(MAX_IDLE * 10, served).await.is_err());
        });
    }
}
