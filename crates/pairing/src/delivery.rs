//! Brings the events of a journal to the server: in order, in batches, one request at a time, each until it arrived.
//!
//! [`Delivery`] decides and does nothing; [`step`] does one thing by it. Whoever runs it waits between the steps.

use std::time::Duration;

use cowork_pairing_protocol::extension::EventsReceived;
use cowork_pairing_protocol::wire::{EventType, RemoteEvent};
use serde_json::json;

use crate::broker::{Broker, BrokerError};
use crate::journal::{Journal, KeepingFailed};
use crate::pace::{Backoff, Pace};

/// Events of one request.
pub const BATCH_EVENTS: usize = 200;
/// Bytes of the events of one request, but for one that is longer by itself.
pub const BATCH_BYTES: usize = 512 * 1024;
/// Beyond this no server takes one event.
const EVENT_BYTES: usize = 1000 * 1000;

/// What is known of the way to the server.
#[derive(Debug)]
pub struct Delivery {
    pairing_id: String,
    /// Read from the journal at the first step.
    cursor: Option<u64>,
    /// Events of the next request at most: less after one was refused, until it is known which event it was.
    most: usize,
    backoff: Backoff,
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Nothing waits.
    Idle,
    /// Something arrived, or was set aside; there may be more.
    Moved,
    /// It failed, and is to be tried again after this time.
    Wait(Duration, BrokerError),
    /// It will not go better by itself.
    Stop(BrokerError),
    /// The app's store failed; to be tried again after this time.
    Kept(Duration, KeepingFailed),
}

impl Delivery {
    /// Of a pairing.
    #[must_use]
    pub fn new(pairing_id: String) -> Self {
        Self {
            pairing_id,
            cursor: None,
            most: BATCH_EVENTS,
            backoff: Backoff::default(),
        }
    }

    /// The person wants it tried now: what failed before does not count.
    pub fn hurry(&mut self) {
        self.backoff.reset();
    }

    /// A step was dropped half way: what is on the disk is read again.
    pub fn forget(&mut self) {
        self.cursor = None;
    }

    /// An event that says that there was one. The server's count goes on with it. The same each time.
    fn void(&self, sequence: u64, pace: &dyn Pace) -> RemoteEvent {
        RemoteEvent {
            id: format!("{}_void_{sequence}", self.pairing_id),
            pairing_id: self.pairing_id.clone(),
            kind: EventType::Audit,
            workspace_id: None,
            session_id: None,
            command_id: None,
            sequence: Some(sequence),
            occurred_at: pace.now().to_string(),
            payload: Some(json!({ "v": 1, "void": true })),
        }
    }

    /// The events of the next request: without a gap, within bounds.
    fn batch(&self, cursor: u64, waiting: Vec<RemoteEvent>, pace: &dyn Pace) -> Vec<RemoteEvent> {
        let mut batch: Vec<RemoteEvent> = Vec::new();
        let (mut next, mut bytes) = (cursor + 1, 0);
        for event in waiting {
            let sequence = event.sequence.unwrap_or(next);
            while next < sequence && batch.len() < self.most {
                batch.push(self.void(next, pace));
                next += 1;
            }
            let length = length(&event);
            if batch.len() >= self.most || (!batch.is_empty() && bytes + length > BATCH_BYTES) {
                break;
            }
            if sequence >= next {
                bytes += length;
                next = sequence + 1;
                batch.push(event);
            }
        }
        batch
    }
}

/// Does the next thing: one request at most.
pub async fn step(
    delivery: &mut Delivery,
    journal: &dyn Journal,
    broker: &dyn Broker,
    pace: &dyn Pace,
) -> Step {
    match try_step(delivery, journal, broker, pace).await {
        Ok(step) => step,
        Err(failed) => {
            // Read again what is on the disk: nobody knows whether the last write got there.
            delivery.cursor = None;
            Step::Kept(delivery.backoff.failed(None, pace), failed)
        }
    }
}

/// Asks the server how far events arrived, when it seems to have lost some: what it lost is sent again.
pub async fn probe(
    delivery: &mut Delivery,
    journal: &dyn Journal,
    broker: &dyn Broker,
) -> Result<(), KeepingFailed> {
    let cursor = journal.cursor().await?;
    match broker.events(&[]).await {
        Ok(Some(EventsReceived { through })) if through < cursor => {
            journal.delivered(through).await?;
            delivery.cursor = Some(through);
        }
        Ok(_) => {}
        // The next event says the same.
        Err(error) => tracing::info!(%error, "the server did not say how far events arrived"),
    }
    Ok(())
}

