//! Many desktops that tell, many browsers that watch: how long an event takes to a browser, and a command to a desktop.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use crate::browser::Person;
use crate::desktop::{Desktop, Identity};
use crate::figures::{Delays, Summary};
use crate::random::random;
use crate::server::Plan;
use crate::stamp::{Clock, Stamps};
use crate::story::Story;

/// How often a desktop tells what it has, as the app does.
const TELLS_EVERY: Duration = Duration::from_millis(100);
/// What comes in this time after the beginning is not measured: streams open, caches fill.
const WARM_UP: Duration = Duration::from_secs(5);
/// How long the last events and commands may take before they count as lost.
const LAST: Duration = Duration::from_secs(10);
/// Browsers that open their stream at once.
const OPEN_AT_ONCE: usize = 50;

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Organizations.
    pub tenants: usize,
    /// Desktops in all.
    pub desktops: usize,
    /// Browsers in all.
    pub browsers: usize,
    /// Events in a second, in all.
    pub events: usize,
    /// Commands in a second, in all.
    pub commands: usize,
    /// How long, after the warming up.
    pub time: Duration,
}

/// What it came to.
#[derive(Debug)]
pub struct Outcome {
    /// From the moment at which an event was due at the desktop to its arrival at each browser.
    pub events: Option<Summary>,
    /// From the moment at which a command was due at the browser to its arrival at the desktop.
    pub commands: Option<Summary>,
    /// Events that were told.
    pub told: u64,
    /// What went wrong: requests that failed, streams that broke, browsers that did not see every event, commands that
    /// were taken and did not arrive, or did twice.
    pub errors: u64,
    /// Processor time of the server for each event, in microseconds.
    pub cost: f64,
    /// Megabytes the server held in the end.
    pub memory: f64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure =
            |summary: &Option<Summary>| summary.map_or("none".to_owned(), |summary| summary.to_string());
        writeln!(formatter, "event to browser: {}", figure(&self.events))?;
        writeln!(formatter, "command to desktop: {}", figure(&self.commands))?;
        write!(
            formatter,
            "{} events told, {} errors; the server took {:.0} us for each and held {:.0} MB",
            self.told, self.errors, self.cost, self.memory
        )
    }
}

struct Shared {
    clock: Clock,
    measuring: AtomicBool,
    over: AtomicBool,
    /// Nobody gives commands any more, and those that were given arrived.
    settled: AtomicBool,
    told: AtomicU64,
    /// Commands that the server took, and those that came to their desktop.
    taken: AtomicU64,
    arrived: AtomicU64,
    errors: AtomicU64,
}

impl Shared {
    fn failed(&self, what: &dyn fmt::Display) {
        if self.errors.fetch_add(1, Ordering::Relaxed) < 10 {
            crate::say(&format!("error: {what}"));
        }
    }
}

