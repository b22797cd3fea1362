//! The events of the stream that a running engine tells everything by.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use cowork_engine::{EngineError, EventBatch, EventStream};
use futures_util::{StreamExt, stream};
use reqwest::Response;

use super::lock;
use crate::counters::{Counters, Names};
use crate::http::unreachable;
use crate::memory::Memory;
use crate::stream::Decoder;

/// The events of an open stream. It ends with the error that ended it, and the end itself is one: the engine
/// closes its stream only when it stops.
pub(super) fn events_of(response: Response, memory: Arc<Mutex<Memory>>) -> EventStream {
    let chunks = response
        .bytes_stream()
        .map(|chunk| Ok((Instant::now(), chunk.map_err(unreachable)?)));
    let end = stream::iter([Err(EngineError::Unreachable(
        "the engine ended its event stream".to_owned(),
    ))]);
    let mut decoder = Decoder::new();
    let mut over = false;
    let of_stream = Arc::clone(&memory);
    chunks
        .chain(end)
        .map(move |chunk| {
            let (read, bytes) = chunk?;
            let events = decoder.push(&bytes, &mut lock(&memory));
            Ok(EventBatch { read, events })
        })
        // Bytes without a whole event are passed on as none: they show that the engine lives.
        .take_while(move |batch| {
            let go_on = !over;
            over = batch.is_err();
            if over {
                tell_what_was_met(lock(&of_stream).counters());
            }
            std::future::ready(go_on)
        })
        .boxed()
}

/// Once for each stream: what a new version of the engine brings shows here first.
fn tell_what_was_met(counters: &Counters) {
    let all = |names: &Names| {
        names
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect::<Vec<_>>()
    };
    tracing::info!(
        events = counters.events,
        duplicates = counters.duplicates,
        garbage = counters.garbage,
        repaired = counters.repaired,
        oversized = counters.oversized.events,
        unreadable = ?all(&counters.unreadable),
        unknown_fields = ?all(&counters.unknown_fields),
        "the engine's event stream ended"
    );
    tracing::debug!(ignored = ?all(&counters.ignored), "events nobody has a use for");
}
