//! The names of Latin letters, as Chinese speakers say them: 卡拉OK, T恤.

/// Returns the syllables of a letter's name.
pub(super) fn spelled(letter: char) -> Option<&'static str> {
    const NAMES: [&str; 26] = [
        "ei1",
        "bi4",
        "xi1",
        "di4",
        "yi4",
        "ai2 fu5",
        "ji4",
        "ai2 chi5",
        "ai4",
        "zhei4",
        "kei4",
        "ai2 lu5",
        "ai2 mu5",
        "en1",
        "ou1",
        "pi4",
        "kiu4",
        "a4 er5",
        "ai2 si5",
        "ti4",
        "you1",
        "wei1",
        "da2 bu5 liu5",
        "ai2 ke5 si5",
        "wai4",
        "zei4",
    ];
    let half_width = match letter {
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(letter as u32 - 0xFEE0)?,
        letter => letter,
    };
    let at = half_width.to_ascii_uppercase() as u32;
    NAMES.get(at.checked_sub('A' as u32)? as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_names_and_nothing_else_has() {
        assert_eq!(spelled('a'), Some("ei1"));
        assert_eq!(spelled('Ｚ'), Some("zei4"));
        for other in ['@', '[', '{', '0', '中', 'é'] {
            assert_eq!(spelled(other), None, "{other}");
        }
    }
}
