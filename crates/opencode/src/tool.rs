//! Tool calls: the engine's tools and what each leaves where, in the workspace's words.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cowork_engine::{CallId, FileChange, SessionId, ToolCall, ToolKind, ToolState};
use serde_json::{Map, Value};

use crate::bound::bounded;
use crate::convert::text;
use crate::memory::Memory;
use crate::wire::{ToolStateInfo, whole};

pub(crate) fn tool_call(name: String, call: String, state: &ToolStateInfo, memory: &Memory) -> ToolCall {
    let call = CallId::new(call);
    let empty = Map::new();
    let input = state.input.as_object().unwrap_or(&empty);
    if name == "invalid" {
        return call_of_no_tool(call, input, state);
    }
    let kind = kind(&name);
    let metadata = &state.metadata;
    let error = state
        .error
        .as_deref()
        .map(without_rules)
        .map(|error| bounded(error.to_owned()));
    ToolCall {
        target: target(kind, &name, input),
        description: text(input, "description"),
        arguments: arguments(kind, input),
        given: given(input),
        output: output(kind, state),
        shortened: metadata.get("truncated") == Some(&Value::Bool(true)),
        kept_output: text(metadata, "outputPath"),
        denied: error.as_deref().is_some_and(is_refusal),
        change: change(kind, &call, input, state, memory),
        child: text(metadata, "sessionId").map(SessionId::new),
        exit: metadata.get("exit").and_then(Value::as_i64),
        started: state.time.start,
        ended: state.time.end,
        state: tool_state(&state.status),
        error,
        call,
        kind,
        name,
    }
}

/// What the engine makes of a call it could not run: a completed call of a tool named "invalid", with the name the
/// model used and the error in the arguments.
fn call_of_no_tool(call: CallId, input: &Map<String, Value>, state: &ToolStateInfo) -> ToolCall {
    let state_of_call = match tool_state(&state.status) {
        ToolState::Completed => ToolState::Failed,
        other => other,
    };
    let error = text(input, "error").or_else(|| state.error.clone()).map(bounded);
    let name = text(input, "tool").unwrap_or_else(|| "invalid".to_owned());
    ToolCall {
        error,
        started: state.time.start,
        ended: state.time.end,
        given: given(input),
        ..ToolCall::new(call, name, ToolKind::Other, state_of_call)
    }
}

fn kind(name: &str) -> ToolKind {
    match name {
        "bash" => ToolKind::Shell,
        "read" => ToolKind::Read,
        "write" => ToolKind::Write,
        "edit" | "multiedit" | "patch" | "apply_patch" => ToolKind::Edit,
        "glob" | "grep" | "codesearch" => ToolKind::Search,
        "list" => ToolKind::List,
        "webfetch" | "websearch" => ToolKind::Fetch,
        "task" => ToolKind::Task,
        "question" => ToolKind::Question,
        "todowrite" | "todoread" => ToolKind::Plan,
        "skill" => ToolKind::Skill,
        _ => ToolKind::Other,
    }
}

fn tool_state(status: &str) -> ToolState {
    match status {
        "completed" => ToolState::Completed,
        "error" => ToolState::Failed,
        "running" => ToolState::Running,
        _ => ToolState::Pending,
    }
}

fn target(kind: ToolKind, name: &str, input: &Map<String, Value>) -> Option<String> {
    let key = match kind {
        ToolKind::Shell => "command",
        ToolKind::Read | ToolKind::Write | ToolKind::Edit => "filePath",
        ToolKind::Search if name == "codesearch" => "query",
        ToolKind::Search => "pattern",
        ToolKind::List => "path",
        ToolKind::Fetch if name == "websearch" => "query",
        ToolKind::Fetch => "url",
        ToolKind::Task => "subagent_type",
        ToolKind::Skill => "name",
        ToolKind::Question | ToolKind::Plan | ToolKind::Other => return None,
    };
    text(input, key).map(bounded)
}

/// Stands for the arguments; none while the engine has not told them.
fn given(input: &Map<String, Value>) -> Option<u64> {
    if input.is_empty() {
        return None;
    }
    let mut hash = DefaultHasher::new();
    write_hash(&mut hash, input);
    Some(hash.finish())
}

/// Takes the arguments in as they are, in the order of their names. Their text is not written anew for it: it may be a file.
fn write_hash(hash: &mut DefaultHasher, input: &Map<String, Value>) {
    let mut names: Vec<&String> = input.keys().collect();
    names.sort_unstable();
    for name in names {
        name.hash(hash);
        match &input[name] {
            Value::String(text) => text.hash(hash),
            Value::Object(below) => write_hash(hash, below),
            other => other.to_string().hash(hash),
        }
    }
}

