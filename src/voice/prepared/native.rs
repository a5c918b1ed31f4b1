//! The native parts of a prepared voice: their weights in one file each, and their sizes
//! in its record.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use piper_rs_native::{
    Aligner, Alignment, Couplings, Decoder, Encoder, Flow, HifiGan, Kernels, Precision, Transformer,
};
use serde::{Deserialize, Serialize};

use super::mapped::map;
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::{
    Interface, RecognizedAligner, RecognizedDecoder, RecognizedEncoder, RecognizedFlow, SideValue,
    recognize_aligner, recognize_decoder, recognize_encoder, recognize_flow,
};
use crate::threads;
use crate::voice::aligner::NativeAligner;
use crate::voice::engine::PartKernels;
use crate::voice::flow_stage::{FlowStage, NativeFlow};
use crate::voice::split_decoder::SplitDecoder;
use crate::voice::text_stage::{TextAligner, TextEncoder};

/// The file with the weights of the encoder.
const ENCODER_WEIGHTS: &str = "encoder.fp32.bin";
/// The file with the weights of the aligner.
const ALIGNER_WEIGHTS: &str = "aligner.fp32.bin";

/// The parts of a voice that kernels can run.
pub(super) struct RecognizedParts {
    /// Only if the aligner is one, too.
    encoder: Option<RecognizedEncoder>,
    aligner: Option<RecognizedAligner>,
    flow: RecognizedFlow,
    decoder: RecognizedDecoder,
}

/// What is recorded of the native parts of a voice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct NativeParts {
    pub(super) kernels: Kernels,
    /// Those of the flow and the decoder may be less precise; `None` in old records, whose
    /// flows have those of the other parts.
    flow_kernels: Option<Kernels>,
    pub(super) decoder_kernels: Kernels,
    encoder: Option<Transformer>,
    aligner: Option<AlignerParts>,
    flow: Couplings,
    speaker_inputs: Vec<usize>,
    decoder: HifiGan,
}

/// What is recorded of the aligner of a voice.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct AlignerParts {
    architecture: Alignment,
    sides: Vec<SideValue>,
}

impl RecognizedParts {
    /// `None` if the voice does not have the stock architecture. Its aligner may have
    /// another one, or need something else than what the encoder makes, `encoded`.
    pub(super) fn of(
        voice: &ModelProto,
        interface: &Interface,
        encoded: Option<&str>,
    ) -> Option<Self> {
        let text = || {
            let aligner = recognize_aligner(voice, interface)
                .filter(|aligner| Some(aligner.encoded.as_str()) == encoded);
            let encoder = aligner.as_ref();
            let encoder = encoder.and_then(|aligner| recognize_encoder(voice, &aligner.encoded));
            (encoder, aligner)
        };
        let rest = || recognize_flow(voice, interface).zip(recognize_decoder(voice, interface));
        // Without a thread it is only slower.
        let both = threads::run_both("recognize", text, rest);
        let ((encoder, aligner), rest) = both.unwrap_or_else(|_| (text(), rest()));
        let (flow, decoder) = rest?;
        Some(Self {
            encoder,
            aligner,
            flow,
            decoder,
        })
    }

    /// Whether the encoder is native.
    pub(super) fn has_encoder(&self) -> bool {
        self.encoder.is_some()
    }

    /// Whether all behind the encoder is native.
    pub(super) fn has_aligner(&self) -> bool {
        self.aligner.is_some()
    }

    /// Whether nothing is left to ONNX Runtime.
    pub(super) fn are_all(&self) -> bool {
        self.has_encoder() && self.has_aligner()
    }

    /// Writes the weights for these kernels to `folder`.
    pub(super) fn write(
        &self,
        PartKernels {
            first,
            flow: flow_kernels,
            decoder: decoder_kernels,
        }: PartKernels,
        folder: &Path,
    ) -> Result<NativeParts, Cause> {
        let (flow, encoder, aligner) = (&self.flow, self.encoder.as_ref(), self.aligner.as_ref());
        let parts = NativeParts {
            encoder: encoder.map(|encoder| encoder.architecture.clone()),
            aligner: aligner.map(|aligner| AlignerParts {
                architecture: aligner.architecture.clone(),
                sides: aligner.sides.clone(),
            }),
            kernels: first,
            flow_kernels: Some(flow_kernels),
            decoder_kernels,
            flow: flow.architecture.clone(),
            speaker_inputs: flow.speaker_inputs.clone(),
            decoder: self.decoder.architecture.clone(),
        };
        let write_flow = || {
            let pack = |to: &mut dyn Write| flow.architecture.pack(&flow.layers, flow_kernels, to);
            write(&folder.join(parts.flow_file()), pack)
        };
        let write_rest = || -> io::Result<()> {
            if let Some(encoder) = encoder {
                let pack = |to: &mut dyn Write| Transformer::pack(&encoder.layers, first, to);
                write(&folder.join(ENCODER_WEIGHTS), pack)?;
            }
            if let Some(aligner) = aligner {
                let pack = |to: &mut dyn Write| Alignment::pack(&aligner.layers, first, to);
                write(&folder.join(ALIGNER_WEIGHTS), pack)?;
            }
            let RecognizedDecoder {
                architecture,
                layers,
            } = &self.decoder;
            let pack = |to: &mut dyn Write| architecture.pack(layers, decoder_kernels, to);
            write(&folder.join(parts.decoder_file()), pack)
        };
        // The flow takes as long as all the others.
        let (flow, rest) = threads::run_both("pack", write_flow, write_rest)?;
        flow.and(rest)?;
        Ok(parts)
    }
}

