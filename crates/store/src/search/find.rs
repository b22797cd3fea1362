//! Which sessions a search finds, and in which order.

use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::counts::counted;
use super::narrow::Narrowed;
use super::query::Query;
use super::rank::{self, Weights};
use super::{Hit, HitKind, HitMessage, PAGE_LIMIT, Search, SearchAnswer, snippet};
use crate::{DocumentKind, SessionCounts, SessionRow, StoreError, tags};

/// Matches that are ranked and counted, of titles, prompts and answers each: the newest. More than a person looks
/// through, and few enough to be looked up in the time a key press takes.
pub const MATCHES_CONSIDERED: usize = 300;
/// Matches that are looked at where something is asked that the index does not know, as whether files were changed.
const MATCHES_SEEN: usize = 1_500;
/// Sessions whose best message is read for the rank. Beyond them the order is by kind of match and time alone; that
/// is page three.
const RANKED: usize = 60;
/// How deep sub-agents work for sub-agents; the bound ends a loop in what was stored.
const DEEPEST: usize = 16;

/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// What the search has to know of each session it finds; the whole row is read of those that are shown.
pub(super) struct Found {
    key: i64,
    parent: Option<String>,
    pub(super) folder: i64,
    pub(super) agent: Option<i64>,
    pub(super) model: Option<i64>,
    pub(super) updated: i64,
    pub(super) has_changes: bool,
    pub(super) needs_you: bool,
    pub(super) tags: Vec<String>,
}

/// The columns of it.
const COLUMNS: &str =
    "key, parent, folder_name, agent_name, model_name, updated, changed_files > 0, needs_you, tags";

/// A match.
struct Match {
    kind: HitKind,
    /// The key of the message, or of the session for a title.
    key: i64,
    agent: Option<i64>,
    model: Option<i64>,
}

/// A session and its matches.
pub(super) struct Group {
    pub(super) session: Rc<Found>,
    title: bool,
    /// The newest prompt, and the newest answer, of those that match.
    prompt: Option<i64>,
    answer: Option<i64>,
    matches: u32,
    newest: i64,
    pub(super) agents: Vec<i64>,
    pub(super) models: Vec<i64>,
    score: f64,
    best: Option<(i64, DocumentKind)>,
}

/// Looks sessions up, each once.
struct Sessions<'a> {
    connection: &'a Connection,
    by_key: CachedStatement<'a>,
    known: HashMap<i64, Option<Rc<Found>>>,
}

impl Sessions<'_> {
    fn get(&mut self, key: i64) -> rusqlite::Result<Option<Rc<Found>>> {
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let found = self.by_key.query_row([key], read).optional()?.map(Rc::new);
        self.known.insert(key, found.clone());
        Ok(found)
    }

    /// The session a sub-agent's works for, at the top.
    fn root(&mut self, key: i64) -> rusqlite::Result<Option<Rc<Found>>> {
        let Some(mut current) = self.get(key)? else {
            return Ok(None);
        };
        for _ in 0..DEEPEST {
            let Some(parent) = &current.parent else { break };
            let above: Option<i64> = self
                .connection
                .prepare_cached("SELECT key FROM sessions WHERE id = ?1")?
                .query_row([parent], |row| row.get(0))
                .optional()?;
            let above = above.map(|above| self.get(above)).transpose()?.flatten();
            let Some(above) = above else { break };
            current = above;
        }
        Ok(Some(current))
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Found> {
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
    let mut sessions = Sessions {
        connection,
        by_key: connection.prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE key = ?1"))?,
        known: HashMap::new(),
    };
    let (mut groups, capped) = if query.wanted.is_empty() {
        browse(connection, &narrowed)?
    } else {
        matching(connection, &query, &narrowed, &mut sessions)?
    };
    let facets = counted(connection, &groups, search.now)?;
    order(connection, &query, &mut groups, search.now)?;
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

/// The sessions that changed last, where no word is given.
fn browse(connection: &Connection, narrowed: &Narrowed) -> Result<(Vec<Group>, bool), StoreError> {
    // Sessions with a tag are looked up by it: they may be few, and old.
    let tagged = match narrowed.tag {
        Some(_) => "AND key IN (SELECT session FROM session_tags WHERE tag = ?2)",
        None => "AND ?2 IS NULL",
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sessions WHERE parent IS NULL {tagged} ORDER BY updated DESC, id LIMIT ?1"
    ))?;
    let most = i64::try_from(MATCHES_SEEN + 1).unwrap_or(i64::MAX);
    let mut rows = statement.query((most, &narrowed.tag))?;
    let mut groups = Vec::new();
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        let found = read(row)?;
        if found.updated < narrowed.since {
            break;
        }
        if seen == MATCHES_SEEN || groups.len() == MATCHES_CONSIDERED {
            return Ok((groups, true));
        }
        seen += 1;
        if narrowed.takes(&found, HitKind::Title) {
            let mut group = Group::new(Rc::new(found));
            group.matches = 1;
            groups.push(group);
        }
    }
    Ok((groups, false))
}

