//! Beginning anew beside a damaged file, with what of it can still be read.
//!
//! The index is made again from what the engine holds. What only this database had is copied row by row, as far as
//! the damage lets it be read. What widens rights is not: a rule of "always" that was read out of a damaged file is
//! no longer what the person said, and a pairing lets others in.
//!
//! The new file is made beside the damaged one and takes its place last, in one renaming. So whenever this is cut off,
//! either the damaged file is still there to be found damaged again, or the new one is whole and only has to be put in
//! its place. What became of the damaged one stands in the new one until the person was told.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::{fs, io};

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction};

use crate::open::{beside, connect, is_sound, name_aside};
use crate::schema::{self, SCHEMA_VERSION};
use crate::{Options, SessionRow, Store, StoreError};

/// What the new file is called until it is in its place, behind the name of that.
pub(crate) const MAKING: &str = ".new";

/// What belongs to a file of this kind while it is written, behind its name.
const LOG: [&str; 2] = ["-wal", "-shm"];

/// What is copied as it is, with the columns that hold JSON. Sessions are copied too, by their rows.
const TABLES: [(&str, &[&str]); 14] = [
    ("folders", &[]),
    ("settings", &["value"]),
    ("drafts", &[]),
    ("outbox", &[]),
    ("attachments", &[]),
    ("queued_prompts", &[]),
    ("providers", &["models", "details"]),
    ("journal", &[]),
    ("secrets", &[]),
    ("provider_usage", &[]),
    ("answer_usage", &[]),
    ("answered", &[]),
    ("search_filters", &["facets"]),
    ("remote_audit", &[]),
];

/// What of a damaged file is in the new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Salvage {
    /// Rows that were copied.
    pub rows: u64,
    /// Every table could be read to its end.
    pub whole: bool,
}

/// What became of a damaged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Its new name.
    pub set_aside: PathBuf,
    /// What of it is in the new one.
    pub salvage: Salvage,
}

impl Store {
    /// Whether the file is whole, as far as can be told without comparing every index. It reads all of it, about a
    /// second for each gigabyte, and nobody waits for it: for `spawn_blocking`.
    ///
    /// # Errors
    /// [`StoreError`] when that could not be found out.
    pub fn is_sound(&self) -> Result<bool, StoreError> {
        match self.reader().and_then(|reader| is_sound(&reader)) {
            Err(StoreError::Corrupt) => Ok(false),
            outcome => outcome,
        }
    }

    /// The person was told of a damaged file that this one took the place of. Until then each opening says it again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn told_of_rebuild(&self) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM begun_anew", [])?;
        Ok(())
    }

    /// Sets the file aside and begins a new one in its place, while the app runs. `now` is part of the old one's new
    /// name.
    ///
    /// # Errors
    /// [`StoreError::NotSetAside`] when it could not be renamed; it is used on as it is. Otherwise as
    /// [`Store::open`].
    pub fn rebuild(&self, now: i64) -> Result<Rebuilt, StoreError> {
        let mut connection = self.connection();
        // An open file cannot be renamed on Windows.
        *connection = Connection::open_in_memory()?;
        self.inner.readers.forget();
        let (path, options) = (&self.inner.path, self.inner.options);
        let begun = match begin_anew(path, now, options) {
            Err(error) => taken_up(path, options).ok_or(error),
            begun => begun,
        };
        match begun {
            Ok((fresh, rebuilt)) => {
                *connection = fresh;
                self.inner.index_made.fetch_add(1, Ordering::AcqRel);
                self.inner.readers.forget();
                Ok(rebuilt)
            }
            Err(error) => {
                // Unchecked, as it was: half of a database is more than none. Where there is no file at all what is in
                // memory has no tables, so that nothing is taken for written.
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                if let Ok(as_it_was) = Connection::open_with_flags(path, flags) {
                    *connection = as_it_was;
                }
                Err(error)
            }
        }
    }
}

/// Makes a new file with what can be read of a damaged one, sets that aside and puts the new one in its place.
pub(crate) fn begin_anew(
    path: &Path,
    now: i64,
    options: Options,
) -> Result<(Connection, Rebuilt), StoreError> {
    let named = |source| StoreError::NotSetAside {
        path: path.to_owned(),
        source,
    };
    let making = beside(path, MAKING);
    // Of one that was cut off. What it was made of is still there.
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(&making, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(named(error)),
            _ => {}
        }
    }
    let set_aside = name_aside(path, now).map_err(named)?;
    let mut fresh = connect(&making, options, 0)?;
    let salvage = salvage(path, &set_aside, &mut fresh)?;
    // All of it in the one file that is renamed.
    fresh.pragma_update(None, "journal_mode", "delete")?;
    fresh.close().map_err(|(_, error)| error)?;
    put_in_place(path, &making, &set_aside).map_err(named)?;
    let connection = connect(path, options, 0)?;
    Ok((connection, Rebuilt { set_aside, salvage }))
}

