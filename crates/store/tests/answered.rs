//! What was answered lately is kept once, the newest first, and no more of it than is looked through.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod store;
}

use cowork_store::{ANSWERED_LIMIT, ANSWERED_TEXT_LIMIT, Answered, Opened, Store, StoreError};
use support::store::store;

const DAY: i64 = 86_400_000;

fn answered(ask: &str, at: i64) -> Answered {
    Answered {
        ask: ask.to_owned(),
        thread: "ses_1".to_owned(),
        title: "Fix the tests".to_owned(),
        folder: "/work".to_owned(),
        agent: "build".to_owned(),
        subject: "shell".to_owned(),
        about: "npm test && rm out".to_owned(),
        answer: "once".to_owned(),
        by: "person".to_owned(),
        because: String::new(),
        at,
    }
}

fn asks(store: &Store, count: u32) -> (Vec<String>, u32) {
    let (rows, all) = store.answered(count).unwrap();
    (rows.into_iter().map(|row| row.ask).collect(), all)
}

#[test]
fn the_newest_come_first_each_once_and_are_there_after_another_start() {
    let (folder, store) = store();
    for (ask, at) in [("a", 10), ("b", 30), ("c", 20)] {
        store.put_answered(&answered(ask, at)).unwrap();
    }
    let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(asks(&store, 10), (named(&["b", "c", "a"]), 3));
    assert_eq!(asks(&store, 2), (named(&["b", "c"]), 3));
    let again = Answered {
        answer: "denied".to_owned(),
        ..answered("a", 40)
    };
    store.put_answered(&again).unwrap();
    drop(store);
    let (store, opened) = Store::open(&folder.path().join("data/cowork.db"), 0).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(store.answered(1).unwrap(), (vec![again], 3));
}

#[test]
fn what_is_older_than_wanted_or_more_than_is_looked_through_goes() {
    let (_folder, store) = store();
    for number in 0..ANSWERED_LIMIT + 5 {
        store
            .put_answered(&answered(&number.to_string(), i64::from(number) * DAY))
            .unwrap();
    }
    assert_eq!(
        asks(&store, 1),
        (vec![(ANSWERED_LIMIT + 4).to_string()], ANSWERED_LIMIT)
    );
    let last = i64::from(ANSWERED_LIMIT + 4) * DAY;
    assert_eq!(
        store.expire_answered(last - DAY).unwrap(),
        u64::from(ANSWERED_LIMIT) - 2
    );
    assert_eq!(asks(&store, 10).1, 2);
    assert!(store.sizes().unwrap().answered > 0);
}

#[test]
fn a_text_that_was_not_cut_is_refused() {
    let (_folder, store) = store();
    let long = Answered {
        about: "x".repeat(ANSWERED_TEXT_LIMIT + 1),
        ..answered("a", 1)
    };
    assert!(matches!(
        store.put_answered(&long),
        Err(StoreError::TooLong { .. })
    ));
    assert_eq!(asks(&store, 1).1, 0);
}
