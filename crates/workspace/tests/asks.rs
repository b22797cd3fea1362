//! What waits for the person, and the rules it is answered with, with the real engine.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, and bubblewrap, which the check script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "attacks/turns.rs"]
#[expect(dead_code, reason = "turns that ask are made here")]
mod turns;
#[path = "common/upstream.rs"]
mod upstream;

use std::time::Duration;

use common::{PATIENCE, Place};
use cowork_engine::PermissionReply;
use cowork_scripted_model::{Action, Script, Step};
use cowork_workspace::view::{EngineState, PermissionCard, RuleRefusal, RuleScope};
use cowork_workspace::{SessionStatus, Workspace};

/// Begins a thread that makes these calls, one after the other.
async fn thread(workspace: &Workspace, model: &str, commands: &[&str]) -> String {
    let folder = workspace.start().await.unwrap().initial_folder;
    let session = workspace.create_session(folder.as_deref()).await.unwrap().id;
    turn(workspace, &session, model, commands).await;
    session
}

async fn turn(workspace: &Workspace, session: &str, model: &str, commands: &[&str]) {
    let mut steps: Vec<Step> = commands
        .iter()
        .map(|command| Step::new([turns::bash(command)]))
        .collect();
    steps.push(Step::new([Action::text("Done.")]));
    let prompt = format!("Do it {}", Script::new(steps).to_marker().unwrap());
    workspace
        .send_prompt(session, &prompt, None, Some(model.to_owned()))
        .await
        .unwrap();
}

async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// What a thread asks for, once it asks for a command that holds these words.
async fn asked(workspace: &Workspace, session: &str, words: &str) -> PermissionCard {
    until(words, || {
        let mut waiting = workspace.waiting(session).permissions.into_iter();
        waiting.rfind(|card| {
            card.command
                .as_deref()
                .is_some_and(|command| command.contains(words))
        })
    })
    .await
}

async fn ended(workspace: &Workspace, session: &str) {
    until("the end of the turn", || {
        let idle = workspace.with_transcript(session, |transcript| {
            *transcript.status() == SessionStatus::Idle && transcript.messages().len() > 1
        });
        idle.unwrap_or(false).then_some(())
    })
    .await;
}

#[test]
fn a_rule_of_a_thread_answers_there_alone_and_is_still_known_to_the_next_engine() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let first = thread(workspace, model, &["echo one", "echo two"]).await;
            let card = asked(workspace, &first, "echo one").await;
            assert_eq!(card.always[0].pattern, "echo *");
            let rules = vec!["echo *".to_owned()];
            workspace
                .allow_with_rules(&first, &card.id, RuleScope::Thread, rules)
                .await
                .unwrap();
            ended(workspace, &first).await;
            let rule = workspace.allowances().remove(0);
            assert!(rule.thread_only && !rule.edited);
            assert_eq!((rule.uses, rule.thread.as_deref()), (1, Some(first.as_str())));
            assert!(rule.last_used.is_some());

            let second = thread(workspace, model, &["echo three"]).await;
            let card = asked(workspace, &second, "echo three").await;
            let reject = PermissionReply::Reject { feedback: None };
            workspace
                .answer_permission(&second, &card.id, reject)
                .await
                .unwrap();
            ended(workspace, &second).await;

            workspace.start_engine().await.unwrap();
            for ready in [false, true] {
                until("the next engine", || {
                    let is_ready = matches!(workspace.engine_state(), EngineState::Ready { .. });
                    (is_ready == ready).then_some(())
                })
                .await;
            }
            turn(workspace, &first, model, &["echo four"]).await;
            until("the rule's second use", || {
                (workspace.allowances()[0].uses == 2).then_some(())
            })
            .await;
            ended(workspace, &first).await;
            workspace.delete_session(&first).await.unwrap();
            assert_eq!(workspace.allowances(), [], "it lived as long as its thread");
        },
    );
}

