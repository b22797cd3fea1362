//! Reading columns.

use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::{Dialect, StoreError};

/// A column that does not hold what is written there.
pub(crate) fn damaged(what: &'static str, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged {
        what,
        why: why.to_string(),
    }
}

/// Reading columns.
pub(crate) trait Columns {
    fn text(&self, column: &'static str) -> Result<String, StoreError>;
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError>;
    fn number(&self, column: &'static str) -> Result<i64, StoreError>;
    fn maybe_number(&self, column: &'static str) -> Result<Option<i64>, StoreError>;

    /// A count or a sum.
    fn count(&self, column: &'static str) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.number(column)?).unwrap_or(0))
    }

    fn id<T: TryFrom<String, Error = crate::NotAnId>>(&self, column: &'static str) -> Result<T, StoreError> {
        T::try_from(self.text(column)?).map_err(|error| damaged(column, &error))
    }

    fn maybe_id<T: TryFrom<String, Error = crate::NotAnId>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.maybe_text(column)?
            .map(T::try_from)
            .transpose()
            .map_err(|error| damaged(column, &error))
    }

    fn word<T>(&self, column: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| damaged(column, &text))
    }

    fn maybe_json(&self, column: &'static str) -> Result<Option<Value>, StoreError> {
        self.maybe_text(column)?
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| damaged(column, &error))
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| damaged(column, &error))
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &'static str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn number(&self, column: &'static str) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn maybe_number(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }
}

/// JSON for a column.
pub(crate) fn written(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| damaged("value", &error))
}

/// `($1, $2), ($3, $4)`, the only placeholders of a statement. SQLite has them without a number: it looks each that has one
/// up in a list of all, which takes longer than the rest for some thousands.
pub(crate) fn rows_of_placeholders(dialect: Dialect, rows: usize, columns: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                text.push_str(", ");
            }
            match dialect {
                Dialect::Sqlite => text.push('?'),
                Dialect::Postgres => {
                    // Writing into a string cannot fail.
                    let _ = write!(text, "${}", row * columns + column + 1);
                }
            }
        }
        text.push(')');
    }
    text
}

/// `$from, $from+1, …`
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    (from..from + count)
        .map(|number| format!("${number}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// How many chunks of which sizes so many rows are written in: powers of two up to `largest`, so that few statements are
/// prepared.
pub(crate) fn chunks(rows: usize, largest: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let left = rows - from;
        if left == 0 {
            return None;
        }
        let size = if left >= largest {
            largest
        } else {
            1 << left.ilog2()
        };
        let range = from..from + size;
        from += size;
        Some(range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_powers_of_two_and_cover_everything() {
        assert_eq!(chunks(0, 8).count(), 0);
        assert_eq!(chunks(21, 8).collect::<Vec<_>>(), [0..8, 8..16, 16..20, 20..21]);
        assert_eq!(
            rows_of_placeholders(Dialect::Postgres, 2, 2),
            "($1, $2), ($3, $4)"
        );
        assert_eq!(rows_of_placeholders(Dialect::Sqlite, 2, 2), "(?, ?), (?, ?)");
        assert_eq!(placeholders(3, 2), "$3, $4");
    }
}
