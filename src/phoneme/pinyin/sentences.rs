//! Where piper-tts ends a Chinese sentence.

/// Splits a text after each `。`, `！`, `？` and `…`, after `.`, `!` and `?` before
/// a space, and at empty lines, as piper-tts does for its Chinese voices.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let (mut start, mut rest) = (0, text);
    while let Some(length) = first_end(rest) {
        start += length;
        sentences.push(&rest[..length]);
        rest = &text[start..];
    }
    sentences.push(rest);
    let trimmed = sentences.into_iter().map(str::trim);
    trimmed.filter(|sentence| !sentence.is_empty()).collect()
}

/// Returns the length of the first sentence, if another follows.
fn first_end(text: &str) -> Option<usize> {
    const ENDS: [char; 4] = ['。', '！', '？', '…'];
    const ASCII_ENDS: [char; 4] = ['.', '!', '?', '…'];
    let closes = |c: char| "”’」』）》】〕〉".contains(c);
    let ascii_closes = |c: char| "'\")]}\u{2019}\u{201D}»".contains(c);
    // In a row of marks the first decides: the others have the same end.
    let mut row_end = 0;
    for (at, character) in text.char_indices() {
        let rest = &text[at..];
        if ENDS.contains(&character) {
            let after = rest.trim_start_matches(ENDS).trim_start_matches(closes);
            return (!after.is_empty()).then(|| text.len() - after.len());
        }
        if ASCII_ENDS.contains(&character) && at >= row_end {
            row_end = text.len() - rest.trim_start_matches(ASCII_ENDS).len();
            let after = rest
                .trim_start_matches(ASCII_ENDS)
                .trim_start_matches(ascii_closes);
            let next = after.trim_start();
            let starts = next.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase());
            if next.len() < after.len() && starts {
                return Some(text.len() - after.len());
            }
        }
        if rest.starts_with("\n\n") || rest.starts_with("\r\n\r\n") {
            let after = rest.trim_start_matches(['\r', '\n']);
            return Some(text.len() - after.len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_piper_tts_ends_them() {
        let cases: [(&str, &[&str]); 8] = [
            ("你好", &["你好"]),
            ("你好。", &["你好。"]),
            ("你好。再见！好？", &["你好。", "再见！", "好？"]),
            (
                "他说：「好！」然后走了。",
                &["他说：「好！」", "然后走了。"],
            ),
            ("真的……吗", &["真的……", "吗"]),
            ("Hi. 你好", &["Hi.", "你好"]),
            ("3.14 好", &["3.14 好"]),
            ("一\n\n二\n三", &["一", "二\n三"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), expected, "{text:?}");
        }
        assert!(split(" \n").is_empty());
    }

    #[test]
    fn a_row_of_marks_is_read_once() {
        // Each mark of the row would read the rest of it: hours.
        let row = ".?!".repeat(700_000) + "a";
        assert_eq!(split(&row), [row.as_str()]);
        assert_eq!(split("..…好"), ["..…", "好"]);
        assert_eq!(split("?!. 好"), ["?!.", "好"]);
    }
}
