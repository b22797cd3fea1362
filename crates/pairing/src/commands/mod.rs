//! What is asked from afar: fetched, judged, carried out at most once, and answered.
//!
//! A command goes through the stages of a [`Ledger`], each on the disk before the next: received, doing, done, answered.
//! Whatever crashes between two of them, the next start knows what to do: what was received is done if its lease still
//! runs, what was being done is looked for ([`Hands::reconcile`]) and never simply done again, and what is done is
//! answered until the server takes the answer or refuses it for good. What nobody can tell is reported as that.
//!
//! [`Commands`] has three kinds of calls: [`Commands::settle`] brings old things to their end, [`Commands::claim`] waits
//! for new ones and may be dropped at any time, and [`Commands::handle`] does what came and must not be.

mod hands;
mod ledger;
mod result;
mod validate;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cowork_pairing_protocol::extension::LONGEST_WAIT_SECONDS;
use cowork_pairing_protocol::wire::{
    CLAIM_LIMIT, Capabilities, Claim, Claimed, Command, CommandKind, CommandResult, LEASE_SECONDS,
    LEAST_POLL_MILLISECONDS, LOCAL_WORKSPACE, POLL_MILLISECONDS, Policy, RemoteStatus, ResultStatus,
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

pub use hands::{Asked, Hands, Reconciled};
pub use ledger::{Ledger, Record, Stage};
pub use result::unknown;
use result::{answer_of, asked, cleaned};
use validate::{Lease, Verdict};

use crate::broker::{Broker, BrokerError, Outcome, Reply};
use crate::client::EXTENSIONS;
use crate::journal::KeepingFailed;
use crate::leaving::{Leaving, Places};
use crate::pace::{Backoff, Pace};
use crate::policy::{Decision, decide};

/// A claim that took at least this long waited. Servers that do not wait answer sooner.
const WAITED: Duration = Duration::from_secs(1);
/// How long the app may take to carry a command out. It hands over work and does not do it; what takes longer hangs.
const CARRYING_OUT: Duration = Duration::from_mins(1);

/// What commands are handled with.
pub struct Context {
    /// The server.
    pub broker: Arc<dyn Broker>,
    /// What was done with each command.
    pub ledger: Arc<dyn Ledger>,
    /// Who carries commands out.
    pub hands: Arc<dyn Hands>,
    /// Time and chance.
    pub pace: Arc<dyn Pace>,
    /// What may come in and leave. It is read for each command, however many came with it: a person who takes something
    /// back does not mean the eleventh.
    pub policy: watch::Receiver<Policy>,
    /// The person's home folder, for cleaning what commands came to.
    pub home: Option<PathBuf>,
}

impl Context {
    fn policy(&self) -> Policy {
        *self.policy.borrow()
    }

    fn leaving(&self) -> Leaving {
        let places = Places {
            home: self.home.clone(),
            ..Places::default()
        };
        Leaving::new(&self.policy(), &places)
    }
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// Go on after this time.
    Next(Duration),
    /// It failed, and is to be tried again after this time.
    Wait(Duration, BrokerError),
    /// It will not go better by itself.
    Stop(BrokerError),
    /// The pairing was ended by a command, which was answered.
    Ended,
    /// The app's store failed; to be tried again after this time.
    Kept(Duration, KeepingFailed),
}

/// What came with a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    claimed: Claimed,
    took: Duration,
}

/// The commands of one pairing.
#[derive(Debug)]
pub struct Commands {
    pairing_id: String,
    device_id: String,
    backoff: Backoff,
    /// The server's clock, less ours.
    skew: SignedDuration,
    /// The server lets claims wait.
    waits: bool,
    /// The server refuses what goes beyond the published protocol.
    plain: bool,
    /// What the last crash cut off was looked for.
    reconciled: bool,
    /// Answers that did not get through are tried again only after this.
    answer_after: Option<Instant>,
    answers: Backoff,
}

impl Commands {
    /// Of a pairing.
    #[must_use]
    pub fn new(pairing_id: String, device_id: String) -> Self {
        Self {
            pairing_id,
            device_id,
            backoff: Backoff::default(),
            skew: SignedDuration::ZERO,
            waits: false,
            plain: false,
            reconciled: false,
            answer_after: None,
            answers: Backoff::default(),
        }
    }

