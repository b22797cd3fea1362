//! From what an engine tells to what a window holds, with a clock that is moved by hand: whatever happens on the way, the
//! window ends with the same text, and one that nobody looks at costs nothing but the journal.

use std::collections::VecDeque;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cowork_engine::{EngineEvent, Message, SessionId, Todo, TodoState, ToolKind, ToolState};
use proptest::prelude::*;

use super::pace::FRAME;
use super::tests::settle;
use super::*;
use crate::render;
use crate::state::State;
use crate::told;
use crate::view::{
    self, BlockContent, Conversation, ConversationPatch, EngineState, Html, HtmlBlock, HtmlPatch, Settings,
};

const MESSAGES: usize = 3;
const PARTS: usize = 2;

fn root() -> SessionId {
    SessionId::from("ses_root")
}

fn child() -> SessionId {
    SessionId::from("ses_child")
}

fn message_id(number: usize) -> String {
    format!("msg_{number}")
}

fn part_id(message: usize, part: usize) -> String {
    format!("prt_{message}_{part}")
}

/// What the interface does with updates, and no more than that.
#[derive(Default)]
struct Window {
    conversation: Option<Conversation>,
    /// A conversation that was asked for and has not come yet, and the patches that wait for it.
    fetched: Option<Conversation>,
    waiting: Vec<ConversationPatch>,
    /// It found that it missed something.
    is_behind: bool,
}

impl Window {
    fn receive(&mut self, patch: ConversationPatch) {
        if self.fetched.is_some() {
            self.waiting.push(patch);
            return;
        }
        let Some(conversation) = &mut self.conversation else {
            return;
        };
        if patch.revision <= conversation.revision {
            return;
        }
        if patch.base > conversation.revision {
            self.is_behind = true;
            return;
        }
        apply(conversation, patch);
    }

    /// What it asked for is there.
    fn fetch_ends(&mut self) {
        if let Some(fetched) = self.fetched.take() {
            self.conversation = Some(fetched);
            for patch in std::mem::take(&mut self.waiting) {
                self.receive(patch);
            }
        }
    }
}

fn apply(conversation: &mut Conversation, patch: ConversationPatch) {
    let messages = &mut conversation.messages;
    messages.retain(|message| !patch.removed_messages.contains(&message.id));
    for change in patch.messages {
        let known = messages
            .iter_mut()
            .find(|message| message.id == change.message.id);
        match known {
            Some(known) => {
                let blocks = std::mem::take(&mut known.blocks);
                *known = change.message;
                if !change.fresh {
                    known.blocks = blocks;
                }
            }
            None => messages.insert(change.index, change.message),
        }
    }
    for gone in patch.removed_blocks {
        blocks_of(messages, &gone.message).retain(|block| block.id != gone.block);
    }
    for change in patch.blocks {
        let blocks = blocks_of(messages, &change.message);
        match blocks.iter_mut().find(|block| block.id == change.block.id) {
            Some(block) => *block = change.block,
            None => blocks.insert(change.index, change.block),
        }
    }
    for change in patch.texts {
        let blocks = blocks_of(messages, &change.message);
        let block = blocks.iter_mut().find(|block| block.id == change.block);
        match &mut block.expect("it is held").content {
            BlockContent::Text { html, .. } | BlockContent::Reasoning { html, .. } => {
                patch_html(html, change.html);
            }
            other => panic!("{other:?} has no text"),
        }
    }
    conversation.revision = patch.revision;
}

fn blocks_of<'a>(messages: &'a mut [view::Message], id: &str) -> &'a mut Vec<view::Block> {
    let message = messages.iter_mut().find(|message| message.id == id);
    &mut message.expect("it is held").blocks
}

