//! Tags: put on sessions, found by, and kept through whatever happens to a row.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod document;
    pub(crate) mod session;
    pub(crate) mod store;
}

use cowork_store::{
    Document, Facets, MATCHES_CONSIDERED, Search, SearchAnswer, SessionRow, Store, StoreError, TAGS_LIMIT,
};
use support::store::store;

const NOW: i64 = 1_790_000_000_000;

fn session(id: &str, created: i64) -> SessionRow {
    SessionRow {
        title: format!("Thread {id}"),
        created,
        updated: created,
        ..support::session::session(id)
    }
}

fn said(session: &str, created: i64, text: &str) -> Document {
    Document {
        created,
        ..support::document::document(session, &format!("msg_{session}"), text)
    }
}

fn tagged(store: &Store, text: &str, tag: &str) -> SearchAnswer {
    let search = Search {
        text: text.to_owned(),
        facets: Facets {
            tag: Some(tag.to_owned()),
            ..Facets::default()
        },
        offset: 0,
        limit: 100,
        now: NOW,
    };
    store.search(&search).unwrap()
}

fn ids(answer: &SearchAnswer) -> Vec<&str> {
    answer.hits.iter().map(|hit| hit.session.id.as_str()).collect()
}

fn words(tags: &[&str]) -> Vec<String> {
    tags.iter().map(|tag| (*tag).to_owned()).collect()
}

fn tags_of(store: &Store, id: &str) -> Vec<String> {
    store.session(id).unwrap().unwrap().0.tags
}

#[test]
fn a_tag_that_is_known_keeps_its_letters_and_comes_once() {
    let (_folder, store) = store();
    store
        .upsert_sessions(&[session("a", 1_000), session("b", 2_000)])
        .unwrap();
    store.set_tags("a", &words(&["Later", "Été"])).unwrap();
    let put = store.set_tags("b", &words(&["later", "LATER", "new"])).unwrap();
    assert_eq!(put.unwrap(), ["Later", "new"]);
    assert_eq!(
        store.tags().unwrap(),
        [
            ("Later".to_owned(), 2),
            ("new".to_owned(), 1),
            ("Été".to_owned(), 1)
        ]
    );
    // Alone with it, a session's tag can be written anew.
    assert_eq!(store.set_tags("b", &[]).unwrap().unwrap(), Vec::<String>::new());
    assert_eq!(
        store.set_tags("a", &words(&["LATER"])).unwrap().unwrap(),
        ["LATER"]
    );
    assert_eq!(store.set_tags("unknown", &words(&["x"])).unwrap(), None);
    assert_eq!(store.tags().unwrap(), [("LATER".to_owned(), 1)]);
    let many = vec!["x".repeat(TAGS_LIMIT)];
    assert!(matches!(
        store.set_tags("a", &many),
        Err(StoreError::TooLong { .. })
    ));
    assert_eq!(tags_of(&store, "a"), ["LATER"]);
}

#[test]
fn an_old_session_with_a_rare_tag_is_found_behind_any_number_of_newer_matches() {
    let (_folder, store) = store();
    let mut rows = vec![session("old", 1_000_000), session("child", 1_002_000)];
    rows[1].parent = Some("old".to_owned());
    let mut documents = vec![
        said("old", 1_001_000, "about the proxy"),
        said("child", 1_003_000, "the gateway"),
    ];
    for number in 0..i64::try_from(MATCHES_CONSIDERED * 6).unwrap() {
        let (id, at) = (format!("n{number}"), 10_000_000 + number * 1_000);
        rows.push(session(&id, at));
        documents.push(said(&id, at, "about the proxy and the gateway"));
    }
    store.upsert_sessions(&rows).unwrap();
    for some in documents.chunks(64) {
        store.index_messages(some).unwrap();
    }
    store.set_tags("old", &words(&["rare"])).unwrap();
    for typed in ["", "proxy ", "Thread ", "gateway "] {
        let answer = tagged(&store, typed, "RARE");
        assert_eq!(ids(&answer), ["old"], "{typed:?}");
        assert!(!answer.capped, "{typed:?}");
    }
    assert_eq!(ids(&tagged(&store, "proxy ", "none")), Vec::<&str>::new());
}

