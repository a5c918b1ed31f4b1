//! The voices that the server may choose.

use crate::environment::VoiceFolders;
use crate::speech::parts::language_of;

/// What the column of variants has.
const NO_VARIANT: &str = "none";

/// Returns the reply to `LIST VOICES`: those of a language and a variant, or all.
pub(super) fn reply(
    folders: &VoiceFolders,
    language: Option<&str>,
    variant: Option<&str>,
) -> String {
    let mut lines = String::new();
    for files in folders.installed() {
        // The columns are separated by tabs.
        let name = files.name();
        if name.contains(char::is_control) {
            continue;
        }
        let Some(own) = language_of(&files) else {
            continue;
        };
        let code = own.code.replace('_', "-");
        let speaks = language.is_none_or(|language| {
            code.eq_ignore_ascii_case(language) || own.family.eq_ignore_ascii_case(language)
        });
        if speaks && variant.is_none_or(|variant| variant.eq_ignore_ascii_case(NO_VARIANT)) {
            lines += &format!("200-{name}\t{code}\t{NO_VARIANT}\n");
        }
    }
    match lines.is_empty() {
        true => "304 CANT LIST VOICES".to_owned(),
        false => lines + "200 OK VOICE LIST SENT",
    }
}