/// Runs it against a server that is started for it.
///
/// # Errors
/// When it cannot be set up.
pub async fn run(plan: &Plan, load: Load) -> anyhow::Result<Outcome> {
    plan.migrate()?;
    let server = plan.start().await?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(load.browsers + load.desktops)
        .build()?;
    let shared = Arc::new(Shared {
        clock: Clock::start(),
        measuring: AtomicBool::new(false),
        over: AtomicBool::new(false),
        settled: AtomicBool::new(false),
        told: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        arrived: AtomicU64::new(0),
        errors: AtomicU64::new(0),
    });
    let (people, desktops) = settle_in(plan, &client, load).await?;
    let places: Vec<(Person, String, String)> = desktops
        .iter()
        .enumerate()
        .map(|(number, (desktop, story, _))| {
            let person = people[number % people.len()].clone();
            (
                person,
                desktop.identity().pairing.clone(),
                story.session().to_owned(),
            )
        })
        .collect();

    let mut tellers = JoinSet::new();
    let mut handlers = JoinSet::new();
    let mut stamps = Vec::new();
    for (desktop, story, sequence) in desktops {
        let made = Stamps::default();
        stamps.push(made.clone());
        handlers.spawn(handle(desktop.clone(), Arc::clone(&shared)));
        let each = Duration::from_secs(1) * count(load.desktops)? / count(load.events)?;
        tellers.spawn(tell(desktop, story, sequence, each, made, Arc::clone(&shared)));
    }
    let mut watchers = JoinSet::new();
    for number in 0..load.browsers {
        let place = places[number % places.len()].clone();
        let made = stamps[number % stamps.len()].clone();
        watchers.spawn(watch(place, made, Arc::clone(&shared)));
        if number % OPEN_AT_ONCE == OPEN_AT_ONCE - 1 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    crate::say(&format!("{} browsers", load.browsers));
    let giver = tokio::spawn(give(places, load.commands, Arc::clone(&shared)));

    tokio::time::sleep(WARM_UP).await;
    shared.measuring.store(true, Ordering::Relaxed);
    let (told_before, used_before) = (shared.told.load(Ordering::Relaxed), used(server.process())?);
    tokio::time::sleep(load.time).await;
    let (told, used) = (
        shared.told.load(Ordering::Relaxed) - told_before,
        used(server.process())?.saturating_sub(used_before),
    );
    let memory = memory(server.process())?;
    shared.over.store(true, Ordering::Relaxed);
    while tellers.join_next().await.is_some() {}
    giver.await?;
    let mut events = Delays::default();
    while let Some(seen) = watchers.join_next().await {
        events.join(seen?);
    }
    all_arrive(&shared).await;
    let mut commands = Delays::default();
    while let Some(handled) = handlers.join_next().await {
        commands.join(handled?);
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let cost = used.as_secs_f64() * 1e6 / told.max(1) as f64;
    Ok(Outcome {
        events: events.summary(),
        commands: commands.summary(),
        told,
        errors: shared.errors.load(Ordering::Relaxed),
        cost,
        memory,
    })
}

/// Waits until every command that the server took came to its desktop.
async fn all_arrive(shared: &Shared) {
    let until = Instant::now() + LAST;
    let missing = || {
        let (taken, arrived) = (&shared.taken, &shared.arrived);
        taken
            .load(Ordering::Relaxed)
            .saturating_sub(arrived.load(Ordering::Relaxed))
    };
    while missing() > 0 && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if missing() > 0 {
        shared.failed(&format!("{} commands did not arrive", missing()));
    }
    shared.settled.store(true, Ordering::Relaxed);
}

/// A desktop, what it tells, and how many events it told already.
type Telling = (Desktop, Story, u64);

/// Makes the organizations and pairs the desktops.
async fn settle_in(
    plan: &Plan,
    client: &reqwest::Client,
    load: Load,
) -> anyhow::Result<(Vec<Person>, Vec<Telling>)> {
    let address = plan.address();
    let mut people = Vec::new();
    for _ in 0..load.tenants {
        people.push(Person::welcome(client.clone(), &address, &plan.owner_link()?).await?);
    }
    crate::say(&format!("{} organizations", people.len()));
    let mut desktops = Vec::new();
    for number in 0..load.desktops {
        let person = &people[number % people.len()];
        let identity = Identity::new()?;
        person.enrol(&identity, &format!("Desktop {number}")).await?;
        let desktop = Desktop::new(client.clone(), &address, identity);
        desktop.heartbeat(0).await?;
        let story = Story::new(&format!("ses_{number}"));
        let mut sequence = 0;
        let beginning = story.beginning().into_iter().map(|payload| {
            sequence += 1;
            desktop.event(sequence, story.session(), payload)
        });
        desktop.tell(beginning.collect()).await?;
        desktops.push((desktop, story, sequence));
    }
    crate::say(&format!("{} desktops", desktops.len()));
    Ok((people, desktops))
}

fn count(number: usize) -> anyhow::Result<u32> {
    Ok(u32::try_from(number)?)
}

/// Tells what is due, as the app does: what came since the last time in one request, and one request at a time.
async fn tell(
    desktop: Desktop,
    mut story: Story,
    mut sequence: u64,
    each: Duration,
    stamps: Stamps,
    shared: Arc<Shared>,
) {
    // Desktops are not in step with each other.
    let offset = random().unwrap_or(0) % 100;
    tokio::time::sleep(Duration::from_millis(offset)).await;
    let mut ticks = tokio::time::interval(TELLS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let began = Instant::now();
    let mut made = 0_u32;
    while !shared.over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let mut events = Vec::new();
        while each * made <= began.elapsed() {
            // By when it was due: an event that could not be told because a request took long has waited.
            let stamp = shared.clock.stamp((began + each * made).into_std());
            made += 1;
            stamps.add(stamp);
            for payload in story.grow(&format!("word {stamp}")) {
                sequence += 1;
                events.push(desktop.event(sequence, story.session(), payload));
            }
        }
        if events.is_empty() {
            continue;
        }
        let count = events.len() as u64;
        match desktop.tell(events).await {
            Ok(through) if through == sequence => {
                shared.told.fetch_add(count, Ordering::Relaxed);
            }
            Ok(through) => shared.failed(&format!("told up to {sequence}, and the server has {through}")),
            Err(error) => shared.failed(&error),
        }
    }
}

/// Watches a desktop's thread.
async fn watch(place: (Person, String, String), stamps: Stamps, shared: Arc<Shared>) -> Delays {
    let mut delays = Delays::default();
    if let Err(error) = watched(&place, &stamps, &shared, &mut delays).await {
        shared.failed(&format!("{error:#}"));
    }
    delays
}

async fn watched(
    (person, pairing, session): &(Person, String, String),
    stamps: &Stamps,
    shared: &Shared,
    delays: &mut Delays,
) -> anyhow::Result<()> {
    let mut updates = person.updates(pairing).await?;
    let connection = updates.connection().to_owned();
    person
        .command(pairing, &connection, "start", None, &json!({}))
        .await?;
    let open = json!({ "session": session, "around": null });
    person
        .command(pairing, &connection, "session_open", None, &open)
        .await?;
    let mut newest = 0;
    let mut all = BTreeSet::new();
    let mut until: Option<Instant> = None;
    loop {
        if shared.over.load(Ordering::Relaxed) {
            let end = *until.get_or_insert_with(|| Instant::now() + LAST);
            if newest >= stamps.newest() {
                let missing = stamps.missing(&all);
                ensure!(missing == 0, "{missing} events before the last did not arrive");
                return Ok(());
            }
            if Instant::now() > end {
                bail!("the last event did not arrive");
            }
        }
        // The end of the load is looked for now and then, also where nothing comes any more.
        let Ok(event) = tokio::time::timeout(Duration::from_millis(250), updates.next()).await else {
            continue;
        };
        let (name, data) = event.context("watching")?;
        if name != "update" {
            continue;
        }
        for seen in shared.clock.read(&data, newest) {
            newest = seen.made;
            all.insert(seen.made);
            if shared.measuring.load(Ordering::Relaxed) {
                delays.add(seen.delay);
            }
        }
    }
}

/// Handles a desktop's commands.
async fn handle(desktop: Desktop, shared: Arc<Shared>) -> Delays {
    let mut delays = Delays::default();
    let mut after = 0;
    let mut known = BTreeSet::new();
    while !shared.settled.load(Ordering::Relaxed) {
        let claimed = match desktop.claim(after).await {
            Ok(claimed) => claimed,
            Err(error) => {
                shared.failed(&error);
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        for command in claimed.commands {
            after = after.max(command.sequence);
            let text = command
                .payload
                .as_ref()
                .and_then(|payload| payload["text"].as_str());
            let seen = shared.clock.read(text.unwrap_or_default(), 0);
            if shared.measuring.load(Ordering::Relaxed) {
                for seen in seen {
                    delays.add(seen.delay);
                }
            }
            if known.insert(command.id.clone()) {
                shared.arrived.fetch_add(1, Ordering::Relaxed);
            } else {
                shared.failed(&format!("the command {} came twice", command.id));
            }
            if let Err(error) = desktop.acknowledge(&command).await {
                shared.failed(&error);
            }
        }
    }
    delays
}

/// Gives commands to desktops, one after the other in turn, each over a connection of its own that stays.
async fn give(places: Vec<(Person, String, String)>, each_second: usize, shared: Arc<Shared>) {
    if each_second == 0 {
        return;
    }
    let mut streams = Vec::new();
    for (person, pairing, _) in places.iter().take(each_second.max(10)) {
        match person.updates(pairing).await {
            Ok(updates) => streams.push(updates),
            Err(error) => shared.failed(&format!("{error:#}")),
        }
    }
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / u32::try_from(each_second).unwrap_or(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut number = 0;
    let connections: Vec<String> = streams
        .iter()
        .map(|stream| stream.connection().to_owned())
        .collect();
    // Nobody reads an idle stream's news here, but one that is not read would be ended.
    let readers: Vec<_> = streams
        .into_iter()
        .map(|mut stream| tokio::spawn(async move { while stream.next().await.is_ok() {} }))
        .collect();
    let mut given = JoinSet::new();
    while !shared.over.load(Ordering::Relaxed) && !connections.is_empty() {
        let due = ticks.tick().await.into_std();
        let at = number % connections.len();
        number += 1;
        let (person, pairing, session) = places[at].clone();
        let connection = connections[at].clone();
        let shared = Arc::clone(&shared);
        given.spawn(async move {
            let text = shared.clock.stamp(due).to_string();
            let request = json!({ "session": session, "text": text, "agent": null, "model": null });
            let key = format!("{text}-{session}");
            let answer = person
                .command(&pairing, &connection, "prompt_send", Some(&key), &request)
                .await;
            match answer {
                Ok(_) => {
                    shared.taken.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => shared.failed(&error),
            }
        });
    }
    // Their streams stay until they are answered.
    while given.join_next().await.is_some() {}
    for reader in readers {
        reader.abort();
    }
}

/// The processor time a process has used.
fn used(process: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in brackets may hold blanks; what follows it does not.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    // Linux shows hundredths of a second, whatever its own ticks are.
    Ok(Duration::from_millis(ticks * 10))
}

/// What a process holds, in megabytes.
fn memory(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("no VmRSS")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
    Ok(kilobytes / 1024.0)
}
