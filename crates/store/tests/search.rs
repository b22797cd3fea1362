//! What is found, held against a look through everything.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod document;
    pub(crate) mod session;
    pub(crate) mod store;
}

use cowork_store::{
    Document, DocumentKind, Facets, HitMessage, MATCHES_CONSIDERED, Options, QUERY_LIMIT, Search,
    SearchAnswer, SessionRow, Store,
};
use proptest::prelude::*;
use support::store::store;
use tempfile::TempDir;

const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;

fn session(id: &str, title: &str) -> SessionRow {
    SessionRow {
        title: title.to_owned(),
        agent: Some("build".to_owned()),
        model: Some("p/m".to_owned()),
        created: NOW - DAY,
        updated: NOW - DAY / 2,
        ..support::session::session(id)
    }
}

fn document(session: &str, message: &str, kind: DocumentKind, text: &str) -> Document {
    Document {
        kind,
        agent: Some("build".to_owned()),
        model: Some("p/m".to_owned()),
        created: NOW - DAY / 2,
        tokens: 10,
        ..support::document::document(session, message, text)
    }
}

fn search(store: &Store, text: &str, facets: Facets) -> SearchAnswer {
    let search = Search {
        text: text.to_owned(),
        facets,
        offset: 0,
        limit: 100,
        now: NOW,
    };
    store.search(&search).unwrap()
}

fn found(store: &Store, text: &str) -> Vec<String> {
    let answer = search(store, text, Facets::default());
    answer.hits.into_iter().map(|hit| hit.session.id).collect()
}

fn some() -> (TempDir, Store) {
    let (folder, store) = store();
    store
        .upsert_sessions(&[
            session("title", "The proxy and its keys"),
            session("prompt", "One"),
            session("answer", "Two"),
            session("tools", "Three"),
        ])
        .unwrap();
    let mut tools = document("tools", "m4", DocumentKind::Answer, "I looked.");
    "rg proxy src/main.rs".clone_into(&mut tools.tools);
    tools.changed_files = vec!["src/main.rs".to_owned(), "src/lib.rs".to_owned()];
    store
        .index_messages(&[
            document(
                "prompt",
                "m1",
                DocumentKind::Prompt,
                "Why does the proxy refuse my crème brûlée?",
            ),
            document(
                "answer",
                "m2",
                DocumentKind::Answer,
                "The proxy\nrefuses it: the key is gone.",
            ),
            document(
                "answer",
                "m3",
                DocumentKind::Answer,
                "A gateway is no reverse proxy.",
            ),
            tools,
        ])
        .unwrap();
    (folder, store)
}

#[test]
fn titles_come_before_prompts_before_answers_before_tools() {
    let (_folder, store) = some();
    assert_eq!(found(&store, "proxy "), ["title", "prompt", "answer", "tools"]);
}

#[test]
fn words_phrases_beginnings_and_exclusions_are_as_documented() {
    let (_folder, store) = some();
    for (typed, expected) in [
        ("proxy refuse ", vec!["prompt"]),
        ("proxy refus", vec!["prompt", "answer"]),
        ("pro* key ", vec!["answer"]),
        ("\"proxy refuses\"", vec!["answer"]),
        ("\"refuses proxy\"", vec![]),
        ("creme BRULEE ", vec!["prompt"]),
        ("proxy -key -keys ", vec!["prompt", "answer", "tools"]),
        ("proxy -\"reverse proxy\" -keys -crème ", vec!["answer", "tools"]),
        ("src/main.rs ", vec!["tools"]),
        ("gatewa ", vec![]),
        ("AND ", vec!["title"]),
    ] {
        let mut sessions = found(&store, typed);
        sessions.sort();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(sessions, expected, "{typed:?}");
    }
    assert!(search(&store, "-proxy ", Facets::default()).wants_word);
}

#[test]
fn a_hit_says_where_it_was_found_and_shows_it() {
    let (_folder, store) = some();
    let answer = search(&store, "key gone", Facets::default());
    let hit = &answer.hits[0];
    let expected = HitMessage {
        session: "answer".to_owned(),
        id: "m2".to_owned(),
        kind: DocumentKind::Answer,
        created: NOW - DAY / 2,
    };
    assert_eq!(hit.message.as_ref(), Some(&expected));
    let snippet = hit.snippet.as_ref().unwrap();
    assert_eq!(snippet.text, "The proxy refuses it: the key is gone.");
    let marked: Vec<_> = snippet
        .marks
        .iter()
        .map(|mark| &snippet.text[mark.clone()])
        .collect();
    assert_eq!(marked, ["key", "gone"]);
    assert_eq!((hit.counts.messages, hit.counts.tokens), (2, 20));

    let answer = search(&store, "keys", Facets::default());
    let hit = &answer.hits[0];
    assert_eq!(
        (hit.message.as_ref(), hit.title_marks.first()),
        (None, Some(&(18..22)))
    );
}

