//! What reaches a log file.

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cowork_redact::Redactor;
use cowork_redact::log::{BoundedFile, LogFormat, RedactingMakeWriter, RedactingWriter, init_logging};
use tracing::level_filters::LevelFilter;

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_that_is_logged_goes_around_the_redactor() {
    let paper = Paper::default();
    let pen = paper.clone();
    let writer = RedactingMakeWriter::new(move || pen.clone(), Redactor::new(Some(Path::new("/home/ada"))));
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(writer)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!("turn", api_key = "hunter2").entered();
        tracing::info!(password = "hunter2", folder = ?Path::new("/home/ada/x"), "started");
        tracing::error!("engine said: Authorization: Bearer hunter2\nand more");
        tracing::warn!(error = ?Some("token=hunter2"), "failed");
        tracing::info!("-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----");
    });
    let text = paper.text();
    assert!(!text.contains("hunter2") && !text.contains("/home/ada"), "{text}");
    for kept in ["started", "engine said", "and more", "failed", "turn"] {
        assert!(text.contains(kept), "{kept} is missing from {text}");
    }
}

#[test]
fn no_debug_output_of_a_writer_shows_what_it_holds() {
    let mut writer = RedactingWriter::new(Paper::default(), Redactor::new(None));
    writer.write_all(b"password=hunter2").unwrap();
    assert!(!format!("{writer:?}").contains("hunter2"));
}

#[test]
fn a_json_record_that_is_none_becomes_one() {
    let paper = Paper::default();
    for record in [
        "password=hunter2 kept\n",
        "[\"token=hunter2\"]\n",
        "{\"cut\": \"token=hunter2\n",
    ] {
        let mut writer = RedactingWriter::with_format(paper.clone(), Redactor::new(None), LogFormat::Json);
        writer.write_all(record.as_bytes()).unwrap();
    }
    let text = paper.text();
    assert!(!text.contains("hunter2") && text.contains("kept"), "{text}");
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["message"].is_string(), "{line}");
    }
    assert_eq!(text.lines().count(), 3);
}

#[test]
fn a_secret_split_over_two_writes_is_still_one() {
    let paper = Paper::default();
    let mut writer = RedactingWriter::new(paper.clone(), Redactor::new(None));
    writer.write_all(b"password=hun").unwrap();
    writer.write_all(b"ter2 done\n").unwrap();
    drop(writer);
    assert_eq!(paper.text(), "password=[redacted] done\n");
}

#[test]
fn a_record_is_cut_where_it_is_too_long_and_says_so() {
    let paper = Paper::default();
    let mut writer = RedactingWriter::new(paper.clone(), Redactor::new(None));
    for _ in 0..100 {
        writer.write_all(&[b'x'; 1024]).unwrap();
    }
    writer.write_all(&[0xff, b'\n']).unwrap();
    drop(writer);
    let text = paper.text();
    assert!(
        text.ends_with("bytes cut\n") && text.len() < 70_000,
        "{} bytes were written",
        text.len()
    );
}

#[test]
fn a_days_file_stops_at_its_bound_with_a_line_that_says_so_and_the_next_day_begins_anew() {
    let day = Arc::new(AtomicU64::new(5));
    let today = day.clone();
    let paper = Paper::default();
    let mut file = BoundedFile::new(paper.clone(), 20, 0, move || today.load(Ordering::Relaxed));
    for _ in 0..5 {
        file.write_all(b"12345678\n").unwrap();
    }
    let text = paper.text();
    assert_eq!(text.matches("12345678").count(), 2, "{text}");
    assert_eq!(text.matches("reached its bound of 20 bytes").count(), 1, "{text}");

    day.store(6, Ordering::Relaxed);
    file.write_all(b"tomorrow\n").unwrap();
    assert!(paper.text().ends_with("tomorrow\n"));
}

#[test]
fn what_earlier_runs_of_the_day_wrote_counts() {
    let paper = Paper::default();
    let mut file = BoundedFile::new(paper.clone(), 20, 15, || 5);
    file.write_all(b"12345678\n").unwrap();
    assert!(paper.text().contains("reached its bound") && !paper.text().contains("12345678"));

    let full = Paper::default();
    BoundedFile::new(full.clone(), 20, 20, || 5)
        .write_all(b"x")
        .unwrap();
    assert_eq!(
        full.text(),
        "",
        "a start on a full day would add a line each time"
    );
}

#[test]
fn logging_writes_cleaned_lines_to_a_folder_and_starts_once() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("a/logs");
    let guard = init_logging(&logs, LevelFilter::INFO).unwrap();
    tracing::info!("password=hunter2 kept");
    tracing::debug!("not at this level");
    assert!(
        init_logging(&logs, LevelFilter::INFO).is_err(),
        "a second log would write beside the first"
    );
    drop(guard);

    let files: Vec<_> = std::fs::read_dir(&logs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let text: String = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    assert!(text.contains("password=[redacted] kept"), "{text}");
    assert!(
        !text.contains("hunter2") && !text.contains("not at this level"),
        "{text}"
    );

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&logs).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others can read the log folder");
    }
}

#[test]
fn a_log_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let message = init_logging(&file.join("logs"), LevelFilter::INFO)
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(message.contains("could not make the log folder"), "{message}");
}
