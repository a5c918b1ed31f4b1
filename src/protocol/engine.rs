//! What `speak --connect` sends to a server whose models it uses, and what comes back.
//!
//! Both are the same program on one machine: the [identity](EngineIdentity) makes sure of
//! it. So the messages may change with each build.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::BadRequest;
use crate::fs::FileIdentity;
use crate::voice::{EngineChoice, Inference, VoiceFiles};

/// The most ids of a sentence: phrases have at most 1024 phonemes, and a voice may write
/// one with several ids.
pub const MAX_IDS: usize = 16 * 1024;

/// No piece has more bytes: it would be three hours of sound at 22 050 Hz.
const MAX_PAYLOAD_BYTES: u32 = 1 << 30;

/// Everything besides the voice that decides what samples a model makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineIdentity {
    /// The file of the program.
    pub program: FileIdentity,
    /// The file of ONNX Runtime, after the names that are looked for before it.
    pub runtime: Vec<FileIdentity>,
    /// Threads of an inference.
    pub threads: usize,
    /// The folder of prepared voices; `None` if none are prepared.
    pub prepared: Option<PathBuf>,
    /// What may run the parts of prepared voices.
    pub choice: EngineChoice,
}

/// A voice and the state of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VoiceIdentity {
    /// The built-in one.
    Builtin,
    /// One with files.
    OnDisk {
        /// The graph.
        model: FileIdentity,
        /// Its config.
        config: FileIdentity,
    },
}

/// Asks for a voice to be loaded; the answer is its [`ModelInfo`](crate::voice::ModelInfo).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VoiceRequest {
    /// What the client would use itself.
    pub engine: EngineIdentity,
    /// The voice.
    pub voice: VoiceIdentity,
}

/// Asks for the samples of a sentence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SentenceRequest {
    /// What the client would use itself.
    pub engine: EngineIdentity,
    /// The voice.
    pub voice: VoiceIdentity,
    /// The sentence.
    pub inference: Inference,
    /// How much sound the client's listener has before this sentence.
    pub lead: Duration,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum SentencePart {
    /// Where the ids end; before the first samples.
    IdEnds(Vec<u64>),
    /// The next samples.
    Samples(Vec<f32>),
    /// Nothing is missing.
    End,
}

impl EngineIdentity {
    /// Reads the body of a request.
    pub fn from_json(body: &[u8]) -> Result<Self, BadRequest> {
        parse(body)
    }

    /// Returns in what another engine differs, if it does.
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        // Every field is named, so that a new one cannot be forgotten here.
        let Self {
            program,
            runtime,
            threads,
            prepared,
            choice,
        } = self;
        let differences = [
            (*program != other.program, "another build of piper-rs"),
            (*runtime != other.runtime, "another ONNX Runtime"),
            (*threads != other.threads, "another number of --threads"),
            (
                *prepared != other.prepared,
                "another folder of prepared voices, or none",
            ),
            (*choice != other.choice, "another --engine or --precision"),
        ];
        let difference = differences.into_iter().find(|(differs, _)| *differs);
        difference.map(|(_, what)| what)
    }
}

impl VoiceIdentity {
    /// Looks at the files of a voice without opening them.
    pub fn of(files: &VoiceFiles) -> Self {
        match files {
            VoiceFiles::Builtin => Self::Builtin,
            VoiceFiles::OnDisk { model, config } => Self::OnDisk {
                model: FileIdentity::of(model),
                config: FileIdentity::of(config),
            },
        }
    }

    /// Returns where the voice is.
    pub fn files(&self) -> VoiceFiles {
        match self {
            Self::Builtin => VoiceFiles::Builtin,
            Self::OnDisk { model, config } => {
                VoiceFiles::on_disk(model.path.clone(), Some(config.path.clone()))
            }
        }
    }
}

impl VoiceRequest {
    /// Reads the body of a request.
    pub fn from_json(body: &[u8]) -> Result<Self, BadRequest> {
        parse(body)
    }
}

