//! The names of keys, as screen readers say them.

use super::mark_names::MarkNames;
use crate::language_tables;

/// Returns how a key is called in an espeak-ng language: `shift_a` is `shift A`.
///
/// Names of keys are those of speech-dispatcher, joined by `_`. A name that the language's
/// table does not have is returned as it is.
pub fn key_name(language: &str, key: &str) -> String {
    let keys = key.split('_').filter(|key| !key.is_empty());
    let names: Vec<_> = keys.map(|key| single_key(language, key)).collect();
    names.join(" ")
}

fn single_key(language: &str, key: &str) -> String {
    let named = |name: &str| language_tables::of(language)?.keys.get(name);
    if let Some(name) = named(key) {
        return name.to_owned();
    }
    if let Some(own) = key.strip_prefix("kp-").filter(|own| !own.is_empty()) {
        let own = single_key(language, own);
        return named("kp").map_or_else(|| own.clone(), |name| name.replace("{}", &own));
    }
    let names = MarkNames::of(language);
    let mut characters = key.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => {
            let name = names.letter(only).or_else(|| names.mark(only));
            // espeak-ng takes some small letters for words.
            name.map_or_else(|| only.to_uppercase().collect(), str::to_owned)
        }
        _ => key.replace('-', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_names_in_each_language() {
        let cases = [
            ("en-us", "shift_a", "shift A"),
            ("en-us", "control_alt_delete", "control alt delete"),
            ("en-us", "kp-enter", "keypad enter"),
            ("en-us", "shift_kp-+", "shift keypad plus"),
            ("en-us", "kp--", "keypad hyphen"),
            ("en-us", "f12", "f12"),
            ("en-us", "space", "space"),
            ("en-us", "$", "dollar"),
            ("en-us", "XF86Audio-Play", "XF86Audio Play"),
            ("de", "shift_return", "Umschalt Eingabe"),
            ("fr-fr", "kp-7", "pavé numérique 7"),
            ("pl", "control_z", "control zet"),
            ("xx", "page-up", "page up"),
            ("en-us", "_", ""),
        ];
        for (language, key, name) in cases {
            assert_eq!(key_name(language, key), name, "{language} {key}");
        }
    }
}
