//! Voices that were let go while somebody used them.

use std::sync::{Arc, Weak};

use super::identity::{Ask, Contents, Stamp};
use crate::voice::{Voice, VoiceFiles};

/// A voice and what was loaded for it. `V` says how firmly it is held.
#[derive(Debug)]
pub(super) struct Entry<V = Arc<Voice>> {
    pub(super) key: VoiceFiles,
    pub(super) stamp: Stamp,
    pub(super) contents: Contents,
    pub(super) bytes: u64,
    pub(super) voice: V,
}

impl<V> Entry<V> {
    /// Exchanges the hold on the voice; returns the old one.
    fn with_voice<W>(self, voice: W) -> (Entry<W>, V) {
        let entry = Entry {
            key: self.key,
            stamp: self.stamp,
            contents: self.contents,
            bytes: self.bytes,
            voice,
        };
        (entry, self.voice)
    }
}

/// Remembers voices for as long as somebody uses them: to load one a second
/// time meanwhile would only take more memory.
#[derive(Debug, Default)]
pub(super) struct Lent(Vec<Entry<Weak<Voice>>>);

impl Lent {
    /// Remembers a voice; returns the hold on it, for dropping.
    pub(super) fn lend(&mut self, entry: Entry) -> Arc<Voice> {
        self.0.retain(|lent| lent.voice.strong_count() > 0);
        let weak = Arc::downgrade(&entry.voice);
        let (lent, voice) = entry.with_voice(weak);
        self.0.push(lent);
        voice
    }

    /// Takes a voice back, if it is still in use and its files look the same.
    pub(super) fn take_back(&mut self, ask: &Ask) -> Option<Entry> {
        let is_asked = |lent: &Entry<_>| lent.key == ask.key && lent.stamp == ask.stamp;
        let i = self.0.iter().position(is_asked)?;
        let lent = self.0.swap_remove(i);
        let voice = lent.voice.upgrade()?;
        Some(lent.with_voice(voice).0)
    }

    pub(super) fn forget(&mut self, key: &VoiceFiles) {
        self.0.retain(|lent| lent.key != *key);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
