//! Making the database ready.

use cowork_cloud_store::{Migrated, Options, Store, StoreError};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::place::{NOW, Place, on_both};

pub(crate) async fn change(place: &Place, statement: &str) {
    sqlx::any::install_default_drivers();
    let mut address = place.options.address.clone();
    if address.starts_with("sqlite:") {
        address = address.replace(' ', "%20");
    }
    let mut connection = AnyConnection::connect(&address).await.unwrap();
    sqlx::query(AssertSqlSafe(statement.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

on_both! {
    async fn an_empty_database_is_refused_with_what_to_do(place) {
        let error = Store::open(&place.options).await.err().unwrap();
        assert!(matches!(error, StoreError::NotMigrated { found: 0, .. }), "{error}");
        assert!(error.to_string().contains("open-cowork-cloud migrate"));
    }

    async fn it_is_made_ready_once_by_any_number_of_processes(place) {
        let all: Vec<_> = (0..6)
            .map(|_| {
                let options: Options = place.options.clone();
                tokio::spawn(async move { Store::migrate(&options).await.unwrap() })
            })
            .collect();
        let mut from_empty = 0;
        for one in all {
            let Migrated { from, to } = one.await.unwrap();
            assert!(to > 0);
            from_empty += usize::from(from == 0);
        }
        assert_eq!(from_empty, 1);
        let store = Store::open(&place.options).await.unwrap();
        let ready = store.ready(NOW).await.unwrap();
        assert!(ready.step > 0);
        store.close().await;
        assert!(matches!(store.ready(NOW).await, Err(StoreError::Closed)));
    }

    async fn a_newer_database_is_refused(place) {
        Store::migrate(&place.options).await.unwrap();
        change(&place, "INSERT INTO steps (number, checksum) VALUES (9999, 'later')").await;
        assert!(matches!(Store::open(&place.options).await, Err(StoreError::Newer { found: 9999, .. })));
        assert!(matches!(Store::migrate(&place.options).await, Err(StoreError::Newer { found: 9999, .. })));
    }

    async fn another_history_is_refused(place) {
        Store::migrate(&place.options).await.unwrap();
        change(&place, "UPDATE steps SET checksum = 'other' WHERE number = 1").await;
        assert!(matches!(Store::open(&place.options).await, Err(StoreError::OtherHistory { step: 1 })));
        assert!(matches!(Store::migrate(&place.options).await, Err(StoreError::OtherHistory { step: 1 })));
    }

    async fn a_database_that_takes_nothing_is_not_ready(place) {
        let store = place.store().await;
        store.ready(NOW).await.unwrap();
        change(&place, "DROP TABLE readiness").await;
        assert!(store.ready(NOW + 1).await.is_err());
    }
}
