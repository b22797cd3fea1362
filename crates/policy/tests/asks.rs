//! What happens to asks that arrive.

use cowork_engine::{PermissionAsk, PermissionKind};
use cowork_policy::{AskReason, DangerKind, Decision, ask_danger, decide, may_always, reason};

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
fn always_is_for_what_the_engine_can_name_and_does_not_destroy() {
    let kind = |ask: &PermissionAsk| ask_danger(ask).map(|danger| danger.kind);
    let mut shell = ask(PermissionKind::Shell);
    shell.always = vec!["ls *".to_owned()];
    assert_eq!(
        kind(&shell),
        Some(DangerKind::DeletesFiles),
        "the parts are judged where the whole is missing"
    );
    assert!(!may_always(&shell));
    shell.command = Some(" ".to_owned());
    assert!(!may_always(&shell), "a blank command says nothing");

    shell.command = Some("ls".to_owned());
    assert_eq!(kind(&shell), None);
    assert!(may_always(&shell));
    shell.always.clear();
    assert!(!may_always(&shell), "there is nothing that always would allow");

    let mut edit = ask(PermissionKind::Edit);
    edit.always = vec!["*".to_owned()];
    assert_eq!(kind(&edit), None, "a path is no command, whatever its name");
    assert!(may_always(&edit));
    edit.command = Some("rm -rf x".to_owned());
    assert!(!may_always(&edit), "a command counts whatever the kind");
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
