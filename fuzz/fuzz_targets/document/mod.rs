//! What holds for every document that is text.

use piper_rs::document::{Code, Cues, Document, DocumentOptions, Format};
use piper_rs::text::Input;

/// Reads `bytes` with all options.
///
/// # Panics
///
/// If a block has a line end.
pub fn read(bytes: &[u8], format: Format) {
    for (code, cues) in [(Code::Skip, Cues::Join), (Code::Read, Cues::Single)] {
        let options = DocumentOptions {
            code,
            cues,
            ..DocumentOptions::default()
        };
        let input = Input::reader(std::io::Cursor::new(bytes.to_vec()), "bytes");
        if let Ok(document) = Document::open(input, format, &options) {
            let blocks = document.map_while(Result::ok);
            assert!(blocks.into_iter().all(|block| !block.text.contains('\n')));
        }
    }
}
