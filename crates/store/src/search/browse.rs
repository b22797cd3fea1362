//! The sessions that changed last, where no word is given.

use std::rc::Rc;

use rusqlite::{Connection, named_params};

use super::MATCHES_CONSIDERED;
use super::find::{COLUMNS, Group, read};
use super::narrow::Narrowed;
use crate::StoreError;

/// All of it is asked of one index, so that only rows that are shown are read, however old they are. To pass over a
/// hundred thousand entries of it takes some milliseconds.
fn query(tagged: bool) -> String {
    let tagged = if tagged {
        "AND key IN (SELECT session FROM session_tags WHERE tag = :tag)"
    } else {
        "AND :tag IS NULL"
    };
    format!(
        "SELECT {COLUMNS} FROM sessions WHERE key IN (SELECT key FROM sessions INDEXED BY sessions_to_narrow \
         WHERE parent IS NULL AND updated >= :since AND (:folder IS NULL OR folder_name = :folder) \
         AND (:agent IS NULL OR agent_name = :agent) AND (:model IS NULL OR model_name = :model) \
         AND (NOT :has_changes OR changed_files > 0) AND (NOT :needs_you OR needs_you) {tagged} \
         ORDER BY updated DESC LIMIT :most) ORDER BY updated DESC, id"
    )
}

/// The newest sessions that are as they are asked for, and whether there are more.
pub(super) fn browse(connection: &Connection, narrowed: &Narrowed) -> Result<(Vec<Group>, bool), StoreError> {
    let mut statement = connection.prepare_cached(&query(narrowed.tag.is_some()))?;
    let most = i64::try_from(MATCHES_CONSIDERED + 1).unwrap_or(i64::MAX);
    let mut rows = statement.query(named_params! {
        ":since": narrowed.since, ":folder": narrowed.folder, ":agent": narrowed.agent, ":model": narrowed.model,
        ":has_changes": narrowed.has_changes, ":needs_you": narrowed.needs_you, ":tag": narrowed.tag, ":most": most,
    })?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        let mut group = Group::new(Rc::new(read(row)?));
        group.matches = 1;
        groups.push(group);
    }
    let capped = groups.len() > MATCHES_CONSIDERED;
    groups.truncate(MATCHES_CONSIDERED);
    Ok((groups, capped))
}
