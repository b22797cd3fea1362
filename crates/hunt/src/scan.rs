//! Goes through bytes.
//!
//! Gigabytes of memory are gone through in a debug build, whose libraries are not optimised. So this jumps ahead by the
//! shortest beginning that is looked for, as Wu and Manber do: a pair of bytes that is in none of the beginnings cannot
//! be within one.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use crate::needle::{Form, Needle};

/// Bytes of a stream that are looked at together.
const PIECE: usize = 1024 * 1024;

/// How often the value was found, by form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits(BTreeMap<Form, usize>);

impl Hits {
    /// Nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The forms in which it was found, and how often in each.
    pub fn forms(&self) -> impl Iterator<Item = (Form, usize)> {
        self.0.iter().map(|(form, times)| (*form, *times))
    }
}

/// How far one may go on from a pair of bytes.
struct Jumps {
    table: Vec<u8>,
    shortest: usize,
}

impl Needle {
    fn jumps(&self) -> Jumps {
        let shortest = self
            .anchors
            .iter()
            .map(|anchor| anchor.bytes.len())
            .min()
            .unwrap_or(2)
            .min(usize::from(u8::MAX));
        let jump = |places: usize| u8::try_from(places).unwrap_or(u8::MAX);
        let mut table = vec![jump(shortest - 1); 1 << 16];
        for anchor in &self.anchors {
            for (place, pair) in anchor.bytes[..shortest].windows(2).enumerate() {
                let entry = &mut table[index(pair)];
                *entry = (*entry).min(jump(shortest - 2 - place));
            }
        }
        Jumps { table, shortest }
    }

    /// Looks through bytes.
    #[must_use]
    pub fn find(&self, bytes: &[u8]) -> Hits {
        let mut hits = Hits::default();
        self.look(&self.jumps(), bytes, 0..bytes.len(), &mut hits);
        hits
    }

    /// Looks through a stream, to its end or to `limit`. Gives the number of bytes besides.
    ///
    /// # Errors
    /// When it cannot be read; what was found before is lost.
    pub fn find_in(&self, stream: impl Read, limit: u64) -> std::io::Result<(Hits, u64)> {
        let jumps = self.jumps();
        let mut stream = stream.take(limit);
        let reach = self.reach();
        let mut held = Vec::with_capacity(PIECE + 2 * reach);
        let (mut hits, mut read, mut from) = (Hits::default(), 0, 0);
        loop {
            let piece = u64::try_from(PIECE).unwrap_or(u64::MAX);
            let new = (&mut stream).take(piece).read_to_end(&mut held)?;
            read += u64::try_from(new).unwrap_or_default();
            if new == 0 {
                self.look(&jumps, &held, from..held.len(), &mut hits);
                return Ok((hits, read));
            }
            // What begins near the end may go on in the next piece, and is looked at with it.
            let until = held.len().saturating_sub(reach).max(from);
            self.look(&jumps, &held, from..until, &mut hits);
            // One byte more is kept: base64 shares a character with what stands before it.
            from = usize::from(until > 0);
            held.drain(..until - from);
        }
    }

    /// Looks for what begins at one of these places.
    fn look(&self, jumps: &Jumps, bytes: &[u8], places: Range<usize>, hits: &mut Hits) {
        let shortest = jumps.shortest;
        let mut start = places.start;
        while start < places.end && start + shortest <= bytes.len() {
            let pair = &bytes[start + shortest - 2..start + shortest];
            let jump = usize::from(jumps.table[index(pair)]);
            if jump > 0 {
                start += jump;
                continue;
            }
            for anchor in &self.anchors {
                if bytes[start..].starts_with(&anchor.bytes)
                    && let Some(form) = self.confirm(bytes, start, anchor)
                {
                    *hits.0.entry(form).or_default() += 1;
                }
            }
            start += 1;
        }
    }
}

fn index(pair: &[u8]) -> usize {
    usize::from(pair[0]) << 8 | usize::from(pair[1])
}
