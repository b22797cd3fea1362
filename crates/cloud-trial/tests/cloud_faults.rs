//! A few rounds of what `scripts/cloud-trial faults` does sixty times.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use cowork_cloud_trial::faults;
use cowork_cloud_trial::postgres::{Postgres, Safety};
use cowork_cloud_trial::server::{Plan, free_port, log_in};

/// Enough that the server dies at several moments, and with PostgreSQL that too.
const ROUNDS: u32 = 4;

fn plan(folder: &std::path::Path, database: String) -> Plan {
    let binary = std::env::var_os("COWORK_CLOUD_BINARY")
        .expect("COWORK_CLOUD_BINARY is not set: run these tests through scripts/test");
    Plan {
        binary: binary.into(),
        database,
        port: free_port().expect("a port is free"),
        log: log_in(folder),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_on_postgresql_acknowledged_takes_effect_once_whoever_dies() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let postgres = Postgres::start(Safety::Durable).expect("PostgreSQL starts");
    let database = postgres.database("trial").expect("a database can be made");
    let outcome = faults::run(&plan(folder.path(), database), Some(postgres), ROUNDS).await;
    let outcome = outcome.expect("nothing is lost and nothing happens twice");
    assert_eq!((outcome.servers, outcome.databases), (2, 2));
    assert!(outcome.acknowledged > 0 && outcome.events > 0, "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_on_sqlite_acknowledged_takes_effect_once_however_it_dies() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let database = format!("sqlite:{}", folder.path().join("cloud.db").display());
    let outcome = faults::run(&plan(folder.path(), database), None, ROUNDS).await;
    let outcome = outcome.expect("nothing is lost and nothing happens twice");
    assert_eq!((outcome.servers, outcome.databases), (ROUNDS, 0));
    assert!(outcome.acknowledged > 0 && outcome.events > 0, "{outcome}");
}
