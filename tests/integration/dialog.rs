//! A session of `interactive --json`, for tests: sends lines, reads messages.

use std::collections::VecDeque;

use serde_json::Value;

use crate::scene::{Live, Scene};

/// Starts a session with the test voice, for programs.
pub(crate) const SESSION: &str = "piper-rs interactive --json $TINY --normalize off";

/// A running session with the messages that it has sent.
pub(crate) struct Dialog {
    pub(crate) live: Live,
    partial: Vec<u8>,
    messages: VecDeque<Value>,
    /// Number of replies that have not been read. Every line gets one.
    unread: usize,
}

impl Dialog {
    pub(crate) fn start(scene: &Scene, line: &str) -> Self {
        let mut dialog = Self {
            live: scene.start(line),
            partial: Vec::new(),
            messages: VecDeque::new(),
            unread: 0,
        };
        dialog.event("ready");
        dialog
    }

    /// Sends a line.
    pub(crate) fn types(&mut self, line: &str) {
        self.live.types(line);
        self.unread += 1;
    }

    /// Sends a line and returns the reply to it.
    pub(crate) fn asks(&mut self, line: &str) -> Value {
        self.types(line);
        let mut reply = Value::Null;
        for _ in 0..std::mem::take(&mut self.unread) {
            reply = self.until(|message| message.get("reply").is_some());
        }
        reply
    }

    /// Waits for the next event of that name.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        self.until(|message| message["event"] == name)
    }

    /// Removes and returns the first message that matches.
    fn until(&mut self, matches: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(at) = self.messages.iter().position(&matches) {
                return self.messages.remove(at).unwrap();
            }
            let heard = self.live.hear(1);
            self.parse(&heard);
        }
    }

    fn parse(&mut self, heard: &[u8]) {
        for byte in heard {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.partial);
                self.messages
                    .push_back(serde_json::from_slice(&line).unwrap());
            } else {
                self.partial.push(*byte);
            }
        }
    }

    /// Starts a sentence that takes minutes to synthesize on any machine. Returns
    /// when the synthesis is running.
    pub(crate) fn starts_long_sentence(&mut self) {
        self.asks(":set length_scale 100");
        self.types(&long_sentence());
        self.event("started");
        // The voice is running once it holds a buffer.
        while self.asks(":stats")["pool"]["in_flight"] == 0 {}
    }

    /// Closes the input and waits for the end. Returns the exit code, the text on
    /// stderr and the messages that have not been read.
    pub(crate) fn ends(mut self) -> (Option<i32>, String, Vec<Value>) {
        self.live.ends_input();
        let (code, stderr, rest) = self.live.ends();
        self.parse(&rest);
        (code, stderr, self.messages.into())
    }

    /// Like [`Self::ends`]; the session must succeed and print nothing on stderr.
    #[track_caller]
    pub(crate) fn ends_well(self) -> Vec<Value> {
        let (code, stderr, messages) = self.ends();
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{messages:?}");
        messages
    }
}

/// Returns the events of this name.
pub(crate) fn events<'a>(messages: &'a [Value], name: &str) -> Vec<&'a Value> {
    let named = messages.iter().filter(|message| message["event"] == name);
    named.collect()
}

/// A sentence without an end, for one long inference.
pub(crate) fn long_sentence() -> String {
    "word after word after word and ".repeat(15)
}
