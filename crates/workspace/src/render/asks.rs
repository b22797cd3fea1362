//! Requests for permission, and questions.

use std::path::Path;

use cowork_engine::{FileChange, PermissionAsk, PermissionKind, QuestionAsk};

use super::{display_path, file_diff};
use crate::view::{AskReason, PermissionCard, PermissionSubject, QuestionCard, QuestionChoice, QuestionItem};

/// A request for permission as a person reads it. `subagent` names the sub-agent when not the session's own.
pub(crate) fn permission_card(
    ask: &PermissionAsk,
    folder: &Path,
    subagent: Option<String>,
) -> PermissionCard {
    let destructive = cowork_policy::ask_danger(ask).is_some();
    // What hides or reorders text must not make an ask read as another one.
    let shown = |texts: &[String]| texts.iter().map(|text| visible(text)).collect();
    let (subject, tool) = match &ask.kind {
        PermissionKind::Shell => (PermissionSubject::Shell, None),
        PermissionKind::Edit => (PermissionSubject::Edit, None),
        PermissionKind::Read => (PermissionSubject::Read, None),
        PermissionKind::Fetch => (PermissionSubject::Fetch, None),
        PermissionKind::WebSearch => (PermissionSubject::WebSearch, None),
        PermissionKind::Task => (PermissionSubject::Task, None),
        PermissionKind::ExternalFolder => (PermissionSubject::ExternalFolder, None),
        PermissionKind::RepeatedCall => (PermissionSubject::RepeatedCall, None),
        PermissionKind::Skill => (PermissionSubject::Skill, None),
        PermissionKind::Tool(name) | PermissionKind::Other(name) => {
            (PermissionSubject::Tool, Some(visible(name)))
        }
    };
    PermissionCard {
        id: ask.id.to_string(),
        session: ask.session.to_string(),
        subagent,
        place: None,
        subject,
        tool,
        command: ask.command.as_deref().map(visible),
        path: ask
            .path
            .as_deref()
            .map(|path| visible(&display_path(path, folder))),
        leads_to: ask.leads_to.as_deref().map(visible),
        change: asked_change(ask).map(|change| file_diff(&change, folder)),
        patterns: shown(&ask.patterns),
        always: if cowork_policy::may_always(ask) {
            shown(&ask.always)
        } else {
            Vec::new()
        },
        reason: reason(ask),
        destructive,
    }
}

/// The change a permission is asked for.
pub(crate) fn asked_change(ask: &PermissionAsk) -> Option<FileChange> {
    Some(FileChange {
        path: ask.path.clone().unwrap_or_default(),
        patch: ask.diff.clone()?,
        additions: 0,
        deletions: 0,
    })
}

fn visible(text: &str) -> String {
    cowork_policy::visible(text).into_owned()
}

fn reason(ask: &PermissionAsk) -> AskReason {
    use cowork_policy::AskReason as Policy;
    match cowork_policy::reason(ask) {
        Policy::ReadsSecret => AskReason::SecretFile,
        Policy::LeavesFolder => AskReason::OutsideFolder,
        Policy::Repeats => AskReason::Repeats,
        Policy::UsesTool { .. } => AskReason::ServerTool,
        Policy::RunsCommand { .. }
        | Policy::ChangesFiles
        | Policy::Fetches
        | Policy::Searches
        | Policy::StartsAgent
        | Policy::LoadsSkill
        | Policy::Unknown { .. } => AskReason::AsksFirst,
    }
}

/// Questions as a person reads them.
pub(crate) fn question_card(ask: &QuestionAsk, subagent: Option<String>) -> QuestionCard {
    QuestionCard {
        id: ask.id.to_string(),
        session: ask.session.to_string(),
        subagent,
        place: None,
        questions: ask
            .questions
            .iter()
            .map(|question| QuestionItem {
                header: visible(&question.header),
                text: visible(&question.text),
                choices: question
                    .options
                    .iter()
                    .map(|option| QuestionChoice {
                        label: option.label.clone(),
                        description: visible(&option.description),
                    })
                    .collect(),
                multiple: question.multiple,
                custom: question.custom,
            })
            .collect(),
    }
}