#[test]
fn messages_that_are_no_more_are_taken_out_with_what_they_changed() {
    let (_folder, store) = some();
    let mut again = document("tools", "m5", DocumentKind::Answer, "Reverted.");
    again.changed_files = vec!["src/main.rs".to_owned(), "src/gone.rs".to_owned()];
    store.index_messages(&[again]).unwrap();
    let mut known: Vec<_> = store.messages_of("tools").unwrap().into_iter().collect();
    known.sort();
    assert_eq!(known, ["m4", "m5"]);
    let left = ["src/main.rs", "src/lib.rs"].map(str::to_owned).into();
    let gone = ["m5", "never there"].map(str::to_owned);
    assert_eq!(store.remove_messages("tools", &gone, &left).unwrap(), 1);
    assert_eq!(found(&store, "reverted "), Vec::<String>::new());
    assert_eq!(found(&store, "looked "), ["tools"]);
    let counts = store.session("tools").unwrap().unwrap().1;
    assert_eq!((counts.messages, counts.changed_files, counts.tokens), (1, 2, 10));
    assert_eq!(store.remove_messages("nowhere", &gone, &left).unwrap(), 0);
}

#[test]
fn the_index_follows_what_changes_and_goes() {
    let (_folder, store) = some();
    store
        .index_messages(&[document("prompt", "m1", DocumentKind::Prompt, "Another question")])
        .unwrap();
    assert_eq!(found(&store, "another"), ["prompt"]);
    assert_eq!(found(&store, "brulee"), Vec::<String>::new());
    assert_eq!(store.session("prompt").unwrap().unwrap().1.messages, 1);

    store.upsert_session(&session("title", "Renamed")).unwrap();
    assert_eq!(found(&store, "keys"), Vec::<String>::new());
    assert_eq!(found(&store, "renamed"), ["title"]);

    assert!(store.remove_message("answer", "m3").unwrap());
    assert!(!store.remove_message("answer", "m3").unwrap());
    assert_eq!(found(&store, "gateway"), Vec::<String>::new());
    store.remove_session("tools").unwrap();
    assert_eq!(found(&store, "looked"), Vec::<String>::new());
    assert_eq!(search(&store, "", Facets::default()).found, 3);
    // Of a session that is not known nothing is kept.
    let count = store
        .index_messages(&[document("nowhere", "m9", DocumentKind::Prompt, "lost")])
        .unwrap();
    assert_eq!((count, found(&store, "lost").len()), (0, 0));
}

