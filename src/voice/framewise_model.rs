//! A framewise voice in two parts: its decoder runs on windows of frames.

use std::ops::Range;
use std::sync::Arc;

use super::frame_tensor::{FrameTensor, SideTensor, SlicedInputs, to_sizes};
use super::model::{Inference, Model, ModelInfo, Remaining, Utterance};
use super::model_inputs::ModelInputs;
use super::windows::{Windows, widen};
use crate::onnx::{FramewiseInterface, SideInput};
use crate::runtime::Session;
use crate::{CancelToken, Error, Result};

/// The first window for low latency: 0.4 s, most of which is the silence before a
/// sentence.
const FIRST_FRAMES: usize = 32;
/// The windows in which the end of a sentence is looked for: 0.8 s, more than the
/// silence after it.
const LAST_FRAMES: usize = 64;

/// The stages of a framewise voice, run one after the other.
///
/// *Text* turns ids into the latent and some side tensors, the *decoder* turns
/// them into samples, one window of frames at a time. So memory grows little with
/// the sentence, and a cancellation takes effect after one window at most.
///
/// The samples are those of the stock model, which cuts the silence off: what is
/// cut follows from the first frame that is heard and from the last one.
#[derive(Debug)]
pub(super) struct FramewiseModel {
    pub(super) text: Session,
    pub(super) decoder: Session,
    pub(super) interface: FramewiseInterface,
    /// Frames that the decoder needs on each side of the frames it is run for.
    pub(super) overlap_frames: usize,
    pub(super) info: ModelInfo,
}

impl Model for FramewiseModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
        Box::new(FramewiseUtterance {
            model: self,
            state: State::Start(inference),
        })
    }
}

struct FramewiseUtterance {
    model: Arc<FramewiseModel>,
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
    /// The frame after those that were decoded.
    decoded: usize,
    /// The last one of them that is heard.
    last_heard: usize,
    /// The last samples, which are spoken if a later frame is heard.
    pause: Vec<f32>,
}

/// The outputs of the text stage.
pub(super) struct Frames {
    latent: FrameTensor,
    sides: Vec<SideTensor>,
}

/// A window of frames, decoded.
pub(super) struct DecodedFrames {
    pub(super) samples: Vec<f32>,
    heard: Vec<bool>,
}

impl Frames {
    pub(super) fn count(&self) -> usize {
        self.latent.range.end
    }
}

impl DecodedFrames {
    /// Samples in a frame.
    pub(super) fn hop(&self) -> usize {
        self.samples.len() / self.heard.len().max(1)
    }

