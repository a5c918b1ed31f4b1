//! A server with a catalogue of voices, for tests of downloads.

use std::collections::BTreeMap;
use std::fs;

use piper_rs::download::Md5;
use serde_json::{Value, json};

use crate::scene::{Run, Scene, root};
use crate::web::{Request, Response, WebServer};

pub(crate) const TINY: &str = "en_US-tiny-medium";
pub(crate) const TUGAO: &str = "pt_PT-tugão-medium";
pub(crate) const MULTI: &str = "en_US-multi-low";

pub(crate) fn test_voice(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/voices").join(name)).unwrap()
}

pub(crate) fn md5(bytes: &[u8]) -> String {
    Md5::of_bytes(bytes)
}

/// The files on the server by path, with the catalogue.
pub(crate) fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut catalogue = serde_json::Map::new();
    for (name, from, language, quality, n_speakers) in [
        (TINY, "tiny", "English", "medium", 1),
        (TUGAO, "tiny", "Portuguese", "medium", 1),
        (MULTI, "tiny_multi", "English", "low", 3),
    ] {
        let (code, short) = (&name[..5], name.split('-').nth(1).unwrap());
        let folder = format!("{}/{code}/{short}/{quality}", &name[..2]);
        let card = "# Model card\n\n* License: CC0\n";
        let mut listed = serde_json::Map::new();
        for (path, bytes) in [
            (format!("{name}.onnx"), test_voice(&format!("{from}.onnx"))),
            (
                format!("{name}.onnx.json"),
                test_voice(&format!("{from}.onnx.json")),
            ),
            ("MODEL_CARD".to_owned(), card.into()),
        ] {
            let path = format!("{folder}/{path}");
            let file = json!({"size_bytes": bytes.len(), "md5_digest": md5(&bytes)});
            listed.insert(path.clone(), file);
            files.insert(path, bytes);
        }
        let entry = json!({
            "key": name, "name": short, "quality": quality, "num_speakers": n_speakers,
            "language": {"code": code, "family": &name[..2], "name_english": language},
            "files": listed, "aliases": [name.replace('_', "-").to_lowercase()]});
        catalogue.insert(name.to_owned(), entry);
    }
    files.insert(
        "voices.json".to_owned(),
        Value::from(catalogue).to_string().into(),
    );
    files
}

/// Returns the requested file. The path of the request is percent-encoded.
pub(crate) fn find_file<'f>(
    files: &'f BTreeMap<String, Vec<u8>>,
    request: &Request,
) -> Option<&'f [u8]> {
    let path = request.path.trim_start_matches('/').replace("%C3%A3", "ã");
    files.get(&path).map(Vec::as_slice)
}

pub(crate) fn respond_honestly(files: &BTreeMap<String, Vec<u8>>, request: &Request) -> Response {
    match find_file(files, request) {
        Some(bytes) => Response::part(request, bytes),
        None => Response::status(404),
    }
}

pub(crate) fn is_model(request: &Request) -> bool {
    request.path.ends_with(".onnx")
}

/// A server with a catalogue and voices, and a scene to run the program in.
pub(crate) struct CatalogueServer {
    pub(crate) scene: Scene,
    pub(crate) web: WebServer,
}

impl CatalogueServer {
    pub(crate) fn new() -> Self {
        Self::answering(respond_honestly)
    }

    /// A server whose answers are made by a function.
    pub(crate) fn answering(
        respond: impl Fn(&BTreeMap<String, Vec<u8>>, &Request) -> Response + Send + Sync + 'static,
    ) -> Self {
        let files = files();
        Self {
            scene: Scene::new(),
            web: WebServer::new(move |request| respond(&files, request)),
        }
    }

    /// A server whose answers to requests for a model are made by a function.
    pub(crate) fn with_models(
        model: impl Fn(&Request, &[u8]) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self::answering(move |files, request| match find_file(files, request) {
            Some(bytes) if is_model(request) => model(request, bytes),
            _ => respond_honestly(files, request),
        })
    }

    pub(crate) fn environment(&self) -> String {
        let catalogue = self.web.url("voices.json");
        format!("export XDG_CACHE_HOME=$PWD/cache PIPER_CATALOGUE={catalogue};")
    }

    pub(crate) fn sh(&self, line: &str) -> Run {
        self.scene.sh(&format!("{} {line}", self.environment()))
    }

    /// Returns the paths that were requested since the last call.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.web
            .requests()
            .into_iter()
            .map(|request| request.path)
            .collect()
    }

    /// Checks that the folder contains exactly this voice, byte for byte.
    #[track_caller]
    pub(crate) fn assert_installed(&self, folder: &str, name: &str, from: &str) {
        let model = self.scene.read(&format!("{folder}/{name}.onnx"));
        assert!(model == test_voice(&format!("{from}.onnx")));
        let config = self.scene.read(&format!("{folder}/{name}.onnx.json"));
        assert!(config == test_voice(&format!("{from}.onnx.json")));
        let mut names = [".MODEL_CARD", ".onnx", ".onnx.json"].map(|end| format!("{name}{end}"));
        names.sort();
        assert_eq!(self.scene.names(folder), names);
    }

    /// Checks that the folder contains only this number of partial downloads.
    #[track_caller]
    pub(crate) fn assert_only_partial(&self, folder: &str, count: usize) {
        let names = self.scene.names(folder);
        assert_eq!(names.len(), count, "{names:?}");
        assert!(
            names.iter().all(|name| name.ends_with(".part")),
            "{names:?}"
        );
    }
}
