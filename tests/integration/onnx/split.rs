//! Split voices make the samples of the original, at once and in windows.

use piper_rs::onnx::proto::{GraphProto, ModelProto};
use piper_rs::onnx::{self, EncoderSplit, Interface, SideInput, SplitError, VoiceParts};

use super::{LIVELY, Model, QUIET, Value, built_in, decode, value, voices};

/// A split voice, loaded, with the outputs of its text part.
pub(super) struct SplitVoice {
    pub(super) flow: Model,
    pub(super) coarse: Model,
    pub(super) fine: Model,
    pub(super) interface: Interface,
    pub(super) text_outputs: Vec<(String, Value)>,
}

impl SplitVoice {
    pub(super) fn speak(model: &ModelProto, scales: [f32; 3], seed: i64) -> Self {
        let VoiceParts {
            mut text,
            flow,
            coarse,
            fine,
            interface,
        } = onnx::split_voice(model).unwrap();
        assert_eq!(onnx::make_seedable(&mut text), Ok(2));
        Self {
            flow: Model::load(&flow),
            coarse: Model::load(&coarse),
            fine: Model::load(&fine),
            text_outputs: Model::load(&text).speak(scales, Some(seed)),
            interface,
        }
    }

    pub(super) fn frames(&self) -> usize {
        *value(&self.text_outputs, &self.interface.prior)
            .shape
            .last()
            .unwrap()
    }

    fn side_inputs(
        &self,
        side_inputs: &[SideInput],
        start: usize,
        end: usize,
    ) -> Vec<(String, Value)> {
        let slice = |side_input: &SideInput| {
            let value = value(&self.text_outputs, &side_input.name);
            let value = match side_input.is_per_frame {
                true => value.window(start, end),
                false => value,
            };
            (side_input.name.clone(), value)
        };
        side_inputs.iter().map(slice).collect()
    }

    pub(super) fn latent(&self, start: usize, end: usize) -> Value {
        let prior = value(&self.text_outputs, &self.interface.prior).window(start, end);
        let side_inputs = self.side_inputs(&self.interface.flow_side_inputs, start, end);
        let mut inputs = vec![(self.interface.prior.as_str(), &prior)];
        inputs.extend(
            side_inputs
                .iter()
                .map(|(name, value)| (name.as_str(), value)),
        );
        self.flow.run_floats(&inputs)
    }

    /// The frames that the two decoders together need on each side.
    pub(super) fn overlap(&self) -> usize {
        self.interface.coarse_overlap_frames + self.interface.fine_overlap_frames
    }

    /// The samples of the frames from `start` to `end`. The coarse decoder gets
    /// `overlap` more frames on each side. The fine decoder gets all of its
    /// output that is correct, or as much as it needs.
    pub(super) fn audio(&self, latent: &Value, start: usize, end: usize, overlap: usize) -> Value {
        let Interface {
            positions_per_frame: positions,
            hop,
            ..
        } = self.interface;
        let around = |overlap: usize| {
            let from = start.saturating_sub(overlap);
            (from, (end + overlap).min(self.frames()))
        };
        let (from, to) = around(overlap);
        let (fine_from, fine_to) = around(overlap.min(self.interface.fine_overlap_frames));
        let window = latent.window(from, to);
        let side_inputs = self.side_inputs(&self.interface.decoder_side_inputs, from, to);
        let mut inputs = vec![(self.interface.latent.as_str(), &window)];
        inputs.extend(
            side_inputs
                .iter()
                .map(|(name, value)| (name.as_str(), value)),
        );
        let hidden = self.coarse.run_floats(&inputs);
        let hidden = hidden.window((fine_from - from) * positions, (fine_to - from) * positions);
        self.fine
            .run_floats(&[(self.interface.decoder_hidden.as_str(), &hidden)])
            .window((start - fine_from) * hop, (end - fine_from) * hop)
    }
}

#[test]
fn split_voices_make_exactly_the_samples_of_the_original() {
    for (voice, bytes) in voices() {
        let stock = decode(&bytes);
        let mut whole = stock.clone();
        onnx::make_seedable(&mut whole).unwrap();
        let whole = Model::load(&whole);
        for (scales, seed) in [(QUIET, 0), (LIVELY, 1), (LIVELY, -8)] {
            let parts = SplitVoice::speak(&stock, scales, seed);
            let latent = parts.latent(0, parts.frames());
            assert_eq!(latent.shape, [1, parts.interface.channels, parts.frames()]);
            let audio = parts.audio(&latent, 0, parts.frames(), 0);
            assert_eq!(
                audio.shape.last(),
                Some(&(parts.frames() * parts.interface.hop))
            );
            let expected = value(&whole.speak(scales, Some(seed)), &parts.interface.audio);
            assert!(audio == expected, "{voice}, seed {seed}");
        }
    }
}

