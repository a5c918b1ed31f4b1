//! Divides sentences into cues.

use std::ops::Range;

use super::atom::{Atom, atoms};
use super::clock::{Clock, MAX_TIME, MIN_TIME};
use super::cue::{Cue, CueWord};
use super::cut::{Cost, Cuts};
use super::layout::{Layout, columns};
use crate::audio::{SampleRate, samples_in};
use crate::timing::TimedSentence;

/// What a cue costs: a reader looks away from the picture for it.
const CUE: Cost = 60.0;
/// What a cue costs that flashes by, or that is very short beside the others.
const SHORT: Cost = 150.0;
/// A cue with less text should be part of another one.
const SHORT_COLUMNS: usize = 20;
/// What a cue costs that stays too long.
const LONG: Cost = 1000.0;

/// How cues are made.
#[derive(Debug, Clone, Default)]
pub struct CueOptions {
    /// The language of the text, by espeak-ng's name, such as `en-us`: its articles and
    /// conjunctions decide where lines end. Any other language has general rules.
    pub language: String,
}

/// Divides sentences into cues, where people breathe.
#[derive(Debug)]
pub struct CueSplitter {
    rate: SampleRate,
    cuts: Cuts,
    clock: Clock,
    /// The last cue: when it ends depends on the next one.
    held: Vec<Atom>,
    /// The last sample so far.
    position: u64,
}

impl CueSplitter {
    /// `rate` is that of the samples of the sentences.
    pub fn new(rate: SampleRate, options: &CueOptions) -> Self {
        Self {
            rate,
            cuts: Cuts::of(&options.language),
            clock: Clock::new(rate),
            held: Vec::new(),
            position: 0,
        }
    }

    /// Returns the cues that the next sentence completes. The last one of each sentence
    /// is held until the next sentence, or the [end](Self::finish).
    ///
    /// A sentence too short to be read alone shares a cue with the next one.
    pub fn push(&mut self, sentence: &TimedSentence) -> Vec<Cue> {
        let mut next = atoms(sentence);
        if next.is_empty() {
            return Vec::new();
        }
        self.put_in_order(&mut next);
        let mut cues = Vec::new();
        if self.is_readable(start(&next)) {
            cues.extend(self.show_held(Some(start(&next))));
        }
        self.held.append(&mut next);
        let mut ranges = self.divide(&self.held).into_iter();
        let mut rest = std::mem::take(&mut self.held);
        let first = ranges.next().map_or(0, |range| range.len());
        let mut tail = rest.split_off(first);
        self.held = rest;
        for range in ranges {
            cues.extend(self.show_held(Some(start(&tail))));
            let rest = tail.split_off(range.len());
            self.held = std::mem::replace(&mut tail, rest);
        }
        cues
    }

    /// Returns the last cue.
    pub fn finish(&mut self) -> Option<Cue> {
        self.show_held(None)
    }

    /// Moves atoms that begin before the one above them, and those that are not heard to
    /// the end of it.
    fn put_in_order(&mut self, atoms: &mut [Atom]) {
        let mut begin = self.held.last().map_or(0, |atom| atom.samples.start);
        for atom in atoms {
            if atom.is_heard() {
                begin = begin.max(atom.samples.start);
                let end = atom.samples.end.max(begin);
                atom.samples = begin..end;
                self.position = self.position.max(end);
            } else {
                begin = begin.max(self.position);
                atom.samples = begin..begin;
            }
        }
    }

    /// Returns whether the held cue can be read if the next one begins at this sample.
    fn is_readable(&self, next: u64) -> bool {
        let time = next.saturating_sub(start(&self.held));
        self.held.is_empty() || time >= samples_in(MIN_TIME, self.rate) as u64
    }

    /// Returns the atoms of each cue: the cheapest cuts.
    fn divide(&self, atoms: &[Atom]) -> Vec<Range<usize>> {
        let cuts = self.cuts.costs(atoms);
        // For each number of atoms: the least cost, and where the last cue begins.
        let mut best: Vec<(Cost, usize)> = vec![(0.0, 0)];
        for end in 1..=atoms.len() {
            let mut least = (f64::INFINITY, end - 1);
            for start in (0..end).rev() {
                // More atoms do not fit either.
                let Some(cost) = self.cost(&atoms[start..end], &cuts[start..end]) else {
                    break;
                };
                let cost = best[start].0 + cost + cuts[end - 1];
                if cost < least.0 {
                    least = (cost, start);
                }
            }
            best.push(least);
        }
        let mut ranges = Vec::new();
        let mut end = atoms.len();
        while end > 0 {
            let start = best[end].1;
            ranges.push(start..end);
            end = start;
        }
        ranges.reverse();
        ranges
    }

    /// Returns what a cue costs without the cut behind it; `None` if it does not fit.
    fn cost(&self, atoms: &[Atom], cuts: &[Cost]) -> Option<Cost> {
        let layout = Layout::best(atoms, cuts)?;
        let time = end(atoms).saturating_sub(start(atoms)) as f64;
        let (shortest, longest) = (
            samples_in(MIN_TIME, self.rate),
            samples_in(MAX_TIME, self.rate),
        );
        let missing = (1.0 - time / shortest as f64).max(0.0);
        let narrow = (1.0 - columns(atoms) as f64 / SHORT_COLUMNS as f64).max(0.0);
        let long = match atoms.len() > 1 && time > longest as f64 {
            true => LONG,
            false => 0.0,
        };
        Some(CUE + layout.cost + SHORT * missing.max(narrow) + long)
    }

    /// Returns the held cue, if there is one; the next one begins at the sample `next`.
    fn show_held(&mut self, next: Option<u64>) -> Option<Cue> {
        let atoms = std::mem::take(&mut self.held);
        if atoms.is_empty() {
            return None;
        }
        let layout = Layout::best(&atoms, &self.cuts.costs(&atoms));
        let first_line = layout.and_then(|layout| layout.first_line);
        let (first, second) = atoms.split_at(first_line.unwrap_or(atoms.len()));
        let lines = [first, second];
        let columns = lines.iter().map(|line| columns(line)).sum();
        let time = self.clock.show(start(&atoms)..end(&atoms), columns, next);
        let lines = lines.into_iter().filter(|line| !line.is_empty());
        let lines = lines.map(|line| self.line(line)).collect();
        Some(Cue { time, lines })
    }

    fn line(&self, atoms: &[Atom]) -> Vec<CueWord> {
        let last = atoms.len() - 1;
        let word = |(n, atom): (usize, &Atom)| CueWord {
            text: match n < last {
                true => format!("{}{}", atom.text, atom.space()),
                false => atom.text.clone(),
            },
            start: atom
                .is_heard()
                .then(|| self.clock.time_of(atom.samples.start)),
        };
        atoms.iter().enumerate().map(word).collect()
    }
}

/// Returns the first sample that is heard.
fn start(atoms: &[Atom]) -> u64 {
    let first = atoms.iter().find(|atom| atom.is_heard()).or(atoms.first());
    first.map_or(0, |atom| atom.samples.start)
}

/// Returns the sample after the last one that is heard.
fn end(atoms: &[Atom]) -> u64 {
    atoms.iter().map(|atom| atom.samples.end).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
