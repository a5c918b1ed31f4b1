//! Recognizes the headings of chapters.

/// Kinds of divisions: a number comes after them, or an ordinal before them.
const DIVISIONS: [&str; 40] = [
    "chapter",
    "part",
    "book",
    "volume",
    "act",
    "letter",
    "section", // English
    "kapitel",
    "teil",
    "buch",
    "band",
    "akt",
    "abschnitt", // German
    "chapitre",
    "partie",
    "livre",
    "tome",
    "acte", // French
    "capítulo",
    "capitulo",
    "parte",
    "libro",
    "acto", // Spanish, Portuguese
    "livro",
    "capitolo",
    "atto", // Portuguese, Italian
    "hoofdstuk",
    "deel",
    "kapittel",
    "del", // Dutch, Scandinavian
    "rozdział",
    "część",
    "kapitola",
    "část", // Polish, Czech
    "глава",
    "часть",
    "книга",
    "розділ",
    "частина",
    "κεφάλαιο",
];

/// Words that are a heading without a number.
const ALONE: [&str; 29] = [
    "prologue",
    "epilogue",
    "introduction",
    "preface",
    "foreword",
    "afterword",
    "interlude",
    "prolog",
    "epilog",
    "einleitung",
    "vorwort",
    "nachwort",
    "préface",
    "épilogue",
    "avant-propos",
    "prólogo",
    "epílogo",
    "introducción",
    "prefacio",
    "prefácio",
    "introdução",
    "prologo",
    "epilogo",
    "prefazione",
    "introduzione",
    "пролог",
    "эпилог",
    "епілог",
    "inledning",
];

/// Numbers and ordinals as words.
const NUMBERS: [&str; 132] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "last",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "erstes",
    "zweites",
    "drittes",
    "viertes",
    "fünftes",
    "sechstes",
    "siebtes",
    "achtes",
    "neuntes",
    "zehntes",
    "letztes",
    "erster",
    "zweiter",
    "dritter",
    "vierter",
    "erste",
    "zweite",
    "dritte",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "sept",
    "huit",
    "neuf",
    "dix",
    "premier",
    "première",
    "deuxième",
    "second",
    "seconde",
    "troisième",
    "quatrième",
    "cinquième",
    "sixième",
    "septième",
    "huitième",
    "uno",
    "una",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "primero",
    "primera",
    "segundo",
    "segunda",
    "tercero",
    "tercera",
    "cuarto",
    "cuarta",
    "quinto",
    "quinta",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "primo",
    "prima",
    "secondo",
    "seconda",
    "terzo",
    "terza",
    "quarto",
    "um",
    "dois",
    "três",
    "primeiro",
    "primeira",
    "terceiro",
    "первая",
    "вторая",
    "третья",
    "четвертая",
    "пятая",
    "första",
    "andra",
    "eerste",
];

const MAX_HEADING_CHARS: usize = 100;
const MAX_HEADING_WORDS: usize = 14;

/// Returns the title of a Markdown heading: `# Title` or `## Title`.
pub(super) fn markdown(line: &str) -> Option<&str> {
    let title = line.strip_prefix("##").or_else(|| line.strip_prefix('#'))?;
    let title = title.strip_prefix([' ', '\t'])?.trim();
    let without_closing = title.trim_end_matches('#');
    let title = match without_closing.ends_with([' ', '\t']) {
        true => without_closing.trim_end(),
        false => title,
    };
    (!title.is_empty()).then_some(title)
}

/// Returns whether a line underlines the one above as a heading: `===`, `---`.
pub(super) fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    line.len() >= 3
        && ['=', '-']
            .iter()
            .any(|mark| line.chars().all(|c| c == *mark))
}

/// Returns whether a line can be a title: it is short and not a sentence.
pub(super) fn is_title(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() <= MAX_HEADING_CHARS
        && line.split_whitespace().count() <= MAX_HEADING_WORDS
        && line.contains(char::is_alphanumeric)
        && !line.ends_with(['.', ',', ';'])
}

/// How much of a heading a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading {
    /// A division and a number, such as `CHAPTER IV.`: the title may follow in
    /// the next line.
    Number,
    /// The whole heading.
    Titled,
}

