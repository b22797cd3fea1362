//! Going back in a thread, and making one of another, with the real engine.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, bubblewrap and git, which the check script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "attacks/turns.rs"]
#[expect(dead_code, reason = "turns of several prompts are made here")]
mod turns;
#[path = "common/upstream.rs"]
mod upstream;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use common::{PATIENCE, Place};
use cowork_engine::PermissionReply;
use cowork_scripted_model::{Action, Script, Step};
use cowork_workspace::view::{Conversation, TakenBack};
use cowork_workspace::{Role, SessionStatus, Workspace};
use serde_json::json;

/// A thread in the folder, and its prompts.
struct Thread<'a> {
    workspace: &'a Workspace,
    model: &'a str,
    session: String,
}

impl<'a> Thread<'a> {
    async fn new(workspace: &'a Workspace, model: &'a str) -> Self {
        let folder = workspace.start().await.unwrap().initial_folder;
        let session = workspace.create_session(folder.as_deref()).await.unwrap().id;
        workspace.open_session(&session, None).await.unwrap();
        Self {
            workspace,
            model,
            session,
        }
    }

    /// Has the model make these calls and answer, and gives the prompt.
    async fn turn(&self, words: &str, calls: Vec<Action>) -> String {
        let mut steps: Vec<Step> = calls.into_iter().map(|call| Step::new([call])).collect();
        let last = format!("Done with {words}.");
        steps.push(Step::new([Action::text(&last)]));
        let text = format!("{words} {}", Script::new(steps).to_marker().unwrap());
        let prompt = self
            .workspace
            .send_prompt(&self.session, &text, None, Some(self.model.to_owned()))
            .await
            .unwrap();
        let answered = async {
            while !self.is_over(&last) {
                for ask in self.workspace.waiting(&self.session).permissions {
                    // One that was answered a moment ago is still listed, and fails.
                    let _ = self
                        .workspace
                        .answer_permission(&ask.session, &ask.id, PermissionReply::Once)
                        .await;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, answered)
            .await
            .unwrap_or_else(|_| panic!("waited in vain for {words}: {:?}", self.said()));
        prompt
    }

    fn is_over(&self, last: &str) -> bool {
        let over = self.workspace.with_transcript(&self.session, |transcript| {
            let said = format!("{:?}", transcript.messages().last().map(|entry| &entry.blocks));
            *transcript.status() == SessionStatus::Idle && said.contains(last)
        });
        over.unwrap_or(false)
    }

    fn said(&self) -> Vec<(Role, String)> {
        let said = self.workspace.with_transcript(&self.session, |transcript| {
            let entries = transcript.messages().iter();
            entries
                .map(|entry| (entry.message.role, format!("{:?}", entry.blocks)))
                .collect()
        });
        said.unwrap_or_default()
    }

    async fn opened(&self) -> Conversation {
        self.workspace.open_session(&self.session, None).await.unwrap()
    }
}

fn with_model<T>(place: &Place, live: impl AsyncFnOnce(&Workspace, &str) -> T) -> T {
    turns::with_model(place, |_| {}, live)
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    let mut command = Command::new("git");
    let ended = command.args(identity).args(arguments).current_dir(folder);
    assert!(ended.status().unwrap().success(), "git {arguments:?}");
}

fn write(folder: &Path, name: &str, content: &str) -> Action {
    let path = folder.join(name);
    Action::tool("write", json!({ "filePath": path, "content": content }))
}

fn paths(files: &[TakenBack]) -> Vec<&str> {
    let mut paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    paths
}

#[test]
fn going_back_puts_files_and_messages_back_and_can_be_undone_until_the_next_prompt() {
    let place = Place::new();
    let folder = place.work().canonicalize().unwrap();
    std::fs::write(folder.join("kept.txt"), "one\n").unwrap();
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "one"]);
    let read = |name: &str| match std::fs::read_to_string(folder.join(name)) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{name} cannot be read: {error}"),
    };
    with_model(&place, async |workspace, model| {
        let thread = Thread::new(workspace, model).await;
        let session = thread.session.as_str();
        let change = "echo two > kept.txt; echo new > a.txt";
        let first = thread.turn("first", vec![turns::bash(change)]).await;
        let second = thread.turn("second", vec![write(&folder, "b.txt", "b\n")]).await;
        assert_eq!(
            (read("kept.txt"), read("a.txt"), read("b.txt")),
            (Some("two\n".into()), Some("new\n".into()), Some("b\n".into()))
        );

        let preview = workspace.revert_preview(session, &second).await.unwrap();
        assert_eq!((preview.prompts, preview.history, preview.more), (1, true, false));
        assert_eq!(
            (paths(&preview.files), paths(&preview.left)),
            (vec!["b.txt"], vec![])
        );
        assert_eq!(preview.files[0].additions, 1);
        let preview = workspace.revert_preview(session, &first).await.unwrap();
        assert_eq!(preview.prompts, 2);
        assert_eq!(paths(&preview.files), ["a.txt", "b.txt", "kept.txt"]);

        let text = workspace.revert_session(session, &first).await.unwrap();
        assert!(text.text.starts_with("first "), "{text:?}");
        assert_eq!(
            (read("kept.txt"), read("a.txt"), read("b.txt")),
            (Some("one\n".into()), None, None)
        );
        let conversation = thread.opened().await;
        assert_eq!(conversation.messages.len(), 0);
        let reverted = conversation.reverted.unwrap();
        assert_eq!((reverted.prompts, reverted.files), (2, true));

        workspace.unrevert_session(session).await.unwrap();
        assert_eq!(
            (read("kept.txt"), read("a.txt"), read("b.txt")),
            (Some("two\n".into()), Some("new\n".into()), Some("b\n".into()))
        );
        let conversation = thread.opened().await;
        assert_eq!(conversation.reverted, None);
        assert!(conversation.messages.len() >= 4, "{conversation:?}");

        workspace.revert_session(session, &second).await.unwrap();
        assert_eq!((read("a.txt"), read("b.txt")), (Some("new\n".into()), None));
        thread.turn("third", Vec::new()).await;
        let said = format!("{:?}", thread.said());
        assert!(said.contains("first") && said.contains("third"), "{said}");
        assert!(
            !said.contains("Done with second"),
            "the prompt made it final: {said}"
        );
        assert_eq!(thread.opened().await.reverted, None);
        let gone = workspace.revert_session(session, &second).await;
        assert!(gone.is_err(), "what is gone cannot be gone back to: {gone:?}");
    });
}

