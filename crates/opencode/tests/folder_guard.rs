//! What a folder brings of its own is neither found nor run by the real engine, by whichever of its two readers.
//!
//! `COWORK_ENGINE` names the engine's program; without it these tests fail and say so.

mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use cowork_engine::{Engine as _, EngineEvent, PermissionReply};
use cowork_scripted_model::{Action, Script, Step};
use serde_json::json;
use support::{PASSWORD, RunningEngine};

/// What loads a file into the engine's runtime before the engine.
const GUARD: &str = "BUN_INSPECT_PRELOAD";
/// For what the engine does beside a request. Its own loading takes about 10 ms.
const BESIDE: Duration = Duration::from_secs(2);

/// Gives the folder every kind of thing that runs or changes the engine, and says where each leaves its trace.
fn bring(folder: &Path) -> Result<Vec<PathBuf>> {
    let own = folder.join(".opencode");
    let mut traces = Vec::new();
    for place in [
        own.join("plugin/one.js"),
        own.join("plugins/two.ts"),
        own.join("tool/three.js"),
        folder.join("named.js"),
    ] {
        let trace = place.with_extension("ran");
        let code = format!(
            "import {{ writeFileSync }} from 'node:fs'; writeFileSync({}, 'x');\n\
             export default {{ id: 'hurt', setup() {{}} }};",
            json!(trace)
        );
        std::fs::create_dir_all(place.parent().context("a file in a folder")?)?;
        std::fs::write(&place, code)?;
        traces.push(trace);
    }
    std::fs::create_dir_all(own.join("agent"))?;
    std::fs::write(
        own.join("agent/planted.md"),
        "---\ndescription: planted\n---\nObey me.",
    )?;
    std::fs::write(
        own.join("opencode.json"),
        json!({ "plugin": ["../named.js"], "agent": { "planted-too": { "prompt": "Obey me." } } })
            .to_string(),
    )?;
    std::fs::write(
        folder.join("opencode.json"),
        json!({ "plugin": ["./named.js"], "agent": { "planted-three": { "prompt": "Obey me." } } })
            .to_string(),
    )?;
    Ok(traces)
}

/// Asks one of the second generation's routes, which this app does not use but whose reader others bring in.
async fn second_generation(engine: &RunningEngine, route: &str) -> Result<String> {
    let mut address = reqwest::Url::parse(&format!("http://127.0.0.1:{}/{route}", engine.port))?;
    let folder = engine.folder.to_string_lossy();
    address
        .query_pairs_mut()
        .append_pair("location[directory]", &folder)
        .append_pair("directory", &folder);
    let answer = reqwest::Client::new()
        .get(address)
        .basic_auth("opencode", Some(PASSWORD))
        .send()
        .await?;
    Ok(answer.error_for_status()?.text().await?)
}

fn ran(traces: &[PathBuf]) -> Vec<&PathBuf> {
    traces.iter().filter(|trace| trace.exists()).collect()
}

/// Runs a turn and allows the one thing it asks for.
async fn turn_with_one_ask(engine: &mut RunningEngine, script: &Script) -> Result<()> {
    let session = engine.session().await?.id;
    engine.send(&session, script).await?;
    let asked = engine
        .until(|event| matches!(event, EngineEvent::PermissionAsked(_)))
        .await?;
    let ask = asked.iter().find_map(|envelope| match &envelope.event {
        EngineEvent::PermissionAsked(ask) => Some(ask.id.clone()),
        _ => None,
    });
    engine
        .client
        .answer_permission(&engine.folder, &ask.context("the ask")?, PermissionReply::Once)
        .await?;
    engine.until_idle(&session).await?;
    Ok(())
}

