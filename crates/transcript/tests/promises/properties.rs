//! What holds for every conversation, however its events come.

use std::collections::BTreeMap;

use cowork_engine::{
    EngineEvent, Message, MessageId, MessagePage, MessageWithParts, OlderMessages, Part, PartContent,
    SessionId, SessionSnapshot, ToolState, TurnErrorKind, Usage,
};
use cowork_transcript::{Block, BlockContent, Entry, Patch, Transcript};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::*;

/// One thing an answer holds.
#[derive(Clone, Debug)]
enum Piece {
    Text(Vec<String>),
    Thought(Vec<String>),
    Tool { asks: bool },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Well,
    Refused,
    Stopped,
}

/// A prompt and the answers to it, each with what requests had streamed before they failed.
#[derive(Clone, Debug)]
struct Turn {
    answers: Vec<(Vec<Vec<Piece>>, Vec<Piece>)>,
    ending: Ending,
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-cé ]{1,4}", 1..5)
}

fn texts_only() -> impl Strategy<Value = Piece> {
    prop_oneof![words().prop_map(Piece::Text), words().prop_map(Piece::Thought)]
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let tool = any::<bool>().prop_map(|asks| Piece::Tool { asks });
    prop::collection::vec(prop_oneof![3 => texts_only(), 1 => tool], 1..4)
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let failed = prop::collection::vec(prop::collection::vec(texts_only(), 1..3), 0..3);
    let answers = prop::collection::vec((failed, pieces()), 1..4);
    let ending = prop_oneof![Just(Ending::Well), Just(Ending::Refused), Just(Ending::Stopped)];
    let turn = (answers, ending).prop_map(|(answers, ending)| Turn { answers, ending });
    prop::collection::vec(turn, 1..4)
}

/// A conversation as events and as what the engine has of it at the end.
#[derive(Default)]
struct Conversation {
    events: Vec<EngineEvent>,
    messages: Vec<MessageWithParts>,
    next: u32,
}

impl Conversation {
    fn of(turns: &[Turn]) -> Self {
        let mut conversation = Self::default();
        conversation.events.push(EngineEvent::SessionChanged(listed()));
        for turn in turns {
            conversation.turn(turn);
        }
        conversation
    }

    fn snapshot(&self) -> SessionSnapshot {
        SessionSnapshot {
            messages: self.messages.clone(),
            ..snapshot(Vec::new())
        }
    }

    fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}_{:04}", self.next)
    }

    fn turn(&mut self, turn: &Turn) {
        let prompt_id = self.id("msg");
        let prompt = user(&prompt_id, i64::from(self.next));
        self.events.push(head(prompt.clone()));
        self.messages.push(MessageWithParts {
            message: prompt,
            parts: Vec::new(),
        });
        let prompt_text = self.id("prt");
        self.tell(&prompt_id, &prompt_text, written("do it"));
        self.keep(&prompt_id, &prompt_text, written("do it"));
        self.events.push(busy());
        for (index, (failed, pieces)) in turn.answers.iter().enumerate() {
            let last = index + 1 == turn.answers.len();
            self.answer(
                &prompt_id,
                failed,
                pieces,
                if last { turn.ending } else { Ending::Well },
            );
        }
        self.events.push(idle());
    }

    fn answer(&mut self, prompt: &str, failed: &[Vec<Piece>], pieces: &[Piece], ending: Ending) {
        let id = self.id("msg");
        let mut message = answer(&id, i64::from(self.next), prompt);
        self.events.push(head(message.clone()));
        self.messages.push(MessageWithParts {
            message: message.clone(),
            parts: Vec::new(),
        });
        for pieces in failed {
            self.step(&id, PartContent::StepStarted);
            for piece in pieces {
                self.piece(&id, piece, false);
            }
            self.events.extend([retry(1), busy()]);
        }
        self.step(&id, PartContent::StepStarted);
        for piece in pieces {
            self.piece(&id, piece, true);
        }
        if ending == Ending::Well {
            self.step(
                &id,
                PartContent::StepFinished {
                    usage: Usage::default(),
                },
            );
        }
        message.usage = Usage {
            input: u64::from(self.next),
            cost: 0.5,
            ..Usage::default()
        };
        self.events.push(head(message.clone()));
        let kind = match ending {
            Ending::Well => None,
            Ending::Refused => Some(TurnErrorKind::Unauthorized),
            Ending::Stopped => Some(TurnErrorKind::Aborted),
        };
        if let Some(kind) = kind {
            self.events.extend([crate::support::failed(kind), idle()]);
            message.error = Some(failure(kind));
        }
        message = finished(message);
        self.events.push(head(message.clone()));
        self.messages.last_mut().unwrap().message = message;
    }

    fn step(&mut self, message: &str, content: PartContent) {
        let id = self.id("prt");
        self.tell(message, &id, content.clone());
        self.keep(message, &id, content);
    }

    fn piece(&mut self, message: &str, piece: &Piece, ends_well: bool) {
        let id = self.id("prt");
        let (words, content): (_, fn(&str, bool) -> PartContent) = match piece {
            Piece::Text(words) => (words, |text, _| written(text)),
            Piece::Thought(words) => (words, |text, ended| thought(text, ended.then_some(7))),
            Piece::Tool { asks } => return self.tool(message, &id, *asks),
        };
        self.tell(message, &id, content("", false));
        self.events
            .extend(words.iter().map(|word| delta(message, &id, word)));
        let whole = words.concat();
        if ends_well {
            self.tell(message, &id, content(&whole, true));
        }
        self.keep(
            message,
            &id,
            if ends_well {
                content(&whole, true)
            } else {
                content("", false)
            },
        );
    }

    fn tool(&mut self, message: &str, id: &str, asks: bool) {
        let with = |state| {
            let mut call = call(state);
            call.call = id.into();
            if state == ToolState::Completed {
                "done".clone_into(&mut call.output);
            }
            PartContent::Tool(Box::new(call))
        };
        self.tell(message, id, with(ToolState::Pending));
        self.tell(message, id, with(ToolState::Running));
        if asks {
            let mut ask = permission(&format!("per_{id}"));
            ask.call = Some((message.into(), id.into()));
            self.events.push(EngineEvent::PermissionAsked(ask));
            self.events.push(permission_answered(&format!("per_{id}")));
        }
        self.tell(message, id, with(ToolState::Completed));
        self.keep(message, id, with(ToolState::Completed));
    }

    fn tell(&mut self, message: &str, id: &str, content: PartContent) {
        self.events.push(changed(message, id, content));
    }

    fn keep(&mut self, message: &str, id: &str, content: PartContent) {
        self.messages
            .last_mut()
            .unwrap()
            .parts
            .push(part(message, id, content));
    }
}

/// The same conversation in another session: same ids, so that mixing the two up would show.
fn elsewhere(events: &[EngineEvent]) -> Vec<EngineEvent> {
    let other = SessionId::from("ses_2");
    let moved = |event: &EngineEvent| match event.clone() {
        EngineEvent::MessageChanged(message) => EngineEvent::MessageChanged(Message {
            session: other.clone(),
            ..message
        }),
        EngineEvent::PartChanged { part, .. } => EngineEvent::PartChanged {
            session: other.clone(),
            part,
        },
        EngineEvent::PartGrew {
            message, part, delta, ..
        } => EngineEvent::PartGrew {
            session: other.clone(),
            message,
            part,
            delta,
        },
        EngineEvent::StatusChanged { status, .. } => EngineEvent::StatusChanged {
            session: other.clone(),
            status,
        },
        EngineEvent::TurnFailed { error, .. } => EngineEvent::TurnFailed {
            session: Some(other.clone()),
            error,
        },
        EngineEvent::PermissionAsked(mut ask) => {
            ask.session = other.clone();
            EngineEvent::PermissionAsked(ask)
        }
        EngineEvent::PermissionAnswered { permission, .. } => EngineEvent::PermissionAnswered {
            session: other.clone(),
            permission,
        },
        EngineEvent::SessionChanged(mut session) => {
            session.id = other.clone();
            EngineEvent::SessionChanged(session)
        }
        event => event,
    };
    events.iter().map(moved).collect()
}

/// Whether an event may come again much later and still say nothing new. A delta is not such an event, and a
/// status or a failure is one only right after itself.
fn may_come_late(event: &EngineEvent) -> bool {
    matches!(
        event,
        EngineEvent::MessageChanged(_) | EngineEvent::PartChanged { .. } | EngineEvent::PermissionAsked(_)
    )
}

