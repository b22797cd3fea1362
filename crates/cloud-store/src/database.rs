//! Connections and transactions.

use std::time::{Duration, Instant};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Transaction};

use crate::wakes::Listening;
use crate::{Dialect, Options, StoreError, WakeKey, Wakes, migrate};

/// How long a transaction waits for a row that somebody else holds before it is begun again.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// How long SQLite waits for another process that writes: a backup, or the command line.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a transaction is begun again when somebody held what it needed.
const ATTEMPTS: u32 = 8;
/// And for how long: whoever asked waits fifteen seconds for an answer.
const ATTEMPTS_FOR: Duration = Duration::from_secs(6);

/// The connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    dialect: Dialect,
    /// With SQLite one alone: two that write would only wait for each other.
    writing: AnyPool,
    reading: AnyPool,
    wakes: Wakes,
    listening: Option<Listening>,
}

impl Database {
    pub(crate) async fn open(options: &Options) -> Result<Self, StoreError> {
        let dialect = options.dialect()?;
        let (writing, reading) = match dialect {
            Dialect::Sqlite => (pool(options, 1, false), pool(options, options.connections, true)),
            Dialect::Postgres => {
                let both = pool(options, options.connections, false)?;
                (Ok(both.clone()), Ok(both))
            }
        };
        let (writing, reading) = (writing?, reading?);
        migrate::check(&writing, dialect).await?;
        let wakes = Wakes::new();
        let listening = match dialect {
            Dialect::Sqlite => None,
            Dialect::Postgres => Some(Listening::start(&options.address, &writing, &wakes).await?),
        };
        Ok(Self {
            dialect,
            writing,
            reading,
            wakes,
            listening,
        })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    /// Whatever only reads, one statement at a time.
    pub(crate) fn reading(&self) -> &AnyPool {
        &self.reading
    }

    /// One statement that writes, by itself.
    pub(crate) fn writing(&self) -> &AnyPool {
        &self.writing
    }

    /// A transaction that writes. What is in it is kept by [`Tx::commit`] alone. Whoever asked may go at any moment.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        let (dialect, pool) = (self.dialect, self.writing.clone());
        let inner = unhurried(async move {
            Ok(match dialect {
                // Not upgraded from one that reads, which would fail where somebody else wrote in between.
                Dialect::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await?,
                Dialect::Postgres => pool.begin().await?,
            })
        })
        .await?;
        Ok(Tx {
            inner,
            database: self.clone(),
            wakes: Vec::new(),
        })
    }

    /// Tells this process at once, and the others as soon as may be.
    pub(crate) fn wake(&self, keys: Vec<WakeKey>) {
        if keys.is_empty() {
            return;
        }
        self.wakes.wake(&keys);
        if let Some(listening) = &self.listening {
            listening.tell(keys);
        }
    }

    /// A statement with its rows locked until the end of the transaction, where that is not so anyway.
    pub(crate) fn locking(&self, statement: &'static str) -> AssertSqlSafe<String> {
        self.with(statement, " FOR UPDATE")
    }

    /// The same, without the rows that somebody else has locked.
    pub(crate) fn locking_free(&self, statement: &'static str) -> AssertSqlSafe<String> {
        self.with(statement, " FOR UPDATE SKIP LOCKED")
    }

    fn with(&self, statement: &'static str, end: &'static str) -> AssertSqlSafe<String> {
        AssertSqlSafe(match self.dialect {
            Dialect::Sqlite => statement.to_owned(),
            Dialect::Postgres => format!("{statement}{end}"),
        })
    }

    pub(crate) async fn close(&self) {
        if let Some(listening) = &self.listening {
            listening.stop().await;
        }
        self.writing.close().await;
        self.reading.close().await;
    }
}

fn pool(options: &Options, connections: u32, only_reads: bool) -> Result<AnyPool, StoreError> {
    let dialect = options.dialect()?;
    let prepare = prepare(options, dialect, only_reads);
    let connect = connect_options(options, false)?;
    Ok(AnyPoolOptions::new()
        .max_connections(connections.max(1))
        .acquire_timeout(options.acquire_timeout)
        // A file does not go away, and a server's connections are asked before they are used: it may have been started
        // anew since.
        .test_before_acquire(dialect == Dialect::Postgres)
        .after_connect(move |connection, _| {
            let prepare = prepare.clone();
            Box::pin(async move {
                sqlx::raw_sql(AssertSqlSafe(prepare)).execute(connection).await?;
                Ok(())
            })
        })
        .connect_lazy_with(connect))
}