#[test]
fn the_encoder_and_the_rest_have_the_outputs_of_the_text_part() {
    for (voice, bytes) in voices() {
        let mut text = onnx::split_voice(&decode(&bytes)).unwrap().text;
        onnx::make_seedable(&mut text).unwrap();
        let whole = Model::load(&text).speak(LIVELY, Some(5));
        let EncoderSplit {
            encoder,
            rest,
            encoded,
        } = onnx::split_encoder(&text).expect("it has an encoder like other voices");
        if !voice.contains("tiny") {
            let nodes = |model: &ModelProto| model.graph.as_ref().unwrap().node.len();
            let larger = nodes(&encoder).max(nodes(&rest));
            assert!(larger * 4 < nodes(&text) * 3, "{voice}: {larger} nodes");
        }
        let encoder = Model::load(&encoder).speak(LIVELY, Some(5));
        let rest = Model::load(&rest).speak_from(&encoder, LIVELY, Some(5));
        assert_eq!(encoder[0].0, encoded);
        assert!(rest == whole, "{voice}");
    }
}

#[test]
fn the_decoders_make_the_same_samples_in_windows() {
    for (voice, bytes) in voices() {
        let parts = SplitVoice::speak(&decode(&bytes), LIVELY, 3);
        let frames = parts.frames();
        let latent = parts.latent(0, frames);
        let whole = parts.audio(&latent, 0, frames, 0);
        let (hop, overlap) = (parts.interface.hop, parts.overlap());
        let worst = |size: usize, overlap| {
            let starts = (0..frames).step_by(size);
            let differences = starts.map(|start| {
                let end = (start + size).min(frames);
                let window = parts.audio(&latent, start, end, overlap);
                window.difference(&whole.window(start * hop, end * hop))
            });
            differences.fold(0.0, f32::max)
        };
        for size in [7, 16, 64] {
            // Matrix products are summed in another order for other sizes.
            assert!(
                worst(size, overlap) < 1e-6,
                "{voice}: {}",
                worst(size, overlap)
            );
        }
        assert!(
            worst(16, overlap / 2) > 1e-5,
            "{voice}: the overlap is longer than necessary"
        );
    }
}

#[test]
fn the_flow_of_a_prefix_is_the_prefix_of_the_whole_flow() {
    for (voice, bytes) in voices() {
        let parts = SplitVoice::speak(&decode(&bytes), LIVELY, 3);
        let whole = parts.latent(0, parts.frames());
        let overlap = parts.interface.flow_overlap_frames.unwrap();
        let wanted = 27.min(parts.frames());
        let prefix = parts.latent(0, (wanted + overlap).min(parts.frames()));
        let difference = prefix
            .window(0, wanted)
            .difference(&whole.window(0, wanted));
        assert!(difference < 1e-6, "{voice}: {difference}");
        let start = wanted.saturating_sub(overlap);
        let rest = parts.latent(start, parts.frames());
        let rest = rest.window(wanted - start, parts.frames() - start);
        let difference = rest.difference(&whole.window(wanted, parts.frames()));
        assert!(difference < 1e-6, "{voice}: {difference}");
    }
}

#[test]
fn a_voice_with_other_value_names_is_split_the_same_way() {
    let (_, bytes) = voices().swap_remove(1);
    let mut model = decode(&bytes);
    let named = onnx::split_voice(&model).unwrap().interface;
    rename(model.graph.as_mut().unwrap());
    let numbered = onnx::split_voice(&model).unwrap().interface;
    assert!(numbered.prior.parse::<usize>().is_ok());
    assert_eq!(
        numbered.decoder_side_inputs.len(),
        named.decoder_side_inputs.len()
    );
    let strip = |interface: Interface| {
        let overlaps = (
            interface.coarse_overlap_frames,
            interface.fine_overlap_frames,
        );
        (
            interface.channels,
            interface.positions_per_frame,
            interface.hop,
            overlaps,
        )
    };
    assert_eq!(strip(numbered), strip(named));
    let audio = |model: &ModelProto| {
        let parts = SplitVoice::speak(model, LIVELY, 3);
        parts.audio(&parts.latent(0, parts.frames()), 0, parts.frames(), 0)
    };
    assert!(audio(&model) == audio(&decode(&bytes)));
}

/// Replaces the names of inner values by numbers and removes those of nodes, as
/// old exporters do.
fn rename(graph: &mut GraphProto) {
    let fixed: Vec<String> = graph
        .input
        .iter()
        .chain(&graph.output)
        .map(|value| value.name.clone())
        .collect();
    let mut numbers = std::collections::HashMap::new();
    let mut number = |name: &mut String| {
        if !name.is_empty() && !fixed.contains(name) {
            let next = numbers.len() + 1000;
            *name = numbers.entry(name.clone()).or_insert(next).to_string();
        }
    };
    graph
        .initializer
        .iter_mut()
        .for_each(|tensor| number(&mut tensor.name));
    for node in &mut graph.node {
        node.name.clear();
        node.input
            .iter_mut()
            .chain(&mut node.output)
            .for_each(&mut number);
    }
    graph.value_info.clear();
}

#[test]
fn a_voice_of_another_architecture_is_not_split() {
    let model = decode(&built_in().1);
    assert_eq!(
        onnx::split_voice(&model).unwrap_err(),
        SplitError::NoDecoder
    );
}
