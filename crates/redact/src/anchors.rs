//! Where a secret may be: the texts that every shape has in it, all looked for at once.
//!
//! Anchors are kept in buckets. A table for each of the first three bytes of an anchor says which buckets have one
//! with that byte there, so that three look-ups dismiss a place without a branch or a wait for the one before. Of
//! usual text more than nineteen in twenty bytes are dismissed so; where a bucket is left, its anchors are compared.

use std::ops::Range;
use std::sync::LazyLock;

use crate::names;
use crate::shapes::{COMPOSED, Composed, KEYS, Key};

/// What a text that was found may be a part of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Anchor {
    /// The head of a private key block.
    PrivateKey,
    /// A key by its beginning.
    Key(&'static Key),
    /// A secret by its middle.
    Composed(Composed),
    /// What stands before an address's host.
    UserInformation,
    /// `Bearer` or `Basic`.
    Scheme,
    /// A query parameter that is secret in an address alone.
    Query,
    /// A header whose value is the rest of the line, and what may stand before its name.
    Header(&'static str),
    /// A name whose value is a secret.
    Strong,
    /// A name whose value may be a secret.
    Weak,
}

/// A set of buckets.
type Buckets = u64;

/// How many bytes of an anchor are looked up.
const LOOKED_UP: usize = 3;
/// The bucket of anchors that are shorter than that: the last, since of the anchors at one place the longest come
/// first.
const SHORT: usize = 63;

/// The anchors and the tables that find them.
pub(crate) struct Anchors {
    tables: [[Buckets; 256]; LOOKED_UP],
    buckets: Vec<Vec<(&'static [u8], Anchor)>>,
}

/// Every anchor.
pub(crate) static ANCHORS: LazyLock<Anchors> = LazyLock::new(Anchors::new);

fn all() -> Vec<(&'static [u8], Anchor)> {
    let mut anchors = vec![
        ("-----BEGIN ", Anchor::PrivateKey),
        ("://", Anchor::UserInformation),
        ("bearer", Anchor::Scheme),
        ("basic", Anchor::Scheme),
    ];
    anchors.extend(KEYS.iter().map(|key| (key.prefix, Anchor::Key(key))));
    anchors.extend(
        COMPOSED
            .iter()
            .map(|(mark, shape)| (*mark, Anchor::Composed(*shape))),
    );
    anchors.extend(names::QUERY_ONLY.iter().map(|name| (*name, Anchor::Query)));
    anchors.extend(
        names::HEADERS
            .iter()
            .map(|(name, before)| (*name, Anchor::Header(before))),
    );
    anchors.extend(names::STRONG.iter().map(|name| (*name, Anchor::Strong)));
    anchors.extend(names::WEAK.iter().map(|name| (*name, Anchor::Weak)));
    anchors
        .into_iter()
        .map(|(text, anchor)| (text.as_bytes(), anchor))
        .collect()
}

/// The bytes of an anchor that are looked up, in small letters.
fn beginning(text: &[u8]) -> Vec<u8> {
    text[..text.len().min(LOOKED_UP)].to_ascii_lowercase()
}

impl Anchors {
    fn new() -> Self {
        let mut anchors = all();
        // What begins alike comes together, and the longest of it first.
        anchors.sort_by_key(|(text, _)| (beginning(text), std::cmp::Reverse(text.len())));
        let mut beginnings: Vec<_> = anchors.iter().map(|(text, _)| beginning(text)).collect();
        beginnings.dedup();
        let mut made = Self {
            tables: [[0; 256]; LOOKED_UP],
            buckets: vec![Vec::new(); SHORT + 1],
        };
        for (text, anchor) in anchors {
            let place = beginnings.partition_point(|known| *known < beginning(text));
            let bucket = if text.len() < LOOKED_UP {
                SHORT
            } else {
                place * SHORT / beginnings.len()
            };
            for (at, table) in made.tables.iter_mut().enumerate() {
                match text.get(at) {
                    Some(byte) => {
                        table[usize::from(byte.to_ascii_lowercase())] |= 1 << bucket;
                        table[usize::from(byte.to_ascii_uppercase())] |= 1 << bucket;
                    }
                    // Whatever follows a short one will do.
                    None => table.iter_mut().for_each(|buckets| *buckets |= 1 << bucket),
                }
            }
            made.buckets[bucket].push((text, anchor));
        }
        made
    }

    /// The first place from `start` on where an anchor may begin, and the buckets it may be in.
    fn next(&self, bytes: &[u8], start: usize) -> Option<(usize, Buckets)> {
        let [first, second, third] = &self.tables;
        let look_up = |one: u8, two: u8, three: u8| {
            first[usize::from(one)] & second[usize::from(two)] & third[usize::from(three)]
        };
        let rest = bytes.get(start..)?;
        for (at, three) in rest.windows(LOOKED_UP).enumerate() {
            let buckets = look_up(three[0], three[1], three[2]);
            if buckets != 0 {
                return Some((start + at, buckets));
            }
        }
        let last = rest.len().saturating_sub(LOOKED_UP - 1);
        (last..rest.len()).find_map(|at| {
            let byte = |at: usize| rest.get(at).copied().unwrap_or(0);
            let buckets = look_up(byte(at), byte(at + 1), byte(at + 2));
            (buckets != 0).then_some((start + at, buckets))
        })
    }

    /// Everything that is found, by where it begins; of what begins at one place the longest first.
    pub(crate) fn find<'t>(&'static self, text: &'t str) -> Found<'t> {
        Found {
            anchors: self,
            bytes: text.as_bytes(),
            start: 0,
            buckets: 0,
            bucket: [].iter(),
            next: 0,
        }
    }

    /// The same without the tables: every anchor is tried at every place.
    #[cfg(test)]
    pub(crate) fn find_slowly(text: &str) -> Vec<(Anchor, Range<usize>)> {
        let mut anchors = all();
        anchors.sort_by_key(|(mark, _)| (std::cmp::Reverse(mark.len()), mark.to_ascii_lowercase()));
        let bytes = text.as_bytes();
        let places = (0..bytes.len()).flat_map(|start| {
            anchors.iter().filter_map(move |(mark, anchor)| {
                let end = start + mark.len();
                let here = bytes.get(start..end)?.eq_ignore_ascii_case(mark);
                here.then_some((*anchor, start..end))
            })
        });
        places.collect()
    }
}

/// The anchors in a text.
pub(crate) struct Found<'t> {
    anchors: &'static Anchors,
    bytes: &'t [u8],
    /// The place that is looked at.
    start: usize,
    /// The buckets that are left to look at there.
    buckets: Buckets,
    /// What is left of the bucket that is looked at.
    bucket: std::slice::Iter<'static, (&'static [u8], Anchor)>,
    /// The place to go on at.
    next: usize,
}

impl Found<'_> {
    /// Leaves out what begins before this place.
    pub(crate) fn skip_to(&mut self, place: usize) {
        if place > self.start {
            (self.buckets, self.bucket) = (0, [].iter());
            self.next = self.next.max(place);
        }
    }
}

impl Iterator for Found<'_> {
    type Item = (Anchor, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            for (text, anchor) in self.bucket.by_ref() {
                let end = self.start + text.len();
                if self
                    .bytes
                    .get(self.start..end)
                    .is_some_and(|here| here.eq_ignore_ascii_case(text))
                {
                    return Some((*anchor, self.start..end));
                }
            }
            if self.buckets == 0 {
                (self.start, self.buckets) = self.anchors.next(self.bytes, self.next)?;
                self.next = self.start + 1;
            }
            let bucket = self.buckets.trailing_zeros() as usize;
            self.buckets &= self.buckets - 1;
            self.bucket = self.anchors.buckets[bucket].iter();
        }
    }
}