impl SentenceRequest {
    /// Reads the body of a request.
    pub fn from_json(body: &[u8]) -> Result<Self, BadRequest> {
        let request: Self = parse(body)?;
        let Inference {
            ids, scales, speed, ..
        } = &request.inference;
        let bad = |message: String| BadRequest {
            field: Some("inference"),
            message,
        };
        if ids.len() > MAX_IDS {
            return Err(bad(format!("there are more than {MAX_IDS} ids")));
        }
        scales.check().map_err(|error| bad(error.to_string()))?;
        match (0.1..=10.0).contains(speed) {
            true => Ok(request),
            false => Err(bad(format!("speed {speed} is not within 0.1 to 10"))),
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, BadRequest> {
    serde_json::from_slice(body).map_err(|error| BadRequest {
        field: None,
        message: format!("the body is not such a request: {error}"),
    })
}

const ID_ENDS: u8 = b'I';
const SAMPLES: u8 = b'S';
const END: u8 = b'E';

impl SentencePart {
    /// Returns samples as [`read`](Self::read) expects them.
    pub fn encode_samples(samples: &[f32]) -> Vec<u8> {
        encode(SAMPLES, samples.iter().map(|sample| sample.to_le_bytes()))
    }

    /// Returns the ends of ids as [`read`](Self::read) expects them.
    pub fn encode_id_ends(ends: &[u64]) -> Vec<u8> {
        encode(ID_ENDS, ends.iter().map(|end| end.to_le_bytes()))
    }

    /// Returns the end as [`read`](Self::read) expects it.
    pub fn encode_end() -> Vec<u8> {
        encode(END, std::iter::empty::<[u8; 0]>())
    }

    /// Reads the next part. What arrives decides how much memory it takes, not what is
    /// announced.
    pub fn read(stream: &mut impl Read) -> io::Result<Self> {
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let length = u32::from_le_bytes(length);
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        if length > MAX_PAYLOAD_BYTES {
            return Err(invalid());
        }
        let mut payload = Vec::new();
        stream.take(length.into()).read_to_end(&mut payload)?;
        if payload.len() != length as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match kind {
            ID_ENDS => Ok(Self::IdEnds(words(&payload, u64::from_le_bytes))),
            SAMPLES => Ok(Self::Samples(words(&payload, f32::from_le_bytes))),
            END if payload.is_empty() => Ok(Self::End),
            _ => Err(invalid()),
        }
    }
}

/// Returns a kind, a length and what follows.
fn encode<const N: usize>(kind: u8, words: impl ExactSizeIterator<Item = [u8; N]>) -> Vec<u8> {
    let length = N * words.len();
    let mut bytes = Vec::with_capacity(5 + length);
    bytes.push(kind);
    // No sentence is that long.
    bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(words.flatten());
    bytes
}

/// Reads all complete words.
fn words<const N: usize, T>(payload: &[u8], word: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (words, _) = payload.as_chunks();
    words.iter().map(|bytes| word(*bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::{OptimizeFor, Scales};

    fn engine() -> EngineIdentity {
        EngineIdentity {
            program: FileIdentity::of("/nowhere/piper-rs".as_ref()),
            runtime: Vec::new(),
            threads: 2,
            prepared: None,
            choice: EngineChoice::default(),
        }
    }

    fn request(inference: Inference) -> SentenceRequest {
        SentenceRequest {
            engine: engine(),
            voice: VoiceIdentity::Builtin,
            inference,
            lead: Duration::from_millis(1500),
        }
    }

    fn inference() -> Inference {
        Inference {
            ids: vec![1, 20, 2],
            scales: Scales {
                noise_scale: 0.667,
                length_scale: 1.1,
                noise_w: f32::MIN_POSITIVE,
            },
            speed: 1.234_567_9,
            speaker: Some(3),
            seed: u64::MAX,
            optimize_for: OptimizeFor::Throughput,
        }
    }

    #[test]
    fn a_request_arrives_bit_for_bit() {
        let sent = request(inference());
        let body = serde_json::to_vec(&sent).unwrap();
        let read = SentenceRequest::from_json(&body).unwrap();
        assert_eq!(read.inference, sent.inference);
        assert_eq!((read.engine, read.lead), (sent.engine, sent.lead));
    }

    #[test]
    fn what_no_model_can_use_is_refused() {
        let wrong = [
            Inference {
                ids: vec![0; MAX_IDS + 1],
                ..inference()
            },
            Inference {
                speed: 0.0,
                ..inference()
            },
            Inference {
                scales: Scales {
                    length_scale: 1e9,
                    ..Scales::default()
                },
                ..inference()
            },
        ];
        for inference in wrong {
            let body = serde_json::to_vec(&request(inference)).unwrap();
            assert!(SentenceRequest::from_json(&body).is_err());
        }
        assert!(VoiceRequest::from_json(b"{}").is_err());
        assert!(EngineIdentity::from_json(b"[").is_err());
    }

    #[test]
    fn each_difference_of_engines_is_found() {
        let other = |change: fn(&mut EngineIdentity)| {
            let mut other = engine();
            change(&mut other);
            engine().difference(&other)
        };
        assert_eq!(other(|_| ()), None);
        for change in [
            (|other| other.program.path = "/x".into()) as fn(&mut EngineIdentity),
            |other| other.runtime.push(FileIdentity::of("x".as_ref())),
            |other| other.threads = 1,
            |other| other.prepared = Some("/x".into()),
        ] {
            assert!(other(change).is_some());
        }
    }

    #[test]
    fn parts_are_read_as_they_were_written_and_a_cut_is_noticed() {
        let (ends, samples) = (vec![0, 7, u64::MAX], vec![0.5, -0.0, f32::MIN_POSITIVE]);
        let bytes = [
            SentencePart::encode_id_ends(&ends),
            SentencePart::encode_samples(&samples),
            SentencePart::encode_end(),
        ]
        .concat();
        let mut stream = &bytes[..];
        let mut next = || SentencePart::read(&mut stream);
        assert_eq!(next().unwrap(), SentencePart::IdEnds(ends));
        assert_eq!(next().unwrap(), SentencePart::Samples(samples));
        assert_eq!(next().unwrap(), SentencePart::End);
        assert!(next().is_err());
        for length in 0..bytes.len() - 5 {
            let mut cut = &bytes[..length];
            let last = std::iter::from_fn(|| SentencePart::read(&mut cut).ok()).last();
            assert_ne!(last, Some(SentencePart::End), "{length}");
        }
        for wrong in [&b"X\0\0\0\0"[..], b"E\x01\0\0\0x", b"S\xff\xff\xff\xff"] {
            assert!(SentencePart::read(&mut &wrong[..]).is_err());
        }
    }
}
