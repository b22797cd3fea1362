//! However an engine ends, the end is reported and nothing of it stays.

// They look at processes through /proc, and start shells.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use common::{claimed_home, eventually, is_alive, plan, processes_with, started, unique_seconds};
use cowork_supervisor::{Confinement, Containment, Invocation, LaunchPlan, ProbeAnswer, Step, start};

const ALL: [Confinement; 3] = [
    Confinement::Strongest,
    Confinement::WithoutBox,
    Confinement::Watched,
];

fn confined(behaviour: &str, confinement: Confinement) -> LaunchPlan {
    let mut plan = plan(behaviour);
    plan.confinement = confinement;
    plan
}

#[tokio::test]
async fn a_stop_asks_first_then_terminates() {
    for confinement in ALL {
        let test = claimed_home();
        let asked = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&asked);
        let plan = confined("healthy", confinement).with_wind_down(move |_| {
            seen.store(true, Ordering::Relaxed);
            async { Ok(()) }
        });
        let running = started(&test.home, &plan).await;
        let process_id = running.process_id();
        let exit = running.stop().await.unwrap();
        assert!(asked.load(Ordering::Relaxed), "the engine was asked to wind down");
        assert_eq!(
            (exit.code, exit.signal),
            (None, Some(15)),
            "{confinement:?}: it ended by SIGTERM"
        );
        assert!(exit.requested);
        assert!(!is_alive(process_id));
        assert_eq!(
            running.stop().await.unwrap(),
            exit,
            "stopping again changes nothing"
        );
        assert_eq!(running.exited().await, exit);
    }
}

#[tokio::test]
async fn an_engine_that_cannot_wind_down_is_stopped_all_the_same() {
    for fails in [true, false] {
        let test = claimed_home();
        let mut plan = plan("healthy").with_wind_down(move |_| async move {
            anyhow::ensure!(!fails, "the engine answered 500");
            std::future::pending().await
        });
        plan.limits.wind_down = Duration::from_millis(50);
        let exit = started(&test.home, &plan).await.stop().await.unwrap();
        assert_eq!(exit.signal, Some(15));
    }
}

#[tokio::test]
async fn an_engine_that_ignores_the_request_is_killed() {
    for confinement in ALL {
        let test = claimed_home();
        let mut plan = LaunchPlan::new(
            "/bin/sh",
            "listening",
            |_| Invocation {
                arguments: vec![
                    "-c".into(),
                    "trap '' TERM; echo listening; while :; do sleep 1; done".into(),
                ],
                ..Invocation::default()
            },
            async |_| {
                Ok(ProbeAnswer {
                    version: "any".to_owned(),
                })
            },
            str::to_owned,
        );
        plan.confinement = confinement;
        plan.limits.terminate = Duration::from_millis(200);
        let running = started(&test.home, &plan).await;
        let exit = running.stop().await.unwrap();
        assert_eq!((exit.code, exit.signal), (None, Some(9)), "{confinement:?}");
        assert!(exit.requested);
        assert!(!is_alive(running.process_id()));
    }
}

#[tokio::test]
async fn an_engine_that_dies_is_reported_with_its_signal_and_last_words() {
    for confinement in ALL {
        let test = claimed_home();
        let running = started(&test.home, &confined("garbage", confinement)).await;
        let mut watch = running.exit_watch();
        assert!(watch.borrow().is_none());
        kill(running.process_id());
        let exit = watch.wait_for(Option::is_some).await.unwrap().clone().unwrap();
        assert_eq!(
            (exit.code, exit.signal, exit.requested),
            (None, Some(9), false),
            "{confinement:?}"
        );
        assert!(
            exit.last_lines
                .iter()
                .any(|line| line.text.contains("invalid on the other pipe"))
        );
        started(&test.home, &plan("healthy")).await.stop().await.unwrap();
    }
}

#[tokio::test]
async fn children_that_left_the_session_go_with_the_engine() {
    for confinement in ALL {
        for kind in ["orphan", "nameless"] {
            let test = claimed_home();
            let seconds = unique_seconds();
            let running = started(
                &test.home,
                &confined(&format!("leaves:{kind}:{seconds}"), confinement),
            )
            .await;
            assert!(processes_with(&seconds) > 0, "the sleeper sleeps");
            running.stop().await.unwrap();
            assert_eq!(
                processes_with(&seconds),
                0,
                "{confinement:?}, {kind}: left after a stop"
            );
        }
    }
}

#[tokio::test]
async fn children_of_an_engine_that_was_killed_go_too() {
    for confinement in ALL {
        let test = claimed_home();
        let seconds = unique_seconds();
        let running = started(
            &test.home,
            &confined(&format!("leaves:orphan:{seconds}"), confinement),
        )
        .await;
        kill(running.process_id());
        running.exited().await;
        assert_eq!(
            processes_with(&seconds),
            0,
            "{confinement:?}: left when the exit is published"
        );
    }
}

#[tokio::test]
async fn a_dropped_engine_is_killed_and_frees_its_home() {
    for confinement in ALL {
        let test = claimed_home();
        let running = started(&test.home, &confined("healthy", confinement)).await;
        let mut watch = running.exit_watch();
        drop(running);
        let exit = watch.wait_for(Option::is_some).await.unwrap().clone().unwrap();
        assert!(exit.requested, "{confinement:?}");
        started(&test.home, &plan("healthy")).await.stop().await.unwrap();
    }
}

