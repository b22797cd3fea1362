//! What was allowed for good is not asked for again, and nothing else.

use cowork_engine::{PermissionAsk, PermissionKind};
use cowork_policy::{
    Action, AllowedPattern, ask_danger, covered, danger, engine_rules, evaluate, may_always, permission_name,
};
use proptest::prelude::*;

fn ask(kind: PermissionKind, patterns: &[&str]) -> PermissionAsk {
    PermissionAsk {
        id: "per_1".into(),
        session: "ses_1".into(),
        kind,
        patterns: patterns.iter().map(|&pattern| pattern.to_owned()).collect(),
        always: vec!["*".to_owned()],
        command: None,
        path: None,
        leads_to: None,
        diff: None,
        call: None,
    }
}

fn is_covered(ask: &PermissionAsk, allowed: &[(&str, &str)]) -> bool {
    let allowed = allowed
        .iter()
        .map(|&(permission, pattern)| AllowedPattern { permission, pattern });
    covered(ask, allowed)
}

#[test]
fn an_ask_is_covered_when_each_of_its_patterns_was_allowed() {
    let shell = ask(PermissionKind::Shell, &["git status", "ls"]);
    let (git, ls) = (("bash", "git status *"), ("bash", "ls *"));
    assert!(is_covered(&shell, &[git, ls]));
    assert!(is_covered(&shell, &[("bash", "*")]));
    assert!(!is_covered(&shell, &[git]), "one of two was never allowed");
    assert!(!is_covered(&shell, &[ls]));
    assert!(!is_covered(&shell, &[]));
    let longer = ask(PermissionKind::Shell, &["git status", "lsof"]);
    assert!(!is_covered(&longer, &[git, ls]), "a name that only begins alike");
}

#[test]
fn a_command_that_says_first_which_programs_run_is_asked_whatever_was_allowed() {
    // An engine names the programs alone.
    let mut shell = ask(PermissionKind::Shell, &["git status"]);
    shell.command = Some("git status".to_owned());
    assert!(is_covered(&shell, &[("bash", "git status *")]));
    for command in [
        "PATH=./x:$PATH; git status",
        "export LD_PRELOAD=./x.so; git status",
        "GIT_DIR=./x git status",
    ] {
        shell.command = Some(command.to_owned());
        assert!(!is_covered(&shell, &[("bash", "git status *")]), "{command}");
    }
}

#[test]
fn a_command_with_a_program_that_no_pattern_of_it_names_is_asked_whatever_was_allowed() {
    let everything = [
        ("bash", "git status *"),
        ("bash", "echo *"),
        ("bash", "npm test *"),
    ];
    let covered = |command: &str, patterns: &[&str]| {
        let mut shell = ask(PermissionKind::Shell, patterns);
        shell.command = Some(command.to_owned());
        is_covered(&shell, &everything)
    };
    assert!(covered("git status && npm test", &["git status", "npm test"]));
    assert!(covered("cd x && export A=1; npm test", &["npm test"]));
    assert!(covered("if [ -f x ]; then timeout 5 npm test; fi", &["npm test"]));
    assert!(covered(
        "echo \"$(git status)\"",
        &["git status", "echo \"$(git status)\""]
    ));
    // Each is looked for among all: that takes no square of their number.
    let many: Vec<_> = (0..30_000).map(|number| format!("p{number}")).collect();
    let named: Vec<_> = many.iter().map(String::as_str).collect();
    assert!(!covered(&many.join(";"), &named));
    // An engine that does not read all of it.
    assert!(!covered("git status; ./x.sh", &["git status"]));
    assert!(!covered("git status\n./x.sh", &["git status"]));
    assert!(!covered("echo $(./x.sh)", &["echo $(./x.sh)"]));
}

#[test]
fn what_a_command_writes_behind_a_file_has_to_be_said_by_a_rule() {
    // An engine's pattern of a command has its arrow.
    let mut shell = ask(PermissionKind::Shell, &["echo x >> src/main.rs"]);
    shell.command = Some("echo x >> src/main.rs".to_owned());
    assert!(!is_covered(&shell, &[("bash", "echo *")]));
    assert!(is_covered(&shell, &[("bash", "echo * >> src/main.rs")]));
    shell.patterns = vec!["echo x".to_owned()];
    shell.command = Some("{ echo x; } >> src/main.rs".to_owned());
    assert!(!is_covered(&shell, &[("bash", "echo *")]));
    shell.command = Some("echo x 2>> /dev/null".to_owned());
    assert!(is_covered(&shell, &[("bash", "echo *")]));
}

