//! One transaction with the events of many requests.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::AssertSqlSafe;

use super::Cursor;
use super::contradictions::{contradictions, taken_by_others};
use super::ingest::Prepared;
use super::notes::{note_commands, note_desktops, note_pairings, note_sessions, note_used};
use crate::database::{Database, Tx};
use crate::presence::is_back;
use crate::rows::{Columns, chunks, damaged, placeholders, rows_of_placeholders};
use crate::rules::quotas::{Used, day, events_fit};
use crate::rules::through::{Taken, Through};
use crate::{Ingested, Limits, PairingId, Proven, SecretHash, StoreError, WakeKey};

/// Rows of one statement.
pub(super) const ROWS: usize = 256;

/// The events of one request.
pub(crate) struct Request {
    pub(crate) proven: Proven,
    pub(crate) events: Vec<Prepared>,
    pub(crate) now: i64,
}

/// How a pairing stands while its events are taken.
pub(super) struct Standing {
    pub(super) organization: String,
    pub(super) token: SecretHash,
    pub(super) revoked: bool,
    pub(super) position: i64,
    pub(super) through: Through,
    pub(super) last_seen: Option<i64>,
    pub(super) seen: i64,
    pub(super) desktop: Option<(Cursor, String)>,
    pub(super) accepted: bool,
}

/// An event that is new, and where it stands.
pub(super) struct Fresh<'r> {
    pub(super) pairing: &'r PairingId,
    pub(super) event: &'r Prepared,
    pub(super) cursor: Cursor,
    pub(super) received: i64,
    pub(super) which: Which,
}

/// Which event of which request.
pub(super) type Which = (usize, usize);

/// Writes them. Each request has its own answer; an error is one of the whole transaction. `begun` counts transactions.
pub(crate) async fn write(
    database: &Database,
    limits: &Limits,
    requests: &[Request],
    begun: &AtomicU64,
) -> Result<Vec<Result<Ingested, StoreError>>, StoreError> {
    // Pairings with an event whose id or sequence another one has. It shows when all is written; then all such events of
    // theirs are looked for, and all is written anew without those. That happens to no client that keeps to the protocol.
    let mut suspects = BTreeSet::new();
    loop {
        begun.fetch_add(1, Ordering::Relaxed);
        let mut tx = database.begin().await?;
        match write_without(&mut tx, limits, requests, &suspects).await? {
            Written::All(results) => {
                tx.commit().await?;
                return Ok(results);
            }
            Written::Not(of) => {
                let before = suspects.len();
                suspects.extend(
                    of.iter()
                        .map(|(number, _)| requests[*number].proven.pairing.clone()),
                );
                if suspects.len() == before {
                    return Err(damaged("events", &"contradict what is kept of their pairing"));
                }
            }
        }
    }
}

enum Written {
    All(Vec<Result<Ingested, StoreError>>),
    Not(Vec<Which>),
}

async fn write_without(
    tx: &mut Tx,
    limits: &Limits,
    requests: &[Request],
    suspects: &BTreeSet<PairingId>,
) -> Result<Written, StoreError> {
    let pairings = hold(tx, requests).await?;
    let refused = contradictions(tx, requests, &pairings, suspects).await?;
    let now = requests.iter().map(|request| request.now).max().unwrap_or(0);
    let used = read_used(tx, &pairings, now).await?;
    let mut batch = Batch {
        pairings,
        used,
        fresh: Vec::new(),
        known: Vec::new(),
        added: BTreeMap::new(),
    };
    let mut results: Vec<_> = requests
        .iter()
        .enumerate()
        .map(|(number, request)| batch.take(limits, number, request, &refused, now))
        .collect();
    let inserted = insert(tx, &batch.fresh).await?;
    let mut not = batch.leave_out(&inserted, &mut results);
    not.extend(taken_by_others(tx, requests, &batch.known).await?);
    if !not.is_empty() {
        return Ok(Written::Not(not));
    }
    note_sessions(tx, &batch.fresh).await?;
    note_desktops(tx, &batch.fresh, &mut batch.pairings).await?;
    note_pairings(tx, &batch.pairings).await?;
    note_used(tx, &batch.added, day(now)).await?;
    note_commands(tx, requests, &batch.fresh).await?;
    for (request, result) in requests.iter().zip(&mut results) {
        if let (Ok(ingested), Some(standing)) = (result, batch.pairings.get(&request.proven.pairing)) {
            ingested.through = standing.through.through();
        }
    }
    for (pairing, standing) in batch.pairings.iter().filter(|(_, standing)| standing.accepted) {
        // Also for what was there before: who sends it again may do so because nobody was told.
        tx.wake(WakeKey::Events(pairing.clone()));
        if standing.desktop.is_some() || is_back(standing.last_seen, standing.seen) {
            tx.wake(WakeKey::Pairing(pairing.clone()));
        }
    }
    Ok(Written::All(results))
}

