//! A start ends with a running engine, or with a failure that says which and what to do.

// They look at processes through /proc, and start shells.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{
    FIXTURE, READY, VERSION, claimed_home, eventually, failure, fixture_invocation, is_alive, plan, started,
    texts,
};
use cowork_supervisor::{Invocation, LaunchPlan, ProbeAnswer, SeedFile, StartFailure, Step, start};

#[tokio::test]
async fn a_healthy_engine_is_up_and_its_address_is_its_own() {
    let test = claimed_home();
    let steps = Mutex::new(Vec::new());
    let running = start(&test.home, &plan("healthy"), |step| {
        steps.lock().unwrap().push(step);
    })
    .await
    .unwrap();
    assert_eq!(running.version(), VERSION);
    assert_eq!(
        running.address().url(),
        format!("http://127.0.0.1:{}", running.address().port)
    );
    assert_eq!(running.address().password.expose().len(), 64);
    assert!(is_alive(running.process_id()));
    let command_line = std::fs::read(format!("/proc/{}/cmdline", running.process_id())).unwrap();
    assert!(
        command_line.starts_with(FIXTURE.as_bytes()),
        "the process id is the engine's, not its wrapper's"
    );
    let port = running.address().port;
    assert_eq!(
        *steps.lock().unwrap(),
        [
            Step::PreparingHome,
            Step::Spawning { port, attempt: 1 },
            Step::AwaitingReadiness,
            Step::Probing,
            Step::Ready
        ]
    );
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_missing_engine_is_named_with_its_path() {
    let test = claimed_home();
    let mut plan = plan("healthy");
    plan.program = test.directory.path().join("nowhere");
    let failure = failure(&test.home, &plan).await;
    assert!(
        matches!(&failure, StartFailure::Missing { path } if *path == plan.program),
        "{failure:?}"
    );
    assert!(failure.to_string().contains("nowhere"));
}

#[tokio::test]
async fn a_file_without_permission_and_a_directory_are_not_executable() {
    let test = claimed_home();
    let file = test.directory.path().join("engine-file");
    std::fs::write(&file, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    for path in [file.as_path(), test.directory.path()] {
        let mut plan = plan("healthy");
        plan.program = path.to_owned();
        let failure = failure(&test.home, &plan).await;
        assert!(
            matches!(&failure, StartFailure::NotExecutable { path: named } if named == path),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn a_program_that_the_system_cannot_run_is_a_failure_in_both_confinements() {
    let test = claimed_home();
    let mut plan = plan("healthy");
    plan.program = test.directory.path().join("unrunnable");
    std::fs::write(&plan.program, "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(&plan.program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let wrapped = failure(&test.home, &plan).await;
    assert!(
        matches!(
            wrapped,
            StartFailure::DiedAtStart { .. } | StartFailure::NotRunnable { .. }
        ),
        "who refuses depends on whether a namespace can be made here: {wrapped:?}"
    );
    plan.confinement = cowork_supervisor::Confinement::WithoutBox;
    let bare = failure(&test.home, &plan).await;
    assert!(
        matches!(&bare, StartFailure::NotRunnable { path, .. } if *path == plan.program),
        "{bare:?}"
    );
    plan.program = FIXTURE.into();
    started(&test.home, &plan).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_wrong_version_is_refused_and_leaves_no_process() {
    let test = claimed_home();
    let mut plan = plan("healthy");
    plan.expected_version = Some("8.0.0".to_owned());
    let failure = failure(&test.home, &plan).await;
    assert!(
        matches!(&failure, StartFailure::WrongVersion { found, expected } if found == VERSION && expected == "8.0.0"),
        "{failure:?}"
    );
    plan.expected_version = None;
    started(&test.home, &plan).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_given_up_for_another() {
    let test = claimed_home();
    let attempts = Mutex::new(Vec::new());
    let running = start(&test.home, &plan("port-taken:2"), |step| {
        if let Step::Spawning { port, attempt } = step {
            attempts.lock().unwrap().push((port, attempt));
        }
    })
    .await
    .unwrap();
    let attempts = attempts.into_inner().unwrap();
    assert_eq!(
        attempts.iter().map(|(_, attempt)| *attempt).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(
        attempts[2].0,
        running.address().port,
        "the address is that of the attempt that succeeded"
    );
    running.stop().await.unwrap();
}

#[tokio::test]
async fn ports_that_are_always_taken_end_the_start_after_the_retries() {
    let test = claimed_home();
    let failure = failure(&test.home, &plan("port-taken:1000")).await;
    assert!(
        matches!(failure, StartFailure::PortTaken { attempts: 6 }),
        "{failure:?}"
    );
}

#[tokio::test]
async fn an_engine_that_dies_at_start_says_how_and_why() {
    let test = claimed_home();
    let failure = failure(&test.home, &plan("dies")).await;
    let StartFailure::DiedAtStart { exit } = &failure else {
        panic!("{failure:?}")
    };
    assert_eq!((exit.code, exit.signal, exit.requested), (Some(3), None, false));
    assert!(texts(&exit.last_lines).contains(&"the disk is full"));
    assert!(
        failure.to_string().contains("the disk is full"),
        "the message repeats what the engine said"
    );
}

#[tokio::test]
async fn an_engine_that_hangs_at_start_is_ended() {
    let test = claimed_home();
    let mut plan = plan("hangs");
    plan.limits.readiness = Duration::from_millis(300);
    let failure = failure(&test.home, &plan).await;
    assert!(
        matches!(failure, StartFailure::HangsAtStart { .. }),
        "{failure:?}"
    );
    let again = start(&test.home, &common::plan("healthy"), |_| {}).await;
    again
        .expect("what hung no longer occupies the home")
        .stop()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_probe_that_is_never_answered_is_asked_again() {
    let test = claimed_home();
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let mut plan = LaunchPlan::new(
        FIXTURE,
        READY,
        fixture_invocation("healthy"),
        move |_| {
            let attempt = count.fetch_add(1, Ordering::Relaxed);
            async move {
                if attempt == 0 {
                    std::future::pending::<()>().await;
                }
                anyhow::ensure!(attempt > 1, "not yet");
                Ok(ProbeAnswer {
                    version: "any".to_owned(),
                })
            }
        },
        str::to_owned,
    );
    plan.limits.probe = Duration::from_millis(50);
    let running = started(&test.home, &plan).await;
    assert_eq!(
        asked.load(Ordering::Relaxed),
        3,
        "one unanswered, one refused, one answered"
    );
    running.stop().await.unwrap();
}

#[tokio::test]
async fn an_engine_that_listens_but_is_not_well_is_ended_with_the_last_reason() {
    let test = claimed_home();
    let mut plan = LaunchPlan::new(
        FIXTURE,
        READY,
        fixture_invocation("healthy"),
        async |_| anyhow::bail!("the database is locked"),
        str::to_owned,
    );
    plan.limits.probe_attempts = 3;
    plan.limits.probe_pause = Duration::from_millis(1);
    let failure = failure(&test.home, &plan).await;
    assert!(
        matches!(&failure, StartFailure::Unhealthy { attempts: 3, last_error } if last_error == "the database is locked"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn an_engine_that_does_not_show_its_guard_is_ended_and_not_used() {
    let test = claimed_home();
    let mut plan = plan("healthy");
    plan.required_line_prefix = Some("guard in place".to_owned());
    let seen = failure(&test.home, &plan).await;
    assert!(matches!(seen, StartFailure::Unguarded { .. }), "{seen:?}");
    plan.required_line_prefix = Some(READY.to_owned());
    started(&test.home, &plan).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_home_takes_one_engine_at_a_time() {
    let test = claimed_home();
    let running = started(&test.home, &plan("healthy")).await;
    let second = failure(&test.home, &plan("healthy")).await;
    assert!(matches!(second, StartFailure::AlreadyRunning), "{second:?}");
    assert!(is_alive(running.process_id()), "the first is not disturbed");
    running.stop().await.unwrap();
    started(&test.home, &plan("healthy")).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_no_process() {
    let test = claimed_home();
    let seconds = common::unique_seconds();
    let argument = seconds.clone();
    let hanging = LaunchPlan::new(
        "/bin/sleep",
        "never said",
        move |_| Invocation {
            arguments: vec![argument.clone().into()],
            ..Invocation::default()
        },
        async |_| anyhow::bail!("never asked"),
        str::to_owned,
    );
    let spawned = || common::processes_with(&seconds) > 0;
    tokio::select! {
        _ = start(&test.home, &hanging, |_| {}) => panic!("it never becomes ready"),
        () = eventually("the engine was spawned", spawned) => {}
    }
    eventually("the engine is gone", || !spawned()).await;
}

#[tokio::test]
async fn seeds_stand_before_the_engine_starts_and_are_ours_alone() {
    let test = claimed_home();
    let mut plan = plan("healthy");
    plan.seed_directories = vec!["config/engine/node_modules".into()];
    plan.seed_files = vec![SeedFile {
        path: "config/engine/package.json".into(),
        contents: b"{\"fresh\":true}".to_vec(),
    }];
    let engine_directory = test.home.layout().config_directory().join("engine");
    std::fs::create_dir(&engine_directory).unwrap();
    std::fs::write(engine_directory.join("package.json"), "what an earlier run left").unwrap();
    let running = started(&test.home, &plan).await;
    assert_eq!(
        std::fs::read(engine_directory.join("package.json")).unwrap(),
        b"{\"fresh\":true}"
    );
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&engine_directory.join("package.json")), 0o600);
    assert_eq!(mode(&engine_directory.join("node_modules")), 0o700);
    assert_eq!(mode(&engine_directory), 0o700);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn seeds_cannot_leave_the_home_by_name_or_by_link() {
    let test = claimed_home();
    let outside = test.directory.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, test.home.layout().config_directory().join("link")).unwrap();
    for path in [
        "../outside/file",
        "config/../../outside/file",
        "/tmp/supervisor-escape",
        "config/link/file",
    ] {
        let mut plan = plan("healthy");
        plan.seed_files = vec![SeedFile {
            path: path.into(),
            contents: b"escaped".to_vec(),
        }];
        let failure = failure(&test.home, &plan).await;
        assert!(
            matches!(failure, StartFailure::HomeNotReady { .. }),
            "{path}: {failure:?}"
        );
    }
    assert_eq!(
        std::fs::read_dir(&outside).unwrap().count(),
        0,
        "nothing was written outside"
    );
}

#[tokio::test]
async fn the_temporary_directory_is_emptied_before_each_start() {
    let test = claimed_home();
    for _ in 0..2 {
        let running = started(&test.home, &plan("litters")).await;
        assert!(
            texts(&running.recent_output()).contains(&"found 0 files"),
            "{:?}",
            running.recent_output()
        );
        running.stop().await.unwrap();
    }
}

/// For the administrator rights of directories mean nothing; this test tells more as an ordinary user.
#[tokio::test]
async fn what_has_no_rights_in_the_temporary_directory_goes_and_keeps_no_engine_from_starting() {
    let test = claimed_home();
    let cache = test.home.layout().temporary_directory().join("go/pkg/mod/one");
    std::fs::create_dir_all(&cache).unwrap();
    std::fs::write(cache.join("file"), "").unwrap();
    let outside = test.directory.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, cache.join("link")).unwrap();
    for (directory, mode) in [(&cache, 0o555), (&cache.join("../.."), 0o000), (&outside, 0o755)] {
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let running = started(&test.home, &plan("litters")).await;
    assert!(
        texts(&running.recent_output()).contains(&"found 0 files"),
        "{:?}",
        running.recent_output()
    );
    running.stop().await.unwrap();
    let mode = outside.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755, "nothing was done behind a link");
}