fn patch_html(blocks: &mut Vec<HtmlBlock>, patch: HtmlPatch) {
    for change in patch.changes {
        assert!(change.index <= blocks.len(), "no block is left out");
        if change.index == blocks.len() {
            blocks.push(HtmlBlock {
                frame: change.frame.clone(),
                pieces: Vec::new(),
            });
        }
        let block = &mut blocks[change.index];
        assert!(change.keep <= block.pieces.len(), "no piece is left out");
        block.frame = change.frame;
        block.pieces.truncate(change.keep);
        block.pieces.extend(change.pieces);
    }
    blocks.truncate(patch.blocks);
}

/// What a reader reads: the words between the tags.
fn words(conversation: &Conversation) -> BTreeMap<(String, String), Vec<String>> {
    let mut all = BTreeMap::new();
    for message in &conversation.messages {
        for block in &message.blocks {
            let (BlockContent::Text { html, .. } | BlockContent::Reasoning { html, .. }) = &block.content
            else {
                continue;
            };
            let mut text = String::new();
            let mut is_tag = false;
            for character in html
                .iter()
                .flat_map(|block| &block.pieces)
                .flat_map(|piece| piece.as_str().chars())
            {
                match character {
                    '<' => is_tag = true,
                    '>' => {
                        is_tag = false;
                        text.push(' ');
                    }
                    _ if !is_tag => text.push(character),
                    _ => {}
                }
            }
            all.insert((message.id.clone(), block.id.clone()), words_in(&text));
        }
    }
    all
}

/// The words that were said, without the signs that make lists and code.
fn words_in(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| word.starts_with('w'));
    words.map(str::to_owned).collect()
}

/// An engine, the core, its feed and a window.
struct Desk {
    state: Arc<Mutex<State>>,
    feed: Arc<Feed>,
    built: Arc<AtomicUsize>,
    arrived: Arc<Mutex<VecDeque<Update>>>,
    window: Window,
    /// What was said, as it was said.
    said: BTreeMap<(usize, usize), String>,
    finished: [bool; MESSAGES],
    next_word: usize,
}

impl Desk {
    fn new() -> Self {
        let mut state = State::new(EngineState::Stopping, Settings::default());
        let mut effects = Vec::new();
        state.session_changed(&told::listed(&root(), None), &mut effects);
        state.session_changed(&told::listed(&child(), Some(&root())), &mut effects);
        let feed = Arc::new(Feed::default());
        let mut desk = Self {
            state: Arc::new(Mutex::new(state)),
            feed: feed.clone(),
            built: Arc::default(),
            arrived: Arc::default(),
            window: Window::default(),
            said: BTreeMap::new(),
            finished: [false; MESSAGES],
            next_word: 0,
        };
        desk.tell(told::busy(&root()));
        desk.window.conversation = Some(desk.open());
        let (state, built) = (desk.state.clone(), desk.built.clone());
        tokio::spawn(async move {
            feed.run(move || {
                built.fetch_add(1, Ordering::Relaxed);
                let update = state.lock().unwrap().update(Vec::new());
                std::future::ready(update.map(|update| Batch {
                    update,
                    ..Batch::default()
                }))
            })
            .await;
        });
        let arrived = desk.arrived.clone();
        desk.feed.subscribe(Arc::new(move |update| {
            arrived.lock().unwrap().push_back(update);
            true
        }));
        desk
    }

    fn open(&self) -> Conversation {
        let mut state = self.state.lock().unwrap();
        state.open(&root(), None, String::new(), true, &mut Vec::new())
    }

    fn tell(&self, event: EngineEvent) {
        let mut state = self.state.lock().unwrap();
        state.apply(told::envelope(event), 1, &mut Vec::new());
        drop(state);
        self.feed.changed();
    }

    /// A piece of text, with a word of its own and how it goes on.
    fn say(&mut self, message: usize, part: usize, goes_on: &str) {
        if self.finished[message] {
            return;
        }
        self.begin(message, part);
        self.next_word += 1;
        let piece = format!("w{}{goes_on}", self.next_word);
        self.said.entry((message, part)).or_default().push_str(&piece);
        self.tell(told::delta(
            &root(),
            &message_id(message),
            &part_id(message, part),
            &piece,
        ));
    }

