//! What stands in a composer beside its words, with the real engine.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP` and bubblewrap, which the check script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../attacks/turns.rs"]
#[expect(dead_code, reason = "turns of several prompts are made here")]
mod turns;
#[path = "../common/upstream.rs"]
mod upstream;
mod waiting;

use common::{Place, until};
use cowork_scripted_model::{Action, Script, Step};
use cowork_workspace::view::{AttachmentRefusal, BlockContent, CommandTrust, Conversation, EngineState};
use cowork_workspace::{GivenFile, Outgoing, SessionStatus, Workspace};

fn marker(steps: Vec<Vec<Action>>) -> String {
    let steps: Vec<Step> = steps.into_iter().map(Step::new).collect();
    Script::new(steps).to_marker().unwrap()
}

fn answers(words: &str) -> String {
    marker(vec![vec![Action::text(words)]])
}

async fn thread(workspace: &Workspace) -> (String, String) {
    let folder = workspace.start().await.unwrap().initial_folder.unwrap();
    let session = workspace.create_session(Some(&folder)).await.unwrap().id;
    workspace.open_session(&session, None).await.unwrap();
    (folder, session)
}

/// Waits until something is so, and says how it stands when that does not come.
async fn eventually(what: &str, is_so: impl AsyncFn() -> bool, stands: impl AsyncFn() -> String) {
    let until = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    while !is_so().await {
        let late = tokio::time::Instant::now() >= until;
        assert!(!late, "waited in vain for {what}: {}", stands().await);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn outgoing(text: String, model: &str) -> Outgoing {
    Outgoing {
        text,
        model: Some(model.to_owned()),
        ..Outgoing::default()
    }
}

async fn said(workspace: &Workspace, session: &str, words: &str) {
    let look = || {
        let found = workspace.with_transcript(session, |transcript| {
            let idle = *transcript.status() == SessionStatus::Idle;
            let answers = transcript.messages().iter().rev();
            let all: Vec<_> = answers.map(|entry| format!("{:?}", entry.blocks)).collect();
            idle && all
                .iter()
                .any(|blocks| blocks.contains(words) && !blocks.contains("script"))
        });
        found.unwrap_or(false).then_some(())
    };
    let told = || {
        let all = workspace.with_transcript(session, |transcript| {
            let entries = transcript.messages().iter();
            entries
                .map(|entry| format!("{:?}", entry.blocks))
                .collect::<Vec<_>>()
        });
        format!("{words}: {all:?}")
    };
    until(told, look).await;
}

fn files(conversation: &Conversation) -> Vec<(String, String)> {
    let blocks = conversation.messages.iter().flat_map(|message| &message.blocks);
    blocks
        .filter_map(|block| match &block.content {
            BlockContent::File { file } => Some((file.name.clone(), file.media_type.clone())),
            _ => None,
        })
        .collect()
}

fn given(name: &str, bytes: &[u8]) -> GivenFile {
    GivenFile {
        name: name.to_owned(),
        bytes: bytes.to_vec(),
    }
}

#[test]
fn what_is_attached_and_named_goes_along_and_comes_back_with_its_prompt() {
    let place = Place::new();
    let folder = place.work().canonicalize().unwrap();
    std::fs::create_dir(folder.join("src")).unwrap();
    std::fs::write(folder.join("src/settings.json"), "{\"a\": 1}").unwrap();
    std::fs::write(folder.join(".env"), "KEY=secret").unwrap();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let (id, session) = thread(workspace).await;
            let kept = workspace
                .attach(
                    &session,
                    vec![
                        given("notes.json", b"{\"notes\": true}"),
                        given("letter.docx", b"PK\x03\x04[Content_Types].xml"),
                        given("../paper.pdf", b"%PDF-1.4 paper"),
                    ],
                )
                .await
                .unwrap();
            assert_eq!(kept.refused.len(), 1);
            assert_eq!(kept.refused[0].reason, AttachmentRefusal::Office);
            let ids: Vec<_> = kept.attached.iter().map(|file| file.id.clone()).collect();
            assert_eq!(kept.attached[1].name, "paper.pdf");

            let found = workspace.search_mentions(&id, "sett").await.unwrap();
            assert_eq!(found.files[0].path, "src/settings.json");
            let all = workspace.search_mentions(&id, "").await.unwrap();
            assert!(all.files.iter().all(|file| file.path != ".env"), "{all:?}");
            assert!(all.agents.iter().any(|agent| agent.name == "general"), "{all:?}");

            let text = format!("Read @src/settings.json and @.env {}", answers("Read all of it."));
            let wanted = Outgoing {
                attachments: ids.clone(),
                ..outgoing(text, model)
            };
            let prompt = workspace.send_with(&session, wanted.clone()).await.unwrap();
            said(workspace, &session, "Read all of it.").await;
            let conversation = workspace.open_session(&session, None).await.unwrap();
            let plain = "text/plain".to_owned();
            assert_eq!(
                files(&conversation),
                [
                    ("notes.json".to_owned(), plain.clone()),
                    ("paper.pdf".to_owned(), "application/pdf".to_owned()),
                    ("src/settings.json".to_owned(), plain),
                ]
            );
            let composer = workspace.composer(&session).await.unwrap();
            assert!(composer.attachments.is_empty(), "{composer:?}");
            let again = workspace.send_with(&session, wanted).await;
            assert!(again.is_err(), "what went out cannot go out again: {again:?}");

            let back = workspace.revert_session(&session, &prompt).await.unwrap();
            assert!(back.text.starts_with("Read @src/settings.json"), "{back:?}");
            let composer = workspace.composer(&session).await.unwrap();
            let names: Vec<_> = composer
                .attachments
                .iter()
                .map(|file| file.name.as_str())
                .collect();
            assert_eq!(names, ["notes.json", "paper.pdf"]);
            assert_eq!(back.attachments.len(), 2);
            assert!(back.missing.is_empty(), "{back:?}");
            workspace.detach(&session, &back.attachments[0]).await.unwrap();
            assert_eq!(workspace.composer(&session).await.unwrap().attachments.len(), 1);

            // What finds no room beside what is written there is named.
            workspace.unrevert_session(&session).await.unwrap();
            let others = (0..8).map(|number| given(&format!("{number}.txt"), b"other"));
            workspace.attach(&session, others.collect()).await.unwrap();
            let back = workspace.revert_session(&session, &prompt).await.unwrap();
            assert_eq!(
                (back.attachments.len(), back.missing),
                (1, vec!["paper.pdf".to_owned()])
            );
            let forked = workspace.fork_session(&session, None, "Fork").await.unwrap();
            assert!(forked.missing.is_empty(), "{forked:?}");
        },
    );
}