    /// The person wants it tried now: what failed before does not count.
    pub fn hurry(&mut self) {
        self.backoff.reset();
        self.answers.reset();
        self.answer_after = None;
    }

    /// Takes the server's clock from an answer.
    pub fn take_date(&mut self, date: Option<Timestamp>, pace: &dyn Pace) {
        if let Some(date) = date {
            // A `Date` has whole seconds, so that it is half a second behind on average.
            let date = date
                .saturating_add(SignedDuration::from_millis(500))
                .unwrap_or(date);
            self.skew = date.duration_since(pace.now());
        }
    }

    /// What the server's clock shows.
    fn server_now(&self, pace: &dyn Pace) -> Timestamp {
        let now = pace.now();
        now.saturating_add(self.skew).unwrap_or(now)
    }

    /// Brings old things to their end: what a crash cut off, what was not answered. None when nothing keeps it from
    /// claiming.
    pub async fn settle(&mut self, context: &Context) -> Option<Turn> {
        let settled = self.try_settle(context).await;
        settled.unwrap_or_else(|failed| Some(self.kept(failed, &*context.pace)))
    }

    fn kept(&mut self, failed: KeepingFailed, pace: &dyn Pace) -> Turn {
        // What it kept from being done is looked for as after a crash.
        self.reconciled = false;
        Turn::Kept(self.backoff.failed(None, pace), failed)
    }

    async fn try_settle(&mut self, context: &Context) -> Result<Option<Turn>, KeepingFailed> {
        let open = context.ledger.open().await?;
        for record in open {
            // What is being done was begun before this run, or by a call whose store failed.
            let now = self.server_now(&*context.pace);
            let known = !matches!(record.stage, Stage::Received)
                || !self.reconciled
                || validate::is_long_over(&record.command, now);
            if known && let Some(turn) = self.advance(context, record).await? {
                return Ok(Some(turn));
            }
        }
        self.reconciled = true;
        Ok(None)
    }

    /// Asks for commands, and waits for them where the server lets it. May be dropped at any time: what was given out
    /// meanwhile is given again.
    pub async fn claim(&mut self, context: &Context) -> Result<Fetched, Turn> {
        let pace = &*context.pace;
        let after_sequence = match context.ledger.cursor().await {
            Ok(cursor) => cursor,
            Err(failed) => return Err(self.kept(failed, pace)),
        };
        let claim = Claim {
            pairing_id: self.pairing_id.clone(),
            device_id: self.device_id.clone(),
            after_sequence,
            limit: CLAIM_LIMIT,
            lease_seconds: LEASE_SECONDS,
            capabilities: Capabilities {
                commands: CommandKind::ALL.map(|kind| kind.as_str().to_owned()).into(),
                workspaces: vec![LOCAL_WORKSPACE.to_owned()],
                policy: context.policy(),
                extensions: if self.plain { Vec::new() } else { EXTENSIONS.into() },
            },
            wait_seconds: (!self.plain && self.answer_after.is_none()).then_some(LONGEST_WAIT_SECONDS),
        };
        let started = Instant::now();
        match context.broker.claim(&claim).await {
            Ok(Reply { body, date }) => {
                self.take_date(date, pace);
                self.backoff.reset();
                Ok(Fetched {
                    claimed: body,
                    took: started.elapsed(),
                })
            }
            Err(BrokerError::Refused {
                status: 400 | 422, ..
            }) if !self.plain => {
                self.plain = true;
                Err(Turn::Next(Duration::from_millis(LEAST_POLL_MILLISECONDS)))
            }
            Err(error @ (BrokerError::Unknown | BrokerError::Revoked)) => Err(Turn::Stop(error)),
            Err(error) => Err(Turn::Wait(self.backoff.failed(error.retry_after(), pace), error)),
        }
    }

    /// Does what came. Not to be dropped: what is being done would be as if a crash had cut it off.
    pub async fn handle(&mut self, context: &Context, fetched: Fetched) -> Turn {
        let handled = self.try_handle(context, fetched).await;
        handled.unwrap_or_else(|failed| self.kept(failed, &*context.pace))
    }