impl NativeParts {
    /// The file with the weights of the flow.
    fn flow_file(&self) -> String {
        format!("flow.{}.bin", self.flow_kernels().precision)
    }

    /// The file with the weights of the decoder.
    fn decoder_file(&self) -> String {
        format!("decoder.{}.bin", self.decoder_kernels.precision)
    }

    /// Whether some of it is less precise than the stock graph.
    pub(super) fn is_rounded(&self) -> bool {
        let all = [self.kernels, self.flow_kernels(), self.decoder_kernels];
        all.iter()
            .any(|kernels| kernels.precision != Precision::Fp32)
    }

    /// Whether nothing is left to ONNX Runtime.
    pub(super) fn are_all(&self) -> bool {
        self.encoder.is_some() && self.aligner.is_some()
    }

    pub(super) fn flow_kernels(&self) -> Kernels {
        self.flow_kernels.unwrap_or(self.kernels)
    }

    /// The kernels of the encoder; `None` if ONNX Runtime runs it.
    pub(super) fn encoder_kernels(&self) -> Option<Kernels> {
        self.encoder.as_ref().map(|_| self.kernels)
    }

    /// The kernels of the aligner; `None` if ONNX Runtime runs it.
    pub(super) fn aligner_kernels(&self) -> Option<Kernels> {
        self.aligner.as_ref().map(|_| self.kernels)
    }

    /// All files.
    pub(super) fn files(&self) -> Vec<String> {
        let encoder = self.encoder.iter().map(|_| ENCODER_WEIGHTS.to_owned());
        let aligner = self.aligner.iter().map(|_| ALIGNER_WEIGHTS.to_owned());
        let rest = [self.flow_file(), self.decoder_file()];
        encoder.chain(aligner).chain(rest).collect()
    }

    /// `None` if the encoder is not native.
    pub(super) fn load_encoder(&self, folder: &Path) -> Result<Option<TextEncoder>, Cause> {
        let Some(architecture) = &self.encoder else {
            return Ok(None);
        };
        let weights = Box::new(map(&folder.join(ENCODER_WEIGHTS))?);
        let encoder = Encoder::new(architecture.clone(), self.kernels, weights);
        let encoder = encoder.ok_or_else(other_weights)?;
        Ok(Some(TextEncoder::Native(encoder)))
    }

    /// `None` if the aligner is not native.
    pub(super) fn load_aligner(&self, folder: &Path) -> Result<Option<TextAligner>, Cause> {
        let Some(AlignerParts {
            architecture,
            sides,
        }) = &self.aligner
        else {
            return Ok(None);
        };
        let weights = Box::new(map(&folder.join(ALIGNER_WEIGHTS))?);
        let aligner = Aligner::new(architecture.clone(), self.kernels, weights);
        let aligner = aligner.ok_or_else(other_weights)?;
        let aligner = NativeAligner::new(aligner, architecture, sides.clone());
        Ok(Some(TextAligner::Native(aligner)))
    }

    pub(super) fn load_flow(&self, folder: &Path) -> Result<FlowStage, Cause> {
        let weights = Box::new(map(&folder.join(self.flow_file()))?);
        let flow = Flow::new(self.flow.clone(), self.flow_kernels(), weights);
        Ok(FlowStage::Native(Arc::new(NativeFlow {
            flow: flow.ok_or_else(other_weights)?,
            speaker_inputs: self.speaker_inputs.clone(),
        })))
    }

    pub(super) fn load_decoder(&self, folder: &Path) -> Result<SplitDecoder, Cause> {
        let weights = Box::new(map(&folder.join(self.decoder_file()))?);
        let decoder = Decoder::new(self.decoder.clone(), self.decoder_kernels, weights);
        Ok(SplitDecoder::Native(decoder.ok_or_else(other_weights)?))
    }
}

/// Creates a file for what `pack` writes.
fn write(file: &Path, pack: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(file)?);
    pack(&mut file)?;
    file.flush()
}

fn other_weights() -> Cause {
    "its weights are not those of its parts".into()
}