    /// Tells of messages and their parts up to this one, which is how they come.
    fn begin(&mut self, message: usize, part: usize) {
        if message > 0 {
            self.begin(message - 1, 0);
        }
        if !self.said.contains_key(&(message, 0)) {
            let created = i64::try_from(message).unwrap();
            let head = told::answer(&root(), &message_id(message), created);
            self.tell(EngineEvent::MessageChanged(head));
        }
        for part in 0..=part {
            if let Entry::Vacant(place) = self.said.entry((message, part)) {
                place.insert(String::new());
                self.told_whole(message, part);
            }
        }
    }

    /// The engine tells all of a text that it has so far.
    fn told_whole(&self, message: usize, part: usize) {
        if let Some(text) = self.said.get(&(message, part)) {
            let part = told::part(&message_id(message), &part_id(message, part), told::text(text));
            self.tell(told::changed(&root(), part));
        }
    }

    fn finish(&mut self, message: usize) {
        self.begin(message, 0);
        for part in 0..PARTS {
            self.told_whole(message, part);
        }
        self.finished[message] = true;
        let created = i64::try_from(message).unwrap();
        self.tell(EngineEvent::MessageChanged(Message {
            completed: Some(created + 1),
            ..told::answer(&root(), &message_id(message), created)
        }));
    }

    /// The window draws what arrived first, or loses what is in it of the conversation, and confirms it.
    fn draw(&mut self, lost: bool) {
        let update = self.arrived.lock().unwrap().pop_front();
        let Some(update) = update else { return };
        if let Some(patch) = update.conversation.filter(|_| !lost) {
            self.window.receive(patch);
        }
        self.feed.confirm(update.sequence);
    }

    /// The window asks for the conversation anew, if it found that it is behind.
    fn ask_anew(&mut self) {
        if std::mem::take(&mut self.window.is_behind) && self.window.fetched.is_none() {
            self.window.fetched = Some(self.open());
        }
    }

    /// Lets everything come to rest.
    async fn rest(&mut self) {
        self.feed.show(true);
        for _ in 0..200 {
            tokio::time::sleep(FRAME).await;
            self.window.fetch_ends();
            self.draw(false);
            self.ask_anew();
        }
        assert!(self.arrived.lock().unwrap().is_empty());
    }

