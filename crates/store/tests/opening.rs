//! The file, in whatever state it is found.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod allowance;
    pub(crate) mod document;
    pub(crate) mod session;
    pub(crate) mod store;
}

use std::fs;
use std::path::{Path, PathBuf};

use cowork_store::{
    DeliveryState, FolderKind, JournalChunk, JournalKind, Opened, Options, SCHEMA_VERSION, Store, StoreError,
};
use rusqlite::Connection;
use support::allowance::allowance;
use tempfile::TempDir;

const NOW: i64 = 1_790_000_000_000;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/cowork.db");
    (folder, path)
}

fn open(path: &Path) -> (Store, Opened) {
    Store::open(path, NOW).unwrap()
}

#[test]
fn a_fresh_database_takes_every_step_and_is_found_again() {
    let (_folder, path) = place();
    let (store, opened) = open(&path);
    assert_eq!(opened, Opened::Fresh);
    store.set_draft("s", "kept").unwrap();
    drop(store);

    let (store, opened) = open(&path);
    assert_eq!(opened, Opened::Existing);
    assert_eq!(store.draft("s").unwrap().as_deref(), Some("kept"));
    let raw = Connection::open(&path).unwrap();
    let version: i64 = raw
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, SCHEMA_VERSION);
    let mode: String = raw
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
}

/// A database as the first version left it.
fn make_version_1(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let raw = Connection::open(path).unwrap();
    raw.execute_batch(include_str!("version_1.sql")).unwrap();
    raw.close().unwrap();
}

/// Every table and index by name, with the words it was made with.
fn schema(path: &Path) -> Vec<(String, Option<String>)> {
    let raw = Connection::open(path).unwrap();
    let mut statement = raw
        .prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_database_of_version_1_keeps_its_rows_and_takes_the_missing_step() {
    let (_folder, path) = place();
    make_version_1(&path);

    let (store, opened) = open(&path);
    assert_eq!(opened, Opened::Existing);
    let sessions = store.list_sessions(10).unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!((sessions[0].title.as_str(), sessions[0].updated), ("A title", 2));
    assert_eq!(sessions[0].mark.as_deref(), Some("interrupted"));
    let family = store.family("ses_1").unwrap();
    assert!(
        family
            .iter()
            .any(|session| session.parent.as_deref() == Some("ses_1"))
    );
    let folders = store.folders().unwrap();
    assert_eq!((folders[0].kind, folders[0].granted_at), (FolderKind::Project, 3));
    assert_eq!(store.setting("dark").unwrap(), Some(true));
    assert_eq!(store.draft("ses_1").unwrap().as_deref(), Some("a draft"));
    let prompt = store.outbox_prompt("msg_1").unwrap().unwrap();
    assert_eq!(
        (prompt.state, prompt.error.as_deref()),
        (DeliveryState::Failed, Some("no engine"))
    );
    let provider = &store.providers().unwrap()[0];
    assert!(provider.consent);
    assert_eq!(provider.details, serde_json::json!({}));
    assert_eq!(store.secrets().unwrap(), []);
    assert_eq!(store.usage().unwrap(), []);

    assert_eq!(store.journal_of("ses_1").unwrap(), []);
    assert_eq!(store.allowances().unwrap(), []);
    assert!(store.unboxed_folders().unwrap().is_empty());
    let chunk = JournalChunk {
        session: "ses_1".to_owned(),
        message: "msg_2".to_owned(),
        part: "prt_1".to_owned(),
        kind: JournalKind::Text,
        at: 0,
        text: "so".to_owned(),
    };
    store.journal_append(&[chunk], 6).unwrap();
    store.allow(&allowance("/work/x", "ls *", 6)).unwrap();
    store.set_unboxed("/work/x", Some(6)).unwrap();
    drop(store);

    let (_folder, fresh) = place();
    open(&fresh);
    assert_eq!(
        schema(&path),
        schema(&fresh),
        "an old database is not what a new one is"
    );
    let (store, opened) = open(&path);
    assert_eq!(opened, Opened::Existing);
    assert_eq!(store.journal_of("ses_1").unwrap().len(), 1);
    assert_eq!(store.allowances().unwrap().len(), 1);
    assert_eq!(store.unboxed_folders().unwrap(), ["/work/x"]);
}

#[test]
fn an_empty_file_is_a_fresh_database() {
    let (_folder, path) = place();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "").unwrap();
    assert_eq!(open(&path).1, Opened::Fresh);
}

