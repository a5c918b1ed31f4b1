//! Digits → Chinese words, as the rules of CLDR (RBNF, `zh`) that piper-tts uses.

/// Whether the faults of piper-tts are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberStyle {
    /// As in piper-tts.
    Strict,
    /// Digit groups are numbers, years are read by their digits, and negative
    /// numbers keep their fraction.
    Improved,
}

const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
/// Longer numbers have no name in CLDR; piper-tts fails at them.
const TOO_LARGE: u128 = 10_u128.pow(18);

struct Unit {
    value: u128,
    name: char,
    /// A smaller rest is said after 〇.
    gap_below: u128,
}

const UNITS: [Unit; 6] = {
    const fn unit(name: char, zeros: u32, gap_zeros: u32) -> Unit {
        let (value, gap_below) = (10_u128.pow(zeros), 10_u128.pow(gap_zeros));
        Unit {
            value,
            name,
            gap_below,
        }
    }
    [
        unit('百', 2, 1),
        unit('千', 3, 2),
        unit('万', 4, 3),
        unit('亿', 8, 4),
        unit('兆', 12, 7),
        unit('京', 16, 12),
    ]
};

/// Replaces numbers, temperatures and percentages by words.
pub(super) fn numbers_to_words(text: &str, style: NumberStyle) -> String {
    let characters: Vec<char> = text.chars().map(half_width).collect();
    let mut words = String::with_capacity(text.len());
    let mut rest = &characters[..];
    while !rest.is_empty() {
        let Some(number) = Number::at(rest, style, words.chars().next_back()) else {
            // 七十七％ → 百分之七十七
            let n_words = rest.iter().take_while(|c| is_number_word(**c)).count();
            let (number, after) = rest.split_at(n_words.max(1));
            let percent = (n_words > 0).then(|| after_percent(after)).flatten();
            words.push_str(if percent.is_some() { "百分之" } else { "" });
            words.extend(number);
            rest = percent.unwrap_or(after);
            continue;
        };
        let after = &rest[number.length..];
        if let Some(after_unit) = after_celsius(after) {
            words.push_str(&number.temperature(style));
            rest = after_unit;
        } else if let Some(after_percent) = after_percent(after) {
            words.push_str("百分之");
            words.push_str(&number.words(style));
            rest = after_percent;
        } else if style == NumberStyle::Improved && number.is_year() && after.starts_with(&['年'])
        {
            words.push_str(&digit_words(&number.whole));
            rest = after;
        } else {
            words.push_str(&number.words(style));
            rest = after;
        }
    }
    words
}

/// A number as it is written.
struct Number {
    minus: Option<char>,
    whole: Vec<char>,
    fraction: Vec<char>,
    /// In characters of the text.
    length: usize,
}

impl Number {
    /// Reads the number at the start of `text`.
    fn at(text: &[char], style: NumberStyle, before: Option<char>) -> Option<Self> {
        let is_minus = matches!(text.first(), Some('-' | '−'));
        // 3-5 and A-1 have no minus.
        let is_joined = style == NumberStyle::Improved
            && before.is_some_and(|c| c.is_alphanumeric() && !is_han(c) || is_number_word(c));
        let sign = usize::from(is_minus && !is_joined);
        let mut length = sign;
        let mut whole = Vec::new();
        while let Some(digit) = text.get(length) {
            let is_group = style == NumberStyle::Improved && *digit == ',' && !whole.is_empty();
            if digit.is_ascii_digit() {
                whole.push(*digit);
                length += 1;
            } else if is_group && n_digits(&text[length + 1..]) == 3 {
                length += 1;
            } else {
                break;
            }
        }
        if whole.is_empty() {
            return None;
        }
        let n_fraction = match text.get(length) {
            Some('.') => n_digits(&text[length + 1..]),
            _ => 0,
        };
        let fraction = match n_fraction {
            0 => Vec::new(),
            n => text[length + 1..=length + n].to_vec(),
        };
        length += if n_fraction > 0 { n_fraction + 1 } else { 0 };
        Some(Self {
            minus: text.first().copied().filter(|_| sign == 1),
            whole,
            fraction,
            length,
        })
    }

    fn is_year(&self) -> bool {
        self.whole.len() == 4 && self.fraction.is_empty() && self.minus.is_none()
    }

    /// 零下七度
    fn temperature(&self, style: NumberStyle) -> String {
        let below = if self.minus.is_some() { "零下" } else { "" };
        let whole = whole_words(&self.whole);
        match (style, &self.fraction[..]) {
            (_, []) => format!("{below}{whole}度"),
            (NumberStyle::Improved, digits) => format!("{below}{whole}点{}度", digit_words(digits)),
            // piper-tts takes the fraction alone for the temperature.
            (NumberStyle::Strict, digits) => {
                let minus = if self.minus.is_some() { "负" } else { "" };
                format!("{minus}{whole}.{}度", whole_words(digits))
            }
        }
    }