/// Whether a request's token still is the right one.
pub(super) fn may_tell(pairings: &HashMap<PairingId, Standing>, request: &Request) -> bool {
    pairings.get(&request.proven.pairing).is_some_and(|standing| {
        standing.token == request.proven.token
            && !standing.revoked
            && standing.organization == request.proven.organization.as_str()
    })
}

/// What a transaction is about to keep.
struct Batch<'r> {
    pairings: HashMap<PairingId, Standing>,
    /// How the organizations' logs stand.
    used: HashMap<String, Used>,
    fresh: Vec<Fresh<'r>>,
    /// Events whose sequence is kept already.
    known: Vec<Which>,
    /// Events and bytes that come to the organizations' logs.
    added: BTreeMap<String, (i64, i64)>,
}

impl<'r> Batch<'r> {
    /// Takes the events of a request, as far as its desktop may tell them.
    fn take(
        &mut self,
        limits: &Limits,
        number: usize,
        request: &'r Request,
        refused: &HashSet<Which>,
        now: i64,
    ) -> Result<Ingested, StoreError> {
        let pairing = &request.proven.pairing;
        if !may_tell(&self.pairings, request) {
            return Err(StoreError::Revoked);
        }
        let standing = self.pairings.get_mut(pairing).ok_or(StoreError::Revoked)?;
        let used = self.used.entry(standing.organization.clone()).or_default();
        let bytes: usize = request.events.iter().map(Prepared::bytes).sum();
        events_fit(limits, *used, request.events.len() as u64, bytes as u64, now)
            .map_err(StoreError::Quota)?;
        standing.accepted = true;
        standing.seen = standing.seen.max(request.now);
        let mut ingested = Ingested::default();
        let mut bytes = 0;
        for (place, event) in request.events.iter().enumerate() {
            if refused.contains(&(number, place)) {
                ingested.refused.push(event.event.id.clone());
                continue;
            }
            let sequence = event.event.sequence;
            match sequence.map(|sequence| standing.through.take(sequence)) {
                None | Some(Taken::New) => {
                    standing.position += 1;
                    let order = sequence.unwrap_or(standing.through.through());
                    let cursor = Cursor {
                        order,
                        position: standing.position,
                    };
                    let received = request.now;
                    self.fresh.push(Fresh {
                        pairing,
                        event,
                        cursor,
                        received,
                        which: (number, place),
                    });
                    ingested.fresh += 1;
                    bytes += event.bytes();
                }
                Some(Taken::Known) => self.known.push((number, place)),
                Some(Taken::TooFar) => {}
            }
        }
        used.events_today += ingested.fresh as u64;
        used.log_bytes += bytes as u64;
        let sums = self.added.entry(standing.organization.clone()).or_default();
        sums.0 += i64::try_from(ingested.fresh).unwrap_or(i64::MAX);
        sums.1 += i64::try_from(bytes).unwrap_or(i64::MAX);
        Ok(ingested)
    }

    /// Leaves out what was there before. Says which of it is no repetition: those whose id is that of an event with
    /// another sequence.
    fn leave_out(
        &mut self,
        inserted: &HashSet<(&str, i64)>,
        results: &mut [Result<Ingested, StoreError>],
    ) -> Vec<Which> {
        let mut not = Vec::new();
        let Self {
            pairings,
            fresh,
            added,
            ..
        } = self;
        fresh.retain(|each| {
            let is_new = inserted.contains(&(each.pairing.as_str(), each.cursor.position));
            if !is_new && each.event.event.sequence.is_some() {
                not.push(each.which);
            } else if !is_new {
                if let Some(Ok(ingested)) = results.get_mut(each.which.0) {
                    ingested.fresh -= 1;
                }
                let standing = pairings.get(each.pairing);
                if let Some(sums) = standing.and_then(|standing| added.get_mut(&standing.organization)) {
                    sums.0 -= 1;
                    sums.1 -= i64::try_from(each.event.bytes()).unwrap_or(0);
                }
            }
            is_new
        });
        not
    }
}

