//! How much longer a code block takes in its box: `cargo run --release -p cowork-runner --example block_overhead`.

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
#[expect(clippy::print_stdout, reason = "it is a program that prints figures")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::collections::BTreeMap;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use cowork_runner::{Language, Limits, Options, RunEvent, Runner};

    const ROUNDS: usize = 60;
    fn middle(mut times: Vec<Duration>) -> (Duration, Duration) {
        times.sort();
        (times[times.len() / 2], times[times.len() * 95 / 100])
    }
    let directory = tempfile::tempdir()?;
    let runner = Runner::new(Options {
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::var_os("HOME").map(Into::into),
        cache: directory.path().join("cache"),
        scratch: directory.path().to_owned(),
        bubblewrap: None,
        containers: false,
        images: BTreeMap::new(),
        limits: Limits::default(),
    });
    let runtime = tokio::runtime::Runtime::new()?;
    let installed = runner.languages();
    for (language, source, argument) in [
        (Language::Python, "print(1)", "-c"),
        (Language::JavaScript, "console.log(1)", "-e"),
        (Language::Shell, "echo 1", "-c"),
    ] {
        let Some(found) = installed.iter().find(|one| one.language == language) else {
            continue;
        };
        let (mut plain, mut boxed) = (Vec::new(), Vec::new());
        // One after the other, so that what else the machine does falls on both.
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let mut command = Command::new(&found.program);
            command.args([argument, source]).stdout(Stdio::piped());
            command.output()?;
            plain.push(start.elapsed());

            let start = Instant::now();
            runtime.block_on(async {
                let mut run = runner.run(language, source.to_owned()).await?;
                while let Some(event) = run.next().await {
                    if let RunEvent::Ended(outcome) = event
                        && outcome.reason != (cowork_runner::Reason::Finished { code: 0 })
                    {
                        println!("{language}: {outcome:?}");
                    }
                }
                Ok::<_, cowork_runner::Refusal>(())
            })?;
            boxed.push(start.elapsed());
        }
        let ((plain, plain_95), (boxed, boxed_95)) = (middle(plain), middle(boxed));
        println!(
            "{language}: plain p50 {plain:.1?} p95 {plain_95:.1?}, boxed p50 {boxed:.1?} p95 {boxed_95:.1?}, added p50 {:.1?}",
            boxed.saturating_sub(plain)
        );
    }
    Ok(())
}