#[test]
fn without_a_history_of_the_folder_only_messages_go_and_that_is_said() {
    let place = Place::new();
    let folder = place.work().canonicalize().unwrap();
    with_model(&place, async |workspace, model| {
        let thread = Thread::new(workspace, model).await;
        let session = thread.session.as_str();
        let prompt = thread.turn("only", vec![write(&folder, "a.txt", "a\n")]).await;
        let preview = workspace.revert_preview(session, &prompt).await.unwrap();
        assert!(!preview.history, "{preview:?}");
        assert_eq!(
            (paths(&preview.files), paths(&preview.left)),
            (vec![], vec!["a.txt"])
        );
        workspace.revert_session(session, &prompt).await.unwrap();
        assert!(folder.join("a.txt").exists());
        let reverted = thread.opened().await.reverted.unwrap();
        assert_eq!((reverted.prompts, reverted.files), (1, false));
    });
}

#[test]
fn a_thread_is_made_of_the_beginning_of_another() {
    let place = Place::new();
    with_model(&place, async |workspace, model| {
        let thread = Thread::new(workspace, model).await;
        let session = thread.session.as_str();
        thread.turn("first", Vec::new()).await;
        let second = thread.turn("second", Vec::new()).await;
        let answer = thread.opened().await.messages[1].id.clone();

        let forked = workspace
            .fork_session(session, Some(&second), "Fork of this")
            .await
            .unwrap()
            .thread;
        assert_eq!(forked.title, "Fork of this");
        assert_eq!(forked.model.as_deref(), Some(model));
        let conversation = workspace.open_session(&forked.id, None).await.unwrap();
        assert_eq!(conversation.messages.len(), 2);
        assert!(
            conversation.draft.starts_with("second "),
            "{}",
            conversation.draft
        );

        let forked = workspace
            .fork_session(session, Some(&answer), "To the answer")
            .await
            .unwrap()
            .thread;
        let conversation = workspace.open_session(&forked.id, None).await.unwrap();
        assert_eq!(
            (conversation.messages.len(), conversation.draft.as_str()),
            (2, "")
        );

        let forked = workspace.fork_session(session, None, "").await.unwrap().thread;
        assert!(!forked.title.is_empty(), "the engine's words then");
        let conversation = workspace.open_session(&forked.id, None).await.unwrap();
        assert_eq!(conversation.messages.len(), 4);

        // What does not count any more is not taken along.
        workspace.revert_session(session, &second).await.unwrap();
        let forked = workspace
            .fork_session(session, None, "Short")
            .await
            .unwrap()
            .thread;
        let conversation = workspace.open_session(&forked.id, None).await.unwrap();
        assert_eq!(conversation.messages.len(), 2);
        let unknown = workspace.fork_session(session, Some("msg_unknown"), "No").await;
        assert!(unknown.is_err(), "{unknown:?}");
    });
}
