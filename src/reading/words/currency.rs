//! Amounts of money: `$3.14`, `€5 million`, `20 €`, `USD 50`, `$10–20`.

use super::claim::Claim;
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
    let end = start + 1;
    let currency = Currency::of(sentence, start, end)?;
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
        let (magnitude, end) = magnitude(sentence, to.end);
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
            (false, Some(_)) => currency.form(4).or_else(|| currency.form(1))?,
            (false, None) => currency.form(1).or_else(|| currency.form(0))?,
        };
        // `$1 million dollars`
        let names = [currency.form(0), currency.form(1)];
        let is_repeated = sentence.kind(self.end) == Kind::Space
            && names.contains(&Some(sentence.text(self.end + 1)));
        let unit = if is_repeated { "" } else { unit };
        let whole = |number: &Number<'_>| -> Option<String> {
            match self.magnitude {
                Some(magnitude) => sentence.say(
                    "money magnitude",
                    &[("n", number.text), ("magnitude", magnitude), ("unit", unit)],
                ),
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

fn with_cents(
    sentence: &Sentence<'_>,
    number: &Number<'_>,
    unit: &str,
    currency: &Currency,
) -> Option<String> {
    let cents = number.decimals.filter(|decimals| decimals.len() == 2);
    let (Some(cents), Some(_)) = (cents, currency.form(2)) else {
        return sentence.say("money", &[("n", number.text), ("unit", unit)]);
    };
    let bare = cents.trim_start_matches('0');
    let subunit = match bare {
        "1" => currency.form(2),
        _ => currency.form(3).or_else(|| currency.form(2)),
    }?;
    let parts = [
        ("n", number.whole),
        ("unit", unit),
        ("cents", bare),
        ("subunit", subunit),
    ];
    match (number.whole, bare) {
        (_, "") => sentence.say("money", &[("n", number.whole), ("unit", unit)]),
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
fn magnitude(sentence: &Sentence<'_>, at: usize) -> (Option<&'static str>, usize) {
    let word = match sentence.kind(at) {
        Kind::Space => at + 1,
        Kind::Sign if sentence.is(at, "-") => at + 1,
        _ => at,
    };
    let magnitudes = sentence.table().map(|table| &table.magnitudes);
    let said = magnitudes.and_then(|magnitudes| magnitudes.get(sentence.text(word)));
    match said {
        // `5 m` may be a length; a letter belongs to the digits before it.
        Some(said) if word == at || sentence.text(word).len() > 1 => (Some(said), word + 1),
        _ => (None, at),
    }
}
