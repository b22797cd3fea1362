//! Requests for permission, and questions.

use std::path::Path;

use cowork_engine::{FileChange, PermissionAsk, PermissionKind, QuestionAsk};

use super::{display_path, file_diff};
use crate::view::{
    AskDanger, AskReason, AskRule, DangerKind, PermissionCard, PermissionSubject, ProposedRule, QuestionCard,
    QuestionChoice, QuestionItem,
};

/// What a permission is about.
#[must_use]
pub fn subject(kind: &PermissionKind) -> PermissionSubject {
    match kind {
        PermissionKind::Shell => PermissionSubject::Shell,
        PermissionKind::Edit => PermissionSubject::Edit,
        PermissionKind::Read => PermissionSubject::Read,
        PermissionKind::Fetch => PermissionSubject::Fetch,
        PermissionKind::WebSearch => PermissionSubject::WebSearch,
        PermissionKind::Task => PermissionSubject::Task,
        PermissionKind::ExternalFolder => PermissionSubject::ExternalFolder,
        PermissionKind::RepeatedCall => PermissionSubject::RepeatedCall,
        PermissionKind::Skill => PermissionSubject::Skill,
        PermissionKind::Tool(_) | PermissionKind::Other(_) => PermissionSubject::Tool,
    }
}

/// The programs that a command runs, as they may be shown.
#[must_use]
pub fn runs(ask: &PermissionAsk) -> Vec<String> {
    let command = ask
        .command
        .clone()
        .filter(|_| ask.kind == PermissionKind::Shell)
        .unwrap_or_default();
    cowork_policy::programs(&command)
        .iter()
        .map(|name| visible(name))
        .collect()
}

/// Characters of a line that says what something is about.
const LINE: usize = 200;

/// What fits in a line, as it may be shown.
#[must_use]
pub fn line(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let line: String = first.chars().take(LINE).collect();
    let line = visible(&line);
    if line.len() < text.len() {
        line + "…"
    } else {
        line
    }
}

/// A request of an agent for permission as a person reads it.
pub fn permission_card(ask: &PermissionAsk, folder: &Path, agent: String) -> PermissionCard {
    let dangers = dangers(ask);
    // What hides or reorders text must not make an ask read as another one.
    let shown = |texts: &[String]| texts.iter().map(|text| visible(text)).collect();
    let tool = match &ask.kind {
        PermissionKind::Tool(name) | PermissionKind::Other(name) => Some(visible(name)),
        _ => None,
    };
    let rule = cowork_policy::asking_rule(ask, &agent).map(|rule| AskRule {
        permission: rule.permission.as_str().to_owned(),
        pattern: rule.pattern,
    });
    let always = crate::always::proposals(ask).into_iter();
    PermissionCard {
        id: ask.id.to_string(),
        session: ask.session.to_string(),
        subagent: None,
        agent,
        place: None,
        subject: subject(&ask.kind),
        tool,
        runs: runs(ask),
        command: ask.command.as_deref().map(visible),
        path: ask
            .path
            .as_deref()
            .map(|path| visible(&display_path(path, folder))),
        leads_to: ask.leads_to.as_deref().map(visible),
        change: asked_change(ask).map(|change| file_diff(&change, folder)),
        patterns: shown(&ask.patterns),
        permission: visible(cowork_policy::permission_name(&ask.kind)),
        always: always
            .map(|rule| ProposedRule {
                pattern: visible(&rule.pattern),
                choices: shown(&rule.choices),
            })
            .collect(),
        reason: reason(ask),
        rule,
        destructive: !dangers.is_empty(),
        dangers,
        overruled: false,
    }
}

/// What is dangerous about an ask, placed in its command as it is shown.
fn dangers(ask: &PermissionAsk) -> Vec<AskDanger> {
    let command = ask.command.as_deref().unwrap_or_default();
    // What hides is shown as one character for each, which can be shorter; so the places are counted in what is shown.
    let units = |until: usize| {
        let until = command.floor_char_boundary(until);
        let count = visible(&command[..until]).encode_utf16().count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let found = cowork_policy::ask_dangers(ask).into_iter();
    found
        .map(|danger| AskDanger {
            kind: kind(danger.kind),
            part: visible(&danger.part),
            from: units(danger.place.start),
            to: units(danger.place.end),
        })
        .collect()
}

fn kind(kind: cowork_policy::DangerKind) -> DangerKind {
    use cowork_policy::DangerKind as Policy;
    match kind {
        Policy::OverwritesFile => DangerKind::OverwritesFile,
        Policy::RaisesPrivilege => DangerKind::RaisesPrivilege,
        Policy::Obscured => DangerKind::Obscured,
        Policy::Unreadable => DangerKind::Unreadable,
        Policy::KillsProcesses => DangerKind::KillsProcesses,
        Policy::ChangesPermissions => DangerKind::ChangesPermissions,
        Policy::Publishes => DangerKind::Publishes,
        Policy::RunsDownload => DangerKind::RunsDownload,
        Policy::DiscardsWork => DangerKind::DiscardsWork,
        Policy::RewritesRemote => DangerKind::RewritesRemote,
        Policy::RemovesInfrastructure => DangerKind::RemovesInfrastructure,
        Policy::StopsMachine => DangerKind::StopsMachine,
        Policy::DropsData => DangerKind::DropsData,
        Policy::DeletesFiles => DangerKind::DeletesFiles,
        Policy::OverwritesData => DangerKind::OverwritesData,
    }
}

/// The change a permission is asked for.
#[must_use]
pub fn asked_change(ask: &PermissionAsk) -> Option<FileChange> {
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
#[must_use]
pub fn question_card(ask: &QuestionAsk, subagent: Option<String>) -> QuestionCard {
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
