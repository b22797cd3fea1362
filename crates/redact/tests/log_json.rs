//! A log for programs: it stays valid whatever is taken out of it, and is changed while it runs.

use std::path::Path;
use std::process::Command;

use cowork_redact::log::{LogFormat, LogOptions, log_panics, start_logging};
use serde_json::Value;
use tracing::level_filters::LevelFilter;

/// Says to a run of this program that it is the one that panics, and where it logs.
const FOLDER: &str = "COWORK_TEST_LOG_FOLDER";

/// What to log so that a quote, a bracket or half an escape would go with the secret if the line were cleaned as text.
const TEXTS: &[&str] = &[
    "password=hunter2",
    "password=\"hunter2",
    "token='hunter2",
    "{\"token\":\"hunter2\",\"n\":1}",
    "{\"token\":12345678,\"password\":hunter2}",
    "-----BEGIN PRIVATE KEY-----\nhunter2",
    "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\nkept",
    "Cookie: a=\"b\"; session=hunter2",
    "Authorization: Bearer hunter2\r\nHost: x",
    "secret: \\\"hunter2\\\" \\",
    "https://me:hunter2@example.org/\u{1f511}",
    "token=\thunter2\u{7}",
    "sk-hunter2hunter2hunter2",
];

/// The lines in a folder, of which each must be valid and none hold a secret.
fn lines(folder: &Path) -> std::io::Result<Vec<Value>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)?;
        assert!(
            !text.contains("hunter2") && !text.contains("12345678"),
            "a secret is in {text}"
        );
        for line in text.lines() {
            lines.push(serde_json::from_str(line)?);
        }
    }
    Ok(lines)
}

#[test]
fn every_line_is_valid_and_clean_and_the_level_changes_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let options = LogOptions {
        level: LevelFilter::INFO,
        format: LogFormat::Json,
    };
    let (guard, control) = start_logging(folder.path(), options).unwrap();
    let home = std::env::home_dir().unwrap_or_default();
    let _span = tracing::info_span!(
        "turn",
        api_key = "hunter2",
        pin_token = 12_345_678,
        note = TEXTS[1]
    )
    .entered();
    for text in TEXTS {
        tracing::info!(error = text, debug = ?text, shown = %text, "{text}");
    }
    tracing::info!(client_secret = "hunter2", count = 7, done = true, folder = %home.join("notes").display(), "fields");
    tracing::info!("{}", format!("password=hunter2 {}", "x".repeat(100_000)));

    tracing::debug!("quiet");
    log::debug!("quiet");
    assert_eq!(control.level().unwrap(), LevelFilter::INFO);
    control.set_level(LevelFilter::DEBUG).unwrap();
    assert_eq!(control.level().unwrap(), LevelFilter::DEBUG);
    tracing::debug!("heard");
    log::debug!("heard too: token=hunter2");
    control.set_level(LevelFilter::ERROR).unwrap();
    tracing::warn!("quiet");
    drop(guard);

    let lines = lines(folder.path()).unwrap();
    assert_eq!(lines.len(), TEXTS.len() + 4, "one line for each record");
    for line in &lines[..=TEXTS.len()] {
        assert_eq!(line["span"]["name"], "turn");
        assert_eq!(line["span"]["api_key"], "[redacted]");
        assert_eq!(line["span"]["pin_token"], "[redacted]");
    }
    let fields = &lines[TEXTS.len()]["fields"];
    assert_eq!(fields["message"], "fields");
    assert_eq!(fields["client_secret"], "[redacted]");
    assert_eq!((&fields["count"], &fields["done"]), (&7.into(), &true.into()));
    if home.as_os_str().len() >= 4 {
        assert_eq!(fields["folder"].as_str().unwrap().chars().next(), Some('~'));
    }
    let cut = &lines[TEXTS.len() + 1];
    assert!(
        cut["cut_bytes"].as_u64().is_some_and(|bytes| bytes > 30_000),
        "a record that is too long says so: {:.200}",
        cut.to_string()
    );
    assert_eq!(lines[TEXTS.len() + 2]["fields"]["message"], "heard");
    assert_eq!(
        lines[TEXTS.len() + 3]["fields"]["message"],
        "heard too: token=[redacted]"
    );
}

#[test]
fn a_panic_is_logged_and_written_without_its_secret() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let options = LogOptions {
            format: LogFormat::Json,
            ..LogOptions::default()
        };
        let (guard, _control) = start_logging(Path::new(&folder), options).unwrap();
        log_panics();
        let ended = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(|| panic!("could not reach https://me:hunter2@example.org, token=\"hunter2"))
            .unwrap()
            .join();
        assert!(ended.is_err());
        drop(guard);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "a_panic_is_logged_and_written_without_its_secret",
            "--nocapture",
        ])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let written = String::from_utf8_lossy(&output.stderr);
    assert!(
        written.contains("thread worker panicked at") && written.contains("could not reach"),
        "{written}"
    );
    assert!(
        !written.contains("hunter2") && !String::from_utf8_lossy(&output.stdout).contains("hunter2"),
        "{written}"
    );
    let lines = lines(folder.path()).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (&lines[0]["level"], &lines[0]["target"]),
        (&"ERROR".into(), &"panic".into())
    );
    assert!(
        lines[0]["fields"]["message"]
            .as_str()
            .unwrap()
            .contains("could not reach")
    );
}