#[test]
fn what_the_engine_asks_nobody_for_is_not_run() {
    let place = Place::new();
    let kept = place.work().join("kept");
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            std::fs::write(&kept, "kept").unwrap();
            let commands = ["> kept", "cd . > kept", "[[ 'a[$(rm kept)]' -eq 0 ]]"];
            let session = thread(workspace, model, &commands).await;
            // Nothing waits for the person: the turn ends by itself.
            ended(workspace, &session).await;
            assert_eq!(std::fs::read_to_string(&kept).unwrap(), "kept");
        },
    );
}

#[test]
fn what_waits_in_two_threads_is_in_one_inbox_and_leaves_it_when_it_is_answered() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let first = thread(workspace, model, &["touch a"]).await;
            asked(workspace, &first, "touch a").await;
            let second = thread(workspace, model, &["rm -rf b"]).await;
            asked(workspace, &second, "rm -rf b").await;
            let inbox = workspace.start().await.unwrap().inbox;
            let rows: Vec<_> = inbox
                .rows
                .iter()
                .map(|row| (row.thread.as_str(), row.destructive))
                .collect();
            assert_eq!(rows, [(first.as_str(), false), (second.as_str(), true)]);
            let row = &inbox.rows[1];
            let whole = workspace.inbox_ask(&second, &row.id).unwrap().permission.unwrap();
            assert_eq!(whole.command.as_deref(), Some("rm -rf b"));
            assert_eq!((whole.dangers[0].from, whole.dangers[0].to), (0, 8));
            assert_eq!(whole.rule.map(|rule| rule.pattern).as_deref(), Some("*"));
            assert!(whole.always.is_empty());

            let feedback = Some("keep it".to_owned());
            workspace
                .answer_permission(&second, &row.id, PermissionReply::Reject { feedback })
                .await
                .unwrap();
            ended(workspace, &second).await;
            let left = workspace.start().await.unwrap().inbox;
            assert_eq!(left.rows.len(), 1);
            let gone = workspace.inbox_ask(&second, &row.id).unwrap();
            assert!(gone.permission.is_none() && gone.question.is_none());
        },
    );
}

#[test]
fn a_rule_that_does_not_cover_what_is_asked_or_is_too_wide_is_not_saved_and_nothing_runs() {
    let place = Place::new();
    let folder = place.work();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let session = thread(workspace, model, &["touch made"]).await;
            let card = asked(workspace, &session, "touch made").await;
            let check = |pattern: &str| {
                workspace
                    .check_rules(&session, &card.id, &[pattern.to_owned()])
                    .unwrap()
            };
            assert_eq!(check("touch *").refused, [None]);
            assert!(check("touch *").covers);
            assert!(!check("ls *").covers);
            assert_eq!(check("*").refused, [Some(RuleRefusal::TooWide)]);
            assert_eq!(check("rm *").refused, [Some(RuleRefusal::Dangerous)]);
            for pattern in ["ls *", "*", "rm *", ""] {
                let patterns = vec![pattern.to_owned()];
                let refused = workspace
                    .allow_with_rules(&session, &card.id, RuleScope::Folder, patterns)
                    .await;
                assert!(refused.is_err(), "{pattern:?}");
            }
            assert_eq!(workspace.allowances(), []);
            assert!(!folder.join("made").exists());

            let worded = vec!["touch m*".to_owned()];
            workspace
                .allow_with_rules(&session, &card.id, RuleScope::Folder, worded)
                .await
                .unwrap();
            ended(workspace, &session).await;
            assert!(folder.join("made").exists());
            let rule = workspace.allowances().remove(0);
            assert!(rule.edited && !rule.thread_only);
            workspace.revoke_allowance(rule.id).await.unwrap();
            assert!(
                workspace.restore_allowance(rule.id + 1).await.is_err(),
                "only what was taken back can be given back"
            );
            workspace.restore_allowance(rule.id).await.unwrap();
            assert!(workspace.restore_allowance(rule.id).await.is_err());
            assert_eq!(workspace.allowances(), [rule]);
        },
    );
}
