//! What a person allowed for good, and where commands may run without a box.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod allowance;
    pub(crate) mod store;
}

use cowork_store::{
    ALLOWANCE_LIMIT, FolderGrant, FolderKind, NewAllowance, ORIGIN_LIMIT, PATTERN_LIMIT, Store, StoreError,
    THREAD_ALLOWANCE_LIMIT,
};
use support::allowance::allowance;
use support::store::store;

fn patterns(store: &Store) -> Vec<(String, String)> {
    let all = store.allowances().unwrap().into_iter();
    all.map(|allowance| (allowance.folder, allowance.pattern))
        .collect()
}

fn named<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs
        .map(|(folder, pattern)| (folder.to_owned(), pattern.to_owned()))
        .to_vec()
}

#[test]
fn allowances_are_listed_by_folder_and_newest_first() {
    let (_folder, store) = store();
    for (folder, pattern, created) in [
        ("/work/y", "ls *", 1),
        ("/work/x", "git *", 2),
        ("/work/x", "ls *", 3),
        ("/work/x", "cat *", 3),
    ] {
        store.allow(&allowance(folder, pattern, created)).unwrap();
    }
    assert_eq!(
        patterns(&store),
        named([
            ("/work/x", "cat *"),
            ("/work/x", "ls *"),
            ("/work/x", "git *"),
            ("/work/y", "ls *")
        ])
    );
}

#[test]
fn what_is_allowed_already_stays_as_it_was_given_first() {
    let (_folder, store) = store();
    let first = allowance("/work/x", "ls *", 1);
    let id = store.allow(&first).unwrap();
    let again = NewAllowance {
        origin: "something else".to_owned(),
        session: "t".to_owned(),
        created: 9,
        ..first.clone()
    };
    assert_eq!(store.allow(&again).unwrap(), id);
    let listed = store.allowances().unwrap();
    assert_eq!(listed.len(), 1);
    let kept = listed.first().unwrap();
    assert_eq!((kept.id, kept.created, kept.session.as_str()), (id, 1, "s"));
    assert_eq!(kept.origin, first.origin);
    assert_eq!((kept.agent.as_str(), kept.permission.as_str()), ("build", "bash"));

    for other in [
        NewAllowance {
            agent: "plan".to_owned(),
            ..first.clone()
        },
        NewAllowance {
            permission: "edit".to_owned(),
            ..first.clone()
        },
        allowance("/work/X", "ls *", 1),
        allowance("/work/x", "ls  *", 1),
    ] {
        assert_ne!(store.allow(&other).unwrap(), id, "{other:?} is another");
    }
}

#[test]
fn an_allowance_is_taken_back_once_and_its_number_is_not_given_again() {
    let (_folder, store) = store();
    let id = store.allow(&allowance("/work/x", "ls *", 1)).unwrap();
    assert!(store.revoke(id).unwrap());
    assert!(!store.revoke(id).unwrap());
    let later = store.allow(&allowance("/work/x", "ls *", 2)).unwrap();
    assert_ne!(later, id);
    assert!(
        !store.revoke(id).unwrap(),
        "an old number took a later allowance back"
    );
    assert_eq!(patterns(&store).len(), 1);
}

#[test]
fn of_several_that_are_allowed_at_once_all_hold_or_none() {
    let (_folder, store) = store();
    let rules = ["ls *", "cat *", "ls *"].map(|pattern| allowance("/work/x", pattern, 1));
    let told = store.allow_all(&rules).unwrap();
    assert_eq!(told, store.allowances().unwrap());
    assert_eq!(told.len(), 2, "what is allowed already stays as it was");
    let too_long = allowance("/work/x", &"x".repeat(PATTERN_LIMIT + 1), 2);
    let rules = [allowance("/work/x", "git *", 2), too_long];
    assert!(store.allow_all(&rules).is_err());
    assert_eq!(store.allowances().unwrap(), told, "a part of them holds");
}

#[test]
fn allowances_are_bounded_in_number_and_length() {
    let (_folder, store) = store();
    let longest = NewAllowance {
        origin: "x".repeat(ORIGIN_LIMIT),
        ..allowance("/work/x", &"x".repeat(PATTERN_LIMIT), 1)
    };
    let id = store.allow(&longest).unwrap();
    for too_long in [
        NewAllowance {
            origin: "x".repeat(ORIGIN_LIMIT + 1),
            ..longest.clone()
        },
        NewAllowance {
            pattern: "x".repeat(PATTERN_LIMIT + 1),
            ..longest.clone()
        },
    ] {
        let refused = store.allow(&too_long);
        assert!(matches!(refused, Err(StoreError::TooLong { .. })), "{refused:?}");
    }

    for number in 1..ALLOWANCE_LIMIT {
        store
            .allow(&allowance("/work/x", &number.to_string(), 1))
            .unwrap();
    }
    let error = store.allow(&allowance("/work/y", "one too many", 1)).unwrap_err();
    assert!(matches!(error, StoreError::TooMany { .. }), "{error:?}");
    assert!(error.to_string().contains("2000 allowances"), "{error}");
    assert_eq!(
        store.allow(&longest).unwrap(),
        id,
        "what is there already can be allowed again"
    );
    assert_eq!(patterns(&store).len(), ALLOWANCE_LIMIT as usize);
    store.revoke(id).unwrap();
    store.allow(&allowance("/work/y", "there is room", 1)).unwrap();
}

