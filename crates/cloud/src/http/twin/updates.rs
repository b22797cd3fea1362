//! `GET /api/desktops/{id}/updates`: the stream of events of one page.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use cowork_cloud_store::{Command, CommandId, CommandMark, PairingId, StoreError, Subscription, WakeKey};
use cowork_watch::{DesktopView, Frame, Refused};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;

use super::Seen;
use super::connections::{Connection, Connections, Listed};
use super::given::GivenCommand;
use super::offers::DesktopEvent;
use crate::clock;
use crate::http::person::Person;
use crate::http::refusal::Refusal;
use crate::http::wire::Ids;
use crate::shared::App;

/// Between two signs of life, so that a page notices a dead connection and what stands between keeps it open.
const EVERY: Duration = Duration::from_secs(15);
/// How often rights are looked at when nothing said that they changed: a sign-in or token that runs out says nothing.
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// Pieces of events between this stream and its socket. What waits beyond is in the watcher's own bounded queue.
const AHEAD: usize = 8;
/// Bytes of an update up to which a copy costs less than to write it in pieces.
const COPIED: usize = 16 * 1024;
/// Commands of before that a page is told of when it comes.
const NEWEST: u32 = 50;
/// Of these, those that are in memory at once with what they carry.
const GIVEN_AT_ONCE: usize = 8;

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let mut words = refused.to_string();
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self::too_many(format!("{words}."), 10)
    }
}

