//! A language's file as tables.

use std::collections::{HashMap, HashSet};

use super::abbreviation::{Context, Reading};
use super::entries::{Entries, Words, decapitalised};
use super::file::{Line, lines};

/// The longest shortened ending has fewer letters.
const MAX_ENDING: usize = 6;

/// The sections of a language's file; a missing one is empty.
#[derive(Debug, Default)]
pub(crate) struct LanguageTable {
    pub(crate) patterns: Entries,
    /// The letters that entries begin with, without what follows: `w` of `w/o`.
    first_words: HashSet<&'static str>,
    abbreviations: HashMap<&'static str, Vec<Reading>>,
    /// What may be between a title and a name or an office: `M. le maire`.
    pub(crate) articles: Words,
    pub(crate) phrases: Entries,
    pub(crate) currencies: Entries,
    pub(crate) magnitudes: Entries,
    pub(crate) units: Entries,
    /// Units of squares and per something: `km/h`.
    pub(crate) signs: Entries,
    /// Each with its number: `January | Jan`.
    months: Names,
    weekdays: Names,
    pub(crate) ordinals: Entries,
    /// What is written behind a number that is an ordinal, and the number of its form:
    /// `1re`, `3.ª`.
    pub(crate) ordinal_endings: Entries,
    /// The same behind a Roman numeral: `XIXe`.
    pub(crate) numeral_endings: Entries,
    /// Words, and the form of the ordinal that follows: `am 3. Mai`.
    pub(crate) forms_after: Entries,
    pub(crate) decades: Entries,
    pub(crate) denominators: Entries,
    /// Names of kings and popes.
    pub(crate) regnal_names: Words,
    /// `George I was`: words after a numeral I.
    pub(crate) after_regnal_names: Words,
    /// Names of queens, if their numbers have another form.
    pub(crate) queens: Words,
    /// The numbers of kings, if they are not ordinals: `Louis XIV`.
    pub(crate) regnal_numbers: Entries,
    /// Words before a king, and how his number is said then: `von Ludwig XIV.`
    pub(crate) kings_after: Entries,
    /// Numbers that agree with what they count: `21 casas`.
    pub(crate) counting: Entries,
    pub(crate) feminine: Words,
    pub(crate) masculine: Words,
    /// Signs that are said wherever they are.
    pub(crate) sign_names: Entries,
    /// Acronyms that are spelled, though they could be words.
    pub(crate) spelled_acronyms: Words,
    /// Last parts of web addresses: `org`.
    pub(crate) domains: Words,
    /// What is numbered in Roman: `Part`, `World War`.
    pub(crate) numbered: Words,
    /// Lowercase words that a year follows, or a date, or a telephone number.
    pub(crate) before_years: Words,
    /// Books with verses: `Psalm 23:4`.
    pub(crate) before_verses: Words,
    pub(crate) before_dates: Words,
    pub(crate) before_phones: Words,
    pub(crate) before_pages: Words,
    pub(crate) before_decades: Words,
    /// What joins a day and its month: `5th of Nov.`
    pub(crate) of_month: Words,
    /// `King`: a name with a numeral follows.
    pub(crate) regnal_titles: Words,
    /// Articles after which a measure is an adjective: `a $5 bill`.
    pub(crate) before_adjectives: Words,
    /// Articles before a noun, not before an abbreviation: `a fig. 3 were left`.
    pub(crate) indefinite_articles: Words,
    /// Words that a letter follows: `vitamin A`.
    pub(crate) before_letters: Words,
    /// Articles that show that letters are spelled: `an IV`.
    pub(crate) spelling_articles: Words,
    /// Nouns that letters describe, no numbers: `IV drip`.
    pub(crate) spelling_nouns: Words,
    /// Numerals that are also letters: `IV`.
    pub(crate) spelled_numerals: Words,
    /// Nouns that have an ordinal in Roman numerals: `the XX century`.
    pub(crate) ordinal_nouns: Words,
    /// What joins the items of a list: `II and III`.
    pub(crate) joiners: Words,
    /// What is counted in whole numbers, often in millions: `20m people`, `4/5 games`.
    pub(crate) counted_whole: Words,
    /// Plurals that follow a number, not a year, behind a word such as `in`.
    pub(crate) counted_after_year_words: Words,
    /// What has parts with numbers: `page 1/2`.
    pub(crate) before_parts: Words,
    /// Letters of halves of the day behind a time: `pm`.
    pub(crate) half_days: Words,
    /// Behind the slash of a rate: `5/day`.
    pub(crate) per: Entries,
    /// Folders in paths that are no words: `/etc`.
    pub(crate) path_names: Entries,
    /// Words that are never counted and have no adjectives: `in`, `was`.
    pub(crate) function_words: Words,
    /// Conjunctions and prepositions, in lowercase: a line of a subtitle ends before
    /// them, not behind them.
    pub(crate) line_starts: Words,
    /// Articles and what else belongs to the next word, in lowercase: no line of a
    /// subtitle ends behind them.
    pub(crate) line_holders: Words,
    /// Plurals that the ending does not show: `people`.
    pub(crate) counted: Words,
    /// Words in capitals that are no acronyms: `IT` in `STOP IT`.
    pub(crate) in_capitals: Words,
    /// Acronyms that are read as words.
    pub(crate) spoken_acronyms: Words,
    /// Letters that are words if they are alone.
    pub(crate) letters: Entries,
    /// Signs in web addresses.
    pub(crate) address_signs: Entries,
    pub(crate) emoji: Entries,
    /// Names of keys.
    pub(crate) keys: Entries,
    /// Functions of mathematics: `sin² x`.
    pub(crate) functions: Words,
    /// What has an index of code, not the mark of a reference: `array[1]`.
    pub(crate) indexed: Words,
}

