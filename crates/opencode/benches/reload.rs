//! What it costs to have the engine use a changed configuration: a folder's instance disposed of, against the whole
//! engine started anew, both with a turn that needs neither as the floor. With the real engine and the scripted model;
//! `COWORK_ENGINE` names the engine's program. Prints medians in milliseconds.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use anyhow::Result;
use cowork_engine::{Engine as _, EngineEvent};
use cowork_scripted_model::{Action, Script, Step};
use support::RunningEngine;

/// Rounds of each; the medians of more differ by less than two runs of the machine do.
const ROUNDS: usize = 7;

#[tokio::main]
async fn main() -> Result<()> {
    if std::env::var_os("COWORK_ENGINE").is_none() {
        println!("reload: COWORK_ENGINE names no engine, so nothing was measured");
        return Ok(());
    }
    let (mut warm, mut reloaded, mut restarted) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let mut engine = RunningEngine::start().await?;
        first_word(&mut engine).await?;
        restarted.push(began.elapsed());

        let began = Instant::now();
        first_word(&mut engine).await?;
        warm.push(began.elapsed());

        let began = Instant::now();
        engine.client.reload(&engine.folder).await?;
        first_word(&mut engine).await?;
        reloaded.push(began.elapsed());
        engine.stop().await?;
    }
    let (warm, reloaded, restarted) = (median(warm), median(reloaded), median(restarted));
    println!(
        "prompt to first word: warm {} ms, after a reload {} ms, after a restart {} ms; restart / reload {:.2}",
        warm.as_millis(),
        reloaded.as_millis(),
        restarted.as_millis(),
        restarted.as_secs_f64() / reloaded.as_secs_f64()
    );
    Ok(())
}

/// Sends a prompt in a new session and waits for the first word of its answer, then for the end of the turn.
async fn first_word(engine: &mut RunningEngine) -> Result<()> {
    let session = engine.session().await?.id;
    let script = Script::new([Step::new([Action::text("A word.")])]);
    engine.send(&session, &script).await?;
    engine
        .until(|event| matches!(event, EngineEvent::PartGrew { session: of, .. } if *of == session))
        .await?;
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
