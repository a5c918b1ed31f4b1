//! Numbers as options take them: one, or for `batch` several.

use std::str::FromStr;

/// A number, or several with commas between them: `0.8,1,1.2`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NumberList {
    first: f64,
    others: Vec<f64>,
}

impl NumberList {
    /// Returns the number, if it is only one.
    pub(crate) fn single(&self) -> Option<f64> {
        self.others.is_empty().then_some(self.first)
    }

    /// Returns all numbers, each once, in the order in which they were typed.
    pub(crate) fn distinct(&self) -> Vec<f64> {
        let mut distinct = vec![self.first];
        for number in &self.others {
            if !distinct.contains(number) {
                distinct.push(*number);
            }
        }
        distinct
    }
}

impl From<f64> for NumberList {
    fn from(number: f64) -> Self {
        Self {
            first: number,
            others: Vec::new(),
        }
    }
}

impl FromStr for NumberList {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let mut numbers = typed.split(',').map(|number| {
            let number = number.trim().parse();
            number.map_err(|_| "not a number, nor numbers with commas between them".to_owned())
        });
        Ok(Self {
            first: numbers.next().unwrap_or_else(|| Err(String::new()))?,
            others: numbers.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_each_number_once() {
        let list: NumberList = "1, 0.8,1,2.5".parse().unwrap();
        assert_eq!(list.distinct(), [1.0, 0.8, 2.5]);
        assert_eq!(list.single(), None);
        assert_eq!("0.5".parse::<NumberList>().unwrap().single(), Some(0.5));
        for bad in ["", "x", "1,", ",1", "1;2", "1,,2"] {
            assert!(bad.parse::<NumberList>().is_err(), "{bad:?}");
        }
    }
}
