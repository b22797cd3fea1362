//! Every run ends, and nothing is left of it.

use std::time::{Duration, Instant};

use cowork_runner::{Language, Reason, RunEvent};

use crate::common::{desk, desk_with, eventually, heard, processes_with, unboxed};

/// Programs here go on for a minute unless they are ended. That one ended sooner says that it was, on however slow a
/// machine.
const SOONER: Duration = Duration::from_secs(40);

#[tokio::test]
async fn a_fork_bomb_stays_in_its_box() {
    let desk = desk_with(|options| options.limits.run.wall = Duration::from_secs(4));
    let source = "import os, time\nn = 0\nwhile True:\n try:\n  if os.fork() == 0: time.sleep(60)\n  n += 1\n except OSError:\n  print(n, flush=True); time.sleep(60)";
    let started = Instant::now();
    let told = desk.python(source).await;
    assert!(started.elapsed() < SOONER, "{:?}", started.elapsed());
    match told.outcome.reason {
        // Held by the kernel.
        Reason::TimedOut { .. } => {
            let forked: u32 = told.output.trim().parse().unwrap();
            assert!((100..256).contains(&forked), "{told:?}");
        }
        // Root is not; the watch ends it.
        Reason::ProcessLimit { .. } => {}
        _ => panic!("{told:?}"),
    }
}

#[tokio::test]
async fn a_shell_s_fork_bomb_stays_in_its_box() {
    let user = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap());
    assert_ne!(
        user, 0,
        "the kernel does not count root's processes: test as an ordinary user"
    );
    let desk = desk_with(|options| options.limits.run.wall = Duration::from_secs(4));
    let told = desk.run(Language::Shell, ":(){ :|:& };:\nsleep 60").await;
    assert!(
        matches!(
            told.outcome.reason,
            Reason::TimedOut { .. }
                | Reason::ProcessLimit { .. }
                | Reason::Finished { .. }
                | Reason::OutputLimit { .. }
        ),
        "{:?}",
        told.outcome
    );
}

#[tokio::test]
async fn the_disk_is_not_filled() {
    let desk = desk();
    let source = r"
import os
for where in ('/tmp', '/dev/shm', '/code', '/out', '/var/tmp', '/dev', '/'):
    written = 0
    try:
        for n in range(4):
            with open(f'{where}/big{n}', 'wb') as f:
                while True:
                    written += f.write(b'x' * 65536)
                    f.flush()
    except OSError as e: pass
    print(where, written >> 20)
";
    let told = desk.python(source).await;
    let said = told.well();
    let mut lines = said.lines();
    assert!(matches!(lines.next(), Some("/tmp 63" | "/tmp 64")), "{said}");
    assert!(
        matches!(lines.next(), Some("/dev/shm 15" | "/dev/shm 16")),
        "{said}"
    );
    for line in lines {
        assert!(line.ends_with(" 0"), "{said}");
    }
    let told = desk.python("print(__import__('os').listdir('/tmp'))").await;
    assert_eq!(told.well(), "[]\n", "the scratch goes with the run");
}

#[tokio::test]
async fn endless_output_is_cut() {
    let desk = desk();
    for source in ["yes", "yes >&2", "cat /dev/urandom", "yes & yes >&2"] {
        let told = desk.run(Language::Shell, source).await;
        assert_eq!(
            told.outcome.reason,
            Reason::OutputLimit { bytes: 256 * 1024 },
            "{source}"
        );
        assert!(told.outcome.elapsed < SOONER, "{:?}", told.outcome.elapsed);
        if source == "yes" {
            assert_eq!(told.output.len(), 256 * 1024);
        }
    }
    // What was written before the end is whole.
    let told = desk.python("import sys; sys.stdout.write('x' * 200000)").await;
    assert_eq!(told.well().len(), 200_000);
}

#[tokio::test]
async fn who_does_not_listen_holds_the_program_up_and_not_the_end() {
    let desk = desk_with(|options| options.limits.run.wall = Duration::from_secs(1));
    let source = "import time\nwhile True: print('x', flush=True); time.sleep(.001)";
    let mut run = desk
        .runner
        .run(Language::Python, source.to_owned())
        .await
        .unwrap();
    let name = desk.directory.path().to_string_lossy().into_owned();
    assert!(eventually(|| !processes_with(&name).is_empty()).await);
    assert!(
        eventually(|| processes_with(&name).is_empty()).await,
        "it ended though nobody listened"
    );
    let mut last = None;
    while let Some(event) = run.next().await {
        last = Some(event);
    }
    let Some(RunEvent::Ended(outcome)) = last else {
        panic!("{last:?}")
    };
    assert_eq!(outcome.reason, Reason::TimedOut { seconds: 1 });
}

