#![no_main]
//! SSML of any kind.
use piper_rs::document::{Document, DocumentOptions, Format};
use piper_rs::parts::ssml::SsmlPart;
use piper_rs::text::Input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let input = Input::reader(std::io::Cursor::new(bytes.to_vec()), "bytes");
    let options = DocumentOptions::default();
    let Ok(document) = Document::open(input, Format::Ssml, &options) else {
        return;
    };
    for block in document.map_while(Result::ok) {
        assert!(!block.text.contains('\n'));
        for part in &block.parts {
            if let SsmlPart::Speech(speech) = part {
                assert!(!speech.text.is_empty() || !speech.marks.is_empty());
                for mark in &speech.marks {
                    assert!(speech.text.is_char_boundary(mark.at));
                }
                assert!(speech.marks.is_sorted_by_key(|mark| mark.at));
                let settings = &speech.settings;
                assert!(settings.rate > 0.0 && settings.rate <= 100.0);
                assert!(settings.volume >= 0.0 && settings.volume <= 100.0);
            }
        }
    }
});
