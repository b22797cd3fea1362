//! What one block may take from another: link reference definitions and footnote numbers, and who asked for them.
//!
//! A definition may come after the text that refers to it. Each rendered block leaves the labels it asked for, so a
//! late definition renders again exactly the blocks it touches. Footnotes are numbered in the order of their
//! definitions: a number, once shown, never changes.

use std::collections::{HashMap, HashSet};

/// A reference as written in the source, compared as markdown compares: case and white space folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Label {
    /// `[label]: url`
    Link(String),
    /// `[^label]: text`
    Footnote(String),
}

impl Label {
    pub(crate) fn link(label: &str) -> Self {
        Self::Link(fold(label))
    }

    pub(crate) fn footnote(label: &str) -> Self {
        Self::Footnote(fold(label))
    }
}

fn fold(label: &str) -> String {
    let mut folded = String::with_capacity(label.len());
    for word in label.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&word.to_lowercase());
    }
    folded
}

/// What a label stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Target { url: String, title: String },
    Number(usize),
}

/// Where a reference was rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    Block(usize),
    Footnote(usize),
}

/// All definitions known so far.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    settled: HashMap<Label, Meaning>,
    /// Of the block that is still open: they may yet change or vanish.
    provisional: HashMap<Label, Meaning>,
    /// Labels whose meaning changed since their dependents were last looked up.
    changed: HashSet<Label>,
    dependents: HashMap<Label, HashSet<Place>>,
    footnotes: usize,
}

impl Definitions {
    pub(crate) fn get(&self, label: &Label) -> Option<&Meaning> {
        self.settled.get(label).or_else(|| self.provisional.get(label))
    }

    pub(crate) fn is_settled(&self, label: &Label) -> bool {
        self.settled.contains_key(label)
    }

    /// The first definition of a label counts.
    pub(crate) fn settle(&mut self, label: Label, meaning: Meaning) {
        if self.settled.contains_key(&label) {
            return;
        }
        if self.provisional.get(&label) != Some(&meaning) {
            self.changed.insert(label.clone());
        }
        self.settled.insert(label, meaning);
    }

    /// Gives a footnote its number; `None` when the label is taken.
    pub(crate) fn settle_footnote(&mut self, label: &str) -> Option<usize> {
        let label = Label::footnote(label);
        if self.settled.contains_key(&label) {
            return None;
        }
        self.footnotes += 1;
        self.settle(label, Meaning::Number(self.footnotes));
        Some(self.footnotes)
    }

    /// Number the next footnote will get.
    pub(crate) fn next_footnote(&self) -> usize {
        self.footnotes + 1
    }

    pub(crate) fn set_provisional(&mut self, provisional: HashMap<Label, Meaning>) {
        let previous = std::mem::replace(&mut self.provisional, provisional);
        let labels = previous.keys().chain(self.provisional.keys());
        for label in labels.filter(|label| !self.settled.contains_key(label)) {
            if previous.get(label) != self.provisional.get(label) && !self.changed.contains(label) {
                self.changed.insert(label.clone());
            }
        }
    }

    /// Notes that what was rendered at `place` asked for these labels.
    pub(crate) fn depend(&mut self, place: Place, asked: HashSet<Label>) {
        for label in asked {
            self.dependents.entry(label).or_default().insert(place);
        }
    }

    /// The places whose references mean something else now.
    pub(crate) fn take_outdated(&mut self) -> Vec<Place> {
        let changed = std::mem::take(&mut self.changed);
        changed
            .iter()
            .filter_map(|label| self.dependents.get(label))
            .flatten()
            .copied()
            .collect()
    }
}