#[tokio::test]
async fn the_strongest_confinement_is_used_where_it_works() {
    let test = claimed_home();
    let trial = tokio::process::Command::new("bwrap")
        .args("--unshare-pid --bind / / --dev-bind /dev /dev --proc /proc true".split(' '))
        .output()
        .await;
    let works = trial.is_ok_and(|output| output.status.success());
    let running = started(&test.home, &plan("healthy")).await;
    let expected = if works {
        Containment::Box
    } else {
        Containment::ParentDeathSignal
    };
    assert_eq!(running.containment(), expected);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn killing_the_supervising_process_leaves_no_engine() {
    for confinement in ["strongest", "without-box", "watched"] {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("engine");
        let (child, said) = common::bystander(&["supervise", root.to_str().unwrap(), confinement, "healthy"]);
        let engine: u32 = said
            .split(' ')
            .nth(1)
            .expect("it says where the engine is")
            .parse()
            .unwrap();
        assert!(is_alive(engine));
        common::kill_minus_nine(child);
        eventually("the engine is gone", || !is_alive(engine)).await;
    }
}

#[tokio::test]
async fn killing_the_supervising_process_takes_even_escaped_children_along() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("engine");
    let seconds = unique_seconds();
    let behaviour = format!("leaves:orphan:{seconds}");
    let (child, said) = common::bystander(&["supervise", root.to_str().unwrap(), "strongest", &behaviour]);
    assert!(processes_with(&seconds) > 0);
    common::kill_minus_nine(child);
    let home = cowork_supervisor::PrivateHome::claim(&root, cowork_supervisor::Holder::App).unwrap();
    if said.ends_with("Box") {
        eventually("the sleeper is gone by itself", || processes_with(&seconds) == 0).await;
    } else {
        started(&home, &plan("healthy")).await.stop().await.unwrap();
        assert_eq!(processes_with(&seconds), 0, "the next start ends what was left");
    }
}

#[tokio::test]
async fn what_a_killed_supervisor_left_is_ended_by_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("engine");
    let seconds = unique_seconds();
    let behaviour = format!("leaves:orphan:{seconds}");
    let (child, _) = common::bystander(&["supervise", root.to_str().unwrap(), "without-box", &behaviour]);
    common::kill_minus_nine(child);
    assert!(
        processes_with(&seconds) > 0,
        "without a namespace an escaped child survives"
    );
    let home = cowork_supervisor::PrivateHome::claim(&root, cowork_supervisor::Holder::App).unwrap();
    let left_at_spawn = AtomicUsize::new(usize::MAX);
    let running = start(&home, &plan("healthy"), |step| {
        if let Step::Spawning { .. } = step {
            left_at_spawn.store(processes_with(&seconds), Ordering::Relaxed);
        }
    })
    .await
    .unwrap();
    assert_eq!(
        left_at_spawn.into_inner(),
        0,
        "it was gone before the next engine was spawned"
    );
    running.stop().await.unwrap();
}

#[tokio::test]
async fn another_homes_engine_is_left_alone() {
    let (first, second) = (claimed_home(), claimed_home());
    let bystander = started(&first.home, &confined("healthy", Confinement::WithoutBox)).await;
    started(&second.home, &confined("healthy", Confinement::WithoutBox))
        .await
        .stop()
        .await
        .unwrap();
    assert!(is_alive(bystander.process_id()));
    bystander.stop().await.unwrap();
}

/// An engine is bound to the life of the thread that spawned it; that thread must not be one of the runtime's.
#[test]
fn an_engine_outlives_the_runtime_thread_that_asked_for_it() {
    let test = claimed_home();
    let running = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(started(&test.home, &confined("healthy", Confinement::WithoutBox)))
        });
        asking.join().unwrap()
    });
    assert!(running.exit_watch().borrow().is_none());
    assert!(
        is_alive(running.process_id()),
        "its runtime and thread are gone, the engine is not"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    assert_eq!(
        runtime.block_on(running.stop()).unwrap().signal,
        Some(15),
        "it lived until it was stopped"
    );
}

fn kill(process_id: u32) {
    let status = std::process::Command::new("kill")
        .args(["-9", &process_id.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Whatever the moment: what was not armed yet to go with us is ended by the next start.
#[tokio::test]
async fn a_supervisor_that_is_killed_while_the_box_is_made_leaves_nothing_to_the_next_start() {
    for milliseconds in (0..60).step_by(2) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("engine");
        let root_text = root.to_str().unwrap();
        // Tells the processes of this round from those of all others.
        let behaviour = format!("leaves:nameless:{}", unique_seconds());
        let mut child = std::process::Command::new(common::FIXTURE)
            .args(["supervise", root_text, "strongest", &behaviour])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Not to wait for anything: to be early by different lengths.
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        eventually("no engine of it runs", || {
            common::processes_marked(&format!("ENGINE_HOME_MARK={root_text}")) == 0
        })
        .await;
        let home = cowork_supervisor::PrivateHome::claim(&root, cowork_supervisor::Holder::App).unwrap();
        started(&home, &plan("healthy")).await.stop().await.unwrap();
        assert_eq!(processes_with(&behaviour), 0);
    }
}
