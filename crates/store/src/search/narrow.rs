//! What a search is narrowed to.

use rusqlite::{Connection, Params};

use super::find::{DAY, Found};
use super::{HitKind, Search};
use crate::documents::{facet_word, known_name};

/// Sessions that wait for the person and are looked through; nobody has more.
const NEEDING: u32 = 100;
/// Sessions with a tag that are looked through one by one. A tag that more have is common: then the newest matches are
/// looked at, as without one.
const TAGGED: u32 = 100;

/// What a search is narrowed to, in numbers.
pub(super) struct Narrowed {
    pub(super) folder: Option<i64>,
    pub(super) agent: Option<i64>,
    pub(super) model: Option<i64>,
    /// The oldest millisecond.
    pub(super) since: i64,
    pub(super) has_changes: bool,
    pub(super) needs_you: bool,
    pub(super) tag: Option<String>,
}

impl Narrowed {
    /// None when it asks for what nothing has.
    pub(super) fn new(connection: &Connection, search: &Search) -> rusqlite::Result<Option<Self>> {
        let facets = &search.facets;
        let mut numbers = [None; 3];
        for (number, name) in numbers
            .iter_mut()
            .zip([&facets.folder, &facets.agent, &facets.model])
        {
            let Some(name) = name else { continue };
            *number = known_name(connection, name)?;
            if number.is_none() {
                return Ok(None);
            }
        }
        let [folder, agent, model] = numbers;
        let since = facets
            .within_days
            .map_or(i64::MIN, |days| search.now - i64::from(days) * DAY);
        Ok(Some(Self {
            folder,
            agent,
            model,
            since,
            has_changes: facets.has_changes,
            needs_you: facets.needs_you,
            tag: facets.tag.clone(),
        }))
    }

    /// The words that have to be in the index. What a session was asked with is not in the index of titles.
    pub(super) fn words(&self, kind: HitKind) -> Vec<String> {
        let of_message = |number: Option<i64>| number.filter(|_| kind != HitKind::Title);
        [
            ('f', self.folder),
            ('a', of_message(self.agent)),
            ('m', of_message(self.model)),
        ]
        .into_iter()
        .filter_map(|(letter, number)| Some(facet_word(letter, number?)))
        .collect()
    }

    /// The keys to look between, the newest first. Sessions that wait for the person are few, and may be old; so are
    /// those with a tag that is no common one.
    pub(super) fn ranges(&self, connection: &Connection, kind: HitKind) -> rusqlite::Result<Vec<(i64, i64)>> {
        // A title is as old as the last change of its session, which its key does not say.
        let since = match kind {
            HitKind::Title => i64::MIN,
            HitKind::Prompt | HitKind::Answer => self.since.div_euclid(1000),
        };
        let sessions = if self.needs_you {
            keys(
                connection,
                "SELECT key FROM sessions WHERE needs_you ORDER BY key DESC LIMIT ?1",
                (NEEDING,),
            )?
        } else if let Some(tag) = &self.tag {
            let tagged = keys(
                connection,
                "SELECT session FROM session_tags WHERE tag = ?1 LIMIT ?2",
                (tag, TAGGED + 1),
            )?;
            if tagged.len() > TAGGED as usize {
                return Ok(vec![(since, i64::MAX)]);
            }
            tagged
        } else {
            return Ok(vec![(since, i64::MAX)]);
        };
        let mut ranges = Vec::new();
        for session in sessions {
            match kind {
                HitKind::Title => ranges.push((session, session)),
                HitKind::Prompt | HitKind::Answer => add_messages(connection, session, since, &mut ranges)?,
            }
        }
        // Sessions that go on side by side lie in one another's ranges.
        ranges.sort_unstable();
        let mut apart: Vec<(i64, i64)> = Vec::new();
        for (from, to) in ranges {
            match apart.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => apart.push((from, to)),
            }
        }
        apart.reverse();
        Ok(apart)
    }

    /// Whether a session has what is not in the index of titles or messages.
    pub(super) fn takes(&self, session: &Found, kind: HitKind) -> bool {
        (!self.has_changes || session.has_changes)
            && (!self.needs_you || session.needs_you)
            && self
                .tag
                .as_ref()
                .is_none_or(|tag| session.tags.iter().any(|own| own.eq_ignore_ascii_case(tag)))
            && (kind != HitKind::Title || self.takes_title(session))
    }

    fn takes_title(&self, session: &Found) -> bool {
        self.folder.is_none_or(|folder| session.folder == folder)
            && (self.agent.is_none() || session.agent == self.agent)
            && (self.model.is_none() || session.model == self.model)
            && session.updated >= self.since
    }
}

fn keys(connection: &Connection, query: &str, values: impl Params) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(query)?;
    statement.query_map(values, |row| row.get(0))?.collect()
}

/// Adds where the messages of a session, and of those of its sub-agents, lie.
fn add_messages(
    connection: &Connection,
    session: i64,
    since: i64,
    ranges: &mut Vec<(i64, i64)>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE family (key, id) AS (SELECT key, id FROM sessions WHERE key = ?1 UNION \
         SELECT sessions.key, sessions.id FROM sessions JOIN family ON sessions.parent = family.id) \
         SELECT (SELECT min(key) FROM messages WHERE session = family.key), \
         (SELECT max(key) FROM messages WHERE session = family.key) FROM family",
    )?;
    let mut rows = statement.query([session])?;
    while let Some(row) = rows.next()? {
        if let (Some(from), Some(to)) = (row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?) {
            ranges.push((since.max(from), to));
        }
    }
    Ok(())
}