fn arguments(kind: ToolKind, input: &Map<String, Value>) -> Option<String> {
    if kind != ToolKind::Other || input.is_empty() {
        return None;
    }
    // A map with string keys that came from JSON can always be written as JSON.
    serde_json::to_string_pretty(input).ok().map(bounded)
}

fn output(kind: ToolKind, state: &ToolStateInfo) -> String {
    let shown = match (kind, tool_state(&state.status)) {
        // What a model is given of a file is numbered and wrapped; the plain text stands beside it.
        (ToolKind::Read, ToolState::Completed) => plain_file(&state.metadata),
        (ToolKind::Task, ToolState::Completed) => result_of_task(&state.output),
        _ => None,
    };
    if let Some(shown) = shown {
        return bounded(shown);
    }
    if !state.output.is_empty() {
        return bounded(state.output.clone());
    }
    // A command's output so far, and what it had printed when it was stopped.
    text(&state.metadata, "output").map(bounded).unwrap_or_default()
}

fn plain_file(metadata: &Map<String, Value>) -> Option<String> {
    let display = metadata.get("display")?.as_object()?;
    (display.get("type")?.as_str()? == "file")
        .then(|| display.get("text")?.as_str().map(str::to_owned))
        .flatten()
}

fn result_of_task(output: &str) -> Option<String> {
    let (_, after) = output.split_once("<task_result>")?;
    let (result, _) = after.rsplit_once("</task_result>")?;
    Some(result.trim_matches('\n').to_owned())
}

/// The engine's words on a rule of its own that forbids the call; the rules themselves follow as JSON, with paths
/// of the private home in them, and help nobody.
fn without_rules(error: &str) -> &str {
    error
        .split(" Here are some of the relevant rules")
        .next()
        .unwrap_or(error)
}

fn is_refusal(error: &str) -> bool {
    [
        "rejected permission",
        "specified a rule which prevents",
        "user dismissed",
        "QuestionRejectedError",
    ]
    .iter()
    .any(|words| error.contains(words))
}

fn change(
    kind: ToolKind,
    call: &CallId,
    input: &Map<String, Value>,
    state: &ToolStateInfo,
    memory: &Memory,
) -> Option<FileChange> {
    if !matches!(kind, ToolKind::Write | ToolKind::Edit) {
        return None;
    }
    let metadata = &state.metadata;
    let path = text(metadata, "filepath").or_else(|| text(input, "filePath"));
    if let Some(given) = metadata.get("filediff").and_then(Value::as_object) {
        let number = |key| given.get(key).and_then(Value::as_f64).map_or(0, whole);
        return Some(FileChange {
            path: text(given, "file").or(path)?,
            patch: text(given, "patch").map(bounded).unwrap_or_default(),
            additions: number("additions"),
            deletions: number("deletions"),
        });
    }
    if let Some(diff) = text(metadata, "diff") {
        return Some(counted(
            path.or_else(|| first_file(metadata)).unwrap_or_default(),
            diff,
        ));
    }
    if tool_state(&state.status) != ToolState::Completed {
        return None;
    }
    let path = path?;
    let is_new = kind == ToolKind::Write && metadata.get("exists") == Some(&Value::Bool(false));
    Some(
        match (memory.diff_of(call), input.get("content").and_then(Value::as_str)) {
            (Some(diff), _) => counted(path, diff.to_owned()),
            (None, Some(content)) if is_new => all_added(path, content),
            _ => FileChange {
                path,
                patch: String::new(),
                additions: 0,
                deletions: 0,
            },
        },
    )
}

fn first_file(metadata: &Map<String, Value>) -> Option<String> {
    text(
        metadata.get("files")?.as_array()?.first()?.as_object()?,
        "filePath",
    )
}

fn counted(path: String, diff: String) -> FileChange {
    // The first lines name the file; in them `+++` and `---` are no changes.
    let lines = || diff.lines().skip_while(|line| !line.starts_with("@@"));
    let starting = |sign| lines().filter(|line| line.starts_with(sign)).count() as u64;
    let (additions, deletions) = (starting('+'), starting('-'));
    FileChange {
        path,
        patch: bounded(diff),
        additions,
        deletions,
    }
}

/// The change that makes a new file, in the form the engine gives other changes.
fn all_added(path: String, content: &str) -> FileChange {
    let additions = content.lines().count();
    let mut diff = format!("--- {path}\n+++ {path}\n");
    if additions > 0 {
        diff.extend(["@@ -0,0 +1,", &additions.to_string(), " @@\n"]);
        for line in content.split_inclusive('\n') {
            diff.push('+');
            diff.push_str(line);
        }
        if !content.ends_with('\n') {
            diff.push_str("\n\\ No newline at end of file\n");
        }
    }
    FileChange {
        path,
        patch: bounded(diff),
        additions: additions as u64,
        deletions: 0,
    }
}
