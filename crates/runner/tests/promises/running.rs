//! A code block runs, and what it says is heard.

use std::time::{Duration, Instant};

use cowork_runner::{Language, Means, OutputStream, Phase, Reason, Refusal, RunEvent};

use crate::common::{desk, desk_with, heard, path_with_nothing};

#[tokio::test]
async fn what_is_installed_runs() {
    let desk = desk();
    assert_eq!(desk.runner.means().await, Ok(Means::Namespaces));
    let sources = [
        (Language::Python, "print('hello')"),
        (
            Language::JavaScript,
            "const os = require('os'); console.log('hello')",
        ),
        (Language::TypeScript, "const x: string = 'hello'; console.log(x)"),
        (
            Language::Go,
            "package main\nimport \"fmt\"\nfunc main() { fmt.Println(\"hello\") }",
        ),
        (Language::Rust, "fn main() { println!(\"hello\"); }"),
        (
            Language::Java,
            "public class Hi { public static void main(String[] a) { System.out.println(\"hello\"); } }",
        ),
        (
            Language::C,
            "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }",
        ),
        (
            Language::Cpp,
            "#include <iostream>\nint main() { std::cout << \"hello\\n\"; }",
        ),
        (Language::Ruby, "puts 'hello'"),
        (Language::CSharp, "System.Console.WriteLine(\"hello\");"),
        (Language::Shell, "echo hello"),
    ];
    let installed = desk.runner.languages();
    assert!(
        installed.iter().any(|one| one.language == Language::Python),
        "{installed:?}"
    );
    let mut ran = Vec::new();
    for (language, source) in sources {
        match desk.runner.run(language, source.to_owned()).await {
            Ok(run) => {
                let told = heard(run).await;
                desk.leaves_nothing();
                ran.push(format!("{language} in {:?}", told.outcome.elapsed));
                assert_eq!(
                    told.outcome.reason,
                    Reason::Finished { code: 0 },
                    "{language}: {told:?}"
                );
                assert_eq!(told.output, "hello\n", "{language}");
            }
            // It may be there and too old, as node for TypeScript.
            Err(refusal) => assert!(
                matches!(refusal, Refusal::NotInstalled { .. }),
                "{language}: {refusal}"
            ),
        }
    }
    println!("{ran:?}");
    assert!(ran.len() >= 2, "{ran:?}");
    let version = desk.runner.version(Language::Python).await.unwrap().unwrap();
    assert!(version.starts_with("Python 3."), "{version}");
}

#[tokio::test]
async fn what_is_not_there_is_refused_with_what_was_looked_for() {
    let desk = desk();
    if !desk
        .runner
        .languages()
        .iter()
        .any(|one| one.language == Language::Ruby)
    {
        let refused = desk
            .runner
            .run(Language::Ruby, String::new())
            .await
            .err()
            .unwrap();
        assert_eq!(
            refused.to_string(),
            "Ruby is not installed; Cowork looked for ruby"
        );
    }
}

