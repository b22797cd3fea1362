//! What holds for every conversation, however its events come.

use std::collections::BTreeMap;

use cowork_engine::{
    EngineEvent, Message, MessageId, MessagePage, MessageWithParts, OlderMessages, Part, SessionId,
    SessionSnapshot,
};
use cowork_transcript::{Block, BlockContent, Entry, Patch, Transcript};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::conversations::{Conversation, turns};
use crate::support::*;

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
