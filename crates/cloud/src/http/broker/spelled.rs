//! How what is kept is spelled on the wire.

use cowork_cloud_store::{DeviceId, GivenCommand};
use cowork_pairing_protocol::wire::{Command, Lease};

use crate::clock;

/// A command that is given out to a device.
pub(super) fn command(given: GivenCommand, device: &DeviceId) -> Command {
    let GivenCommand {
        command,
        lease,
        until,
    } = given;
    Command {
        id: command.id.into(),
        kind: command.kind.as_str().to_owned(),
        pairing_id: command.pairing.into(),
        workspace_id: command.workspace,
        session_id: command.session.map(Into::into),
        actor_id: Some(command.actor.into()),
        actor_label: Some(command.actor_label),
        payload: command.payload,
        sequence: command.sequence.unsigned_abs(),
        created_at: clock::spelled(command.created),
        lease: Some(Lease {
            leased_by: device.to_string(),
            lease_token: lease.into(),
            lease_expires_at: clock::spelled(until),
        }),
    }
}

/// A count of the wire as it is kept.
pub(super) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
