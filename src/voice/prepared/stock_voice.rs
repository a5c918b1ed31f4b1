//! A voice of the stock architecture: the parts of its graph, and those of them that kernels
//! can run.

use super::native::RecognizedParts;
use super::record::SplitInfo;
use crate::onnx::proto::ModelProto;
use crate::onnx::{
    EncoderSplit, VoiceParts, add_speed_input, declare_durations, embedding_rows, make_seedable,
    speaker_rows, split_encoder,
};
use crate::voice::engine::ChannelLayout;
use piper_rs_native::Kernels;

pub(super) struct StockVoice {
    pub(super) parts: VoiceParts,
    /// The halves of the text part, if it has an encoder.
    pub(super) text: Option<EncoderSplit>,
    pub(super) native: Option<RecognizedParts>,
}

impl StockVoice {
    /// Completes the parts of a graph. `Err` is the reason why they are of no use.
    pub(super) fn of(
        graph: &ModelProto,
        mut parts: VoiceParts,
        kernels: Option<Kernels>,
    ) -> Result<Self, String> {
        // Without the output, the times of words are estimated.
        _ = declare_durations(&mut parts.text);
        // Without the input, samples are stretched instead.
        _ = add_speed_input(&mut parts.text);
        make_seedable(&mut parts.text)
            .map_err(|reason| format!("its noise cannot be seeded: {reason}"))?;
        let text = split_encoder(&parts.text);
        let native = kernels.and_then(|_| {
            let encoded = text.as_ref().map(|text| text.encoded.as_str());
            RecognizedParts::of(graph, &parts.interface, encoded)
        });
        Ok(Self {
            parts,
            text,
            native,
        })
    }

    /// What to record of it as long as no part is native.
    pub(super) fn split_info(&self, graph: &ModelProto) -> SplitInfo {
        SplitInfo {
            interface: self.parts.interface.clone(),
            encoder_output: self.text.as_ref().map(|text| text.encoded.clone()),
            embedding_rows: embedding_rows(graph),
            speakers: speaker_rows(graph),
            channel_layout: ChannelLayout::Plain,
            native: None,
        }
    }
}
