//! What the engine cannot reach from its box, tried from inside of it.

// The box is bubblewrap's, which is for Linux alone.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::{claimed_home, started, texts};
use cowork_supervisor::shelter::{Category, Shelter};
use cowork_supervisor::{Address, Containment, Invocation, LaunchPlan, ProbeAnswer, Running};

/// An engine that runs `script` before it says that it listens.
fn running_script(script: &str, shelter: Shelter) -> LaunchPlan {
    let script = format!("{script}\necho listening\nexec sleep 86400");
    let mut plan = LaunchPlan::new(
        "/bin/sh",
        "listening",
        move |address: &Address| Invocation {
            arguments: vec!["-c".into(), script.clone().into()],
            environment: [("TEST_PASSWORD".into(), address.password.expose().into())].into(),
        },
        async |_| {
            Ok(ProbeAnswer {
                version: "1".to_owned(),
            })
        },
        str::to_owned,
    );
    plan.shelter = shelter;
    plan
}

/// The engine, and what the script printed. Without a box there is nothing to try.
async fn inside(script: &str, shelter: Shelter) -> (common::TestHome, Running, String) {
    let test = claimed_home();
    let running = started(&test.home, &running_script(script, shelter)).await;
    assert_eq!(
        running.containment(),
        Containment::Box,
        "these tests need bubblewrap and user namespaces: {:?}",
        running.unboxed()
    );
    let said = texts(&running.recent_output()).join("\n");
    (test, running, said)
}

fn person() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let home = std::fs::canonicalize(directory.path()).unwrap();
    for (file, text) in [
        (".ssh/id_ed25519", "ssh secret"),
        (".aws/credentials", "cloud secret"),
        (".mozilla/firefox/logins.json", "browser secret"),
        (".local/share/keyrings/login.keyring", "ring secret"),
        (".netrc", "net secret"),
        (".gitconfig", "[user] name = Person"),
        ("app/cowork.db", "app secret"),
        ("work/notes.txt", "plain"),
    ] {
        let path = home.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("{text}\n")).unwrap();
    }
    (directory, home)
}

fn shelter(home: &Path) -> Shelter {
    Shelter {
        person_home: Some(home.to_owned()),
        app_directories: vec![home.join("app")],
        folders: vec![home.join("work")],
        ..Shelter::default()
    }
}

/// The home itself is a folder that was granted.
fn whole_home(home: &Path) -> Shelter {
    Shelter {
        folders: vec![home.to_owned()],
        ..shelter(home)
    }
}

fn read_all(home: &Path) -> String {
    format!(
        "cd {}; cat .ssh/* .aws/* .mozilla/firefox/* .local/share/keyrings/* .netrc app/* work/* 2>/dev/null",
        home.display()
    )
}

#[tokio::test]
async fn credentials_key_rings_browsers_and_the_app_s_data_cannot_be_read() {
    let (_directory, home) = person();
    for shelter in [shelter(&home), whole_home(&home)] {
        let (_test, running, said) = inside(&read_all(&home), shelter).await;
        assert_eq!(said, "plain\nlistening");
        running.stop().await.unwrap();
    }
    let kept = std::fs::read_to_string(home.join(".ssh/id_ed25519")).unwrap();
    assert_eq!(kept, "ssh secret\n", "a cover changes nothing");
}

#[tokio::test]
async fn consent_opens_its_category_and_no_other() {
    let (_directory, home) = person();
    let mut shelter = shelter(&home);
    shelter.opened = BTreeSet::from([Category::SshKeys, Category::Developer]);
    let script = format!("{}; cat ~/.gitconfig ~/.netrc", read_all(&home));
    let (_test, running, said) = inside(&script, shelter).await;
    assert_eq!(
        said,
        "ssh secret\nnet secret\nplain\n[user] name = Person\nnet secret\nlistening"
    );
    running.stop().await.unwrap();
}

#[tokio::test]
async fn settings_of_developer_tools_can_be_read_and_not_changed_also_in_a_folder_around_them() {
    let (_directory, home) = person();
    for mut shelter in [shelter(&home), whole_home(&home)] {
        shelter.opened = BTreeSet::from([Category::SshKeys, Category::Developer]);
        let script = format!(
            "exec 2> /dev/null; cd {}; cat .gitconfig; echo x >> .gitconfig || echo refused; echo x >> .netrc || echo refused; \
             echo x > .ssh/made && echo made",
            home.display()
        );
        let (_test, running, said) = inside(&script, shelter).await;
        assert!(
            said.starts_with("[user] name = Person\nrefused\nrefused\nmade\n"),
            "{said}"
        );
        running.stop().await.unwrap();
    }
    for name in [".gitconfig", ".netrc"] {
        assert!(
            !std::fs::read_to_string(home.join(name)).unwrap().contains('x'),
            "{name}"
        );
    }
}

