//! What a session holds.

use cowork_engine::{
    FileChange, Message, ModelReference, Part, PartContent, PermissionAsk, PermissionKind, Question,
    QuestionAsk, QuestionOption, SessionStatus, Todo, ToolCall, ToolKind, ToolState, TurnError,
};
use cowork_pairing_protocol::session::{STRING_LIMIT, SharedThread};

use super::Leaving;
use super::bounds::Room;
use super::value::ARRAY_LIMIT;

/// Bytes of a running call's output that leave each time it prints something. The rest leaves when it ended.
const RUNNING_OUTPUT: usize = 4 * 1024;

impl Leaving {
    /// A message's head.
    #[must_use]
    pub fn message(&self, message: &Message) -> Message {
        Message {
            agent: message.agent.as_ref().map(|agent| self.line(agent)),
            model: message.model.as_ref().map(|model| ModelReference {
                provider: self.line(&model.provider),
                model: self.path(&model.model),
            }),
            error: message.error.as_ref().map(|error| self.error(error)),
            ..message.clone()
        }
    }

    /// A part as a whole, its text without a bound.
    #[must_use]
    pub fn part(&self, part: &Part) -> Part {
        let content = match &part.content {
            PartContent::Text { text, synthetic } => PartContent::Text {
                text: self.text(text),
                synthetic: *synthetic,
            },
            PartContent::Reasoning { text, started, ended } => PartContent::Reasoning {
                text: self.text(text),
                started: *started,
                ended: *ended,
            },
            PartContent::Tool(call) => PartContent::Tool(Box::new(self.call(call))),
            PartContent::File { name, media_type } => PartContent::File {
                name: self.path(name),
                media_type: self.line(media_type),
            },
            PartContent::Patch { files } => PartContent::Patch {
                files: self.list(files, |file| self.path(file)),
            },
            PartContent::Other { kind } => PartContent::Other {
                kind: self.line(kind),
            },
            PartContent::StepStarted | PartContent::StepFinished { .. } | PartContent::Compaction => {
                part.content.clone()
            }
        };
        Part {
            content,
            ..part.clone()
        }
    }

    /// A tool call. Of one that runs a tail of its output is held back.
    #[must_use]
    pub fn call(&self, call: &ToolCall) -> ToolCall {
        let runs = matches!(call.state, ToolState::Pending | ToolState::Running);
        self.call_that(call, runs)
    }

    /// A tool call of a message that is finished: however it stands, nothing follows.
    #[must_use]
    pub fn call_of_finished(&self, call: &ToolCall) -> ToolCall {
        self.call_that(call, false)
    }

    fn call_that(&self, call: &ToolCall, runs: bool) -> ToolCall {
        let of_path = matches!(
            call.kind,
            ToolKind::Read | ToolKind::Write | ToolKind::Edit | ToolKind::List
        );
        let limit = if runs { RUNNING_OUTPUT } else { STRING_LIMIT };
        let (output, cut) = self.end(&call.output, limit, runs);
        let hidden = call.kind == ToolKind::Write && !self.policy.expose_artifact_bodies;
        let room = Room::new();
        let line = |text: &String| room.fit(self.line(text));
        let target = |target: &String| {
            room.fit(if of_path {
                self.path(target)
            } else {
                self.line(target)
            })
        };
        ToolCall {
            name: line(&call.name),
            target: call.target.as_ref().map(target),
            description: call.description.as_ref().map(line),
            // Stands for the arguments as they are here.
            given: None,
            shortened: call.shortened || cut,
            kept_output: call
                .kept_output
                .as_ref()
                .filter(|_| self.policy.expose_local_paths)
                .map(line),
            error: call.error.as_ref().map(line),
            output: room.fit(output),
            change: call.change.as_ref().map(|change| FileChange {
                path: room.fit(self.path(&change.path)),
                patch: if hidden {
                    String::new()
                } else {
                    line(&change.patch)
                },
                ..change.clone()
            }),
            arguments: call
                .arguments
                .as_ref()
                .filter(|_| !hidden)
                .map(|text| room.fit(self.arguments(text))),
            ..call.clone()
        }
    }

