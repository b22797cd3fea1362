//! What a policy opens and closes: whose word counts, and what leaves.

use crate::consent::Consent;
use crate::error::{Result, WorkspaceError};
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

/// What changed of a policy, for the audit.
pub(super) fn changes(before: PairingPolicy, policy: PairingPolicy) -> String {
    let fields = |policy| match serde_json::to_value(policy) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let before = fields(before);
    let changed = fields(policy)
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value));
    let changed: Vec<_> = changed.map(|(name, value)| format!("{name}: {value}")).collect();
    changed.join(", ")
}
