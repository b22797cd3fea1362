//! What an engine prints is always read, and never kept beyond the bounds.

// They look at processes through /proc, and start shells.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{FIXTURE, READY, claimed_home, fixture_invocation, plan, started, texts};
use cowork_supervisor::output::{LINE_BYTES, LINES, TOTAL_BYTES};
use cowork_supervisor::{LaunchPlan, OutputStream, ProbeAnswer};

#[tokio::test]
async fn garbage_and_invalid_text_do_not_hide_the_readiness_line() {
    let test = claimed_home();
    let running = started(&test.home, &plan("garbage")).await;
    let exit = running.stop().await.unwrap();
    let lines = exit.last_lines;
    assert!(
        lines
            .iter()
            .any(|line| line.stream == OutputStream::Stdout && line.text.ends_with("half a character"))
    );
    assert!(
        lines
            .iter()
            .any(|line| line.stream == OutputStream::Stderr && line.text.contains("\u{fffd}"))
    );
    assert!(lines.iter().any(|line| line.text.starts_with(READY)));
}

#[tokio::test]
async fn a_flood_of_100_megabytes_neither_stalls_the_engine_nor_fills_memory() {
    let test = claimed_home();
    let before = peak_memory();
    // Without a reader the engine would stall after 64 KiB and never become ready.
    let running = started(&test.home, &plan("flood:104857600")).await;
    let lines = running.recent_output();
    assert!(lines.len() <= LINES, "{} lines", lines.len());
    assert!(lines.iter().map(|line| line.text.len()).sum::<usize>() <= TOTAL_BYTES);
    assert!(running.dropped_lines() > 100_000, "the rest was let go");
    let grown = peak_memory() - before;
    assert!(grown < 32 << 20, "reading 100 MB took {grown} bytes of memory");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_line_of_ten_megabytes_is_cut() {
    let test = claimed_home();
    let running = started(&test.home, &plan("one-line:10485760")).await;
    let exit = running.stop().await.unwrap();
    let line = exit
        .last_lines
        .iter()
        .find(|line| line.text.starts_with("begin "))
        .expect("its beginning is kept");
    assert_eq!(
        line.text.find(" ["),
        Some(LINE_BYTES),
        "cut at the bound: {}",
        &line.text[LINE_BYTES..]
    );
    let all = "begin  end".len() + 10_485_760;
    assert!(
        line.text.ends_with(&format!(" [{} bytes cut]", all - LINE_BYTES)),
        "{}",
        &line.text[LINE_BYTES..]
    );
}

#[tokio::test]
async fn no_secret_is_kept() {
    let test = claimed_home();
    let plan = LaunchPlan::new(
        FIXTURE,
        READY,
        fixture_invocation("says-password"),
        async |_| {
            Ok(ProbeAnswer {
                version: "any".to_owned(),
            })
        },
        |line| line.replace("listening", "[hidden]"),
    );
    let running = started(&test.home, &plan).await;
    let password = running.address().password.expose().to_owned();
    let exit = running.stop().await.unwrap();
    let texts = texts(&exit.last_lines);
    assert!(texts.contains(&"the password is [engine password]"), "{texts:?}");
    assert!(
        texts.iter().any(|text| text.starts_with("fixture [hidden] on")),
        "the plan's redaction applies: {texts:?}"
    );
    assert!(
        !format!("{running:?} {exit:?} {:?}", running.address()).contains(&password),
        "nor does Debug show it"
    );
}

/// The most memory that this process ever had in use, in bytes.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}
