//! What the app says: each change, once it is on disk.

use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cowork_chaos::{Outcome, Report, Shown, Tool};
use cowork_transcript::{Block, BlockContent, Entry, Transcript};
use cowork_workspace::view::{EngineState, Update};
use cowork_workspace::{Role, SessionStatus, ToolState, Workspace};
use tokio::sync::Notify;

/// Writes reports on standard output, each as a line, and each only when it is news.
pub(crate) struct Reports {
    workspace: Workspace,
    /// The session that is shown.
    shown: Mutex<Option<String>>,
    changed: Notify,
}

impl Reports {
    pub(crate) fn new(workspace: Workspace) -> Arc<Self> {
        Arc::new(Self {
            workspace,
            shown: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// Shows this session from now on.
    pub(crate) fn show(&self, session: &str) {
        *self.shown() = Some(session.to_owned());
        self.changed.notify_one();
    }

    /// Reports what changes; runs for ever.
    pub(crate) async fn follow(self: Arc<Self>) {
        let told = self.clone();
        self.workspace.subscribe(move |update| {
            // As the window does: drawn, then acknowledged.
            told.workspace.acknowledge(update.sequence);
            told.take(update);
            true
        });
        let mut engine = None;
        let mut seen = None;
        let mut asks = Vec::new();
        loop {
            self.tell_engine(&mut engine);
            let session = self.shown().clone();
            if let Some(session) = session {
                let now = self.workspace.with_kept_transcript(&session, look).await;
                if now.is_some() && now != seen {
                    seen = now;
                    if let Some((messages, busy, error)) = seen.clone() {
                        write(&Report::Seen {
                            messages,
                            busy,
                            error,
                        });
                    }
                }
                let cards = self.workspace.waiting(&session).permissions;
                let permissions: Vec<String> = cards.into_iter().map(|card| card.id).collect();
                if permissions != asks {
                    asks.clone_from(&permissions);
                    write(&Report::Asks { permissions });
                }
            }
            self.changed.notified().await;
        }
    }

    fn tell_engine(&self, told: &mut Option<EngineState>) {
        let state = self.workspace.engine_state();
        if told.as_ref() != Some(&state) {
            *told = Some(state.clone());
            write(&Report::Engine { state });
        }
    }

    fn take(&self, update: Update) {
        if let Some(safety) = update.safety {
            write(&Report::Saving {
                trouble: safety.not_saving,
            });
        }
        for notice in update.notices {
            write(&Report::Notice {
                kind: format!("{:?}", notice.kind),
                detail: notice.detail,
            });
        }
        self.changed.notify_one();
    }

    fn shown(&self) -> MutexGuard<'_, Option<String>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says how a request ended.
pub(crate) fn answer(number: u64, outcome: Outcome) {
    write(&Report::Answer { number, outcome });
}

fn write(report: &Report) {
    // What cannot be told reaches nobody: the test that listened is gone, and standard input ends next.
    if let Ok(line) = serde_json::to_string(report) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// What a person sees of a conversation.
fn look(transcript: &Transcript) -> (Vec<Shown>, bool, Option<String>) {
    (
        transcript.messages().iter().map(message).collect(),
        *transcript.status() != SessionStatus::Idle,
        transcript.error().map(|error| error.message.clone()),
    )
}

fn message(entry: &Entry) -> Shown {
    let message = &entry.message;
    Shown {
        id: message.id.to_string(),
        parent: message.parent.as_ref().map(ToString::to_string),
        is_answer: message.role == Role::Assistant,
        text: entry.blocks.iter().filter_map(text).collect(),
        is_complete: message.completed.is_some(),
        is_interrupted: entry.interrupted,
        error: message.error.as_ref().map(|error| error.message.clone()),
        tools: entry.blocks.iter().filter_map(tool).collect(),
    }
}

fn text(block: &Block) -> Option<&str> {
    match &block.content {
        BlockContent::Text { text } => Some(text),
        _ => None,
    }
}

fn tool(block: &Block) -> Option<Tool> {
    match &block.content {
        BlockContent::Tool(tool) => Some(Tool {
            name: tool.call.name.clone(),
            is_running: tool.call.state == ToolState::Running && !tool.interrupted,
            is_interrupted: tool.interrupted,
            output: tool.call.output.clone(),
        }),
        _ => None,
    }
}
