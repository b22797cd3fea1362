//! One pairing, connected: events go out, commands come in, and everyone can see how it stands.
//!
//! Two loops share the way to the server, one that delivers and one that claims, each with one request in flight. All
//! they wait for can be cut short: by the person ([`Connection::sync_now`], [`Connection::pause`]) and by the app's end.
//! Only what is being carried out is carried out to its end.

mod line;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cowork_pairing_protocol::extension::EventsReceived;
use cowork_pairing_protocol::wire::{Heartbeat, PairingStatus, Policy};
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use self::line::{CLAIMING, DELIVERING, Ears, Line, Link};
use crate::broker::{Broker, BrokerError, Reply, Trouble};
use crate::commands::{Commands, Context, Hands, Ledger, Turn};
use crate::delivery::{Delivery, Step, probe, step};
use crate::journal::Journal;
use crate::pace::{Backoff, Pace};

/// How often the server hears that the desktop is there, besides its claims.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How long the end waits for what is being done.
const ENDING: Duration = Duration::from_secs(5);
/// How long the last word to the server may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// How often it is looked whether what needs the person got better all the same: a server restored from a backup, say.
const NEEDS_PERSON: Duration = Duration::from_mins(15);

/// How a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The first answer is waited for.
    Connecting,
    /// The server answers.
    Online,
    /// It failed, and is tried again.
    Waiting {
        /// What kind of thing failed.
        trouble: Trouble,
        /// Why, in words for the person.
        reason: String,
        /// When it is tried again.
        next: Timestamp,
    },
    /// The person paused it.
    Paused,
    /// It is over. Nothing is sent any more; the token can be forgotten.
    Revoked,
    /// It will not get better by itself.
    NeedsPerson {
        /// What kind of thing it is.
        trouble: Trouble,
        /// Why, in words for the person.
        reason: String,
    },
    /// It was stopped, as at the app's end.
    Stopped,
}

/// What a connection works with.
pub struct Parts {
    /// The server.
    pub broker: Arc<dyn Broker>,
    /// The events that wait to leave.
    pub journal: Arc<dyn Journal>,
    /// What was done with each command.
    pub ledger: Arc<dyn Ledger>,
    /// Who carries commands out.
    pub hands: Arc<dyn Hands>,
    /// Time and chance.
    pub pace: Arc<dyn Pace>,
    /// The pairing.
    pub pairing_id: String,
    /// The device.
    pub device_id: String,
    /// What may come in and leave. A change counts for the next command, and wakes the claim.
    pub policy: watch::Receiver<Policy>,
    /// The person's home folder, for cleaning the results of commands.
    pub home: Option<PathBuf>,
    /// It is paused from the beginning.
    pub paused: bool,
}

/// What the loops are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Control {
    paused: bool,
    stopped: bool,
    /// Counts what the person wants tried now.
    hurried: u64,
    /// Counts what was written into the journal.
    written: u64,
}

/// A connection that runs. Dropping it ends it at once; [`Connection::stop`] says goodbye.
#[derive(Debug)]
pub struct Connection {
    control: watch::Sender<Control>,
    states: watch::Receiver<State>,
    task: JoinHandle<()>,
    broker: Ending,
}

/// The server, for the end.
struct Ending(Arc<dyn Broker>);

impl std::fmt::Debug for Ending {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Ending")
    }
}

impl Connection {
    /// Begins. Needs a running tokio.
    #[must_use]
    pub fn start(parts: Parts) -> Self {
        let (control, controlled) = watch::channel(Control {
            paused: parts.paused,
            ..Control::default()
        });
        let (state, states) = watch::channel(if parts.paused {
            State::Paused
        } else {
            State::Connecting
        });
        let broker = Ending(Arc::clone(&parts.broker));
        let task = tokio::spawn(run(parts, controlled, state));
        Self {
            control,
            states,
            task,
            broker,
        }
    }

    /// How it stands, and each change.
    #[must_use]
    pub fn states(&self) -> watch::Receiver<State> {
        self.states.clone()
    }

    /// There are new events in the journal.
    pub fn written(&self) {
        self.control.send_modify(|control| control.written += 1);
    }

    /// Whatever is waited for, tries now.
    pub fn sync_now(&self) {
        self.control.send_modify(|control| control.hurried += 1);
    }

    /// Pauses, or goes on. What is being carried out is carried out to its end.
    pub fn pause(&self, paused: bool) {
        self.control.send_modify(|control| control.paused = paused);
    }

    /// Ends: what is being carried out is waited for a few seconds, and the server told that the desktop is away.
    pub async fn stop(mut self) {
        self.end().await;
    }

