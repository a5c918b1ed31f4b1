//! Splitting a framewise voice into text part and decoder, pitch and timbre off the text
//! part, and the decoder in two.
//!
//! The decoder of such a voice has no upsampling: convolutions of frames, then a
//! filter for each frame, whose sound overlaps with that of its neighbours. At
//! its end the graph cuts off the silence around the sentence. This is removed
//! and done outside, because it needs the whole sentence.
//!
//! How far the decoder looks is not read off the graph, since samples and frames
//! change places in it. It is measured: see `voice::prepared`. After each convolution
//! it looks less far, and drops the frames that it looked at: see [`Narrowing`].

mod fine;
mod locate;
mod lookup;
mod narrow;
mod padding;
mod pitch;
mod timbre;
mod trim;

pub use fine::Hidden;
pub use narrow::Narrowing;
pub use padding::Padding;
pub use pitch::{PitchInterface, PitchParts};
pub use timbre::TimbreParts;
pub use trim::KeptSilence;

use self::fine::{DecoderParts, split_decoder};
use self::locate::{Decoder, is_passable};
use self::lookup::hasten_lookups;
use self::narrow::narrow;
use self::pitch::split_pitch;
use self::timbre::{Timbre, declare};
use self::trim::Trim;
use super::{SideInput, SplitError, entangled};
use crate::onnx::durations::DURATIONS_OUTPUT;
use crate::onnx::graph_index::{GraphIndex, intersection};
use crate::onnx::proto::{GraphProto, ModelProto, ValueInfoProto};
use crate::onnx::subgraph::extract;

/// A framewise voice in models that run one after the other, but for the timbre.
#[derive(Clone, Debug)]
pub struct FramewiseParts {
    /// From the voice's own inputs to what is known of each tick. All random operators
    /// are here.
    pub text: ModelProto,
    /// From there to the latent and the side inputs. With [`timbre`](Self::timbre) it
    /// makes no latent, but what the join needs.
    pub pitch: PitchParts,
    /// What can run at the same time as `text`, if there is such a part.
    pub timbre: Option<TimbreParts>,
    /// The convolutions of the decoder.
    pub coarse: ModelProto,
    /// The rest of the decoder.
    pub fine: ModelProto,
    /// What the parts pass to each other.
    pub interface: FramewiseInterface,
}

/// What [`FramewiseParts`] pass to each other. It is saved with a prepared voice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FramewiseInterface {
    /// Output of the pitch, or of the join if there is a timbre, and input of the coarse
    /// decoder: `[batch, channels, frames]`.
    pub latent: String,
    /// What the coarse decoder passes to the fine one.
    pub hidden: Hidden,
    /// Other values that the fine decoder needs of text part and pitch: floats or `int64`.
    pub side_inputs: Vec<SideInput>,
    /// Further values that it needs of them: floats, `[frames, values]`.
    pub sums: Vec<String>,
    /// Output of the decoder: the samples, as many for each frame.
    pub audio: String,
    /// Output of the decoder: for each frame 1 if it is heard, 0 if it is silent.
    pub heard: String,
    /// How much of the silence around a sentence stays.
    pub kept_silence: KeptSilence,
    /// Where the coarse decoder drops frames at the ends of a window, in order.
    pub narrowings: Vec<Narrowing>,
}

/// Splits a framewise voice into its parts.
///
/// The parts, run one after the other on the whole utterance and with the silence
/// around it cut off, make exactly the samples of the voice. Split first, then
/// call [`make_seedable`](crate::onnx::make_seedable) on
/// [`FramewiseParts::text`]. Weights are shared with `model`, not copied.
///
/// # Errors
/// [`SplitError`] tells in what the graph differs from such a voice.
pub fn split_framewise(model: &ModelProto) -> Result<FramewiseParts, SplitError> {
    let graph = model.graph.as_ref().ok_or(SplitError::NoGraph)?;
    let mut whole = graph.clone(); // shares the weights
    let durations = take_durations(&mut whole);
    let trim = Trim::find(&GraphIndex::new(&whole)).ok_or(SplitError::NoDecoder)?;
    let heard = trim.remove(&mut whole).ok_or(SplitError::NoDecoder)?;
    split_graph(model, &whole, heard, &trim, durations)
}

/// Whether a graph cuts off the silence around a sentence, so that its samples are not
/// those of its frames.
pub fn cuts_silence(model: &ModelProto) -> bool {
    let graph = model.graph.as_ref();
    graph.is_some_and(|graph| {
        let mut whole = graph.clone(); // shares the weights
        take_durations(&mut whole);
        Trim::find(&GraphIndex::new(&whole)).is_some()
    })
}

/// Removes the durations from the outputs of a voice that declares them, and returns them.
fn take_durations(graph: &mut GraphProto) -> Option<ValueInfoProto> {
    let mut outputs = graph.output.iter();
    let at = outputs.position(|output| output.name == DURATIONS_OUTPUT)?;
    Some(graph.output.remove(at))
}

