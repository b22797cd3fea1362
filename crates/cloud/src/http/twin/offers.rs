//! How a desktop stands for somebody, and what they may ask of it now.

use cowork_cloud_store::Pairing;
use cowork_pairing_protocol::wire::{CommandKind, Policy, RemoteAuthority};
use cowork_watch::{DesktopState, DesktopView, SharedPolicy, bounds};
use serde::Serialize;

use super::log::presence;
use crate::http::wire::DesktopRights;

/// What reads: offered to whoever sees a desktop, also when it is away, since it is answered from its log.
pub(super) const READING: [&str; 14] = [
    "start",
    "acknowledge",
    "window_shown",
    "session_open",
    "session_page",
    "session_close",
    "thread_outline",
    "thread_page",
    "inbox_ask",
    "conversation_text",
    "message_source",
    "tool_output",
    "tool_text",
    "change_page",
];

/// What acts at a desktop, by its name in the registry of commands and in the protocol.
pub(super) const ACTING: [(&str, CommandKind); 6] = [
    ("session_create", CommandKind::CreateSession),
    ("prompt_send", CommandKind::Prompt),
    ("turn_stop", CommandKind::Abort),
    ("permission_answer", CommandKind::PermissionRespond),
    ("question_answer", CommandKind::QuestionReply),
    ("question_reject", CommandKind::QuestionReject),
];

/// What a command of the protocol is called in the registry.
pub(super) fn name_of(kind: CommandKind) -> &'static str {
    let found = ACTING.iter().find(|(_, known)| *known == kind);
    found.map_or(kind.as_str(), |(name, _)| name)
}

/// How a desktop stands, as the page has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Status {
    Online,
    Offline,
    Paused,
    Revoked,
    New,
}

/// The `desktop` event, and the same in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DesktopEvent {
    status: Status,
    since: i64,
    behind: bool,
    offers: Vec<&'static str>,
}

impl DesktopEvent {
    /// As its room says, for somebody who may that. What it lets in and which kinds of commands it knows is as it announced
    /// last.
    pub(super) fn new(
        view: &DesktopView,
        may: DesktopRights,
        policy: Option<&Policy>,
        commands: &[String],
        now: i64,
    ) -> Self {
        let status = match view.state {
            DesktopState::Never => Status::New,
            DesktopState::Online => Status::Online,
            DesktopState::Offline => Status::Offline,
            DesktopState::Paused => Status::Paused,
            DesktopState::Revoked => Status::Revoked,
        };
        let policy = policy.map(SharedPolicy::from).or(view.policy);
        let acting = ACTING
            .iter()
            .filter(|(_, kind)| commands.iter().any(|known| known == kind.as_str()))
            .filter(|(_, kind)| is_let_in(*kind, status, policy, may));
        Self {
            status,
            since: view.since.unwrap_or(now),
            behind: view.behind,
            offers: READING.into_iter().chain(acting.map(|(name, _)| *name)).collect(),
        }
    }

    /// As its row says, for a list.
    pub(super) fn listed(pairing: &Pairing, may: DesktopRights, now: i64) -> Self {
        let presence = presence(pairing);
        let (state, since) = match presence.seen {
            _ if presence.revoked.is_some() => (DesktopState::Revoked, presence.revoked),
            None => (DesktopState::Never, Some(pairing.created)),
            seen if presence.paused => (DesktopState::Paused, seen),
            Some(seen) if !presence.left && now - seen <= bounds::ONLINE => {
                (DesktopState::Online, Some(seen))
            }
            seen => (DesktopState::Offline, seen),
        };
        let view = DesktopView {
            state,
            since,
            behind: presence.behind,
            version: None,
            engine_ready: false,
            policy: None,
        };
        Self::new(&view, may, pairing.policy.as_ref(), &pairing.commands, now)
    }

    /// The same since when it was told so, where it still is so.
    pub(super) fn since(mut self, told: Option<&Self>) -> Self {
        if let Some(told) = told.filter(|told| told.status == self.status && told.status == Status::Online) {
            self.since = told.since;
        }
        self
    }

    /// Whether a command is offered.
    pub(super) fn offers(&self, name: &str) -> bool {
        self.offers.contains(&name)
    }
}

/// Whether something may act, by the desktop's policy and by what whoever asks is. What waits for a desktop that is away
/// waits some minutes; one that is paused, over or was never there gets nothing.
fn is_let_in(kind: CommandKind, status: Status, policy: Option<SharedPolicy>, may: DesktopRights) -> bool {
    let (Status::Online | Status::Offline, Some(policy)) = (status, policy) else {
        return false;
    };
    let answers = |authority: RemoteAuthority| may.answer && authority != RemoteAuthority::Disabled;
    match kind {
        CommandKind::Prompt => may.prompt && policy.prompts,
        // Whoever makes one goes there: it has to be made now.
        CommandKind::CreateSession => may.prompt && policy.prompts && status == Status::Online,
        CommandKind::Abort => may.prompt && policy.abort,
        CommandKind::PermissionRespond => answers(policy.approvals),
        CommandKind::QuestionReply | CommandKind::QuestionReject => answers(policy.questions),
        CommandKind::Status | CommandKind::RevokePairing => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(state: DesktopState) -> DesktopView {
        DesktopView {
            state,
            since: None,
            behind: false,
            version: None,
            engine_ready: true,
            policy: Some(SharedPolicy {
                prompts: true,
                abort: false,
                approvals: RemoteAuthority::LocalConfirmation,
                questions: RemoteAuthority::Disabled,
            }),
        }
    }

    fn acting(state: DesktopState, may: DesktopRights, commands: &[&str]) -> Vec<&'static str> {
        let commands: Vec<_> = commands.iter().map(|&name| name.to_owned()).collect();
        let event = DesktopEvent::new(&view(state), may, None, &commands, 1);
        event
            .offers
            .into_iter()
            .filter(|name| !READING.contains(name))
            .collect()
    }

    #[test]
    fn what_is_offered_is_what_policy_role_and_both_sides_allow() {
        let all: Vec<_> = CommandKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let owner = DesktopRights {
            see: true,
            prompt: true,
            answer: true,
            change: true,
            revoke: true,
        };
        let online = DesktopState::Online;
        assert_eq!(
            acting(online, owner, &all),
            ["session_create", "prompt_send", "permission_answer"]
        );
        assert_eq!(acting(online, owner, &["prompt"]), ["prompt_send"]);
        assert_eq!(
            acting(DesktopState::Offline, owner, &all),
            ["prompt_send", "permission_answer"]
        );
        for state in [DesktopState::Paused, DesktopState::Revoked, DesktopState::Never] {
            assert!(acting(state, owner, &all).is_empty());
        }
        let viewer = DesktopRights {
            see: true,
            ..DesktopRights::default()
        };
        assert!(acting(online, viewer, &all).is_empty());
    }
}
