//! Code blocks that run on a click: what runs, and what of it a window has not been told yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cowork_runner::{
    Installed, Outcome, OutputStream, Phase, Reason, RunEvent, Runner, Stopper, language_of_fence,
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
        let update = runs
            .untold
            .entry(run.to_owned())
            .or_insert_with(|| SnippetUpdate {
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

impl Inner {
    fn runner(&self) -> Arc<Runner> {
        let made = || {
            let options = &self.options;
            let search_path = self.login_path.borrow().clone().flatten();
            Arc::new(Runner::new(cowork_runner::Options {
                search_path: search_path
                    .or_else(|| std::env::var_os("PATH"))
                    .unwrap_or_default(),
                home: options.home_directory.clone(),
                cache: options.places.cache.join("snippets"),
                scratch: options.places.data.join("snippets"),
                bubblewrap: None,
                containers: true,
                images: BTreeMap::new(),
                limits: cowork_runner::Limits::default(),
            }))
        };
        Arc::clone(self.snippets.runner.get_or_init(made))
    }
}

impl Workspace {
    /// The languages whose code blocks can run on this computer.
    pub async fn snippet_languages(&self) -> Vec<SnippetLanguage> {
        let runner = self.inner.runner();
        let installed = blocking(move || runner.languages()).await.unwrap_or_default();
        installed.iter().map(described).collect()
    }

    /// Runs a code block in a box of its own, and gives the run's name; how it goes follows in updates.
    ///
    /// # Errors
    /// When the language cannot run here, no box can be made, or too many wait.
    pub async fn run_snippet(&self, language: &str, source: String) -> Result<String> {
        let language = language_of_fence(language).ok_or_else(|| {
            WorkspaceError::InvalidInput(format!("Code blocks in {language:?} cannot be run."))
        })?;
        let scratch = self.inner.options.places.data.join("snippets");
        blocking(move || std::fs::create_dir_all(scratch))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        let mut run = self
            .inner
            .runner()
            .run(language, source)
            .await
            .map_err(|refusal| WorkspaceError::NotAllowed(crate::engine::sentence(&refusal.to_string())))?;
        let name = {
            let mut runs = self.inner.snippets.runs();
            if runs.stoppers.len() >= MOST_RUNS {
                return Err(WorkspaceError::NotAllowed(
                    "Too many code blocks run already. Stop one first.".into(),
                ));
            }
            runs.begun += 1;
            let name = format!("run-{}", runs.begun);
            runs.stoppers.insert(name.clone(), run.stopper());
            name
        };
        let (inner, told) = (self.inner.clone(), name.clone());
        tokio::spawn(async move {
            while let Some(event) = run.next().await {
                inner.snippets.tell(&told, event);
                inner.feed.changed();
            }
        });
        Ok(name)
    }

    /// Stops a code block that runs.
    pub fn stop_snippet(&self, run: &str) {
        if let Some(stopper) = self.inner.snippets.runs().stoppers.get(run) {
            stopper.stop();
        }
    }
}

fn described(installed: &Installed) -> SnippetLanguage {
    let language = installed.language;
    let fences = language.fences().iter();
    SnippetLanguage {
        label: language.to_string(),
        fences: fences.map(|fence| (*fence).to_owned()).collect(),
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
        Reason::DiskLimit { bytes } => SnippetEnd::DiskLimit { bytes },
        Reason::ProcessLimit { processes } => SnippetEnd::ProcessLimit { processes },
        Reason::NotStarted { advice } => SnippetEnd::NotStarted { advice },
    };
    SnippetState::Ended {
        how,
        elapsed: u64::try_from(outcome.elapsed.as_millis()).unwrap_or(u64::MAX),
        from_cache: outcome.from_cache,
    }
}
