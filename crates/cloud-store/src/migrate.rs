//! Making the database ready, step by step and only forward.

use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, AnyPool, Connection, Row};

use crate::database::connect_once;
use crate::{Dialect, Options, StoreError};

/// A step: what it is for each database.
struct Step {
    number: i64,
    sqlite: &'static str,
    postgres: &'static str,
}

impl Step {
    fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    fn checksum(&self, dialect: Dialect) -> String {
        hex::encode(Sha256::digest(self.sql(dialect).as_bytes()))
    }
}

macro_rules! step {
    ($number:literal, $name:literal) => {
        Step {
            number: $number,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// Every step, in order. One that was taken anywhere is never changed: the next is added.
const STEPS: &[Step] = &[
    step!(1, "0001_beginning"),
    step!(2, "0002_inviters"),
    step!(3, "0003_settled"),
];

/// Where everybody who makes the database ready waits for each other: any number that nobody else takes.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7310577330712)";

const STEPS_TABLE: &str =
    "CREATE TABLE IF NOT EXISTS steps (number BIGINT PRIMARY KEY, checksum TEXT NOT NULL)";
const STEPS_TABLE_SQLITE: &str =
    "CREATE TABLE IF NOT EXISTS steps (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT";

/// What making ready came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The step it was at; 0 when it was empty.
    pub from: i64,
    /// The step it is at.
    pub to: i64,
}

/// The step this version needs.
pub(crate) fn known() -> i64 {
    STEPS.last().map_or(0, |step| step.number)
}

pub(crate) async fn migrate(options: &Options) -> Result<Migrated, StoreError> {
    let dialect = options.dialect()?;
    let mut connection = connect_once(options).await?;
    let migrated = take_steps(&mut connection, dialect, STEPS).await;
    // Whatever became of it is known already.
    let _ = connection.close().await;
    migrated
}

async fn take_steps(
    connection: &mut AnyConnection,
    dialect: Dialect,
    steps: &[Step],
) -> Result<Migrated, StoreError> {
    if dialect == Dialect::Sqlite {
        // It cannot be changed inside of a transaction, and stays with the file.
        sqlx::raw_sql("PRAGMA journal_mode = WAL")
            .execute(&mut *connection)
            .await?;
    }
    // All steps or none: both databases take a schema's changes back.
    let mut transaction = match dialect {
        Dialect::Sqlite => connection.begin_with("BEGIN EXCLUSIVE").await?,
        Dialect::Postgres => {
            let mut transaction = connection.begin().await?;
            sqlx::query(LOCK).execute(&mut *transaction).await?;
            transaction
        }
    };
    sqlx::query(match dialect {
        Dialect::Sqlite => STEPS_TABLE_SQLITE,
        Dialect::Postgres => STEPS_TABLE,
    })
    .execute(&mut *transaction)
    .await?;
    let taken = sqlx::query("SELECT number, checksum FROM steps ORDER BY number")
        .fetch_all(&mut *transaction)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<Vec<(i64, String)>, sqlx::Error>>()?;
    let from = judge(&taken, dialect, steps)?;
    for step in steps.iter().filter(|step| step.number > from) {
        sqlx::raw_sql(step.sql(dialect))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO steps (number, checksum) VALUES ($1, $2)")
            .bind(step.number)
            .bind(step.checksum(dialect))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(Migrated {
        from,
        to: steps.last().map_or(0, |step| step.number),
    })
}

/// The step that the database is at, when what was taken is what is known.
fn judge(taken: &[(i64, String)], dialect: Dialect, steps: &[Step]) -> Result<i64, StoreError> {
    let known = steps.last().map_or(0, |step| step.number);
    let found = taken.last().map_or(0, |(number, _)| *number);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (step, (number, checksum)) in steps.iter().zip(taken) {
        if step.number != *number || step.checksum(dialect) != *checksum {
            return Err(StoreError::OtherHistory { step: *number });
        }
    }
    Ok(found)
}

/// Refuses a database that is not ready for exactly this version, and says at which step it is.
pub(crate) async fn check(pool: &AnyPool, dialect: Dialect) -> Result<i64, StoreError> {
    let found = match taken(pool).await {
        Ok(taken) => judge(&taken, dialect, STEPS)?,
        // Nothing was ever made there: no such table, or no such file.
        Err(StoreError::Database(sqlx::Error::Database(error)))
            if error
                .code()
                .is_some_and(|code| ["42P01", "1", "14"].contains(&&*code)) =>
        {
            0
        }
        Err(error) => return Err(error),
    };
    let known = known();
    if found < known {
        Err(StoreError::NotMigrated { found, known })
    } else {
        Ok(found)
    }
}

async fn taken(pool: &AnyPool) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = sqlx::query("SELECT number, checksum FROM steps ORDER BY number")
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECTS: [Dialect; 2] = [Dialect::Sqlite, Dialect::Postgres];

    fn all_taken(dialect: Dialect) -> Vec<(i64, String)> {
        STEPS
            .iter()
            .map(|step| (step.number, step.checksum(dialect)))
            .collect()
    }

    #[test]
    fn steps_are_numbered_without_a_hole() {
        for (place, step) in (1..).zip(STEPS) {
            assert_eq!(step.number, place);
        }
    }

    #[test]
    fn a_newer_database_and_another_history_are_refused() {
        for dialect in DIALECTS {
            assert_eq!(judge(&[], dialect, STEPS).unwrap(), 0);
            let mut taken = all_taken(dialect);
            assert_eq!(judge(&taken, dialect, STEPS).unwrap(), known());
            taken.push((known() + 1, String::new()));
            assert!(matches!(
                judge(&taken, dialect, STEPS),
                Err(StoreError::Newer { .. })
            ));
            taken.pop();
            taken[0].1 = "other".to_owned();
            assert!(matches!(
                judge(&taken, dialect, STEPS),
                Err(StoreError::OtherHistory { step: 1 })
            ));
        }
    }

    #[tokio::test]
    async fn a_database_goes_on_from_the_step_it_is_at_or_stays_there() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::at(format!("sqlite:{}/steps.db", folder.path().display()));
        let mut connection = connect_once(&options).await.unwrap();
        let first = take_steps(&mut connection, Dialect::Sqlite, &STEPS[..1])
            .await
            .unwrap();
        assert_eq!((first.from, first.to), (0, 1));
        sqlx::raw_sql(
            "INSERT INTO organizations VALUES ('org', 'Example', 0, 0); \
             INSERT INTO invitations VALUES ('inv', 'org', 'ada@example.org', 'member', 'hash', 0, 1)",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        // All of what is missing or nothing.
        let broken = Step {
            number: known() + 1,
            sqlite: "CREATE TABLE half_done (id TEXT); CREATE TABLE half_done (id TEXT)",
            postgres: "",
        };
        let with_broken: Vec<_> = STEPS
            .iter()
            .map(|step| Step { ..*step })
            .chain([broken])
            .collect();
        assert!(
            take_steps(&mut connection, Dialect::Sqlite, &with_broken)
                .await
                .is_err()
        );
        assert_eq!(count(&mut connection, "SELECT COUNT(*) FROM steps").await, 1);
        assert_eq!(
            count(&mut connection, "SELECT COUNT(*) FROM invitations").await,
            1
        );
        connection.close().await.unwrap();

        let migrated = migrate(&options).await.unwrap();
        assert_eq!((migrated.from, migrated.to), (1, known()));
        let mut connection = connect_once(&options).await.unwrap();
        assert_eq!(
            count(&mut connection, "SELECT COUNT(*) FROM organizations").await,
            1
        );
        assert_eq!(
            count(&mut connection, "SELECT COUNT(inviter) FROM invitations").await,
            0
        );
        assert_eq!(migrate(&options).await.unwrap().from, known());
    }

    async fn count(connection: &mut AnyConnection, statement: &'static str) -> i64 {
        sqlx::query(statement)
            .fetch_one(connection)
            .await
            .unwrap()
            .try_get(0)
            .unwrap()
    }

    /// Names of tables, columns and indexes, one after the other.
    fn names(sql: &str) -> Vec<&str> {
        sql.lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("--"))
            .flat_map(|line| line.split(|each: char| !each.is_ascii_alphanumeric() && each != '_'))
            .filter(|word| {
                !word.is_empty()
                    && !["BIGINT", "INTEGER", "STRICT", "WITH", "fillfactor"].contains(word)
                    && !word.bytes().all(|byte| byte.is_ascii_digit())
            })
            .collect()
    }

    #[test]
    fn both_databases_have_the_same_tables() {
        for step in STEPS {
            assert_eq!(names(step.sqlite), names(step.postgres), "step {}", step.number);
        }
    }
}
