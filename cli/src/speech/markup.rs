//! Markup of other programs, which is spoken as text.

/// Commands that `say` takes inside a text.
const SAY_COMMANDS: [&str; 9] = [
    "slnc", "rate", "volm", "pbas", "pmod", "emph", "char", "nmbr", "rset",
];

/// Returns what to tell the user if `text` has markup that is spoken as text: a document
/// that begins with `<speak`, or a command such as `[[slnc 500]]`.
pub(crate) fn note(text: &str) -> Option<&'static str> {
    let is_command = |block: &str| {
        let name = block.trim_start().split(' ').next().unwrap_or_default();
        SAY_COMMANDS.contains(&name)
    };
    if text.trim_start().starts_with("<speak") {
        return Some(
            "the text looks like SSML, whose tags are spoken as words here: add `--format ssml`",
        );
    }
    text.split("[[").skip(1).any(is_command).then_some(
        "`[[…]]` is read as phonemes, not as a command of `say`: for pauses add `--inline` and \
         write `[[pause 500ms]]`, or use `--sentence-silence` and `--paragraph-silence`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_markup_is_noticed() {
        for text in ["<speak>Hi.</speak>", " \n<speak version='1.0'>"] {
            assert!(note(text).unwrap().contains("SSML"), "{text}");
        }
        for text in [
            "Hi. [[slnc 500]] You.",
            "[[rate 200]]",
            "[[hə]] [[ volm 1]]",
        ] {
            assert!(note(text).unwrap().contains("`say`"), "{text}");
        }
        for text in [
            "",
            "Hi.",
            "a < b",
            "Use <speak> here.",
            "[[hˈaɪ]]",
            "slnc 500",
            "[[slnc500",
        ] {
            assert_eq!(note(text), None, "{text}");
        }
    }
}
