//! The server or its database killed at random moments, while desktops tell and people give commands: what was
//! acknowledged took effect once, and every event arrived.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::browser::Person;
use crate::desktop::{Desktop, Identity, Ledger, Refused};
use crate::postgres::Postgres;
use crate::random::{random, random_hex};
use crate::server::Plan;
use crate::story::Story;

/// Desktops; each has somebody who gives it commands.
const DESKTOPS: usize = 6;
/// How long everything may take to come to rest after the last fault: longer than a lease.
const REST: Duration = Duration::from_mins(1);
/// Seconds for which a desktop has a command: the least there is.
const LEASE: u32 = 5;
/// How long after its last lease a command could be given out again: the server's grace, and as much once more.
const GIVEN_AGAIN: Duration = Duration::from_secs(10);
/// Between two tries of what did not work.
const AGAIN: Duration = Duration::from_millis(100);
/// Between two commands of one person, and two growths of one story.
const PACE: Duration = Duration::from_millis(15);

/// What it came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Times the server was killed.
    pub servers: u32,
    /// Times its database was killed.
    pub databases: u32,
    /// Commands that were acknowledged.
    pub acknowledged: usize,
    /// Events that were told.
    pub events: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the server was killed {} times, its database {} times; {} acknowledged commands took effect once each, and \
             {} events arrived",
            self.servers, self.databases, self.acknowledged, self.events
        )
    }
}

/// What one desktop and whoever gives it commands know; it outlives every fault.
#[derive(Default)]
struct Known {
    ledger: Ledger,
    /// Keys of commands that the server took.
    acknowledged: BTreeSet<String>,
    /// Keys of all that were sent.
    given: BTreeSet<String>,
    /// All that was told, in order.
    told: String,
    events: u64,
}

type Shared = Arc<Mutex<Known>>;

