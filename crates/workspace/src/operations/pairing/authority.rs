//! What a policy opens and closes: whose word counts, and what leaves.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::consent::Consent;
use crate::error::{Result, WorkspaceError};
use crate::folders::label;
use crate::view::{PairingPolicy, RemoteAnswers};
use crate::workspace::Workspace;

impl Workspace {
    /// Whether answers from afar may count by themselves, where they did not before.
    pub(super) fn may_answer(
        &self,
        host: &str,
        before: PairingPolicy,
        policy: PairingPolicy,
        consent: &Consent,
    ) -> Result<()> {
        let opened = opened(before, policy);
        if opened.is_empty() {
            return Ok(());
        }
        if self.inner.state().remote.remote_answers_forbidden {
            return Err(WorkspaceError::NotAllowed(
                "This build lets no answer from elsewhere count without your word here. Choose to confirm them here."
                    .into(),
            ));
        }
        consent.covers(&format!(
            "Whoever is let in at {host} can then answer {} of the agent on this computer in your place, without your word \
             here: commands run and files change by what they say. Whoever takes over that server, or an account there, can \
             do the same. It holds until you take it back, or the pairing ends.",
            opened.join(" and ")
        ))
    }

    pub(super) async fn audit_authority(&self, pairing: &str, before: PairingPolicy, policy: PairingPolicy) {
        let opened = opened(before, policy);
        if !opened.is_empty() {
            let detail = format!("answers to {} count without a word here", opened.join(" and "));
            self.inner
                .audit(pairing, "pairing.remote_allowed_enabled", &detail)
                .await;
        }
    }
}

/// Whether something leaves no more that did.
pub(super) fn narrows(before: PairingPolicy, policy: PairingPolicy) -> bool {
    (before.artifact_bodies && !policy.artifact_bodies)
        || (before.local_paths && !policy.local_paths)
        || (before.tool_servers && !policy.tool_servers)
}

/// What answers from afar count for from now on and did not before.
fn opened(before: PairingPolicy, policy: PairingPolicy) -> Vec<&'static str> {
    let opens = |before, now| before != RemoteAnswers::RemoteAllowed && now == RemoteAnswers::RemoteAllowed;
    let mut opened = Vec::new();
    if opens(before.approvals, policy.approvals) {
        opened.push("requests for permission");
    }
    if opens(before.questions, policy.questions) {
        opened.push("questions");
    }
    opened
}

/// What a person changes of a pairing at once.
pub(super) struct Settings {
    pub(super) label: String,
    pub(super) policy: PairingPolicy,
    pub(super) folders: BTreeSet<PathBuf>,
    pub(super) past_proxy: bool,
}

/// What changed of a pairing, for the audit.
pub(super) fn changes(before: &Settings, now: &Settings) -> String {
    let fields = |policy| match serde_json::to_value(policy) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let policy = fields(before.policy);
    let mut changed: Vec<_> = fields(now.policy)
        .into_iter()
        .filter(|(name, value)| policy.get(name) != Some(value))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    for folder in now.folders.difference(&before.folders) {
        changed.push(format!("the folder {} is shared", label(folder)));
    }
    for folder in before.folders.difference(&now.folders) {
        changed.push(format!("the folder {} is shared no longer", label(folder)));
    }
    if before.label != now.label {
        changed.push(format!("called {}", now.label));
    }
    if before.past_proxy != now.past_proxy {
        changed.push(format!("past the proxy: {}", now.past_proxy));
    }
    changed.join(", ")
}
