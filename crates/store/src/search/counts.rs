//! What the sessions that a search finds have in common.

use std::cmp::Reverse;
use std::collections::HashMap;

use rusqlite::Connection;

use super::find::{DAY, Group};
use super::{Facet, FacetCounts};
use crate::StoreError;

/// Facets of a kind that are answered; a longer list is read by nobody.
const FACETS_ANSWERED: usize = 20;
/// Ages by which is counted, in days.
const AGES: [u32; 4] = [1, 7, 30, 365];

/// How many of the sessions have which facet.
pub(super) fn counted(
    connection: &Connection,
    groups: &[Group],
    now: i64,
) -> Result<FacetCounts, StoreError> {
    let (mut folders, mut agents, mut models) = (HashMap::new(), HashMap::new(), HashMap::new());
    let mut tags: HashMap<&str, u32> = HashMap::new();
    let mut facets = FacetCounts::default();
    let mut ages = [0; AGES.len()];
    for group in groups {
        let session = &group.session;
        *folders.entry(session.folder).or_default() += 1;
        count(&mut agents, &group.agents, session.agent);
        count(&mut models, &group.models, session.model);
        for (age, count) in AGES.iter().zip(&mut ages) {
            *count += u32::from(session.updated >= now - i64::from(*age) * DAY);
        }
        for tag in &session.tags {
            *tags.entry(tag.as_str()).or_default() += 1;
        }
        facets.has_changes += u32::from(session.has_changes);
        facets.needs_you += u32::from(session.needs_you);
    }
    facets.folders = most(connection, folders)?;
    facets.agents = most(connection, agents)?;
    facets.models = most(connection, models)?;
    facets.tags = tags
        .into_iter()
        .map(|(tag, count)| Facet {
            value: tag.to_owned(),
            count,
        })
        .collect();
    by_count(&mut facets.tags);
    facets.tags.truncate(FACETS_ANSWERED);
    facets.within_days = AGES
        .into_iter()
        .zip(ages)
        .map(|(value, count)| Facet { value, count })
        .collect();
    Ok(facets)
}

/// Counts the names of a session's matches; of a title alone, the session's own.
fn count(counts: &mut HashMap<i64, u32>, names: &[i64], own: Option<i64>) {
    for name in names.iter().copied().chain(own.filter(|_| names.is_empty())) {
        *counts.entry(name).or_default() += 1;
    }
}

/// The names that most have.
fn most(connection: &Connection, counts: HashMap<i64, u32>) -> rusqlite::Result<Vec<Facet<String>>> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(name, count)| (Reverse(*count), *name));
    counts.truncate(FACETS_ANSWERED);
    let mut facets = counts
        .into_iter()
        .map(|(name, count)| {
            let value: String = connection
                .prepare_cached("SELECT text FROM names WHERE id = ?1")?
                .query_row([name], |row| row.get(0))?;
            Ok(Facet { value, count })
        })
        .collect::<rusqlite::Result<Vec<_>>>()?;
    by_count(&mut facets);
    Ok(facets)
}

fn by_count(facets: &mut [Facet<String>]) {
    facets.sort_by(|one, other| {
        other
            .count
            .cmp(&one.count)
            .then_with(|| one.value.cmp(&other.value))
    });
}
