//! A desktop that keeps what it is told over crashes, and a server that can be told to misbehave.

mod desktop;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use cowork_pairing::broker::{Broker, BrokerError, Outcome, Reply};
use cowork_pairing::commands::Record;
use cowork_pairing::connection::{Connection, Parts};
use cowork_pairing::pace::Pace;
use cowork_pairing_protocol::extension::{EventsReceived, Extension};
use cowork_pairing_protocol::wire::{
    Answered, Claim, Claimed, Command, CommandResult, EventType, Heartbeat, Lease, PairingStatus, Policy,
    RemoteEvent, RemoteStatus, ResultStatus,
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

pub(crate) const PAIRING: &str = "pairing_1";
pub(crate) const DEVICE: &str = "device_1";

/// What the server does with one request instead of answering it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate {
    /// It fails before anything took effect.
    Fails(BrokerError),
    /// It takes effect, and the answer gets lost.
    LosesAnswer,
    /// Nothing comes back for as long as a client waits.
    Hangs,
}

/// A command as the server keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) command: Command,
    /// The token and the end of its lease.
    pub(crate) lease: Option<(String, Timestamp)>,
    pub(crate) given: u32,
    pub(crate) result: Option<(Outcome, CommandResult)>,
}

#[derive(Default)]
pub(crate) struct Held {
    // The desktop's disk.
    pub(crate) cursor: u64,
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) refused: Vec<(String, String)>,
    pub(crate) answered: Vec<(String, Option<String>)>,
    pub(crate) events: Vec<RemoteEvent>,
    pub(crate) delivered: u64,
    pub(crate) aside: Vec<(u64, String)>,
    // What commands did to the desktop.
    pub(crate) effects: Vec<String>,
    pub(crate) proposed: Vec<String>,
    // The server.
    pub(crate) queue: Vec<Kept>,
    pub(crate) log: Vec<RemoteEvent>,
    pub(crate) fates: HashMap<&'static str, VecDeque<Fate>>,
    pub(crate) requests: Vec<(&'static str, Duration)>,
    pub(crate) batches: Vec<usize>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) heartbeats: Vec<PairingStatus>,
    pub(crate) answers: Vec<(String, Answered)>,
    pub(crate) leases: u64,
    pub(crate) in_flight: usize,
    pub(crate) most_in_flight: usize,
    pub(crate) revoked: bool,
    /// The server knows the published protocol alone.
    pub(crate) plain: bool,
    /// Ids of events the server refuses.
    pub(crate) bad: Vec<String>,
    /// Commands are given as they are here, without a look at leases.
    pub(crate) hostile: Vec<Command>,
    /// How long the hands take.
    pub(crate) slow: Duration,
    /// What the server's clock is ahead.
    pub(crate) skew: SignedDuration,
    // The crash.
    steps: usize,
    crash_at: Option<usize>,
}

impl Held {
    /// How far events arrived without a gap, as a server says that knows more than the published protocol.
    fn through(&self) -> Option<u64> {
        let mut through = 0;
        while self.log.iter().any(|event| event.sequence == Some(through + 1)) {
            through += 1;
        }
        (!self.plain).then_some(through)
    }
}

