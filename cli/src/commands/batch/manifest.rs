//! Reads a manifest: texts, each with its own settings and name.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use piper_rs::fs::is_stream;
use piper_rs::manifest::{self, Record};
use piper_rs::text::Passage;
use piper_rs::{CancelToken, Error};

use super::entry::{Entry, InputText, Label, SourceLocation};
use crate::environment::base_folder;
use crate::speech::request::override_settings;
use crate::speech::setting::{Setting, check_loudness};
use crate::speech::settings::Settings;
use crate::speech::source::{Reading, Source};
use crate::terminal::suggest::nearest;

/// Names of fields that are unknown, each with the first line that has it: notes of
/// the author, or misspelt.
#[derive(Debug, Default)]
pub(super) struct UnusedFields(BTreeMap<String, u64>);

/// The files of a manifest that can be read only once.
#[derive(Debug, Default)]
pub(super) struct Streams(RefCell<HashMap<PathBuf, Source>>);

/// The fields that are no settings.
const FIELDS: [&str; 7] = [
    "text",
    "file",
    "format",
    "output_file",
    "id",
    "voice",
    "config",
];

impl UnusedFields {
    /// Returns what to tell about them.
    pub(super) fn note(&self) -> Option<String> {
        let known = || FIELDS.into_iter().chain(Setting::all().map(Setting::name));
        let named = self.0.iter().map(|(field, line)| {
            let hint = nearest(&field.to_lowercase().replace('-', "_"), known())
                .map(|nearest| format!("; did you mean `{nearest}`?"))
                .unwrap_or_default();
            format!("{field} (line {line}{hint})")
        });
        let named: Vec<_> = named.collect();
        (!named.is_empty()).then(|| format!("ignored unknown fields: {}", named.join(", ")))
    }
}

/// A manifest, and what it takes to read it.
pub(super) struct Manifest<'a> {
    pub(super) path: &'a Path,
    /// Its lines.
    pub(super) list: &'a Source,
    pub(super) reading: Reading,
    /// Those of the command line.
    pub(super) settings: &'a Arc<Settings>,
    pub(super) streams: &'a Streams,
    pub(super) cancel: &'a CancelToken,
}

impl Manifest<'_> {
    /// Reads it: CSV if its name says so (`.csv`, `.tsv`), or if it is a stream that does not
    /// start as JSON does; else JSON lines.
    ///
    /// Calls `each` with every entry, and stops if that fails. An invalid line becomes an
    /// entry with an error.
    pub(super) fn read(
        &self,
        each: &mut dyn FnMut(Entry) -> anyhow::Result<()>,
    ) -> anyhow::Result<UnusedFields> {
        let mut reader = Reader {
            manifest: self,
            unused: UnusedFields::default(),
            each,
        };
        let mut lines = self.list.read_in_background(self.cancel.clone()).peekable();
        let is_named_csv = self
            .path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("tsv"));
        if is_named_csv || self.list.is_copy() && lines.peek().is_some_and(starts_csv) {
            reader.csv(lines)?;
        } else {
            for line in lines {
                reader.json(&line?)?;
            }
        }
        match self.cancel.is_cancelled() {
            true => Err(Error::Cancelled.into()),
            false => Ok(reader.unused),
        }
    }
}

/// Returns whether a list whose first line this is has a header, as CSV has.
fn starts_csv(line: &Result<Passage, Error>) -> bool {
    let text = line.as_ref().map_or("", |line| line.text.trim_start());
    !text.is_empty() && !text.starts_with('{')
}

/// The most bytes of a record of CSV: as many as of a line.
const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// The bytes of lines, for the parser of CSV: a quoted field may contain line breaks.
struct LineBytes<'a, I> {
    lines: I,
    /// The line that is being read, and how much of it is.
    line: (Vec<u8>, usize),
    state: &'a LineBytesState,
}

/// What the parser does not pass on.
#[derive(Default)]
struct LineBytesState {
    failed: Cell<Option<Error>>,
    /// How many bytes were read since the last record.
    record_bytes: Cell<usize>,
}

