//! What answers took is counted once, whatever happens to what was said.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod document;
    pub(crate) mod session;
    pub(crate) mod store;
}

use std::collections::BTreeMap;

use cowork_store::{AnswerUsage, Document, SessionRow, Store, USAGE_DAYS, UsageByModel, UsageSum};
use proptest::prelude::*;
use support::store::store;

const DAY: i64 = 86_400_000;
const NOW: i64 = 1_790_000_000_000;

fn session(id: &str, parent: Option<&str>) -> SessionRow {
    SessionRow {
        parent: parent.map(str::to_owned),
        ..support::session::session(id)
    }
}

fn answer(session: &str, message: &str, model: Option<&str>, created: i64, tokens: u64) -> Document {
    Document {
        model: model.map(str::to_owned),
        created,
        tokens,
        usage: Some(AnswerUsage {
            input: tokens,
            output: tokens / 2,
            reasoning: 1,
            cache_read: 2,
            cache_write: 3,
            // Eighths add up exactly, so that sums can be compared.
            cost: f64::from(u32::try_from(tokens).unwrap()) / 8.0,
        }),
        ..support::document::document(session, message, "said")
    }
}

fn sum(documents: &[&Document]) -> UsageSum {
    documents.iter().fold(UsageSum::default(), |sum, document| {
        let (one, taken) = (document.usage.unwrap(), sum.taken);
        UsageSum {
            answers: sum.answers + 1,
            taken: AnswerUsage {
                input: taken.input + one.input,
                output: taken.output + one.output,
                reasoning: taken.reasoning + one.reasoning,
                cache_read: taken.cache_read + one.cache_read,
                cache_write: taken.cache_write + one.cache_write,
                cost: taken.cost + one.cost,
            },
        }
    })
}

fn by_model(expected: &[(&str, &[&Document])]) -> UsageByModel {
    expected
        .iter()
        .map(|(model, documents)| ((*model).to_owned(), sum(documents)))
        .collect()
}

#[test]
fn days_are_those_that_were_asked_for_and_models_are_apart() {
    let (_folder, store) = store();
    store.upsert_session(&session("s", None)).unwrap();
    let before = answer("s", "m0", Some("p/one"), NOW - 1, 8);
    let first = answer("s", "m1", Some("p/one"), NOW, 16);
    let other = answer("s", "m2", Some("p/two"), NOW + DAY - 1, 24);
    let next = answer("s", "m3", None, NOW + DAY, 32);
    let far = answer("s", "m4", Some("p/one"), NOW + 30 * DAY, 40);
    store
        .index_messages(&[before, first.clone(), other.clone(), next.clone(), far.clone()])
        .unwrap();
    let days = store.usage_by_day(&[NOW, NOW + DAY]).unwrap();
    assert_eq!(
        days,
        [
            by_model(&[("p/one", &[&first]), ("p/two", &[&other])]),
            by_model(&[("", &[&next]), ("p/one", &[&far])]),
        ]
    );
    assert_eq!(store.usage_by_day(&[]).unwrap(), []);
    assert_eq!(
        store.usage_by_day(&[NOW + 31 * DAY]).unwrap(),
        [UsageByModel::new()]
    );
}

#[test]
fn a_session_s_usage_is_that_of_its_sub_agents_too() {
    let (_folder, store) = store();
    store
        .upsert_sessions(&[
            session("root", None),
            session("child", Some("root")),
            session("below", Some("child")),
            session("other", None),
        ])
        .unwrap();
    let all: Vec<_> = ["root", "child", "below", "other"]
        .iter()
        .map(|session| answer(session, "m", Some("p/m"), NOW, 8))
        .collect();
    store.index_messages(&all).unwrap();
    let [root, child, below, _] = &all[..] else {
        panic!("four sessions")
    };
    assert_eq!(
        store.session_usage("root").unwrap(),
        by_model(&[("p/m", &[root, child, below])])
    );
    assert_eq!(
        store.session_usage("child").unwrap(),
        by_model(&[("p/m", &[child, below])])
    );
    assert_eq!(store.session_usage("unknown").unwrap(), UsageByModel::new());
}

#[test]
fn what_a_fork_has_copied_is_counted_once_of_a_day_and_a_model() {
    let (_folder, store) = store();
    let mut fork = session("fork", None);
    fork.created = NOW + 10;
    let mut of_fork = session("fork of the fork", None);
    of_fork.created = NOW + 20;
    store
        .upsert_sessions(&[session("s", None), fork, of_fork])
        .unwrap();
    let first = answer("s", "m1", Some("p/m"), NOW, 8);
    let second = answer("s", "m2", Some("p/m"), NOW + 1, 16);
    let own = answer("fork", "m5", Some("p/m"), NOW + 11, 8);
    let copy = |of: &Document, session: &str, message: &str| Document {
        session: session.to_owned(),
        message: message.to_owned(),
        ..of.clone()
    };
    // The copies are seen first, as the session that changed last is read first.
    let copies = [
        copy(&first, "fork of the fork", "m7"),
        copy(&own, "fork of the fork", "m8"),
        copy(&first, "fork", "m3"),
        copy(&second, "fork", "m4"),
    ];
    store.index_messages(&copies).unwrap();
    let day = |expected: &[&Document]| {
        assert_eq!(
            store.usage_by_day(&[NOW]).unwrap(),
            [by_model(&[("p/m", expected)])]
        );
    };
    // Copies of what is not known count, each once.
    day(&[&first, &second, &own]);
    store
        .index_messages(&[first.clone(), second.clone(), own.clone()])
        .unwrap();
    day(&[&first, &second, &own]);
    // It goes on being so when a session is gone, and after damage.
    store.remove_session("s").unwrap();
    store.remove_session("fork").unwrap();
    store.rebuild(1).unwrap();
    day(&[&first, &second, &own]);
    assert_eq!(
        store.session_usage("fork of the fork").unwrap(),
        by_model(&[("p/m", &[&first, &own])]),
        "a thread shows what its own answers took"
    );
    // Two answers of the same moment that took the same are two.
    let beside = answer("other", "m9", Some("p/m"), NOW, 8);
    store.upsert_session(&session("other", None)).unwrap();
    store.index_messages(std::slice::from_ref(&beside)).unwrap();
    day(&[&first, &second, &own, &beside]);
}

