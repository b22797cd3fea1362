//! A desktop that brought its token.

use sqlx::any::AnyRow;

use crate::database::Tx;
use crate::rows::Columns;
use crate::{DeviceId, OrganizationId, PairingId, SecretHash, Store, StoreError, UserId};

/// A desktop that brought the right token. Nothing else makes one. What is done with it looks again, in the same
/// transaction, whether the token still is the right one: after it is rotated or the pairing ended,
/// [`StoreError::Revoked`].
#[derive(Clone, Debug)]
pub struct Proven {
    pub(crate) pairing: PairingId,
    pub(crate) device: DeviceId,
    pub(crate) organization: OrganizationId,
    pub(crate) owner: UserId,
    pub(crate) label: String,
    pub(crate) token: SecretHash,
    pub(crate) revoked: bool,
}

impl Proven {
    /// Its pairing.
    #[must_use]
    pub fn pairing(&self) -> &PairingId {
        &self.pairing
    }

    /// Its device.
    #[must_use]
    pub fn device(&self) -> &DeviceId {
        &self.device
    }

    /// Where it belongs.
    #[must_use]
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// Who paired it.
    #[must_use]
    pub fn owner(&self) -> &UserId {
        &self.owner
    }

    /// What it is called.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The pairing is over. The token was right, so that it may be told.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.revoked
    }
}

impl Store {
    /// Whether a desktop is who it says. None for an unknown pairing, another device and a wrong token alike, after the
    /// same work.
    pub async fn prove(
        &self,
        pairing: &PairingId,
        device: &DeviceId,
        token: &SecretHash,
    ) -> Result<Option<Proven>, StoreError> {
        let row = sqlx::query(
            "SELECT organization, device, owner, label, token, revoked FROM pairings WHERE id = $1",
        )
        .bind(pairing.as_str())
        .fetch_optional(self.database().reading())
        .await?;
        let known = row
            .as_ref()
            .map_or_else(|| Ok(String::new()), |row| row.text("token"))?;
        let right = SecretHash::stored(known) == *token;
        let Some(row) = row.filter(|_| right) else {
            return Ok(None);
        };
        if row.text("device")? != device.as_str() {
            return Ok(None);
        }
        Ok(Some(Proven {
            pairing: pairing.clone(),
            device: device.clone(),
            organization: row.id("organization")?,
            owner: row.id("owner")?,
            label: row.text("label")?,
            token: token.clone(),
            revoked: row.maybe_number("revoked")?.is_some(),
        }))
    }
}

/// Looks again whether a desktop's token is the right one, and holds the pairing's row until the transaction is over.
pub(crate) async fn hold(tx: &mut Tx, proven: &Proven) -> Result<AnyRow, StoreError> {
    let statement = tx.database().locking(
        "SELECT status, policy, commands, extensions, handled, commanded, last_seen FROM pairings \
         WHERE id = $1 AND organization = $2 AND token = $3 AND revoked IS NULL",
    );
    sqlx::query(statement)
        .bind(proven.pairing.as_str())
        .bind(proven.organization.as_str())
        .bind(proven.token.as_str())
        .fetch_optional(tx.on())
        .await?
        .ok_or(StoreError::Revoked)
}