#[test]
fn a_search_can_be_narrowed_and_says_to_what() {
    let (_folder, store) = some();
    let mut other = session("elsewhere", "Elsewhere");
    other.folder = "/work/y".to_owned();
    other.needs_you = true;
    other.updated = NOW - 20 * DAY;
    store.upsert_session(&other).unwrap();
    let mut old = document("elsewhere", "m5", DocumentKind::Answer, "proxy");
    (old.agent, old.model, old.created) = (Some("plan".to_owned()), Some("q/n".to_owned()), NOW - 20 * DAY);
    store.index_messages(&[old]).unwrap();

    let narrowed = |change: fn(&mut Facets)| {
        let mut facets = Facets::default();
        change(&mut facets);
        let answer = search(&store, "proxy", facets);
        answer
            .hits
            .into_iter()
            .map(|hit| hit.session.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        narrowed(|facets| facets.folder = Some("/work/y".to_owned())),
        ["elsewhere"]
    );
    assert_eq!(
        narrowed(|facets| facets.folder = Some("/work/z".to_owned())),
        Vec::<String>::new()
    );
    assert_eq!(
        narrowed(|facets| facets.agent = Some("plan".to_owned())),
        ["elsewhere"]
    );
    assert_eq!(
        narrowed(|facets| facets.model = Some("q/n".to_owned())),
        ["elsewhere"]
    );
    assert_eq!(narrowed(|facets| facets.needs_you = true), ["elsewhere"]);
    assert_eq!(narrowed(|facets| facets.has_changes = true), ["tools"]);
    assert_eq!(
        narrowed(|facets| facets.within_days = Some(7)),
        ["title", "prompt", "answer", "tools"]
    );

    let facets = search(&store, "proxy", Facets::default()).facets;
    let counts: Vec<_> = facets
        .folders
        .iter()
        .map(|facet| (facet.value.as_str(), facet.count))
        .collect();
    assert_eq!(counts, [("/work/x", 4), ("/work/y", 1)]);
    let counts: Vec<_> = facets
        .models
        .iter()
        .map(|facet| (facet.value.as_str(), facet.count))
        .collect();
    assert_eq!(counts, [("p/m", 4), ("q/n", 1)]);
    let counts: Vec<_> = facets
        .within_days
        .iter()
        .map(|facet| (facet.value, facet.count))
        .collect();
    assert_eq!(counts, [(1, 4), (7, 4), (30, 5), (365, 5)]);
    assert_eq!((facets.has_changes, facets.needs_you), (1, 1));
    store.forget_needs().unwrap();
    assert_eq!(narrowed(|facets| facets.needs_you = true), Vec::<String>::new());
}

#[test]
fn what_a_sub_agent_wrote_is_found_as_the_session_it_works_for() {
    let (_folder, store) = store();
    let mut child = session("child", "Look around");
    child.parent = Some("parent".to_owned());
    store
        .upsert_sessions(&[session("parent", "Parent"), child])
        .unwrap();
    store
        .index_messages(&[document("child", "m1", DocumentKind::Answer, "needle")])
        .unwrap();
    let answer = search(&store, "needle", Facets::default());
    assert_eq!(answer.hits[0].session.id, "parent");
    assert_eq!(answer.hits[0].message.as_ref().unwrap().session, "child");
}

#[test]
fn a_common_word_gives_the_newest_and_says_that_there_are_more() {
    let (_folder, store) = store();
    let count = MATCHES_CONSIDERED + 50;
    for number in 0..count {
        let id = format!("s{number}");
        let at = NOW - DAY * i64::try_from(count - number).unwrap();
        let mut row = session(&id, "Title");
        (row.created, row.updated) = (at, at);
        store.upsert_session(&row).unwrap();
        let mut text = document(&id, "m", DocumentKind::Answer, "common");
        text.created = at;
        store.index_messages(&[text]).unwrap();
    }
    let answer = search(&store, "common", Facets::default());
    assert!(answer.capped);
    assert_eq!(answer.found as usize, MATCHES_CONSIDERED);
    assert_eq!(answer.hits[0].session.id, format!("s{}", count - 1));
    let oldest = Facets {
        folder: Some("/work/x".to_owned()),
        ..Facets::default()
    };
    assert!(search(&store, "common", oldest).capped);
    assert!(!search(&store, "commonplace", Facets::default()).capped);
}

#[test]
fn pages_follow_one_another() {
    let (_folder, store) = some();
    let page = |offset| {
        let search = Search {
            text: "proxy ".to_owned(),
            offset,
            limit: 3,
            now: NOW,
            ..Search::default()
        };
        let answer = store.search(&search).unwrap();
        assert_eq!(answer.found, 4);
        answer
            .hits
            .into_iter()
            .map(|hit| hit.session.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(page(0), ["title", "prompt", "answer"]);
    assert_eq!(page(3), ["tools"]);
    assert_eq!(page(9), Vec::<String>::new());
}

#[test]
fn long_texts_are_cut_and_times_that_stand_still_are_no_hindrance() {
    let (_folder, store) = store();
    store.upsert_session(&session("s", "S")).unwrap();
    let long = format!("{} beyond", "é ".repeat(cowork_store::TEXT_LIMIT));
    store
        .index_messages(&[document("s", "long", DocumentKind::Prompt, &long)])
        .unwrap();
    assert_eq!(found(&store, "beyond"), Vec::<String>::new());
    let many: Vec<_> = (0..700)
        .map(|number| {
            let mut each = document("s", &format!("m{number}"), DocumentKind::Answer, "same second");
            each.created = 0;
            each
        })
        .collect();
    assert_eq!(store.index_messages(&many).unwrap(), 700);
    assert_eq!(store.session("s").unwrap().unwrap().1.messages, 701);
    let long = "word ".repeat(QUERY_LIMIT);
    assert_eq!(found(&store, &long), Vec::<String>::new());
}

#[test]
fn the_oldest_messages_make_room_before_the_database_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        size_limit: 6 * 1024 * 1024,
    };
    let (store, _) = Store::open_with(&folder.path().join("cowork.db"), 0, options).unwrap();
    store.upsert_session(&session("s", "S")).unwrap();
    for number in 0..1_500 {
        let words: Vec<_> = (0..500)
            .map(|word| format!("w{}", (number * 7 + word * 13) % 5_000))
            .collect();
        let mut each = document("s", &format!("m{number}"), DocumentKind::Answer, &words.join(" "));
        each.created = NOW + i64::from(number) * 1_000;
        store.index_messages(&[each]).unwrap();
    }
    let (_, counts) = store.session("s").unwrap().unwrap();
    assert!((100..1_500).contains(&counts.messages), "{counts:?}");
    store.set_draft("s", &"x".repeat(200_000)).unwrap();
    let search = search(&store, "w3", Facets::default());
    assert_eq!(search.found, 1);
}

#[test]
fn what_is_to_be_indexed_is_known_from_one_start_to_the_next() {
    let (folder, store) = store();
    let row = |id: &str, updated| {
        let mut row = session(id, id);
        row.updated = updated;
        row
    };
    store
        .upsert_sessions(&[row("a", 10), row("b", 20), row("c", 30)])
        .unwrap();
    store.set_indexed("b", 20, store.index_made()).unwrap();
    drop(store);
    let (store, _) = Store::open(&folder.path().join("data/cowork.db"), 0).unwrap();
    let waiting = |store: &Store| -> Vec<String> {
        let all = store.sessions_to_index(10).unwrap();
        all.into_iter().map(|each| each.session).collect()
    };
    assert_eq!(waiting(&store), ["c", "a"]);
    let progress = store.indexing().unwrap();
    assert_eq!((progress.sessions, progress.waiting), (3, 2));
    store.upsert_session(&row("b", 25)).unwrap();
    store.set_indexed("c", 30, store.index_made()).unwrap();
    assert_eq!(waiting(&store), ["b", "a"]);
    // A change that came while it was being read is still to be read.
    store.set_indexed("b", 20, store.index_made()).unwrap();
    assert_eq!(waiting(&store), ["b", "a"]);
}

const WORDS: [&str; 8] = ["proxy", "prose", "pro", "key", "keys", "Été", "ete", "box"];

/// A look through everything, as a person would.
fn scan(texts: &[(usize, Vec<usize>)], wanted: &[usize], unwanted: &[usize]) -> Vec<String> {
    let same = |one: usize, other: usize| one == other || (one.min(other) == 5 && one.max(other) == 6);
    let holds = |text: &[usize], word: usize| text.iter().any(|each| same(*each, word));
    let mut sessions: Vec<_> = texts
        .iter()
        .filter(|(_, text)| {
            wanted.iter().all(|word| holds(text, *word)) && !unwanted.iter().any(|word| holds(text, *word))
        })
        .map(|(session, _)| format!("s{session}"))
        .collect();
    sessions.sort();
    sessions.dedup();
    sessions
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_search_finds_what_a_look_through_everything_finds(
        texts in prop::collection::vec((0_usize..6, prop::collection::vec(0..WORDS.len(), 0..8), any::<bool>()), 0..24),
        wanted in prop::collection::vec(0..WORDS.len(), 1..4),
        unwanted in prop::collection::vec(0..WORDS.len(), 0..2),
        gone in prop::collection::vec(0_usize..24, 0..6),
    ) {
        let (_folder, store) = store();
        let rows: Vec<_> = (0..6).map(|number| session(&format!("s{number}"), "")).collect();
        store.upsert_sessions(&rows).unwrap();
        let spelled = |words: &[usize]| words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(", ");
        let documents: Vec<_> = texts.iter().enumerate().map(|(number, (of, words, prompt))| {
            let kind = if *prompt { DocumentKind::Prompt } else { DocumentKind::Answer };
            document(&format!("s{of}"), &format!("m{number}"), kind, &spelled(words))
        }).collect();
        store.index_messages(&documents).unwrap();
        let mut left: Vec<_> = texts.iter().map(|(of, words, _)| (*of, words.clone())).collect();
        for number in gone {
            if let Some((of, words)) = left.get_mut(number) {
                store.remove_message(&format!("s{of}"), &format!("m{number}")).unwrap();
                *words = vec![];
            }
        }
        let mut typed = String::new();
        for word in &wanted {
            typed.extend([WORDS[*word], " "]);
        }
        for word in &unwanted {
            typed.extend(["-", WORDS[*word], " "]);
        }
        let mut sessions = found(&store, &typed);
        sessions.sort();
        prop_assert_eq!(sessions, scan(&left, &wanted, &unwanted), "{}", typed);
    }

    #[test]
    fn nothing_that_is_typed_is_an_error(typed in "\\PC{0,80}") {
        let (_folder, store) = some();
        search(&store, &typed, Facets::default());
    }
}