    fn last_heard(&self) -> Option<usize> {
        self.heard.iter().rposition(|&heard| heard)
    }
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
            } => model.begin_sound(frames, windows, silence, cancel, samples)?,
            State::Sound {
                frames,
                mut windows,
                mut sound,
            } => match windows.next_small() {
                Some(window) => {
                    windows.next();
                    let decoded = model.decode(&frames, &window, cancel)?;
                    sound.pause.extend(&decoded.samples);
                    model.speak(&mut sound, &window, &decoded, samples);
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
    pub(super) fn run_text(&self, inference: Inference, cancel: &CancelToken) -> Result<Frames> {
        let inputs = ModelInputs::new(inference);
        let inputs = inputs.tensors(self.text.inputs());
        self.text.run(&inputs, cancel, |outputs| {
            let (shape, values) = outputs.floats(index_of(&self.text, &self.interface.latent)?)?;
            let latent = FrameTensor::new(values, &to_sizes(shape));
            let side = |input: &SideInput| {
                let index = index_of(&self.text, &input.name)?;
                SideTensor::new(outputs, index, input, latent.range.len())
            };
            let sides = self.interface.side_inputs.iter().map(side);
            Ok(Frames {
                sides: sides.collect::<Result<_>>()?,
                latent,
            })
        })
    }

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
        let first = decoded.heard.iter().position(|&heard| heard);
        let (Some(first), Some(last)) = (first, decoded.last_heard()) else {
            return Ok(State::Beginning {
                frames,
                windows,
                silence,
            });
        };
        let start = window.start + first;
        let start = start.saturating_sub(self.interface.kept_silence.frames_before);
        let mut sound = Sound {
            decoded: window.end,
            last_heard: window.start + last,
            pause: silence.split_off(start * decoded.hop()),
        };
        self.speak(&mut sound, &window, &decoded, samples);
        Ok(State::Sound {
            frames,
            windows,
            sound,
        })
    }

    /// Appends those of the last samples that are spoken whatever follows. A window
    /// was `decoded`, and its samples are the last ones.
    fn speak(
        &self,
        sound: &mut Sound,
        window: &Range<usize>,
        decoded: &DecodedFrames,
        samples: &mut Vec<f32>,
    ) {
        if let Some(last) = decoded.last_heard() {
            sound.last_heard = window.start + last;
        }
        sound.decoded = window.end;
        let hop = decoded.hop();
        let pause_start = window.end - sound.pause.len() / hop.max(1);
        let end = self.end_of(sound.last_heard).min(window.end);
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
                last_heard = start + last;
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

    /// Decodes the frames of a window.
    pub(super) fn decode(
        &self,
        frames: &Frames,
        window: &Range<usize>,
        cancel: &CancelToken,
    ) -> Result<DecodedFrames> {
        let FramewiseInterface {
            latent,
            audio,
            heard,
            ..
        } = &self.interface;
        let needed = widen(window, self.overlap_frames, frames.count());
        let inputs = SlicedInputs::new(latent, &frames.latent, &frames.sides, &needed)?;
        self.decoder.run(&inputs.tensors(), cancel, |outputs| {
            let (_, samples) = outputs.floats(index_of(&self.decoder, audio)?)?;
            let (_, heard) = outputs.floats(index_of(&self.decoder, heard)?)?;
            let hop = samples.len() / needed.len().max(1);
            if heard.len() != needed.len() || samples.len() != needed.len() * hop {
                let source = "its decoder returned another number of frames".into();
                return Err(Error::Inference { source });
            }
            let wanted = window.start - needed.start..window.end - needed.start;
            Ok(DecodedFrames {
                samples: samples[wanted.start * hop..wanted.end * hop].to_vec(),
                heard: heard[wanted].iter().map(|&heard| heard > 0.5).collect(),
            })
        })
    }
}

fn index_of(session: &Session, output: &str) -> Result<usize> {
    let at = session.outputs().iter().position(|name| name == output);
    at.ok_or_else(|| Error::Inference {
        source: format!("a part of it has no output `{output}`").into(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::OnceLock;

    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::onnx::proto::ModelProto;
    use crate::onnx::{FramewiseParts, make_seedable, split_framewise};
    use crate::runtime::{Runtime, SessionOptions};
    use crate::voice::{OptimizeFor, Scales};

    fn model() -> &'static FramewiseModel {
        static MODEL: OnceLock<FramewiseModel> = OnceLock::new();
        MODEL.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let voice = root.join("tests/voices/framewise/tiny_framewise.onnx");
            let graph = ModelProto::read(std::fs::read(voice).unwrap().into()).unwrap();
            let FramewiseParts {
                mut text,
                decoder,
                interface,
            } = split_framewise(&graph).unwrap();
            assert_eq!(make_seedable(&mut text), Ok(1));
            let runtime = std::env::var_os("ORT_DYLIB_PATH").unwrap();
            let runtime = Runtime::load(&[runtime.into()]).unwrap();
            let load = |part: &ModelProto| {
                let options = SessionOptions::default();
                Session::from_bytes(&runtime, &part.encode_to_vec(), options).unwrap()
            };
            FramewiseModel {
                text: load(&text),
                decoder: load(&decoder),
                interface,
                overlap_frames: 5,
                info: ModelInfo::default(),
            }
        })
    }

    fn frames(ids: &[i64], seed: u64) -> Frames {
        let inference = Inference {
            ids: ids.to_vec(),
            scales: Scales::default(),
            speed: 1.0,
            speaker: None,
            seed,
            optimize_for: OptimizeFor::Latency,
        };
        model().run_text(inference, &CancelToken::new()).unwrap()
    }

    proptest! {
        #[test]
        fn the_samples_do_not_depend_on_the_windows(
            ids in proptest::collection::vec(0i64..166, 1..60),
            seed: u64,
            sizes in proptest::collection::vec(1usize..90, 1..20),
        ) {
            let (frames, cancel) = (frames(&ids, seed), CancelToken::new());
            let whole = model().decode(&frames, &(0..frames.count()), &cancel).unwrap();
            let (mut samples, mut heard, mut start) = (Vec::new(), Vec::new(), 0);
            for size in sizes.iter().cycle() {
                let window = start..(start + size).min(frames.count());
                let decoded = model().decode(&frames, &window, &cancel).unwrap();
                samples.extend(decoded.samples);
                heard.extend(decoded.heard);
                start = window.end;
                if start == frames.count() {
                    break;
                }
            }
            prop_assert_eq!(heard, whole.heard);
            prop_assert_eq!(samples.len(), whole.samples.len());
            let differs = |(a, b): (&f32, &f32)| (a - b).abs() > 1e-6;
            prop_assert!(!samples.iter().zip(&whole.samples).any(differs));
        }
    }
}
