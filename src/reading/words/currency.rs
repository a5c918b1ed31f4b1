//! Amounts of money: `$3.14`, `€5 million`, `20 €`, `USD 50`, `$10–20`.

use super::claim::Claim;
use super::counting;
use super::number::{self, Number};
use super::sentence::{self, Sentence};
use super::token::Kind;
use crate::language_tables::LanguageTable;
use crate::reading::rule::Rule;

/// Claims an amount behind a sign: `$5`.
pub(super) fn claim_sign(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    behind(sentence, at, at + 1)
}

/// Claims an amount behind letters: `USD 50`, `US$50`.
pub(super) fn claim_code(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !sentence.begins_run(at) {
        return None;
    }
    let sign = sentence.kind(at + 1) == Kind::Sign;
    behind(sentence, at, at + 1 + usize::from(sign)).or_else(|| behind(sentence, at, at + 1))
}

/// Claims an amount before a sign or letters: `5 €`, `50 USD`.
pub(super) fn claim_amount(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !number::stands_alone(sentence, at) {
        return None;
    }
    let mut amount = Amount::at(sentence, at, None)?;
    let start = sentence.after_space(amount.end);
    // `3Rs` are three letters.
    let code = sentence.text(start);
    if start == amount.end && code.len() == 2 && code.ends_with('s') {
        return None;
    }
    // `5 US$`, `5 $US`
    let is_double = matches!(sentence.kind(start + 1), Kind::Sign | Kind::Word);
    let double = is_double.then(|| Currency::of(sentence, start, start + 2));
    let (currency, end) = match double.flatten() {
        Some(currency) => (currency, start + 2),
        None => (Currency::of(sentence, start, start + 1)?, start + 1),
    };
    // `0700 $ date` is a prompt.
    if start > amount.end && amount.to.whole.starts_with('0') && amount.to.whole.len() > 1 {
        return None;
    }
    let is_next = sentence.kind(end) == Kind::Digits;
    if is_next || !sentence.ends_before(end) && sentence.kind(start) == Kind::Word {
        return None;
    }
    amount.end = end;
    Claim::new(Rule::Money, end, amount.say(sentence, at, &currency)?)
}

fn behind(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<Claim> {
    let currency = Currency::of(sentence, at, end)?;
    let number = sentence.after_space(end);
    if sentence.kind(at) == Kind::Word && sentence.kind(end) == Kind::Word {
        return None;
    }
    if number == end && sentence.is(number, ".") {
        return without_whole(sentence, number + 1, &currency);
    }
    let amount = Amount::at(sentence, number, Some(sentence.slice(at, end)))?;
    // `$100s`
    if sentence.is(amount.end, "s") {
        return None;
    }
    Claim::new(
        Rule::Money,
        amount.end,
        amount.say(sentence, at, &currency)?,
    )
}

/// `$.50`
fn without_whole(sentence: &Sentence<'_>, at: usize, currency: &Currency) -> Option<Claim> {
    let decimals = sentence.text(at);
    let is_number = sentence.kind(at) == Kind::Digits && sentence.ends_before(at + 1);
    if !is_number || decimals.bytes().all(|digit| digit == b'0') {
        return None;
    }
    if decimals.len() != 2 || currency.form(2).is_none() {
        let unit = currency.form(1).or_else(|| currency.form(0))?;
        let n = format!("0{}{decimals}", sentence.pattern("decimal").unwrap_or("."));
        let said = sentence.say("money", &[("n", &n), ("unit", unit)])?;
        return Claim::new(Rule::Money, at + 1, said);
    }
    let number = Number {
        end: at + 1,
        text: decimals,
        whole: "0",
        decimals: Some(decimals),
    };
    let said = with_cents(sentence, &number, "", currency)?;
    Claim::new(Rule::Money, at + 1, said)
}

/// The names of a currency: one and many, of the whole and of its hundredth.
struct Currency {
    table: &'static LanguageTable,
    key: String,
}

impl Currency {
    fn of(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<Self> {
        let (table, key) = (sentence.table()?, sentence.slice(at, end));
        let is_known = table.currencies.has(key);
        is_known.then(|| Self {
            table,
            key: key.to_owned(),
        })
    }

    fn form(&self, n: usize) -> Option<&'static str> {
        self.table.currencies.form(&self.key, n)
    }
}

/// One or two numbers, and what they are counted in.
struct Amount<'t> {
    end: usize,
    from: Option<Number<'t>>,
    to: Number<'t>,
    /// `million`, `bn`.
    magnitude: Option<&'static str>,
}

impl<'t> Amount<'t> {
    /// Returns the amount at `at`. `sign` may be repeated behind a dash.
    fn at(sentence: &Sentence<'t>, at: usize, sign: Option<&str>) -> Option<Self> {
        let first = Number::at(sentence, at)?;
        let second = sentence::is_dash(sentence.text(first.end)).then(|| {
            let after = first.end + 1;
            let repeated = sign.is_some_and(|sign| sentence.is(after, sign));
            Number::at(sentence, after + usize::from(repeated))
        });
        let (from, to) = match second.flatten() {
            Some(second) => (Some(first), second),
            None => (None, first),
        };
        let is_one = from.is_none() && to.is_one();
        let (magnitude, end) = magnitude(sentence, to.end, usize::from(!is_one));
        Some(Self {
            end,
            from,
            to,
            magnitude,
        })
    }