    fn check(&self) {
        let shown = words(self.window.conversation.as_ref().expect("it is open"));
        for ((message, part), text) in &self.said {
            let place = (message_id(*message), part_id(*message, *part));
            assert_eq!(
                shown.get(&place).expect("it is shown"),
                &words_in(text),
                "{place:?}"
            );
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Happening {
    Says(usize, usize, usize),
    Burst(usize, usize, usize),
    Whole(usize, usize),
    Finishes(usize),
    SubAgent,
    Time(u64),
    Draws,
    Loses,
    AsksAnew,
    FetchEnds,
    Shown(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    let place = || (0..MESSAGES, 0..PARTS);
    prop_oneof![
        12 => (place(), 0_usize..ENDS.len()).prop_map(|((message, part), end)| Happening::Says(message, part, end)),
        2 => (place(), 2_usize..60).prop_map(|((message, part), count)| Happening::Burst(message, part, count)),
        2 => place().prop_map(|(message, part)| Happening::Whole(message, part)),
        1 => (0..MESSAGES).prop_map(Happening::Finishes),
        1 => Just(Happening::SubAgent),
        8 => (1_u64..300).prop_map(Happening::Time),
        8 => Just(Happening::Draws),
        2 => Just(Happening::Loses),
        3 => Just(Happening::AsksAnew),
        3 => Just(Happening::FetchEnds),
        2 => any::<bool>().prop_map(Happening::Shown),
    ]
}

/// How a piece of text goes on: a word, a line, a paragraph, a list, code that begins or ends.
const ENDS: [&str; 6] = [" ", "\n", "\n\n", "\n\n- ", "\n\n```\n", "\n```\n\n"];

async fn flow(happenings: Vec<Happening>) {
    let mut desk = Desk::new();
    for happening in happenings {
        match happening {
            Happening::Says(message, part, end) => desk.say(message, part, ENDS[end]),
            Happening::Burst(message, part, count) => {
                (0..count).for_each(|_| desk.say(message, part, " "));
            }
            Happening::Whole(message, part) => desk.told_whole(message, part),
            Happening::Finishes(message) => desk.finish(message),
            Happening::SubAgent => desk.tell(told::delta(&child(), "msg_child", "prt_child", "elsewhere ")),
            Happening::Time(milliseconds) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
            Happening::Draws => desk.draw(false),
            Happening::Loses => desk.draw(true),
            Happening::AsksAnew => desk.ask_anew(),
            Happening::FetchEnds => desk.window.fetch_ends(),
            Happening::Shown(shown) => desk.feed.show(shown),
        }
    }
    // What was lost last is found out by what comes next.
    desk.finished = [false; MESSAGES];
    desk.rest().await;
    desk.tell(EngineEvent::TodosChanged {
        session: root(),
        todos: vec![Todo {
            content: "look at what was lost".to_owned(),
            state: TodoState::Pending,
        }],
    });
    for message in 0..MESSAGES {
        desk.finish(message);
    }
    desk.rest().await;
    desk.check();
    let fresh = desk.open();
    let shown = desk.window.conversation.as_ref().expect("it is open");
    let html = |conversation: &Conversation| -> Vec<String> {
        let blocks = conversation.messages.iter().flat_map(|message| &message.blocks);
        blocks
            .map(|block| match &block.content {
                BlockContent::Text { html, .. } => html
                    .iter()
                    .flat_map(|block| &block.pieces)
                    .map(Html::as_str)
                    .collect(),
                other => format!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(html(shown), html(&fresh), "what grew is what is rendered anew");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_on_the_way_a_window_ends_with_the_text_as_it_was_said(
        happenings in prop::collection::vec(happening(), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime can be made");
        runtime.block_on(flow(happenings));
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_that_nobody_sees_costs_nothing_but_the_journal() {
    const DELTAS: usize = 5_000;
    let mut desk = Desk::new();
    desk.say(0, 0, " ");
    desk.begin(1, 0);
    desk.rest().await;
    // What is to be written of texts, as it is on the disk then.
    let journal = |desk: &Desk| -> Vec<usize> {
        let mut state = desk.state.lock().unwrap();
        let batch = state.take_unkept();
        let lengths = batch.chunks.iter().map(|chunk| chunk.text.len()).collect();
        state.unkept.written(batch);
        lengths
    };
    journal(&desk);
    desk.feed.show(false);
    settle().await;
    let (built, rendered) = (desk.built.load(Ordering::Relaxed), render::rendered());
    let revision = desk.window.conversation.as_ref().map(|held| held.revision);
    let before = desk.said[&(0, 0)].len();
    for count in 0..DELTAS {
        desk.say(0, 0, ENDS[count % ENDS.len()]);
        if count % 10 == 0 {
            let mut call = told::call(ToolKind::Shell, ToolState::Running);
            call.output = format!("line {count}\n");
            let part = told::part(&message_id(1), "prt_tool", told::tool(call));
            desk.tell(told::changed(&root(), part));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    settle().await;
    assert_eq!(desk.built.load(Ordering::Relaxed), built, "no batch is built");
    assert_eq!(render::rendered(), rendered, "nothing is rendered");
    assert!(desk.arrived.lock().unwrap().is_empty(), "nothing is sent");

    // What came is on its way to the disk all the same: one stretch of the text, and nothing for each delta.
    assert_eq!(journal(&desk), [desk.said[&(0, 0)].len() - before]);

    desk.feed.show(true);
    settle().await;
    assert_eq!(
        desk.arrived.lock().unwrap().len(),
        1,
        "all of it comes in one batch"
    );
    desk.rest().await;
    assert!(revision < desk.window.conversation.as_ref().map(|held| held.revision));
    desk.check();
}