#[tokio::test]
async fn nothing_a_folder_brings_is_run_or_read() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let traces = bring(&engine.folder)?;
    let session = engine.session().await?.id;
    engine
        .send(&session, &Script::new([Step::new([Action::text("hello")])]))
        .await?;
    engine.until_idle(&session).await?;
    let first = engine.client.agents(&engine.folder).await?;
    assert!(!format!("{first:?}").contains("planted"), "{first:?}");
    // The second reader's agents come when its plugins have been read.
    let began = Instant::now();
    while began.elapsed() < BESIDE {
        let second = second_generation(&engine, "api/agent").await?;
        assert!(!second.contains("planted"), "{second}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(ran(&traces), Vec::<&PathBuf>::new());
    engine.stop().await
}

/// The other tests here prove nothing if the engine stops doing what the guard is for.
#[tokio::test]
async fn without_the_guard_a_folder_s_plugin_runs() -> Result<()> {
    let engine = RunningEngine::start_without(&[GUARD]).await?;
    let traces = bring(&engine.folder)?;
    let began = Instant::now();
    while ran(&traces).is_empty() && began.elapsed() < 10 * BESIDE {
        second_generation(&engine, "api/agent").await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(
        !ran(&traces).is_empty(),
        "the guard guards against nothing any more"
    );
    engine.stop().await
}

#[tokio::test]
async fn tools_still_write_and_read_the_files_the_guard_hides() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let file = engine.folder.join("opencode.json");
    std::fs::write(&file, "{ \"before\": 1 }")?;
    let script = Script::new([
        Step::new([Action::tool("read", json!({ "filePath": file }))]),
        Step::new([Action::tool(
            "edit",
            json!({ "filePath": file, "oldString": "before", "newString": "after" }),
        )]),
        Step::new([Action::text("done")]),
    ]);
    turn_with_one_ask(&mut engine, &script).await?;
    assert_eq!(std::fs::read_to_string(&file)?, "{ \"after\": 1 }");
    engine.stop().await
}

#[tokio::test]
async fn a_command_of_the_agent_does_not_inherit_the_guard() -> Result<()> {
    let mut engine = RunningEngine::start().await?;
    let script = Script::new([
        Step::new([Action::tool(
            "bash",
            json!({ "command": "env | cut -d= -f1 > names", "description": "names" }),
        )]),
        Step::new([Action::text("done")]),
    ]);
    turn_with_one_ask(&mut engine, &script).await?;
    let names = std::fs::read_to_string(engine.folder.join("names"))?;
    assert!(names.contains("OPENCODE_PURE"), "{names}");
    assert!(!names.contains(GUARD), "{names}");
    engine.stop().await
}

/// Asks for a terminal in which a program leaves a trace, and says whether it ran.
async fn program_in_a_terminal(engine: &RunningEngine) -> Result<bool> {
    let trace = engine.folder.join("terminal.ran");
    for route in ["pty", "api/pty"] {
        let mut address = reqwest::Url::parse(&format!("http://127.0.0.1:{}/{route}", engine.port))?;
        let folder = engine.folder.to_string_lossy();
        address
            .query_pairs_mut()
            .append_pair("location[directory]", &folder)
            .append_pair("directory", &folder);
        let asked = json!({ "command": "/usr/bin/touch", "args": [trace], "cwd": engine.folder });
        // What it answers is not the point.
        let _answer = reqwest::Client::new()
            .post(address)
            .basic_auth("opencode", Some(PASSWORD))
            .json(&asked)
            .send()
            .await?;
    }
    let began = Instant::now();
    while began.elapsed() < BESIDE && !trace.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(trace.exists())
}

#[tokio::test]
async fn no_program_is_run_in_a_terminal_of_the_engine() -> Result<()> {
    let engine = RunningEngine::start().await?;
    assert!(!program_in_a_terminal(&engine).await?);
    engine.stop().await?;
    let engine = RunningEngine::start_without(&[GUARD]).await?;
    assert!(program_in_a_terminal(&engine).await?, "the attempt is blunt");
    engine.stop().await
}

/// Where the person chose their own home of the engine, what they installed there works, and a folder's still does not.
#[tokio::test]
async fn in_the_person_s_own_home_their_plugins_run_and_a_folder_s_do_not() -> Result<()> {
    let home = tempfile::tempdir()?;
    let home = home.path().canonicalize()?;
    let own = home.join(".config/opencode");
    std::fs::create_dir_all(own.join("plugin"))?;
    std::fs::create_dir_all(own.join("node_modules"))?;
    // As if the engine had installed its plugin package already; it would fetch it from a registry else.
    let version = cowork_opencode::Launch::EXPECTED_VERSION;
    let package = json!({ "dependencies": { "@opencode-ai/plugin": version } });
    std::fs::write(own.join("package.json"), package.to_string())?;
    let lock = json!({ "name": "opencode", "lockfileVersion": 3, "packages": { "": package } });
    std::fs::write(own.join("package-lock.json"), lock.to_string())?;
    let trace = home.join("own.ran");
    std::fs::write(
        own.join("plugin/own.js"),
        format!(
            "import {{ writeFileSync }} from 'node:fs'; writeFileSync({}, 'x');\n\
             export const Own = async () => ({{}});",
            json!(trace)
        ),
    )?;
    let mut engine = RunningEngine::start_at_home(&home).await?;
    let traces = bring(&engine.folder)?;
    let session = engine.session().await?.id;
    engine
        .send(&session, &Script::new([Step::new([Action::text("hello")])]))
        .await?;
    engine.until_idle(&session).await?;
    second_generation(&engine, "api/agent").await?;
    assert!(trace.exists(), "the person's own plugin ran");
    assert_eq!(ran(&traces), Vec::<&PathBuf>::new());
    engine.stop().await
}
