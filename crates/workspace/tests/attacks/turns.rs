//! An application with a model to speak to, and turns of many calls, all of them allowed.

use std::time::Duration;

use cowork_engine::PermissionReply;
use cowork_scripted_model::{Action, SCRIPTED_MODEL, Script, Step};
use cowork_transcript::{Block, BlockContent};
use cowork_workspace::{Options, SessionStatus, Workspace};
use serde_json::json;

use crate::common::{Place, life};
use crate::upstream::{KEY, connect, upstream};

/// How long all calls of a turn may take: the longest tries for four seconds, dozens take one each on a loaded machine.
const PATIENCE_OF_A_TURN: Duration = Duration::from_secs(150);

/// Opens the application with a model to speak to, and closes it when `live` has ended.
pub(crate) fn with_model<T>(
    place: &Place,
    change: impl FnOnce(&mut Options),
    live: impl AsyncFnOnce(&Workspace, &str) -> T,
) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(upstream());
    life(async {
        let workspace = place.open_as(change).await;
        let model = format!("{}/{SCRIPTED_MODEL}", connect(&workspace, &server, KEY).await);
        let lived = live(&workspace, &model).await;
        workspace.close().await;
        lived
    })
}

/// A command, as the model calls for it.
pub(crate) fn bash(command: &str) -> Action {
    Action::tool(
        "bash",
        json!({ "command": command, "description": "tries", "timeout": 60_000 }),
    )
}

/// Has a model make the calls, those of one step at once, allows whatever is asked, and gives what all of them put out.
pub(crate) async fn steps(workspace: &Workspace, model: &str, steps: Vec<Vec<Action>>) -> String {
    let folder = workspace.start().await.unwrap().initial_folder;
    let session = workspace.create_session(folder.as_deref()).await.unwrap().id;
    workspace.open_session(&session, None).await.unwrap();
    let mut steps: Vec<Step> = steps.into_iter().map(Step::new).collect();
    steps.push(Step::new([Action::text("All of it was tried.")]));
    let prompt = format!("Try it {}", Script::new(steps).to_marker().unwrap());
    workspace
        .send_prompt(&session, &prompt, None, Some(model.to_owned()))
        .await
        .unwrap();
    let until = tokio::time::Instant::now() + PATIENCE_OF_A_TURN;
    loop {
        let waiting = workspace.waiting(&session);
        assert!(
            tokio::time::Instant::now() < until,
            "the turn is not over; it waits for {:?}, and is at {}",
            waiting.permissions,
            workspace
                .with_transcript(&session, |transcript| {
                    let last = transcript.messages().last().map(|entry| &entry.blocks);
                    format!("{:?}: {last:?}", transcript.status())
                })
                .unwrap_or_default()
        );
        for ask in &waiting.permissions {
            // One that was answered a moment ago is still listed, and fails.
            let _ = workspace
                .answer_permission(&ask.session, &ask.id, PermissionReply::Once)
                .await;
        }
        let over = workspace
            .with_transcript(&session, |transcript| {
                let last = transcript.messages().last().map(|entry| &entry.blocks);
                *transcript.status() == SessionStatus::Idle
                    && (format!("{last:?}").contains("All of it was tried.")
                        || transcript.error().is_some()
                        || last.is_some_and(|blocks| blocks.iter().any(is_refused)))
            })
            .unwrap_or(false);
        if over {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    output(workspace, &session)
}

/// Where one call is refused the engine refuses those that are asked for beside it, and the turn ends there.
fn is_refused(block: &Block) -> bool {
    matches!(&block.content, BlockContent::Tool(tool) if tool.call.denied)
}

fn output(workspace: &Workspace, session: &str) -> String {
    let read = workspace.with_transcript(session, |transcript| {
        let blocks = transcript.messages().iter().flat_map(|entry| &entry.blocks);
        // What was called for is not looked at: it names what it tries.
        let tools = blocks.filter_map(|block| match &block.content {
            BlockContent::Tool(tool) => {
                let error = tool.call.error.as_deref().unwrap_or_default();
                Some(format!("{}:\n{}\n{error}\n", tool.call.name, tool.call.output))
            }
            _ => None,
        });
        let mut said = tools.collect::<String>();
        if let Some(error) = transcript.error() {
            said.push_str(&error.message);
        }
        said
    });
    read.unwrap_or_default()
}
