//! The pages of a PDF's text: running heads and page numbers.

use std::collections::HashMap;

/// How many lines at either end of a page may be a running head.
pub(super) const EDGE_LINES: usize = 3;
/// The Roman digits of the numbers of pages.
pub(super) const ROMAN_DIGITS: [char; 4] = ['i', 'v', 'x', 'l'];
/// A running head is not longer.
const MAX_HEAD_CHARS: usize = 100;

/// A line of a page.
pub(super) struct Line<'t> {
    pub(super) number: u64,
    pub(super) text: &'t str,
    /// Whether it belongs to the page, not to the text.
    pub(super) is_dropped: bool,
}

/// Marks what belongs to the pages, as dropped.
pub(super) fn drop_heads(pages: &mut [Vec<Line<'_>>]) {
    match pages {
        [lines] => drop_page_numbers(lines),
        pages => drop_edges(pages),
    }
}

/// Drops running heads and page numbers at the edges of pages.
fn drop_edges(pages: &mut [Vec<Line<'_>>]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for page in pages.iter() {
        let mut keys: Vec<_> = edges(page).map(|at| key(page[at].text)).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            *counts.entry(key).or_default() += 1;
        }
    }
    let mut is_first = true;
    for page in pages {
        let edges: Vec<_> = edges(page).collect();
        for at in edges {
            let line = &mut page[at];
            let is_repeated = counts.get(&key(line.text)).is_some_and(|count| *count > 1)
                && line.text.trim().chars().count() <= MAX_HEAD_CHARS;
            // On the first page it may be the title.
            let is_title = is_first && !line.text.contains(|c: char| c.is_ascii_digit());
            is_first = false;
            line.is_dropped = is_page_number(line.text) || is_repeated && !is_title;
        }
    }
}

/// Returns the first and the last lines of a page that are not blank.
fn edges(page: &[Line<'_>]) -> impl Iterator<Item = usize> + use<> {
    let filled: Vec<_> = (0..page.len())
        .filter(|at| !page[*at].text.trim().is_empty())
        .collect();
    let last = filled.len().saturating_sub(EDGE_LINES).max(EDGE_LINES);
    let first = filled.iter().take(EDGE_LINES);
    let edges: Vec<_> = first.chain(filled.iter().skip(last)).copied().collect();
    edges.into_iter()
}

/// Drops page numbers in a text that does not tell its pages, and lines beside them
/// that are repeated.
fn drop_page_numbers(lines: &mut [Line<'_>]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for line in lines.iter() {
        *counts.entry(key(line.text)).or_default() += 1;
    }
    let is_blank = |line: Option<&Line<'_>>| line.is_none_or(|line| line.text.trim().is_empty());
    let numbers: Vec<_> = (0..lines.len())
        .filter(|at| {
            let before = at.checked_sub(1).and_then(|before| lines.get(before));
            let after = lines.get(at + 1);
            let is_repeated = |line: Option<&Line<'_>>| {
                line.is_some_and(|line| counts.get(&key(line.text)).is_some_and(|n| *n > 1))
            };
            let is_apart = (is_blank(before) || is_repeated(before))
                && (is_blank(after) || is_repeated(after));
            is_page_number(lines[*at].text) && is_apart
        })
        .collect();
    for number in numbers {
        lines[number].is_dropped = true;
        let near = number.saturating_sub(EDGE_LINES)..(number + EDGE_LINES + 1).min(lines.len());
        for line in &mut lines[near] {
            let is_head = !line.text.trim().is_empty()
                && line.text.trim().chars().count() <= MAX_HEAD_CHARS
                && counts.get(&key(line.text)).is_some_and(|count| *count > 1);
            line.is_dropped |= is_head;
        }
    }
}

/// Returns what running heads have in common: all but numbers and spaces.
fn key(line: &str) -> String {
    let kept = line
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_numeric());
    let key: String = kept.collect();
    // A line of numbers only is no head.
    match key.is_empty() {
        true => line.trim().to_owned(),
        false => key.to_lowercase(),
    }
}

/// Returns whether a line is only the number of a page: `12`, `- 12 -`, `xii`,
/// `Page 3 of 9`.
fn is_page_number(line: &str) -> bool {
    let mut words = line
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let is_number = |word: &str| {
        word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit())
            || word.len() <= 7 && word.chars().all(|c| ROMAN_DIGITS.contains(&c))
    };
    let Some(first) = words.next() else {
        return false;
    };
    let rest: Vec<_> = words.collect();
    let names = ["page", "seite", "página", "pagina", "p", "s"];
    let links = ["of", "von", "sur", "de", "di", "van"];
    match (names.contains(&first.to_lowercase().as_str()), &rest[..]) {
        (false, []) => is_number(first) && line.trim().chars().count() <= 9,
        (true, [number]) => is_number(number),
        (true, [number, total]) => is_number(number) && is_number(total),
        (true, [number, link, total]) => {
            is_number(number) && links.contains(link) && is_number(total)
        }
        (false, [link, total]) => is_number(first) && links.contains(link) && is_number(total),
        _ => false,
    }
}