    /// Ends the pairing, here and at the server.
    ///
    /// # Errors
    /// When the server did not hear of it. Here it is over all the same.
    pub async fn revoke(mut self) -> Result<(), BrokerError> {
        self.end().await;
        match self.broker.0.revoke().await {
            // It is over there already.
            Ok(()) | Err(BrokerError::Unknown | BrokerError::Revoked) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn end(&mut self) {
        self.control.send_modify(|control| control.stopped = true);
        // What hangs is cut off, as by a crash: the next start reconciles it.
        if tokio::time::timeout(ENDING, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(parts: Parts, control: watch::Receiver<Control>, state: watch::Sender<State>) {
    let heard = *control.borrow();
    let ears = Ears {
        control: control.clone(),
        state: state.subscribe(),
        heard,
    };
    let line = Line {
        pace: Arc::clone(&parts.pace),
        links: Mutex::new([Link::Connecting, Link::Up]),
        control,
        state,
        behind: Notify::new(),
    };
    let (greeted, ()) = tokio::join!(
        claiming(&parts, &line, ears.clone()),
        delivering(&parts, &line, ears)
    );
    if line.links().contains(&Link::Revoked) {
        return;
    }
    if !line.control.borrow().paused {
        last_word(&parts, PairingStatus::PairedOffline).await;
    } else if greeted {
        // It was ended before it came to say so.
        last_word(&parts, PairingStatus::Disabled).await;
    }
    line.state.send_replace(State::Stopped);
}

/// Says how the desktop stands. How far its events arrived comes back, and the server's clock.
async fn heartbeat(
    parts: &Parts,
    status: PairingStatus,
    last_command_sequence: u64,
) -> Result<Reply<Option<EventsReceived>>, BrokerError> {
    let heartbeat = Heartbeat {
        pairing_id: parts.pairing_id.clone(),
        device_id: parts.device_id.clone(),
        status,
        last_command_sequence,
    };
    parts.broker.heartbeat(&heartbeat).await
}

/// Says how the desktop stands from now on, to who listens: without it the server finds out by itself.
async fn last_word(parts: &Parts, status: PairingStatus) {
    let said = async {
        let cursor = parts.ledger.cursor().await.map_err(|failed| failed.to_string())?;
        let said = heartbeat(parts, status, cursor).await;
        said.map(drop).map_err(|error| error.to_string())
    };
    if let Ok(Err(why)) = tokio::time::timeout(GOODBYE, said).await {
        tracing::info!(why, "the server did not hear that the desktop is away");
    }
}

/// The loop that claims.
struct Claiming<'a> {
    parts: &'a Parts,
    line: &'a Line,
    ears: Ears,
    context: Context,
    policy: watch::Receiver<Policy>,
    commands: Commands,
    /// When the server heard last that the desktop is there.
    greeted: Option<Instant>,
    greeting: Backoff,
}

/// Claims until the end. Whether the server takes the desktop for there then.
async fn claiming(parts: &Parts, line: &Line, ears: Ears) -> bool {
    let mut claiming = Claiming {
        parts,
        line,
        ears,
        context: Context {
            broker: Arc::clone(&parts.broker),
            ledger: Arc::clone(&parts.ledger),
            hands: Arc::clone(&parts.hands),
            pace: Arc::clone(&parts.pace),
            policy: parts.policy.clone(),
            home: parts.home.clone(),
        },
        policy: parts.policy.clone(),
        commands: Commands::new(parts.pairing_id.clone(), parts.device_id.clone()),
        greeted: None,
        greeting: Backoff::default(),
    };
    while !line.is_over() {
        if line.control.borrow().paused {
            claiming.pause().await;
        } else if claiming.greeted.is_none_or(|at| at.elapsed() >= HEARTBEAT) {
            claiming.greet().await;
        } else if let Some(turn) = claiming.round().await {
            claiming.after(turn).await;
        }
    }
    claiming.greeted.is_some()
}

impl Claiming<'_> {
    /// Is there and does nothing, until it goes on.
    async fn pause(&mut self) {
        self.line.publish();
        if self.greeted.take().is_some() {
            last_word(self.parts, PairingStatus::Disabled).await;
        }
        if self.line.control.borrow().paused && !self.line.is_over() {
            self.ears.called(false).await;
        }
        if !self.line.control.borrow().paused {
            self.line.set(CLAIMING, Link::Connecting);
        }
    }

    /// Tells the server that the desktop is there.
    async fn greet(&mut self) {
        let cursor = match self.parts.ledger.cursor().await {
            Ok(cursor) => cursor,
            Err(failed) => {
                let pause = self.greeting.failed(None, &*self.parts.pace);
                self.line.down(CLAIMING, Trouble::Kept, failed.to_string(), pause);
                return self.wait(pause).await;
            }
        };
        let greeted = tokio::select! {
            greeted = heartbeat(self.parts, PairingStatus::PairedOnline, cursor) => greeted,
            _ = self.ears.called(false) => return,
        };
        match greeted {
            Ok(Reply { body, date }) => {
                self.greeting.reset();
                self.commands.take_date(date, &*self.parts.pace);
                self.greeted = Some(Instant::now());
                self.line.set(CLAIMING, Link::Up);
                // It may only have been asked before what is under way arrived: that is looked at again in its turn.
                if let (Some(received), Ok(cursor)) = (body, self.parts.journal.cursor().await)
                    && received.through < cursor
                {
                    self.line.behind.notify_one();
                }
            }
            Err(error @ (BrokerError::Unknown | BrokerError::Revoked)) => self.stopped(&error).await,
            Err(error) => {
                let pause = self.greeting.failed(error.retry_after(), &*self.parts.pace);
                self.line
                    .down(CLAIMING, error.trouble(), error.to_string(), pause);
                self.wait(pause).await;
            }
        }
    }

    /// Brings old commands to their end, waits for new ones and handles them. None when it was cut short.
    async fn round(&mut self) -> Option<Turn> {
        if let Some(turn) = self.commands.settle(&self.context).await {
            return Some(turn);
        }
        // What changes from here on is news to the claim.
        self.policy.mark_unchanged();
        let fetched = tokio::select! {
            fetched = self.commands.claim(&self.context) => fetched,
            hurried = self.ears.called(false) => {
                if hurried {
                    self.commands.hurry();
                }
                return None;
            }
            // The server is to know at once what is let in now.
            Ok(()) = self.policy.changed() => return None,
        };
        Some(match fetched {
            Ok(fetched) => self.commands.handle(&self.context, fetched).await,
            Err(turn) => turn,
        })
    }

    async fn after(&mut self, turn: Turn) {
        match turn {
            Turn::Next(pause) => {
                self.line.set(CLAIMING, Link::Up);
                if !pause.is_zero() {
                    self.wait(pause).await;
                }
            }
            Turn::Wait(pause, error) => {
                self.line
                    .down(CLAIMING, error.trouble(), error.to_string(), pause);
                // The server may take the desktop for gone meanwhile.
                self.greeted = None;
                self.wait(pause).await;
            }
            Turn::Kept(pause, failed) => {
                self.line.down(CLAIMING, Trouble::Kept, failed.to_string(), pause);
                self.wait(pause).await;
            }
            Turn::Ended => self.line.set(CLAIMING, Link::Revoked),
            Turn::Stop(error) => {
                self.greeted = None;
                self.stopped(&error).await;
            }
        }
    }

    async fn stopped(&mut self, error: &BrokerError) {
        self.line.stopped_by(CLAIMING, error);
        if *error != BrokerError::Revoked {
            self.wait(NEEDS_PERSON).await;
        }
    }

    async fn wait(&mut self, pause: Duration) {
        if self.ears.wait(pause).await {
            self.greeting.reset();
            self.commands.hurry();
        }
    }
}

async fn delivering(parts: &Parts, line: &Line, mut ears: Ears) {
    let mut delivery = Delivery::new(parts.pairing_id.clone());
    while !line.is_over() {
        if line.control.borrow().paused {
            line.set(DELIVERING, Link::Up);
            ears.called(false).await;
            continue;
        }
        // What is written while this goes on is news to the next round.
        ears.heard.written = ears.control.borrow().written;
        let taken = tokio::select! {
            taken = step(&mut delivery, &*parts.journal, &*parts.broker, &*parts.pace) => taken,
            hurried = ears.called(false) => {
                delivery.forget();
                if hurried {
                    delivery.hurry();
                }
                continue;
            }
        };
        match taken {
            Step::Moved => line.set(DELIVERING, Link::Up),
            Step::Idle => {
                line.set(DELIVERING, Link::Up);
                tokio::select! {
                    _ = ears.called(true) => {}
                    () = line.behind.notified() => {
                        if let Err(failed) = probe(&mut delivery, &*parts.journal, &*parts.broker).await {
                            tracing::warn!(%failed, "it is not known how far events arrived");
                        }
                    }
                }
            }
            Step::Wait(pause, error) => {
                line.down(DELIVERING, error.trouble(), error.to_string(), pause);
                if ears.wait(pause).await {
                    delivery.hurry();
                }
            }
            Step::Kept(pause, failed) => {
                line.down(DELIVERING, Trouble::Kept, failed.to_string(), pause);
                ears.wait(pause).await;
            }
            Step::Stop(error) => {
                line.stopped_by(DELIVERING, &error);
                if error != BrokerError::Revoked {
                    ears.wait(NEEDS_PERSON).await;
                }
            }
        }
    }
}
