//! One process at a time owns a private home.

// They look at processes through /proc, and start shells.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::os::unix::fs::PermissionsExt as _;

use common::{bystander, claimed_home, kill_minus_nine, plan, started};
use cowork_supervisor::{ClaimError, Holder, PrivateHome};

#[test]
fn the_tree_is_closed_to_everyone_else() {
    let test = claimed_home();
    let layout = test.home.layout();
    for directory in [
        layout.root().to_owned(),
        layout.home_directory(),
        layout.config_directory(),
        layout.data_directory(),
        layout.cache_directory(),
        layout.state_directory(),
        layout.temporary_directory(),
    ] {
        let mode = directory
            .metadata()
            .expect("each directory is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{}", directory.display());
    }
}

#[test]
fn a_tree_that_was_open_is_closed_by_the_claim() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("data")).unwrap();
    for path in [directory.path().to_owned(), directory.path().join("data")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let home = PrivateHome::claim(directory.path(), Holder::App).unwrap();
    assert_eq!(
        home.layout().root().metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(
        home.layout()
            .data_directory()
            .metadata()
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
}

#[test]
fn a_second_process_is_told_who_holds_the_home() {
    let directory = tempfile::tempdir().unwrap();
    let (child, said) = bystander(&["hold", directory.path().to_str().unwrap()]);
    assert_eq!(said, "claimed");
    let conflict = PrivateHome::claim(directory.path(), Holder::App).expect_err("the home is held");
    let message = conflict.to_string();
    let ClaimError::Held { by: Some(record), .. } = conflict else {
        panic!("{conflict:?}")
    };
    assert_eq!((record.holder, record.pid), (Holder::CommandLine, child.id()));
    assert!(
        message.contains(&child.id().to_string()) && message.contains("the command line"),
        "{message}"
    );
    kill_minus_nine(child);
}

#[test]
fn a_killed_holder_holds_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (child, _) = bystander(&["hold", directory.path().to_str().unwrap()]);
    kill_minus_nine(child);
    PrivateHome::claim(directory.path(), Holder::App).expect("the lock died with its holder");
}

#[test]
fn a_conflict_is_a_conflict_whatever_the_record_says() {
    let test = claimed_home();
    let root = test.home.layout().root().to_owned();
    let record = root.join("claim.json");
    let garbage: [&[u8]; 5] = [
        b"",
        b"\xff\xfe not text",
        b"[]",
        b"{\"holder\":\"cat\",\"pid\":-1}",
        &[b'9'; 5000],
    ];
    for contents in garbage {
        std::fs::write(&record, contents).unwrap();
        let conflict = PrivateHome::claim(&root, Holder::App).expect_err("the home is held");
        assert!(
            matches!(&conflict, ClaimError::Held { by: None, .. }),
            "{conflict:?}"
        );
    }
    std::fs::remove_file(&record).unwrap();
    let conflict = PrivateHome::claim(&root, Holder::App).expect_err("the home is held");
    assert!(
        matches!(&conflict, ClaimError::Held { by: None, .. }),
        "{conflict:?}"
    );
}

#[test]
fn the_same_home_by_another_path_is_the_same_home() {
    let test = claimed_home();
    let link = test.directory.path().join("link");
    std::os::unix::fs::symlink(test.home.layout().root(), &link).unwrap();
    let conflict = PrivateHome::claim(&link, Holder::App).expect_err("the home is held");
    assert!(matches!(conflict, ClaimError::Held { .. }), "{conflict:?}");
}

#[test]
fn a_dropped_claim_frees_the_home_and_takes_its_record_along() {
    let test = claimed_home();
    let root = test.home.layout().root().to_owned();
    drop(test.home);
    assert!(!root.join("claim.json").exists());
    PrivateHome::claim(&root, Holder::CommandLine).expect("the home is free");
}

/// A child that was forked and not yet replaced by its program shares the lock of a holder that was killed meanwhile.
#[test]
fn what_a_dead_holder_left_behind_is_waited_for_and_a_living_one_is_not() {
    let test = claimed_home();
    let root = test.home.layout().root().to_owned();
    let mut gone = std::process::Command::new("true").spawn().unwrap();
    let dead = gone.id();
    gone.wait().unwrap();
    let record = root.join("claim.json");
    let said = std::fs::read_to_string(&record).unwrap();
    let ours = format!("\"pid\":{}", std::process::id());
    assert!(said.contains(&ours), "{said}");
    std::fs::write(&record, said.replace(&ours, &format!("\"pid\":{dead}"))).unwrap();
    let waiting = std::thread::spawn({
        let root = root.clone();
        move || PrivateHome::claim(&root, Holder::App)
    });
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert!(!waiting.is_finished(), "it waits for what is dying");
    drop(test.home);
    let home = waiting.join().unwrap().expect("it is gone by now");
    let conflict = PrivateHome::claim(&root, Holder::App).expect_err("the home is held");
    assert!(matches!(conflict, ClaimError::Held { .. }), "{conflict:?}");
    drop(home);
}

#[tokio::test]
async fn a_home_is_not_given_away_under_a_living_engine() {
    let test = claimed_home();
    let root = test.home.layout().root().to_owned();
    let running = started(&test.home, &plan("healthy")).await;
    drop(test.home);
    let conflict = PrivateHome::claim(&root, Holder::CommandLine).expect_err("an engine lives there");
    assert!(matches!(conflict, ClaimError::Held { .. }), "{conflict:?}");
    running.stop().await.unwrap();
    PrivateHome::claim(&root, Holder::CommandLine).expect("the engine is gone");
}

#[test]
fn a_place_that_cannot_be_a_home_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = PrivateHome::claim(&file, Holder::App).expect_err("a file is no home");
    assert!(refused.to_string().contains(file.to_str().unwrap()), "{refused}");
    let data = directory.path().join("data");
    std::os::unix::fs::symlink("/tmp", &data).unwrap();
    let refused = PrivateHome::claim(directory.path(), Holder::App).expect_err("a link leads elsewhere");
    assert!(
        matches!(&refused, ClaimError::Unusable { path, .. } if path.ends_with("data")),
        "{refused:?}"
    );
}
