//! Searches a person saved under a name.

use rusqlite::{OptionalExtension, TransactionBehavior};

use crate::error::bounded;
use crate::search::QUERY_LIMIT;
use crate::{Facets, Store, StoreError};

/// How many are kept: a list that is read at a glance.
pub const FILTERS_LIMIT: u32 = 50;
/// The longest name, in bytes.
pub const FILTER_NAME_LIMIT: usize = 200;

/// A search with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchFilter {
    /// Its number. None is given twice.
    pub id: i64,
    /// What the person calls it.
    pub name: String,
    /// What is searched for.
    pub query: String,
    /// What the search is narrowed to.
    pub facets: Facets,
}

impl Store {
    /// The saved searches, in the person's order.
    ///
    /// # Errors
    /// [`StoreError::Value`] when what is stored is none; otherwise as any call.
    pub fn search_filters(&self) -> Result<Vec<SearchFilter>, StoreError> {
        let reader = self.reader()?;
        let mut statement =
            reader.prepare_cached("SELECT id, name, query, facets FROM search_filters ORDER BY place, id")?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get(0)?,
                    row.get::<_, String>(1)?,
                    row.get(2)?,
                    row.get::<_, String>(3)?,
                ))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter()
            .map(|(id, name, query, facets)| {
                let facets = serde_json::from_str(&facets).map_err(|source| StoreError::Value {
                    what: format!("the saved search {name}"),
                    source,
                })?;
                Ok(SearchFilter {
                    id,
                    name,
                    query,
                    facets,
                })
            })
            .collect()
    }

    /// Saves a search at the end of the list. With the name of another it takes that one's place. Its number.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`FILTER_NAME_LIMIT`] or [`QUERY_LIMIT`], [`StoreError::TooMany`] when
    /// [`FILTERS_LIMIT`] are there already. On any error nothing is saved.
    pub fn save_search_filter(
        &self,
        name: &str,
        query: &str,
        facets: &Facets,
        now: i64,
    ) -> Result<i64, StoreError> {
        bounded("the name", name, FILTER_NAME_LIMIT)?;
        bounded("the search", query, QUERY_LIMIT)?;
        let facets = serde_json::to_string(facets).map_err(|source| StoreError::Value {
            what: format!("the saved search {name}"),
            source,
        })?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known: Option<i64> = transaction
            .query_row("SELECT id FROM search_filters WHERE name = ?1", [name], |row| {
                row.get(0)
            })
            .optional()?;
        let id = if let Some(id) = known {
            transaction.execute(
                "UPDATE search_filters SET query = ?2, facets = ?3 WHERE id = ?1",
                (id, query, facets),
            )?;
            id
        } else {
            let count: u32 =
                transaction.query_row("SELECT count(*) FROM search_filters", [], |row| row.get(0))?;
            if count >= FILTERS_LIMIT {
                return Err(StoreError::TooMany {
                    what: "saved searches",
                    limit: FILTERS_LIMIT,
                });
            }
            transaction.execute(
                "INSERT INTO search_filters (name, query, facets, place, created) VALUES (?1, ?2, ?3, \
                 (SELECT coalesce(max(place), 0) + 1 FROM search_filters), ?4)",
                (name, query, facets, now),
            )?;
            transaction.last_insert_rowid()
        };
        transaction.commit()?;
        Ok(id)
    }

    /// Gives a saved search another name. Whether it is there.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`FILTER_NAME_LIMIT`].
    pub fn rename_search_filter(&self, id: i64, name: &str) -> Result<bool, StoreError> {
        bounded("the name", name, FILTER_NAME_LIMIT)?;
        let changed = self
            .connection()
            .execute("UPDATE search_filters SET name = ?2 WHERE id = ?1", (id, name))?;
        Ok(changed > 0)
    }

    /// Deletes a saved search. Whether it was there.
    ///
    /// # Errors
    /// [`StoreError`]; then it is still there.
    pub fn delete_search_filter(&self, id: i64) -> Result<bool, StoreError> {
        let changed = self
            .connection()
            .execute("DELETE FROM search_filters WHERE id = ?1", [id])?;
        Ok(changed > 0)
    }

    /// Puts the saved searches into an order. Those that are not named keep theirs, behind the others.
    ///
    /// # Errors
    /// [`StoreError`]; then the order stays.
    pub fn order_search_filters(&self, order: &[i64]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let first = i64::from(FILTERS_LIMIT);
        transaction.execute("UPDATE search_filters SET place = place + ?1", [first])?;
        for (place, id) in (0..first).zip(order) {
            transaction.execute("UPDATE search_filters SET place = ?2 WHERE id = ?1", (id, place))?;
        }
        transaction.commit()?;
        Ok(())
    }
}
