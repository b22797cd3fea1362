//! One turn, from the prompt to its end.

use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use cowork_api::view::{BoxProof, EngineState, PermissionCard, QuestionCard, WorkState};
use cowork_workspace::{Consent, Role, TurnErrorKind, Workspace};
use tokio::sync::Notify;

use crate::arguments::Run;
use crate::asks;
use crate::printer::Printer;
use crate::program::{Program, explain};
use crate::signals::RequestsToEnd;
use crate::terminal::{Terminal, apart};

/// Why a turn failed whose question found nobody, and what to do about it.
const NOBODY: &str = "Nobody was there to answer its question. Run it in a terminal, or pipe the answers to it, one on \
    each line.";

/// Runs one turn and gives the status to end with.
pub(crate) async fn run(run: Run, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
    // First, so that no request comes while an engine runs and nobody listens.
    let mut requests = RequestsToEnd::listen().context("listening for requests to end")?;
    let folder = match (&run.dir, run.demo) {
        (Some(folder), _) => Some(folder.clone()),
        (None, true) => None,
        (None, false) => Some(std::env::current_dir().context("looking up the current folder")?),
    };
    let program = Program::begin(&run.programs)?;
    let workspace = Workspace::open(program.options(folder.into_iter().collect()))
        .await
        .map_err(explain)?;
    let outcome = tokio::select! {
        outcome = turn(&workspace, &run, terminal) => outcome,
        status = requests.next() => {
            // A question may stand open on the line.
            terminal.note("\nStopped.");
            Ok(ExitCode::from(status))
        }
    };
    workspace.close().await;
    outcome
}

/// One turn.
async fn turn(workspace: &Workspace, run: &Run, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
    let start = workspace.start().await?;
    if let EngineState::Starting { .. } = start.engine {
        terminal.note("Starting the engine …");
    }
    let model = if run.demo {
        Some(cowork_workspace::demo_model())
    } else {
        run.model.clone()
    };
    let row = workspace.create_session(start.initial_folder.as_deref()).await?;
    let session = row.id;
    let asked = model
        .clone()
        .or(start.settings.default_model)
        .unwrap_or_else(cowork_workspace::demo_model);
    if asked == cowork_workspace::demo_model() {
        terminal.note("The answer comes from the scripted demo model: no AI, no key, no network.");
    }
    if run.without_box {
        // It was said for this turn, and not for good.
        workspace
            .unbox_folder_for_now(&row.folder, Consent::Given)
            .await?;
    }
    let changed = Arc::new(Notify::new());
    let (wake, window) = (changed.clone(), workspace.clone());
    workspace.subscribe(move |update| {
        // Nothing is drawn frame by frame here: each batch counts as seen once the conversation is looked at.
        window.acknowledge(update.sequence);
        wake.notify_one();
        true
    });
    workspace.open_session(&session, None).await?;
    let prompt = workspace
        .send_prompt(&session, &run.prompt, run.agent.clone(), model)
        .await?;
    let mut told_of_box = run.without_box;
    let mut saving = true;
    let mut printer = Printer::default();
    let mut retry = 0;
    // An answered ask stays listed until the engine confirms it.
    let mut answered = HashSet::new();
    let mut left_unanswered = false;
    loop {
        let (pieces, end) = workspace
            .with_kept_transcript(&session, |transcript| {
                (printer.unprinted(transcript), end_of_turn(transcript, &prompt))
            })
            .await
            .unwrap_or_default();
        terminal.print(pieces);
        let not_saving = workspace.safety().not_saving;
        if let Some(reason) = not_saving.as_ref().filter(|_| saving) {
            terminal.note(&format!("What is said is not being saved: {reason}"));
        }
        saving = not_saving.is_none();
        if !told_of_box && !matches!(workspace.safety().tools, BoxProof::Unknown | BoxProof::Proving) {
            told_of_box = true;
            tell_of_no_box(workspace, terminal);
        }
        if let Some(end) = end {
            terminal.end_answer();
            let end = match end {
                End::Well if left_unanswered => End::Badly(NOBODY.to_owned()),
                end => end,
            };
            return Ok(report(&end, terminal));
        }
        let now = workspace.waiting(&session);
        if let WorkState::Retrying { attempt, message, .. } = &now.status.state
            && *attempt > retry
        {
            retry = *attempt;
            terminal.note(&format!(
                "The model request failed and is repeated ({attempt}): {message}"
            ));
        }
        if let Some(card) = now
            .permissions
            .into_iter()
            .find(|card| answered.insert(card.id.clone()))
        {
            answer_permission(workspace, card, terminal).await?;
            continue;
        }
        if let Some(card) = now
            .questions
            .into_iter()
            .find(|card| answered.insert(card.id.clone()))
        {
            let own = card.session == session;
            // A sub-agent's question ends the sub-agent alone.
            left_unanswered |= !answer_questions(workspace, card, terminal).await? && own;
            continue;
        }
        if let Some(refusal) = workspace.engine_state().refusal() {
            anyhow::bail!("{refusal}");
        }
        changed.notified().await;
    }
}

