//! Model providers a person connected.

use rusqlite::{Row, named_params};
use serde_json::Value;

use crate::error::bounded;
use crate::{SETTING_LIMIT, Store, StoreError};

/// A provider the person added. It holds no key: those are never put into the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// Its id, the first half of its models' references.
    pub id: String,
    /// What to call it.
    pub name: String,
    /// Where it answers.
    pub base_url: String,
    /// Its models, in the form of whoever lists them. At most [`SETTING_LIMIT`] bytes of JSON.
    pub models: Value,
    /// Whether the person consented to connect to it in the local network.
    pub consent: bool,
    /// What else is known of it, in the form of whoever connects it. At most [`SETTING_LIMIT`] bytes of JSON.
    pub details: Value,
}

/// A row whose JSON is still text: the provider without it, its models and its details.
type Raw = (Provider, String, String);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let provider = Provider {
        id: row.get("id")?,
        name: row.get("name")?,
        base_url: row.get("base_url")?,
        models: Value::Null,
        consent: row.get("consent")?,
        details: Value::Null,
    };
    Ok((provider, row.get("models")?, row.get("details")?))
}

fn whole((provider, models, details): Raw) -> Result<Provider, StoreError> {
    let json = |text: &str| {
        serde_json::from_str(text).map_err(|source| StoreError::Value {
            what: format!("the provider {}", provider.id),
            source,
        })
    };
    let (models, details) = (json(&models)?, json(&details)?);
    Ok(Provider {
        models,
        details,
        ..provider
    })
}

impl Store {
    /// Adds a provider, or replaces the one of the same id.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] when its models take more than [`SETTING_LIMIT`] bytes, or its details.
    pub fn put_provider(&self, provider: &Provider) -> Result<(), StoreError> {
        let models = provider.models.to_string();
        let details = provider.details.to_string();
        bounded("the provider's list of models", &models, SETTING_LIMIT)?;
        bounded("the provider's details", &details, SETTING_LIMIT)?;
        self.connection()
            .prepare_cached(
                "INSERT INTO providers (id, name, base_url, models, consent, details) VALUES (:id, :name, :base_url, \
                 :models, :consent, :details) ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
                 base_url = excluded.base_url, models = excluded.models, consent = excluded.consent, \
                 details = excluded.details",
            )?
            .execute(named_params! {
                ":id": provider.id, ":name": provider.name, ":base_url": provider.base_url, ":models": models,
                ":consent": provider.consent, ":details": details,
            })?;
        Ok(())
    }

    /// The providers by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn providers(&self) -> Result<Vec<Provider>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, name, base_url, models, consent, details FROM providers ORDER BY name, id",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(whole).collect()
    }

    /// Removes a provider. Answers whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remove_provider(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .execute("DELETE FROM providers WHERE id = ?1", [id])?
            > 0)
    }
}
