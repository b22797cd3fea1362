//! What a fault left behind is found by the registry and ended; what is not ours is left alone.

// It looks at processes through /proc.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::process::Command;

use common::{
    bystander, claimed_home, is_alive, kill_minus_nine, plan, processes_with, started, unique_seconds,
};

fn records(registry: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(registry).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[tokio::test]
async fn each_process_has_a_record_until_it_ended() {
    let test = claimed_home();
    let registry = test.home.layout().registry_directory();
    let running = started(&test.home, &plan("healthy")).await;
    let [record] = &records(&registry)[..] else {
        panic!("one record");
    };
    let written = std::fs::read_to_string(record).unwrap();
    for part in ["process_id", "started", "command_line", "nonce", "keeper"] {
        assert!(written.contains(part), "{part} is missing in {written}");
    }
    assert!(
        !written.contains(running.address().password.expose()),
        "a record holds no secret"
    );
    running.stop().await.unwrap();
    assert!(records(&registry).is_empty());
}

/// Lets a keeper die and changes its record before the next start looks at it. How many sleepers are left after it.
async fn after_a_fault(change: impl Fn(&str) -> String) -> usize {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("engine");
    let seconds = unique_seconds();
    let behaviour = format!("leaves:orphan:{seconds}");
    let (child, _) = bystander(&["supervise", root.to_str().unwrap(), "without-box", &behaviour]);
    kill_minus_nine(child);
    assert!(processes_with(&seconds) > 0, "an escaped child survives");
    for record in records(&directory.path().join("engine-processes")) {
        let text = std::fs::read_to_string(&record).unwrap();
        std::fs::write(&record, change(&text)).unwrap();
    }
    let home = cowork_supervisor::PrivateHome::claim(&root, cowork_supervisor::Holder::App).unwrap();
    started(&home, &plan("healthy")).await.stop().await.unwrap();
    let left = processes_with(&seconds);
    Command::new("pkill")
        .args(["-9", "-f", &seconds])
        .status()
        .unwrap();
    left
}

#[tokio::test]
async fn an_orphan_that_left_the_session_is_known_by_the_nonce() {
    assert_eq!(after_a_fault(str::to_owned).await, 0);
}

#[tokio::test]
async fn a_nonce_that_is_not_the_process_s_kills_nothing() {
    let forged = |text: &str| {
        let mut record: serde_json::Value = serde_json::from_str(text).unwrap();
        record["nonce"] = "0".repeat(32).into();
        record.to_string()
    };
    assert!(after_a_fault(forged).await > 0);
}

#[tokio::test]
async fn garbage_and_empty_nonces_kill_nothing() {
    for garbage in ["", "{}", "\0\0\0"] {
        assert!(after_a_fault(|_| garbage.to_owned()).await > 0, "{garbage:?}");
    }
    let empty = |text: &str| {
        let mut record: serde_json::Value = serde_json::from_str(text).unwrap();
        record["nonce"] = "".into();
        record.to_string()
    };
    assert!(after_a_fault(empty).await > 0);
}

#[tokio::test]
async fn what_a_living_keeper_has_is_not_orphaned() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("engine");
    let (child, said) = bystander(&["supervise", root.to_str().unwrap(), "without-box", "healthy"]);
    let engine: u32 = said.split(' ').nth(1).unwrap().parse().unwrap();
    // Another home over the same registry, as if the lock had been lost.
    let other = cowork_supervisor::PrivateHome::claim(
        &directory.path().join("other"),
        cowork_supervisor::Holder::App,
    );
    started(&other.unwrap(), &plan("healthy"))
        .await
        .stop()
        .await
        .unwrap();
    assert!(is_alive(engine));
    kill_minus_nine(child);
}

#[tokio::test]
async fn a_recorded_id_that_another_program_has_now_is_left_alone() {
    let mut other = Command::new("sleep").arg("86400").spawn().unwrap();
    let id = other.id();
    let reused = move |text: &str| {
        let mut record: serde_json::Value = serde_json::from_str(text).unwrap();
        record["process"]["process_id"] = id.into();
        record.to_string()
    };
    after_a_fault(reused).await;
    assert!(is_alive(id));
    other.kill().unwrap();
    other.wait().unwrap();
}
