//! What is superseded can go: a conversation is the same with and without it.

use std::collections::{BTreeMap, BTreeSet};

use cowork_cloud_store::rules::events::Detail;
use cowork_cloud_store::rules::retention::{Told, superseded};
use proptest::prelude::*;

/// A conversation as simply as it can be had: what stands of it, in the order in which each came first.
#[derive(Debug, Default, PartialEq)]
struct Conversation {
    /// By message: where it came, its last row, and its parts by where they came, each with its rows since it was whole.
    messages: BTreeMap<String, (usize, Option<usize>)>,
    order: Vec<String>,
    parts: BTreeMap<(String, String), Vec<usize>>,
    part_order: Vec<(String, String)>,
    asks: BTreeSet<(bool, String)>,
    todos: Option<usize>,
    status: Option<usize>,
    thread: Option<usize>,
}

impl Conversation {
    /// Each row is named by its place in the whole history.
    fn of(told: &[(usize, Told)]) -> Self {
        let mut it = Self::default();
        for (number, event) in told {
            let (subject, piece) = (event.subject.clone(), event.piece.clone());
            let part = (subject.clone(), piece);
            match event.detail {
                Detail::Thread => it.thread = Some(*number),
                Detail::ThreadGone => it = Self::default(),
                Detail::Began => {
                    it = Self {
                        status: it.status,
                        thread: it.thread,
                        ..Self::default()
                    }
                }
                Detail::Status => it.status = Some(*number),
                Detail::Message => {
                    if !it.order.contains(&subject) {
                        it.order.push(subject.clone());
                    }
                    it.messages.insert(subject, (0, Some(*number)));
                }
                Detail::MessageGone => {
                    it.order.retain(|id| *id != subject);
                    it.messages.remove(&subject);
                    it.part_order.retain(|(message, _)| *message != subject);
                    it.parts.retain(|(message, _), _| *message != subject);
                }
                Detail::Part => {
                    if !it.part_order.contains(&part) {
                        it.part_order.push(part.clone());
                    }
                    it.parts.insert(part, vec![*number]);
                }
                // Text that grows without a part is nobody's.
                Detail::Grew => {
                    if let Some(rows) = it.parts.get_mut(&part) {
                        rows.push(*number);
                    }
                }
                Detail::PartGone => {
                    it.part_order.retain(|each| *each != part);
                    it.parts.remove(&part);
                }
                Detail::Permission => drop(it.asks.insert((true, subject))),
                Detail::PermissionGone => drop(it.asks.remove(&(true, subject))),
                Detail::Question => drop(it.asks.insert((false, subject))),
                Detail::QuestionGone => drop(it.asks.remove(&(false, subject))),
                Detail::Todos => it.todos = Some(*number),
                Detail::Failed | Detail::Desktop | Detail::Other => {}
            }
        }
        it
    }
}

fn told() -> impl Strategy<Value = Told> {
    let details: Vec<_> = Detail::ALL.to_vec();
    // What is told most is told most here too.
    let often = prop::sample::select(vec![
        Detail::Message,
        Detail::Part,
        Detail::Grew,
        Detail::Grew,
        Detail::PartGone,
    ]);
    (
        prop_oneof![3 => often, 1 => prop::sample::select(details)],
        0..3_u8,
        0..3_u8,
    )
        .prop_map(|(detail, subject, piece)| {
            let subject = match detail {
                Detail::Thread | Detail::ThreadGone | Detail::Began | Detail::Status | Detail::Todos => {
                    String::new()
                }
                _ => format!("subject {subject}"),
            };
            let piece = match detail {
                Detail::Part | Detail::Grew | Detail::PartGone => format!("part {piece}"),
                _ => String::new(),
            };
            Told {
                detail,
                subject,
                piece,
            }
        })
}

fn without(told: &[(usize, Told)]) -> Vec<(usize, Told)> {
    let all: Vec<_> = told.iter().map(|(_, event)| event.clone()).collect();
    let gone: BTreeSet<_> = superseded(&all).into_iter().collect();
    told.iter()
        .enumerate()
        .filter(|(place, _)| !gone.contains(place))
        .map(|(_, event)| event.clone())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_conversation_stays_the_same(
        history in prop::collection::vec(told(), 0..80),
        cut in 0..80_usize,
        other in 0..80_usize,
    ) {
        let all: Vec<_> = history.into_iter().enumerate().collect();
        let whole = Conversation::of(&all);
        let less = without(&all);
        prop_assert_eq!(Conversation::of(&less), Conversation::of(&all));
        // Once more finds nothing more.
        prop_assert_eq!(without(&less).len(), less.len());
        // Also where only the older ones are looked at, and the newer come behind, or only those between.
        let (from, to) = (cut.min(other).min(all.len()), cut.max(other).min(all.len()));
        for (from, to) in [(0, to), (from, to)] {
            let mut some = all[..from].to_vec();
            some.extend(without(&all[from..to]));
            some.extend_from_slice(&all[to..]);
            prop_assert_eq!(&Conversation::of(&some), &whole);
        }
    }

    #[test]
    fn growth_goes_when_its_part_was_told_anew(deltas in 1..200_usize) {
        let of = |detail| Told { detail, subject: "msg".to_owned(), piece: "prt".to_owned() };
        let mut history = vec![of(Detail::Part)];
        history.extend((0..deltas).map(|_| of(Detail::Grew)));
        history.push(of(Detail::Part));
        prop_assert_eq!(superseded(&history), (1..=deltas).collect::<Vec<_>>());
    }
}
