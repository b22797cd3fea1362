//! The list of threads: its outline, and the pages of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod session;
    pub(crate) mod store;
}

use cowork_store::{
    FAMILY_LIMIT, FolderKind, STARTS_LIMIT, SessionRow, Store, ThreadGroup, ThreadPage, ThreadSpan,
};
use proptest::prelude::*;
use support::store::store;

fn session(id: &str, folder: &str, updated: i64) -> SessionRow {
    SessionRow {
        folder: folder.to_owned(),
        folder_kind: if folder.starts_with("/made") {
            FolderKind::Sandbox
        } else {
            FolderKind::Project
        },
        updated,
        ..support::session::session(id)
    }
}

fn child(id: &str, parent: &str) -> SessionRow {
    SessionRow {
        parent: Some(parent.to_owned()),
        ..session(id, "/work/a", 5)
    }
}

fn group(folder: Option<&str>, newest: i64, counts: &[u32]) -> ThreadGroup {
    ThreadGroup {
        folder: folder.map(str::to_owned),
        newest,
        counts: counts.to_vec(),
    }
}

fn ids(rows: &[SessionRow]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

/// All rows of a group, a page after the other.
fn all_pages(store: &Store, starts: &[i64], group: &ThreadGroup, limit: u32) -> Vec<String> {
    let mut found = Vec::new();
    for (span, count) in group.counts.iter().enumerate() {
        let mut in_span = 0;
        while in_span < *count {
            let page = store
                .thread_page(&ThreadSpan {
                    folder: group.folder.clone(),
                    from: starts.get(span).copied(),
                    until: span.checked_sub(1).map(|before| starts[before]),
                    offset: in_span,
                    limit,
                })
                .unwrap();
            assert_eq!(page.count, *count, "the count of a page is that of the outline");
            assert!(!page.rows.is_empty(), "a page before the end is not empty");
            in_span += u32::try_from(page.rows.len()).unwrap();
            found.extend(page.rows.into_iter().map(|row| row.id));
        }
    }
    found
}

#[test]
fn the_outline_has_a_group_for_each_folder_and_one_for_those_of_the_app() {
    let (_folder, store) = store();
    assert_eq!(store.thread_outline(&[]).unwrap(), []);
    store
        .upsert_sessions(&[
            session("a1", "/work/a", 100),
            session("a2", "/work/a", 99),
            session("a3", "/work/a", 10),
            session("b1", "/work/b", 200),
            session("m1", "/made/1", 300),
            session("m2", "/made/2", 5),
            child("c", "a1"),
        ])
        .unwrap();
    assert_eq!(
        store.thread_outline(&[100, 50]).unwrap(),
        [
            group(Some("/work/b"), 200, &[1, 0, 0]),
            group(Some("/work/a"), 100, &[1, 1, 1]),
            group(None, 300, &[1, 0, 1]),
        ]
    );
    assert_eq!(
        store.thread_outline(&[]).unwrap()[1],
        group(Some("/work/a"), 100, &[3])
    );
    let too_many: Vec<_> = (0..1_000).map(|number| 1_000 - number).collect();
    let outline = store.thread_outline(&too_many).unwrap();
    assert_eq!(outline[0].counts.len(), STARTS_LIMIT + 1);
}

#[test]
fn a_page_has_what_stands_there_and_how_much_there_is() {
    let (_folder, store) = store();
    store
        .upsert_sessions(&[
            session("b", "/work/a", 7),
            session("a", "/work/a", 7),
            session("c", "/work/a", 9),
            session("d", "/work/a", 2),
            session("m1", "/made/1", 3),
            session("m2", "/made/2", 4),
        ])
        .unwrap();
    let page = |span: &ThreadSpan| store.thread_page(span).unwrap();
    let all = ThreadSpan {
        folder: Some("/work/a".to_owned()),
        limit: 10,
        ..ThreadSpan::default()
    };
    assert_eq!(ids(&page(&all).rows), ["c", "a", "b", "d"], "ties go by id");
    let part = ThreadSpan {
        from: Some(3),
        until: Some(9),
        offset: 1,
        limit: 1,
        ..all.clone()
    };
    let found = page(&part);
    assert_eq!((ids(&found.rows), found.count), (vec!["b"], 2));
    let beyond = ThreadSpan {
        offset: 50,
        ..all.clone()
    };
    assert_eq!((page(&beyond).rows, page(&beyond).count), (Vec::new(), 4));
    let made = ThreadSpan {
        folder: None,
        ..all.clone()
    };
    assert_eq!(ids(&page(&made).rows), ["m2", "m1"]);
    let unknown = ThreadSpan {
        folder: Some("/nowhere".to_owned()),
        ..all
    };
    assert_eq!(page(&unknown), ThreadPage::default());
}

#[test]
fn a_thread_stands_where_its_folder_is_now() {
    let (_folder, store) = store();
    store.upsert_session(&session("a", "/made/1", 1)).unwrap();
    assert_eq!(store.thread_outline(&[]).unwrap(), [group(None, 1, &[1])]);
    store.upsert_session(&session("a", "/work/a", 2)).unwrap();
    assert_eq!(
        store.thread_outline(&[]).unwrap(),
        [group(Some("/work/a"), 2, &[1])]
    );
    store.remove_session("a").unwrap();
    assert_eq!(store.thread_outline(&[]).unwrap(), []);
}

#[test]
fn counting_and_paging_are_done_in_the_index() {
    let (_folder, store) = store();
    let [outline, page, count] = store.explain_threads().unwrap();
    for plan in [&outline, &page, &count] {
        assert!(plan.contains("COVERING INDEX sessions_by_place"), "{plan}");
    }
    for plan in [&outline, &count] {
        assert!(!plan.contains("TEMP B-TREE"), "it is sorted by hand: {plan}");
    }
}

#[test]
fn a_family_is_those_above_and_all_below() {
    let (_folder, store) = store();
    store
        .upsert_sessions(&[
            session("root", "/work/a", 9),
            child("one", "root"),
            child("two", "root"),
            child("below", "one"),
            session("other", "/work/a", 9),
            child("others", "other"),
            child("lost", "never-seen"),
            child("ring", "ring"),
        ])
        .unwrap();
    for member in ["root", "one", "below"] {
        let family = store.family(member).unwrap();
        let mut found = ids(&family);
        found.sort_unstable();
        assert_eq!(found, ["below", "one", "root", "two"], "asked by {member}");
    }
    assert_eq!(ids(&store.family("lost").unwrap()), ["lost"]);
    assert_eq!(ids(&store.family("ring").unwrap()), ["ring"]);
    assert_eq!(store.family("unknown").unwrap(), []);
    let many: Vec<_> = (0..FAMILY_LIMIT + 10)
        .map(|number| child(&format!("m{number}"), "other"))
        .collect();
    store.upsert_sessions(&many).unwrap();
    assert_eq!(store.family("m7").unwrap().len(), FAMILY_LIMIT as usize);
}

#[test]
fn sessions_are_found_by_their_names() {
    let (_folder, store) = store();
    let rows: Vec<_> = (0..350)
        .map(|number| session(&format!("s{number}"), "/work/a", number))
        .collect();
    store.upsert_sessions(&rows).unwrap();
    let wanted: Vec<_> = rows
        .iter()
        .map(|row| row.id.as_str())
        .chain(["unknown"])
        .collect();
    let mut found = store.sessions_named(&wanted).unwrap();
    found.sort_by_key(|row| row.updated);
    assert_eq!(found, rows);
    assert_eq!(store.sessions_named(&[]).unwrap(), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever days begin and however long pages are: one after the other they are the whole list, in its order.
    #[test]
    fn pages_one_after_the_other_are_the_whole_list(
        threads in proptest::collection::vec((0_usize..5, 0_i64..60), 0..80),
        starts in proptest::collection::btree_set(0_i64..70, 0..8),
        limit in 1_u32..30,
    ) {
        const FOLDERS: [&str; 5] = ["/work/a", "/work/b", "/work/c", "/made/1", "/made/2"];
        let (_folder, store) = store();
        let rows: Vec<_> = threads
            .iter()
            .enumerate()
            .map(|(number, (folder, updated))| session(&format!("s{number:03}"), FOLDERS[*folder], *updated))
            .collect();
        store.upsert_sessions(&rows).unwrap();
        let starts: Vec<_> = starts.into_iter().rev().collect();
        let outline = store.thread_outline(&starts).unwrap();
        let mut seen = 0;
        for group in &outline {
            let mut expected: Vec<_> = rows
                .iter()
                .filter(|row| match &group.folder {
                    Some(folder) => row.folder == *folder,
                    None => row.folder_kind == FolderKind::Sandbox,
                })
                .collect();
            expected.sort_by(|one, other| other.updated.cmp(&one.updated).then(one.id.cmp(&other.id)));
            let expected: Vec<_> = expected.into_iter().map(|row| row.id.clone()).collect();
            prop_assert_eq!(all_pages(&store, &starts, group, limit), expected);
            seen += group.counts.iter().sum::<u32>();
        }
        prop_assert_eq!(seen as usize, rows.len());
        let newest: Vec<_> = outline.iter().map(|group| (group.folder.is_none(), -group.newest)).collect();
        prop_assert!(newest.is_sorted(), "the group that changed last comes first, the app's own last");
    }
}