/// Reads the pairings' rows and holds them, always in the same order, so that no two writers wait for each other.
async fn hold(tx: &mut Tx, requests: &[Request]) -> Result<HashMap<PairingId, Standing>, StoreError> {
    let mut ids: Vec<_> = requests
        .iter()
        .map(|request| request.proven.pairing.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let asked = ids.len().next_power_of_two();
    let lock = match tx.database().dialect() {
        crate::Dialect::Sqlite => "",
        crate::Dialect::Postgres => " FOR UPDATE",
    };
    let statement = format!(
        "SELECT id, organization, token, revoked, position, through, runs, last_seen FROM pairings WHERE id IN ({}) \
         ORDER BY id{lock}",
        placeholders(1, asked)
    );
    let mut query = sqlx::query(AssertSqlSafe(statement));
    for place in 0..asked {
        // Filled up with the last, so that few statements are prepared.
        query = query.bind(ids[place.min(ids.len() - 1)]);
    }
    query
        .fetch_all(tx.on())
        .await?
        .iter()
        .map(|row| {
            let through = Through::restore(row.number("through")?, &row.text("runs")?);
            Ok((
                row.id("id")?,
                Standing {
                    organization: row.text("organization")?,
                    token: SecretHash::stored(row.text("token")?),
                    revoked: row.maybe_number("revoked")?.is_some(),
                    position: row.number("position")?,
                    through: through.ok_or_else(|| damaged("runs", &"are out of order"))?,
                    last_seen: row.maybe_number("last_seen")?,
                    seen: 0,
                    desktop: None,
                    accepted: false,
                },
            ))
        })
        .collect()
}

/// How the organizations' logs stand. Two writers may pass a bound together by what one transaction holds.
async fn read_used(
    tx: &mut Tx,
    pairings: &HashMap<PairingId, Standing>,
    now: i64,
) -> Result<HashMap<String, Used>, StoreError> {
    let mut organizations: Vec<_> = pairings
        .values()
        .map(|standing| standing.organization.as_str())
        .collect();
    organizations.sort_unstable();
    organizations.dedup();
    let Some(last) = organizations.last() else {
        return Ok(HashMap::new());
    };
    let asked = organizations.len().next_power_of_two();
    let statement = format!(
        "SELECT log_sizes.organization, bytes, COALESCE(events, 0) AS events FROM log_sizes \
         LEFT JOIN used ON used.organization = log_sizes.organization AND day = $1 \
         WHERE log_sizes.organization IN ({})",
        placeholders(2, asked)
    );
    let mut query = sqlx::query(AssertSqlSafe(statement)).bind(day(now));
    for place in 0..asked {
        query = query.bind(*organizations.get(place).unwrap_or(last));
    }
    query
        .fetch_all(tx.on())
        .await?
        .iter()
        .map(|row| {
            let used = Used {
                events_today: row.count("events")?,
                log_bytes: row.count("bytes")?,
            };
            Ok((row.text("organization")?, used))
        })
        .collect()
}

/// Writes the rows, and says which of them were not there.
async fn insert<'r>(tx: &mut Tx, fresh: &[Fresh<'r>]) -> Result<HashSet<(&'r str, i64)>, StoreError> {
    let by_name: HashMap<&str, &'r str> = fresh
        .iter()
        .map(|each| (each.pairing.as_str(), each.pairing.as_str()))
        .collect();
    let mut inserted = HashSet::with_capacity(fresh.len());
    for range in chunks(fresh.len(), ROWS) {
        let statement = format!(
            "INSERT INTO events (pairing, event, ordering, position, sequence, kind, detail, workspace, session, \
             command, subject, piece, payload, occurred, received) VALUES {} ON CONFLICT DO NOTHING \
             RETURNING pairing, position",
            rows_of_placeholders(tx.database().dialect(), range.len(), 15)
        );
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for each in &fresh[range] {
            let event = &each.event.event;
            query = query
                .bind(each.pairing.as_str())
                .bind(event.id.as_str())
                .bind(each.cursor.order)
                .bind(each.cursor.position)
                .bind(event.sequence)
                .bind(super::read::kind_word(event.kind))
                .bind(each.event.about.detail.as_str())
                .bind(event.workspace.as_deref())
                .bind(event.session.as_ref().map(crate::SessionId::as_str))
                .bind(event.command.as_deref())
                .bind(each.event.about.subject.as_deref())
                .bind(each.event.about.piece.as_deref())
                .bind(each.event.payload.as_deref())
                .bind(event.occurred)
                .bind(each.received);
        }
        for row in query.fetch_all(tx.on()).await? {
            if let Some(pairing) = by_name.get(row.text("pairing")?.as_str()) {
                inserted.insert((*pairing, row.number("position")?));
            }
        }
    }
    Ok(inserted)
}
