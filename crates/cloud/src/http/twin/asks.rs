//! What commands take: the same as at the desktop.

use cowork_screen::view::{ChangeSource, ConversationPage, ToolText};
use serde::Deserialize;
use serde_json::Value;

macro_rules! asks {
    ($($name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {
        $(
            #[derive(Debug, Deserialize)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub(super) struct $name {
                $(pub(super) $field: $kind,)*
            }
        )*
    };
}

asks! {
    Nothing {}
    Acknowledge { sequence: u64 }
    WindowShown { shown: bool }
    SessionReference { session: String }
    OpenSession { session: String, around: Option<String> }
    TurnPage { session: String, page: ConversationPage }
    OutlineThreads { starts: Vec<i64> }
    ListThreads { folder: Option<String>, from: Option<i64>, until: Option<i64>, offset: u32, count: u32 }
    InboxReference { thread: String, ask: String }
    ReadConversationText { session: String, after: Option<String>, before: Option<String> }
    MessageReference { session: String, message: String }
    ReadOutput { session: String, message: String, block: String, text: ToolText, page: usize }
    ReadToolText { session: String, message: String, block: String, text: ToolText }
    ReadChange { session: String, source: ChangeSource, page: usize }
    NewSession { folder: Option<String> }
    AnswerQuestion { session: String, question: String, answers: Vec<Vec<String>> }
    RejectQuestion { session: String, question: String }
    SendPrompt {
        session: String,
        text: String,
        agent: Option<String>,
        model: Option<String>,
        attachments: Option<Vec<String>>,
    }
    AnswerPermission {
        session: String,
        permission: String,
        decision: Decision,
        feedback: Option<String>,
        rules: Option<Value>,
    }
}

/// An answer to a request for permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Decision {
    Once,
    Always,
    Reject,
}
