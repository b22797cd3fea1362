//! Events that contradict what is kept: an id under another sequence, or a sequence under another id.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlx::AssertSqlSafe;

use super::NewEvent;
use super::write::{ROWS, Request, Standing, Which, may_tell};
use crate::database::Tx;
use crate::rows::{Columns, chunks, placeholders};
use crate::{PairingId, StoreError};

/// Of events whose sequence is kept, those that are not the kept ones. What is not there any more was let go of.
pub(super) async fn taken_by_others(
    tx: &mut Tx,
    requests: &[Request],
    known: &[Which],
) -> Result<Vec<Which>, StoreError> {
    let mut by_pairing: BTreeMap<&PairingId, Vec<(i64, &str, Which)>> = BTreeMap::new();
    for &(number, place) in known {
        let request = &requests[number];
        let event = &request.events[place].event;
        if let Some(sequence) = event.sequence {
            let list = by_pairing.entry(&request.proven.pairing).or_default();
            list.push((sequence, event.id.as_str(), (number, place)));
        }
    }
    let mut others = Vec::new();
    for (pairing, list) in by_pairing {
        let sequences: Vec<_> = list.iter().map(|(sequence, ..)| *sequence).collect();
        let mut kept = Kept::default();
        kept.read_sequences(tx, pairing, &sequences).await?;
        others.extend(
            list.iter()
                .filter(|(sequence, id, _)| kept.by_sequence.get(sequence).is_some_and(|there| there != id))
                .map(|(_, _, which)| *which),
        );
    }
    Ok(others)
}

/// All events of some pairings that contradict what is kept, or another that stands before them. The pairings' rows are
/// held, so that nothing is added to what is kept meanwhile. It is asked for those alone of which one was found: found one
/// by one, each would cost a transaction.
pub(super) async fn contradictions(
    tx: &mut Tx,
    requests: &[Request],
    pairings: &HashMap<PairingId, Standing>,
    suspects: &BTreeSet<PairingId>,
) -> Result<HashSet<Which>, StoreError> {
    let mut found = HashSet::new();
    for pairing in suspects {
        let told: Vec<(Which, &NewEvent)> = requests
            .iter()
            .enumerate()
            .filter(|(_, request)| request.proven.pairing == *pairing && may_tell(pairings, request))
            .flat_map(|(number, request)| {
                let events = request.events.iter().enumerate();
                events.map(move |(place, prepared)| ((number, place), &prepared.event))
            })
            .collect();
        let ids: Vec<_> = told.iter().map(|(_, event)| event.id.as_str()).collect();
        let sequences: Vec<_> = told.iter().filter_map(|(_, event)| event.sequence).collect();
        let mut kept = Kept::default();
        kept.read_ids(tx, pairing, &ids).await?;
        kept.read_sequences(tx, pairing, &sequences).await?;
        for (which, event) in told {
            if !kept.takes(event) {
                found.insert(which);
            }
        }
    }
    Ok(found)
}

/// What is kept of a pairing's events, as far as it was asked for.
#[derive(Default)]
struct Kept {
    by_id: HashMap<String, Option<i64>>,
    by_sequence: HashMap<i64, String>,
}

impl Kept {
    async fn read_ids(&mut self, tx: &mut Tx, pairing: &PairingId, ids: &[&str]) -> Result<(), StoreError> {
        for range in chunks(ids.len(), ROWS) {
            let part = &ids[range];
            let statement = format!(
                "SELECT event, sequence FROM events WHERE pairing = $1 AND event IN ({})",
                placeholders(2, part.len())
            );
            let mut query = sqlx::query(AssertSqlSafe(statement)).bind(pairing.as_str());
            for id in part {
                query = query.bind(*id);
            }
            for row in query.fetch_all(tx.on()).await? {
                self.by_id
                    .insert(row.text("event")?, row.maybe_number("sequence")?);
            }
        }
        Ok(())
    }

    async fn read_sequences(
        &mut self,
        tx: &mut Tx,
        pairing: &PairingId,
        sequences: &[i64],
    ) -> Result<(), StoreError> {
        for range in chunks(sequences.len(), ROWS) {
            let part = &sequences[range];
            let statement = format!(
                "SELECT event, sequence FROM events WHERE pairing = $1 AND sequence IN ({})",
                placeholders(2, part.len())
            );
            let mut query = sqlx::query(AssertSqlSafe(statement)).bind(pairing.as_str());
            for sequence in part {
                query = query.bind(*sequence);
            }
            for row in query.fetch_all(tx.on()).await? {
                self.by_sequence
                    .insert(row.number("sequence")?, row.text("event")?);
            }
        }
        Ok(())
    }

    /// Whether an event goes with what is there. From then on it is there.
    fn takes(&mut self, event: &NewEvent) -> bool {
        let id = event.id.as_str();
        let Some(sequence) = event.sequence else {
            // It is known by its id alone, and is a repetition where that is there.
            self.by_id.entry(id.to_owned()).or_insert(None);
            return true;
        };
        let takes = self.by_id.get(id).is_none_or(|there| *there == Some(sequence))
            && self.by_sequence.get(&sequence).is_none_or(|there| there == id);
        if takes {
            self.by_id.insert(id.to_owned(), Some(sequence));
            self.by_sequence.insert(sequence, id.to_owned());
        }
        takes
    }
}
