//! The test itself.

use std::time::Duration;

use cowork_outward::Outward;
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use http::StatusCode;
use tokio::time::{Instant, timeout};

use super::cause::{Cause, Finding};
use super::connection;
use super::exchange::{Exchange, Heard, Refusal};
use super::listing;
use super::question::Bound;
use super::refusal::Asked;
use super::step::{Limits, Report, Step, StepOutcome, StepState, Target};

/// Tests a provider. `told` hears of each step as it begins and ends. Dropping the future ends the test.
pub async fn check(
    outward: &Outward,
    target: &Target,
    key: Option<&Sensitive>,
    told: impl FnMut(Step, StepState) + Send,
) -> Report {
    check_within(Limits::default(), outward, target, key, told).await
}

/// The same with other limits.
pub async fn check_within(
    limits: Limits,
    outward: &Outward,
    target: &Target,
    key: Option<&Sensitive>,
    told: impl FnMut(Step, StepState) + Send,
) -> Report {
    let mut steps = Steps {
        told,
        done: Vec::new(),
        running: None,
        plan: plan(target),
    };
    let mut models = Vec::new();
    let exchange = Exchange {
        outward,
        target,
        key,
        patience: limits.step,
    };
    let testing = test(&exchange, &mut steps, &mut models);
    if timeout(limits.whole, testing).await.is_err() {
        let seconds = limits.whole.as_secs();
        steps.fail(Finding::new(
            Cause::TimedOut,
            format!("The test took longer than {seconds} s."),
            "Check the network connection, then test again.",
        ));
    }
    steps.skip_rest("A step before this one did not hold.");
    let failed = |step: Step| step != Step::ToolCall;
    let usable = !steps
        .done
        .iter()
        .any(|(step, outcome)| failed(*step) && matches!(outcome, StepOutcome::Failed { .. }));
    Report {
        steps: steps.done,
        models,
        usable,
    }
}

fn plan(target: &Target) -> Vec<Step> {
    let mut plan = vec![Step::Resolve, Step::Connect];
    if target.base.scheme() == "https" {
        plan.push(Step::Secure);
    }
    plan.push(Step::KeyAccepted);
    if target.wire.listing().is_some() {
        plan.push(Step::ModelListed);
    }
    plan.extend([Step::ModelAnswers, Step::ToolCall]);
    plan
}

/// Keeps and tells what comes of the steps.
struct Steps<F> {
    told: F,
    done: Vec<(Step, StepOutcome)>,
    running: Option<(Step, Instant)>,
    plan: Vec<Step>,
}

impl<F: FnMut(Step, StepState) + Send> Steps<F> {
    fn start(&mut self, step: Step) {
        if self.plan.contains(&step) {
            self.running = Some((step, Instant::now()));
            (self.told)(step, StepState::Started);
        }
    }

    /// Ends the running step.
    fn done(&mut self, outcome: StepOutcome) {
        if let Some((step, _)) = self.running.take() {
            self.record(step, outcome);
        }
    }

    fn record(&mut self, step: Step, outcome: StepOutcome) {
        (self.told)(step, StepState::Done(outcome.clone()));
        self.done.push((step, outcome));
    }

    fn pass(&mut self, note: Option<String>) {
        if let Some((_, started)) = self.running {
            let took = started.elapsed();
            self.done(StepOutcome::Passed { took, note });
        }
    }

    fn skip(&mut self, why: impl Into<String>) {
        self.done(StepOutcome::Skipped { why: why.into() });
    }

    fn fail(&mut self, finding: Finding) {
        self.done(finding.into());
    }

    /// A step that was done elsewhere; the next one before a request begins with its end.
    fn connected(&mut self, step: Step, took: Duration) {
        self.done(StepOutcome::Passed { took, note: None });
        let next = match step {
            Step::Resolve => Step::Connect,
            Step::Connect => Step::Secure,
            _ => return,
        };
        self.start(next);
    }

    fn skip_rest(&mut self, why: &str) {
        if self.running.is_some() {
            self.skip(why);
        }
        for step in self.plan.clone() {
            if !self.done.iter().any(|(of, _)| *of == step) {
                self.record(step, StepOutcome::Skipped { why: why.to_owned() });
            }
        }
    }
}

async fn test<F: FnMut(Step, StepState) + Send>(
    exchange: &Exchange<'_>,
    steps: &mut Steps<F>,
    models: &mut Vec<String>,
) {
    let Exchange { outward, target, .. } = *exchange;
    steps.start(Step::Resolve);
    let connected = outward
        .connect_by_steps(&target.base, target.reach, &mut |step, took| {
            steps.connected(step.into(), took);
        })
        .await;
    if let Err((step, error)) = connected {
        // A step that was not told of is the one that failed.
        if steps.running.is_none_or(|(running, _)| running != step.into()) {
            steps.start(step.into());
        }
        steps.fail(connection::finding(&error, &target.name));
        return;
    }

    steps.start(Step::KeyAccepted);
    let listed = match target.wire.listing() {
        Some(path) => Some(listing::list(exchange, path).await),
        None => None,
    };
    if let Some(Err((_, finding))) = &listed
        && finding.cause == Cause::KeyRefused
    {
        steps.fail(finding.clone());
        return;
    }
    if let Some(Ok(ids)) = &listed {
        models.clone_from(ids);
    }
    match &target.model {
        Some(model) => with_model(exchange, steps, listed, model).await,
        None => without_model(exchange, steps, listed).await,
    }
}