async fn try_step(
    delivery: &mut Delivery,
    journal: &dyn Journal,
    broker: &dyn Broker,
    pace: &dyn Pace,
) -> Result<Step, KeepingFailed> {
    let cursor = match delivery.cursor {
        Some(cursor) => cursor,
        None => journal.cursor().await?,
    };
    delivery.cursor = Some(cursor);
    let waiting = journal.next(cursor, delivery.most, BATCH_BYTES).await?;
    let batch = delivery.batch(cursor, waiting, pace);
    let Some(last) = batch.last().and_then(|event| event.sequence) else {
        return Ok(Step::Idle);
    };
    if let [event] = batch.as_slice()
        && length(event) > EVENT_BYTES
    {
        return set_aside(
            delivery,
            journal,
            broker,
            pace,
            event,
            "it is longer than any server takes",
        )
        .await;
    }
    match broker.events(&batch).await {
        Ok(received) => arrived(delivery, journal, cursor, last, received, pace).await,
        // Of these a request may be the reason; of others (no such path, say) it is not.
        Err(BrokerError::Refused {
            status: status @ (400 | 409 | 413 | 422),
            text,
        }) => {
            if let [event] = batch.as_slice() {
                return set_aside(
                    delivery,
                    journal,
                    broker,
                    pace,
                    event,
                    &format!("{status} {text}"),
                )
                .await;
            }
            delivery.most = (batch.len() / 2).max(1);
            Ok(Step::Moved)
        }
        Err(error @ (BrokerError::Unknown | BrokerError::Revoked)) => Ok(Step::Stop(error)),
        Err(error) => {
            let pause = delivery.backoff.failed(error.retry_after(), pace);
            Ok(Step::Wait(pause, error))
        }
    }
}

/// Moves the cursor by what the server says it has; a plain one says nothing and has what it was sent.
async fn arrived(
    delivery: &mut Delivery,
    journal: &dyn Journal,
    cursor: u64,
    last: u64,
    received: Option<EventsReceived>,
    pace: &dyn Pace,
) -> Result<Step, KeepingFailed> {
    // What it claims to have beyond what it was sent, it has from nobody.
    let through = received.map_or(last, |received| received.through.min(last));
    journal.delivered(through).await?;
    delivery.cursor = Some(through);
    if through > cursor {
        delivery.backoff.reset();
        delivery.most = (delivery.most * 2).min(BATCH_EVENTS);
        return Ok(Step::Moved);
    }
    // It took the request and has none of it, or less than before: what is here is sent again, and not at once.
    let error = BrokerError::Unreadable(format!(
        "it has events up to {through} and was sent those up to {last}"
    ));
    Ok(Step::Wait(delivery.backoff.failed(None, pace), error))
}

/// Sends something else in place of an event that the server refuses. When it refuses that too, it is not the event's
/// fault, and the event waits.
async fn set_aside(
    delivery: &mut Delivery,
    journal: &dyn Journal,
    broker: &dyn Broker,
    pace: &dyn Pace,
    event: &RemoteEvent,
    why: &str,
) -> Result<Step, KeepingFailed> {
    let sequence = event.sequence.unwrap_or_default();
    let instead = delivery.void(sequence, pace);
    let received = match broker.events(std::slice::from_ref(&instead)).await {
        Ok(received) => received,
        // The server has another event in this place, and nothing takes it again.
        Err(BrokerError::Refused { status: 409, .. }) => None,
        Err(error @ (BrokerError::Unknown | BrokerError::Revoked)) => return Ok(Step::Stop(error)),
        Err(error) => {
            let pause = delivery.backoff.failed(error.retry_after(), pace);
            return Ok(Step::Wait(pause, error));
        }
    };
    journal.set_aside(instead, why).await?;
    arrived(
        delivery,
        journal,
        sequence.saturating_sub(1),
        sequence,
        received,
        pace,
    )
    .await
}

fn length(event: &RemoteEvent) -> usize {
    serde_json::to_vec(event).map_or(0, |json| json.len())
}
