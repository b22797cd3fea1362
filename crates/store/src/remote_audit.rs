//! What was done with pairings and over them, to be looked back on. It is added to alone: the database itself refuses to
//! change a row, and to let go of one of the newest.

use rusqlite::{Row, Transaction, TransactionBehavior};

use crate::pairings::WHO_LIMIT;
use crate::{Store, StoreError};

/// Rows that are kept, the newest.
pub const AUDIT_LIMIT: u32 = 5_000;
/// Bytes of what is said in a row. More of it is cut.
pub const AUDIT_TEXT_LIMIT: usize = 1_024;

/// A row to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAuditRow {
    /// The pairing.
    pub pairing: String,
    /// What this desktop is called there now.
    pub label: String,
    /// What happened, by a name of the caller's.
    pub action: String,
    /// Who did it, where it came from afar.
    pub who: Option<String>,
    /// More of it.
    pub detail: String,
    /// When, in milliseconds since the epoch.
    pub at: i64,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Counts up over all pairings.
    pub number: i64,
    /// What it says.
    pub row: NewAuditRow,
}

impl AuditRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            row: NewAuditRow {
                pairing: row.get("pairing")?,
                label: row.get("label")?,
                action: row.get("action")?,
                who: row.get("who")?,
                detail: row.get("detail")?,
                at: row.get("at")?,
            },
        })
    }
}

/// A text up to so many bytes: what happened must not go unsaid because somebody sent a long name.
fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

impl Store {
    /// Adds rows, and forgets the oldest beyond [`AUDIT_LIMIT`]. A text that is too long is cut.
    ///
    /// # Errors
    /// [`StoreError`]; then none is added.
    pub fn add_audit(&self, rows: &[NewAuditRow]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        add(&transaction, rows)?;
        transaction.commit()?;
        Ok(())
    }

    /// The newest rows, of one pairing or of all, before one of them where it is named; `count` at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit(
        &self,
        pairing: Option<&str>,
        before: Option<i64>,
        count: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT * FROM remote_audit WHERE (?1 IS NULL OR pairing = ?1) AND number < coalesce(?2, number + 1) \
             ORDER BY number DESC LIMIT ?3",
        )?;
        let rows = statement.query_map((pairing, before, count), AuditRow::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many rows there are, of one pairing or of all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit_count(&self, pairing: Option<&str>) -> Result<u64, StoreError> {
        let count: i64 = self.reader()?.query_row(
            "SELECT count(*) FROM remote_audit WHERE ?1 IS NULL OR pairing = ?1",
            [pairing],
            |row| row.get(0),
        )?;
        Ok(count.unsigned_abs())
    }
}

/// Adds rows, within a transaction of the caller's.
pub(crate) fn add(transaction: &Transaction<'_>, rows: &[NewAuditRow]) -> rusqlite::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut add = transaction.prepare_cached(
        "INSERT INTO remote_audit (pairing, label, action, who, detail, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for row in rows {
        add.execute((
            &row.pairing,
            cut(&row.label, AUDIT_TEXT_LIMIT),
            cut(&row.action, AUDIT_TEXT_LIMIT),
            row.who.as_deref().map(|who| cut(who, WHO_LIMIT)),
            cut(&row.detail, AUDIT_TEXT_LIMIT),
            row.at,
        ))?;
    }
    transaction
        .prepare_cached(
            "DELETE FROM remote_audit WHERE number <= (SELECT max(number) FROM remote_audit) - ?1",
        )?
        .execute([AUDIT_LIMIT])?;
    Ok(())
}
