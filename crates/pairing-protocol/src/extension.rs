//! What this product adds to the published protocol, for a client that announces it.

use serde::{Deserialize, Serialize};

/// The header in which a client names its extensions with requests that have no capabilities in their body, separated
/// by commas.
pub const EXTENSIONS_HEADER: &str = "x-open-cowork-pairing-extensions";
/// The longest a claim waits, in seconds: below the fifteen a client waits for an answer.
pub const LONGEST_WAIT_SECONDS: u32 = 12;

/// One extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extension {
    /// A claim may wait until there is a command.
    Wait,
    /// The client keeps what it did with each command, and may be given one again whose answer did not arrive, also one
    /// up to its `afterSequence`: it answers with what it kept. It has one claim at a time, and its `afterSequence` moves
    /// before anything is done: what was given out beyond it never arrived, and is given to its next claim.
    Redelivery,
    /// Events carry a sequence without gaps; the answer to them is [`EventsReceived`], and the client sends again what
    /// is beyond it.
    Resume,
    /// One that this version does not know.
    #[serde(other)]
    Unknown,
}

/// The answer to events and heartbeats for a client with [`Extension::Resume`]: 200 with this body, where a plain client
/// gets 204.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventsReceived {
    /// All events up to this sequence are kept. Those beyond may be kept or not.
    pub through: u64,
}

/// What is entered at the server so that it knows a desktop: behind the `#` of an address, which no request carries, or
/// field by field. It is `pair=` and this as JSON in base64 for addresses.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    /// The pairing.
    pub pairing_id: String,
    /// The device.
    pub device_id: String,
    /// The token. The server keeps a hash of it.
    pub token: String,
    /// What the desktop is called.
    pub label: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Enrolment")
            .field("pairing_id", &self.pairing_id)
            .field("device_id", &self.device_id)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}
