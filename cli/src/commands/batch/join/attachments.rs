//! The files beside a joined file: its list of chapters, its subtitles, its times.

use std::path::PathBuf;

use piper_rs::audio::samples_in;
use piper_rs::timing::converted_samples;

use super::{Join, Parts};
use crate::commands::batch::attachment::Attachment;
use crate::commands::batch::joined_subtitles::joined_subtitles;
use crate::commands::batch::joined_timings::{JoinedPart, joined_timings};
use crate::speech::timed_format::TimedFormat;

impl Join {
    /// Returns the paths of the joined file, its list of chapters, its subtitles and times.
    pub(in crate::commands::batch) fn files(&self) -> impl Iterator<Item = PathBuf> {
        let timed = self.timed.iter().map(|format| format.beside(&self.path));
        [self.path.clone(), self.chapters_path()]
            .into_iter()
            .chain(timed)
    }
}

impl Parts<'_> {
    /// Returns the files, rendered.
    pub(super) fn attachments(&self) -> anyhow::Result<Vec<Attachment>> {
        let Join {
            path,
            chapters: format,
            timed,
            ..
        } = self.join;
        let chapters = self.chapters();
        let list = Attachment {
            path: self.join.chapters_path(),
            content: format.render(path, self.album, &chapters),
        };
        let timed = timed.iter().map(|format| {
            let content = match format {
                TimedFormat::Subtitles(format) => {
                    let parts = self.parts.iter().map(|part| part.task.output.as_path());
                    let starts = chapters.iter().map(|chapter| chapter.start);
                    joined_subtitles(&parts.zip(starts).collect::<Vec<_>>(), *format)?
                }
                TimedFormat::Timings(format) => {
                    let (parts, samples) = self.in_samples();
                    joined_timings(&parts, *format, samples, self.rate)?
                }
            };
            let path = format.beside(path);
            Ok(Attachment { path, content })
        });
        std::iter::once(Ok(list)).chain(timed).collect()
    }

    /// Returns where each part begins, and how many samples all of them have.
    fn in_samples(&self) -> (Vec<JoinedPart<'_>>, u64) {
        let pause = samples_in(self.join.pause, self.rate) as u64;
        let (mut parts, mut samples) = (Vec::with_capacity(self.parts.len()), 0);
        for part in &self.parts {
            if !parts.is_empty() {
                samples += pause;
            }
            parts.push(JoinedPart {
                audio: &part.task.output,
                samples: part.samples,
                rate: part.rate,
                first_sample: samples,
            });
            samples += converted_samples(part.samples, part.rate, self.rate);
        }
        (parts, samples)
    }
}
