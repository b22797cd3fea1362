//! A log in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cowork_pairing_protocol::session::SessionEvent;
use cowork_pairing_protocol::wire::EventType;
use cowork_screen::view::BrandView;
use cowork_watch::{Entry, Follow, Hub, Key, Log, LogError, News, Options, Page, Place, Presence, Standing};
use serde_json::{Value, json};
use tokio::sync::watch;

/// Kinds of events that are told of a thread as such, but for its row.
const HEADS: [&str; 7] = [
    "began",
    "status",
    "failed",
    "permission",
    "permissionGone",
    "question",
    "questionGone",
];

#[derive(Default)]
struct Told {
    entries: Vec<Entry>,
    presence: Presence,
    news: watch::Sender<u64>,
}

/// The logs of many desktops.
#[derive(Default)]
pub(crate) struct Memory {
    told: Mutex<HashMap<Key, Told>>,
    /// How many events of before come again with each page.
    pub(crate) again: usize,
    now: Mutex<i64>,
    broken: Mutex<bool>,
    /// Whoever reads on dies of it.
    deadly: Mutex<bool>,
    /// While somebody holds it, nobody learns how a pairing stands.
    held: tokio::sync::Mutex<()>,
    /// What is told as soon as that was read.
    meanwhile: Mutex<Vec<(After, String, Vec<SessionEvent>)>>,
}

/// What was read when something else is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// How the pairing stands.
    Standing,
    /// A session.
    Session,
}