#[tokio::test]
async fn time_is_up_for_who_sleeps_and_who_does_not() {
    let desk = desk_with(|options| {
        options.limits.run.wall = Duration::from_secs(2);
        options.limits.run.processor_seconds = 1;
    });
    let ignores = "import signal, time, os\nfor s in range(1, 64):\n try: signal.signal(s, signal.SIG_IGN)\n except (OSError, ValueError): pass\n";
    for (source, seconds) in [
        (format!("{ignores}time.sleep(60)"), 2),
        (
            format!("{ignores}os.fork(); os.setsid() if os.getpid() > 3 else 0\ntime.sleep(60)"),
            2,
        ),
        ("while True: pass".to_owned(), 1),
    ] {
        let told = desk.python(&source).await;
        assert_eq!(told.outcome.reason, Reason::TimedOut { seconds }, "{source}");
        assert!(told.outcome.elapsed < SOONER, "{:?}", told.outcome.elapsed);
    }
    // What is left behind by one that ends goes at once.
    let told = desk
        .run(Language::Shell, "sleep 60 & setsid sleep 60 & echo gone")
        .await;
    assert!(told.outcome.elapsed < SOONER, "{:?}", told.outcome.elapsed);
    assert_eq!(told.well(), "gone\n");
}

#[tokio::test]
async fn memory_has_a_bound_for_one_process_and_for_all() {
    let desk = desk();
    let one = "x = bytearray(300 << 20); print('fits')\ntry: y = bytearray(400 << 20); print('too much')\nexcept MemoryError: print('no')";
    assert_eq!(unboxed(one), "fits\ntoo much\n");
    assert_eq!(desk.python(one).await.well(), "fits\nno\n");
    let many = "import os, time\nfor _ in range(6):\n if os.fork() == 0:\n  x = bytearray(150 << 20); time.sleep(60)\ntime.sleep(60)";
    let told = desk.python(many).await;
    assert_eq!(
        told.outcome.reason,
        Reason::MemoryLimit { bytes: 512 << 20 },
        "{told:?}"
    );
    assert!(told.outcome.elapsed < SOONER, "{:?}", told.outcome.elapsed);
    // What is shared is counted once.
    let shared = "import os, time\nx = bytearray(100 << 20)\nfor _ in range(20):\n if os.fork() == 0: time.sleep(1); os._exit(0)\ntime.sleep(1); print('well')";
    assert_eq!(desk.python(shared).await.well(), "well\n");
}

#[tokio::test]
async fn stopped_or_dropped_it_is_gone_at_once() {
    let desk = desk();
    let source = "import os, time\nfor _ in range(20):\n if os.fork() == 0: break\nprint('started', flush=True)\ntime.sleep(60)";
    let name = desk.directory.path().to_string_lossy().into_owned();
    for how in ["stop", "stopper", "drop"] {
        let mut run = desk
            .runner
            .run(Language::Python, source.to_owned())
            .await
            .unwrap();
        while !matches!(run.next().await, Some(RunEvent::Output { .. })) {}
        assert!(processes_with(&name).len() > 2, "they are seen while they run");
        let at = Instant::now();
        match how {
            "drop" => drop(run),
            "stop" => {
                run.stop();
                assert_eq!(heard(run).await.outcome.reason, Reason::Stopped);
            }
            _ => {
                run.stopper().stop();
                assert_eq!(heard(run).await.outcome.reason, Reason::Stopped);
            }
        }
        assert!(eventually(|| processes_with(&name).is_empty()).await);
        assert!(at.elapsed() < SOONER, "{how}: {:?}", at.elapsed());
    }
}

#[tokio::test]
async fn stopped_while_the_box_is_made_it_is_gone_too() {
    let desk = desk();
    desk.python("").await.well();
    for delay in 0..60 {
        let source = "import time; time.sleep(60)".to_owned();
        let mut run = desk.runner.run(Language::Python, source).await.unwrap();
        run.next().await.unwrap();
        tokio::time::sleep(Duration::from_micros(delay * 100)).await;
        run.stop();
        assert_eq!(
            heard(run).await.outcome.reason,
            Reason::Stopped,
            "after {delay} × 0.1 ms"
        );
        desk.leaves_nothing();
    }
}