/// Commands are denied where their box does not hold. It is known a moment after the engine took the prompt.
fn tell_of_no_box(workspace: &Workspace, terminal: &mut Terminal) {
    if let BoxProof::Failed { reason } = workspace.safety().tools {
        terminal.note(&format!(
            "No box: {reason} Commands are denied. To run them without one in this folder: --without-box"
        ));
    }
}

/// How a turn ended.
enum End {
    Well,
    Badly(String),
}

/// Whether the turn of a prompt is over: nothing runs, and there is an answer or a reason why there is none.
fn end_of_turn(transcript: &cowork_transcript::Transcript, prompt: &str) -> Option<End> {
    if *transcript.status() != cowork_workspace::SessionStatus::Idle {
        return None;
    }
    if let Some(error) = transcript.error() {
        return Some(End::Badly(cowork_workspace::failure_words(error)));
    }
    let answer = transcript
        .messages()
        .iter()
        .rev()
        .find(|entry| entry.message.role == Role::Assistant)
        .filter(|entry| {
            entry
                .message
                .parent
                .as_ref()
                .is_some_and(|parent| parent.as_str() == prompt)
        })?;
    match &answer.message.error {
        Some(error) if error.kind == TurnErrorKind::Aborted => Some(End::Badly("It was stopped.".to_owned())),
        Some(error) => Some(End::Badly(cowork_workspace::failure_words(error))),
        None if answer.interrupted => Some(End::Badly(
            "The engine ended in the middle of the turn.".to_owned(),
        )),
        None if answer.message.completed.is_some() => Some(End::Well),
        None => None,
    }
}

fn report(end: &End, terminal: &mut Terminal) -> ExitCode {
    match end {
        End::Well => ExitCode::SUCCESS,
        End::Badly(reason) => {
            terminal.note(&format!("The turn failed: {}", cowork_redact::redact(reason)));
            ExitCode::FAILURE
        }
    }
}

async fn answer_permission(
    workspace: &Workspace,
    card: PermissionCard,
    terminal: &mut Terminal,
) -> anyhow::Result<()> {
    terminal.end_answer();
    let (session, id) = (card.session.clone(), card.id.clone());
    let diff = workspace
        .with_transcript(&session, |transcript| {
            let mut asks = transcript.permissions().iter();
            asks.find(|ask| ask.id.as_str() == id)
                .and_then(|ask| ask.diff.clone())
        })
        .flatten();
    let reply = apart(move || asks::permission(&card, diff.as_deref())).await?;
    workspace.answer_permission(&session, &id, reply).await?;
    Ok(())
}

/// Answers whether somebody was there to answer.
async fn answer_questions(
    workspace: &Workspace,
    card: QuestionCard,
    terminal: &mut Terminal,
) -> anyhow::Result<bool> {
    terminal.end_answer();
    let (session, id) = (card.session.clone(), card.id.clone());
    let answers = apart(move || asks::questions(&card)).await?;
    let answered = answers.is_some();
    match answers {
        Some(answers) => workspace.answer_question(&session, &id, answers).await?,
        None => workspace.reject_question(&session, &id).await?,
    }
    Ok(answered)
}
