//! Which sessions a search finds, and in which order.

use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension};

use super::browse::browse;
use super::counts::counted;
use super::matching::Match;
use super::matching::matching;
use super::narrow::Narrowed;
use super::query::Query;
use super::rank::{self, Weights};
use super::{Hit, HitKind, HitMessage, PAGE_LIMIT, Search, SearchAnswer, snippet};
use crate::{DocumentKind, SessionCounts, SessionRow, StoreError, tags};

/// Sessions whose best message is read for the rank. Beyond them the order is by kind of match and time alone; that
/// is page three.
const RANKED: usize = 60;
/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// What the search has to know of each session it finds; the whole row is read of those that are shown.
pub(super) struct Found {
    pub(super) key: i64,
    pub(super) parent: Option<String>,
    pub(super) folder: i64,
    pub(super) agent: Option<i64>,
    pub(super) model: Option<i64>,
    pub(super) updated: i64,
    pub(super) has_changes: bool,
    pub(super) needs_you: bool,
    pub(super) tags: Vec<String>,
}

/// The columns of it.
pub(super) const COLUMNS: &str =
    "key, parent, folder_name, agent_name, model_name, updated, changed_files > 0, needs_you, tags";

/// A session and its matches.
pub(super) struct Group {
    pub(super) session: Rc<Found>,
    title: bool,
    /// The newest prompt, and the newest answer, of those that match.
    prompt: Option<i64>,
    answer: Option<i64>,
    pub(super) matches: u32,
    newest: i64,
    pub(super) agents: Vec<i64>,
    pub(super) models: Vec<i64>,
    score: f64,
    best: Option<(i64, DocumentKind)>,
}

pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found {
        key: row.get(0)?,
        parent: row.get(1)?,
        folder: row.get(2)?,
        agent: row.get(3)?,
        model: row.get(4)?,
        updated: row.get(5)?,
        has_changes: row.get(6)?,
        needs_you: row.get(7)?,
        tags: tags::read(row.get_ref(8)?),
    })
}

pub(super) fn answer(connection: &Connection, search: &Search) -> Result<SearchAnswer, StoreError> {
    let query = Query::parse(&search.text);
    if query.wanted.is_empty() && !query.unwanted.is_empty() {
        return Ok(SearchAnswer {
            wants_word: true,
            ..SearchAnswer::default()
        });
    }
    let Some(narrowed) = Narrowed::new(connection, search)? else {
        return Ok(SearchAnswer::default());
    };
    let (groups, capped, facets) = if query.wanted.is_empty() {
        let (groups, capped) = browse(connection, &narrowed)?;
        let facets = counted(connection, &groups, search.now)?;
        (groups, capped, facets)
    } else {
        let (mut groups, capped, weights) = matching(connection, &query, &narrowed)?;
        let facets = counted(connection, &groups, search.now)?;
        order(connection, &query, &weights, &mut groups, search.now)?;
        (groups, capped, facets)
    };
    let page = groups
        .iter()
        .skip(search.offset as usize)
        .take(search.limit.min(PAGE_LIMIT) as usize);
    let hits = page
        .map(|group| hit(connection, &query, group))
        .collect::<rusqlite::Result<_>>()?;
    Ok(SearchAnswer {
        hits,
        found: u32::try_from(groups.len()).unwrap_or(u32::MAX),
        capped,
        wants_word: false,
        facets,
    })
}

impl Group {
    pub(super) fn new(session: Rc<Found>) -> Self {
        Self {
            newest: session.updated.div_euclid(1000),
            session,
            title: false,
            prompt: None,
            answer: None,
            matches: 0,
            agents: Vec::new(),
            models: Vec::new(),
            score: 0.0,
            best: None,
        }
    }

    /// Matches come newest first.
    pub(super) fn add(&mut self, found: &Match) {
        self.matches += 1;
        match found.kind {
            HitKind::Title => self.title = true,
            HitKind::Prompt => self.prompt = self.prompt.or(Some(found.key)),
            HitKind::Answer => self.answer = self.answer.or(Some(found.key)),
        }
        for (names, name) in [(&mut self.agents, found.agent), (&mut self.models, found.model)] {
            if let Some(name) = name.filter(|name| !names.contains(name)) {
                names.push(name);
            }
        }
    }
}

/// Puts sessions into the order they are shown in.
fn order(
    connection: &Connection,
    query: &Query,
    weights: &Weights,
    groups: &mut [Group],
    now: i64,
) -> Result<(), StoreError> {
    for group in &mut *groups {
        group.score = rank::by_kind(
            group.title,
            group.prompt.is_some(),
            group.answer.is_some(),
            group.matches,
        );
        group.score += rank::recency(group.newest, now);
        group.best = group
            .prompt
            .map(|key| (key, DocumentKind::Prompt))
            .or(group.answer.map(|key| (key, DocumentKind::Answer)));
    }
    sort(groups);
    let ranked = groups.len().min(RANKED);
    for group in &mut groups[..ranked] {
        let title = title(connection, group.session.key)?;
        let mut score = rank::title(query, weights, &title);
        let mut best = (0.0, None);
        for (key, kind) in [
            (group.prompt, DocumentKind::Prompt),
            (group.answer, DocumentKind::Answer),
        ] {
            let Some(key) = key else { continue };
            let Some((text, tools)) = texts(connection, key)? else {
                continue;
            };
            let of_message = rank::message(query, weights, kind, &text, &tools);
            if best.1.is_none() || of_message > best.0 {
                best = (of_message, Some((key, kind)));
            }
        }
        score += best.0 + rank::recency(group.newest, now);
        (group.score, group.best) = (score, best.1);
    }
    sort(&mut groups[..ranked]);
    Ok(())
}

fn sort(groups: &mut [Group]) {
    groups.sort_by(|one, other| {
        other
            .score
            .total_cmp(&one.score)
            .then_with(|| other.newest.cmp(&one.newest))
            .then_with(|| other.session.key.cmp(&one.session.key))
    });
}

pub(super) fn title(connection: &Connection, session: i64) -> rusqlite::Result<String> {
    connection
        .prepare_cached("SELECT title FROM sessions WHERE key = ?1")?
        .query_row([session], |row| row.get(0))
}

pub(super) fn texts(connection: &Connection, key: i64) -> rusqlite::Result<Option<(String, String)>> {
    connection
        .prepare_cached("SELECT text, tools FROM message_texts WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// What of a session is shown.
fn hit(connection: &Connection, query: &Query, group: &Group) -> rusqlite::Result<Hit> {
    let mut message = None;
    let mut piece = None;
    if let Some((key, kind)) = group.best {
        let (session, id, created): (i64, String, i64) = connection
            .prepare_cached("SELECT session, id, created FROM messages WHERE key = ?1")?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let of: Option<String> = connection
            .prepare_cached("SELECT id FROM sessions WHERE key = ?1")?
            .query_row([session], |row| row.get(0))
            .optional()?;
        message = of.map(|session| HitMessage {
            session,
            id,
            kind,
            created,
        });
        piece = texts(connection, key)?.map(|(text, tools)| snippet::of_message(query, &text, &tools));
    }
    let (session, counts) = connection
        .prepare_cached("SELECT * FROM sessions WHERE key = ?1")?
        .query_row([group.session.key], |row| {
            Ok((SessionRow::read(row)?, SessionCounts::read(row)?))
        })?;
    Ok(Hit {
        title_marks: snippet::marks(query, &session.title),
        session,
        counts,
        message,
        snippet: piece,
        matches: group.matches,
    })
}
