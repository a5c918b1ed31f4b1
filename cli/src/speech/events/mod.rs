//! Events of sentences and words, for programs and prompts that show what is spoken.
//!
//! `spoken_words` finds in the blocks of an output which word begins with which sample.
//! `following` emits each event when its sample was written or, with `follower`, heard.

mod event_output;
mod follower;
mod following;
mod schedule;
mod spoken_event;
mod spoken_words;

pub(crate) use event_output::EventOutput;
use follower::Follower;
pub(crate) use follower::SoundEnd;
pub(crate) use following::{Emit, Moment, SpokenEvents};
pub(crate) use schedule::Schedule;
pub(crate) use spoken_event::{SpokenEvent, SpokenJson, SpokenSentence, seconds};
pub(crate) use spoken_words::SpokenWords;
