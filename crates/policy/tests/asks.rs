//! What happens to asks that arrive.

use cowork_engine::{PermissionAsk, PermissionKind};
use cowork_policy::{AskReason, DangerKind, Decision, decide, reason};

fn ask(kind: PermissionKind) -> PermissionAsk {
    PermissionAsk {
        id: "per_1".into(),
        session: "ses_1".into(),
        kind,
        patterns: vec!["ls".to_owned(), "rm -rf x".to_owned()],
        always: Vec::new(),
        command: None,
        path: None,
        diff: None,
        call: None,
    }
}

#[test]
fn kinds_the_app_can_explain_are_put_to_the_person() {
    for kind in [
        PermissionKind::Shell,
        PermissionKind::Edit,
        PermissionKind::Read,
        PermissionKind::Fetch,
        PermissionKind::WebSearch,
        PermissionKind::Task,
        PermissionKind::ExternalFolder,
        PermissionKind::RepeatedCall,
        PermissionKind::Skill,
        PermissionKind::Tool("files_write".to_owned()),
    ] {
        assert_eq!(decide(&kind), Decision::Ask, "{kind:?}");
    }
}

#[test]
fn a_kind_the_app_does_not_know_is_refused_by_name() {
    let Decision::Deny { reason } = decide(&PermissionKind::Other("new_power".to_owned())) else {
        panic!("an unknown kind was put to the person");
    };
    assert!(reason.contains("new_power"), "{reason}");
}

#[test]
fn a_command_is_judged_whole_and_by_its_parts_where_the_whole_is_missing() {
    let mut shell = ask(PermissionKind::Shell);
    let AskReason::RunsCommand { danger: Some(found) } = reason(&shell) else {
        panic!("the dangerous part was not seen");
    };
    assert_eq!(found.kind, DangerKind::DeletesFiles);

    shell.command = Some("ls".to_owned());
    assert_eq!(reason(&shell), AskReason::RunsCommand { danger: None });
}

#[test]
fn every_kind_has_its_own_reason() {
    let kinds = [
        PermissionKind::Shell,
        PermissionKind::Edit,
        PermissionKind::Read,
        PermissionKind::Fetch,
        PermissionKind::WebSearch,
        PermissionKind::Task,
        PermissionKind::ExternalFolder,
        PermissionKind::RepeatedCall,
        PermissionKind::Skill,
        PermissionKind::Tool("x".to_owned()),
        PermissionKind::Other("x".to_owned()),
    ];
    let mut sentences: Vec<String> = kinds.map(|kind| reason(&ask(kind)).to_string()).to_vec();
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), 11, "two kinds are explained with the same words");
}
