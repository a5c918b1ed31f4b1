//! One spelling for each character: composed, without the looks that fonts and
//! keyboards give it, and without what cannot be seen.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::edits::Edits;
use super::rule::Rule;

/// Composes letters (NFC), folds compatibility forms of letters and drops
/// invisible characters.
pub(super) fn normalize(text: &str, offset: usize, _language: &str, edits: &mut Edits) {
    if text.is_ascii() {
        return;
    }
    let mut rest = text.char_indices().peekable();
    let mut before = None; // the visible character before
    while let Some((start, c)) = rest.next() {
        if is_ordinary(c) && rest.peek().is_none_or(|(_, next)| is_ordinary(*next)) {
            before = Some(c);
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some((at, mark)) = rest.next_if(|(_, next)| continues(*next)) {
            end = at + mark.len_utf8();
        }
        let range = offset + start..offset + end;
        let cluster = &text[start..end];
        let after = text[end..].chars().next();
        match invisible(c, before, after) {
            Some(Invisible::Dropped) => edits.remove(Rule::Character, range),
            Some(Invisible::Space) => edits.replace(Rule::Character, range, " "),
            None => {
                let read: String = match folded(c, before, after) {
                    Some(folded) => folded + &cluster[c.len_utf8()..],
                    None => cluster.to_owned(),
                };
                let read: String = read.chars().map(full_width_mark).nfc().collect();
                before = read.chars().last();
                if read != cluster {
                    edits.replace(Rule::Character, range, read);
                }
            }
        }
    }
}

/// Returns whether `c` is a letter, digit or mark of common scripts that stays
/// as it is and does not change others. Most characters are; this is only for
/// speed.
fn is_ordinary(c: char) -> bool {
    matches!(c, '\0'..='\u{AC}' | '\u{AE}'..='\u{131}' | '\u{134}'..='\u{13E}'
        | '\u{141}'..='\u{17E}' | '\u{180}'..='\u{1C3}' | '\u{388}'..='\u{3FF}'
        | '\u{400}'..='\u{482}' | '\u{48A}'..='\u{52F}'
        | '–' | '—' | '’' | '“' | '”' | '„' | '…' | '€' | '、' | '。' | '，'
        | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Returns whether `c` belongs to the character before it: a combining mark, the
/// voicing mark of a half-width kana, or the middle or end of a Korean syllable.
fn continues(c: char) -> bool {
    is_combining_mark(c) && !is_variation_selector(c)
        || full_width_mark(c) != c
        || matches!(c, '\u{1160}'..='\u{11FF}')
}

/// Returns the combining mark for the half-width voicing marks of kana.
fn full_width_mark(c: char) -> char {
    match c {
        '\u{FF9E}' => '\u{3099}',
        '\u{FF9F}' => '\u{309A}',
        _ => c,
    }
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

enum Invisible {
    Dropped,
    Space,
}

/// Returns what becomes of a character that has no look of its own.
fn invisible(c: char, before: Option<char>, after: Option<char>) -> Option<Invisible> {
    let dropped = match c {
        // Soft hyphen, byte order mark, word joiner, invisible operators.
        '\u{AD}' | '\u{FEFF}' | '\u{2060}'..='\u{2064}' => true,
        // Directions of writing.
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        // Skin tones; flags' tags. espeak-ng 1.51 says one word of an emoji's
        // name if another such character follows.
        '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}' => true,
        '\u{200B}' => !before.is_some_and(is_unspaced),
        // Scripts of India and Persia spell with joiners.
        '\u{200C}' => !before.is_some_and(is_joining) || !after.is_some_and(is_joining),
        '\u{200D}' if before.is_some_and(is_emoji) => return Some(Invisible::Space),
        '\u{200D}' => !before.is_some_and(is_joining),
        _ => is_variation_selector(c),
    };
    dropped.then_some(Invisible::Dropped)
}

/// Returns whether words of the script of `c` are written without spaces, so
/// that an invisible space parts them.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}

/// Returns whether joiners are part of the spelling of the script of `c`.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Returns what is read for a character that is another one's look.
///
/// Not for `½ ² ™ ª`, whose compatibility forms are read as something else.
fn folded(c: char, before: Option<char>, after: Option<char>) -> Option<String> {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let folds = match c {
        // The letter that Ukrainian keyboards write, and its relatives.
        '\u{2BC}' => return Some("'".to_owned()),
        '\u{2BB}' | '\u{2018}' if is_letter(before) && is_letter(after) => {
            return Some("'".to_owned());
        }
        // Latin digraphs: ĳ ŀ ǆ ǳ; long s.
        '\u{132}' | '\u{133}' | '\u{13F}' | '\u{140}' | '\u{17F}' => true,
        '\u{1C4}'..='\u{1CC}' | '\u{1F1}'..='\u{1F3}' => true,
        // Script, black-letter and double-struck letters; Kelvin, Ångström.
        '\u{2102}' | '\u{210A}'..='\u{2113}' | '\u{2115}' | '\u{2119}'..='\u{211D}' => true,
        '\u{2124}' | '\u{2128}' | '\u{212A}'..='\u{212D}' | '\u{212F}'..='\u{2134}' => true,
        '\u{2139}' | '\u{213C}'..='\u{213F}' | '\u{2145}'..='\u{2149}' => true,
        // Roman numbers; numbers and letters in circles and brackets.
        '\u{2160}'..='\u{217F}' | '\u{2460}'..='\u{24EA}' => true,
        '\u{1F110}'..='\u{1F12B}' | '\u{1F130}'..='\u{1F149}' => true,
        '\u{3200}'..='\u{32FF}' | '\u{3300}'..='\u{3357}' | '\u{3371}'..='\u{3376}' => true,
        // Ligatures: ﬁ, Armenian, Hebrew, Arabic.
        '\u{FB00}'..='\u{FDFB}' | '\u{FE70}'..='\u{FEFC}' => true,
        // Full and half width letters and digits; not the marks, which the
        // phonemizer knows.
        '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => true,
        '\u{FF66}'..='\u{FFDC}' => true,
        // Mathematical letters and digits.
        '\u{1D400}'..='\u{1D7FF}' | '\u{1EE00}'..='\u{1EEF1}' => true,
        '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}' => true,
        _ => false,
    };
    let folded: Option<String> = folds.then(|| std::iter::once(c).nfkc().collect());
    // Two of them in a row are two words: `①②`, `ⅧⅨ` are not one number.
    let is_number = matches!(c, '\u{2160}'..='\u{217F}' | '\u{2460}'..='\u{249B}' | '\u{24EA}');
    folded.map(
        |folded| match is_number && before.is_some_and(char::is_alphanumeric) {
            true => format!(" {folded}"),
            false => folded,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::clean;

    fn reads(written: &str, read: &str) {
        assert_eq!(clean(written, "en-us"), read, "{written}");
    }

    #[test]
    fn ordinary_characters_stay() {
        for c in ('\0'..=char::MAX).filter(|c| is_ordinary(*c)) {
            let text = String::from(c);
            assert!(
                text.nfc().eq(text.chars()) && folded(c, None, None).is_none(),
                "{c}"
            );
            assert!(!continues(c) && invisible(c, None, None).is_none(), "{c}");
        }
    }

    #[test]
    fn letters_are_composed() {
        reads("U\u{308}ber die Bru\u{308}cke", "Über die Brücke");
        reads("cafe\u{301}", "café");
        reads("\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}", "한글");
        reads("Vie\u{323}\u{302}t", "Việt");
        reads("ｶﾞｷﾞ ﾊﾟﾝ ｳﾞｧ", "ガギ パン ヴァ");
        reads("カﾞ はﾟ", "ガ ぱ");
    }

    #[test]
    fn looks_of_letters_are_the_letters() {
        reads("𝐛𝐨𝐥𝐝 𝑖𝑡𝑎𝑙𝑖𝑐 𝟙𝟚", "bold italic 12");
        reads(
            "ｆｕｌｌ ｗｉｄｅ １２",
            "full width 12".replace("width", "wide").as_str(),
        );
        reads("ﬁne ﬂoor oﬃce", "fine floor office");
        reads("Henry Ⅷ, ⅳ", "Henry VIII, iv");
        reads("① ⓑ ⑴ 🄰", "1 b (1) A");
        reads("①②", "1 2");
        reads("Ⓣⓗⓔ", "The");
        reads("ℝ ℕ K Å", "R N K Å");
        reads("ſit, ĳs", "sit, ijs");
        reads("ﷲ ﻡ", "الله م");
    }

    #[test]
    fn signs_with_a_reading_of_their_own_stay() {
        for text in ["½ cup", "m²", "Linux™", "1ª", "№ 5", "5 ℃", "，！？", "x⁻¹"] {
            reads(text, text);
        }
    }

    #[test]
    fn invisible_characters_do_not_cut_words() {
        reads("zero\u{200B}width", "zerowidth");
        reads("extra\u{AD}ordinary", "extraordinary");
        reads("\u{FEFF}Hello", "Hello");
        reads("abc\u{200E}\u{202A}def", "abcdef");
        reads("un\u{200C}joined", "unjoined");
        // Persian and Hindi keep what their spelling needs, Thai its spaces.
        reads("می\u{200C}خواهم", "می\u{200C}خواهم");
        reads("क्\u{200D}ष", "क्\u{200D}ष");
        reads("ภาษา\u{200B}ไทย", "ภาษา\u{200B}ไทย");
    }

    #[test]
    fn emoji_keep_their_whole_name() {
        reads("I ❤\u{FE0F} it", "I ❤ it");
        reads("OK 👍\u{1F3FD}!", "OK 👍!");
        reads("👨\u{200D}👩\u{200D}👧", "👨 👩 👧");
        reads("🏴\u{E0067}\u{E0062}\u{E007F}", "🏴");
    }

    #[test]
    fn apostrophes_between_letters_are_one_character() {
        reads("п\u{2BC}ять ім\u{2BC}я", "п'ять ім'я");
        reads("o\u{2018}zbek, Hawai\u{2BB}i", "o'zbek, Hawai'i");
        reads("\u{2018}quoted\u{2019}", "\u{2018}quoted\u{2019}");
    }
}
