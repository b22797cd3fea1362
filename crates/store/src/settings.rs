//! What a person changed.
//!
//! Defaults are code, not rows: only what differs is stored, so that a better default reaches everyone who
//! never chose.

use std::collections::BTreeMap;

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::bounded;
use crate::{Store, StoreError};

/// The longest value, in bytes of JSON: settings are read whole at each start.
pub const SETTING_LIMIT: usize = 64 * 1024;

impl Store {
    /// A setting, if the person changed it.
    ///
    /// # Errors
    /// [`StoreError::Value`] when what is stored is not a `T`; otherwise as any call.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self
            .connection()
            .prepare_cached("SELECT value FROM settings WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        text.map(|text| parsed(key, &text)).transpose()
    }

    /// Changes a setting.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`SETTING_LIMIT`], [`StoreError::Value`] when it has no JSON.
    pub fn set_setting<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let text = serde_json::to_string(value).map_err(|source| StoreError::Value {
            what: format!("the setting {key}"),
            source,
        })?;
        bounded("the setting", &text, SETTING_LIMIT)?;
        self.connection().execute(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, text),
        )?;
        Ok(())
    }

    /// Goes back to a setting's default. Answers whether it had been changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn reset_setting(&self, key: &str) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .execute("DELETE FROM settings WHERE key = ?1", [key])?
            > 0)
    }

    /// Everything the person changed.
    ///
    /// # Errors
    /// [`StoreError::Value`] names a setting that is not JSON.
    pub fn settings(&self) -> Result<BTreeMap<String, Value>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT key, value FROM settings")?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter()
            .map(|(key, text)| {
                let value = parsed(&key, &text)?;
                Ok((key, value))
            })
            .collect()
    }
}

fn parsed<T: DeserializeOwned>(key: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Value {
        what: format!("the setting {key}"),
        source,
    })
}