    /// A request for permission. What is asked is shown whatever it holds, as nobody should answer what they cannot see.
    #[must_use]
    pub fn permission(&self, ask: &PermissionAsk) -> PermissionAsk {
        let of_path = matches!(
            ask.kind,
            PermissionKind::Edit | PermissionKind::Read | PermissionKind::ExternalFolder
        );
        let room = Room::new();
        let line = |text: &String| room.fit(self.line(text));
        let path = |path: &String| room.fit(self.path(path));
        let pattern = |pattern: &String| {
            if of_path { path(pattern) } else { line(pattern) }
        };
        // In the order of what says most.
        PermissionAsk {
            command: ask.command.as_ref().map(line),
            path: ask.path.as_ref().map(path),
            leads_to: ask.leads_to.as_ref().map(path),
            diff: ask.diff.as_ref().map(line),
            kind: match &ask.kind {
                PermissionKind::Tool(name) => PermissionKind::Tool(line(name)),
                PermissionKind::Other(name) => PermissionKind::Other(line(name)),
                kind => kind.clone(),
            },
            patterns: self.list(&ask.patterns, pattern),
            always: self.list(&ask.always, pattern),
            ..ask.clone()
        }
    }

    /// Questions.
    #[must_use]
    pub fn question(&self, ask: &QuestionAsk) -> QuestionAsk {
        let room = Room::new();
        let line = |text: &String| room.fit(self.line(text));
        let option = |option: &QuestionOption| QuestionOption {
            label: line(&option.label),
            description: line(&option.description),
        };
        let question = |question: &Question| Question {
            header: line(&question.header),
            text: line(&question.text),
            options: question.options.iter().take(ARRAY_LIMIT).map(option).collect(),
            ..question.clone()
        };
        QuestionAsk {
            questions: ask.questions.iter().take(ARRAY_LIMIT).map(question).collect(),
            ..ask.clone()
        }
    }

    /// A plan.
    #[must_use]
    pub fn todos(&self, todos: &[Todo]) -> Vec<Todo> {
        let room = Room::new();
        let todo = |todo: &Todo| Todo {
            content: room.fit(self.line(&todo.content)),
            state: todo.state,
        };
        todos.iter().take(ARRAY_LIMIT).map(todo).collect()
    }

    /// What a session is doing.
    #[must_use]
    pub fn status(&self, status: &SessionStatus) -> SessionStatus {
        match status {
            SessionStatus::Retry {
                attempt,
                message,
                next,
            } => SessionStatus::Retry {
                attempt: *attempt,
                message: self.line(message),
                next: *next,
            },
            SessionStatus::Idle | SessionStatus::Busy => status.clone(),
        }
    }

    /// Why a turn failed.
    #[must_use]
    pub fn error(&self, error: &TurnError) -> TurnError {
        TurnError {
            message: self.line(&error.message),
            ..error.clone()
        }
    }

    /// A session's row.
    #[must_use]
    pub fn thread(&self, thread: &SharedThread) -> SharedThread {
        SharedThread {
            title: self.line(&thread.title),
            folder: thread.folder.as_ref().map(|folder| self.path(folder)),
            agent: thread.agent.as_ref().map(|agent| self.line(agent)),
            // Servers of local models name them by their files.
            model: thread
                .model
                .as_ref()
                .map(|model| match ModelReference::parse(model) {
                    Some(model) => {
                        format!("{}/{}", self.line(&model.provider), self.path(&model.model))
                    }
                    None => self.line(model),
                }),
            ..thread.clone()
        }
    }

    /// Arguments are JSON as a rule, whose fields have names.
    fn arguments(&self, text: &str) -> String {
        let cleaned = serde_json::from_str(text)
            .ok()
            .and_then(|value| serde_json::to_string_pretty(&self.value(&value)).ok());
        match cleaned {
            Some(text) => super::bounds::keep_start(text, STRING_LIMIT, false),
            None => self.line(text),
        }
    }

    /// The first of a list, and how many more there are.
    fn list(&self, texts: &[String], cleaned: impl Fn(&String) -> String) -> Vec<String> {
        let mut first: Vec<_> = texts.iter().take(ARRAY_LIMIT).map(cleaned).collect();
        if texts.len() > ARRAY_LIMIT {
            first.pop();
            let more = texts.len() - first.len();
            first.push(self.line(&format!("[and {more} more]")));
        }
        first
    }
}
