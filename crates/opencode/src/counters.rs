//! What was met on the event stream, counted.

use std::collections::BTreeMap;

use crate::wire::Rest;

/// Names counted one by one. The engine has about 120 event types and few hundred fields; a stream that brings
/// more names than this makes them up.
const MOST_NAMES: usize = 256;
/// Longest name kept, in characters: the engine's own have at most 40.
const LONGEST_NAME: usize = 96;

/// How often each name was met, for a bounded number of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    counts: BTreeMap<String, u64>,
    others: u64,
}

impl Names {
    pub(crate) fn add(&mut self, name: &str) {
        let name = match name.char_indices().nth(LONGEST_NAME) {
            Some((end, _)) => &name[..end],
            None => name,
        };
        if let Some(count) = self.counts.get_mut(name) {
            *count += 1;
        } else if self.counts.len() < MOST_NAMES {
            self.counts.insert(name.to_owned(), 1);
        } else {
            self.others += 1;
        }
    }

    /// How often `name` was met.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// The names with their counts, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// How many further occurrences had names for which there was no room.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.others
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.others == 0
    }
}

/// Events that were dropped for their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oversized {
    /// How many.
    pub events: u64,
    /// Bytes of all of them together.
    pub bytes: u64,
    /// Bytes of the largest.
    pub largest: u64,
}

/// What was met on the event stream. A new version of the engine shows itself here first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events that were understood, duplicates not among them.
    pub events: u64,
    /// Durable duplicates of events, which are left out.
    pub duplicates: u64,
    /// Lines and events that were no JSON, or no event.
    pub garbage: u64,
    /// Events that were read after invalid UTF-8 or half a surrogate pair in them was replaced.
    pub repaired: u64,
    /// Events that were dropped for their size.
    pub oversized: Oversized,
    /// Events this product has no use for, by type.
    pub ignored: Names,
    /// Events of a known type whose content could not be read, by type.
    pub unreadable: Names,
    /// Fields this product does not know, as `shape.field`.
    pub unknown_fields: Names,
}

impl Counters {
    /// Counts those of `names` that are not in `unused`, the fields of `shape` known to be of no use here.
    pub(crate) fn note_fields(&mut self, shape: &str, names: &Rest, unused: &[&str]) {
        for name in &names.0 {
            if !unused.contains(&name.as_str()) {
                self.unknown_fields.add(&format!("{shape}.{name}"));
            }
        }
    }
}