/// Repeats events: any but a delta at once, and those that may at some later place.
fn repeated(events: &[EngineEvent], at_once: &[Index], late: &[(Index, Index)]) -> Vec<EngineEvent> {
    let mut places: Vec<Vec<&EngineEvent>> = events.iter().map(|event| vec![event]).collect();
    for index in at_once {
        let index = index.index(events.len());
        if !matches!(events[index], EngineEvent::PartGrew { .. }) {
            places[index].push(&events[index]);
        }
    }
    for (index, place) in late {
        let index = index.index(events.len());
        if may_come_late(&events[index]) {
            let place = index + place.index(events.len() - index);
            places[place].push(&events[index]);
        }
    }
    places.into_iter().flatten().cloned().collect()
}

/// Moves the beginnings of texts behind their first deltas.
fn late_beginnings(events: &[EngineEvent], moves: &[(Index, usize)]) -> Vec<EngineEvent> {
    let mut events = events.to_vec();
    for (index, by) in moves {
        let first = index.index(events.len());
        let EngineEvent::PartChanged {
            part: Part { id, .. },
            ..
        } = events[first].clone()
        else {
            continue;
        };
        for place in first..first + by {
            if !matches!(events.get(place + 1), Some(EngineEvent::PartGrew { part, .. }) if *part == id) {
                break;
            }
            events.swap(place, place + 1);
        }
    }
    events
}

/// Two streams in one, each in its own order.
fn interleaved(ours: Vec<EngineEvent>, theirs: Vec<EngineEvent>, turns: &[bool]) -> Vec<EngineEvent> {
    let (mut ours, mut theirs) = (ours.into_iter(), theirs.into_iter());
    let mut all: Vec<_> = turns
        .iter()
        .filter_map(|ours_next| if *ours_next { ours.next() } else { theirs.next() })
        .collect();
    all.extend(ours);
    all.extend(theirs);
    all
}

/// What a view holds that reads nothing but what patches name.
#[derive(Debug, Default, PartialEq)]
struct View(BTreeMap<MessageId, Entry>);

impl View {
    fn read(&mut self, transcript: &Transcript, patches: &[Patch]) {
        for patch in patches {
            match patch {
                Patch::Message { message } => {
                    if let Some(entry) = transcript.entry(message) {
                        let blocks = self
                            .0
                            .remove(message)
                            .map(|known| known.blocks)
                            .unwrap_or_default();
                        self.0.insert(
                            message.clone(),
                            Entry {
                                blocks,
                                ..entry.clone()
                            },
                        );
                    }
                }
                Patch::MessageRemoved { message } => {
                    self.0.remove(message);
                }
                Patch::Earlier => {
                    for entry in transcript.messages() {
                        let known = self.0.entry(entry.message.id.clone());
                        known.or_insert_with(|| entry.clone());
                    }
                }
                Patch::Block { message, block } => {
                    if let Some(now) = transcript.block(message, block) {
                        *self.block(message, now) = now.clone();
                    }
                }
                Patch::TextGrew { message, block, from } => {
                    if let Some(now) = transcript.block(message, block) {
                        let known = self.block(message, now);
                        let rest = &text_of(now).unwrap()[*from..];
                        let (BlockContent::Text { text } | BlockContent::Reasoning { text, .. }) =
                            &mut known.content
                        else {
                            panic!("a text grew that is none: {known:?}");
                        };
                        text.truncate(*from);
                        text.push_str(rest);
                    }
                }
                Patch::BlockRemoved { message, block } => {
                    self.0
                        .get_mut(message)
                        .unwrap()
                        .blocks
                        .retain(|known| known.id != *block);
                }
                Patch::Everything => panic!("no event of these is worth reading everything again"),
                Patch::Status | Patch::Asks | Patch::Todos | Patch::Usage | Patch::Error | Patch::Session => {
                }
            }
        }
    }

