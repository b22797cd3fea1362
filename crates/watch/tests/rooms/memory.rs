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

/// Kinds of events that are told of a thread as such.
const HEADS: [&str; 9] = [
    "thread",
    "threadGone",
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
        let told = self.told.lock().unwrap();
        let told = told.get(key);
        Ok(Standing {
            newest: told
                .and_then(|told| told.entries.last())
                .map(|last| last.place)
                .unwrap_or_default(),
            presence: told.map(|told| told.presence).unwrap_or_default(),
        })
    }

    async fn heads(&self, key: &Key, after: Place, limit: usize) -> Result<Page, LogError> {
        self.page(key, after, limit, |entry| {
            let kind = entry.payload.as_ref().map(|payload| &payload["event"]["kind"]);
            entry.kind == EventType::Status
                || kind
                    .and_then(Value::as_str)
                    .is_some_and(|kind| HEADS.contains(&kind))
        })
    }

    async fn session(&self, key: &Key, session: &str, after: Place, limit: usize) -> Result<Page, LogError> {
        self.page(key, after, limit, |entry| {
            entry.session.as_deref() == Some(session)
        })
    }

    async fn since(&self, key: &Key, after: Place, limit: usize) -> Result<Page, LogError> {
        self.page(key, after, limit, |_| true)
    }
}