/// Names with numbers: the first name is said for all.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<&'static str, u64>,
    names: HashMap<u64, &'static str>,
}

/// Where the lines of a section go.
enum Section<'t> {
    Entries(&'t mut Entries),
    Words(&'t mut Words),
    Names(&'t mut Names),
    Abbreviations(&'t mut HashMap<&'static str, Vec<Reading>>, Context),
}

impl LanguageTable {
    /// Parses a language's file.
    ///
    /// # Errors
    /// The first line that is wrong, in words.
    pub(super) fn parse(file: &'static str) -> Result<Self, String> {
        let mut table = Self::default();
        let mut section = "";
        let mut table_words = HashSet::new();
        for (n, line) in lines(file) {
            let fault = |what: &str| Err(format!("line {n}: {what}"));
            if let Line::Section(name) = line {
                section = name;
            }
            let Some(place) = table.section(section) else {
                return fault("no such section");
            };
            // Keys are in no text.
            if let Line::Entry(written, _) = line
                && section != "keys"
            {
                let end = written.find(|c: char| !c.is_alphabetic());
                table_words.insert(&written[..end.unwrap_or(written.len())]);
            }
            match (line, place) {
                (Line::Section(_), _) => {}
                (Line::Entry(written, said), Section::Entries(entries)) => {
                    if !entries.add(written, said) {
                        return fault("already in the section");
                    }
                }
                (Line::Word(word), Section::Words(words)) => {
                    if !words.add(word) {
                        return fault("already in the section");
                    }
                }
                (Line::Entry(number, names), Section::Names(all)) => {
                    let Ok(number) = number.parse() else {
                        return fault("no number");
                    };
                    let mut names = names.split('|').map(str::trim).peekable();
                    all.names.extend(names.peek().map(|name| (number, *name)));
                    all.numbers.extend(names.map(|name| (name, number)));
                }
                (Line::Entry(written, said), Section::Abbreviations(all, context)) => {
                    all.entry(written)
                        .or_default()
                        .push(Reading { context, said });
                }
                _ => return fault("does not fit its section"),
            }
        }
        table.first_words = table_words;
        Ok(table)
    }

    fn section(&mut self, name: &str) -> Option<Section<'_>> {
        let abbreviations = &mut self.abbreviations;
        Some(match name {
            "patterns" => Section::Entries(&mut self.patterns),
            "abbreviations" => Section::Abbreviations(abbreviations, Context::Anywhere),
            "before names" => Section::Abbreviations(abbreviations, Context::BeforeName),
            "after names" => Section::Abbreviations(abbreviations, Context::AfterName),
            "between names" => Section::Abbreviations(abbreviations, Context::BetweenNames),
            "before numbers" => Section::Abbreviations(abbreviations, Context::BeforeNumber),
            "after numbers" => Section::Abbreviations(abbreviations, Context::AfterNumber),
            "articles" => Section::Words(&mut self.articles),
            "phrases" => Section::Entries(&mut self.phrases),
            "currencies" => Section::Entries(&mut self.currencies),
            "magnitudes" => Section::Entries(&mut self.magnitudes),
            "units" => Section::Entries(&mut self.units),
            "signs" => Section::Entries(&mut self.signs),
            "months" => Section::Names(&mut self.months),
            "weekdays" => Section::Names(&mut self.weekdays),
            "ordinals" => Section::Entries(&mut self.ordinals),
            "ordinal endings" => Section::Entries(&mut self.ordinal_endings),
            "numeral endings" => Section::Entries(&mut self.numeral_endings),
            "forms after" => Section::Entries(&mut self.forms_after),
            "queens" => Section::Words(&mut self.queens),
            "regnal numbers" => Section::Entries(&mut self.regnal_numbers),
            "kings after" => Section::Entries(&mut self.kings_after),
            "counting" => Section::Entries(&mut self.counting),
            "feminine" => Section::Words(&mut self.feminine),
            "masculine" => Section::Words(&mut self.masculine),
            "sign names" => Section::Entries(&mut self.sign_names),
            "spelled acronyms" => Section::Words(&mut self.spelled_acronyms),
            "domains" => Section::Words(&mut self.domains),
            "decades" => Section::Entries(&mut self.decades),
            "denominators" => Section::Entries(&mut self.denominators),
            "regnal names" => Section::Words(&mut self.regnal_names),
            "after regnal names" => Section::Words(&mut self.after_regnal_names),
            "numbered" => Section::Words(&mut self.numbered),
            "before years" => Section::Words(&mut self.before_years),
            "before verses" => Section::Words(&mut self.before_verses),
            "before dates" => Section::Words(&mut self.before_dates),
            "before phones" => Section::Words(&mut self.before_phones),
            "before pages" => Section::Words(&mut self.before_pages),
            "before decades" => Section::Words(&mut self.before_decades),
            "of month" => Section::Words(&mut self.of_month),
            "regnal titles" => Section::Words(&mut self.regnal_titles),
            "indefinite articles" => Section::Words(&mut self.indefinite_articles),
            "before letters" => Section::Words(&mut self.before_letters),
            "spelling articles" => Section::Words(&mut self.spelling_articles),
            "spelling nouns" => Section::Words(&mut self.spelling_nouns),
            "spelled numerals" => Section::Words(&mut self.spelled_numerals),
            "ordinal nouns" => Section::Words(&mut self.ordinal_nouns),
            "joiners" => Section::Words(&mut self.joiners),
            "counted whole" => Section::Words(&mut self.counted_whole),
            "counted after year words" => Section::Words(&mut self.counted_after_year_words),
            "before parts" => Section::Words(&mut self.before_parts),
            "functions" => Section::Words(&mut self.functions),
            "indexed" => Section::Words(&mut self.indexed),
            "half days" => Section::Words(&mut self.half_days),
            "per" => Section::Entries(&mut self.per),
            "path names" => Section::Entries(&mut self.path_names),
            "function words" => Section::Words(&mut self.function_words),
            "line starts" => Section::Words(&mut self.line_starts),
            "line holders" => Section::Words(&mut self.line_holders),
            "counted" => Section::Words(&mut self.counted),
            "letters" => Section::Entries(&mut self.letters),
            "address signs" => Section::Entries(&mut self.address_signs),
            "before adjectives" => Section::Words(&mut self.before_adjectives),
            "in capitals" => Section::Words(&mut self.in_capitals),
            "spoken acronyms" => Section::Words(&mut self.spoken_acronyms),
            "emoji" => Section::Entries(&mut self.emoji),
            "keys" => Section::Entries(&mut self.keys),
            _ => return None,
        })
    }

    /// Returns whether an entry may begin with `word`.
    pub(crate) fn may_begin(&self, word: &str) -> bool {
        self.first_words.contains(word)
            || self.month(word).is_some()
            || self.weekday(word).is_some()
    }

    /// Returns the number of a month, by any of its names.
    pub(crate) fn month(&self, name: &str) -> Option<u64> {
        self.months.numbers.get(name).copied()
    }

    pub(crate) fn month_name(&self, month: u64) -> Option<&'static str> {
        self.months.names.get(&month).copied()
    }

    /// Returns the number of a weekday, by any of its names.
    pub(crate) fn weekday(&self, name: &str) -> Option<u64> {
        self.weekdays.numbers.get(name).copied()
    }

    pub(crate) fn weekday_name(&self, weekday: u64) -> Option<&'static str> {
        self.weekdays.names.get(&weekday).copied()
    }

    /// Returns the readings of an abbreviation, as it is written. An entry
    /// without a full stop is also written with one, one without capitals also with
    /// a capital.
    pub(crate) fn abbreviation(&self, written: &str) -> &[Reading] {
        let as_written = |written: &str| {
            let bare = || written.strip_suffix('.').filter(|bare| !bare.contains('.'));
            let readings = self.abbreviations.get(written);
            readings.or_else(|| self.abbreviations.get(bare()?))
        };
        // `Plan B. 5 came` has no birthday.
        let is_long = || written.trim_end_matches('.').chars().nth(1).is_some();
        let in_lowercase = || as_written(&decapitalised(written).filter(|_| is_long())?);
        let readings = as_written(written).or_else(in_lowercase);
        readings.map_or(&[], Vec::as_slice)
    }

    /// Returns where the shortened ending of `written` begins, and its reading:
    /// `Hauptstr.`, by the entry `-str.`
    pub(crate) fn shortened_ending(&self, written: &str) -> Option<(usize, &Reading)> {
        let endings = written.char_indices().rev().take(MAX_ENDING);
        endings.into_iter().find_map(|(start, _)| {
            let readings = self
                .abbreviations
                .get(&*format!("-{}", &written[start..]))?;
            Some((start, readings.first()?))
        })
    }

    /// Returns the readings of `word` with a full stop.
    pub(crate) fn abbreviation_with_stop(&self, word: &str) -> &[Reading] {
        self.abbreviation(&format!("{word}."))
    }

    /// Returns the ordinal of a whole number, as espeak-ng reads it: `8th`, `8.`.
    pub(crate) fn ordinal(&self, number: u64) -> Option<String> {
        self.ordinals.number(number, 0)
    }
}