#[test]
fn what_is_too_old_is_forgotten_and_a_cost_that_is_no_number_is_none() {
    let (_folder, store) = store();
    store.upsert_session(&session("s", None)).unwrap();
    let mut endless = answer("s", "new", Some("p/m"), NOW, 8);
    if let Some(usage) = &mut endless.usage {
        usage.cost = f64::NAN;
    }
    let old = answer("s", "old", Some("p/m"), NOW - (USAGE_DAYS + 2) * DAY, 8);
    store.index_messages(&[endless, old]).unwrap();
    let before = NOW - (USAGE_DAYS + 1) * DAY;
    assert_eq!(store.expire_usage(before).unwrap(), 1);
    assert_eq!(store.expire_usage(before).unwrap(), 0);
    let left = store.usage_by_day(&[0]).unwrap();
    assert_eq!((left[0]["p/m"].answers, left[0]["p/m"].taken.cost), (1, 0.0));
}

/// What may happen to an answer and to what is kept of it.
#[derive(Clone, Debug)]
enum Step {
    /// It is seen, as it is at the moment: while it is written, by a reading, after a new start.
    Seen {
        session: usize,
        message: usize,
        tokens: u64,
    },
    /// A message is taken back.
    Removed { session: usize, message: usize },
    /// Its session is deleted.
    Deleted { session: usize },
    /// The session is there again, as after a new start.
    Listed { session: usize },
    /// The index is made anew.
    Cleared,
    /// The app starts again.
    Opened,
    /// The database was damaged and is begun anew with what can be read of it, which here is all.
    Rebuilt,
}

fn any_step() -> impl Strategy<Value = Step> {
    let (session, message) = (0..3_usize, 0..4_usize);
    prop_oneof![
        8 => (session.clone(), message.clone(), 0..6_u64)
            .prop_map(|(session, message, tokens)| Step::Seen { session, message, tokens: tokens * 8 }),
        1 => (session.clone(), message).prop_map(|(session, message)| Step::Removed { session, message }),
        1 => session.clone().prop_map(|session| Step::Deleted { session }),
        2 => session.prop_map(|session| Step::Listed { session }),
        1 => Just(Step::Cleared),
        1 => Just(Step::Opened),
        1 => Just(Step::Rebuilt),
    ]
}

const SESSIONS: [&str; 3] = ["ses_a", "ses_b", "ses_c"];
const MODELS: [&str; 2] = ["p/one", "p/two"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Each answer counts once, as it was seen last, and goes on counting when what was said is gone.
    #[test]
    fn an_answer_counts_once_as_it_was_seen_last(steps in prop::collection::vec(any_step(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/cowork.db");
        let (mut store, _) = Store::open(&path, 0).unwrap();
        let mut there = [false; 3];
        let mut last: BTreeMap<(usize, usize), Document> = BTreeMap::new();
        for (at, step) in steps.into_iter().enumerate() {
            match step {
                Step::Seen { session, message, tokens } => {
                    let model = MODELS[(session + message) % 2];
                    let created = NOW + i64::try_from(message).unwrap() * DAY;
                    let seen = answer(SESSIONS[session], &format!("msg_{message}"), Some(model), created, tokens);
                    // Twice in one batch, as when a reading overtakes what streams.
                    store.index_messages(&[seen.clone(), seen.clone()]).unwrap();
                    if there[session] {
                        last.insert((session, message), seen);
                    }
                }
                Step::Removed { session, message } => {
                    store.remove_message(SESSIONS[session], &format!("msg_{message}")).unwrap();
                }
                Step::Deleted { session } => {
                    store.remove_session(SESSIONS[session]).unwrap();
                    there[session] = false;
                }
                Step::Listed { session: number } => {
                    store.upsert_session(&session(SESSIONS[number], None)).unwrap();
                    there[number] = true;
                }
                Step::Cleared => store.clear_index().unwrap(),
                Step::Opened => {
                    drop(store);
                    store = Store::open(&path, 0).unwrap().0;
                }
                Step::Rebuilt => {
                    store.rebuild(i64::try_from(at).unwrap()).unwrap();
                }
            }
        }
        let mut expected = vec![UsageByModel::new(); 4];
        for (session, message) in last.keys() {
            let model = MODELS[(session + message) % 2];
            let of_day: Vec<_> = last
                .iter()
                .filter(|((other, at), _)| at == message && MODELS[(other + at) % 2] == model)
                .map(|(_, document)| document)
                .collect();
            expected[*message].insert(model.to_owned(), sum(&of_day));
        }
        let days: Vec<_> = (0..4).map(|day| NOW + day * DAY).collect();
        prop_assert_eq!(store.usage_by_day(&days).unwrap(), expected);
        for (number, id) in SESSIONS.iter().enumerate() {
            let own: Vec<_> = last
                .iter()
                .filter(|((session, _), _)| *session == number)
                .map(|(_, document)| document)
                .collect();
            let answers: u64 = store.session_usage(id).unwrap().values().map(|sum| sum.answers).sum();
            prop_assert_eq!(answers, own.len() as u64);
        }
    }
}
