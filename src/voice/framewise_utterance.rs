//! A sentence of a framewise voice, spoken in windows without the silence that the
//! stock model cuts off.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::framewise_model::{Frames, FramewiseModel, Sentence};
use super::framewise_windows::windows;
use super::model::{Inference, Model, ModelInfo, Remaining, Utterance};
use super::silence_cut::SilenceCut;
use super::windows::OptimizeFor;
use crate::{CancelToken, Result};

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
    /// The first window is decoded. The others need frames that are not computed yet.
    Begun(Begun),
    Windows {
        sentence: Sentence,
        frames: Frames,
        windows: Vec<Window>,
        cut: Mutex<SilenceCut>,
    },
}

#[derive(Default)]
struct Begun {
    sentence: Sentence,
    windows: Vec<Range<usize>>,
    cut: SilenceCut,
}

struct Window {
    frames: Range<usize>,
    /// For each frame, whether it is heard. Set when the window is decoded.
    heard: OnceLock<Vec<bool>>,
}

impl Utterance for FramewiseUtterance {
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining> {
        let model = &self.model;
        let (begun, frames) = match &mut self.state {
            State::Start(inference) => {
                let optimize_for = inference.optimize_for;
                let sentence = model.run_text(inference.clone(), cancel)?;
                let mut begun = Begun {
                    windows: windows(sentence.frames, optimize_for),
                    cut: SilenceCut::new(model.interface.kept_silence),
                    sentence,
                };
                if optimize_for == OptimizeFor::Latency && begun.windows.len() > 1 {
                    // Alone: other windows would share the processor with it.
                    let first = begun.windows.remove(0);
                    let frames = model.frames_for(&begun.sentence, &first, cancel)?;
                    let heard = model.decode_first(&frames, &first, cancel, samples)?;
                    let Begun { sentence, cut, .. } = &mut begun;
                    self.id_ends = cut_and_count(cut, sentence, &heard, samples);
                    if !frames.are_all() {
                        self.state = State::Begun(begun);
                        return Ok(Remaining::Steps);
                    }
                    (begun, frames)
                } else {
                    let frames = model.all_frames(&begun.sentence, cancel)?;
                    (begun, frames)
                }
            }
            State::Begun(begun) => {
                let frames = model.all_frames(&begun.sentence, cancel)?;
                (std::mem::take(begun), frames)
            }
            State::Windows { windows, .. } => return Ok(Remaining::Windows(windows.len())),
        };
        let window = |frames| Window {
            frames,
            heard: OnceLock::new(),
        };
        let windows: Vec<_> = begun.windows.into_iter().map(window).collect();
        let remaining = Remaining::Windows(windows.len());
        self.state = State::Windows {
            sentence: begun.sentence,
            frames,
            windows,
            cut: Mutex::new(begun.cut),
        };
        Ok(remaining)
    }

    fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        self.id_ends.take()
    }

    fn window(&self, n: usize, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<()> {
        if let State::Windows {
            frames, windows, ..
        } = &self.state
        {
            let window = &windows[n];
            let heard = self.model.decode(frames, &window.frames, cancel, samples)?;
            _ = window.heard.set(heard);
        }
        Ok(())
    }

    fn pass_on(&self, n: usize, samples: &mut Vec<f32>) -> Option<Vec<u64>> {
        let State::Windows {
            sentence,
            windows,
            cut,
            ..
        } = &self.state
        else {
            return None;
        };
        let mut cut = cut.lock().unwrap_or_else(PoisonError::into_inner);
        let id_ends = cut_and_count(&mut cut, sentence, windows[n].heard.get()?, samples);
        if n + 1 == windows.len() {
            cut.finish(samples);
        }
        id_ends
    }
}

/// Cuts the samples of the next frames. Returns where the ids end if the first frame
/// that is heard is among them.
fn cut_and_count(
    cut: &mut SilenceCut,
    sentence: &Sentence,
    heard: &[bool],
    samples: &mut Vec<f32>,
) -> Option<Vec<u64>> {
    let hop = samples.len() / heard.len().max(1);
    let silence = cut.next(heard, samples)?;
    let total = (sentence.frames * hop) as u64;
    let durations = sentence.durations.as_ref()?;
    let mut ends = durations.ends(total, (silence.start * hop) as u64);
    // The first id is the start, of which nothing is heard.
    if let Some(start) = ends.first().copied() {
        let sound = start.min((silence.len() * hop) as u64);
        let same = ends.iter_mut().take_while(|end| **end == start);
        same.for_each(|end| *end = sound);
    }
    Some(ends)
}