pub(crate) struct World {
    held: Mutex<Held>,
    began: Instant,
    wake: Notify,
    pub(crate) crashed: Notify,
    policy: watch::Sender<Policy>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            held: Mutex::new(Held::default()),
            began: Instant::now(),
            wake: Notify::new(),
            crashed: Notify::new(),
            policy: watch::channel(Policy::default()).0,
        })
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }

    pub(crate) fn set_policy(&self, policy: Policy) {
        self.policy.send_replace(policy);
    }

    pub(crate) fn connect(self: &Arc<Self>) -> Connection {
        self.connect_paused(false)
    }

    pub(crate) fn connect_paused(self: &Arc<Self>, paused: bool) -> Connection {
        Connection::start(Parts {
            broker: self.clone(),
            journal: self.clone(),
            ledger: self.clone(),
            hands: self.clone(),
            pace: self.clone(),
            pairing_id: PAIRING.to_owned(),
            device_id: DEVICE.to_owned(),
            policy: self.policy.subscribe(),
            home: Some("/home/ada".into()),
            paused,
        })
    }

    /// The server is given a command by somebody.
    pub(crate) fn give(&self, command: Command) {
        self.held().queue.push(Kept {
            command,
            lease: None,
            given: 0,
            result: None,
        });
        self.wake.notify_one();
    }

    pub(crate) fn fate(&self, of: &'static str, fates: impl IntoIterator<Item = Fate>) {
        self.held().fates.entry(of).or_default().extend(fates);
    }

    /// From now on the world ends at this step.
    pub(crate) fn crash_at(&self, step: Option<usize>) {
        let mut held = self.held();
        held.steps = 0;
        held.crash_at = step;
    }

    /// Waits until something holds, for no longer than an hour of the test's own time.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Held) -> bool) {
        let patience = Instant::now() + Duration::from_hours(1);
        while !holds(&self.held()) {
            assert!(Instant::now() < patience, "it never came to this: {what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) fn result(&self, id: &str) -> Option<CommandResult> {
        let held = self.held();
        let kept = held.queue.iter().find(|kept| kept.command.id == id)?;
        kept.result.as_ref().map(|(_, result)| result.clone())
    }

    /// A place where a crash may be.
    async fn step(&self) {
        let crash = {
            let mut held = self.held();
            held.steps += 1;
            held.crash_at == Some(held.steps)
        };
        if crash {
            self.crashed.notify_one();
            std::future::pending::<()>().await;
        }
    }

    async fn request(&self, of: &'static str) -> Result<bool, BrokerError> {
        self.step().await;
        let fate = {
            let mut held = self.held();
            let at = self.began.elapsed();
            held.requests.push((of, at));
            if held.revoked {
                return Err(BrokerError::Revoked);
            }
            held.fates.get_mut(of).and_then(VecDeque::pop_front)
        };
        match fate {
            None => Ok(false),
            Some(Fate::LosesAnswer) => Ok(true),
            Some(Fate::Fails(error)) => Err(error),
            Some(Fate::Hangs) => {
                tokio::time::sleep(Duration::from_secs(15)).await;
                Err(lost())
            }
        }
    }

    fn server_now(&self) -> Timestamp {
        let skew = self.held().skew;
        self.now() + skew
    }

    fn give_out(&self, claim: &Claim) -> Vec<Command> {
        let now = self.server_now();
        let mut held = self.held();
        if !held.hostile.is_empty() {
            return std::mem::take(&mut held.hostile);
        }
        let redelivers = claim.capabilities.extensions.contains(&Extension::Redelivery) && !held.plain;
        let mut given = Vec::new();
        let mut leases = held.leases;
        for kept in &mut held.queue {
            // What was given beyond what the desktop knows never came to it.
            let lost = redelivers && kept.command.sequence > claim.after_sequence;
            let free = lost || kept.lease.as_ref().is_none_or(|(_, end)| *end <= now);
            let again = redelivers || kept.given == 0;
            if kept.result.is_some() || !free || !again || given.len() >= claim.limit as usize {
                continue;
            }
            if !redelivers && kept.command.sequence <= claim.after_sequence {
                continue;
            }
            leases += 1;
            let token = format!("lease_{leases}");
            let end = now + SignedDuration::from_secs(claim.lease_seconds.into());
            kept.lease = Some((token.clone(), end));
            kept.given += 1;
            let mut command = kept.command.clone();
            command.lease = Some(Lease {
                leased_by: claim.device_id.clone(),
                lease_token: token,
                lease_expires_at: end.to_string(),
            });
            given.push(command);
        }
        held.leases = leases;
        given
    }
}

fn lost() -> BrokerError {
    BrokerError::Unreachable("the connection broke off".to_owned())
}