/// One connection outside of any pool, for making the database ready. `create`: SQLite's file may be missing.
pub(crate) async fn connect_once(options: &Options) -> Result<AnyConnection, StoreError> {
    let dialect = options.dialect()?;
    let mut connection = connect_options(options, true)?.connect().await?;
    let prepare = match dialect {
        Dialect::Sqlite => {
            format!(
                "PRAGMA busy_timeout = {}; PRAGMA auto_vacuum = INCREMENTAL;",
                BUSY_TIMEOUT.as_millis()
            )
        }
        // A step may take long, and so may waiting for another process that takes it.
        Dialect::Postgres => "SET statement_timeout = 0; SET lock_timeout = 0".to_owned(),
    };
    sqlx::raw_sql(AssertSqlSafe(prepare))
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

fn connect_options(options: &Options, create: bool) -> Result<AnyConnectOptions, StoreError> {
    sqlx::any::install_default_drivers();
    let address = match options.sqlite_file() {
        Some(file) => {
            let file = file
                .to_str()
                .ok_or_else(|| StoreError::Address("its path is not UTF-8".to_owned()))?;
            format!(
                "sqlite:{}?mode={}",
                in_percent(file),
                if create { "rwc" } else { "rw" }
            )
        }
        None => options.address.clone(),
    };
    let connect: AnyConnectOptions =
        // Not what it says itself: there may be a password in the address.
        address.parse().map_err(|_: sqlx::Error| StoreError::Address("it cannot be read".to_owned()))?;
    Ok(connect.disable_statement_logging())
}

/// A path as a part of an address.
fn in_percent(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes()
        .fold(String::with_capacity(path.len()), |mut address, byte| {
            if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) {
                address.push(char::from(byte));
            } else {
                // Writing into a string cannot fail.
                let _ = write!(address, "%{byte:02X}");
            }
            address
        })
}

/// What each connection is told first.
fn prepare(options: &Options, dialect: Dialect, only_reads: bool) -> String {
    match dialect {
        // Each commit is on the disk before it is answered, also when the machine loses its power: what a desktop is
        // told to be kept it lets go of.
        Dialect::Sqlite => format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864; \
             PRAGMA query_only = {};",
            BUSY_TIMEOUT.as_millis(),
            u8::from(only_reads)
        ),
        Dialect::Postgres => format!(
            "SET application_name = 'open-cowork-cloud'; SET statement_timeout = {}; SET lock_timeout = {}; \
             SET idle_in_transaction_session_timeout = 30000; SET synchronous_commit = on; \
             SET default_transaction_isolation = 'read committed'",
            options.statement_timeout.as_millis(),
            LOCK_TIMEOUT.as_millis()
        ),
    }
}

/// Does something to its end, also when whoever waits for it goes, as a request does whose client is gone. A beginning
/// that is dropped half way leaves its connection inside of a transaction that nobody ends, and whatever is written
/// there next with it; an end that is dropped is kept, and nobody is told.
async fn unhurried<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    // It is not ended by anybody, so what is no answer is a runtime that stops.
    tokio::spawn(work).await.unwrap_or(Err(StoreError::Closed))
}

/// A transaction, and who is to be told when it is kept.
pub(crate) struct Tx {
    inner: Transaction<'static, Any>,
    database: Database,
    wakes: Vec<WakeKey>,
}

impl Tx {
    /// What statements are run on.
    pub(crate) fn on(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Wakes who waits for that, once the transaction is kept.
    pub(crate) fn wake(&mut self, key: WakeKey) {
        self.wakes.push(key);
    }

    /// Keeps it, and tells.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        unhurried(async move {
            self.inner.commit().await?;
            self.database.wake(self.wakes);
            Ok(())
        })
        .await
    }
}

/// How often a transaction was begun.
pub(crate) struct Attempts {
    count: u32,
    since: Instant,
}

impl Attempts {
    pub(crate) fn new() -> Self {
        Self {
            count: 0,
            since: Instant::now(),
        }
    }

    /// Whether it is worth to begin again after that, once a moment is over in which whoever was in the way can go on.
    pub(crate) async fn again(&mut self, error: &StoreError) -> bool {
        self.count += 1;
        if self.count >= ATTEMPTS || self.since.elapsed() > ATTEMPTS_FOR || !error.may_go_through() {
            return false;
        }
        let mut random = [0];
        // Without random numbers the moments are alike, which is no worse than slow.
        let _ = getrandom::fill(&mut random);
        let milliseconds = u64::from(random[0]) * u64::from(self.count) / 32 + 1;
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        true
    }
}

/// Runs what is given in a transaction, keeps it, and begins again when somebody else was in the way. It may be run more
/// than once, so it changes nothing but the transaction.
macro_rules! transaction {
    ($database:expr, |$tx:ident| $body:block) => {{
        let mut attempts = $crate::database::Attempts::new();
        loop {
            let result: Result<_, $crate::StoreError> = async {
                let mut $tx = $database.begin().await?;
                let value = $body;
                $tx.commit().await?;
                Ok(value)
            }
            .await;
            match result {
                Err(error) if attempts.again(&error).await => {}
                other => break other,
            }
        }
    }};
}

pub(crate) use transaction;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_it_was_behind_an_address() {
        assert_eq!(in_percent("/srv/a b/ü?.db"), "/srv/a%20b/%C3%BC%3F.db");
    }
}