/// Puts a new file in its place, where this was cut off between the two renamings.
pub(crate) fn take_up(path: &Path) -> Result<(), StoreError> {
    let making = beside(path, MAKING);
    if path.exists() || !making.exists() {
        return Ok(());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let told = Connection::open_with_flags(&making, flags)
        .map_err(StoreError::from)
        .and_then(|connection| untold(&connection));
    let told = match told {
        // It may be whole: what was taken over must not be passed over for it.
        Err(StoreError::Busy) => return Err(StoreError::Busy),
        // Cut off before its tables: it keeps nothing from being begun.
        told => told.unwrap_or_default(),
    };
    // Else it was not finished, and the file it was made of was taken away by somebody.
    if let Some(rebuilt) = told {
        put_in_place(path, &making, &rebuilt.set_aside).map_err(|source| StoreError::NotSetAside {
            path: path.to_owned(),
            source,
        })?;
    }
    Ok(())
}

/// The new file in its place after all, where for a moment neither it nor the damaged one could be given that name.
fn taken_up(path: &Path, options: Options) -> Option<(Connection, Rebuilt)> {
    if path.exists() {
        return None;
    }
    take_up(path).ok()?;
    // Else one would be made.
    if !path.exists() {
        return None;
    }
    let connection = connect(path, options, 0).ok()?;
    let rebuilt = untold(&connection).ok()??;
    Some((connection, rebuilt))
}

/// Sets a damaged file aside and gives the new one its name; where that cannot be, the damaged one has it again.
fn put_in_place(path: &Path, making: &Path, set_aside: &Path) -> io::Result<()> {
    let placed = move_aside(path, set_aside).and_then(|()| rename(making, path));
    if let Err(error) = placed {
        // If it is refused, too, the next start finds the new one whole.
        if !path.exists() && put_back(path, set_aside).is_ok() {
            // It would take the place of a file that somebody takes away later. Another is made before it is needed.
            let _ = fs::remove_file(making);
        }
        return Err(error);
    }
    on_disk(path)
}

fn move_aside(path: &Path, set_aside: &Path) -> io::Result<()> {
    rename_if_there(path, set_aside)?;
    // Before anything else is called as the damaged file was: its log would be taken for that one's.
    for suffix in LOG {
        rename_if_there(&beside(path, suffix), &beside(set_aside, suffix))?;
    }
    on_disk(path)
}

/// Its log first: until the file itself is back, a start can still put the new one in its place.
fn put_back(path: &Path, set_aside: &Path) -> io::Result<()> {
    for suffix in LOG {
        rename_if_there(&beside(set_aside, suffix), &beside(path, suffix))?;
    }
    rename(set_aside, path)
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(test)]
    tests::refuse(from)?;
    fs::rename(from, to)
}