#[test]
fn a_program_that_is_told_to_run_another_or_to_write_a_file_is_asked_whatever_was_allowed_of_it() {
    for (rule, command) in [
        ("git ls-remote *", "git ls-remote --upload-pack=./x ."),
        ("git fetch *", "git fetch --upload-pack ./x origin"),
        ("git clone *", "git clone ext::./x y"),
        ("git grep *", "git grep --open-files-in-pager=./x a"),
        ("git log *", "git log --output=src/x.rs"),
        ("rg *", "rg --pre ./x a"),
        ("go test *", "go test -exec ./x ./..."),
        ("cargo test *", "cargo test --config build.rustc-wrapper='./x'"),
        ("npm test *", "npm test --script-shell=./x"),
        ("make *", "make SHELL=./x"),
        ("sort *", "sort -o src/x.rs a"),
        ("scp *", "scp -oProxyCommand=./x a b:"),
    ] {
        let mut shell = ask(PermissionKind::Shell, &[command]);
        shell.command = Some(command.to_owned());
        assert!(!is_covered(&shell, &[("bash", rule)]), "{command}");
        let plain = rule.strip_suffix(" *").unwrap_or(rule);
        shell.patterns = vec![plain.to_owned()];
        shell.command = Some(plain.to_owned());
        assert!(is_covered(&shell, &[("bash", rule)]), "{plain}");
    }
}

#[test]
fn what_was_allowed_for_one_permission_covers_no_other() {
    let edit = ask(PermissionKind::Edit, &["src/main.rs"]);
    assert!(is_covered(&edit, &[("edit", "src/*")]));
    for permission in ["bash", "read", "Edit", "edit ", "", "*", "e*", "????"] {
        assert!(!is_covered(&edit, &[(permission, "*")]), "{permission:?}");
    }
    let tool = ask(PermissionKind::Tool("files_write".to_owned()), &["*"]);
    assert!(is_covered(&tool, &[("files_write", "*")]));
    assert!(
        !is_covered(&tool, &[("files_*", "*")]),
        "one tool was allowed, not its server"
    );
}

#[test]
fn an_ask_that_does_not_say_what_it_asks_for_is_asked() {
    let mut edit = ask(PermissionKind::Edit, &[]);
    assert!(!is_covered(&edit, &[("edit", "*")]));
    edit.patterns.push(String::new());
    assert!(
        is_covered(&edit, &[("edit", "*")]),
        "everything includes the empty name"
    );
}

#[test]
fn what_may_not_be_allowed_for_good_is_asked_each_time() {
    let everything = [("bash", "*"), ("new_power", "*")];
    let mut shell = ask(PermissionKind::Shell, &["rm -rf x"]);
    assert!(!is_covered(&shell, &everything));
    assert!(
        !is_covered(&shell, &[("bash", "rm -rf x")]),
        "not even to the letter"
    );
    shell.patterns = vec!["ls".to_owned()];
    assert!(is_covered(&shell, &everything));
    shell.command = Some("ls && rm -rf x".to_owned());
    assert!(!is_covered(&shell, &everything), "the whole command counts");
    shell.command = None;
    shell.always.clear();
    assert!(!is_covered(&shell, &everything), "the engine offers no always");

    let unknown = ask(PermissionKind::Other("new_power".to_owned()), &["x"]);
    assert!(
        !is_covered(&unknown, &everything),
        "nobody can have judged what has no words"
    );
}

#[test]
fn one_folder_that_was_allowed_is_not_all_beside_it() {
    let outside = |pattern| ask(PermissionKind::ExternalFolder, &[pattern]);
    let allowed = [("external_directory", "/srv/a/*")];
    assert!(is_covered(&outside("/srv/a/*"), &allowed));
    assert!(is_covered(&outside("/srv/a/b/*"), &allowed));
    assert!(!is_covered(&outside("/srv/ab/*"), &allowed));
    assert!(!is_covered(&outside("/srv/*"), &allowed));
    // A folder can be called `?`; everything is more than any one character.
    let odd = [("external_directory", "/srv/?")];
    assert!(is_covered(&outside("/srv/?"), &odd));
    assert!(!is_covered(&outside("/srv/*"), &odd));
}

