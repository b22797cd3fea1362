//! Searches without words, and those that are saved.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod document;
    pub(crate) mod session;
    pub(crate) mod store;
}

use cowork_store::{
    Document, Facets, MATCHES_CONSIDERED, Search, SearchAnswer, SessionRow, Store, StoreError,
};
use support::session::session;
use support::store::store;

const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;
/// More threads than a search looks at where it has to look at each.
const THREADS: i64 = 2_000;

type Change = fn(&mut Facets);

/// A thread for each number, the newest last.
fn thread(number: i64) -> SessionRow {
    SessionRow {
        agent: Some("build".to_owned()),
        model: Some("p/m".to_owned()),
        created: NOW - (THREADS - number) * DAY,
        updated: NOW - (THREADS - number) * DAY,
        ..session(&format!("s{number:05}"))
    }
}

fn browse(store: &Store, facets: Facets) -> SearchAnswer {
    let search = Search {
        facets,
        limit: 100,
        now: NOW,
        ..Search::default()
    };
    store.search(&search).unwrap()
}

fn ids(answer: &SearchAnswer) -> Vec<&str> {
    answer.hits.iter().map(|hit| hit.session.id.as_str()).collect()
}

#[test]
fn a_filter_finds_what_it_asks_for_however_old() {
    let (_folder, store) = store();
    let mut threads: Vec<_> = (0..THREADS).map(thread).collect();
    "/work/old".clone_into(&mut threads[1].folder);
    threads[2].agent = Some("plan".to_owned());
    threads[3].model = Some("q/n".to_owned());
    threads[4].needs_you = true;
    threads[5].tags = vec!["later".to_owned()];
    store.upsert_sessions(&threads).unwrap();
    let changed = Document {
        changed_files: vec!["a".to_owned()],
        ..support::document::document("s00006", "m", "text")
    };
    store.index_messages(&[changed]).unwrap();
    let cases: [(&str, Change); 6] = [
        ("s00001", |facets| facets.folder = Some("/work/old".to_owned())),
        ("s00002", |facets| facets.agent = Some("plan".to_owned())),
        ("s00003", |facets| facets.model = Some("q/n".to_owned())),
        ("s00004", |facets| facets.needs_you = true),
        ("s00005", |facets| facets.tag = Some("LATER".to_owned())),
        ("s00006", |facets| facets.has_changes = true),
    ];
    for (expected, change) in cases {
        let mut facets = Facets::default();
        change(&mut facets);
        let answer = browse(&store, facets.clone());
        assert_eq!(
            (ids(&answer), answer.capped),
            (vec![expected], false),
            "{facets:?}"
        );
        // Together with one that it does not have, it is not found.
        facets.within_days = Some(30);
        assert_eq!(browse(&store, facets).found, 0);
    }
}

#[test]
fn a_filter_that_many_have_gives_the_newest_and_says_that_there_are_more() {
    let (_folder, store) = store();
    let threads: Vec<_> = (0..THREADS).map(thread).collect();
    store.upsert_sessions(&threads).unwrap();
    for facets in [
        Facets::default(),
        Facets {
            folder: Some("/work/x".to_owned()),
            agent: Some("build".to_owned()),
            ..Facets::default()
        },
    ] {
        let answer = browse(&store, facets);
        assert!(answer.capped);
        assert_eq!(answer.found as usize, MATCHES_CONSIDERED);
        assert_eq!(ids(&answer)[..2], ["s01999", "s01998"]);
    }
    let answer = browse(
        &store,
        Facets {
            within_days: Some(30),
            ..Facets::default()
        },
    );
    assert_eq!((answer.found, answer.capped), (30, false));
}

#[test]
fn saved_searches_are_kept_in_their_order() {
    let (_folder, store) = store();
    let facets = Facets {
        needs_you: true,
        tag: None,
        ..Facets::default()
    };
    let first = store.save_search_filter("Waiting", "", &facets, 1).unwrap();
    let second = store
        .save_search_filter("Keys", "key", &Facets::default(), 2)
        .unwrap();
    assert_eq!(
        store.save_search_filter("Waiting", "x", &facets, 3).unwrap(),
        first
    );
    let names = || -> Vec<String> {
        store
            .search_filters()
            .unwrap()
            .into_iter()
            .map(|filter| filter.name)
            .collect()
    };
    assert_eq!(names(), ["Waiting", "Keys"]);
    store.order_search_filters(&[second, first]).unwrap();
    assert!(store.rename_search_filter(first, "Mine").unwrap());
    assert_eq!(names(), ["Keys", "Mine"]);
    let kept = &store.search_filters().unwrap()[1];
    assert_eq!((kept.query.as_str(), kept.facets.needs_you), ("x", true));
    assert!(store.delete_search_filter(second).unwrap());
    assert!(!store.delete_search_filter(second).unwrap());
    for number in 1..cowork_store::FILTERS_LIMIT {
        store
            .save_search_filter(&number.to_string(), "", &facets, 4)
            .unwrap();
    }
    let refused = store.save_search_filter("one more", "", &facets, 5);
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
}

#[test]
fn tags_are_kept_through_what_the_engine_says() {
    let (_folder, store) = store();
    store.upsert_session(&session("s")).unwrap();
    store.set_tags("s", &["later".to_owned()]).unwrap().unwrap();
    store.upsert_session(&session("s")).unwrap();
    assert_eq!(store.session("s").unwrap().unwrap().0.tags, ["later"]);
    assert_eq!(store.set_tags("t", &[]).unwrap(), None);
}
