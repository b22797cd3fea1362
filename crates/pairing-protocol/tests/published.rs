//! Every message of the published protocol, as it is on the wire: read and written again it is the same, to the byte, and
//! nothing of what this product adds is in it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;

use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{
    Answered, Claim, Claimed, Command, CommandKind, CommandResult, EventType, Events, Heartbeat,
    PairingStatus, PermissionPayload, Policy, PromptPayload, QuestionRejectPayload, QuestionReplyPayload,
    RemoteAuthority, RemoteStatus, ResultStatus, Revoke,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a text and writes it again.
fn again<T: DeserializeOwned + Serialize>(text: &str) -> T {
    let read: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    read
}

/// What every word is, as it is spelled; no other is one.
fn words<T: DeserializeOwned + Serialize + Debug + PartialEq>(words: &[(T, &str)]) {
    for (value, word) in words {
        assert_eq!(again::<T>(&format!("\"{word}\"")), *value);
    }
    assert!(serde_json::from_str::<T>("\"another\"").is_err());
}

const POLICY: &str = concat!(
    r#"{"allowRemotePrompts":true,"allowRemoteAbort":true,"remoteApprovals":"local_confirmation","#,
    r#""remoteQuestions":"local_confirmation","exposeArtifactBodies":false,"exposeLocalPaths":false,"#,
    r#""exposeLocalMcpDetails":false,"allowRemoteAttachments":false}"#,
);

const FENCE: &str = concat!(
    r#""projectionFence":null,"projectionFenceStatus":{"supported":false,"#,
    r#""reasonCode":"desktop_pairing_projection_fence_unsupported","message":"Paired Desktop command results are "#,
    r#"lease-fenced but do not expose a projection checkpoint.","waitable":false}"#,
);

#[test]
fn what_a_desktop_asks_is_spelled_as_published() {
    again::<Heartbeat>(concat!(
        r#"{"pairingId":"p","deviceId":"d","status":"paired_online","#,
        r#""lastCommandSequence":7}"#
    ));
    let claim: Claim = again(&format!(
        r#"{{"pairingId":"p","deviceId":"d","afterSequence":7,"limit":10,"leaseSeconds":45,"capabilities":{{{}{POLICY}}}}}"#,
        r#""commands":["prompt","abort"],"workspaces":["local"],"policy":"#,
    ));
    assert!(claim.capabilities.extensions.is_empty() && claim.wait_seconds.is_none());
    again::<Revoke>(r#"{"pairingId":"p","deviceId":"d"}"#);
    again::<Events>(concat!(
        r#"{"events":[{"id":"e","pairingId":"p","type":"session.event","workspaceId":"local","sessionId":"s","#,
        r#""commandId":"c","sequence":1,"occurredAt":"2026-06-01T12:00:00.000Z","payload":{"type":"text"}},"#,
        r#"{"id":"f","pairingId":"p","type":"audit","occurredAt":"2026-06-01T12:00:00.000Z"}]}"#,
    ));
    again::<Answered>(&format!(
        r#"{{"result":{{{}{FENCE},"data":{{"pairing":{{}}}}}},"leaseToken":"t"}}"#,
        r#""ok":true,"status":"completed","session":{"id":"s"},"sessions":[{"id":"s"}],"message":"done","#,
    ));
    let least = r#"{"result":{"ok":false,"status":"failed"},"leaseToken":null}"#;
    let least: Answered = serde_json::from_str(least).unwrap();
    assert!(least.lease_token.is_none() && least.result.session.is_none());
}

#[test]
fn what_a_broker_answers_is_spelled_as_published() {
    let claimed: Claimed = again(concat!(
        r#"{"commands":[{"id":"c","kind":"prompt","pairingId":"p","workspaceId":"local","sessionId":"s","#,
        r#""actorId":"a","actorLabel":"Ada","payload":{"text":"hello"},"sequence":1,"#,
        r#""createdAt":"2026-06-01T12:00:00.000Z","lease":{"leasedBy":"d","leaseToken":"t","#,
        r#""leaseExpiresAt":"2026-06-01T12:00:45.000Z"}}],"remoteStatus":"online"}"#,
    ));
    assert_eq!(claimed.remote_status, Some(RemoteStatus::Online));
    again::<Claimed>(r#"{"commands":[]}"#);
    let least: Command = again(concat!(
        r#"{"id":"c","kind":"a kind of a later broker","pairingId":"p","workspaceId":"local","sequence":1,"#,
        r#""createdAt":"2026-06-01T12:00:00.000Z"}"#,
    ));
    assert_eq!(CommandKind::parse(&least.kind), None);
}

#[test]
fn every_word_is_spelled_as_published() {
    let kinds = [
        "create_session",
        "prompt",
        "abort",
        "permission.respond",
        "question.reply",
        "question.reject",
        "status",
        "revoke_pairing",
    ];
    words(&CommandKind::ALL.into_iter().zip(kinds).collect::<Vec<_>>());
    for (kind, word) in CommandKind::ALL.into_iter().zip(kinds) {
        assert_eq!((kind.as_str(), CommandKind::parse(word)), (word, Some(kind)));
    }
    words(&[
        (ResultStatus::Completed, "completed"),
        (ResultStatus::Queued, "queued"),
        (ResultStatus::BlockedByPolicy, "blocked_by_policy"),
        (
            ResultStatus::RequiresLocalConfirmation,
            "requires_local_confirmation",
        ),
        (ResultStatus::Failed, "failed"),
    ]);
    words(&[
        (PairingStatus::PairedOnline, "paired_online"),
        (PairingStatus::PairedOffline, "paired_offline"),
        (PairingStatus::Disabled, "disabled"),
        (PairingStatus::Revoked, "revoked"),
        (PairingStatus::Error, "error"),
    ]);
    words(&[
        (RemoteStatus::Online, "online"),
        (RemoteStatus::Offline, "offline"),
        (RemoteStatus::Revoked, "revoked"),
        (RemoteStatus::Draining, "draining"),
    ]);
    words(&[
        (RemoteAuthority::Disabled, "disabled"),
        (RemoteAuthority::LocalConfirmation, "local_confirmation"),
        (RemoteAuthority::RemoteAllowed, "remote_allowed"),
    ]);
    words(&[
        (EventType::Heartbeat, "heartbeat"),
        (EventType::CommandAccepted, "command.accepted"),
        (EventType::CommandCompleted, "command.completed"),
        (EventType::CommandFailed, "command.failed"),
        (EventType::SessionEvent, "session.event"),
        (EventType::Audit, "audit"),
        (EventType::Status, "status"),
    ]);
}

#[test]
fn payloads_and_what_stands_where_nothing_is_said_are_as_published() {
    again::<PromptPayload>(r#"{"text":"hello"}"#);
    again::<PromptPayload>(concat!(
        r#"{"text":"hello","agent":"build","attachments":[{"mime":"text/plain","url":"data:,x"}],"#,
        r#""variant":"high"}"#
    ));
    again::<PermissionPayload>(r#"{"permissionId":"x","allowed":false}"#);
    again::<QuestionReplyPayload>(r#"{"requestId":"x","answers":[["a","b"],[]]}"#);
    again::<QuestionRejectPayload>(r#"{"requestId":"x"}"#);
    assert_eq!(serde_json::to_string(&Policy::default()).unwrap(), POLICY);
    let result = CommandResult::new(ResultStatus::Queued, None);
    let expected = format!(r#"{{"ok":true,"status":"queued",{FENCE}}}"#);
    assert_eq!(serde_json::to_string(&result).unwrap(), expected);
    assert!(!CommandResult::new(ResultStatus::BlockedByPolicy, None).ok);
}

#[test]
fn what_is_added_is_there_for_who_announces_it_and_what_is_unknown_is_passed_over() {
    let text = format!(
        r#"{{"pairingId":"p","deviceId":"d","afterSequence":0,"limit":10,"leaseSeconds":45,"capabilities":{{{}{POLICY},{}"#,
        r#""commands":[],"workspaces":[],"policy":"#,
        r#""extensions":["wait","redelivery","resume"]},"waitSeconds":12}"#,
    );
    let claim: Claim = again(&text);
    let known = [Extension::Wait, Extension::Redelivery, Extension::Resume];
    assert_eq!(claim.capabilities.extensions, known);
    let later = text.replace("resume", "of-a-later-client");
    let claim: Claim = serde_json::from_str(&later).unwrap();
    assert_eq!(claim.capabilities.extensions[2], Extension::Unknown);
}