    fn words(&self, style: NumberStyle) -> String {
        let mut words = String::new();
        let is_zero = self.whole.iter().all(|digit| *digit == '0');
        let has_fraction = self.fraction.iter().any(|digit| *digit != '0');
        match self.minus {
            // For piper-tts it is no sign.
            Some('−') if style == NumberStyle::Strict => words.push('−'),
            Some(_) if !is_zero || has_fraction => words.push('负'),
            _ => {}
        }
        words.push_str(&whole_words(&self.whole));
        // piper-tts drops the fraction of a negative number.
        let is_spoken = self.minus != Some('-') || style == NumberStyle::Improved;
        if has_fraction && is_spoken {
            words.push('点');
            words.push_str(&digit_words(&self.fraction));
        }
        words
    }
}

/// 10010 → 一万〇一十. Numbers of 19 digits are read digit by digit.
fn whole_words(digits: &[char]) -> String {
    let mut words = String::new();
    let number: String = digits.iter().collect();
    match number.parse() {
        Ok(number) if number < TOO_LARGE => spell(number, &mut words),
        _ => words.push_str(&digit_words(digits)),
    }
    words
}

fn digit_words(digits: &[char]) -> String {
    digits.iter().filter_map(|digit| word(*digit)).collect()
}

fn spell(number: u128, words: &mut String) {
    let unit = UNITS.iter().rev().find(|unit| number >= unit.value);
    match unit {
        Some(unit) => {
            spell(number / unit.value, words);
            words.push(unit.name);
            spell_rest(number % unit.value, unit.gap_below, words);
        }
        None => {
            if number >= 20 {
                words.push(DIGITS[(number / 10) as usize]);
            }
            words.extend((number >= 10).then_some('十'));
            if number < 10 || !number.is_multiple_of(10) {
                words.push(DIGITS[(number % 10) as usize]);
            }
        }
    }
}

/// Adds what follows a unit: 一百〇一, 一百一十, 一百二十.
fn spell_rest(number: u128, gap_below: u128, words: &mut String) {
    if number == 0 {
        return;
    }
    words.extend((number < gap_below).then_some(DIGITS[0]));
    words.extend((10..20).contains(&number).then_some('一'));
    spell(number, words);
}

fn word(digit: char) -> Option<char> {
    DIGITS.get(digit.to_digit(10)? as usize).copied()
}

fn n_digits(text: &[char]) -> usize {
    text.iter().take_while(|c| c.is_ascii_digit()).count()
}

/// Returns what follows a percent sign at the start of `text`.
fn after_percent(text: &[char]) -> Option<&[char]> {
    match without_spaces(text) {
        ['%' | '％', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Returns what follows `°C` or `℃` at the start of `text`.
fn after_celsius(text: &[char]) -> Option<&[char]> {
    match without_spaces(text) {
        ['℃', rest @ ..] => Some(rest),
        ['°', rest @ ..] => without_spaces(rest).strip_prefix(&['C']),
        _ => None,
    }
}

fn without_spaces(text: &[char]) -> &[char] {
    let n_spaces = text.iter().take_while(|c| c.is_whitespace()).count();
    &text[n_spaces..]
}

fn is_number_word(character: char) -> bool {
    "零〇一二三四五六七八九十百千万亿两点".contains(character)
}

fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// ７ → 7
fn half_width(character: char) -> char {
    match character {
        '０'..='９' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of piper-tts 1.8.0: see `tests/corpus/pinyin.py`.
    #[test]
    fn strict_numbers_are_those_of_piper_tts() {
        const ORACLE: &str = include_str!("../../../tests/corpus/pinyin_numbers.txt");
        let rows: Vec<_> = ORACLE
            .lines()
            .filter_map(|row| row.split_once('\t'))
            .collect();
        assert!(rows.len() > 500);
        for (text, words) in rows {
            assert_eq!(numbers_to_words(text, NumberStyle::Strict), words, "{text}");
        }
    }

    #[test]
    fn improved_reads_years_groups_and_ranges() {
        let cases = [
            ("2022年", "二〇二二年"),
            ("1,234,567人", "一百二十三万四千五百六十七人"),
            ("第3-5章", "第三-五章"),
            ("A-1", "A-一"),
            ("-7.5度", "负七点五度"),
            ("今天 -3 ℃", "今天 零下三度"),
            ("7.5°C，−3.5℃", "七点五度，零下三点五度"),
            ("−3", "负三"),
            ("50 %", "百分之五十"),
            (
                "123456789012345678901",
                "一二三四五六七八九〇一二三四五六七八九〇一",
            ),
        ];
        for (text, words) in cases {
            assert_eq!(
                numbers_to_words(text, NumberStyle::Improved),
                words,
                "{text}"
            );
        }
    }
}