#[test]
fn what_is_found_is_counted_by_tag() {
    let (_folder, store) = store();
    store
        .upsert_sessions(&[session("a", 1_000), session("b", 2_000), session("c", 3_000)])
        .unwrap();
    store.set_tags("a", &words(&["x", "y"])).unwrap();
    store.set_tags("b", &words(&["y"])).unwrap();
    let all = Search {
        limit: 100,
        now: NOW,
        ..Search::default()
    };
    let counts: Vec<_> = store
        .search(&all)
        .unwrap()
        .facets
        .tags
        .into_iter()
        .map(|facet| (facet.value, facet.count))
        .collect();
    assert_eq!(counts, [("y".to_owned(), 2), ("x".to_owned(), 1)]);
}

#[test]
fn tags_outlive_updates_a_new_index_and_damage_and_go_with_their_session() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/cowork.db");
    let (store, _) = Store::open(&path, 0).unwrap();
    store.upsert_session(&session("s", 1_000)).unwrap();
    store.set_tags("s", &words(&["kept"])).unwrap();
    // A row out of somebody's memory, or read from the engine again, does not know them.
    store.upsert_session(&session("s", 5_000)).unwrap();
    assert_eq!(tags_of(&store, "s"), ["kept"]);
    store.clear_index().unwrap();
    assert_eq!(ids(&tagged(&store, "thread ", "kept")), ["s"]);
    let rebuilt = store.rebuild(7).unwrap();
    assert!(rebuilt.salvage.whole);
    assert_eq!(ids(&tagged(&store, "", "kept")), ["s"]);
    store.upsert_session(&session("s", 6_000)).unwrap();
    drop(store);
    let (store, _) = Store::open(&path, 0).unwrap();
    assert_eq!(tags_of(&store, "s"), ["kept"]);
    store.remove_session("s").unwrap();
    assert_eq!(store.tags().unwrap(), []);
    store.upsert_session(&session("s", 1_000)).unwrap();
    assert_eq!(tags_of(&store, "s"), Vec::<String>::new());
}

#[test]
fn an_index_that_was_emptied_finds_titles_and_waits_for_the_rest() {
    let (_folder, store) = store();
    store.upsert_session(&session("s", 1_000)).unwrap();
    store.index_messages(&[said("s", 1_500, "proxy")]).unwrap();
    store.set_indexed("s", 1_000, store.index_made()).unwrap();
    assert_eq!(store.indexing().unwrap().waiting, 0);
    let before = store.index_made();
    store.clear_index().unwrap();
    // A reading that began before says nothing of what is in the new one, nor does what goes on in a session.
    store.set_indexed("s", 1_000, before).unwrap();
    store
        .extend_indexed("s", 1_000, 2_000, store.index_made())
        .unwrap();
    let find = |text: &str| {
        let search = Search {
            text: text.to_owned(),
            limit: 10,
            now: NOW,
            ..Search::default()
        };
        store.search(&search).unwrap().found
    };
    assert_eq!((find("thread "), find("proxy ")), (1, 0));
    assert_eq!(store.indexing().unwrap().waiting, 1);
    assert_eq!(store.session("s").unwrap().unwrap().1.messages, 0);
    store.index_messages(&[said("s", 1_500, "proxy")]).unwrap();
    store.set_indexed("s", 1_000, store.index_made()).unwrap();
    assert_eq!((find("proxy "), store.indexing().unwrap().waiting), (1, 0));
    store.upsert_session(&session("s", 2_000)).unwrap();
    assert_eq!(store.indexing().unwrap().waiting, 1);
    store
        .extend_indexed("s", 1_000, 2_000, store.index_made())
        .unwrap();
    assert_eq!(store.indexing().unwrap().waiting, 0);
    assert_eq!(store.session("s").unwrap().unwrap().1.messages, 1);
}
