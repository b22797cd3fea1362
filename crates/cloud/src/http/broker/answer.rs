//! `POST /commands/:id/ack` and `/fail`: what a command came to.

use axum::extract::State;
use cowork_cloud_store::limits::RESULT_LIMIT;
use cowork_cloud_store::{Answered, CommandId, CommandOutcome, LeaseToken};
use cowork_pairing_protocol::wire;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::gate::{Entered, stored};
use super::refused::Refused;
use crate::clock;
use crate::http::wire::Ids;
use crate::shared::App;

/// The result as it came, with what a later client adds to it.
#[derive(Deserialize)]
struct Whole {
    result: Value,
}

pub(super) async fn ack(
    State(app): State<App>,
    command: Result<Ids<CommandId>, crate::http::refusal::Refusal>,
    entered: Entered,
) -> Result<StatusCode, Refused> {
    answer(&app, command, entered, CommandOutcome::Done).await
}

pub(super) async fn fail(
    State(app): State<App>,
    command: Result<Ids<CommandId>, crate::http::refusal::Refusal>,
    entered: Entered,
) -> Result<StatusCode, Refused> {
    answer(&app, command, entered, CommandOutcome::Failed).await
}

/// The result as it is kept. What a command gave may be too large to be kept with it; how it ended is worth more than
/// that, and would be lost by a refusal.
fn kept(mut result: Value) -> Result<Value, Refused> {
    let is_small = |result: &Value| result.to_string().len() <= RESULT_LIMIT;
    if is_small(&result) {
        return Ok(result);
    }
    if let Some(fields) = result.as_object_mut() {
        fields.retain(|name, _| matches!(name.as_str(), "ok" | "status" | "message"));
        fields.insert("data".to_owned(), json!({ "cut": true }));
    }
    if is_small(&result) {
        return Ok(result);
    }
    Err(Refused::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "tooLarge",
        format!("`result` has at most {RESULT_LIMIT} bytes."),
    ))
}

fn no_such() -> Refused {
    Refused::new(
        StatusCode::NOT_FOUND,
        "notFound",
        "This pairing has no such command.",
    )
}

async fn answer(
    app: &App,
    command: Result<Ids<CommandId>, crate::http::refusal::Refusal>,
    entered: Entered,
    outcome: CommandOutcome,
) -> Result<StatusCode, Refused> {
    entered.is_on(app)?;
    // The first is for its form, which is said by its field; the second is what is kept.
    let answered: wire::Answered = entered.read()?;
    let Whole { result } = entered.read()?;
    entered.count(app)?;
    let Ok(Ids(command)) = command else {
        return Err(no_such());
    };
    let lease = answered
        .lease_token
        .map(LeaseToken::try_from)
        .transpose()
        .map_err(|error| Refused::field("leaseToken", &error.to_string()))?;
    let result = kept(result)?;
    let now = clock::now();
    let became = stored!(
        entered,
        app,
        app.store
            .answer_command(&entered.desktop, &command, lease.as_ref(), outcome, &result, now)
    );
    match became {
        Answered::Taken | Answered::Repeated => {
            app.figures.commands_answered.one();
            Ok(StatusCode::NO_CONTENT)
        }
        Answered::Stale => Err(Refused::new(
            StatusCode::CONFLICT,
            "lease",
            "This is not the lease that the command has, or it is over.",
        )),
        Answered::NotFound => Err(no_such()),
    }
}