    async fn try_handle(&mut self, context: &Context, fetched: Fetched) -> Result<Turn, KeepingFailed> {
        let Fetched { claimed, took } = fetched;
        if claimed.remote_status == Some(RemoteStatus::Revoked) {
            return Ok(Turn::Stop(BrokerError::Revoked));
        }
        let mut commands = claimed.commands;
        commands.sort_by_key(|command| command.sequence);
        // A server that gives more than was asked for keeps the rest.
        commands.truncate(CLAIM_LIMIT as usize);
        // All are written down before the first is done, so that a crash loses none of them.
        let mut taken = Vec::new();
        for command in commands {
            let id = command.id.clone();
            if self.receive(context, command).await? && !taken.contains(&id) {
                taken.push(id);
            }
        }
        let took_any = !taken.is_empty();
        for id in taken {
            if let Some(record) = context.ledger.by_id(&id).await?
                && let Some(turn) = self.advance(context, record).await?
            {
                return Ok(turn);
            }
        }
        let waited = took >= WAITED;
        if !took_any {
            self.waits = waited;
        }
        let shortest = if self.waits || waited {
            0
        } else if took_any {
            LEAST_POLL_MILLISECONDS
        } else {
            POLL_MILLISECONDS
        };
        // A server that is about to stop answers at once, and is left in peace.
        let draining = matches!(
            claimed.remote_status,
            Some(RemoteStatus::Draining | RemoteStatus::Offline)
        );
        let pause = if draining { POLL_MILLISECONDS } else { shortest };
        Ok(Turn::Next(Duration::from_millis(pause).saturating_sub(took)))
    }

    /// Writes a command down. False when it is not ours to handle.
    async fn receive(&self, context: &Context, command: Command) -> Result<bool, KeepingFailed> {
        let ledger = &*context.ledger;
        let cursor = ledger.cursor().await?;
        let known = ledger.by_id(&command.id).await?;
        let now = self.server_now(&*context.pace);
        match validate::judge(
            &command,
            known.as_ref(),
            cursor,
            &self.pairing_id,
            &self.device_id,
            now,
        ) {
            Verdict::Take => {
                ledger.received(&command).await?;
                Ok(true)
            }
            Verdict::Ignore(why) => {
                tracing::warn!(why, "a command from the server was not taken");
                ledger.refused(&command, why).await?;
                Ok(false)
            }
            Verdict::Refuse(why) => {
                tracing::warn!(why, "a command from the server was refused");
                ledger.refused(&command, why).await?;
                let result = CommandResult::new(ResultStatus::Failed, Some(why.to_owned()));
                let answer = answer_of(&command, result);
                // It is not kept, so that it is said once; the server gives it up when its lease ends.
                if let Err(error) = context.broker.answer(&command.id, Outcome::Fail, &answer).await {
                    tracing::info!(%error, "the server did not hear that a command was refused");
                }
                Ok(false)
            }
        }
    }

    /// Brings a command as far as it goes. Some turn where nothing else is to be done before.
    async fn advance(&mut self, context: &Context, record: Record) -> Result<Option<Turn>, KeepingFailed> {
        let Record { command, mut stage } = record;
        let id = command.id.clone();
        if matches!(stage, Stage::Doing) {
            stage = match self.reconcile(context, &command).await? {
                Some(result) => Stage::Done(result),
                None => Stage::Received,
            };
        }
        if matches!(stage, Stage::Received) {
            let now = self.server_now(&*context.pace);
            let result = match validate::lease(&command, &self.device_id, now) {
                // A server that gives it again does so sooner. It waits here no longer, and is done no more.
                Lease::Over if validate::is_long_over(&command, now) => {
                    let why = "the desktop did not get to it in time, and it was not done";
                    CommandResult::new(ResultStatus::Failed, Some(why.to_owned()))
                }
                // It is given again with a new lease, or was given up.
                Lease::Over => return Ok(None),
                _ => self.carry_out(context, &command).await?,
            };
            context.ledger.done(&id, &result).await?;
            stage = Stage::Done(result);
        }
        match stage {
            Stage::Done(result) => self.answer(context, &command, result).await,
            Stage::Answered(_) | Stage::Received | Stage::Doing => Ok(None),
        }
    }