fn with<T>(known: &Shared, look: impl FnOnce(&mut Known) -> T) -> T {
    look(&mut known.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Runs so many rounds.
///
/// # Errors
/// When something was lost or happened twice, or the trial could not be set up.
pub async fn run(plan: &Plan, mut database: Option<Postgres>, rounds: u32) -> anyhow::Result<Outcome> {
    plan.migrate()?;
    let mut server = Some(plan.start().await?);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let address = plan.address();
    let person = Person::welcome(client.clone(), &address, &plan.owner_link()?).await?;
    let over = Arc::new(AtomicBool::new(false));
    let mut all = Vec::new();
    let mut work = JoinSet::new();
    let mut handlers = JoinSet::new();
    for number in 0..DESKTOPS {
        let identity = Identity::new()?;
        person.enrol(&identity, &format!("Desktop {number}")).await?;
        let desktop = Desktop::new(client.clone(), &address, identity).with_lease(LEASE);
        let known = Shared::default();
        let story = Story::new(&format!("ses_{number}"));
        let place = Place {
            person: person.clone(),
            pairing: desktop.identity().pairing.clone(),
            session: story.session().to_owned(),
        };
        work.spawn(tell(
            desktop.clone(),
            story,
            Arc::clone(&known),
            Arc::clone(&over),
        ));
        work.spawn(give(place.clone(), Arc::clone(&known), Arc::clone(&over)));
        handlers.spawn(handle(desktop, Arc::clone(&known)));
        all.push((place, known));
    }

    let mut outcome = Outcome::default();
    for round in 1..=rounds {
        tokio::time::sleep(Duration::from_millis(100 + random()? % 900)).await;
        if let Some(database) = database.as_mut().filter(|_| round % 2 == 0) {
            outcome.databases += 1;
            database.kill()?;
            tokio::time::sleep(Duration::from_millis(random()? % 500)).await;
            database.restart()?;
        } else {
            outcome.servers += 1;
            server.take().context("the server runs")?.kill()?;
            tokio::time::sleep(Duration::from_millis(random()? % 500)).await;
            server = Some(plan.start().await?);
        }
        crate::say(&format!("round {round} of {rounds}"));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    over.store(true, Ordering::Relaxed);
    let ended = tokio::time::timeout(REST, async {
        while let Some(ended) = work.join_next().await {
            ended?;
        }
        anyhow::Ok(())
    });
    ended.await.context("what was under way did not end")??;
    for (place, known) in &all {
        all_took_effect(place, known).await?;
    }
    // A second command that was made of one key may be on its way with an answer that got lost: nothing says that none
    // is, but that none comes while it would.
    tokio::time::sleep(Duration::from_secs(LEASE.into()) + GIVEN_AGAIN).await;
    for (place, known) in &all {
        let counts = hold(place, known).await?;
        outcome.acknowledged += counts.0;
        outcome.events += counts.1;
    }
    handlers.shutdown().await;
    Ok(outcome)
}

/// Waits until everything acknowledged took effect.
async fn all_took_effect(place: &Place, known: &Shared) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let missing = with(known, |known| {
            let effects = known.ledger.effects();
            known
                .acknowledged
                .iter()
                .filter(|key| !effects.contains_key(*key))
                .count()
        });
        if missing == 0 {
            return Ok(());
        }
        ensure!(
            began.elapsed() < REST,
            "{missing} acknowledged commands of {} never took effect",
            place.pairing
        );
        tokio::time::sleep(AGAIN).await;
    }
}

/// Holds that nothing took effect twice or was never given, and nothing told is missing.
async fn hold(place: &Place, known: &Shared) -> anyhow::Result<(usize, u64)> {
    with(known, |known| {
        for (key, times) in known.ledger.effects() {
            ensure!(*times == 1, "the command {key} took effect {times} times");
            ensure!(known.given.contains(key), "the command {key} was never given");
        }
        anyhow::Ok(())
    })?;
    let shown = place.text().await?;
    let (told, acknowledged, events) = with(known, |known| {
        (known.told.clone(), known.acknowledged.len(), known.events)
    });
    ensure!(
        shown == told,
        "of {} the server shows {} bytes where {} were told",
        place.pairing,
        shown.len(),
        told.len()
    );
    Ok((acknowledged, events))
}

/// A thread as a browser reaches it.
#[derive(Clone)]
struct Place {
    person: Person,
    pairing: String,
    session: String,
}

impl Place {
    /// All that agents wrote in it, as the server has it.
    async fn text(&self) -> anyhow::Result<String> {
        let updates = self.person.updates(&self.pairing).await?;
        let mut text = String::new();
        let opened = self
            .call(
                updates.connection(),
                "session_open",
                &json!({ "session": self.session, "around": null }),
            )
            .await?;
        ensure!(opened["messages"].is_array(), "no conversation: {opened}");
        let mut number = 1;
        loop {
            let request = json!({ "session": self.session, "message": crate::story::message_name(number) });
            match self.call(updates.connection(), "message_source", &request).await {
                Ok(Value::String(source)) => text.push_str(&source),
                Ok(other) => bail!("a message's source is {other}"),
                Err(error) if error.to_string().contains("404") => return Ok(text),
                Err(error) => return Err(error),
            }
            number += 1;
        }
    }

    async fn call(&self, connection: &str, command: &str, request: &Value) -> anyhow::Result<Value> {
        Ok(self
            .person
            .command(&self.pairing, connection, command, None, request)
            .await?)
    }
}

/// Tells a story; what has not arrived is told again, in order.
async fn tell(desktop: Desktop, mut story: Story, known: Shared, over: Arc<AtomicBool>) {
    let mut sequence = 0;
    let mut waiting = Vec::new();
    let mut beginning = story.beginning();
    loop {
        let ending = over.load(Ordering::Relaxed);
        if !ending || !beginning.is_empty() {
            let words = format!("word {}", sequence + 1);
            let grown = story.grow(&words);
            with(&known, |known| known.told.extend([words.as_str(), " "]));
            for payload in std::mem::take(&mut beginning).into_iter().chain(grown) {
                sequence += 1;
                waiting.push(desktop.event(sequence, story.session(), payload));
            }
        }
        if ending && waiting.is_empty() {
            with(&known, |known| known.events = sequence);
            return;
        }
        match desktop.tell(waiting.iter().take(200).cloned().collect()).await {
            Ok(through) => {
                waiting.retain(|event| event.sequence.is_none_or(|sequence| sequence > through));
                tokio::time::sleep(PACE).await;
            }
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}

/// Gives commands, each with a key, until the server says that it has it.
async fn give(place: Place, known: Shared, over: Arc<AtomicBool>) {
    let mut updates = None;
    while !over.load(Ordering::Relaxed) {
        let Ok(key) = random_hex() else { return };
        with(&known, |known| known.given.insert(key.clone()));
        let request = json!({ "session": place.session, "text": key, "agent": null, "model": null });
        loop {
            if updates.is_none() {
                // The server may be dead at the moment: why does not matter, it is tried until it is back.
                updates = place.person.updates(&place.pairing).await.ok();
            }
            let Some(stream) = &updates else {
                tokio::time::sleep(AGAIN).await;
                continue;
            };
            let given = place
                .person
                .command(
                    &place.pairing,
                    stream.connection(),
                    "prompt_send",
                    Some(&key),
                    &request,
                )
                .await;
            match given {
                Ok(_) => {
                    with(&known, |known| known.acknowledged.insert(key.clone()));
                    break;
                }
                // The queue is full, or the server is away: later. Another stream, since this one may be gone.
                Err(Refused::Status { status: 429, .. }) => tokio::time::sleep(AGAIN).await,
                Err(_) => {
                    updates = None;
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Carries commands out, and answers until the server takes the answer or the lease is another one's.
async fn handle(desktop: Desktop, known: Shared) {
    loop {
        let after = with(&known, |known| known.ledger.last());
        let Ok(claimed) = desktop.claim(after).await else {
            tokio::time::sleep(AGAIN).await;
            continue;
        };
        for command in claimed.commands {
            let key = command
                .payload
                .as_ref()
                .and_then(|payload| payload["text"].as_str())
                .unwrap_or_default()
                .to_owned();
            with(&known, |known| known.ledger.carry_out(&command, &key));
            while let Err(error) = desktop.acknowledge(&command).await {
                // It is given out anew, and answered with what is known.
                if let Refused::Status {
                    status: 409 | 404, ..
                } = error
                {
                    break;
                }
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}
