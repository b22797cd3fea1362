//! Secrets without their values, and what went to providers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod store;
}

use cowork_store::{SEALED_LIMIT, SECRETS_LIMIT, SecretRecord, Store, StoreError, USAGE_DAYS, UsageCounts};
use support::store::store;

const DAY: i64 = 86_400_000;

fn secret(name: &str, sealed: Option<&[u8]>) -> SecretRecord {
    SecretRecord {
        name: name.to_owned(),
        kept: if sealed.is_some() { "sealed" } else { "keychain" }.to_owned(),
        hint: "sk-…abcd".to_owned(),
        sealed: sealed.map(<[u8]>::to_vec),
        created: 1,
        changed: 1,
    }
}

#[test]
fn secrets_are_listed_replaced_resealed_and_removed() {
    let (_folder, store) = store();
    store.put_secret(&secret("b", Some(b"one"))).unwrap();
    store.put_secret(&secret("a", None)).unwrap();
    let names = |store: &Store| -> Vec<_> {
        let all = store.secrets().unwrap();
        all.into_iter().map(|secret| secret.name).collect()
    };
    assert_eq!(names(&store), ["a", "b"]);

    let later = SecretRecord {
        created: 9,
        changed: 9,
        ..secret("b", Some(b"two"))
    };
    store.put_secret(&later).unwrap();
    let found = store.secret("b").unwrap().unwrap();
    assert_eq!((found.created, found.changed), (1, 9));
    assert_eq!(found.sealed.as_deref(), Some(b"two".as_slice()));

    // What is not sealed here, and what is gone, is not touched.
    let resealed = ["a", "b", "gone"].map(|name| (name.to_owned(), b"three".to_vec()));
    store.reseal_secrets(&resealed).unwrap();
    assert_eq!(store.secret("a").unwrap().unwrap().sealed, None);
    assert_eq!(
        store.secret("b").unwrap().unwrap().sealed.as_deref(),
        Some(b"three".as_slice())
    );
    assert_eq!(names(&store), ["a", "b"]);

    let large = [
        ("b".to_owned(), b"four".to_vec()),
        ("b".to_owned(), vec![0; SEALED_LIMIT + 1]),
    ];
    assert!(matches!(
        store.reseal_secrets(&large),
        Err(StoreError::TooLong { .. })
    ));
    assert_eq!(
        store.secret("b").unwrap().unwrap().sealed.as_deref(),
        Some(b"three".as_slice()),
        "all or none"
    );
    assert!(store.remove_secret("b").unwrap());
    assert!(!store.remove_secret("b").unwrap());
    assert_eq!(store.secret("b").unwrap(), None);
}

#[test]
fn no_more_secrets_are_remembered_than_a_person_can_have() {
    let (_folder, store) = store();
    for number in 0..SECRETS_LIMIT {
        store.put_secret(&secret(&number.to_string(), None)).unwrap();
    }
    assert!(matches!(
        store.put_secret(&secret("more", None)),
        Err(StoreError::TooMany { .. })
    ));
    store.put_secret(&secret("7", Some(b"replaced"))).unwrap();
}

#[test]
fn a_secret_s_record_does_not_print_what_it_holds() {
    let printed = format!("{:?}", secret("a", Some(b"sealed bytes")));
    assert!(!printed.contains("abcd") && !printed.contains("115"), "{printed}");
}

#[test]
fn usage_adds_up_by_provider_and_old_days_go() {
    let (_folder, store) = store();
    let once = UsageCounts {
        requests: 2,
        failures: 1,
        bytes_up: 10,
        bytes_down: 20,
    };
    store.add_usage("a", once, 0).unwrap();
    store.add_usage("a", once, 1).unwrap();
    store.add_usage("a", once, DAY).unwrap();
    store.add_usage("b", once, DAY).unwrap();
    let of = |store: &Store, name: &str| {
        let all = store.usage().unwrap();
        all.into_iter().find(|(provider, _)| provider == name).unwrap().1
    };
    assert_eq!(of(&store, "a").requests, 6);
    assert_eq!(of(&store, "b"), once);
    store.add_usage("b", once, (USAGE_DAYS + 1) * DAY).unwrap();
    assert_eq!(of(&store, "a").requests, 2, "the first day is too old");
    assert_eq!(of(&store, "b").bytes_down, 40);
}