    /// What became of a command that was cut off; none when it certainly was not done.
    async fn reconcile(
        &self,
        context: &Context,
        command: &Command,
    ) -> Result<Option<CommandResult>, KeepingFailed> {
        let reconciled = match asked(command) {
            Ok(asked) => context.hands.reconcile(&asked).await,
            // What cannot be read was never begun.
            Err(_) => Reconciled::NotDone,
        };
        let result = match reconciled {
            Reconciled::Done(result) => cleaned(result, &context.leaving()),
            Reconciled::Unknown => unknown(),
            Reconciled::NotDone => {
                context.ledger.not_done(&command.id).await?;
                return Ok(None);
            }
        };
        context.ledger.done(&command.id, &result).await?;
        Ok(Some(result))
    }

    /// Does what is asked, if it may be done.
    async fn carry_out(&self, context: &Context, command: &Command) -> Result<CommandResult, KeepingFailed> {
        let failed = |why: String| CommandResult::new(ResultStatus::Failed, Some(why));
        let asked = match asked(command) {
            Ok(asked) => asked,
            Err(why) => return Ok(cleaned(failed(why), &context.leaving())),
        };
        let now = self.server_now(&*context.pace);
        let leased = validate::lease(command, &self.device_id, now) == Lease::Held;
        let result = match decide(&asked.work, &context.policy(), leased) {
            Decision::Blocked(why) => CommandResult::new(ResultStatus::BlockedByPolicy, Some(why.to_owned())),
            Decision::Confirm => {
                let proposed = tokio::time::timeout(CARRYING_OUT, context.hands.propose(&asked)).await;
                proposed.unwrap_or_else(|_| failed("the desktop took too long to ask its person".to_owned()))
            }
            Decision::Allowed => {
                context.ledger.doing(&command.id).await?;
                let carried = tokio::time::timeout(CARRYING_OUT, context.hands.carry_out(&asked)).await;
                match carried {
                    Ok(result) => result,
                    Err(_) => match context.hands.reconcile(&asked).await {
                        Reconciled::Done(result) => result,
                        // It was cut off here, so that it will not be done either.
                        Reconciled::NotDone => {
                            failed("the desktop took too long, and it was not done".to_owned())
                        }
                        Reconciled::Unknown => unknown(),
                    },
                }
            }
        };
        Ok(cleaned(result, &context.leaving()))
    }

    /// Tells the server what a command came to.
    async fn answer(
        &mut self,
        context: &Context,
        command: &Command,
        result: CommandResult,
    ) -> Result<Option<Turn>, KeepingFailed> {
        if self.answer_after.is_some_and(|after| Instant::now() < after) {
            return Ok(None);
        }
        self.answer_after = None;
        let outcome = match result.status {
            ResultStatus::Completed | ResultStatus::Queued | ResultStatus::RequiresLocalConfirmation => {
                Outcome::Ack
            }
            ResultStatus::BlockedByPolicy | ResultStatus::Failed => Outcome::Fail,
        };
        let ends = command.kind == CommandKind::RevokePairing.as_str() && result.ok;
        let mut answer = answer_of(command, result);
        let ended = ends.then_some(Turn::Ended);
        let mut answered = context.broker.answer(&command.id, outcome, &answer).await;
        let gave = &answer.result;
        let gave = gave.session.is_some() || gave.sessions.is_some() || gave.data.is_some();
        if gave
            && matches!(
                answered,
                Err(BrokerError::Refused {
                    status: 400 | 413 | 422,
                    ..
                })
            )
        {
            result::cut(&mut answer.result);
            answered = context.broker.answer(&command.id, outcome, &answer).await;
        }
        match answered {
            Ok(()) => {
                self.answers.reset();
                self.answer_after = None;
                context.ledger.answered(&command.id, outcome, None).await?;
                Ok(ended)
            }
            // The lease is another's, or the command is gone: the server wants to hear no more of it.
            Err(BrokerError::Refused { status, text }) => {
                let said = format!("{status} {text}");
                context.ledger.answered(&command.id, outcome, Some(&said)).await?;
                Ok(ended)
            }
            Err(error @ (BrokerError::Unknown | BrokerError::Revoked)) => {
                Ok(Some(ended.unwrap_or(Turn::Stop(error))))
            }
            Err(error) => {
                let pause = self.answers.failed(error.retry_after(), &*context.pace);
                tracing::info!(%error, "the server did not hear what a command came to");
                self.answer_after = Some(Instant::now() + pause);
                Ok(None)
            }
        }
    }
}
