//! Beginning anew in the place of a damaged file, wherever it is cut off.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub(crate) mod allowance;
    pub(crate) mod session;
}

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cowork_store::{
    Facets, FolderGrant, FolderKind, NewAuditRow, Opened, Pairing, PairingState, SharedThread, Store,
};
use rusqlite::Connection;
use support::allowance::allowance;
use tempfile::TempDir;

const NOW: i64 = 1_790_000_000_000;
/// Names the database that a process of its own begins anew, to be ended meanwhile.
const TO_REBUILD: &str = "COWORK_TEST_REBUILD";

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/cowork.db");
    (folder, path)
}

fn open(path: &Path) -> (Store, Opened) {
    Store::open(path, NOW).unwrap()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

/// Where a page lies in the file.
fn page_range(page: u32) -> std::ops::Range<usize> {
    let end = usize::try_from(page).unwrap() * 4096;
    end - 4096..end
}

/// What only the person can give: of each kind something.
fn fill(store: &Store) {
    store
        .grant_folder(&FolderGrant {
            path: "/work/x".to_owned(),
            label: "x".to_owned(),
            kind: FolderKind::Project,
            granted_at: 1,
            last_used: 1,
        })
        .unwrap();
    store.set_setting("dark", &true).unwrap();
    store.set_draft("s", "a draft").unwrap();
    store.upsert_session(&support::session::session("s")).unwrap();
    store.set_tags("s", &["later".to_owned()]).unwrap();
    store
        .save_search_filter("Mine", "key", &Facets::default(), 1)
        .unwrap();
    store.allow(&allowance("/work/x", "ls *", 6)).unwrap();
}

/// That all of it is there, and nothing that widens rights.
fn assert_filled(store: &Store) {
    assert_eq!(store.folders().unwrap().len(), 1);
    assert_eq!(store.setting("dark").unwrap(), Some(true));
    assert_eq!(store.draft("s").unwrap().as_deref(), Some("a draft"));
    assert_eq!(store.session("s").unwrap().unwrap().0.tags, ["later"]);
    assert_eq!(store.tags().unwrap(), [("later".to_owned(), 1)]);
    assert_eq!(store.search_filters().unwrap()[0].name, "Mine");
    assert_eq!(store.allowances().unwrap(), []);
}

/// A database that is found damaged when it is opened, with everything of [`fill`] to be read.
fn damaged(path: &Path) {
    let (store, _) = open(path);
    fill(&store);
    for number in 0..200 {
        store
            .upsert_session(&support::session::session(&format!(
                "filler {number} {}",
                "x".repeat(3_000)
            )))
            .unwrap();
    }
    drop(store);
    let raw = Connection::open(path).unwrap();
    // A page that only an index uses: what is in the tables can be read.
    let page: u32 = raw
        .query_row(
            "SELECT max(pageno) FROM dbstat WHERE name = 'sessions_to_narrow'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    raw.close().unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[page_range(page)].fill(0xff);
    fs::write(path, &bytes).unwrap();
}

fn assert_begun_anew(opened: &Opened, bytes: &[u8]) {
    let Opened::Rebuilt { set_aside, salvage } = opened else {
        panic!("nobody is told: {opened:?}")
    };
    assert!(salvage.rows >= 6, "{salvage:?}");
    assert_eq!(
        fs::read(set_aside).unwrap(),
        bytes,
        "what is set aside is what was there"
    );
}

#[test]
fn a_cut_while_the_new_file_is_made_begins_it_again() {
    let (_folder, path) = place();
    damaged(&path);
    let bytes = fs::read(&path).unwrap();
    // Half of a file, and one of which nothing was copied yet.
    let (_other, empty) = place();
    drop(open(&empty));
    for made in [
        b"SQLite format 3\0".to_vec(),
        Vec::new(),
        fs::read(&empty).unwrap(),
    ] {
        fs::write(&path, &bytes).unwrap();
        fs::write(beside(&path, ".new"), made).unwrap();
        fs::write(beside(&path, ".new-wal"), b"half a log").unwrap();
        let (store, opened) = open(&path);
        assert_begun_anew(&opened, &bytes);
        assert_filled(&store);
        assert!(!beside(&path, ".new").exists());
        assert!(!beside(&path, ".new-wal").exists());
    }
}

#[test]
fn a_cut_between_the_renamings_is_taken_up() {
    for log_moved in [false, true] {
        let (_folder, path) = place();
        damaged(&path);
        let bytes = fs::read(&path).unwrap();
        let (store, opened) = open(&path);
        let Opened::Rebuilt { set_aside, .. } = &opened else {
            panic!("{opened:?}")
        };
        drop(store);
        // As it was a moment before: the new file whole, and not in its place.
        fs::rename(&path, beside(&path, ".new")).unwrap();
        let log = if log_moved { set_aside } else { &path };
        fs::write(beside(log, "-wal"), b"of the damaged file").unwrap();

        let (store, again) = open(&path);
        assert_eq!(again, opened, "it is said where the damaged file is");
        assert_begun_anew(&again, &bytes);
        assert_filled(&store);
        assert_eq!(
            fs::read(beside(set_aside, "-wal")).unwrap(),
            b"of the damaged file"
        );
        assert!(!beside(&path, ".new").exists());
    }
}

#[test]
fn a_new_file_that_was_cut_before_its_tables_keeps_nothing_from_being_begun() {
    let (_other, empty) = place();
    drop(open(&empty));
    let whole = fs::read(&empty).unwrap();
    for made in [Vec::new(), whole[..16].to_vec(), whole[..4096].to_vec()] {
        let (_folder, path) = place();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // The damaged one was taken away by somebody.
        fs::write(beside(&path, ".new"), made).unwrap();
        let (store, opened) = open(&path);
        assert_eq!(opened, Opened::Fresh);
        fill(&store);
    }
}

#[test]
fn a_pairing_is_not_read_out_of_a_damaged_file_and_its_audit_is() {
    let (_folder, path) = place();
    let (store, _) = open(&path);
    let pairing = Pairing {
        id: "pairing_1".to_owned(),
        device: "device_1".to_owned(),
        broker: "https://cloud.example.com".to_owned(),
        label: "Desk".to_owned(),
        policy: "{}".to_owned(),
        state: PairingState::Paired,
        paused: false,
        past_proxy: false,
        expires: None,
        created: 1,
        changed: 1,
        last_answer: None,
        claimed: 0,
    };
    store.put_pairing(&pairing).unwrap();
    store.share_folders("pairing_1", &["/work/x".to_owned()]).unwrap();
    let thread = SharedThread {
        session: "s".to_owned(),
        from_afar: false,
        shared_at: 1,
    };
    store.share_thread("pairing_1", &thread).unwrap();
    let row = NewAuditRow {
        pairing: "pairing_1".to_owned(),
        label: "Desk".to_owned(),
        action: "pairing.created".to_owned(),
        who: None,
        detail: String::new(),
        at: 1,
    };
    store.add_audit(&[row]).unwrap();
    drop(store);
    damaged(&path);
    let (store, opened) = open(&path);
    assert!(matches!(opened, Opened::Rebuilt { .. }), "{opened:?}");
    assert_filled(&store);
    assert_eq!(store.pairings().unwrap(), []);
    assert_eq!(store.shared_folders("pairing_1").unwrap(), Vec::<String>::new());
    assert_eq!(store.shared_threads("pairing_1").unwrap(), []);
    let audit = store.audit(Some("pairing_1"), None, 10).unwrap();
    assert_eq!(audit.len(), 1);
    assert_eq!(audit[0].row.action, "pairing.created");
}

#[test]
fn it_is_said_at_each_start_until_the_person_was_told() {
    let (_folder, path) = place();
    damaged(&path);
    let bytes = fs::read(&path).unwrap();
    for _ in 0..2 {
        let (store, opened) = open(&path);
        assert_begun_anew(&opened, &bytes);
        assert_filled(&store);
    }
    let (store, _) = open(&path);
    store.told_of_rebuild().unwrap();
    drop(store);
    let (store, opened) = open(&path);
    assert_eq!(opened, Opened::Existing);
    assert_filled(&store);
}

#[test]
fn what_is_only_in_the_log_of_a_damaged_file_is_taken_over() {
    let (_folder, path) = place();
    damaged(&path);
    let (_other, live) = place();
    fs::create_dir_all(live.parent().unwrap()).unwrap();
    fs::copy(&path, &live).unwrap();
    let raw = Connection::open(&live).unwrap();
    raw.execute(
        "INSERT INTO drafts (session, text) VALUES ('logged', 'in the log')",
        [],
    )
    .unwrap();
    // As a killed process leaves it.
    for suffix in ["", "-wal"] {
        fs::copy(beside(&live, suffix), beside(&path, suffix)).unwrap();
    }
    let (store, opened) = open(&path);
    assert!(matches!(opened, Opened::Rebuilt { .. }), "{opened:?}");
    assert_eq!(store.draft("logged").unwrap().as_deref(), Some("in the log"));
    assert_filled(&store);
}

#[test]
fn a_damaged_file_of_an_older_version_gives_what_it_has() {
    let (_folder, path) = place();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(include_str!("version_1.sql")).unwrap();
    let page: u32 = raw
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'outbox_sent'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    raw.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[page_range(page)].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    let (store, opened) = open(&path);
    let Opened::Rebuilt { salvage, .. } = &opened else {
        panic!("{opened:?}")
    };
    assert!(salvage.whole, "{salvage:?}");
    assert_eq!(
        store.providers().unwrap().len(),
        1,
        "what has a new column since is there"
    );
    assert_eq!(store.draft("ses_1").unwrap().as_deref(), Some("a draft"));
    assert!(store.outbox_prompt("msg_1").unwrap().is_some());
}

/// A database beyond what is checked before it is used, with damage in its middle.
fn damaged_and_large(path: &Path) {
    let (store, _) = open(path);
    fill(&store);
    for number in 0..200 {
        store.set_draft(&number.to_string(), &"x".repeat(60_000)).unwrap();
    }
    drop(store);
    let mut bytes = fs::read(path).unwrap();
    assert!(bytes.len() > 9 * 1024 * 1024);
    // Whole pages of other text, as a disk that lost some writes leaves them.
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 400_000].fill(0xff);
    fs::write(path, &bytes).unwrap();
}

#[test]
fn a_large_damaged_file_is_found_out_beside_and_begun_anew_while_the_app_runs() {
    let (_folder, path) = place();
    damaged_and_large(&path);
    let (store, opened) = open(&path);
    assert_eq!(
        opened,
        Opened::Existing,
        "the first picture waits for no long check"
    );
    assert!(!store.is_sound().unwrap());
    let other = store.clone();
    let rebuilt = store.rebuild(NOW).unwrap();
    assert!(rebuilt.set_aside.exists());
    assert!(!rebuilt.salvage.whole);
    // What could be read is there, to every handle; what widens rights is not.
    assert_filled(&other);
    assert!(other.draft("0").unwrap().is_some());
    assert!(other.is_sound().unwrap());
    other.set_draft("new", "works").unwrap();
    drop((store, other));
    let (store, opened) = open(&path);
    assert!(matches!(opened, Opened::Rebuilt { .. }), "nobody was told yet");
    assert_eq!(store.draft("new").unwrap().as_deref(), Some("works"));
    store.told_of_rebuild().unwrap();
    drop(store);
    assert_eq!(open(&path).1, Opened::Existing);
}

/// Not a test by itself: what the next one starts, to be ended at any moment.
#[test]
fn begins_a_named_database_anew() {
    if let Some(path) = std::env::var_os(TO_REBUILD) {
        let (store, _) = open(Path::new(&path));
        if !store.is_sound().unwrap() {
            store.rebuild(NOW).unwrap();
        }
    }
}

#[test]
fn nothing_is_lost_and_the_person_is_told_whenever_the_process_is_killed() {
    let (_folder, template) = place();
    damaged_and_large(&template);
    for round in 0..12 {
        let (_folder, path) = place();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(&template, &path).unwrap();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "begins_a_named_database_anew"])
            .env(TO_REBUILD, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(10 * round));
        process.kill().unwrap();
        process.wait().unwrap();
        let (store, opened) = open(&path);
        if opened == Opened::Existing {
            assert!(!store.is_sound().unwrap(), "begun anew, and nobody is told");
            store.rebuild(NOW).unwrap();
        }
        assert_filled(&store);
        assert!(store.draft("0").unwrap().is_some());
        assert!(store.is_sound().unwrap());
    }
}
