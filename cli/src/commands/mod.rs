//! One module for each command.

pub(crate) mod batch;
pub(crate) mod bench;
pub(crate) mod complete;
pub(crate) mod devices;
pub(crate) mod doctor;
pub(crate) mod generated;
pub(crate) mod interactive;
pub(crate) mod phonemes;
pub(crate) mod speak;
pub(crate) mod voices;