#[test]
fn what_is_attached_is_there_after_a_restart_and_after_a_prompt_that_was_not_taken() {
    let place = Place::new();
    let session = turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let (_, session) = thread(workspace).await;
            let kept = workspace
                .attach(&session, vec![given("kept.txt", b"kept")])
                .await
                .unwrap();
            let wanted = Outgoing {
                agent: Some("nobody".to_owned()),
                attachments: vec![kept.attached[0].id.clone()],
                ..outgoing("Ask nobody".to_owned(), model)
            };
            // The engine takes it and throws it away a moment later, or is heard to do so before it is heard to take it.
            let _ = workspace.send_with(&session, wanted).await;
            // What is cleaned up elsewhere in between takes nothing of it along.
            workspace.remove_queued(&session, "none").await.unwrap();
            let store = || async { workspace.composer(&session).await.unwrap().attachments.len() };
            while store().await == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            session
        },
    );
    turns::with_model(
        &place,
        |_| {},
        async |workspace, _| {
            let conversation = workspace.open_session(&session, None).await.unwrap();
            assert_eq!(conversation.draft, "Ask nobody");
            let composer = workspace.composer(&session).await.unwrap();
            assert_eq!(composer.attachments[0].name, "kept.txt");
        },
    );
}

#[test]
fn a_prompt_whose_engine_is_killed_is_in_the_thread_or_written_again_and_never_both() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            for pause in [0, 10, 100] {
                let (_, session) = thread(workspace).await;
                let before = workspace.engine_health().await.unwrap().process_id;
                let text = format!("after {pause} {}", answers("It was answered."));
                workspace
                    .send_with(&session, outgoing(text, model))
                    .await
                    .unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                let process = before.unwrap().to_string();
                let killed = std::process::Command::new("kill").args(["-9", &process]).status();
                assert!(killed.unwrap().success());
                let is_new = async || {
                    let health = workspace.engine_health().await.unwrap();
                    matches!(health.state, EngineState::Ready { .. })
                        && health.process_id.is_some()
                        && health.process_id != before
                };
                let health = async || format!("{:?}", workspace.engine_health().await);
                eventually("another engine", is_new, health).await;
                let words = format!("after {pause} ");
                let places = async || {
                    let conversation = workspace.open_session(&session, None).await.unwrap();
                    let said = format!("{:?}", conversation.messages).contains(&words);
                    usize::from(said) + usize::from(conversation.draft.contains(&words))
                };
                let is_there = async || places().await > 0;
                eventually("the prompt to be somewhere", is_there, health).await;
                assert_eq!(places().await, 1, "after {pause} ms");
                let waiting = outgoing(format!("next {}", answers("Next.")), model);
                workspace.queue_prompt(&session, waiting).await.unwrap();
                // After a turn that was cut off it waits for the person.
                let is_held_or_gone = async || {
                    let composer = workspace.composer(&session).await.unwrap();
                    composer.held || composer.queue.is_empty()
                };
                let stands = async || {
                    let composer = workspace.composer(&session).await;
                    let start = workspace.start().await.unwrap();
                    let row = start.sessions.into_iter().find(|row| row.id == session);
                    format!("{composer:?}, {row:?}, {}", health().await)
                };
                eventually("the waiting prompt to be held or sent", is_held_or_gone, stands).await;
            }
        },
    );
}