#[test]
fn a_file_of_garbage_is_set_aside_and_a_new_one_begun() {
    let (_folder, path) = place();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut names = Vec::new();
    for garbage in [
        &b"this is not a database, whatever its name says"[..],
        &[0; 8192],
        &[b'x'; 10_000],
        b"SQ",
    ] {
        fs::write(&path, garbage).unwrap();
        let (store, opened) = open(&path);
        let Opened::Rebuilt { set_aside, .. } = opened else {
            panic!("garbage was found to be {opened:?}")
        };
        assert_eq!(
            fs::read(&set_aside).unwrap(),
            garbage,
            "what was set aside must be what was there"
        );
        assert!(set_aside.to_string_lossy().contains(".corrupt-1790000000000"));
        store.set_draft("s", "works").unwrap();
        drop(store);
        fs::remove_file(&path).unwrap();
        names.push(set_aside);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 4, "one damaged file replaced another");
}

#[test]
fn a_file_damaged_in_the_middle_is_set_aside() {
    let (_folder, path) = place();
    let (store, _) = open(&path);
    for number in 0..200 {
        store.set_draft(&number.to_string(), &"x".repeat(1000)).unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    assert!(
        matches!(open(&path).1, Opened::Rebuilt { .. }),
        "the damage was not noticed"
    );
}

#[test]
fn a_newer_versions_file_is_refused_and_left_as_it_is() {
    let (_folder, path) = place();
    open(&path);
    let raw = Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", SCHEMA_VERSION + 7)
        .unwrap();
    raw.close().unwrap();
    let before = fs::read(&path).unwrap();

    let error = Store::open(&path, NOW).unwrap_err();
    assert!(
        matches!(&error, StoreError::NewerSchema { found, .. } if *found == SCHEMA_VERSION + 7),
        "{error:?}"
    );
    assert!(error.to_string().contains("update the app"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_folder_that_cannot_be_made_is_named_with_what_to_check() {
    let (folder, _) = place();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&file.join("data/cowork.db"), NOW).unwrap_err();
    assert!(matches!(error, StoreError::Folder { .. }), "{error:?}");
    assert!(error.to_string().contains("can be written to"), "{error}");
}

#[test]
fn a_folder_in_the_files_place_is_named() {
    let (_folder, path) = place();
    fs::create_dir_all(&path).unwrap();
    let error = Store::open(&path, NOW).unwrap_err();
    assert!(matches!(error, StoreError::NotWritable { .. }), "{error:?}");
    assert!(error.to_string().contains("cowork.db"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named_with_what_to_check() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = place();
    let data = path.parent().unwrap();
    fs::create_dir_all(data).unwrap();
    fs::set_permissions(data, fs::Permissions::from_mode(0o500)).unwrap();
    // The administrator may write anywhere, so for such a test run the database simply opens.
    let writable = fs::write(data.join("probe"), "").is_ok();
    let opened = Store::open(&path, NOW);
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).unwrap();
    match opened {
        Ok(_) => assert!(writable, "a read-only folder was written to"),
        Err(error) => {
            assert!(!writable, "a writable folder was refused: {error}");
            assert!(error.to_string().contains("check the file's rights"), "{error}");
        }
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = place();
    let data = path.parent().unwrap();
    fs::create_dir_all(data).unwrap();
    fs::set_permissions(data, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();

    let (store, _) = open(&path);
    store.set_draft("s", "x").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(data), 0o700);
    for entry in fs::read_dir(data).unwrap() {
        let file = entry.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_full_database_says_so_and_loses_nothing_that_was_committed() {
    let (_folder, path) = place();
    let options = Options {
        size_limit: 512 * 1024,
    };
    let (store, _) = Store::open_with(&path, NOW, options).unwrap();
    let text = "x".repeat(10_000);
    let mut kept = 0;
    let error = loop {
        match store.set_draft(&kept.to_string(), &text) {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 1000, "the bound did not hold");
    };
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert!(error.to_string().contains("free some space"), "{error}");
    for number in 0..kept {
        assert_eq!(store.draft(&number.to_string()).unwrap().as_ref(), Some(&text));
    }
    drop(store);

    let (store, opened) = Store::open_with(&path, NOW, options).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(
        store.draft(&(kept - 1).to_string()).unwrap().as_ref(),
        Some(&text)
    );
    store.set_draft("0", "").unwrap();
    store.set_draft("0", "there is room again").unwrap();
}

#[test]
fn what_is_committed_survives_the_death_of_the_process() {
    let (_folder, path) = place();
    let (store, _) = open(&path);
    store.set_draft("s", "kept").unwrap();
    // As a killed process leaves it: the log not yet merged into the file, nothing closed.
    let copy = tempfile::tempdir().unwrap();
    let copied = copy.path().join("data/cowork.db");
    fs::create_dir_all(copied.parent().unwrap()).unwrap();
    for suffix in ["", "-wal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        fs::copy(name(&path), name(&copied)).unwrap();
    }
    let (found, opened) = open(&copied);
    assert_eq!(opened, Opened::Existing);
    assert_eq!(found.draft("s").unwrap().as_deref(), Some("kept"));
}

#[test]
fn many_hands_on_one_file_lose_nothing() {
    let (_folder, path) = place();
    let (store, _) = open(&path);
    std::thread::scope(|scope| {
        for hand in 0..4 {
            // Two on the same handle, two as another process would come.
            let store = if hand % 2 == 0 {
                store.clone()
            } else {
                Store::open(&path, NOW).unwrap().0
            };
            scope.spawn(move || {
                for number in 0..100 {
                    store.set_draft(&format!("{hand}-{number}"), "x").unwrap();
                    store.list_sessions(5).unwrap();
                }
            });
        }
    });
    for hand in 0..4 {
        for number in 0..100 {
            assert!(
                store.draft(&format!("{hand}-{number}")).unwrap().is_some(),
                "{hand}-{number} was lost"
            );
        }
    }
}

#[test]
fn a_sound_file_is_sound() {
    let (_folder, path) = place();
    let (store, _) = open(&path);
    store.set_draft("s", "kept").unwrap();
    assert!(store.is_sound().unwrap());
}

#[test]
fn titles_of_sessions_from_before_there_was_an_index_are_found_and_their_messages_are_to_be_read() {
    let (_folder, path) = place();
    make_version_1(&path);
    let (store, _) = open(&path);
    let search = cowork_store::Search {
        text: "title".to_owned(),
        limit: 10,
        now: NOW,
        ..cowork_store::Search::default()
    };
    let answer = store.search(&search).unwrap();
    assert_eq!(answer.hits[0].session.id, "ses_1");
    assert_eq!(answer.facets.folders[0].value, "/work/x");
    assert_eq!(store.sessions_to_index(10).unwrap().len(), 2);
}

/// How many threads have a word.
fn found(store: &Store, text: &str) -> u32 {
    let search = cowork_store::Search {
        text: text.to_owned(),
        limit: 10,
        now: NOW,
        ..cowork_store::Search::default()
    };
    store.search(&search).unwrap().found
}

#[test]
fn readers_wait_for_no_writer_and_no_writer_for_them() {
    let (folder, store) = support::store::store();
    store.upsert_session(&support::session::session("s")).unwrap();
    let texts: Vec<_> = (0..2_000)
        .map(|number| support::document::document("s", &format!("m{number}"), &"common words ".repeat(20)))
        .collect();
    store.index_messages(&texts).unwrap();
    // Somebody reads for as long as they like; who waited for them would give up after five seconds and fail.
    let raw = || Connection::open(folder.path().join("data/cowork.db")).unwrap();
    let reader = raw();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM sessions")
        .unwrap();
    store.set_draft("s", "draft").unwrap();
    assert_eq!(found(&store, "common wor"), 1);
    reader.execute_batch("COMMIT").unwrap();
    // The other way round: a writer that holds the database for as long as it likes.
    let writer = raw();
    writer
        .execute_batch("BEGIN IMMEDIATE; DELETE FROM drafts")
        .unwrap();
    assert_eq!(found(&store, "common"), 1);
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.draft("s").unwrap().as_deref(), Some("draft"));
}
