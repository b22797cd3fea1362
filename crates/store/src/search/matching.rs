//! The newest matches of words, and the sessions they are in.

use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::HitKind;
use super::find::{COLUMNS, Found, Group, read, texts, title};
use super::narrow::Narrowed;
use super::plan::Plan;
use super::query::Query;
use super::rank::Weights;
use crate::StoreError;

/// Matches that are ranked and counted, of titles, prompts and answers each: the newest. More than a person looks
/// through, and few enough to be looked up in the time a key press takes.
pub const MATCHES_CONSIDERED: usize = 300;
/// Matches that are looked at where something is asked that the index does not know, as whether files were changed.
const MATCHES_SEEN: usize = 1_500;
/// Bytes that are read of texts where the index cannot say by itself what is in them: some milliseconds.
const TEXTS_READ: usize = 128 * 1024;
/// The same, in titles and messages: many of them are short.
const TEXTS_SEEN: usize = 500;
/// How deep sub-agents work for sub-agents; the bound ends a loop in what was stored.
const DEEPEST: usize = 16;

/// A match.
pub(super) struct Match {
    pub(super) kind: HitKind,
    /// The key of the message, or of the session for a title.
    pub(super) key: i64,
    pub(super) agent: Option<i64>,
    pub(super) model: Option<i64>,
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

/// The sessions of the newest matches, whether there are more, and how rare each wanted word is.
pub(super) fn matching(
    connection: &Connection,
    query: &Query,
    narrowed: &Narrowed,
) -> Result<(Vec<Group>, bool, Weights), StoreError> {
    let mut sessions = Sessions {
        connection,
        by_key: connection.prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE key = ?1"))?,
        known: HashMap::new(),
    };
    let mut found = Matches {
        connection,
        narrowed,
        messages: Messages::new(connection)?,
        groups: Vec::new(),
        places: HashMap::new(),
    };
    let mut capped = false;
    let mut asked = Vec::new();
    for kind in [HitKind::Title, HitKind::Prompt, HitKind::Answer] {
        let ranges = narrowed.ranges(connection, kind)?;
        let words = narrowed.words(kind);
        let Some(plan) = Plan::new(connection, query, &words, kind, ranges.len())? else {
            continue;
        };
        let mut walk = Walk::default();
        found.walk(&plan, kind, &ranges, &mut walk, &mut sessions)?;
        capped |= walk.stopped.is_some();
        // Enough was read. What is older is looked for in words that need no reading.
        if let (Some(before), Some(narrower)) = (walk.unread_before(), plan.narrower) {
            let older: Vec<_> = ranges
                .into_iter()
                .filter(|(from, _)| *from < before)
                .map(|(from, to)| (from, to.min(before - 1)))
                .collect();
            let plan = Plan {
                expression: Some(narrower),
                ..Plan::default()
            };
            found.walk(&plan, kind, &older, &mut walk, &mut sessions)?;
        }
        if kind == HitKind::Answer {
            asked = plan.wanted;
        }
    }
    Ok((found.groups, capped, Weights::new(connection, query, &asked)?))
}

/// How far an index was walked along.
#[derive(Default)]
struct Walk {
    seen: usize,
    taken: usize,
    /// Bytes of texts.
    read: usize,
    /// The key at which there was enough.
    stopped: Option<i64>,
}

impl Walk {
    /// The key up to which nothing was looked at, where it was not that enough was found.
    fn unread_before(&self) -> Option<i64> {
        self.stopped
            .filter(|_| self.taken < MATCHES_CONSIDERED)
            .map(|key| key.saturating_add(1))
    }

    fn has_enough(&self, reading: bool) -> bool {
        let most = if reading { TEXTS_SEEN } else { MATCHES_SEEN };
        self.seen >= most || self.taken >= MATCHES_CONSIDERED || self.read >= TEXTS_READ
    }
}

/// What was found so far.
struct Matches<'a> {
    connection: &'a Connection,
    narrowed: &'a Narrowed,
    messages: Messages<'a>,
    groups: Vec<Group>,
    places: HashMap<i64, usize>,
}

impl Matches<'_> {
    /// Takes the newest matches of an index.
    fn walk(
        &mut self,
        plan: &Plan,
        kind: HitKind,
        ranges: &[(i64, i64)],
        walk: &mut Walk,
        sessions: &mut Sessions<'_>,
    ) -> Result<(), StoreError> {
        (walk.seen, walk.read) = (0, 0);
        let mut statement = self
            .connection
            .prepare_cached(newest(kind, plan.expression.is_some()))?;
        for (from, to) in ranges {
            let mut rows = match &plan.expression {
                Some(expression) => statement.query((from, to, expression))?,
                None => statement.query((from, to))?,
            };
            while let Some(row) = rows.next()? {
                let key: i64 = row.get(0)?;
                if walk.has_enough(plan.is_wider()) {
                    walk.stopped = Some(key);
                    return Ok(());
                }
                walk.seen += 1;
                // Before anything is looked up of it: most of what has to be read is not what is looked for.
                if plan.is_wider() && !self.holds(plan, kind, key, walk)? {
                    continue;
                }
                let message = match kind {
                    HitKind::Title => Some((key, None, None)),
                    HitKind::Prompt | HitKind::Answer => self.messages.get(key)?,
                };
                let Some((of, agent, model)) = message else {
                    continue;
                };
                let Some(root) = sessions.root(of)? else {
                    continue;
                };
                if !self.narrowed.takes(&root, kind) {
                    continue;
                }
                walk.taken += 1;
                let groups = &mut self.groups;
                let place = *self.places.entry(root.key).or_insert_with(|| {
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
        Ok(())
    }

    /// Reads whether a title or a message is what is looked for.
    fn holds(&self, plan: &Plan, kind: HitKind, key: i64, walk: &mut Walk) -> rusqlite::Result<bool> {
        let (text, tools) = match kind {
            HitKind::Title => (title(self.connection, key)?, String::new()),
            HitKind::Prompt | HitKind::Answer => texts(self.connection, key)?.unwrap_or_default(),
        };
        walk.read += text.len() + tools.len();
        Ok(plan.unsure.holds(&[&text, &tools]))
    }
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

/// The keys of an index from the newest on: of what is asked for, or all.
fn newest(kind: HitKind, asked: bool) -> &'static str {
    match (kind, asked) {
        (HitKind::Title, true) => {
            "SELECT rowid FROM title_index WHERE title_index MATCH ?3 AND rowid BETWEEN ?1 AND ?2 \
             ORDER BY rowid DESC"
        }
        (HitKind::Prompt, true) => {
            "SELECT rowid FROM prompt_index WHERE prompt_index MATCH ?3 AND rowid BETWEEN ?1 AND ?2 \
             ORDER BY rowid DESC"
        }
        (HitKind::Answer, true) => {
            "SELECT rowid FROM answer_index WHERE answer_index MATCH ?3 AND rowid BETWEEN ?1 AND ?2 \
             ORDER BY rowid DESC"
        }
        (HitKind::Title, false) => "SELECT key FROM sessions WHERE key BETWEEN ?1 AND ?2 ORDER BY key DESC",
        (HitKind::Prompt, false) => {
            "SELECT key FROM messages WHERE kind = 0 AND key BETWEEN ?1 AND ?2 ORDER BY key DESC"
        }
        (HitKind::Answer, false) => {
            "SELECT key FROM messages WHERE kind = 1 AND key BETWEEN ?1 AND ?2 ORDER BY key DESC"
        }
    }
}