/// Returns how much of a heading a line is, such as `CHAPTER IV`, `Chapter 4: The
/// Sea`, `Erstes Kapitel` or `第三章`. `None` for other lines, also for sentences that
/// begin with such words.
pub(super) fn numbered(line: &str) -> Option<Heading> {
    let line = line.trim();
    if line.chars().count() > MAX_HEADING_CHARS {
        return None;
    }
    if is_chinese(line) {
        return Some(Heading::Titled);
    }
    let mut words = line.split_whitespace();
    let (first, second) = (words.next()?, words.next());
    let Some(second) = second else {
        return is_in(&ALONE, first).then_some(Heading::Titled);
    };
    let number = if is_in(&DIVISIONS, first) {
        match second.to_lowercase().as_str() {
            "the" => words.next()?,
            _ => second,
        }
    } else if is_in(&DIVISIONS, second) && !first.chars().all(|c| "AIVX".contains(c)) {
        // Not `A Book` or `I Act`.
        first
    } else {
        return None;
    };
    if !is_number(number) {
        return None;
    }
    let last = if number == first { second } else { number };
    let rest: Vec<_> = words.collect();
    let Some(&title) = rest.first() else {
        return Some(Heading::Number);
    };
    if rest.len() > MAX_HEADING_WORDS {
        return None;
    }
    let is_dash = |word: &str| matches!(word, "-" | "–" | "—" | ":" | "|");
    let is_named = last.ends_with([':', ')', '—', '–']) || is_dash(title);
    let starts_title = title.chars().find(|c| c.is_alphanumeric());
    let starts_title = starts_title.is_some_and(|c| !c.is_lowercase());
    let is_sentence = line.ends_with(['.', ',', ';', '!', '?']);
    (is_named || (starts_title && (last.ends_with('.') || !is_sentence))).then_some(Heading::Titled)
}

fn is_in(list: &[&str], word: &str) -> bool {
    let word = word.trim_end_matches(['.', ':', '—', '–']).to_lowercase();
    list.contains(&word.as_str())
}

fn is_number(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ':', ')', '—', '–', 'ª', 'º']);
    let digits = !word.is_empty() && word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit());
    let is_roman = |marks: &str| !word.is_empty() && word.chars().all(|c| marks.contains(c));
    let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase());
    let mut parts = word.split('-');
    digits
        || is_roman("IVXLCDM")
        || is_roman("ivxl")
        || is_letter
        || parts.all(|part| is_in(&NUMBERS, part))
}

fn is_chinese(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('第') else {
        return false;
    };
    let after = rest.trim_start_matches(|c: char| {
        c.is_ascii_digit() || "一二三四五六七八九十百千零〇两".contains(c)
    });
    after.len() < rest.len()
        && after.starts_with(['章', '回', '部', '卷', '节', '節', '話', '话'])
        && !line.ends_with('。')
        && line.chars().count() <= 40
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_many_languages_are_found() {
        let titled = [
            "Chapter 4: The Sea",
            "CHAPTER I. Down the Rabbit-Hole.",
            "Part Two — The Storm",
            "Chapter 12 The Sea",
            "BOOK THE FIRST. Recalled to Life",
            "Prologue",
            "EPILOGUE.",
            "Kapitel 3: am Meer",
            "Chapitre 2 - Le départ",
            "Capítulo 1. La casa",
            "第三章 海",
            "Chapter Twenty-One: Home",
            "Part 1: who are you?",
        ];
        for line in titled {
            assert_eq!(numbered(line), Some(Heading::Titled), "{line}");
        }
        let numbers = [
            "CHAPTER IV",
            "Chapter 4",
            "chapter iv.",
            "Part One",
            "Kapitel 3",
            "Chapitre premier",
            "Capítulo primero",
            "Erstes Kapitel",
            "ERSTES KAPITEL",
            "Première partie",
            "1. Kapitel",
            "Глава первая",
            "Book the Second",
            "Teil II",
            "Rozdział 7",
            "Letter 2",
        ];
        for line in numbers {
            assert_eq!(numbered(line), Some(Heading::Number), "{line}");
        }
    }

    #[test]
    fn sentences_and_lists_are_no_headings() {
        let lines = [
            "Chapter 3 was the hardest.",
            "Chapter closed.",
            "Part of me was gone.",
            "Chapter Four was the best part of the book",
            "Part 2, I think.",
            "Book him!",
            "Chapter One Was Hard, He Said.",
            "Act now.",
            "Teil des Ganzen",
            "",
            "Chapter",
            "The chapter 4",
            "A Book",
            "I Act",
            "Introduction to the sea",
            "第三章说明了这一点。",
        ];
        for line in lines {
            assert_eq!(numbered(line), None, "{line}");
        }
    }

    #[test]
    fn markdown_headings_have_up_to_two_marks() {
        let cases = [
            ("# One", Some("One")),
            ("##  Two ##", Some("Two")),
            ("# C#", Some("C#")),
            ("### Three", None),
            ("#hashtag", None),
            ("#", None),
            ("# ", None),
            (" x # y", None),
        ];
        for (line, title) in cases {
            assert_eq!(markdown(line), title, "{line}");
        }
        assert!(
            is_underline("=====")
                && is_underline("---\n")
                && !is_underline("--")
                && !is_underline("- - -")
        );
    }
}