impl<I: Iterator<Item = Result<Passage, Error>>> Read for LineBytes<'_, I> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let (line, read) = &mut self.line;
        if line.len() == *read {
            (*line, *read) = match self.lines.next() {
                Some(Ok(next)) => (next.text.into_bytes(), 0),
                Some(Err(error)) => {
                    self.state.failed.set(Some(error));
                    return Err(io::ErrorKind::Other.into());
                }
                None => return Ok(0),
            };
        }
        let record_bytes = &self.state.record_bytes;
        if record_bytes.get() > MAX_RECORD_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let copied = (&line[*read..]).read(bytes)?;
        *read += copied;
        record_bytes.set(record_bytes.get() + copied);
        Ok(copied)
    }
}

struct Reader<'a> {
    manifest: &'a Manifest<'a>,
    unused: UnusedFields,
    each: &'a mut dyn FnMut(Entry) -> anyhow::Result<()>,
}

impl Reader<'_> {
    fn csv(&mut self, lines: impl Iterator<Item = Result<Passage, Error>>) -> anyhow::Result<()> {
        let state = LineBytesState::default();
        let bytes = BufReader::new(LineBytes {
            lines,
            line: (Vec::new(), 0),
            state: &state,
        });
        let records = manifest::csv_records(bytes);
        if let Some(error) = state.failed.take() {
            return Err(error.into());
        }
        let mut last_line = 1;
        for (line, fields) in records.with_context(|| self.location(1).to_string())? {
            if let Some(error) = state.failed.take() {
                return Err(error.into());
            }
            if state.record_bytes.replace(0) > MAX_RECORD_BYTES {
                bail!(
                    "the record after line {last_line} of {} is over 16 MiB; is a quotation \
                     mark missing?",
                    self.manifest.path.display()
                );
            }
            self.entry(line, fields.map_err(Into::into))?;
            last_line = line;
        }
        Ok(())
    }

    fn json(&mut self, line: &Passage) -> anyhow::Result<()> {
        if line.text.trim().is_empty() {
            return Ok(());
        }
        let fields = match line.text.trim_start().starts_with(['{', '[', '"']) {
            true => manifest::json_record(&line.text).context("bad JSON"),
            false => Err(anyhow!(
                "not a JSON object such as {{\"text\": \"Hello.\"}}; to speak each line as it is, \
                 use `--lines`"
            )),
        };
        self.entry(line.line, fields)
    }

    fn entry(&mut self, line: u64, fields: anyhow::Result<Record>) -> anyhow::Result<()> {
        let mut location = self.location(line);
        let text = fields.and_then(|mut fields| {
            // First, so that an error in another field can name the id.
            location.id = fields.name("id")?;
            self.text(line, fields, location.id.clone())
        });
        let text = text.map_err(Arc::new);
        (self.each)(Entry { location, text })
    }

    fn location(&self, line: u64) -> SourceLocation {
        SourceLocation::line(self.manifest.path.display().to_string(), line)
    }

    fn text(
        &mut self,
        line: u64,
        mut fields: Record,
        id: Option<String>,
    ) -> anyhow::Result<InputText> {
        let file = fields.text("file")?.map(PathBuf::from);
        let reading = match fields.text("format")? {
            Some(name) => self.manifest.reading.with_format(&name)?,
            None => self.manifest.reading,
        };
        let (source, mut label) = match (fields.text("text")?, file) {
            (Some(text), None) => (Source::text(text), Label::of_line(self.manifest.path)),
            (None, Some(file)) => (self.file(&file, reading)?, Label::of_file(&file, &file)),
            (Some(_), Some(_)) => bail!("the fields `text` and `file` exclude each other"),
            (None, None) => bail!("the field `text` or `file` is missing"),
        };
        label.id = id;
        label.output = fields.text("output_file")?.map(PathBuf::from);
        let mut settings = override_settings(self.manifest.settings, &mut fields)?;
        let (normalize, loudness) = (fields.take("normalize"), fields.take("loudness"));
        if let Some(value) = &normalize {
            Setting::Normalize.set(&mut settings.overrides, value)?;
            check_loudness(settings.overrides.normalize, loudness.is_some())?;
        }
        if let Some(value) = &loudness {
            Setting::Loudness.set(&mut settings.overrides, value)?;
        }
        for field in fields.unused() {
            self.unused.0.entry(field).or_insert(line);
        }
        Ok(InputText {
            source,
            settings: Arc::new(settings),
            label,
        })
    }

    fn file(&self, file: &Path, reading: Reading) -> Result<Source, Error> {
        let Manifest {
            path: list,
            streams: Streams(streams),
            cancel,
            ..
        } = self.manifest;
        let path = base_folder(list).join(file);
        if !is_stream(&path) {
            return Source::file(&path, reading, cancel);
        }
        if let Some(source) = streams.borrow().get(&path) {
            return Ok(source.clone());
        }
        let source = Source::file(&path, reading, cancel)?;
        streams.borrow_mut().insert(path, source.clone());
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::tests::settings;
    use piper_rs::voice::Speed;

    struct Found {
        entries: Vec<Entry>,
        unused: UnusedFields,
    }

    impl Found {
        fn read(path: &Path) -> anyhow::Result<Self> {
            let mut entries = Vec::new();
            let manifest = Manifest {
                path,
                list: &Source::lines(path, None),
                reading: Reading::plain(None),
                settings: &Arc::new(settings()),
                streams: &Streams::default(),
                cancel: &CancelToken::new(),
            };
            let unused = manifest.read(&mut |entry| {
                entries.push(entry);
                Ok(())
            })?;
            Ok(Self { entries, unused })
        }

        fn unused_note(&self) -> Option<String> {
            self.unused.note()
        }
    }

    fn manifest(name: &str, content: &str) -> anyhow::Result<Found> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        Found::read(&path)
    }

    /// Renders an entry: its text, and what differs from the flags; or its error.
    fn rendered(entry: &Entry) -> String {
        match &entry.text {
            Ok(input) => {
                let text: Vec<_> = input.source.read().map(|p| p.unwrap().text).collect();
                let (label, settings) = (&input.label, &input.settings);
                format!(
                    "{:?} id={:?} out={:?} voice={:?} speaker={:?} speed={:?} seed={:?}",
                    text.concat(),
                    label.id,
                    label.output,
                    settings.voice,
                    settings.overrides.speaker.as_ref().map(ToString::to_string),
                    settings.overrides.speed.map(Speed::get),
                    settings.overrides.seed
                )
            }
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn csv_and_json_lines_mean_the_same() {
        let csv = "\
            id,text,voice,speaker,speed,seed,output_file,notes\n\
            7,\"Hello, \n\"\"you\"\".\",v.onnx,3,2,5,a/b.wav,mine\n\
            ,12,,,,,,\n";
        let json = "\
            {\"id\":7,\"text\":\"Hello, \\n\\\"you\\\".\",\"voice\":\"v.onnx\",\"speaker\":3,\
            \"speed\":2,\"seed\":5,\"output_file\":\"a/b.wav\",\"notes\":\"mine\"}\n\
            \n{\"text\":\"12\"}\n";
        let (csv, json) = (
            manifest("m.CSV", csv).unwrap(),
            manifest("m.jsonl", json).unwrap(),
        );
        for (manifest, first_line) in [(&csv, 2), (&json, 1)] {
            let entries: Vec<_> = manifest.entries.iter().map(rendered).collect();
            assert_eq!(
                entries,
                [
                    r#""Hello, \n\"you\"." id=Some("7") out=Some("a/b.wav") voice=Some("v.onnx") speaker=Some("3") speed=Some(2.0) seed=Some(5)"#,
                    r#""12" id=None out=None voice=None speaker=None speed=None seed=None"#,
                ]
            );
            let expected = format!("ignored unknown fields: notes (line {first_line})");
            assert_eq!(manifest.unused_note(), Some(expected));
        }
        assert_eq!(
            csv.entries[1].location.line,
            Some(4),
            "the record before has two lines"
        );
        assert_eq!(json.entries[1].location.line, Some(3));
    }

    #[test]
    fn an_invalid_line_is_reported_and_the_others_are_used() {
        let lines = [
            (r#"{"text":"a"}"#, "\"a\" id"),
            ("nonsense", "not a JSON object"),
            (
                r#"{"text":"a","file":"b"}"#,
                "the fields `text` and `file` exclude",
            ),
            ("{}", "the field `text` or `file` is missing"),
            (r#"{"text":"a","speed":"x"}"#, "speed \"x\" is not a number"),
            (
                r#"{"text":"a","normalize":"loud"}"#,
                "normalize \"loud\" is not run",
            ),
            (r#"{"text":"a","speed":0}"#, "speed 0 is out of range"),
            (
                r#"{"text":"a","id":[1]}"#,
                "id [1] is not a string or a number",
            ),
            (r#"{"text":"b"}"#, "\"b\" id"),
        ];
        let content: Vec<_> = lines.iter().map(|(line, _)| *line).collect();
        let manifest = manifest("m.jsonl", &content.join("\n")).unwrap();
        assert_eq!(manifest.entries.len(), lines.len());
        for (entry, (line, expected)) in manifest.entries.iter().zip(lines) {
            let rendered = rendered(entry);
            assert!(rendered.starts_with(expected), "{line}: {rendered}");
        }
    }

    #[test]
    fn the_header_shows_what_separates_the_fields() {
        let lists = [
            ("m.tsv", "text\tid\tspeed\nA; b, c.\tx\t2\n"),
            ("m.csv", "text;id;speed\nA; b, c.;x;2\n"),
            ("m.csv", "text;id;speed\n\"A; b, c.\";x;2\n"),
            ("m.csv", "text,id,speed\n\"A; b, c.\",x,2\n"),
            (
                "m.csv",
                "text,\"id\",speed,\"a;b;c;d;e\"\n\"A; b, c.\",x,2,\n",
            ),
        ];
        for (name, content) in lists {
            let manifest = manifest(name, content).unwrap();
            let rendered = rendered(&manifest.entries[0]);
            // An unquoted delimiter ends the field.
            match content.contains(";id") && !content.contains('"') {
                true => assert!(
                    rendered.contains("4 fields, and the header 3"),
                    "{rendered}"
                ),
                false => assert!(
                    rendered.starts_with(r#""A; b, c." id=Some("x")"#),
                    "{content}: {rendered}"
                ),
            }
        }
        let one = manifest("m.csv", "text\nA; b, c.\n").unwrap();
        assert_eq!(one.entries.len(), 1);
    }

    #[test]
    fn fields_missing_at_the_end_of_a_csv_record_are_empty() {
        let manifest = manifest("m.csv", "text,id\na,1\nb\nc,3,,\nd,4,e\n").unwrap();
        let bad: Vec<_> = manifest.entries.iter().map(|e| e.text.is_err()).collect();
        assert_eq!(bad, [false, false, false, true]);
        assert!(rendered(&manifest.entries[1]).starts_with("\"b\" id=None"));
        assert_eq!(manifest.entries[3].location.line, Some(5));
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_line_and_the_right_name() {
        let manifest = manifest(
            "m.jsonl",
            "{\"text\":\"a\"}\n{\"text\":\"b\",\"speeed\":2}\n",
        )
        .unwrap();
        let note = manifest.unused_note().unwrap();
        assert!(
            note.ends_with("speeed (line 2; did you mean `speed`?)"),
            "{note}"
        );
    }

    #[test]
    fn a_missing_quotation_mark_does_not_fill_the_memory() {
        let line = "b".repeat(64 * 1024) + "\n";
        let rest = line.repeat(MAX_RECORD_BYTES / line.len() + 2);
        let error = manifest("m.csv", &format!("text\na\n\"c\n{rest}"))
            .err()
            .unwrap();
        let message = error.to_string();
        assert!(
            message.starts_with("the record after line 2 of"),
            "{message}"
        );
    }

    #[test]
    fn a_csv_file_without_texts_is_an_error() {
        let error = manifest("m.csv", "txt\na\n").err().unwrap();
        let message = format!("{error:#}");
        assert!(
            message.ends_with("m.csv: no column `text` or `file`"),
            "{message}"
        );
    }

    #[test]
    fn files_are_relative_to_the_manifest() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("texts")).unwrap();
        std::fs::write(folder.path().join("texts/a.txt"), "Hi.").unwrap();
        let path = folder.path().join("m.jsonl");
        std::fs::write(&path, r#"{"file":"texts/a.txt"}"#).unwrap();
        let found = Found::read(&path).unwrap();
        assert!(rendered(&found.entries[0]).starts_with("\"Hi.\""));
        let label = &found.entries[0].text.as_ref().unwrap().label;
        assert_eq!(
            (label.stem.as_str(), label.folder.as_path()),
            ("a", Path::new("texts"))
        );
    }
}