impl Pace for World {
    fn now(&self) -> Timestamp {
        let base: Timestamp = "2026-08-01T12:00:00Z".parse().unwrap();
        base + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

#[async_trait]
impl Broker for World {
    async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<Reply<Option<EventsReceived>>, BrokerError> {
        let loses = self.request("heartbeat").await?;
        self.held().heartbeats.push(heartbeat.status);
        if loses {
            return Err(lost());
        }
        let through = self.held().through();
        Ok(Reply {
            body: through.map(|through| EventsReceived { through }),
            date: Some(self.server_now()),
        })
    }

    async fn claim(&self, claim: &Claim) -> Result<Reply<Claimed>, BrokerError> {
        self.held().claims.push(claim.clone());
        let loses = self.request("claim").await?;
        let mut commands = self.give_out(claim);
        let plain = self.held().plain;
        if let (true, false, Some(seconds)) = (commands.is_empty(), plain, claim.wait_seconds) {
            let wait = Duration::from_secs(seconds.into());
            // Nothing came: the claim is answered empty.
            if tokio::time::timeout(wait, self.wake.notified()).await.is_ok() {
                commands = self.give_out(claim);
            }
        }
        self.step().await;
        if loses {
            return Err(lost());
        }
        Ok(Reply {
            body: Claimed {
                commands,
                remote_status: Some(RemoteStatus::Online),
            },
            date: Some(self.server_now()),
        })
    }

    async fn answer(&self, command: &str, outcome: Outcome, answer: &Answered) -> Result<(), BrokerError> {
        let loses = self.request("answer").await?;
        let now = self.server_now();
        {
            let mut held = self.held();
            held.answers.push((command.to_owned(), answer.clone()));
            let refused = |status| {
                Err(BrokerError::Refused {
                    status,
                    text: String::new(),
                })
            };
            let Some(kept) = held.queue.iter_mut().find(|kept| kept.command.id == command) else {
                return refused(404);
            };
            let (token, end) = kept.lease.clone().unwrap_or_default_lease();
            if answer.lease_token.as_deref() != Some(token.as_str()) {
                return refused(409);
            }
            if kept.result.is_none() {
                if end <= now {
                    return refused(409);
                }
                kept.result = Some((outcome, answer.result.clone()));
            }
        }
        self.step().await;
        if loses { Err(lost()) } else { Ok(()) }
    }

    async fn events(&self, events: &[RemoteEvent]) -> Result<Option<EventsReceived>, BrokerError> {
        {
            let mut held = self.held();
            held.in_flight += 1;
            held.most_in_flight = held.most_in_flight.max(held.in_flight);
        }
        let answered = self.take_events(events).await;
        self.held().in_flight -= 1;
        answered
    }

    async fn revoke(&self) -> Result<(), BrokerError> {
        self.request("revoke").await?;
        self.held().revoked = true;
        Ok(())
    }
}

impl World {
    async fn take_events(&self, events: &[RemoteEvent]) -> Result<Option<EventsReceived>, BrokerError> {
        let loses = self.request("events").await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
        let answer = {
            let mut held = self.held();
            held.batches.push(events.len());
            if events.iter().any(|event| held.bad.contains(&event.id)) {
                return Err(BrokerError::Refused {
                    status: 400,
                    text: "an event cannot be read".to_owned(),
                });
            }
            let taken = |event: &&RemoteEvent| {
                let other = held.log.iter().find(|known| known.sequence == event.sequence);
                other.is_some_and(|known| known.id != event.id)
            };
            if events.iter().any(|event| taken(&event)) {
                return Err(BrokerError::Refused {
                    status: 409,
                    text: "another event has this sequence".to_owned(),
                });
            }
            for event in events {
                if !held.log.iter().any(|known| known.id == event.id) {
                    held.log.push(event.clone());
                }
            }
            held.through().map(|through| EventsReceived { through })
        };
        self.step().await;
        if loses { Err(lost()) } else { Ok(answer) }
    }
}

trait OrNoLease {
    fn unwrap_or_default_lease(self) -> (String, Timestamp);
}

impl OrNoLease for Option<(String, Timestamp)> {
    fn unwrap_or_default_lease(self) -> (String, Timestamp) {
        self.unwrap_or((String::new(), Timestamp::MIN))
    }
}

pub(crate) fn completed() -> CommandResult {
    CommandResult::new(
        ResultStatus::Completed,
        Some("done in /home/ada/secret".to_owned()),
    )
}

/// A command as somebody gives it.
pub(crate) fn command(sequence: u64, kind: &str, payload: serde_json::Value) -> Command {
    Command {
        id: format!("command_{sequence}"),
        kind: kind.to_owned(),
        pairing_id: PAIRING.to_owned(),
        workspace_id: "local".to_owned(),
        session_id: Some("ses_1".to_owned()),
        actor_id: Some("user_1".to_owned()),
        actor_label: Some("Grace".to_owned()),
        payload: Some(payload),
        sequence,
        created_at: "2026-08-01T12:00:00Z".to_owned(),
        lease: None,
    }
}

pub(crate) fn prompt(sequence: u64) -> Command {
    command(sequence, "prompt", serde_json::json!({ "text": "hello" }))
}

/// An event as the app writes it.
pub(crate) fn event(sequence: u64) -> RemoteEvent {
    RemoteEvent {
        id: format!("event_{sequence}"),
        pairing_id: PAIRING.to_owned(),
        kind: EventType::SessionEvent,
        workspace_id: Some("local".to_owned()),
        session_id: Some("ses_1".to_owned()),
        command_id: None,
        sequence: Some(sequence),
        occurred_at: "2026-08-01T12:00:00Z".to_owned(),
        payload: Some(serde_json::json!({ "n": sequence })),
    }
}