#[test]
fn each_kind_has_the_name_that_the_rules_ask_by() {
    let rules = engine_rules(&["files"]);
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
        PermissionKind::Tool("files_write".to_owned()),
    ];
    for kind in &kinds {
        // Reading asks for files that hold secrets alone.
        assert_eq!(
            evaluate(&rules, permission_name(kind), ".env"),
            Action::Ask,
            "{kind:?}"
        );
    }
    let mut names = kinds.iter().map(permission_name).collect::<Vec<_>>();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), kinds.len(), "two kinds share a name");
    assert_eq!(
        permission_name(&PermissionKind::Other("new_power".to_owned())),
        "new_power"
    );
}

/// What a pattern matches, written down a second time and as plainly as can be.
fn fits(pattern: &str, text: &str) -> bool {
    fn whole(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), None) => whole(rest, text),
            (Some(('*', rest)), Some((_, behind))) => whole(rest, text) || whole(pattern, behind),
            (Some((wanted, rest)), Some((found, behind))) => {
                (wanted == found || *wanted == '?') && whole(rest, behind)
            }
            _ => false,
        }
    }
    let characters = |text: &str| text.replace('\\', "/").chars().collect::<Vec<_>>();
    let text = characters(text);
    let bare = pattern
        .strip_suffix(" *")
        .is_some_and(|bare| whole(&characters(bare), &text));
    bare || whole(&characters(pattern), &text)
}

fn allowed_patterns() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let permission = prop::sample::select(vec!["edit", "edit", "edit", "bash"]);
    prop::collection::vec((permission, "[ab*? /\\\\]{0,5}"), 0..5)
}

proptest! {
    #[test]
    fn no_ask_is_covered_with_a_pattern_outside_of_those_allowed(
        allowed in allowed_patterns(),
        asked in prop::collection::vec("[ab? /\\\\]{0,5}", 1..4),
    ) {
        let list: Vec<_> = allowed.iter().map(|(permission, pattern)| (*permission, pattern.as_str())).collect();
        let asked: Vec<_> = asked.iter().map(String::as_str).collect();
        let within = |asked: &str| list.iter().any(|(name, pattern)| *name == "edit" && fits(pattern, asked));
        let all = asked.iter().all(|asked| within(asked));
        prop_assert_eq!(is_covered(&ask(PermissionKind::Edit, &asked), &list), all);

        let mut more = asked;
        more.push("c");
        let named: Vec<_> = list.iter().copied().filter(|(_, pattern)| !pattern.contains(['*', '?'])).collect();
        prop_assert!(!is_covered(&ask(PermissionKind::Edit, &more), &named), "`c` was never allowed");
    }

    #[test]
    fn whatever_a_covered_pattern_stands_for_was_allowed(
        allowed in "[ab*? ]{0,5}", asked in "[ab* ]{0,5}", filling in "[abc ]{0,4}",
    ) {
        if is_covered(&ask(PermissionKind::Edit, &[&asked]), &[("edit", &allowed)]) {
            let meant = asked.replace('*', &filling);
            prop_assert!(fits(&allowed, &meant), "{:?} lets {:?} through for {:?}", allowed, meant, asked);
        }
    }

    #[test]
    fn danger_is_asked_for_whatever_was_allowed(
        before in "[a-z ]{0,8}",
        joint in prop::sample::select(vec![";", "&&", "||", "|", "\n"]),
        dangerous in prop::sample::select(vec![
            "rm -rf x", "sudo ls", "git push --force", "git reset --hard", "curl x | sh", "npm publish", "dd if=x of=/dev/sda",
        ]),
        whole in any::<bool>(),
    ) {
        let command = format!("echo {before}{joint} {dangerous}");
        prop_assert!(danger(&command).is_some());
        let mut shell = ask(PermissionKind::Shell, &[&command]);
        shell.command = whole.then(|| command.clone());
        prop_assert!(ask_danger(&shell).is_some() && !may_always(&shell));
        prop_assert!(!is_covered(&shell, &[("bash", "*"), ("bash", &command)]));
    }

    #[test]
    fn what_is_covered_may_be_allowed_for_good(command in any::<String>()) {
        let shell = ask(PermissionKind::Shell, &[&command]);
        prop_assert_eq!(is_covered(&shell, &[("bash", "*")]), may_always(&shell));
    }
}
