//! How well a message answers a search.
//!
//! The index's own rank (bm25) counts every message a word is in, however many; that is what a search must not do.
//! This is the same formula over the texts of the best candidates, with how rare a word is taken from how far back
//! its last few messages lie.

use std::ops::Range;

use rusqlite::Connection;

use super::query::{Query, Term};
use super::words::words;
use crate::DocumentKind;

/// What a word is worth by where it stands.
const TITLE: f64 = 8.0;
const PROMPT: f64 = 4.0;
const ANSWER: f64 = 2.0;
const TOOLS: f64 = 1.0;
/// What all the newness in the world is worth: less than any word, so that it decides among equals.
const RECENCY: f64 = 0.2;
/// How soon more of the same word says no more, as in bm25.
const SATURATION: f64 = 1.2;
/// How much a long text has to say a word more often, as in bm25.
const LENGTH: f64 = 0.75;
/// Words of a usual message.
const USUAL_LENGTH: f64 = 200.0;
/// Bytes of a message that are read for the rank.
const READ: usize = 4 * 1024;
/// How many messages of a word show how rare it is.
const SAMPLE: i64 = 100;
/// Milliseconds in which newness is lost by half.
const HALF_LIFE: f64 = 30.0 * 86_400_000.0;

/// What each wanted word is worth: the rarer, the more.
pub(super) struct Weights(Vec<f64>);

impl Weights {
    /// `asked` is each wanted word as the index of answers was asked for it; nothing where the word is too common to be
    /// asked for.
    pub(super) fn new(
        connection: &Connection,
        query: &Query,
        asked: &[Option<String>],
    ) -> rusqlite::Result<Self> {
        if query.wanted.len() < 2 {
            return Ok(Self(vec![1.0; query.wanted.len()]));
        }
        let newest: i64 = connection
            .prepare_cached("SELECT coalesce(max(key), 0) FROM messages")?
            .query_row([], |row| row.get(0))?;
        let mut statement = connection.prepare_cached(
            "SELECT count(*), min(rowid) FROM (SELECT rowid FROM answer_index WHERE answer_index MATCH ?1 \
             ORDER BY rowid DESC LIMIT ?2)",
        )?;
        let mut spans = Vec::with_capacity(query.wanted.len());
        for at in 0..query.wanted.len() {
            let Some(expression) = asked.get(at).and_then(Option::as_ref) else {
                spans.push(1.0);
                continue;
            };
            let (count, oldest): (i64, Option<i64>) =
                statement.query_row((expression, SAMPLE), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let span = match oldest {
                Some(oldest) if count == SAMPLE => newest.saturating_sub(oldest).max(1),
                _ => newest.max(1),
            };
            #[expect(
                clippy::cast_precision_loss,
                reason = "a weight needs no more than a few digits"
            )]
            spans.push(span as f64);
        }
        let least = spans.iter().copied().fold(f64::INFINITY, f64::min);
        Ok(Self(
            spans.into_iter().map(|span| 1.0 + (span / least).ln()).collect(),
        ))
    }
}

/// The rank without a look at the texts.
pub(super) fn by_kind(title: bool, prompt: bool, answer: bool, matches: u32) -> f64 {
    let mut score = f64::from(matches).ln_1p() * 0.1;
    for (there, worth) in [(title, TITLE), (prompt, PROMPT), (answer, ANSWER)] {
        if there {
            score += worth;
        }
    }
    score
}

/// What newness is worth. `at` is in seconds, `now` in milliseconds.
pub(super) fn recency(at: i64, now: i64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a weight needs no more than a few digits"
    )]
    let age = now.saturating_sub(at.saturating_mul(1000)).max(0) as f64;
    RECENCY / (1.0 + age / HALF_LIFE)
}

pub(super) fn title(query: &Query, weights: &Weights, text: &str) -> f64 {
    score(query, weights, &[(TITLE, &counts(query, text).0)], USUAL_LENGTH)
}

pub(super) fn message(query: &Query, weights: &Weights, kind: DocumentKind, text: &str, tools: &str) -> f64 {
    let worth = match kind {
        DocumentKind::Prompt => PROMPT,
        DocumentKind::Answer => ANSWER,
    };
    let (own, own_length) = counts(query, super::cut(text, READ));
    let (of_tools, tools_length) = counts(query, super::cut(tools, READ));
    score(
        query,
        weights,
        &[(worth, &own), (TOOLS, &of_tools)],
        own_length + tools_length,
    )
}

/// The formula: for each word how often it stands where, against how long the text is.
fn score(query: &Query, weights: &Weights, fields: &[(f64, &Vec<f64>)], length: f64) -> f64 {
    let longer = 1.0 - LENGTH + LENGTH * length / USUAL_LENGTH;
    (0..query.wanted.len())
        .map(|term| {
            let often: f64 = fields.iter().map(|(worth, counts)| worth * counts[term]).sum();
            let worth = fields
                .iter()
                .filter(|(_, counts)| counts[term] > 0.0)
                .map(|(worth, _)| *worth)
                .fold(0.0, f64::max);
            // The first occurrence counts by where it is, however long the text.
            weights.0[term] * (worth + often * (SATURATION + 1.0) / (often + SATURATION * longer))
        })
        .sum()
}

/// How often each wanted word stands in a text, and how many words it has.
fn counts(query: &Query, text: &str) -> (Vec<f64>, f64) {
    let places: Vec<_> = words(text).collect();
    let counts = query
        .wanted
        .iter()
        .map(|term| f64::from(u32::try_from(occurrences(term, text, &places).count()).unwrap_or(u32::MAX)))
        .collect();
    #[expect(
        clippy::cast_precision_loss,
        reason = "a length needs no more than a few digits"
    )]
    let length = places.len() as f64;
    (counts, length)
}

/// Where a term stands in a text of which `places` are the words.
pub(super) fn occurrences<'a>(
    term: &'a Term,
    text: &'a str,
    places: &'a [Range<usize>],
) -> impl Iterator<Item = Range<usize>> + 'a {
    let length = term.words.len();
    places
        .windows(length)
        .filter(move |window| term.matches(text, window))
        .map(move |window| window[0].start..window[length - 1].end)
}
