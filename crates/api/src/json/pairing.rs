//! What the commands about pairings take.

use cowork_workspace::{WantedPairing, view};
use serde::Deserialize;
use ts_rs::TS;

/// Names a pairing.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PairingReference {
    /// Its id.
    pub pairing: String,
}

/// An address to be looked at before anything secret goes there.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckPairingAddress {
    /// As a person wrote it.
    pub address: String,
    /// Whether to go past the proxy.
    pub past_proxy: bool,
}

/// A new pairing.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePairing {
    /// The server's address.
    pub address: String,
    /// What this desktop is called there, 1 to 80 characters.
    pub label: String,
    /// What it lets in and out.
    pub policy: view::PairingPolicy,
    /// The ids of folders all of whose threads are shared.
    pub folders: Vec<String>,
    /// The sessions of threads that are shared by themselves.
    pub threads: Vec<String>,
    /// Whether to go past the proxy.
    pub past_proxy: bool,
}

impl CreatePairing {
    /// What is wanted.
    #[must_use]
    pub fn wanted(self) -> WantedPairing {
        WantedPairing {
            address: self.address,
            label: self.label,
            policy: self.policy,
            folders: self.folders,
            threads: self.threads,
            past_proxy: self.past_proxy,
        }
    }
}

/// What of a pairing is to be otherwise: all of it, as it is to be.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdatePairing {
    /// Its id.
    pub pairing: String,
    /// What this desktop is called there, 1 to 80 characters.
    pub label: String,
    /// What it lets in and out.
    pub policy: view::PairingPolicy,
    /// The ids of folders all of whose threads are shared.
    pub folders: Vec<String>,
    /// Whether to go past the proxy.
    pub past_proxy: bool,
}

/// A thread to share over a pairing, or to share no longer.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShareThread {
    /// The pairing's id.
    pub pairing: String,
    /// The thread's session.
    pub session: String,
}

/// What of a thread would be sent.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewPairing {
    /// The pairing's id; none before there is one.
    pub pairing: Option<String>,
    /// The policy to look at, in the place of the pairing's.
    pub policy: Option<view::PairingPolicy>,
    /// The thread's session.
    pub session: String,
    /// Which page, from 0.
    pub page: u32,
}

/// A page of the audit to read.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadPairingAudit {
    /// The pairing's id; all of them when absent.
    pub pairing: Option<String>,
    /// The number of the row before which it begins; the newest when absent.
    pub before: Option<i64>,
}

/// A word on what somebody answered from afar.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerRemote {
    /// The answer's id.
    pub proposal: String,
    /// Whether it counts.
    pub accept: bool,
}
