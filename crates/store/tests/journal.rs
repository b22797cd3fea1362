//! What was streamed is found again, from its beginning and without a hole.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod store;
}

use cowork_store::{
    CHUNK_LIMIT, FolderKind, JournalChunk, JournalEntry, JournalKind, SessionRow, Store, StoreError,
};
use proptest::prelude::*;
use support::store::store;

fn chunk(message: &str, part: &str, at: u64, text: &str) -> JournalChunk {
    JournalChunk {
        session: "s".to_owned(),
        message: message.to_owned(),
        part: part.to_owned(),
        kind: JournalKind::Text,
        at,
        text: text.to_owned(),
    }
}

/// The text of a message's only part, as it is read back.
fn text(store: &Store, message: &str) -> Option<String> {
    let mut found = store.journal_of("s").unwrap();
    found.retain(|entry| entry.message == message);
    assert!(found.len() <= 1, "one part was read as several: {found:?}");
    found.pop().map(|entry| entry.text)
}

#[test]
fn chunks_are_joined_in_their_order_by_message_and_part() {
    let (_folder, store) = store();
    let thought = JournalChunk {
        kind: JournalKind::Reasoning,
        ..chunk("m1", "p1", 0, "hm")
    };
    let elsewhere = JournalChunk {
        session: "t".to_owned(),
        ..chunk("m1", "p1", 0, "not here")
    };
    store
        .journal_append(&[chunk("m2", "p1", 0, "later"), elsewhere], 1)
        .unwrap();
    store
        .journal_append(&[chunk("m1", "p2", 0, "Zü"), thought], 2)
        .unwrap();
    store
        .journal_append(&[chunk("m1", "p2", 3, "ri"), chunk("m1", "p2", 5, "ch")], 3)
        .unwrap();
    store.journal_append(&[], 4).unwrap();

    let entry = |message: &str, part: &str, kind, text: &str| JournalEntry {
        message: message.to_owned(),
        part: part.to_owned(),
        kind,
        text: text.to_owned(),
    };
    assert_eq!(
        store.journal_of("s").unwrap(),
        [
            entry("m1", "p1", JournalKind::Reasoning, "hm"),
            entry("m1", "p2", JournalKind::Text, "Zürich"),
            entry("m2", "p1", JournalKind::Text, "later"),
        ]
    );
}

#[test]
fn a_hole_ends_a_part_and_glues_nothing_together() {
    let (_folder, store) = store();
    store
        .journal_append(
            &[
                chunk("m1", "p", 0, "rm "),
                chunk("m1", "p", 9, "-rf x"),
                chunk("m1", "p", 14, " and on"),
                chunk("m2", "p", 1, "its beginning is missing"),
                chunk("m2", "p", 25, "!"),
                chunk("m3", "p", 0, "Zü"),
                chunk("m3", "p", 2, "within a character"),
                chunk("m3", "p", 3, " and on"),
            ],
            1,
        )
        .unwrap();
    assert_eq!(text(&store, "m1").as_deref(), Some("rm "));
    assert_eq!(text(&store, "m2"), None);
    assert_eq!(text(&store, "m3").as_deref(), Some("Zü"));

    // What is said again from the hole on is whole again.
    store
        .journal_append(&[chunk("m1", "p", 3, "x"), chunk("m1", "p", 4, ", kept")], 2)
        .unwrap();
    assert_eq!(text(&store, "m1").as_deref(), Some("rm x, kept"));
}

#[test]
fn a_part_that_becomes_another_thing_ends_there() {
    let (_folder, store) = store();
    let thought = JournalChunk {
        kind: JournalKind::Reasoning,
        ..chunk("m", "p", 4, " thought")
    };
    store
        .journal_append(
            &[chunk("m", "p", 0, "said"), thought, chunk("m", "p", 12, "!")],
            1,
        )
        .unwrap();
    assert_eq!(text(&store, "m").as_deref(), Some("said"));
}

#[test]
fn a_text_written_anew_replaces_what_stood_from_there_on() {
    let (_folder, store) = store();
    let put = |at, text: &str| store.journal_append(&[chunk("m", "p", at, text)], 1).unwrap();
    put(0, "abcdef");
    put(6, "ghi");
    put(9, "jkl");
    put(6, "GH");
    assert_eq!(text(&store, "m").as_deref(), Some("abcdefGH"));
    put(2, "C");
    assert_eq!(
        text(&store, "m").as_deref(),
        Some("abC"),
        "the rest of the first chunk was written anew too"
    );
    put(3, "D");
    assert_eq!(text(&store, "m").as_deref(), Some("abCD"));
    put(1, "");
    assert_eq!(text(&store, "m").as_deref(), Some("a"));
    put(0, "anew");
    assert_eq!(text(&store, "m").as_deref(), Some("anew"));
}

#[test]
fn a_batch_with_a_chunk_that_cannot_be_kept_keeps_none() {
    let (_folder, store) = store();
    let long = chunk("m", "p", 1, &"x".repeat(CHUNK_LIMIT + 1));
    let refused = store.journal_append(&[chunk("m", "p", 0, "a"), long], 1);
    assert!(matches!(refused, Err(StoreError::TooLong { .. })), "{refused:?}");
    let nowhere = store.journal_append(&[chunk("m", "p", 0, "a"), chunk("m", "p", u64::MAX, "b")], 1);
    assert!(matches!(nowhere, Err(StoreError::Database(_))), "{nowhere:?}");
    assert_eq!(store.journal_of("s").unwrap(), []);

    let longest = "x".repeat(CHUNK_LIMIT);
    store.journal_append(&[chunk("m", "p", 0, &longest)], 1).unwrap();
    assert_eq!(text(&store, "m"), Some(longest));
}

