//! Sessions, asks, plans and what can be chosen, from the engine's shapes to the workspace's.

use std::path::PathBuf;

use cowork_engine::{
    Agent, AgentMode, CallId, Command, CommandSource, FileChange, MessageId, Model, ModelReference,
    PermissionAsk, PermissionId, PermissionKind, Question, QuestionAsk, QuestionId, QuestionOption, Reverted,
    Session, SessionId, SessionStatus, Todo, TodoState,
};
use serde_json::{Map, Value};

use crate::bound::bounded;
use crate::wire;
use crate::wire::whole;

pub(crate) fn session(info: wire::SessionInfo) -> Session {
    Session {
        id: SessionId::new(info.id),
        parent: info.parent.map(SessionId::new),
        folder: PathBuf::from(info.directory),
        title: own_title(info.title),
        created: info.time.created.unwrap_or_default(),
        updated: info.time.updated.or(info.time.created).unwrap_or_default(),
        cost: info.cost,
        reverted: info
            .revert
            .filter(|revert| !revert.message.is_empty())
            .map(|revert| Reverted {
                files: !revert.diff.trim().is_empty(),
                from: MessageId::new(revert.message),
            }),
    }
}

/// A title somebody gave; the engine's own for a session without one is its time, which says nothing.
fn own_title(title: String) -> String {
    let timed = ["New session - ", "Child session - "]
        .iter()
        .find_map(|prefix| title.strip_prefix(prefix));
    let is_time = timed.is_some_and(|time| {
        time.len() == 24
            && time.ends_with('Z')
            && time
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte))
    });
    if is_time { String::new() } else { title }
}

/// None for a status this product does not know.
pub(crate) fn status(status: &wire::Status) -> Option<SessionStatus> {
    match status.kind.as_str() {
        "idle" => Some(SessionStatus::Idle),
        "busy" => Some(SessionStatus::Busy),
        "retry" => Some(SessionStatus::Retry {
            attempt: u32::try_from(whole(status.attempt)).unwrap_or(u32::MAX),
            message: crate::bound::short(&status.message),
            next: status.next.unwrap_or_default(),
        }),
        _ => None,
    }
}

pub(crate) fn permission(request: wire::PermissionRequest) -> PermissionAsk {
    let kind = permission_kind(&request.permission);
    let metadata = &request.metadata;
    let path = text(metadata, "filepath")
        .or_else(|| text(metadata, "parentDir"))
        .or_else(|| first(metadata, "directories"))
        .or_else(|| {
            (kind == PermissionKind::Read)
                .then(|| request.patterns.first().cloned())
                .flatten()
        });
    PermissionAsk {
        id: PermissionId::new(request.id),
        session: SessionId::new(request.session),
        command: text(metadata, "command"),
        path,
        leads_to: None,
        diff: text(metadata, "diff").map(bounded),
        kind,
        patterns: with_files(from_the_root(request.patterns, metadata), metadata),
        always: request.always,
        call: request.tool.map(call),
    }
}

/// What is asked for, with a file's whole path where that begins at the root. Where a folder is no repository the engine
/// counts from there and leaves the first slash out, so that a path of the machine reads as one in the folder.
fn from_the_root(patterns: Vec<String>, metadata: &Map<String, Value>) -> Vec<String> {
    let Some(file) = text(metadata, "filepath") else {
        return patterns;
    };
    let whole = |pattern: String| match file.strip_prefix('/') {
        Some(rest) if rest == pattern => file.clone(),
        _ => pattern,
    };
    patterns.into_iter().map(whole).collect()
}

/// What is asked for, with the whole path of each file that a patch changes. Its patterns leave out where a file is moved
/// to, and begin at a folder that the engine does not name.
fn with_files(mut patterns: Vec<String>, metadata: &Map<String, Value>) -> Vec<String> {
    let files = metadata.get("files").and_then(Value::as_array);
    for file in files.into_iter().flatten().filter_map(Value::as_object) {
        for path in ["filePath", "movePath"].iter().filter_map(|key| text(file, key)) {
            if !patterns.contains(&path) {
                patterns.push(path);
            }
        }
    }
    patterns
}

