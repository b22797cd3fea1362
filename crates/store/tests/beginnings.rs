//! Words that are still being typed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod document;
    pub(crate) mod session;
    pub(crate) mod store;
}

use cowork_store::{Document, Facets, MATCHES_CONSIDERED, Search, SearchAnswer, SessionRow, Store};
use proptest::prelude::*;
use support::document::document;
use support::session::session;
use support::store::store;

const NOW: i64 = 1_790_000_000_000;

fn search(store: &Store, text: &str, facets: Facets) -> SearchAnswer {
    let search = Search {
        text: text.to_owned(),
        facets,
        limit: 100,
        now: NOW,
        ..Search::default()
    };
    store.search(&search).unwrap()
}

/// A thread for each text, the newest last, one second after the other.
fn threads(texts: impl IntoIterator<Item = String>) -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    let (sessions, documents): (Vec<_>, Vec<_>) = texts
        .into_iter()
        .zip((NOW / 1000..).step_by(1))
        .enumerate()
        .map(|(number, (text, second))| {
            let id = format!("s{number:05}");
            let at = second * 1000;
            let row = SessionRow {
                title: String::new(),
                created: at,
                updated: at,
                ..session(&id)
            };
            let document = Document {
                created: at,
                ..document(&id, "m", &text)
            };
            (row, document)
        })
        .unzip();
    store.upsert_sessions(&sessions).unwrap();
    store.index_messages(&documents).unwrap();
    (folder, store)
}

#[test]
fn a_beginning_that_countless_words_have_gives_the_newest_and_says_that_there_are_more() {
    let (_folder, store) = threads((0..1_000).map(|number| format!("testing{number} ждун{number} end")));
    let newest = "s00999";
    for typed in [
        "tes",
        "test",
        "testi",
        "testin",
        "testing",
        "ж",
        "жд",
        "end test",
        "test* -ende*",
    ] {
        let answer = search(&store, typed, Facets::default());
        assert!(answer.capped, "{typed:?}");
        assert!(
            answer.found as usize >= MATCHES_CONSIDERED,
            "{typed:?}: {}",
            answer.found
        );
        assert_eq!(answer.hits[0].session.id, newest, "{typed:?}");
    }
    // A word that is typed far enough to be one of few is found wherever it is.
    let answer = search(&store, "testing77", Facets::default());
    assert_eq!((answer.found, answer.capped), (11, false));
    let answer = search(&store, "end testing* -testing9*", Facets::default());
    assert!(answer.found > 0);
    assert!(
        answer
            .hits
            .iter()
            .all(|hit| !hit.snippet.as_ref().unwrap().text.contains("testing9"))
    );
}

#[test]
fn what_is_too_old_to_be_read_is_found_by_the_words_that_are_known() {
    // The words begin alike, as does what the newest hold, which are too many to be read.
    let old = (0..40).map(|number| format!("testing{number:02}"));
    let newer = (0..1_000).map(|_| "tester ".repeat(40));
    let (_folder, store) = threads(old.chain(newer));
    let answer = search(&store, "testi", Facets::default());
    assert!(answer.capped);
    assert!(answer.found >= 8, "{}", answer.found);
}

const WORDS: [&str; 9] = [
    "test",
    "tests",
    "tester",
    "testing",
    "tea",
    "ждать",
    "жду",
    "数据库",
    "数字",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Of so few words all are known; of so many, the texts are read. Either finds the same.
    #[test]
    fn a_beginning_finds_each_word_that_begins_so(
        texts in prop::collection::vec(prop::collection::vec(0..WORDS.len(), 0..4), 0..20),
        word in 0..WORDS.len(),
        letters in 1..8_usize,
        before in prop::option::of(0..WORDS.len()),
        countless in any::<bool>(),
    ) {
        let begun: String = WORDS[word].chars().take(letters).collect();
        let spelled = |words: &[usize]| words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
        // Others that begin so, in a thread of their own that has none of the other words.
        let others = (0..if countless { 40 } else { 0 }).map(|number| format!("{begun}q{number}"));
        let (_folder, store) = threads(texts.iter().map(|words| spelled(words)).chain(others));
        let whole = begun.is_ascii() && begun.len() < 3;
        let holds = |words: &&Vec<usize>| {
            words.iter().any(|word| if whole { WORDS[*word] == begun } else { WORDS[*word].starts_with(&begun) })
                && before.is_none_or(|before| words.contains(&before))
        };
        let expected = texts.iter().filter(holds).count()
            + if countless && before.is_none() && !whole { 40 } else { 0 };
        let typed = before.map_or(begun.clone(), |before| format!("{} {begun}", WORDS[before]));
        prop_assert_eq!(search(&store, &typed, Facets::default()).found as usize, expected, "{}", typed);
    }
}