pub(super) async fn open(
    State(app): State<App>,
    person: Person,
    Ids(pairing): Ids<PairingId>,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, _) = request.into_parts();
    // Before rights are looked at, so that none that change meanwhile are missed.
    let mut keys = vec![
        WakeKey::User(person.id.clone()),
        WakeKey::Pairing(pairing.clone()),
    ];
    // Those that are new, too, from whichever page of theirs.
    keys.extend([
        WakeKey::Commands(pairing.clone()),
        WakeKey::Answers(pairing.clone()),
    ]);
    let mut news = app.store.wakes().subscribe(&keys);
    let seen = Seen::find(&app, &person, &pairing).await?;
    let watcher = app.connections.hub.watch(&seen.key()).await?;
    let connection = Connection {
        watcher,
        person: person.id.clone(),
        pairing,
    };
    let listed = Connections::enter(&app, connection)?;
    let (pieces, told) = mpsc::channel(AHEAD);
    let mut stream = Stream {
        app: Arc::clone(&app),
        parts,
        person,
        seen,
        view: None,
        told: None,
        given: HashMap::new(),
        pieces,
    };
    tokio::spawn(async move {
        let draining = app.draining.clone();
        tokio::select! {
            () = stream.run(&listed, &mut news) => {}
            () = draining.cancelled() => {}
        }
        // The stream ends here, and with `listed` its commands find it no more.
        drop(listed);
    });
    let body = futures_util::stream::unfold(told, async |mut told: mpsc::Receiver<Bytes>| {
        let piece = told.recv().await?;
        Some((Ok::<_, Infallible>(piece), told))
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
        // A proxy that gathers an answer before it passes it on would keep it for ever.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Nobody reads any more, or may.
struct Ended;

struct Stream {
    app: App,
    /// What they came with, to look again who they are.
    parts: Parts,
    person: Person,
    seen: Seen,
    /// How the desktop stands, and how that was told last.
    view: Option<Arc<DesktopView>>,
    told: Option<DesktopEvent>,
    /// Of the newest commands those that were given by this person, as they stood when they were told.
    given: HashMap<CommandId, CommandMark>,
    pieces: mpsc::Sender<Bytes>,
}

impl Stream {
    async fn run(&mut self, listed: &Listed, news: &mut Subscription) {
        // Whatever ended it, the page comes again by itself.
        let _ = self.tell(listed, news).await;
    }

    async fn tell(&mut self, listed: &Listed, news: &mut Subscription) -> Result<(), Ended> {
        let every = u64::try_from(EVERY.as_millis()).unwrap_or(u64::MAX);
        self.event("hello", &json!({ "connection": listed.id, "every": every }))
            .await?;
        self.tell_given(true).await?;
        let closed = self.pieces.clone();
        let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
        let mut look = tokio::time::interval_at(tokio::time::Instant::now() + LOOK_AGAIN, LOOK_AGAIN);
        loop {
            tokio::select! {
                frame = listed.connection.watcher.next() => match frame {
                    Some(Frame::Update(update)) => {
                        let (own, shared) = update.json();
                        let begin = [b"event: update\ndata: ", own.as_ref()].concat();
                        if shared.len() <= COPIED {
                            self.piece(Bytes::from([&begin, shared.as_ref(), b"\n\n"].concat())).await?;
                        } else {
                            self.piece(Bytes::from(begin)).await?;
                            self.piece(shared).await?;
                            self.piece(Bytes::from_static(b"\n\n")).await?;
                        }
                    }
                    Some(Frame::Desktop(view)) => {
                        self.view = Some(view);
                        self.tell_desktop().await?;
                    }
                    // Everything is asked for anew over another stream; the page is told that nothing is wrong.
                    Some(Frame::Anew) => return self.event("anew", &json!({})).await,
                    None => return Ok(()),
                },
                woken = news.woken() => {
                    let is_command = |key: &WakeKey| matches!(key, WakeKey::Commands(_) | WakeKey::Answers(_));
                    if woken.iter().any(is_command) {
                        self.tell_given(false).await?;
                    }
                    if !woken.iter().all(is_command) {
                        self.look_again().await?;
                    }
                }
                () = closed.closed() => return Err(Ended),
                _ = look.tick() => self.look_again().await?,
                _ = ping.tick() => self.event("ping", &json!({})).await?,
            }
        }
    }

    /// Whether they still may look, and what they may now.
    async fn look_again(&mut self) -> Result<(), Ended> {
        let Ok(person) = Person::from_request_parts(&mut self.parts, &self.app).await else {
            return Err(Ended);
        };
        let Ok(seen) = Seen::find(&self.app, &person, self.seen.pairing()).await else {
            self.tell_over().await?;
            return Err(Ended);
        };
        (self.person, self.seen) = (person, seen);
        self.tell_desktop().await
    }

    /// A pairing that is over is seen by nobody: the last that is told is that.
    async fn tell_over(&mut self) -> Result<(), Ended> {
        let there = self
            .app
            .store
            .pairing(self.seen.organization(), self.seen.pairing())
            .await;
        let Ok(Some(pairing)) = there else { return Ok(()) };
        if pairing.revoked.is_none() {
            return Ok(());
        }
        let told = DesktopEvent::listed(&pairing, self.seen.may, clock::now());
        self.event("desktop", &told).await
    }

    async fn tell_desktop(&mut self) -> Result<(), Ended> {
        let Some(view) = &self.view else { return Ok(()) };
        let pairing = &self.seen.seen.pairing;
        let (policy, commands) = (pairing.policy.as_ref(), &pairing.commands);
        let event = DesktopEvent::new(view, self.seen.may, policy, commands, clock::now());
        let event = event.since(self.told.as_ref());
        if self.told.as_ref() == Some(&event) {
            return Ok(());
        }
        self.event("desktop", &event).await?;
        self.told = Some(event);
        Ok(())
    }

    /// How the commands stand that this person gave.
    async fn tell_given(&mut self, first: bool) -> Result<(), Ended> {
        let marks = match self.other_marks().await {
            Ok(marks) => marks,
            Err(error) => {
                not_told(&error);
                return Ok(());
            }
        };
        for some in marks.chunks(GIVEN_AT_ONCE) {
            let ids: Vec<_> = some.iter().map(|mark| mark.id.clone()).collect();
            let (organization, pairing) = (self.seen.organization(), self.seen.pairing());
            let commands = self.app.store.commands_by_id(organization, pairing, &ids).await;
            let commands = match commands {
                Ok(commands) => commands,
                Err(error) => {
                    not_told(&error);
                    return Ok(());
                }
            };
            for command in &commands {
                self.tell_command(command, first).await?;
            }
            self.given
                .extend(some.iter().map(|mark| (mark.id.clone(), mark.clone())));
        }
        Ok(())
    }

    /// Of the newest commands those of this person that stand otherwise than they were told, the oldest first. What they
    /// carry is not asked for here: it may be large, and nearly all stand as they stood.
    async fn other_marks(&mut self) -> Result<Vec<CommandMark>, StoreError> {
        let (organization, pairing) = (self.seen.organization(), self.seen.pairing());
        let mut marks = self.app.store.newest_marks(organization, pairing, NEWEST).await?;
        marks.retain(|mark| mark.actor == self.person.id);
        self.given.retain(|id, _| marks.iter().any(|mark| mark.id == *id));
        marks.retain(|mark| self.given.get(&mark.id) != Some(mark));
        marks.reverse();
        Ok(marks)
    }

    async fn tell_command(&self, command: &Command, first: bool) -> Result<(), Ended> {
        let given = GivenCommand::from(command);
        if first {
            // A page that comes again may show what was given before as it was then: it hears of all, and is told which
            // of it is news to one that knows of none.
            return self
                .event("command", &given.told_first(command.finished, clock::now()))
                .await;
        }
        let is_known = self.given.contains_key(&command.id);
        if command.state.is_over() && !is_known && command.created < clock::now() - OLD {
            return Ok(());
        }
        self.event("command", &given.told()).await
    }

    async fn event(&self, name: &str, data: &impl Serialize) -> Result<(), Ended> {
        let data = serde_json::to_string(data).map_err(|error| {
            tracing::error!(%error, "an event cannot be written");
            Ended
        })?;
        self.piece(Bytes::from(format!("event: {name}\ndata: {data}\n\n")))
            .await
    }

    async fn piece(&self, piece: Bytes) -> Result<(), Ended> {
        self.pieces.send(piece).await.map_err(|_| Ended)
    }
}

/// It is told with the next that is heard of commands.
fn not_told(error: &StoreError) {
    tracing::warn!(%error, "how commands stand cannot be told");
}

/// A command that was over when it was first seen here is told when it was given so lately: its beginning was overtaken.
const OLD: i64 = 60_000;
