//! Giving commands, and looking after them.

use crate::{Command, CommandId, Enqueued, NewCommand, OrganizationId, PairingId, Store, StoreError, UserId};

impl Store {
    /// Gives a desktop a command. The same key of the same person is the same command, and a
    /// [`StoreError::Conflict`] when it asks for something else.
    pub async fn enqueue(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        command: &NewCommand,
        now: i64,
    ) -> Result<Enqueued, StoreError> {
        todo!()
    }

    /// Takes one back that no desktop had yet ([`StoreError::Conflict`] else). Only whoever gave it can.
    pub async fn cancel_command(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        command: &CommandId,
        actor: &UserId,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Commands by their ids, at most 100, in their order. Those that are not of this pairing are left out.
    pub async fn commands_by_id(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        commands: &[CommandId],
    ) -> Result<Vec<Command>, StoreError> {
        todo!()
    }

    /// The newest commands of a pairing, newest first, at most 200.
    pub async fn newest_commands(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        limit: u32,
    ) -> Result<Vec<Command>, StoreError> {
        todo!()
    }
}
