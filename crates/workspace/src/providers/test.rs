//! The connection test that runs, or ran last.

use std::sync::{Arc, Mutex, PoisonError};

use cowork_key_proxy::check::{self, Step, StepOutcome, StepState, Target};
use cowork_vault::Sensitive;
use tokio::task::AbortHandle;

use super::keys::key_of;
use super::{Connected, Keeper};
use crate::error::{Result, WorkspaceError};
use crate::operations::prompts::split_variant;
use crate::view::{ConnectionTest, TestMark, TestStep, TestStepRow};
use crate::workspace::{Inner, now};

/// The task of the test that runs: one at a time, the last one asked for.
#[derive(Default)]
pub(crate) struct RunningTest(Mutex<Running>);

#[derive(Default)]
struct Running {
    task: Option<AbortHandle>,
    /// Counts tests, so that a step of an earlier one is not told as the present one's.
    number: u64,
}

impl RunningTest {
    /// Ends what runs, and gives the number of what comes next.
    fn next(&self) -> u64 {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = running.task.take() {
            before.abort();
        }
        running.number += 1;
        running.number
    }

    /// Remembers the task of a test, or ends it when a later one was begun.
    fn runs(&self, number: u64, task: AbortHandle) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.number == number {
            running.task = Some(task);
        } else {
            task.abort();
        }
    }

    fn is_present(&self, number: u64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).number == number
    }
}

/// Ends the test that runs. What it found stays on screen.
pub(crate) fn stop(inner: &Inner) {
    inner.running_test.next();
    inner.state().change_test(|test| {
        test.running = false;
        for row in &mut test.steps {
            if let TestMark::Running { .. } = row.mark {
                row.mark = TestMark::Waiting;
            }
        }
    });
    inner.feed.changed();
}

/// Begins to test a connection.
pub(crate) fn begin(inner: &Arc<Inner>, provider: &str, model: Option<String>) -> Result<ConnectionTest> {
    let connected = inner
        .state()
        .provider(provider)
        .cloned()
        .ok_or(WorkspaceError::NotFound("The provider"))?;
    if connected.details.sign_in == Some(Keeper::Engine) {
        return Err(WorkspaceError::NotAllowed(format!(
            "The engine keeps the sign-in at {}, so it cannot be tested from here. Send a prompt to try it.",
            connected.name
        )));
    }
    // A person asks for it, who may have unlocked the key ring since it was asked last.
    inner.vault.ask_again();
    let model = model.or_else(|| usual_model(inner, &connected));
    let test = ConnectionTest {
        provider: provider.to_owned(),
        model: model
            .as_ref()
            .map(|model| format!("{provider}/{model}"))
            .unwrap_or_default(),
        steps: waiting(&connected),
        running: true,
        usable: false,
    };
    // The one before is ended before the new one is shown, so that none of its steps is told as the new one's.
    let number = inner.running_test.next();
    inner.state().set_test(test.clone());
    inner.feed.changed();
    let running = inner.clone();
    let task = tokio::spawn(async move { run(running, number, connected, model).await });
    inner.running_test.runs(number, task.abort_handle());
    Ok(test)
}

/// The model to ask when nobody said which: the default when it is this provider's, else its first.
fn usual_model(inner: &Inner, connected: &Connected) -> Option<String> {
    let state = inner.state();
    let default = state.settings.default_model.as_deref();
    let prefix = format!("{}/", connected.id);
    let default = default
        .and_then(|model| model.strip_prefix(&prefix))
        .map(|model| split_variant(model).0.to_owned());
    default.or_else(|| connected.first_model().map(str::to_owned))
}

fn waiting(connected: &Connected) -> Vec<TestStepRow> {
    let is_there = |step: TestStep| match step {
        TestStep::Secure => connected.base.scheme() == "https",
        TestStep::ModelListed => connected.wire().listing().is_some(),
        _ => true,
    };
    [
        TestStep::Resolve,
        TestStep::Connect,
        TestStep::Secure,
        TestStep::KeyAccepted,
        TestStep::ModelListed,
        TestStep::ModelAnswers,
        TestStep::ToolCall,
    ]
    .into_iter()
    .filter(|step| is_there(*step))
    .map(|step| TestStepRow {
        step,
        mark: TestMark::Waiting,
    })
    .collect()
}

async fn run(inner: Arc<Inner>, number: u64, connected: Connected, model: Option<String>) {
    let key = match key(&inner, &connected).await {
        Ok(key) => key,
        Err(message) => {
            // Whoever could not give the key said what would help, too.
            let advice = String::new();
            mark(
                &inner,
                number,
                TestStep::KeyAccepted,
                TestMark::Failed { message, advice },
            );
            return ended(&inner, number, false);
        }
    };
    let target = Target {
        name: connected.name.clone(),
        base: connected.base.clone(),
        reach: connected.reach(),
        wire: connected.wire(),
        model,
        headers: super::sign_in::headers(&inner, &connected).await,
    };
    let told = |step: Step, state: StepState| mark(&inner, number, step_in(step), mark_in(state));
    let report = check::check(&inner.outward, &target, key.as_ref(), told).await;
    ended(&inner, number, report.usable);
}

async fn key(inner: &Inner, connected: &Connected) -> std::result::Result<Option<Sensitive>, String> {
    if !connected.details.wants_key && connected.details.sign_in.is_none() {
        return Ok(None);
    }
    key_of(inner, &connected.id)
        .await
        .map(Some)
        .map_err(|error| error.message)
}

fn mark(inner: &Inner, number: u64, step: TestStep, mark: TestMark) {
    if !inner.running_test.is_present(number) {
        return;
    }
    inner
        .state()
        .change_test(|test| match test.steps.iter_mut().find(|row| row.step == step) {
            Some(row) => row.mark = mark,
            None => test.steps.push(TestStepRow { step, mark }),
        });
    inner.feed.changed();
}

fn ended(inner: &Inner, number: u64, usable: bool) {
    if !inner.running_test.is_present(number) {
        return;
    }
    inner.state().change_test(|test| {
        test.running = false;
        test.usable = usable;
    });
    inner.feed.changed();
}

fn step_in(step: Step) -> TestStep {
    match step {
        Step::Resolve => TestStep::Resolve,
        Step::Connect => TestStep::Connect,
        Step::Secure => TestStep::Secure,
        Step::KeyAccepted => TestStep::KeyAccepted,
        Step::ModelListed => TestStep::ModelListed,
        Step::ModelAnswers => TestStep::ModelAnswers,
        Step::ToolCall => TestStep::ToolCall,
    }
}

fn mark_in(state: StepState) -> TestMark {
    match state {
        StepState::Started => TestMark::Running { since: now() },
        StepState::Done(StepOutcome::Passed { took, note }) => TestMark::Passed {
            took: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            note: note.unwrap_or_default(),
        },
        StepState::Done(StepOutcome::Skipped { why }) => TestMark::Skipped { why },
        StepState::Done(StepOutcome::Failed { message, advice, .. }) => TestMark::Failed { message, advice },
    }
}
