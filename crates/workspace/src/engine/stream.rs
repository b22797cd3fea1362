//! Following the engine's events. Silence is noticed: the engine sends a heartbeat each ten seconds.

use std::sync::Arc;
use std::time::Duration;

use cowork_engine::{Engine, EventBatch, EventStream};
use cowork_supervisor::DegradedReason;
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Report, resync};
use crate::boxes;
use crate::operations::threads;
use crate::view::NoticeKind;
use crate::workspace::{Inner, now};

/// Without a byte for this long the stream is dead: two heartbeats were missed and the third is late.
const SILENCE: Duration = Duration::from_secs(25);

/// For the stream to be opened. Loopback answers in milliseconds; an engine that was stopped takes the connection and
/// never answers.
const CONNECT: Duration = Duration::from_secs(5);

/// Between two tries to open it; this only keeps a broken engine from costing a core.
const PAUSE: Duration = Duration::from_millis(500);

/// A stream that lived shorter than this is opened anew only after as long.
const SHORT_LIVED: Duration = Duration::from_secs(2);

/// Tries go on for this long before the engine is given up: it may be at work all the while.
const PATIENCE: Duration = Duration::from_mins(2);

/// Applies events for as long as the engine lives. `up` runs once the first stream is open. Returns why the engine has
/// to be given up.
pub(super) async fn follow(
    inner: &Arc<Inner>,
    engine: &Arc<dyn Engine>,
    reports: &mpsc::Sender<Report>,
    up: impl Future<Output = ()>,
) -> String {
    let mut stream = match open(engine).await {
        Ok(stream) => stream,
        Err(error) => return error,
    };
    up.await;
    resync::sessions(inner, engine).await;
    loop {
        let opened = Instant::now();
        let (reason, why, news) = tokio::select! {
            (reason, why) = apply(inner, &mut stream) => {
                let news = match reason {
                    DegradedReason::StreamStalled => NoticeKind::StreamStalled,
                    _ => NoticeKind::StreamResumed,
                };
                (reason, why, Some(news))
            }
            // The computer slept: what looks open may be dead, and what happened meanwhile is not known.
            () = inner.woke.notified() => {
                (DegradedReason::StreamLost, "the computer slept".to_owned(), None)
            }
        };
        tracing::warn!(why, "the event stream is opened anew");
        let message = match reason {
            DegradedReason::StreamStalled => {
                "The engine has said nothing for too long. The connection is opened anew; nothing is lost."
            }
            _ => "The connection to the engine broke off. It is opened anew; nothing is lost.",
        };
        reports
            .send(Report::Degraded(reason, message.to_owned()))
            .await
            .ok();
        // One that ends as soon as it is open must not have everything read anew without a break.
        if opened.elapsed() < SHORT_LIVED {
            tokio::time::sleep(SHORT_LIVED).await;
        }
        stream = match open(engine).await {
            Ok(stream) => stream,
            Err(error) => return error,
        };
        // What happened in between is only to be had by reading everything again.
        resync::sessions(inner, engine).await;
        reports.send(Report::Recovered(reason)).await.ok();
        if let Some(news) = news {
            inner.state().notice(news, why, now());
            inner.feed.changed();
        }
    }
}

async fn open(engine: &Arc<dyn Engine>) -> Result<EventStream, String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let error = match tokio::time::timeout(CONNECT, engine.events()).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        if Instant::now() >= until {
            return Err(format!(
                "the engine's events could not be followed for {} s ({error})",
                PATIENCE.as_secs()
            ));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Applies what comes until nothing comes any more, and says why.
async fn apply(inner: &Arc<Inner>, stream: &mut EventStream) -> (DegradedReason, String) {
    loop {
        match tokio::time::timeout(SILENCE, stream.next()).await {
            Ok(Some(Ok(EventBatch { read, mut events }))) => {
                boxes::resolve_events(&mut events).await;
                boxes::notice_kept(inner, &events);
                let unknown = inner.state().not_in_memory(&events);
                threads::recall(inner, unknown).await;
                let mut effects = Vec::new();
                let at = now();
                {
                    let mut state = inner.state();
                    for envelope in events {
                        state.apply(envelope, at, &mut effects);
                    }
                    if let Some(open) = &mut state.open {
                        open.note_read(read);
                    }
                }
                inner.carry_out(effects);
            }
            Ok(Some(Err(error))) => return (DegradedReason::StreamLost, error.to_string()),
            Ok(None) => return (DegradedReason::StreamLost, "it ended".to_owned()),
            Err(_) => {
                let why = format!("no byte came for {} s", SILENCE.as_secs());
                return (DegradedReason::StreamStalled, why);
            }
        }
    }
}