/// The sessions of the newest matches.
fn matching(
    connection: &Connection,
    query: &Query,
    narrowed: &Narrowed,
    sessions: &mut Sessions<'_>,
) -> Result<(Vec<Group>, bool), StoreError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<i64, usize> = HashMap::new();
    let mut capped = false;
    let mut messages = Messages::new(connection)?;
    for kind in [HitKind::Title, HitKind::Prompt, HitKind::Answer] {
        let Some(expression) = query.expression(&narrowed.words(kind)) else {
            continue;
        };
        let mut statement = connection.prepare_cached(newest(kind))?;
        let (mut seen, mut taken) = (0, 0);
        for (from, to) in narrowed.ranges(connection, kind)? {
            let mut rows = statement.query((&expression, from, to))?;
            while let Some(row) = rows.next()? {
                if seen == MATCHES_SEEN || taken == MATCHES_CONSIDERED {
                    capped = true;
                    break;
                }
                seen += 1;
                let key: i64 = row.get(0)?;
                let message = match kind {
                    HitKind::Title => Some((key, None, None)),
                    HitKind::Prompt | HitKind::Answer => messages.get(key)?,
                };
                let Some((of, agent, model)) = message else {
                    continue;
                };
                let Some(root) = sessions.root(of)? else {
                    continue;
                };
                if !narrowed.takes(&root, kind) {
                    continue;
                }
                taken += 1;
                let place = *places.entry(root.key).or_insert_with(|| {
                    groups.push(Group::new(root));
                    groups.len() - 1
                });
                groups[place].add(&Match {
                    kind,
                    key,
                    agent,
                    model,
                });
            }
        }
    }
    Ok((groups, capped))
}

/// Of a message: its session, agent and model.
type Of = (i64, Option<i64>, Option<i64>);

/// Looks messages up.
struct Messages<'a>(CachedStatement<'a>);

impl<'a> Messages<'a> {
    fn new(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection
            .prepare_cached("SELECT session, agent, model FROM messages WHERE key = ?1")
            .map(Self)
    }

    fn get(&mut self, key: i64) -> rusqlite::Result<Option<Of>> {
        self.0
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()
    }
}

fn newest(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Title => {
            "SELECT rowid FROM title_index WHERE title_index MATCH ?1 AND rowid BETWEEN ?2 AND ?3 \
             ORDER BY rowid DESC"
        }
        HitKind::Prompt => {
            "SELECT rowid FROM prompt_index WHERE prompt_index MATCH ?1 AND rowid BETWEEN ?2 AND ?3 \
             ORDER BY rowid DESC"
        }
        HitKind::Answer => {
            "SELECT rowid FROM answer_index WHERE answer_index MATCH ?1 AND rowid BETWEEN ?2 AND ?3 \
             ORDER BY rowid DESC"
        }
    }
}

impl Group {
    fn new(session: Rc<Found>) -> Self {
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
    fn add(&mut self, found: &Match) {
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
fn order(connection: &Connection, query: &Query, groups: &mut [Group], now: i64) -> Result<(), StoreError> {
    if query.wanted.is_empty() {
        return Ok(());
    }
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
    let weights = Weights::new(connection, query)?;
    let ranked = groups.len().min(RANKED);
    for group in &mut groups[..ranked] {
        let title: String = connection
            .prepare_cached("SELECT title FROM sessions WHERE key = ?1")?
            .query_row([group.session.key], |row| row.get(0))?;
        let mut score = rank::title(query, &weights, &title);
        let mut best = (0.0, None);
        for (key, kind) in [
            (group.prompt, DocumentKind::Prompt),
            (group.answer, DocumentKind::Answer),
        ] {
            let Some(key) = key else { continue };
            let Some((text, tools)) = texts(connection, key)? else {
                continue;
            };
            let of_message = rank::message(query, &weights, kind, &text, &tools);
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

fn texts(connection: &Connection, key: i64) -> rusqlite::Result<Option<(String, String)>> {
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
