#![no_main]
//! What `pdftotext` may write.
use piper_rs::document::{Code, Cues, Document, DocumentOptions, Format};
use piper_rs::text::Input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (code, cues) in [(Code::Skip, Cues::Join), (Code::Read, Cues::Single)] {
        let options = DocumentOptions {
            code,
            cues,
            ..DocumentOptions::default()
        };
        let input = Input::reader(std::io::Cursor::new(bytes.to_vec()), "bytes");
        if let Ok(document) = Document::open(input, Format::PdfText, &options) {
            let blocks = document.map_while(Result::ok);
            assert!(blocks.into_iter().all(|block| !block.text.contains('\n')));
        }
    }
});