    fn block(&mut self, message: &MessageId, now: &Block) -> &mut Block {
        let blocks = &mut self.0.get_mut(message).unwrap().blocks;
        let place = blocks
            .iter()
            .position(|known| known.id == now.id)
            .unwrap_or_else(|| {
                blocks.push(now.clone());
                blocks.len() - 1
            });
        &mut blocks[place]
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn repeats_early_deltas_and_other_sessions_make_no_difference(
        turns in turns(),
        at_once in prop::collection::vec(any::<Index>(), 0..20),
        late in prop::collection::vec(any::<(Index, Index)>(), 0..20),
        moves in prop::collection::vec((any::<Index>(), 1_usize..4), 0..8),
        mix in prop::collection::vec(any::<bool>(), 0..200),
    ) {
        let plain = Conversation::of(&turns).events;
        let expected = everything(&after(plain.clone()));
        let ours = repeated(&late_beginnings(&plain, &moves), &at_once, &late);
        let all = interleaved(ours, elsewhere(&plain), &mix);
        prop_assert_eq!(everything(&after(all)), expected);
    }

    #[test]
    fn a_finished_conversation_is_the_same_by_events_by_snapshot_and_by_both(turns in turns()) {
        let conversation = Conversation::of(&turns);
        let mut by_both = after(conversation.events.clone());
        let by_events = everything(&by_both);
        let mut by_snapshot = Transcript::new(session());
        let _ = by_snapshot.restore(conversation.snapshot(), NOW);
        let _ = by_both.restore(conversation.snapshot(), NOW);
        let by_snapshot = everything(&by_snapshot);
        prop_assert_eq!(&by_events, &by_snapshot);
        prop_assert_eq!(&everything(&by_both), &by_snapshot);
    }

    #[test]
    fn a_conversation_that_is_read_page_by_page_from_its_end_is_the_same(
        turns in turns(),
        newest in 1_usize..6,
        pages in prop::collection::vec(1_usize..4, 40),
        again in any::<bool>(),
    ) {
        let conversation = Conversation::of(&turns);
        let mut whole = Transcript::new(session());
        let _ = whole.restore(conversation.snapshot(), NOW);
        let mut left = conversation.messages.clone();
        left.sort_by_key(|of| (of.message.created, of.message.id.clone()));
        let place = |left: &[MessageWithParts]| (!left.is_empty()).then(|| OlderMessages(left.len().to_string()));
        let newest = left.split_off(left.len().saturating_sub(newest));
        let partial = SessionSnapshot {
            messages: newest,
            older: place(&left),
            ..conversation.snapshot()
        };
        let mut paged = Transcript::new(session());
        let _ = paged.restore(partial.clone(), NOW);
        for size in pages {
            if left.is_empty() {
                break;
            }
            prop_assert_eq!(paged.older().cloned(), place(&left));
            let messages = left.split_off(left.len().saturating_sub(size));
            let older = place(&left);
            let _ = paged.extend_back(MessagePage { messages, older });
            if again {
                // Read anew from its end, it keeps what was read of its beginning.
                let _ = paged.restore(partial.clone(), NOW);
            }
        }
        prop_assert!(left.is_empty());
        prop_assert_eq!(paged.older(), None);
        prop_assert_eq!(everything(&paged), everything(&whole));
        for (index, entry) in paged.messages().iter().enumerate() {
            prop_assert_eq!(paged.position(&entry.message.id), Some(index));
        }
    }

    #[test]
    fn a_snapshot_amid_repeats_of_a_finished_conversation_holds(
        turns in turns(),
        from in any::<Index>(),
    ) {
        let conversation = Conversation::of(&turns);
        let mut transcript = Transcript::new(session());
        let _ = transcript.restore(conversation.snapshot(), NOW);
        let expected = everything(&transcript);
        let events = &conversation.events[from.index(conversation.events.len())..];
        let stale = events.iter().filter(|event| {
            may_come_late(event) && !matches!(event, EngineEvent::PermissionAsked(_))
                || matches!(event, EngineEvent::PartGrew { .. })
        });
        feed(&mut transcript, stale.cloned());
        prop_assert_eq!(everything(&transcript), expected);
    }

    #[test]
    fn patches_name_all_that_changed_however_many_events_one_reading_covers(
        turns in turns(),
        at_once in prop::collection::vec(any::<Index>(), 0..10),
        moves in prop::collection::vec((any::<Index>(), 1_usize..4), 0..8),
        sizes in prop::collection::vec(1_usize..30, 1..20),
    ) {
        let plain = Conversation::of(&turns).events;
        let events = repeated(&late_beginnings(&plain, &moves), &at_once, &[]);
        let mut transcript = Transcript::new(session());
        let mut view = View::default();
        let mut events = events.into_iter().peekable();
        let mut sizes = sizes.iter().cycle();
        while events.peek().is_some() {
            let batch: Vec<_> = events.by_ref().take(*sizes.next().unwrap()).collect();
            let patches = feed(&mut transcript, batch);
            view.read(&transcript, &patches);
            let whole = View(
                transcript.messages().iter().map(|entry| (entry.message.id.clone(), entry.clone())).collect(),
            );
            prop_assert_eq!(&view, &whole);
        }
    }
}