#[tokio::test]
async fn without_a_box_nothing_runs() {
    let desk = desk_with(|options| {
        options.bubblewrap = Some("/bin/false".into());
        options.search_path = path_with_nothing();
    });
    let refused = desk
        .runner
        .run(Language::Python, "print(1)".to_owned())
        .await
        .err()
        .unwrap();
    assert!(matches!(refused, Refusal::NoBox { .. }), "{refused}");
    // Something that runs whatever it is given, but makes no walls, is no box.
    let desk = desk_with(|options| options.bubblewrap = Some("/bin/true".into()));
    assert!(
        desk.runner
            .run(Language::Python, "print(1)".to_owned())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn output_comes_as_it_is_written_and_in_order() {
    let desk = desk();
    let source = "import sys, time\nfor i in range(4):\n print('out', i, flush=True); time.sleep(.1)\n \
                  print('err', i, file=sys.stderr, flush=True); time.sleep(.1)";
    let mut run = desk
        .runner
        .run(Language::Python, source.to_owned())
        .await
        .unwrap();
    let started = Instant::now();
    let mut heard: Vec<(OutputStream, String)> = Vec::new();
    let mut first = None;
    while let Some(event) = run.next().await {
        if let RunEvent::Output { stream, text, phase } = event {
            assert_eq!(phase, Phase::Run);
            first.get_or_insert(started.elapsed());
            match heard.last_mut() {
                // One line may come in pieces.
                Some((last, before)) if *last == stream => before.push_str(&text),
                _ => heard.push((stream, text)),
            }
        }
    }
    assert!(
        first.unwrap() + Duration::from_millis(500) < started.elapsed(),
        "{first:?}"
    );
    let expected: Vec<_> = (0..4)
        .flat_map(|number| {
            [
                (OutputStream::Output, format!("out {number}\n")),
                (OutputStream::Error, format!("err {number}\n")),
            ]
        })
        .collect();
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn garbage_is_replaced_and_letters_in_pieces_are_whole() {
    let desk = desk();
    let source = "import os, time\nos.write(1, b'a\\xff\\xfeb\\0\\xe2\\x82'); time.sleep(.2); os.write(1, b'\\xac\\xf0\\x9f')";
    let told = desk.python(source).await;
    assert_eq!(told.well(), "a\u{fffd}\u{fffd}b\0€\u{fffd}");
}

#[tokio::test]
async fn the_exit_is_told_as_it_was() {
    let desk = desk();
    let told = desk.python("raise SystemExit(3)").await;
    assert_eq!(told.outcome.reason, Reason::Finished { code: 3 });
    let told = desk.python("import os; os.kill(os.getpid(), 11)").await;
    assert_eq!(told.outcome.reason, Reason::Signalled { signal: 11 });
    let told = desk.python("1/0").await;
    assert_eq!(told.outcome.reason, Reason::Finished { code: 1 });
    assert!(told.error.contains("ZeroDivisionError"), "{}", told.error);
    let told = desk.python("print(open(0).read() == '')").await;
    assert_eq!(
        told.well(),
        "True\n",
        "nothing is to be read, and nothing is waited for"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_run_four_at_a_time_and_in_order() {
    let desk = desk();
    let mut runs = Vec::new();
    for number in 0..20 {
        let source = format!("import time; time.sleep(.1); print({number})");
        runs.push(desk.runner.run(Language::Python, source).await.unwrap());
    }
    let tasks: Vec<_> = runs
        .into_iter()
        .map(|run| tokio::spawn(async move { (heard(run).await, Instant::now()) }))
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        let (told, _) = task.await.unwrap();
        assert_eq!(told.well(), format!("{number}\n"));
    }
    desk.leaves_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_when_the_queue_is_full_is_refused() {
    let desk = desk_with(|options| {
        options.limits.at_once = 1;
        options.limits.waiting = 2;
    });
    let sleeper = || {
        desk.runner
            .run(Language::Python, "import time; time.sleep(9)".to_owned())
    };
    let first = sleeper().await.unwrap();
    let mut second = sleeper().await.unwrap();
    let third = sleeper().await.unwrap();
    assert_eq!(sleeper().await.err(), Some(Refusal::QueueFull { waiting: 2 }));
    assert_eq!(second.next().await, Some(RunEvent::Waiting { before: 0 }));
    third.stop();
    let told = heard(third).await;
    assert_eq!(
        told.outcome.reason,
        Reason::Stopped,
        "one that waits can be stopped, too"
    );
    first.stop();
    assert_eq!(heard(first).await.outcome.reason, Reason::Stopped);
    assert_eq!(
        second.next().await,
        Some(RunEvent::Phase(Phase::Run)),
        "its turn has come"
    );
    second.stop();
    assert_eq!(heard(second).await.outcome.reason, Reason::Stopped);
    desk.leaves_nothing();
    let long = "x".repeat(2 << 20);
    let refused = desk.runner.run(Language::Python, long).await.err();
    assert_eq!(refused, Some(Refusal::TooLong { limit: 1 << 20 }));
}