/// Waits until the names in a file's folder are on the disk, so that they change there in their order.
#[cfg(unix)]
fn on_disk(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn on_disk(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// What became of a damaged file, when nobody was told yet.
pub(crate) fn untold(connection: &Connection) -> Result<Option<Rebuilt>, StoreError> {
    let rebuilt = connection.query_row(
        "SELECT set_aside, rows, whole FROM begun_anew LIMIT 1",
        [],
        |row| {
            Ok(Rebuilt {
                set_aside: PathBuf::from(row.get::<_, String>(0)?),
                salvage: Salvage {
                    rows: row.get::<_, i64>(1)?.unsigned_abs(),
                    whole: row.get(2)?,
                },
            })
        },
    );
    Ok(rebuilt.optional()?)
}

/// Copies what can be read. Only a failure to write is one.
fn salvage(damaged: &Path, set_aside: &Path, fresh: &mut Connection) -> Result<Salvage, StoreError> {
    let transaction = fresh.transaction()?;
    let salvage = copied(damaged, &transaction)?;
    // With it the new file is whole.
    transaction.execute(
        "INSERT INTO begun_anew (set_aside, rows, whole) VALUES (?1, ?2, ?3)",
        (
            set_aside.to_string_lossy(),
            i64::try_from(salvage.rows).unwrap_or(i64::MAX),
            salvage.whole,
        ),
    )?;
    transaction.commit()?;
    Ok(salvage)
}

fn copied(damaged: &Path, transaction: &Transaction<'_>) -> Result<Salvage, StoreError> {
    // Its log is read with it, and both stay as they are.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(damaged) = Connection::open_with_flags(damaged, flags) else {
        return Ok(Salvage::default());
    };
    if damaged
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .is_err()
    {
        return Ok(Salvage::default());
    }
    let is_older = schema::version(&damaged).is_ok_and(|version| (1..SCHEMA_VERSION).contains(&version));
    let mut salvage = Salvage { rows: 0, whole: true };
    for (table, json) in TABLES {
        let mut columns = columns(transaction, table)?;
        // What a file of an older version does not have is what it is in a new one.
        let known = self::columns(&damaged, table).unwrap_or_default();
        if is_older && known.is_empty() {
            continue;
        }
        if is_older {
            columns.retain(|column| known.contains(column));
        }
        // None, and not whole, where the table is not there or its first page is not.
        let (rows, whole) = rows(&damaged, table, &columns).unwrap_or_default();
        salvage.whole &= whole;
        let places: Vec<_> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
        let mut insert = transaction.prepare(&format!(
            "INSERT OR IGNORE INTO {table} ({}) VALUES ({})",
            columns.join(", "),
            places.join(", ")
        ))?;
        for row in rows {
            if !json_holds(&columns, json, &row) {
                salvage.whole = false;
                continue;
            }
            // What breaks a rule of the table is no longer what was written.
            match insert.execute(rusqlite::params_from_iter(&row)) {
                Ok(inserted) => salvage.rows += inserted as u64,
                Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
                    salvage.whole = false;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    let (sessions, whole) = sessions(&damaged).unwrap_or_default();
    salvage.whole &= whole;
    for session in &sessions {
        crate::sessions::upsert(transaction, session)?;
    }
    salvage.rows += sessions.len() as u64;
    Ok(salvage)
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

/// The rows of a table up to the first that cannot be read, and whether that was all. Held in memory: the journal is
/// the largest of these tables, and bounded.
fn rows(damaged: &Connection, table: &str, columns: &[String]) -> rusqlite::Result<(Vec<Vec<Value>>, bool)> {
    let mut statement = damaged.prepare(&format!("SELECT {} FROM {table}", columns.join(", ")))?;
    let mut rows = statement.query([])?;
    let mut read = Vec::new();
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                let values = (0..columns.len())
                    .map(|column| row.get(column))
                    .collect::<Result<_, _>>();
                match values {
                    Ok(values) => read.push(values),
                    Err(_) => return Ok((read, false)),
                }
            }
            Ok(None) => return Ok((read, true)),
            Err(_) => return Ok((read, false)),
        }
    }
}

/// The sessions up to the first that cannot be read, and whether that was all.
fn sessions(damaged: &Connection) -> rusqlite::Result<(Vec<SessionRow>, bool)> {
    // What a file of an older version does not have is read as nothing.
    let has = |column: &str| -> rusqlite::Result<bool> {
        damaged.query_row(
            "SELECT EXISTS (SELECT 1 FROM pragma_table_info('sessions') WHERE name = ?1)",
            [column],
            |row| row.get(0),
        )
    };
    let tags = if has("tags")? { "tags" } else { "'[]' AS tags" };
    let mut statement = damaged.prepare(&format!(
        "SELECT id, folder, folder_kind, parent, title, agent, model, created, updated, mark, unread, cost, demo, \
         0 AS needs_you, {tags} FROM sessions"
    ))?;
    let mut rows = statement.query([])?;
    let mut read = Vec::new();
    loop {
        let Ok(next) = rows.next() else {
            return Ok((read, false));
        };
        let Some(row) = next else { return Ok((read, true)) };
        match SessionRow::read(row) {
            Ok(session) => read.push(session),
            Err(_) => return Ok((read, false)),
        }
    }
}

/// Whether the columns that hold JSON do: one that does not would keep the app from starting.
fn json_holds(columns: &[String], json: &[&str], row: &[Value]) -> bool {
    columns.iter().zip(row).all(|(column, value)| {
        !json.contains(&column.as_str())
            || matches!(value, Value::Text(text) if serde_json::from_str::<serde_json::Value>(text).is_ok())
    })
}

#[cfg(test)]
mod tests;
