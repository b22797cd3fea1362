//! What is allowed for good while several things happen to it at once.

use cowork_engine::PermissionKind;

use super::*;
use crate::providers::testing::{Ring, given_up, open, open_as};
use crate::told;

fn shell(command: &str) -> PermissionAsk {
    told::ask(PermissionKind::Shell, &[command], &[command])
}

fn numbers(workspace: &Workspace) -> Vec<i64> {
    let mut numbers: Vec<_> = workspace.allowances().iter().map(|rule| rule.id).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_taken_back_while_another_is_given_stays_taken_back() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let folder = Path::new("/work");
    for round in 0..40 {
        let (first, second) = (format!("first {round}"), format!("second {round}"));
        workspace
            .keep_allowances(
                &shell(&first),
                folder,
                RuleScope::Folder,
                std::slice::from_ref(&first),
            )
            .await
            .unwrap();
        let id = workspace.allowances()[0].id;
        let (giving, taking) = (workspace.clone(), workspace.clone());
        let given = tokio::spawn(async move {
            let patterns = std::slice::from_ref(&second);
            giving
                .keep_allowances(&shell(&second), Path::new("/work"), RuleScope::Folder, patterns)
                .await
        });
        let taken = tokio::spawn(async move { taking.revoke_allowance(id).await });
        given.await.unwrap().unwrap();
        taken.await.unwrap().unwrap();
        let mut kept: Vec<_> = workspace
            .inner
            .store
            .allowances()
            .unwrap()
            .iter()
            .map(|rule| rule.id)
            .collect();
        kept.sort_unstable();
        assert_eq!(numbers(&workspace), kept, "in round {round}");
    }
}

#[tokio::test]
async fn of_the_rules_of_one_answer_none_holds_where_one_cannot_be_kept() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let rules = ["ls *".to_owned(), "x".repeat(cowork_store::PATTERN_LIMIT + 1)];
    let refused = workspace
        .keep_allowances(&shell("ls"), Path::new("/work"), RuleScope::Folder, &rules)
        .await;
    assert!(matches!(refused, Err(WorkspaceError::NotSaved(_))), "{refused:?}");
    assert!(workspace.allowances().is_empty());
    assert!(workspace.inner.store.allowances().unwrap().is_empty());
}

#[tokio::test]
async fn a_rule_of_a_thread_that_is_deleted_meanwhile_does_not_come_back() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let patterns = ["ls *".to_owned()];
    let folder = Path::new("/work");
    workspace
        .keep_allowances(&shell("ls"), folder, RuleScope::Thread, &patterns)
        .await
        .unwrap();
    let all = workspace.inner.store.allowances().unwrap();
    assert_eq!(all.len(), 1);
    let mut state = workspace.inner.state();
    state.remove_session(&"ses_1".into());
    state.take_allowances(all);
    assert!(state.allowances.is_empty());
}

#[tokio::test]
async fn what_runs_without_a_box_for_now_is_forgotten_with_the_program() {
    let work = tempfile::tempdir().unwrap();
    let granted = vec![work.path().to_owned()];
    let (_root, workspace) = open_as(&Ring::default(), |options| options.folders = granted).await;
    given_up(&workspace).await;
    let folder = workspace.start().await.unwrap().initial_folder.unwrap();
    let path = workspace.inner.state().folders.resolve(&folder).unwrap();
    let unboxed = || workspace.inner.state().folders.is_unboxed(&path);
    let asked = workspace.unbox_folder_for_now(&folder, Consent::Missing).await;
    assert!(
        matches!(&asked, Err(WorkspaceError::ConsentNeeded(words)) if words.contains(&*path.to_string_lossy())),
        "{asked:?}"
    );
    assert!(!unboxed());
    workspace
        .unbox_folder_for_now(&folder, Consent::Given)
        .await
        .unwrap();
    assert!(unboxed());
    assert!(workspace.inner.store.unboxed_folders().unwrap().is_empty());
    // Who meant it for good says so elsewhere.
    workspace
        .unbox_folder(&folder, true, Consent::Given)
        .await
        .unwrap();
    assert_eq!(workspace.inner.store.unboxed_folders().unwrap().len(), 1);
}