fn permission_kind(name: &str) -> PermissionKind {
    match name {
        "bash" => PermissionKind::Shell,
        "edit" => PermissionKind::Edit,
        "read" | "list" | "glob" | "grep" => PermissionKind::Read,
        "webfetch" => PermissionKind::Fetch,
        "websearch" | "codesearch" => PermissionKind::WebSearch,
        "task" => PermissionKind::Task,
        "external_directory" => PermissionKind::ExternalFolder,
        "doom_loop" => PermissionKind::RepeatedCall,
        "skill" => PermissionKind::Skill,
        // The engine's own names besides; two of them look like a server's tool.
        "plan_enter"
        | "plan_exit"
        | "workflow_tool_approval"
        | "todowrite"
        | "todoread"
        | "question"
        | "lsp" => PermissionKind::Other(name.to_owned()),
        // A server's tool is asked for as `<server>_<tool>`.
        _ if name.contains('_') => PermissionKind::Tool(name.to_owned()),
        _ => PermissionKind::Other(name.to_owned()),
    }
}

pub(crate) fn question(request: wire::QuestionRequest) -> QuestionAsk {
    QuestionAsk {
        id: QuestionId::new(request.id),
        session: SessionId::new(request.session),
        questions: request
            .questions
            .into_iter()
            .map(|question| Question {
                header: question.header,
                text: question.question,
                options: question
                    .options
                    .into_iter()
                    .map(|option| QuestionOption {
                        label: option.label,
                        description: option.description,
                    })
                    .collect(),
                multiple: question.multiple,
                custom: question.custom.unwrap_or(true),
            })
            .collect(),
        call: request.tool.map(call),
    }
}

fn call(reference: wire::CallReference) -> (MessageId, CallId) {
    (MessageId::new(reference.message), CallId::new(reference.call))
}

pub(crate) fn todos(todos: Vec<wire::TodoInfo>) -> Vec<Todo> {
    todos
        .into_iter()
        .map(|todo| Todo {
            content: todo.content,
            state: match todo.status.as_str() {
                "in_progress" => TodoState::InProgress,
                "completed" => TodoState::Completed,
                "cancelled" => TodoState::Cancelled,
                // The engine takes any word the model says; what is not begun, done or given up is to do.
                _ => TodoState::Pending,
            },
        })
        .collect()
}

pub(crate) fn file_change(diff: wire::FileDiff) -> FileChange {
    // Of a file that holds no text it gives no patch; git says so in words.
    let head = match diff.status.as_str() {
        _ if !diff.patch.is_empty() => "",
        "added" => "new file mode 100644\nBinary files differ\n",
        "deleted" => "deleted file mode 100644\nBinary files differ\n",
        _ => "Binary files differ\n",
    };
    FileChange {
        path: diff.file,
        patch: head.to_owned() + &bounded(diff.patch),
        additions: whole(diff.additions),
        deletions: whole(diff.deletions),
    }
}

pub(crate) fn agent(info: wire::AgentInfo) -> Agent {
    Agent {
        name: info.name,
        description: info.description.filter(|description| !description.is_empty()),
        mode: match info.mode.as_str() {
            "primary" => AgentMode::Primary,
            "subagent" => AgentMode::Subagent,
            _ => AgentMode::All,
        },
        hidden: info.hidden,
    }
}

pub(crate) fn command(info: wire::CommandInfo) -> Command {
    Command {
        name: info.name,
        description: info.description.filter(|description| !description.is_empty()),
        // The prompt of a server is made when it is asked for, and is an empty object until then.
        template: info.template.as_str().unwrap_or_default().to_owned(),
        source: match info.source.as_str() {
            "mcp" => CommandSource::Server,
            "skill" => CommandSource::Skill,
            _ => CommandSource::Engine,
        },
        agent: info.agent.filter(|agent| !agent.is_empty()),
        model: info.model.filter(|model| !model.is_empty()),
        subtask: info.subtask,
    }
}

