//! Code blocks that run on a click: what runs, and what of it a window has not been told yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cowork_runner::{
    Installed, OutputStream, Outcome, Phase, Reason, RunEvent, Runner, Stopper, language_of_fence,
};

use crate::error::{Result, WorkspaceError};
use crate::render;
use crate::view::{SnippetChunk, SnippetEnd, SnippetLanguage, SnippetState, SnippetUpdate};
use crate::workspace::{Inner, Workspace, blocking};

/// Runs whose end is not told yet, or that go on. The runner lets fewer wait.
const MOST_RUNS: usize = 64;

/// What runs.
#[derive(Default)]
pub(crate) struct Snippets {
    runner: OnceLock<Arc<Runner>>,
    runs: Mutex<Runs>,
}

#[derive(Default)]
struct Runs {
    begun: u64,
    stoppers: BTreeMap<String, Stopper>,
    /// As much of each as its bound on output lets it write.
    untold: BTreeMap<String, SnippetUpdate>,
}

impl Snippets {
    fn runs(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is new since the last call.
    pub(crate) fn take(&self) -> Vec<SnippetUpdate> {
        std::mem::take(&mut self.runs().untold).into_values().collect()
    }

    /// Nobody looks any more.
    pub(crate) fn stop_all(&self) {
        let mut runs = self.runs();
        for stopper in std::mem::take(&mut runs.stoppers).into_values() {
            stopper.stop();
        }
        runs.untold.clear();
    }

    fn tell(&self, run: &str, event: RunEvent) {
        let mut runs = self.runs();
        // One that was begun for a page that is gone.
        if !runs.stoppers.contains_key(run) {
            return;
        }
        let update = runs.untold.entry(run.to_owned()).or_insert_with(|| SnippetUpdate {
            run: run.to_owned(),
            output: Vec::new(),
            state: SnippetState::Running,
        });
        match event {
            RunEvent::Waiting { before } => {
                update.state = SnippetState::Waiting {
                    before: u32::try_from(before).unwrap_or(u32::MAX),
                };
            }
            RunEvent::Phase(Phase::Compile) => update.state = SnippetState::Compiling,
            RunEvent::Phase(Phase::Run) => update.state = SnippetState::Running,
            RunEvent::Output { phase, stream, text } => {
                if phase == Phase::Compile {
                    update.state = SnippetState::Compiling;
                }
                let (is_error, is_compiler) = (stream == OutputStream::Error, phase == Phase::Compile);
                let text = render::plain(&text);
                match update.output.last_mut() {
                    Some(last) if last.is_error == is_error && last.is_compiler == is_compiler => {
                        last.text.push_str(&text);
                    }
                    _ => update.output.push(SnippetChunk {
                        is_error,
                        is_compiler,
                        text,
                    }),
                }
            }
            RunEvent::Ended(outcome) => {
                update.state = ended(outcome);
                runs.stoppers.remove(run);
            }
        }
    }
}

fn ended(outcome: Outcome) -> SnippetState {
    let how = match outcome.reason {
        Reason::Finished { code } if outcome.phase == Phase::Compile && code != 0 => SnippetEnd::NotCompiled,
        Reason::Finished { code } => SnippetEnd::Finished { code },
        Reason::Signalled { signal } => SnippetEnd::Signalled { signal },
        Reason::TimedOut { seconds } => SnippetEnd::TimedOut { seconds },
        Reason::Stopped => SnippetEnd::Stopped,
        Reason::OutputLimit { bytes } => SnippetEnd::OutputLimit {
            bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
        },
        Reason::MemoryLimit { bytes } => SnippetEnd::MemoryLimit { bytes },
        Reason::ProcessLimit { processes } => SnippetEnd::ProcessLimit { processes },
        Reason::NotStarted { advice } => SnippetEnd::NotStarted { advice },
    };
    SnippetState::Ended {
        how,
        elapsed: u64::try_from(outcome.elapsed.as_millis()).unwrap_or(u64::MAX),
        from_cache: outcome.from_cache,
    }
}
