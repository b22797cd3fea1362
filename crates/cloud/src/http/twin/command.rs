//! `POST /api/desktops/{id}/commands/{command}`: the commands of a window.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use cowork_cloud_store::PairingId;
use cowork_watch::NotThere;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connections::Connection;
use super::{Seen, act, asks};
use crate::http::body;
use crate::http::person::Person;
use crate::http::refusal::Refusal;
use crate::http::wire::Ids;
use crate::shared::App;

/// The header that names the stream a command belongs to.
const CONNECTION: HeaderName = HeaderName::from_static("x-connection");
/// The header with the key of something that is to be done once.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl From<NotThere> for Refusal {
    fn from(not_there: NotThere) -> Self {
        let message = not_there.to_string();
        match not_there {
            NotThere::Thread | NotThere::Piece => Self::new(StatusCode::NOT_FOUND, "notFound", message),
            NotThere::Spans => Self::invalid(message),
            NotThere::TooMany => Self::too_many(message, 5),
            NotThere::Gone => Self::busy(message),
        }
    }
}

/// What is answered.
pub(super) enum Answer {
    /// JSON that is written already.
    Written(Bytes),
    /// Nothing.
    Nothing,
}

impl Answer {
    pub(super) fn of(view: &impl Serialize) -> Result<Self, Refusal> {
        match serde_json::to_vec(view) {
            Ok(written) => Ok(Self::Written(Bytes::from(written))),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written");
                Err(Refusal::internal())
            }
        }
    }

    fn into_response(self) -> Response {
        match self {
            Self::Nothing => StatusCode::NO_CONTENT.into_response(),
            Self::Written(written) => {
                let json = HeaderValue::from_static("application/json");
                ([(CONTENT_TYPE, json)], Body::from(written)).into_response()
            }
        }
    }
}

/// One value of a header.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

pub(super) async fn answer(
    State(app): State<App>,
    person: Person,
    Ids((pairing, command)): Ids<(PairingId, String)>,
    request: Request,
) -> Result<Response, Refusal> {
    let seen = Seen::find(&app, &person, &pairing).await?;
    let (parts, body) = request.into_parts();
    let is_json = one(&parts.headers, &CONTENT_TYPE).is_some_and(|called| {
        let called = called.split(';').next().unwrap_or_default();
        called.trim().eq_ignore_ascii_case("application/json")
    });
    if !is_json {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "invalidInput",
            "Send JSON, and say so (content-type: application/json).",
        ));
    }
    let connection = one(&parts.headers, &CONNECTION)
        .and_then(|id| app.connections.find(id, &person.id, &pairing))
        .ok_or_else(|| {
            let message = "This page's stream of updates is not open; load it again.";
            Refusal::new(StatusCode::CONFLICT, "noConnection", message)
        })?;
    let read = body::read(&parts.headers, body, app.limits.command_body, &app.limits).await?;
    let key = one(&parts.headers, &IDEMPOTENCY_KEY);
    let asked = Asked {
        app: &app,
        person: &person,
        seen: &seen,
        connection: &connection,
        key,
        body: &read,
    };
    Ok(asked.answer(&command).await?.into_response())
}

/// A command, with whoever gives it and from where.
pub(super) struct Asked<'a> {
    pub(super) app: &'a App,
    pub(super) person: &'a Person,
    pub(super) seen: &'a Seen,
    pub(super) connection: &'a Connection,
    pub(super) key: Option<&'a str>,
    body: &'a [u8],
}

impl Asked<'_> {
    /// What it takes.
    pub(super) fn with<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        body::json(self.body)
    }

    async fn answer(&self, command: &str) -> Result<Answer, Refusal> {
        match command {
            "start" | "acknowledge" | "window_shown" | "session_open" | "session_page" | "session_close" => {
                self.window(command).await
            }
            "thread_outline" | "thread_page" | "inbox_ask" => self.list(command).await,
            "conversation_text" | "message_source" | "tool_output" | "tool_text" | "change_page" => {
                self.read(command).await
            }
            _ => act::answer(self, command).await,
        }
    }

    /// What a window does with itself.
    async fn window(&self, command: &str) -> Result<Answer, Refusal> {
        let watcher = &self.connection.watcher;
        match command {
            "start" => {
                self.with::<asks::Nothing>()?;
                Ok(Answer::Written(watcher.start().await?))
            }
            "session_open" => {
                let asks::OpenSession { session, around } = self.with()?;
                Ok(Answer::Written(watcher.open(&session, around.as_deref()).await?))
            }
            "acknowledge" => {
                let asks::Acknowledge { sequence } = self.with()?;
                watcher.acknowledge(sequence);
                Ok(Answer::Nothing)
            }
            "window_shown" => {
                let asks::WindowShown { shown } = self.with()?;
                watcher.shown(shown).await?;
                Ok(Answer::Nothing)
            }
            "session_page" => {
                let asks::TurnPage { session, page } = self.with()?;
                watcher.page(&session, page).await?;
                Ok(Answer::Nothing)
            }
            _ => {
                self.with::<asks::Nothing>()?;
                watcher.shut().await?;
                Ok(Answer::Nothing)
            }
        }
    }

    /// Lists.
    async fn list(&self, command: &str) -> Result<Answer, Refusal> {
        let watcher = &self.connection.watcher;
        match command {
            "thread_outline" => {
                let asks::OutlineThreads { starts } = self.with()?;
                Answer::of(&watcher.outline(starts).await?)
            }
            "thread_page" => {
                let asks::ListThreads {
                    folder,
                    from,
                    until,
                    offset,
                    count,
                } = self.with()?;
                Answer::of(&watcher.threads(folder, from, until, offset, count).await?)
            }
            _ => {
                let asks::InboxReference { thread, ask } = self.with()?;
                Answer::of(&watcher.inbox_ask(&thread, &ask).await?)
            }
        }
    }

    /// Reading in the conversation that is open.
    async fn read(&self, command: &str) -> Result<Answer, Refusal> {
        let watcher = &self.connection.watcher;
        match command {
            "conversation_text" => {
                let asks::ReadConversationText {
                    session,
                    after,
                    before,
                } = self.with()?;
                Answer::of(&watcher.text(&session, after, before).await?)
            }
            "message_source" => {
                let asks::MessageReference { session, message } = self.with()?;
                Answer::of(&watcher.source(&session, &message).await?)
            }
            "tool_output" => {
                let asks::ReadOutput {
                    session,
                    message,
                    block,
                    text,
                    page,
                } = self.with()?;
                Answer::of(&watcher.output(&session, &message, &block, text, page).await?)
            }
            "tool_text" => {
                let asks::ReadToolText {
                    session,
                    message,
                    block,
                    text,
                } = self.with()?;
                Answer::of(&watcher.tool_text(&session, &message, &block, text).await?)
            }
            _ => {
                let asks::ReadChange {
                    session,
                    source,
                    page,
                } = self.with()?;
                Answer::of(&watcher.change(&session, source, page).await?)
            }
        }
    }
}
