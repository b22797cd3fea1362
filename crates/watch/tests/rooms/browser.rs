//! A browser that knows only what it was told, as JSON, and takes it in as the page does.

use std::collections::BTreeMap;
use std::time::Duration;

use cowork_watch::{Frame, Hub, NotThere, Watcher};
use serde_json::Value;

use crate::memory::key;

pub(crate) struct Browser {
    pub(crate) watcher: Watcher,
    /// The page reads what comes by itself, or does nothing at all.
    pub(crate) rows: BTreeMap<String, Value>,
    pub(crate) inbox: Value,
    pub(crate) desktop: Value,
    pub(crate) conversation: Option<Value>,
    /// Patches that were taken, and times it had to ask anew.
    pub(crate) patches: usize,
    pub(crate) anew: usize,
    pub(crate) closed: bool,
    pub(crate) last: u64,
}

impl Browser {
    pub(crate) async fn new(hub: &Hub, pairing: &str) -> Self {
        let watcher = hub.watch(&key(pairing)).await.unwrap();
        let mut browser = Self {
            watcher,
            rows: BTreeMap::new(),
            inbox: Value::Null,
            desktop: Value::Null,
            conversation: None,
            patches: 0,
            anew: 0,
            closed: false,
            last: 0,
        };
        browser.start().await;
        browser
    }

    pub(crate) async fn start(&mut self) {
        let start: Value = serde_json::from_slice(&self.watcher.start().await.unwrap()).unwrap();
        self.rows = start["sessions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["id"].as_str().unwrap().to_owned(), row.clone()))
            .collect();
        self.inbox = start["inbox"].clone();
    }

    pub(crate) async fn open(&mut self, session: &str) -> Result<(), NotThere> {
        let conversation = self.watcher.open(session, None).await?;
        self.conversation = Some(serde_json::from_slice(&conversation).unwrap());
        Ok(())
    }

    /// Reads all that comes until nothing does for a while.
    pub(crate) async fn read(&mut self) {
        while let Ok(frame) = tokio::time::timeout(Duration::from_millis(500), self.watcher.next()).await {
            let Some(frame) = frame else {
                self.closed = true;
                return;
            };
            match frame {
                Frame::Update(update) => {
                    let (own, shared) = update.json();
                    let data: Value = serde_json::from_slice(&[own, shared].concat()).unwrap();
                    self.update(&data).await;
                }
                Frame::Desktop(view) => self.desktop = serde_json::to_value(view.as_ref()).unwrap(),
                Frame::Anew => {
                    self.anew += 1;
                    let open = self.session();
                    self.start().await;
                    if let Some(session) = open {
                        self.open(&session).await.unwrap();
                    }
                }
            }
        }
    }

    fn session(&self) -> Option<String> {
        Some(self.conversation.as_ref()?["session"].as_str()?.to_owned())
    }

    async fn update(&mut self, update: &Value) {
        let sequence = update["sequence"].as_u64().unwrap();
        assert_eq!(sequence, self.last + 1, "none is missing");
        self.last = sequence;
        self.watcher.acknowledge(sequence);
        for row in update["sessions"].as_array().unwrap() {
            self.rows
                .insert(row["id"].as_str().unwrap().to_owned(), row.clone());
        }
        for gone in update["removedSessions"].as_array().unwrap() {
            self.rows.remove(gone.as_str().unwrap());
        }
        if !update["inbox"].is_null() {
            self.inbox = update["inbox"].clone();
        }
        let patch = &update["conversation"];
        if patch.is_null() {
            return;
        }
        let Some(conversation) = &mut self.conversation else {
            return;
        };
        let number = |of: &Value| of.as_u64().unwrap();
        let revision = number(&conversation["revision"]);
        if conversation["session"] != patch["session"] || number(&patch["revision"]) <= revision {
            return;
        }
        if number(&patch["base"]) > revision {
            self.anew += 1;
            let session = self.session().unwrap();
            // The thread may be gone by now.
            if self.open(&session).await.is_err() {
                self.conversation = None;
            }
            return;
        }
        self.patches += 1;
        take(conversation, patch);
    }

    /// The conversation but for how often it was told.
    pub(crate) fn picture(&self) -> Value {
        let mut picture = self.conversation.clone().unwrap();
        picture["revision"] = Value::Null;
        picture
    }
}

fn take(conversation: &mut Value, patch: &Value) {
    for field in [
        "before",
        "moreBefore",
        "after",
        "status",
        "permissions",
        "questions",
        "todos",
    ] {
        if !patch[field].is_null() {
            conversation[field] = patch[field].clone();
        }
    }
    conversation["revision"] = patch["revision"].clone();
    let messages = conversation["messages"].as_array_mut().unwrap();
    let removed = patch["removedMessages"].as_array().unwrap();
    messages.retain(|message| !removed.contains(&message["id"]));
    for change in patch["messages"].as_array().unwrap() {
        let index = usize::try_from(change["index"].as_u64().unwrap()).unwrap();
        let mut message = change["message"].clone();
        let known = messages.iter().position(|known| known["id"] == message["id"]);
        match known {
            Some(at) => {
                assert_eq!(at, index, "it stays where it is");
                if change["fresh"] == Value::Bool(false) {
                    message["blocks"] = messages[at]["blocks"].clone();
                }
                messages[at] = message;
            }
            None => messages.insert(index, message),
        }
    }
    let find = |messages: &mut Vec<Value>, id: &Value| messages.iter().position(|known| known["id"] == *id);
    for gone in patch["removedBlocks"].as_array().unwrap() {
        if let Some(at) = find(messages, &gone["message"]) {
            let blocks = messages[at]["blocks"].as_array_mut().unwrap();
            blocks.retain(|block| block["id"] != gone["block"]);
        }
    }
    for change in patch["blocks"].as_array().unwrap() {
        let at = find(messages, &change["message"]).unwrap();
        let blocks = messages[at]["blocks"].as_array_mut().unwrap();
        let index = usize::try_from(change["index"].as_u64().unwrap()).unwrap();
        match blocks
            .iter()
            .position(|known| known["id"] == change["block"]["id"])
        {
            Some(known) => {
                assert_eq!(known, index);
                blocks[known] = change["block"].clone();
            }
            None => blocks.insert(index, change["block"].clone()),
        }
    }
    for text in patch["texts"].as_array().unwrap() {
        let at = find(messages, &text["message"]).unwrap();
        let blocks = messages[at]["blocks"].as_array_mut().unwrap();
        let block = blocks
            .iter_mut()
            .find(|known| known["id"] == text["block"])
            .unwrap();
        grow(block["content"]["html"].as_array_mut().unwrap(), &text["html"]);
    }
}

fn grow(html: &mut Vec<Value>, patch: &Value) {
    let count = usize::try_from(patch["blocks"].as_u64().unwrap()).unwrap();
    html.truncate(count);
    for change in patch["changes"].as_array().unwrap() {
        let index = usize::try_from(change["index"].as_u64().unwrap()).unwrap();
        let keep = usize::try_from(change["keep"].as_u64().unwrap()).unwrap();
        let mut pieces: Vec<Value> = html
            .get(index)
            .map(|block| block["pieces"].as_array().unwrap()[..keep].to_vec())
            .unwrap_or_default();
        pieces.extend(change["pieces"].as_array().unwrap().iter().cloned());
        let block = serde_json::json!({ "frame": change["frame"], "pieces": pieces });
        if index < html.len() {
            html[index] = block;
        } else {
            assert_eq!(index, html.len());
            html.push(block);
        }
    }
    assert_eq!(html.len(), count);
}
