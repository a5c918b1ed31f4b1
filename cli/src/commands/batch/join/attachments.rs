//! The files beside a joined file: its list of chapters, its subtitles.

use std::path::PathBuf;

use super::{Join, Parts};
use crate::commands::batch::attachment::Attachment;
use crate::commands::batch::joined_subtitles::joined_subtitles;
use crate::speech::subtitles::Subtitles;

impl Join {
    /// Returns the paths of the list of chapters and of the subtitles.
    pub(in crate::commands::batch) fn attached(&self) -> impl Iterator<Item = PathBuf> {
        let formats = self.subtitles.iter();
        let subtitles = formats.map(|format| Subtitles::beside(&self.path, *format).path);
        std::iter::once(self.chapters_path()).chain(subtitles)
    }
}

impl Parts<'_> {
    /// Returns the files, rendered.
    pub(super) fn attachments(&self) -> anyhow::Result<Vec<Attachment>> {
        let Join {
            path,
            chapters: format,
            subtitles,
            album,
            ..
        } = self.join;
        let chapters = self.chapters();
        let list = Attachment {
            path: self.join.chapters_path(),
            content: format.render(path, album, &chapters),
        };
        let parts = self.parts.iter().map(|part| part.task.output.as_path());
        let starts = chapters.iter().map(|chapter| chapter.start);
        let parts: Vec<_> = parts.zip(starts).collect();
        let subtitles = subtitles.iter().map(|format| {
            Ok(Attachment {
                path: Subtitles::beside(path, *format).path,
                content: joined_subtitles(&parts, *format)?,
            })
        });
        std::iter::once(Ok(list)).chain(subtitles).collect()
    }
}