fn kind_of(entry: &Entry) -> &str {
    let kind = entry.payload.as_ref().map(|payload| &payload["event"]["kind"]);
    kind.and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn key(pairing: &str) -> Key {
    Key {
        organization: "org_1".to_owned(),
        pairing: pairing.to_owned(),
    }
}

impl Memory {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    pub(crate) fn with_repetitions(again: usize) -> Arc<Self> {
        Arc::new(Self {
            again,
            ..Self::default()
        })
    }

    pub(crate) fn hub(self: &Arc<Self>) -> Hub {
        let brand = BrandView {
            name: "Product".to_owned(),
            short_name: "Product".to_owned(),
            help_url: String::new(),
            support_url: String::new(),
            security_url: String::new(),
        };
        let clock = Arc::clone(self);
        let options = Options {
            brand,
            clock: Arc::new(move || *clock.now.lock().unwrap()),
        };
        Hub::new(Arc::clone(self) as Arc<dyn Log>, options)
    }

    pub(crate) fn set_now(&self, now: i64) {
        *self.now.lock().unwrap() = now;
    }

    pub(crate) fn break_down(&self, broken: bool) {
        *self.broken.lock().unwrap() = broken;
    }

    pub(crate) fn kill(&self, deadly: bool) {
        *self.deadly.lock().unwrap() = deadly;
    }

    /// Keeps rooms from beginning until it is dropped.
    pub(crate) async fn hold(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.held.lock().await
    }

    /// Has a desktop tell something right after that was read for the next time.
    pub(crate) fn meanwhile(&self, after: After, session: &str, events: &[SessionEvent]) {
        let told = (after, session.to_owned(), events.to_vec());
        self.meanwhile.lock().unwrap().push(told);
    }

    fn was_read(&self, what: After, key: &Key) {
        let mut meanwhile = self.meanwhile.lock().unwrap();
        let due: Vec<_> = meanwhile.extract_if(.., |(after, ..)| *after == what).collect();
        drop(meanwhile);
        for (_, session, events) in due {
            self.tell(&key.pairing, &session, &events);
        }
    }

    /// The newest row of each thread, wherever it stands, as a store keeps them.
    fn rows(&self, key: &Key) -> Vec<Entry> {
        let told = self.told.lock().unwrap();
        let mut rows: HashMap<Option<&str>, &Entry> = HashMap::new();
        for entry in told.get(key).map_or(&[][..], |told| &told.entries) {
            let known = entry.payload.as_ref().is_some_and(|payload| payload["v"] == 1);
            match kind_of(entry) {
                _ if !known => {}
                "thread" => drop(rows.insert(entry.session.as_deref(), entry)),
                "threadGone" => drop(rows.remove(&entry.session.as_deref())),
                _ => {}
            }
        }
        let mut rows: Vec<_> = rows.into_values().cloned().collect();
        rows.sort_by_key(|entry| std::cmp::Reverse(entry.place));
        rows
    }

    /// A desktop tells events of a session.
    pub(crate) fn tell(&self, pairing: &str, session: &str, events: &[SessionEvent]) {
        let payloads = events.iter().map(|event| json!({ "v": 1, "event": event }));
        self.raw(pairing, Some(session), EventType::SessionEvent, payloads);
    }

    /// A desktop tells whatever it likes.
    pub(crate) fn raw(
        &self,
        pairing: &str,
        session: Option<&str>,
        kind: EventType,
        payloads: impl Iterator<Item = Value>,
    ) {
        let mut told = self.told.lock().unwrap();
        let told = told.entry(key(pairing)).or_default();
        for payload in payloads {
            let order = i64::try_from(told.entries.len()).unwrap() + 1;
            told.entries.push(Entry {
                place: Place { order, position: 0 },
                kind,
                session: session.map(str::to_owned),
                occurred: order,
                payload: Some(payload),
            });
        }
        told.news.send_modify(|news| *news += 1);
    }

    pub(crate) fn stands(&self, pairing: &str, presence: Presence) {
        let mut told = self.told.lock().unwrap();
        let told = told.entry(key(pairing)).or_default();
        told.presence = presence;
        told.news.send_modify(|news| *news += 1);
    }

    /// Everything that was told, for another log.
    pub(crate) fn copy(&self) -> Arc<Self> {
        let told = self.told.lock().unwrap();
        let copied = told.iter().map(|(key, told)| {
            let copy = Told {
                entries: told.entries.clone(),
                presence: told.presence,
                news: watch::Sender::default(),
            };
            (key.clone(), copy)
        });
        Arc::new(Self {
            told: Mutex::new(copied.collect()),
            ..Self::default()
        })
    }

    fn page(
        &self,
        key: &Key,
        after: Place,
        limit: usize,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<Page, LogError> {
        if *self.broken.lock().unwrap() {
            return Err(LogError("the disk is gone".to_owned()));
        }
        let told = self.told.lock().unwrap();
        let entries: &[Entry] = told.get(key).map_or(&[], |told| &told.entries);
        let begin = entries.partition_point(|entry| entry.place <= after);
        let mut left = entries[begin..].iter().filter(|entry| wanted(entry)).cloned();
        let mut page: Vec<_> = left.by_ref().take(limit).collect();
        let more = left.next().is_some();
        let end = entries.last().map_or(after, |last| last.place);
        let next = page
            .last()
            .filter(|_| more)
            .map_or(end, |last| last.place)
            .max(after);
        let before = entries[begin.saturating_sub(self.again)..begin]
            .iter()
            .filter(|entry| wanted(entry));
        page.splice(0..0, before.cloned());
        Ok(Page {
            entries: page,
            next,
            more,
        })
    }
}

struct Following(watch::Receiver<u64>);

#[async_trait]
impl Follow for Following {
    async fn next(&mut self) -> News {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        News {
            events: true,
            standing: true,
        }
    }
}

#[async_trait]
impl Log for Memory {
    fn follow(&self, key: &Key) -> Box<dyn Follow> {
        let mut told = self.told.lock().unwrap();
        Box::new(Following(told.entry(key.clone()).or_default().news.subscribe()))
    }

    async fn standing(&self, key: &Key) -> Result<Standing, LogError> {
        drop(self.held.lock().await);
        let standing = {
            let told = self.told.lock().unwrap();
            let told = told.get(key);
            Standing {
                newest: told
                    .and_then(|told| told.entries.last())
                    .map(|last| last.place)
                    .unwrap_or_default(),
                presence: told.map(|told| told.presence).unwrap_or_default(),
            }
        };
        self.was_read(After::Standing, key);
        Ok(standing)
    }

    async fn heads(&self, key: &Key, after: Place, limit: usize) -> Result<Page, LogError> {
        let mut page = self.page(key, after, limit, |entry| {
            entry.kind == EventType::Status || HEADS.contains(&kind_of(entry))
        })?;
        if after == Place::default() {
            page.entries.splice(0..0, self.rows(key));
        }
        Ok(page)
    }

    async fn session(&self, key: &Key, session: &str, after: Place, limit: usize) -> Result<Page, LogError> {
        let page = self.page(key, after, limit, |entry| {
            entry.session.as_deref() == Some(session)
        });
        self.was_read(After::Session, key);
        page
    }

    async fn since(&self, key: &Key, after: Place, limit: usize) -> Result<Page, LogError> {
        let deadly = *self.deadly.lock().unwrap();
        assert!(!deadly, "what is read on kills");
        self.page(key, after, limit, |_| true)
    }
}
