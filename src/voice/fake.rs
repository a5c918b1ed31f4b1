//! A voice without a graph, for tests.

use std::path::Path;
use std::sync::Arc;

use super::model::{Inference, Model, ModelInfo, Remaining, Utterance};
use super::{OptimizeFor, Voice, VoiceConfig};
use crate::{CancelToken, Result};

/// Every id lasts 100 samples.
const SAMPLES_PER_ID: usize = 100;
/// Every sample has this value; half of it in sentences that are optimized for
/// throughput, to tell them apart.
const LEVEL: f32 = 0.5;

#[derive(Debug)]
struct FakeModel(ModelInfo);

impl Model for FakeModel {
    fn info(&self) -> &ModelInfo {
        &self.0
    }

    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
        Box::new(FakeUtterance {
            samples: inference.ids.len() * SAMPLES_PER_ID,
            level: match inference.optimize_for {
                OptimizeFor::Latency => LEVEL,
                OptimizeFor::Throughput => LEVEL / 2.0,
            },
        })
    }
}

struct FakeUtterance {
    samples: usize,
    level: f32,
}

impl Utterance for FakeUtterance {
    fn step(&mut self, _: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining> {
        samples.resize(samples.len() + self.samples, self.level);
        Ok(Remaining::Windows(0))
    }

    fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        let ids = self.samples.div_ceil(SAMPLES_PER_ID);
        Some((1..=ids).map(|n| (n * SAMPLES_PER_ID) as u64).collect())
    }

    fn window(&self, _: usize, _: &CancelToken, _: &mut Vec<f32>) -> Result<()> {
        unreachable!("there are no windows")
    }
}

/// Returns a voice with this many speakers; the first two are called `alice`
/// and `bob`, and the last one is the default.
pub(crate) fn voice(speakers: u32) -> Voice {
    let info = ModelInfo {
        takes_speaker: speakers > 1,
        ..ModelInfo::default()
    };
    voice_with_info(speakers, info)
}

/// The same, with a model that is described by `info`.
pub(crate) fn voice_with_info(speakers: u32, info: ModelInfo) -> Voice {
    let json = format!(
        r#"{{"audio":{{"sample_rate":16000}},"num_speakers":{speakers},
        "speaker_id_map":{{"alice":0,"bob":1}},"default_speaker_id":{},
        "phoneme_id_map":{{"_":[0],"^":[1],"$":[2],"a":[3]}}}}"#,
        speakers - 1
    );
    let config = VoiceConfig::from_json(json.as_bytes()).unwrap();
    let path = Path::new("fake.onnx.json");
    Voice::new("fake".into(), path, config, Arc::new(FakeModel(info))).unwrap()
}
