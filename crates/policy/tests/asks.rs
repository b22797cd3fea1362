//! What happens to asks that arrive.

use cowork_engine::{PermissionAsk, PermissionKind};
use cowork_policy::{
    AskReason, BoxOfTools, DangerKind, Decision, Surroundings, ask_danger, decide, may_always, reason,
};

fn ask(kind: PermissionKind) -> PermissionAsk {
    PermissionAsk {
        id: "per_1".into(),
        session: "ses_1".into(),
        kind,
        patterns: vec!["ls".to_owned(), "rm -rf x".to_owned()],
        always: Vec::new(),
        command: None,
        path: None,
        leads_to: None,
        diff: None,
        call: None,
    }
}

/// The kinds that run no program of their own.
fn held_by_the_engine() -> [PermissionKind; 8] {
    [
        PermissionKind::Edit,
        PermissionKind::Read,
        PermissionKind::Fetch,
        PermissionKind::WebSearch,
        PermissionKind::Task,
        PermissionKind::ExternalFolder,
        PermissionKind::RepeatedCall,
        PermissionKind::Skill,
    ]
}

/// The kinds that do.
fn programs() -> [PermissionKind; 2] {
    [
        PermissionKind::Shell,
        PermissionKind::Tool("files_write".to_owned()),
    ]
}

fn surroundings(box_of_tools: BoxOfTools, unboxed_allowed: bool) -> Surroundings {
    Surroundings {
        box_of_tools,
        unboxed_allowed,
    }
}

const NOTHING_HOLDS: Surroundings = Surroundings {
    box_of_tools: BoxOfTools::Failed,
    unboxed_allowed: false,
};

fn everywhere() -> [Surroundings; 6] {
    [
        NOTHING_HOLDS,
        surroundings(BoxOfTools::Failed, true),
        surroundings(BoxOfTools::Unproven, false),
        surroundings(BoxOfTools::Unproven, true),
        surroundings(BoxOfTools::Proven, false),
        surroundings(BoxOfTools::Proven, true),
    ]
}

#[test]
fn kinds_the_app_can_explain_are_put_to_the_person() {
    for around in everywhere() {
        for kind in held_by_the_engine() {
            assert_eq!(decide(&kind, around), Decision::Ask, "{kind:?} in {around:?}");
        }
        for kind in programs() {
            let asks = decide(&kind, around) == Decision::Ask;
            assert_eq!(asks, around != NOTHING_HOLDS, "{kind:?} in {around:?}");
        }
    }
}

#[test]
fn what_nothing_holds_is_refused_with_what_the_person_can_do() {
    for (kind, named) in programs()
        .iter()
        .zip(["commands are not run", "\"files_write\" of a server is not used"])
    {
        let Decision::Deny { reason } = decide(kind, NOTHING_HOLDS) else {
            panic!("{kind:?} was put to the person without a box");
        };
        for part in [
            named,
            "on this computer without a box",
            "the person can allow it for this folder",
        ] {
            assert!(reason.contains(part), "{reason}");
        }
    }
}

#[test]
fn a_kind_the_app_does_not_know_is_refused_by_name() {
    for around in everywhere() {
        let Decision::Deny { reason } = decide(&PermissionKind::Other("new_power".to_owned()), around) else {
            panic!("an unknown kind was put to the person");
        };
        assert!(reason.contains("new_power"), "{reason}");
    }
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
