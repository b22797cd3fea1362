//! How each part of the app stands.

use serde::Serialize;
use ts_rs::TS;

use super::{KeyState, ScreenDelay};

/// How a part stands, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum HealthMark {
    /// It does not work, and only the person can mend it.
    NeedsYou,
    /// It works, but not as it should.
    Degraded,
    /// It works.
    Working,
    /// There is nothing for it to do.
    Off,
    /// It cannot be told.
    Unknown,
}

/// A part, with what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum HealthPart {
    /// What keeps keys. It is not asked here, because asking can bring up a dialog.
    Keychain {
        /// How many keys are in it.
        keys: u32,
        /// Why a key that is in it cannot be read.
        unreadable: Option<String>,
    },
    /// What puts keys on model requests.
    KeyProxy {
        /// Its port on this machine.
        port: u16,
        /// Requests since the app was started.
        requests: u64,
        /// Requests with no valid token: of another program of this machine.
        strangers: u64,
        /// Why it does not answer.
        silent: Option<String>,
    },
    /// A provider the person connected.
    Provider {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// Where its key is.
        key: KeyState,
        /// Why it is left out just now.
        left_out: Option<String>,
        /// Requests since the app was started.
        requests: u64,
        /// Of them, those that failed.
        failures: u64,
        /// The status of its last answer.
        last_status: Option<u16>,
        /// All requests that the engine's run may make are made.
        capped: bool,
    },
    /// The way out of boxes to the network.
    Gateway {
        /// Connections that are open now.
        open: u64,
        /// Connections since the app was started.
        connections: u64,
        /// Those that rules were against.
        refused: u64,
        /// Why it does not answer.
        silent: Option<String>,
    },
    /// The database.
    Database {
        /// Its bytes.
        bytes: u64,
        /// The bytes it may have.
        limit: u64,
        /// Damaged ones that were set aside.
        set_aside: u32,
        /// Why nothing can be saved.
        not_saving: Option<String>,
    },
    /// The disk the app's data is on.
    Disk {
        /// Bytes that are free.
        free: u64,
        /// All its bytes.
        total: u64,
    },
    /// The way of changes to the window.
    Window {
        /// How long they take; none before anything was drawn.
        delay: Option<ScreenDelay>,
    },
    /// Pairings with servers through which other people reach in.
    Pairing {
        /// How many there are.
        paired: u32,
        /// Of them, those whose server answers.
        online: u32,
        /// Of them, those that wait for the person.
        stuck: u32,
        /// Events that wait to be delivered.
        waiting: u64,
        /// What one of them lacks, in a sentence.
        trouble: Option<String>,
    },
    /// The folders agents work in.
    Folders {
        /// How many there are.
        count: u32,
        /// The labels of those that cannot be reached.
        missing: Vec<String>,
    },
}

/// A row of the health view.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HealthRow {
    /// How it stands.
    pub mark: HealthMark,
    /// What it is.
    pub part: HealthPart,
}