    fn say(&self, sentence: &Sentence<'_>, at: usize, currency: &Currency) -> Option<String> {
        let one = self.from.is_none() && self.magnitude.is_none() && self.to.is_one();
        let one = one || sentence.is_adjective(at, self.end);
        let unit = match (one, self.magnitude) {
            (true, _) => currency.form(0)?,
            // Some languages need another form there: `millions d'euros`.
            (false, Some(magnitude))
                if currency.table.patterns.get("thousand") != Some(magnitude) =>
            {
                currency.form(4).or_else(|| currency.form(1))?
            }
            (false, _) => currency.form(1).or_else(|| currency.form(0))?,
        };
        // `$1 million dollars`
        let names = [currency.form(0), currency.form(1)];
        let is_repeated = sentence.kind(self.end) == Kind::Space
            && names.contains(&Some(sentence.text(self.end + 1)));
        let unit = if is_repeated { "" } else { unit };
        let whole = |number: &Number<'_>| -> Option<String> {
            match self.magnitude {
                Some(magnitude) => {
                    let n = counted(currency.table, number, magnitude);
                    let parts = [("n", n.as_str()), ("magnitude", magnitude), ("unit", unit)];
                    sentence.say("money magnitude", &parts)
                }
                None => with_cents(sentence, number, unit, currency),
            }
        };
        let Some(from) = &self.from else {
            return whole(&self.to);
        };
        // `$10–20` names the unit once.
        let is_plain =
            from.decimals.is_none() && self.to.decimals.is_none() || self.magnitude.is_some();
        let first = match is_plain {
            true => from.text.to_owned(),
            false => whole(from)?,
        };
        let (first, second) = (first.as_str(), whole(&self.to)?);
        sentence.say("range", &[("a", first), ("b", &second)])
    }
}

/// Returns a number in the form that `noun` asks for.
fn counted(table: &LanguageTable, number: &Number<'_>, noun: &str) -> String {
    let agreeing = match number.decimals {
        None => counting::agreeing(table, number.whole, noun),
        Some(_) => None,
    };
    agreeing.unwrap_or_else(|| number.text.to_owned())
}

fn with_cents(
    sentence: &Sentence<'_>,
    number: &Number<'_>,
    unit: &str,
    currency: &Currency,
) -> Option<String> {
    let cents = number.decimals.filter(|decimals| decimals.len() == 2);
    let (Some(cents), Some(_)) = (cents, currency.form(2)) else {
        let n = counted(currency.table, number, unit);
        return sentence.say("money", &[("n", &n), ("unit", unit)]);
    };
    let bare = cents.trim_start_matches('0');
    let subunit = match bare {
        "1" => currency.form(2),
        _ => currency.form(3).or_else(|| currency.form(2)),
    }?;
    let agreeing = |number: &str, noun| {
        let agreeing = counting::agreeing(currency.table, number, noun);
        agreeing.unwrap_or_else(|| number.to_owned())
    };
    let names_cents = sentence
        .pattern("money and cents")
        .is_some_and(|pattern| pattern.contains("{subunit}"));
    let whole = agreeing(number.whole, unit);
    let cents = match names_cents || number.whole == "0" {
        true => agreeing(bare, subunit),
        false => bare.to_owned(),
    };
    let parts = [
        ("n", whole.as_str()),
        ("unit", unit),
        ("cents", &cents),
        ("subunit", subunit),
    ];
    match (number.whole, bare) {
        // `$1.00 dollars` has its unit.
        ("1", "") if !unit.is_empty() => {
            let unit = currency.form(0)?;
            let n = agreeing("1", unit);
            sentence.say("money", &[("n", &n), ("unit", unit)])
        }
        (_, "") => sentence.say("money", &parts),
        ("0", _) => sentence.say("cents", &parts),
        // `1.50` is one dollar.
        ("1", _) => {
            let parts = [("unit", currency.form(0)?), parts[0], parts[2], parts[3]];
            sentence.say("money and cents", &parts)
        }
        _ => sentence.say("money and cents", &parts),
    }
}

/// Returns the magnitude at `at`, and where it ends: `M`, ` billion`, `-million`.
/// `form` is 0 for one and 1 for many.
fn magnitude(sentence: &Sentence<'_>, at: usize, form: usize) -> (Option<&'static str>, usize) {
    let word = match sentence.kind(at) {
        Kind::Space => at + 1,
        Kind::Sign if sentence.is(at, "-") => at + 1,
        _ => at,
    };
    let magnitudes = sentence.table().map(|table| &table.magnitudes);
    let key = sentence.text(word);
    let said = magnitudes.and_then(|magnitudes| {
        let one = magnitudes.form(key, 0);
        magnitudes.form(key, form).or(one)
    });
    // `5 Mio. €`
    let has_stop = sentence.is(word + 1, ".") && sentence.kind(word + 2) == Kind::Space;
    let end = word + 1 + usize::from(has_stop && key.len() > 1);
    let before_sign =
        sentence.kind(end) == Kind::Sign && Currency::of(sentence, end, end + 1).is_some();
    match said {
        // `5 m` may be a length; a letter belongs to the digits before it.
        Some(said) if word == at || key.len() > 1 || before_sign => (Some(said), end),
        _ => (None, at),
    }
}
