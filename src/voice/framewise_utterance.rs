//! A sentence of a framewise voice, spoken in windows without the silence that the
//! stock model cuts off.

use std::ops::Range;
use std::sync::Arc;

use super::framewise_model::{DecodedFrames, Frames, FramewiseModel};
use super::model::{Inference, Model, ModelInfo, Remaining, Utterance};
use super::windows::Windows;
use crate::{CancelToken, Result};

/// The first window for low latency: 0.4 s, most of which is the silence before a
/// sentence.
const FIRST_FRAMES: usize = 32;
/// The windows in which the end of a sentence is looked for: 0.8 s, more than the
/// silence after it.
const LAST_FRAMES: usize = 64;

impl Model for FramewiseModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
        Box::new(FramewiseUtterance {
            model: self,
            id_ends: None,
            state: State::Start(inference),
        })
    }
}

struct FramewiseUtterance {
    model: Arc<FramewiseModel>,
    id_ends: Option<Vec<u64>>,
    state: State,
}

enum State {
    Start(Inference),
    /// No frame was heard yet.
    Beginning {
        frames: Frames,
        windows: Windows,
        /// The samples from frame 0 on.
        silence: Vec<f32>,
    },
    /// The first frame that is heard was found.
    Sound {
        frames: Frames,
        windows: Windows,
        sound: Sound,
    },
    /// The last frame that is heard was found.
    Windows {
        frames: Frames,
        windows: Vec<Range<usize>>,
        /// The samples after those windows.
        end: Vec<f32>,
    },
    Done,
}

/// What was decoded of a sentence so far.
struct Sound {
    /// Its first frame. The silence before it is cut off.
    start: usize,
    /// Samples in a frame.
    hop: usize,
    /// The frame after those that were decoded.
    decoded: usize,
    /// The last one of them that is heard.
    last_heard: usize,
    /// The last samples, which are spoken if a later frame is heard.
    pause: Vec<f32>,
}

impl Utterance for FramewiseUtterance {
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining> {
        let model = &self.model;
        let state = std::mem::replace(&mut self.state, State::Done);
        self.state = match state {
            State::Start(inference) => {
                let optimize_for = inference.optimize_for;
                let frames = model.run_text(inference, cancel)?;
                State::Beginning {
                    windows: Windows::new(frames.count(), optimize_for, FIRST_FRAMES),
                    frames,
                    silence: Vec::new(),
                }
            }
            State::Beginning {
                frames,
                windows,
                silence,
            } => {
                let next = model.begin_sound(frames, windows, silence, cancel, samples)?;
                if let State::Sound { frames, sound, .. } = &next {
                    let total = (frames.count() * sound.hop) as u64;
                    let cut = (sound.start * sound.hop) as u64;
                    let durations = frames.durations.as_ref();
                    self.id_ends = durations.map(|all| all.ends(total, cut));
                }
                next
            }
            State::Sound {
                frames,
                mut windows,
                mut sound,
            } => match windows.next_small() {
                Some(window) => {
                    windows.next();
                    let decoded = model.decode(&frames, &window, cancel)?;
                    sound.pause.extend(&decoded.samples);
                    model.speak(&mut sound, &decoded, samples);
                    State::Sound {
                        frames,
                        windows,
                        sound,
                    }
                }
                None => {
                    let end = model.find_end(&frames, &sound, cancel)?;
                    if end.is_after_pause {
                        samples.extend(sound.pause);
                    }
                    State::Windows {
                        windows: windows.until(end.start).collect(),
                        frames,
                        end: end.samples,
                    }
                }
            },
            state => state,
        };
        Ok(match &self.state {
            State::Windows { windows, end, .. } => {
                Remaining::Windows(windows.len() + usize::from(!end.is_empty()))
            }
            State::Done => Remaining::Windows(0),
            _ => Remaining::Steps,
        })
    }

    fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        self.id_ends.take()
    }

    fn window(&self, n: usize, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<()> {
        if let State::Windows {
            frames,
            windows,
            end,
        } = &self.state
        {
            match windows.get(n) {
                Some(window) => samples.extend(self.model.decode(frames, window, cancel)?.samples),
                None => samples.extend_from_slice(end),
            }
        }
        Ok(())
    }
}

/// The end of a sentence.
struct FoundEnd {
    /// The first frame of the samples.
    start: usize,
    /// Without the silence that is cut off.
    samples: Vec<f32>,
    /// Whether a frame is heard that was not decoded before.
    is_after_pause: bool,
}

impl FramewiseModel {
    /// Decodes the next window. If a frame of it is heard, the sound begins some
    /// frames earlier.
    fn begin_sound(
        &self,
        frames: Frames,
        mut windows: Windows,
        mut silence: Vec<f32>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<State> {
        let Some(window) = windows.next() else {
            // The stock model cuts nothing off a silent sentence.
            samples.append(&mut silence);
            return Ok(State::Done);
        };
        let decoded = self.decode(&frames, &window, cancel)?;
        silence.extend(&decoded.samples);
        let (Some(first), Some(last_heard)) = (decoded.first_heard(), decoded.last_heard()) else {
            return Ok(State::Beginning {
                frames,
                windows,
                silence,
            });
        };
        let start = first.saturating_sub(self.interface.kept_silence.frames_before);
        let mut sound = Sound {
            start,
            hop: decoded.hop(),
            decoded: decoded.end(),
            last_heard,
            pause: silence.split_off(start * decoded.hop()),
        };
        self.speak(&mut sound, &decoded, samples);
        Ok(State::Sound {
            frames,
            windows,
            sound,
        })
    }

    /// Appends those of the last samples that are spoken whatever follows. The samples
    /// of the window that was `decoded` are the last ones.
    fn speak(&self, sound: &mut Sound, decoded: &DecodedFrames, samples: &mut Vec<f32>) {
        if let Some(last) = decoded.last_heard() {
            sound.last_heard = last;
        }
        sound.decoded = decoded.end();
        let hop = decoded.hop();
        let pause_start = decoded.end() - sound.pause.len() / hop.max(1);
        let end = self.end_of(sound.last_heard).min(decoded.end());
        let later = sound.pause.split_off(end.saturating_sub(pause_start) * hop);
        samples.append(&mut sound.pause);
        sound.pause = later;
    }

    /// The end of a sentence of which no frame after `last_heard` is heard; it may be
    /// after its last frame.
    fn end_of(&self, last_heard: usize) -> usize {
        last_heard + 1 + self.interface.kept_silence.frames_after
    }

    /// Decodes windows from the end of the sentence on backwards, until one of
    /// their frames is heard, or until the frames that were decoded before.
    fn find_end(&self, frames: &Frames, sound: &Sound, cancel: &CancelToken) -> Result<FoundEnd> {
        let mut found = FoundEnd {
            start: frames.count(),
            samples: Vec::new(),
            is_after_pause: false,
        };
        let (mut last_heard, mut hop) = (sound.last_heard, 0);
        while found.start > sound.decoded && !found.is_after_pause {
            let start = found.start.saturating_sub(LAST_FRAMES).max(sound.decoded);
            let mut window = self.decode(frames, &(start..found.start), cancel)?;
            hop = window.hop();
            if let Some(last) = window.last_heard() {
                last_heard = last;
                found.is_after_pause = true;
            }
            window.samples.append(&mut found.samples);
            found.samples = window.samples;
            found.start = start;
        }
        let kept = self.end_of(last_heard).saturating_sub(found.start);
        found.samples.truncate(kept * hop);
        Ok(found)
    }
}