type Listed = Option<Result<Vec<String>, (Option<StatusCode>, Finding)>>;

const NO_KEY: &str = "No key is needed here.";

async fn with_model<F: FnMut(Step, StepState) + Send>(
    exchange: &Exchange<'_>,
    steps: &mut Steps<F>,
    listed: Listed,
    model: &str,
) {
    let is_listed = matches!(listed, Some(Ok(_)));
    // Where the list is given to a key alone it proves the key; others show theirs to anyone.
    let proven = is_listed
        && matches!(
            exchange.target.wire,
            Wire::Anthropic | Wire::OpenAi | Wire::Google
        );
    if exchange.key.is_none() && is_listed {
        steps.skip(NO_KEY);
    } else if proven {
        steps.pass(None);
    }
    let mut bound = Bound::MaxTokens;
    let answer = exchange.ask(model, Asked::Word, &mut bound, is_listed).await;
    match &answer {
        Err(refusal) if refusal.finding.cause == Cause::KeyRefused => {
            // It may have been passed by the list; then the model's refusal is the model's step.
            if steps.running.is_some() {
                steps.fail(refusal.finding.clone());
            } else {
                list_step(steps, listed, Some(model));
                steps.start(Step::ModelAnswers);
                steps.fail(refusal.finding.clone());
            }
            return;
        }
        Err(Refusal { heard: false, .. }) => steps.skip("No answer of the service came that would tell."),
        _ if exchange.key.is_none() => steps.skip(NO_KEY),
        _ => steps.pass(None),
    }
    list_step(steps, listed, Some(model));

    steps.start(Step::ModelAnswers);
    let heard = match answer {
        Ok(answering) => {
            let started = answering.started;
            steps.running = steps.running.map(|(step, _)| (step, started));
            exchange.hear(answering).await
        }
        Err(refusal) => Err(refusal.finding),
    };
    match heard {
        Ok(Heard::Word | Heard::Call | Heard::End { words: true }) => steps.pass(None),
        Ok(Heard::Limit) => steps.pass(Some(
            "It was still thinking when the few words it was allowed were used up.".to_owned(),
        )),
        Ok(Heard::End { words: false }) => return steps.fail(exchange.empty()),
        Err(finding) => return steps.fail(finding),
    }

    steps.start(Step::ToolCall);
    let heard = match exchange.ask(model, Asked::Tool, &mut bound, is_listed).await {
        Ok(answering) => exchange.hear(answering).await,
        Err(refusal) => Err(refusal.finding),
    };
    match heard {
        Ok(Heard::Call) => steps.pass(None),
        Ok(Heard::Limit) => steps.skip("The model thought longer than the test lets it, so this stays open."),
        Ok(Heard::Word | Heard::End { .. }) => steps.fail(Finding::new(
            Cause::ToolsIgnored,
            "The model was offered a function, asked to call it, and did not.",
            "It can talk but hardly work on files: choose a model that is made for calling functions. A local server \
             may need a larger context or another template for it.",
        )),
        Err(finding) => steps.fail(finding),
    }
}

async fn without_model<F: FnMut(Step, StepState) + Send>(
    exchange: &Exchange<'_>,
    steps: &mut Steps<F>,
    listed: Listed,
) {
    const LATER: &str = "No model is chosen yet, and only its answer tells.";
    match (&listed, exchange.key) {
        (Some(Ok(_)), None) => steps.skip(NO_KEY),
        (Some(Ok(_)), Some(_)) => {
            // A list that anyone gets says nothing of the key.
            let anyone = Exchange {
                key: None,
                ..*exchange
            };
            let path = exchange.target.wire.listing().unwrap_or_default();
            match listing::list(&anyone, path).await {
                Ok(_) => steps.skip("The list of models is given to anyone, so it does not tell."),
                Err(_) => steps.pass(None),
            }
        }
        _ => steps.skip(LATER),
    }
    list_step(steps, listed, None);
    steps.skip_rest("No model is chosen yet.");
}

/// What the list says of the model. With a model its answer counts, and a list that is not there fails nothing.
fn list_step<F: FnMut(Step, StepState) + Send>(steps: &mut Steps<F>, listed: Listed, model: Option<&str>) {
    let Some(listed) = listed else { return };
    steps.start(Step::ModelListed);
    match (listed, model) {
        (Ok(ids), None) => steps.pass(Some(count(ids.len()))),
        (Ok(ids), Some(model)) => {
            let model = model.strip_prefix("models/").unwrap_or(model);
            if ids.iter().any(|id| id == model) {
                steps.pass(Some(count(ids.len())));
            } else {
                steps.skip(format!(
                    "It is not among the {} listed ones; some providers take more than they list.",
                    ids.len()
                ));
            }
        }
        (Err((Some(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED), _)), Some(_)) => {
            steps.skip("This server has no list of models.");
        }
        (Err((_, finding)), Some(_)) => steps.skip(format!("There was no list: {}", finding.message)),
        (Err((_, finding)), None) => steps.fail(finding),
    }
}

fn count(models: usize) -> String {
    match models {
        1 => "1 model is listed.".to_owned(),
        many => format!("{many} models are listed."),
    }
}