#[test]
fn a_folder_is_unboxed_until_that_is_taken_back() {
    let (_folder, store) = store();
    assert!(store.unboxed_folders().unwrap().is_empty());
    for path in ["/work/y", "/work/x", "/work/y"] {
        store.set_unboxed(path, Some(1)).unwrap();
    }
    assert_eq!(store.unboxed_folders().unwrap(), ["/work/x", "/work/y"]);
    for path in ["/work", "/work/x/", "/work/X", "%"] {
        store.set_unboxed(path, None).unwrap();
    }
    store.set_unboxed("/work/y", None).unwrap();
    assert_eq!(store.unboxed_folders().unwrap(), ["/work/x"]);
}

#[test]
fn a_forgotten_folder_takes_along_what_was_allowed_in_it_and_nothing_else() {
    let (_folder, store) = store();
    for path in ["/work/x", "/work/x/y"] {
        store
            .grant_folder(&FolderGrant {
                path: path.to_owned(),
                label: "x".to_owned(),
                kind: FolderKind::Project,
                granted_at: 1,
                last_used: 1,
            })
            .unwrap();
        store.allow(&allowance(path, "ls *", 1)).unwrap();
        store.allow(&allowance(path, "git *", 1)).unwrap();
        store.set_unboxed(path, Some(1)).unwrap();
    }
    store.allow(&allowance("/work/never granted", "ls *", 1)).unwrap();
    store.set_unboxed("/work/never granted", Some(1)).unwrap();

    assert!(store.forget_folder("/work/x").unwrap());
    assert!(!store.forget_folder("/work/never granted").unwrap());
    assert_eq!(
        patterns(&store),
        named([("/work/x/y", "git *"), ("/work/x/y", "ls *")])
    );
    assert_eq!(store.unboxed_folders().unwrap(), ["/work/x/y"]);
}

#[test]
fn what_was_allowed_outlives_the_session_that_asked() {
    let (_folder, store) = store();
    store.allow(&allowance("/work/x", "ls *", 1)).unwrap();
    store.remove_session("s").unwrap();
    assert_eq!(patterns(&store).len(), 1);
}

#[test]
fn a_rule_of_a_thread_stands_beside_the_same_rule_of_its_folder_and_goes_with_the_thread() {
    let (_folder, store) = store();
    let of_thread = NewAllowance {
        only_in: Some("s".to_owned()),
        ..allowance("/work/x", "ls *", 1)
    };
    let first = store.allow(&of_thread).unwrap();
    let second = store.allow(&allowance("/work/x", "ls *", 2)).unwrap();
    assert_ne!(first, second);
    assert_eq!(store.allow(&of_thread).unwrap(), first, "it is there already");
    let kept = store.allowances().unwrap();
    assert_eq!(kept[1].only_in.as_deref(), Some("s"));
    assert_eq!(kept[0].only_in, None);
    store.remove_session("s").unwrap();
    let left: Vec<_> = store.allowances().unwrap().iter().map(|rule| rule.id).collect();
    assert_eq!(left, [second]);
}

#[test]
fn a_thread_has_so_many_rules_of_its_own_and_no_more() {
    let (_folder, store) = store();
    let of_thread = |number: u32| NewAllowance {
        only_in: Some("s".to_owned()),
        ..allowance("/work/x", &number.to_string(), 1)
    };
    for number in 0..THREAD_ALLOWANCE_LIMIT {
        store.allow(&of_thread(number)).unwrap();
    }
    let refused = store.allow(&of_thread(THREAD_ALLOWANCE_LIMIT));
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
    store.allow(&allowance("/work/x", "of the folder", 1)).unwrap();
}

#[test]
fn how_often_a_rule_answered_is_counted_and_comes_back_with_it() {
    let (_folder, store) = store();
    let id = store.allow(&allowance("/work/x", "ls *", 1)).unwrap();
    store.allowances_used(&[id, 999], 5).unwrap();
    store.allowances_used(&[id], 7).unwrap();
    let kept = store.allowances().unwrap().remove(0);
    assert_eq!((kept.uses, kept.last_used), (2, Some(7)));

    store.revoke(id).unwrap();
    store.give_back(&kept).unwrap();
    assert_eq!(store.allowances().unwrap(), std::slice::from_ref(&kept));
    // One that was given anew meanwhile stays as it is.
    store.revoke(id).unwrap();
    let anew = store.allow(&allowance("/work/x", "ls *", 9)).unwrap();
    assert_ne!(anew, id);
    store.give_back(&kept).unwrap();
    let left: Vec<_> = store.allowances().unwrap().iter().map(|rule| rule.id).collect();
    assert_eq!(left, [anew]);
}