#[test]
fn a_finished_message_is_forgotten_and_so_is_a_session() {
    let (_folder, store) = store();
    let elsewhere = JournalChunk {
        session: "t".to_owned(),
        ..chunk("m1", "p", 0, "other")
    };
    store
        .journal_append(
            &[
                chunk("m1", "p", 0, "a"),
                chunk("m1", "q", 0, "b"),
                chunk("m2", "p", 0, "c"),
                elsewhere,
            ],
            1,
        )
        .unwrap();
    store.journal_settle("s", "m1").unwrap();
    store.journal_settle("s", "nobody's").unwrap();
    assert_eq!(text(&store, "m1"), None);
    assert_eq!(text(&store, "m2").as_deref(), Some("c"));
    store.journal_forget("s").unwrap();
    assert_eq!(store.journal_of("s").unwrap(), []);
    assert_eq!(store.journal_of("t").unwrap().len(), 1);
}

#[test]
fn a_removed_session_takes_its_journal_along_and_those_of_its_sub_agents() {
    let (_folder, store) = store();
    let session = |id: &str, parent: Option<&str>| SessionRow {
        id: id.to_owned(),
        folder: "/work/x".to_owned(),
        folder_kind: FolderKind::Project,
        parent: parent.map(str::to_owned),
        title: String::new(),
        agent: None,
        model: None,
        created: 1,
        updated: 1,
        mark: None,
        unread: false,
        cost: 0.0,
        demo: false,
        needs_you: false,
        tags: Vec::new(),
    };
    store
        .upsert_sessions(&[session("s", None), session("t", Some("s")), session("u", None)])
        .unwrap();
    for id in ["s", "t", "u"] {
        let streamed = JournalChunk {
            session: id.to_owned(),
            ..chunk("m", "p", 0, "a")
        };
        store.journal_append(&[streamed], 1).unwrap();
    }
    store.remove_session("s").unwrap();
    let left = ["s", "t", "u"].map(|id| store.journal_of(id).unwrap().len());
    assert_eq!(left, [0, 0, 1]);
}

#[test]
fn the_journal_is_pruned_by_whole_messages_the_longest_untouched_first() {
    let (_folder, store) = store();
    assert_eq!(store.journal_bytes().unwrap(), 0);
    assert_eq!(store.journal_prune(0).unwrap(), 0);
    // Each chunk takes a hundred bytes: one for the session, two for the message, one for the part, the rest text.
    let text_of_96 = "é".repeat(48);
    let put = |message: &str, at, now| {
        let chunk = chunk(message, "p", at, &text_of_96);
        store.journal_append(&[chunk], now).unwrap();
    };
    put("m1", 0, 1);
    put("m2", 0, 2);
    put("m3", 0, 3);
    put("m1", 96, 4);
    assert_eq!(store.journal_bytes().unwrap(), 400);

    assert_eq!(store.journal_prune(400).unwrap(), 0);
    assert_eq!(store.journal_prune(399).unwrap(), 100);
    assert_eq!(
        text(&store, "m2"),
        None,
        "the one left alone for longest goes first"
    );
    assert_eq!(store.journal_prune(250).unwrap(), 100);
    assert_eq!(text(&store, "m3"), None);
    assert_eq!(
        text(&store, "m1").map(|text| text.len()),
        Some(192),
        "what is written to stays"
    );
    assert_eq!(store.journal_prune(199).unwrap(), 200, "a message goes whole");
    assert_eq!(store.journal_bytes().unwrap(), 0);

    // The stream goes on behind what was pruned.
    put("m1", 192, 5);
    assert_eq!(text(&store, "m1"), None);
    assert_eq!(store.journal_prune(u64::MAX).unwrap(), 0);
}

/// A way to stream: where the next chunk begins, counted back from the end in characters, and what it says.
fn writes() -> impl Strategy<Value = Vec<(usize, String)>> {
    let back = prop_oneof![3 => Just(0), 1 => 0..6_usize];
    prop::collection::vec((back, "[aé🙂]{0,4}"), 1..12)
}

#[test]
fn whatever_is_streamed_and_rewritten_is_read_back() {
    let (_folder, store) = store();
    proptest!(|(writes in writes(), batch in 1..4_usize)| {
        store.journal_forget("s").unwrap();
        let mut said = String::new();
        let mut chunks = Vec::new();
        for (back, text) in writes {
            let at = said.char_indices().rev().nth(back.wrapping_sub(1)).map_or(
                if back == 0 { said.len() } else { 0 }, |(at, _)| at,
            );
            said.truncate(at);
            said.push_str(&text);
            chunks.push(chunk("m", "p", at as u64, &text));
        }
        for (now, chunks) in (0..).zip(chunks.chunks(batch)) {
            store.journal_append(chunks, now).unwrap();
        }
        prop_assert_eq!(text(&store, "m"), Some(said));
    });
}

#[test]
fn with_chunks_lost_what_is_read_back_was_streamed_from_its_beginning() {
    let (_folder, store) = store();
    proptest!(|(pieces in prop::collection::vec(("[aé🙂]{1,4}", any::<bool>()), 1..10))| {
        store.journal_forget("s").unwrap();
        let (mut said, mut known) = (String::new(), String::new());
        for (text, kept) in &pieces {
            if *kept {
                store.journal_append(&[chunk("m", "p", said.len() as u64, text)], 1).unwrap();
            }
            if *kept && known.len() == said.len() {
                known.push_str(text);
            }
            said.push_str(text);
        }
        let read = text(&store, "m");
        prop_assert_eq!(read.unwrap_or_default(), known.clone());
        prop_assert!(said.starts_with(&known));
    });
}