#[tokio::test]
async fn consent_that_is_taken_back_takes_its_links_back() {
    let (_directory, home) = person();
    let test = claimed_home();
    let mut open = shelter(&home);
    open.opened.insert(Category::Developer);
    for (shelter, expected) in [(open, true), (shelter(&home), false)] {
        let running = started(&test.home, &running_script("true", shelter)).await;
        let link = test.home.layout().home_directory().join(".gitconfig");
        assert_eq!(std::fs::symlink_metadata(link).is_ok(), expected);
        running.stop().await.unwrap();
    }
}

#[tokio::test]
async fn what_stays_in_reach_of_what_is_covered_can_be_written() {
    let (_directory, home) = person();
    let mut shelter = shelter(&home);
    let sandbox = home.join("app/sandboxes");
    std::fs::create_dir(&sandbox).unwrap();
    shelter.reachable = vec![sandbox.clone()];
    let script = format!(
        "cat {}/app/cowork.db; echo made > {}/file",
        home.display(),
        sandbox.display()
    );
    let (_test, running, _) = inside(&script, shelter).await;
    assert_eq!(std::fs::read_to_string(sandbox.join("file")).unwrap(), "made\n");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn the_covers_cannot_be_taken_away() {
    let (_directory, home) = person();
    let secret = home.join(".ssh");
    let secret = secret.display();
    let script = format!(
        "umount {secret}; umount -l {secret}; unshare -Urm sh -c 'umount {secret}; cat {secret}/*'; \
         mount --bind / /mnt; cat {secret}/*; mv {secret} {secret}2; cat {secret}2/*; true"
    );
    let (_test, running, said) = inside(&script, whole_home(&home)).await;
    assert!(!said.contains("ssh secret"), "{said}");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn what_was_not_granted_is_not_there_and_the_system_cannot_be_changed() {
    let (_directory, home) = person();
    std::fs::create_dir(home.join("other")).unwrap();
    std::fs::write(home.join("other/notes.txt"), "not granted\n").unwrap();
    std::os::unix::fs::symlink(home.join("other"), home.join("work/link")).unwrap();
    let script = format!(
        "cd {}; cat work/link/notes.txt other/notes.txt; ls -A . /home /mnt /root | tr '\\n' ' '; echo; \
         echo x > /usr/bin/planted; echo x > /etc/planted; echo x > /planted; echo x >> work/notes.txt; cat work/notes.txt",
        home.display()
    );
    let (_test, running, said) = inside(&script, shelter(&home)).await;
    running.stop().await.unwrap();
    assert!(!said.contains("not granted"), "{said}");
    assert!(
        said.contains("plain\nx\n"),
        "its own folder can be changed: {said}"
    );
    for planted in ["/usr/bin/planted", "/etc/planted", "/planted"] {
        assert!(!Path::new(planted).exists(), "{planted}");
    }
}

#[tokio::test]
async fn the_session_s_buses_and_displays_are_not_there() {
    let script = "ls -A /run; ls -A /tmp/.X11-unix 2>/dev/null; ls /dev/shm; echo end";
    let (_test, running, said) = inside(script, Shelter::default()).await;
    let allowed = [
        "systemd",
        "resolvconf",
        "NetworkManager",
        "netconfig",
        "media",
        "current-system",
        "end",
        "listening",
    ];
    let others: Vec<_> = said.lines().filter(|line| !allowed.contains(line)).collect();
    assert_eq!(others, Vec::<&str>::new());
    running.stop().await.unwrap();
}

#[tokio::test]
async fn our_processes_and_their_memory_are_not_there() {
    let us = std::process::id();
    let script = format!(
        "cat /proc/{us}/environ /proc/{us}/cmdline; ls -d /proc/[0-9]* | wc -l; tr -d '\\0' < /proc/1/environ | wc -c"
    );
    let (_test, running, said) = inside(&script, Shelter::default()).await;
    let numbers: Vec<u32> = said.lines().filter_map(|line| line.trim().parse().ok()).collect();
    let [processes, bytes_of_process_1] = numbers[..] else {
        panic!("{said}");
    };
    assert!(processes < 10, "{said}");
    assert_eq!(
        bytes_of_process_1, 0,
        "the wrapper was started with an empty environment"
    );
    running.stop().await.unwrap();
}

#[tokio::test]
async fn the_password_is_in_no_list_of_processes() {
    let (_test, running, said) = inside("test -n \"$TEST_PASSWORD\" && echo known", Shelter::default()).await;
    assert!(said.starts_with("known"), "the engine has it: {said}");
    let password = running.address().password.expose().as_bytes();
    let shown = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        line.windows(password.len())
            .any(|part| part == password)
            .then(|| entry.path())
    });
    assert_eq!(shown.collect::<Vec<_>>(), Vec::<PathBuf>::new());
    running.stop().await.unwrap();
}

#[tokio::test]
async fn the_claim_cannot_be_given_away_from_inside() {
    let (test, running, _) = inside("rm -f ~/../claim.lock ~/../claim.json; true", Shelter::default()).await;
    assert!(test.home.layout().root().join("claim.lock").exists());
    assert!(test.home.layout().root().join("claim.json").exists());
    running.stop().await.unwrap();
}