#[test]
fn commands_run_and_those_of_a_folder_are_trusted_by_what_they_say() {
    let place = Place::new();
    let commands = place.work().join(".opencode/command");
    std::fs::create_dir_all(&commands).unwrap();
    let file = commands.join("tell.md");
    std::fs::write(
        &file,
        "---\ndescription: Tells\n---\nTell of !`cat notes` and $ARGUMENTS",
    )
    .unwrap();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let (folder, session) = thread(workspace).await;
            let list = workspace.commands(&folder).await.unwrap();
            let named = |key: &str| list.iter().find(|command| command.key == key).unwrap().clone();
            assert_eq!(named("engine/init").trust, CommandTrust::NotNeeded);
            let tell = named("folder/tell");
            assert_eq!(
                (tell.trust, tell.shell.as_slice()),
                (CommandTrust::Needed, &["cat notes".to_owned()][..])
            );
            let arguments = answers("It was told.");
            let run = async || {
                let chosen = outgoing(String::new(), model);
                workspace
                    .run_command(&session, "folder/tell", &arguments, chosen)
                    .await
            };
            assert!(run().await.is_err(), "nobody read it yet");
            workspace
                .trust_command(&folder, &tell.key, &tell.hash)
                .await
                .unwrap();
            run().await.unwrap();
            said(workspace, &session, "It was told.").await;

            std::fs::write(&file, "Tell of !`cat /etc/passwd`").unwrap();
            let list = workspace.commands(&folder).await.unwrap();
            let changed = list.iter().find(|command| command.key == "folder/tell").unwrap();
            assert_eq!(changed.trust, CommandTrust::Changed);
            assert!(run().await.is_err(), "it says something else by now");
            let old = workspace.trust_command(&folder, &tell.key, &tell.hash).await;
            assert!(old.is_err(), "what was read is not what is there");

            let arguments = answers("The engine ran it.");
            let chosen = outgoing(String::new(), model);
            let message = workspace
                .run_command(&session, "engine/init", &arguments, chosen)
                .await
                .unwrap();
            said(workspace, &session, "The engine ran it.").await;
            let known = workspace.with_transcript(&session, |transcript| {
                transcript
                    .messages()
                    .iter()
                    .any(|entry| entry.message.id.as_str() == message)
            });
            assert_eq!(known, Some(true));
            let unknown = workspace
                .run_command(&session, "engine/nothing", "", Outgoing::default())
                .await;
            assert!(unknown.is_err(), "{unknown:?}");
        },
    );
}

#[test]
fn a_thread_is_compacted_and_says_what_fills_it() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let (_, session) = thread(workspace).await;
            assert_eq!(workspace.context_fill(&session).unwrap().used, 0);
            let empty = workspace.compact_session(&session, Some(model)).await;
            assert!(empty.is_err(), "nothing was said yet: {empty:?}");
            let text = format!("first {}", answers("Something was said."));
            workspace
                .send_with(&session, outgoing(text, model))
                .await
                .unwrap();
            said(workspace, &session, "Something was said.").await;
            let fill = workspace.context_fill(&session).unwrap();
            assert!(fill.used > 0 && fill.used >= fill.output, "{fill:?}");
            workspace.compact_session(&session, Some(model)).await.unwrap();
            assert!(!workspace.composer(&session).await.unwrap().compacting);
            let look = || {
                let found = workspace.with_transcript(&session, |transcript| {
                    let entries = transcript.messages().iter();
                    let summary = entries.clone().any(|entry| entry.message.summary);
                    let mark = entries
                        .flat_map(|entry| &entry.blocks)
                        .any(|block| format!("{:?}", block.content).contains("Compaction"));
                    summary && mark
                });
                found.unwrap_or(false).then_some(())
            };
            until(|| "the summary and its mark".to_owned(), look).await;
        },
    );
}