fn split_graph(
    model: &ModelProto,
    graph: &GraphProto,
    heard: String,
    trim: &Trim,
    durations: Option<ValueInfoProto>,
) -> Result<FramewiseParts, SplitError> {
    let index = GraphIndex::new(graph);
    let outputs: Vec<&str> = graph.output.iter().map(|output| &*output.name).collect();
    let Decoder {
        latent,
        side_inputs,
        sums,
        per_frame,
    } = Decoder::find(&index, &outputs).ok_or(SplitError::NoDecoder)?;
    let mut passed = vec![latent.value];
    passed.extend(&side_inputs);
    let text = index.dependencies(&passed, &[]);
    let after_latent = index.dependents(latent.value);
    if intersection(&text, &after_latent).contains(&true) {
        return Err(entangled(latent.value));
    }
    let unfit = side_inputs.iter().find(|value| {
        let is_computed = index.producer(value).is_some();
        !is_computed || !is_passable(&index, value)
    });
    if let Some(value) = unfit {
        return Err(entangled(value));
    }
    let declared_latent = ValueInfoProto::frames(latent.value, latent.channels);
    let declared: Vec<_> = side_inputs
        .iter()
        .map(|value| declare(&index, value))
        .collect();
    let own_inputs = graph.input.iter();
    let own_inputs = own_inputs.filter(|input| !index.is_constant(&input.name));
    let own_inputs: Vec<_> = own_inputs.cloned().collect();
    let describe = |value: &&str| SideInput {
        name: (*value).to_owned(),
        is_per_frame: index.is_produced_by(value, &per_frame),
    };
    let timbre = Timbre::find(&index, latent.value, &side_inputs);
    let mut text_outputs = match &timbre {
        Some(timbre) => timbre.declare_passed(&index, &side_inputs),
        None => vec![declared_latent.clone()],
    };
    text_outputs.extend(declared.iter().cloned().chain(durations));
    let text = extract(&index, model, own_inputs.clone(), text_outputs);
    let (text, mut pitch) = split_pitch(&text).ok_or(SplitError::NoDecoder)?;
    let passed_timbre = timbre.as_ref().map(|timbre| describe(&timbre.value));
    pitch.interface.others.extend(passed_timbre);
    let timbre =
        timbre.map(|timbre| timbre.extract(&index, model, own_inputs, declared_latent.clone()));
    let decoder_inputs = std::iter::once(declared_latent).chain(declared).collect();
    let mut decoder = extract(&index, model, decoder_inputs, graph.output.clone());
    let side_inputs = side_inputs.iter().filter(|value| !sums.contains(value));
    let side_inputs: Vec<_> = side_inputs.map(describe).collect();
    let of_frames = side_inputs.iter().filter(|input| input.is_per_frame);
    let of_frames = of_frames.map(|input| &*input.name);
    let of_frames: Vec<&str> = of_frames.chain(sums.iter().copied()).collect();
    let narrowings = match &mut decoder.graph {
        Some(decoder) => narrow(decoder, latent.value, &of_frames),
        None => Vec::new(),
    };
    let DecoderParts {
        coarse,
        mut fine,
        hidden,
    } = split_decoder(&decoder, latent.value, &narrowings).ok_or(SplitError::NoDecoder)?;
    fine.graph.iter_mut().for_each(hasten_lookups);
    let interface = FramewiseInterface {
        latent: latent.value.to_owned(),
        hidden,
        side_inputs,
        sums: sums.into_iter().map(str::to_owned).collect(),
        audio: graph.output[0].name.clone(),
        heard,
        kept_silence: trim.kept,
        narrowings,
    };
    Ok(FramewiseParts {
        text,
        pitch,
        timbre,
        coarse,
        fine,
        interface,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::onnx::proto::NodeProto;

    fn read(path: &str) -> ModelProto {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        ModelProto::read(std::fs::read(path).unwrap().into()).unwrap()
    }

    fn voice() -> ModelProto {
        read("tests/voices/framewise/tiny_framewise.onnx")
    }

    fn nodes(model: &mut ModelProto) -> &mut Vec<NodeProto> {
        &mut model.graph.as_mut().unwrap().node
    }

    /// The last node of this type.
    fn last<'a>(model: &'a mut ModelProto, op_type: &str) -> &'a mut NodeProto {
        let mut nodes = nodes(model).iter_mut();
        nodes.rfind(|node| node.op_type == op_type).unwrap()
    }

    #[test]
    fn only_the_text_part_draws_noise_and_counts_frames() {
        for (path, counts) in [
            ("tests/voices/framewise/tiny_framewise.onnx", (3, 4)),
            ("fuzz/seeds/onnx/framewise.onnx", (4, 5)),
        ] {
            let FramewiseParts {
                mut text,
                coarse,
                fine,
                interface,
                ..
            } = split_framewise(&read(path)).unwrap();
            for op_type in ["CumSum", "RandomNormalLike", "Softmax"] {
                let is = |node: &NodeProto| node.op_type == op_type;
                assert!(nodes(&mut text).iter().any(is), "{op_type}");
                for mut decoder in [coarse.clone(), fine.clone()] {
                    assert!(!nodes(&mut decoder).iter().any(is), "{op_type}");
                }
            }
            let kept = KeptSilence {
                frames_before: 3,
                frames_after: 5,
            };
            assert_eq!(interface.kept_silence, kept);
            // The volume, the phases, the numbers of the frames and, if the text part
            // does not add it up, the pitch; the first place in the table of noise.
            let per_frame = interface.side_inputs.iter();
            let per_frame = per_frame.filter(|input| input.is_per_frame).count();
            assert_eq!((per_frame, interface.side_inputs.len()), counts);
        }
    }

    #[test]
    fn the_decoder_is_passed_the_phases_that_the_pitch_adds_up() {
        let FramewiseParts {
            pitch: PitchParts { mut model, .. },
            fine,
            interface,
            ..
        } = split_framewise(&voice()).unwrap();
        let [sum] = &*interface.sums else {
            panic!("there is one: {:?}", interface.sums);
        };
        let produces = |node: &NodeProto| node.is("MatMul") && node.output.contains(sum);
        assert!(nodes(&mut model).iter().any(produces));
        let inputs = fine.graph.unwrap().input;
        assert!(inputs.iter().any(|input| input.name == *sum));
    }

    #[test]
    fn each_part_has_convolutions_of_its_own() {
        let parts = split_framewise(&voice()).unwrap();
        let convolutions = |part: &ModelProto| {
            let nodes = part.graph.iter().flat_map(|graph| &graph.node);
            nodes.filter(|node| node.is("Conv")).count()
        };
        let TimbreParts { timbre, join } = parts.timbre.unwrap();
        let counts = [&parts.text, &parts.pitch.model, &timbre, &join].map(convolutions);
        assert_eq!(counts, [1, 1, 1, 0]);
        assert_eq!([&parts.coarse, &parts.fine].map(convolutions), [2, 0]);
    }

    #[test]
    fn the_decoder_drops_frames_after_each_convolution_but_the_last() {
        let FramewiseParts {
            coarse, interface, ..
        } = split_framewise(&voice()).unwrap();
        let looked: Vec<_> = interface
            .narrowings
            .iter()
            .map(|n| n.looked_frames)
            .collect();
        assert_eq!(looked, [2]);
        assert_eq!(interface.hidden.looked_frames, 4);
        let graph = coarse.graph.unwrap();
        let inputs: Vec<_> = graph.input.iter().map(|input| &*input.name).collect();
        let of_narrowing = ["kept_frames_start_0", "kept_frames_end_0"];
        assert!(
            of_narrowing.iter().all(|name| inputs.contains(name)),
            "{inputs:?}"
        );
    }

    #[test]
    fn a_graph_that_cuts_otherwise_is_not_split() {
        let changes: [fn(&mut ModelProto); 4] = [
            |voice| last(voice, "ArgMax").attribute.clear(),
            |voice| last(voice, "Slice").input.truncate(3),
            |voice| last(voice, "Max").op_type = "Min".to_owned(),
            |voice| last(voice, "Add").op_type = "Sub".to_owned(),
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut voice = voice();
            change(&mut voice);
            let error = split_framewise(&voice).err();
            assert_eq!(error, Some(SplitError::NoDecoder), "change {n}");
        }
    }

    #[test]
    fn a_decoder_that_mixes_all_frames_is_not_split() {
        for op_type in ["CumSum", "RandomNormalLike", "Softmax"] {
            let mut voice = voice();
            // The last one is behind the convolutions.
            last(&mut voice, "Tanh").op_type = op_type.to_owned();
            assert!(split_framewise(&voice).is_err(), "{op_type}");
        }
    }

    #[test]
    fn a_graph_of_ranges_is_read_in_a_moment() {
        let mut voice = voice();
        let counter = nodes(&mut voice).iter().position(|n| n.op_type == "Range");
        let counter = counter.unwrap();
        let range = nodes(&mut voice)[counter].clone();
        let copies = (0..20_000).map(|n| NodeProto {
            output: vec![format!("range{n}")],
            ..range.clone()
        });
        nodes(&mut voice).splice(counter..counter, copies);
        let sum = nodes(&mut voice)
            .iter()
            .position(|n| n.op_type == "Unsqueeze");
        let all = (0..20_000).map(|n| format!("range{n}"));
        nodes(&mut voice)[sum.unwrap()].input.extend(all);
        // Following each of them would take minutes.
        _ = split_framewise(&voice);
    }
}
