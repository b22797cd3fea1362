//! Watching an engine that runs: whether it answers, how much memory it holds, and whether the computer slept.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use cowork_supervisor::{DegradedReason, Running};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use super::Report;
use crate::clock::Clock;
use crate::view::{BoxState, NoticeKind};
use crate::workspace::{Inner, blocking, now};

/// Between two looks at the clocks.
const TICK: Duration = Duration::from_secs(2);
/// Ticks between two questions about its health: as often as it sends heartbeats.
const PROBE_EVERY: u32 = 5;
/// Ticks between two looks at its memory. Reading all processes takes some milliseconds.
const MEMORY_EVERY: u32 = 15;

/// A question that gets no answer is asked again this soon.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// An engine at work is given this long to answer again. Nothing but its death ends it earlier.
const BUSY_PATIENCE: Duration = Duration::from_mins(2);
/// One that has nothing to do is given this long.
const IDLE_PATIENCE: Duration = Duration::from_secs(45);

/// The clocks may differ by this much between two ticks before the computer is said to have slept: more than a
/// correction of the time from the network, less than anyone notices.
const JUMP: Duration = Duration::from_secs(5);

/// Watches until the engine has to be given up, and says why.
pub(super) async fn health(
    inner: &Arc<Inner>,
    running: &Arc<Running>,
    reports: &mpsc::Sender<Report>,
) -> String {
    let (jumped, mut jumps) = mpsc::channel(1);
    tokio::select! {
        never = clocks(inner, jumped) => match never {},
        never = memory(inner, running, reports) => match never {},
        never = covers(inner, running) => match never {},
        reason = answers(inner, running, reports, &mut jumps) => reason,
    }
}

/// Has everything read anew when the computer slept or its clock was set.
async fn clocks(inner: &Arc<Inner>, jumped: mpsc::Sender<()>) -> Infallible {
    let clock = &inner.options.clock;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = read(clock);
    loop {
        ticks.tick().await;
        let after = read(clock);
        let by_wall = after.0.saturating_sub(before.0);
        let by_engine_time =
            i64::try_from((after.1.saturating_sub(before.1)).as_millis()).unwrap_or(i64::MAX);
        let difference = Duration::from_millis(by_wall.abs_diff(by_engine_time));
        before = after;
        if difference >= JUMP {
            tracing::warn!(
                ?difference,
                "the clock jumped: the computer slept, or its time was set"
            );
            inner.woke.notify_one();
            // Whoever counts how long there was no answer begins anew: nobody could answer asleep.
            jumped.try_send(()).ok();
            inner
                .state()
                .notice(NoticeKind::ComputerWoke, String::new(), now());
            inner.feed.changed();
        }
    }
}

/// Looks whether everything that was covered when the box was made still is. A tool that saves by writing beside and
/// renaming takes the cover away; commands are denied then, until the engine is started anew.
async fn covers(inner: &Arc<Inner>, running: &Running) -> Infallible {
    if running.unboxed().is_some() {
        return std::future::pending().await;
    }
    loop {
        // That of its start: a folder that was put in since has nothing to cover.
        let shelter = running.shelter().clone();
        let seal = blocking(move || shelter.seal()).await.unwrap_or_default();
        if let Some(path) = running.seal().broken_at(&seal) {
            tracing::warn!(path = %path.display(), "a cover of the box is gone");
            let reason = format!(
                "{} was made or replaced while the engine ran, so the box does not cover it. Restart the engine.",
                path.display()
            );
            inner.state().set_boxed(BoxState::Unboxed { reason });
            inner.feed.changed();
            return std::future::pending().await;
        }
        tokio::time::sleep(TICK).await;
    }
}

fn read(clock: &Clock) -> (i64, Duration) {
    ((clock.wall)(), (clock.monotonic)())
}

async fn memory(inner: &Arc<Inner>, running: &Running, reports: &mpsc::Sender<Report>) -> Infallible {
    let mut is_high = false;
    loop {
        if let Some(bytes) = running.memory().await {
            inner.diagnosis().memory = Some(bytes);
            let limit = memory_limit(inner);
            // Once high it has to fall well below the limit, or it would come and go all the time.
            let high = bytes > if is_high { limit / 10 * 9 } else { limit };
            if high && !is_high {
                let why = format!(
                    "The engine and what it started hold {} MB, more than the limit of {} MB. Restart it when nothing runs.",
                    bytes / MEGABYTE,
                    limit / MEGABYTE
                );
                inner.state().notice(NoticeKind::MemoryHigh, why.clone(), now());
                let report = Report::Degraded(DegradedReason::MemoryHigh, why);
                reports.send(report).await.ok();
            } else if !high && is_high {
                reports
                    .send(Report::Recovered(DegradedReason::MemoryHigh))
                    .await
                    .ok();
            }
            is_high = high;
        }
        tokio::time::sleep(TICK * MEMORY_EVERY).await;
    }
}

const MEGABYTE: u64 = 1024 * 1024;

/// Bytes above which a restart is offered.
pub(super) fn memory_limit(inner: &Inner) -> u64 {
    u64::from(inner.state().settings.memory_limit) * MEGABYTE
}

/// Asks it whether it is well, on a fresh connection each time, until it has not answered for too long.
async fn answers(
    inner: &Arc<Inner>,
    running: &Running,
    reports: &mpsc::Sender<Report>,
    jumps: &mut mpsc::Receiver<()>,
) -> String {
    let mut silent_since: Option<Instant> = None;
    // One question without an answer may be a moment's load.
    let mut missed = 0_u32;
    loop {
        let pause = if silent_since.is_some() || missed > 0 {
            ASK_AGAIN
        } else {
            TICK * PROBE_EVERY
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            Some(()) = jumps.recv() => {
                silent_since = silent_since.map(|_| Instant::now());
                continue;
            }
        }
        match running.probe().await {
            Ok(()) => {
                missed = 0;
                if silent_since.take().is_some() {
                    let report = Report::Recovered(DegradedReason::NotAnswering);
                    reports.send(report).await.ok();
                }
            }
            Err(error) => {
                missed = missed.saturating_add(1);
                tracing::warn!(
                    error,
                    missed,
                    "the engine did not answer a question about its health"
                );
                let Some(since) = silent_since else {
                    if missed >= 3 {
                        silent_since = Some(Instant::now());
                        let why = "The engine does not answer. It is given time: an engine at work is ended only \
                                   after two minutes of silence.";
                        let report = Report::Degraded(DegradedReason::NotAnswering, why.to_owned());
                        reports.send(report).await.ok();
                    }
                    continue;
                };
                let busy = !inner.state().running().is_empty();
                let patience = if busy { BUSY_PATIENCE } else { IDLE_PATIENCE };
                if since.elapsed() >= patience {
                    return format!("the engine did not answer for {} s", patience.as_secs());
                }
            }
        }
    }
}