pub(crate) fn models(list: wire::ProviderList) -> Vec<Model> {
    let mut models = Vec::new();
    for provider in list.providers {
        for (id, model) in provider.models {
            let name = model
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or(&id)
                .to_owned();
            let number = |path: &str| model.pointer(path).and_then(Value::as_f64).map_or(0, whole);
            let can = |what: &str| {
                model
                    .pointer(&format!("/capabilities/{what}"))
                    .and_then(Value::as_bool)
                    .unwrap_or_default()
            };
            let variants = model.get("variants").and_then(Value::as_object);
            models.push(Model {
                reference: ModelReference {
                    provider: provider.id.clone(),
                    model: id,
                },
                name,
                provider_name: provider.name.clone(),
                context: number("/limit/context"),
                output: number("/limit/output"),
                tool_call: can("toolcall"),
                reasoning: can("reasoning"),
                attachment: can("attachment"),
                images: model
                    .pointer("/capabilities/input/image")
                    .and_then(Value::as_bool),
                variants: variants
                    .map(|all| all.keys().cloned().collect())
                    .unwrap_or_default(),
            });
        }
    }
    models
}

pub(crate) fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    object
        .get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn first(object: &Map<String, Value>, key: &str) -> Option<String> {
    object.get(key)?.as_array()?.first()?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_text_is_told_as_git_tells_one() {
        let told = |json: Value| file_change(serde_json::from_value(json).unwrap()).patch;
        let of = |status: &str| told(serde_json::json!({ "file": "a", "status": status, "patch": "" }));
        assert_eq!(of("added"), "new file mode 100644\nBinary files differ\n");
        assert_eq!(of("deleted"), "deleted file mode 100644\nBinary files differ\n");
        assert_eq!(of("modified"), "Binary files differ\n");
        let patch = "@@ -1 +1 @@\n-a\n+b\n";
        assert_eq!(
            told(serde_json::json!({ "file": "a", "status": "added", "patch": patch })),
            patch
        );
    }

    #[test]
    fn an_ask_for_a_patch_names_every_file_in_full_and_where_one_is_moved_to() {
        let request = serde_json::from_value(serde_json::json!({
            "id": "per_1", "sessionID": "ses_1", "permission": "edit", "patterns": ["a", "b"], "always": ["*"],
            "metadata": {"filepath": "a, b", "diff": "+x", "files": [
                {"filePath": "/p/a", "relativePath": "a", "type": "update"},
                {"filePath": "/p/b", "relativePath": "c", "type": "move", "movePath": "/p/c"},
                "what is none",
            ]},
        }));
        let ask = permission(request.unwrap());
        assert_eq!(ask.patterns, ["a", "b", "/p/a", "/p/b", "/p/c"]);
        assert_eq!(ask.path.as_deref(), Some("a, b"));
        let request = serde_json::from_value(serde_json::json!({
            "id": "per_1", "sessionID": "ses_1", "permission": "edit", "patterns": ["a"], "always": ["*"],
            "metadata": {"filepath": "/p/a", "files": "what is none"},
        }));
        assert_eq!(permission(request.unwrap()).patterns, ["a"]);
    }

    #[test]
    fn a_file_that_is_counted_from_the_root_is_named_from_there() {
        let asked = |patterns: &[&str], filepath: &str| {
            let request = serde_json::from_value(serde_json::json!({
                "id": "per_1", "sessionID": "ses_1", "permission": "edit", "patterns": patterns, "always": ["*"],
                "metadata": {"filepath": filepath},
            }));
            permission(request.unwrap()).patterns
        };
        assert_eq!(asked(&["tmp/new/a.md"], "/tmp/new/a.md"), ["/tmp/new/a.md"]);
        assert_eq!(asked(&["a.md"], "/tmp/new/a.md"), ["a.md"]);
        assert_eq!(asked(&["../b.md"], "/tmp/b.md"), ["../b.md"]);
    }
}
