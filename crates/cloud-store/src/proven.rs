//! A desktop that brought its token.

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
        todo!()
    }
}
