//! What an engine may do from the start.

use cowork_policy::{Action, PermissionName, Rule, agent_rules, engine_rules, evaluate, to_object};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// What the engine reads out of the object: rules in the order of the keys, the last that matches counts.
fn engine_reads(object: &Map<String, Value>) -> Vec<Rule> {
    let action = |word: &Value| match word.as_str() {
        Some("allow") => Action::Allow,
        Some("ask") => Action::Ask,
        Some("deny") => Action::Deny,
        other => panic!("{other:?} is no word of the engine"),
    };
    let rule = |permission: &str, pattern: &str, word: &Value| Rule {
        permission: PermissionName::new(permission.to_owned()),
        pattern: pattern.to_owned(),
        action: action(word),
        reason: "",
    };
    object
        .iter()
        .flat_map(|(permission, value)| match value {
            Value::Object(patterns) => patterns
                .iter()
                .map(|(pattern, word)| rule(permission, pattern, word))
                .collect(),
            word => vec![rule(permission, "*", word)],
        })
        .collect()
}

#[test]
fn what_changes_or_sends_something_asks() {
    let rules = engine_rules(&["files", "my server"]);
    for permission in [
        "bash",
        "edit",
        "webfetch",
        "websearch",
        "task",
        "external_directory",
        "skill",
        "doom_loop",
        "files_write",
        "my_server_tool",
    ] {
        assert_eq!(
            evaluate(&rules, permission, "anything at all"),
            Action::Ask,
            "{permission}"
        );
    }
}

#[test]
fn what_only_reads_or_plans_goes_ahead() {
    let rules = engine_rules(&[]);
    for permission in [
        "read",
        "glob",
        "grep",
        "list",
        "todowrite",
        "todoread",
        "question",
    ] {
        assert_eq!(
            evaluate(&rules, permission, "src/main.rs"),
            Action::Allow,
            "{permission}"
        );
    }
}

#[test]
fn what_nobody_has_named_is_denied() {
    let rules = engine_rules(&["files"]);
    for permission in [
        "",
        "new_power",
        "BASH",
        "read2",
        "other_server_tool",
        "filesx",
        "plan_exit",
    ] {
        assert_eq!(evaluate(&rules, permission, "x"), Action::Deny, "{permission:?}");
    }
}

#[test]
fn reading_a_secret_file_asks() {
    let rules = engine_rules(&[]);
    for path in [
        ".env",
        "config/.env",
        "prod.env",
        ".env.local",
        ".envrc",
        "server.pem",
        "/home/x/.ssh/id_ed25519",
        "a.key",
        "C:\\x\\.env",
        ".npmrc",
        "credentials.json",
        "/home/x/.aws/credentials",
        "terraform.tfstate",
    ] {
        assert_eq!(evaluate(&rules, "read", path), Action::Ask, "{path}");
    }
    for path in [
        ".env.example",
        "src/environment.rs",
        "keyboard.rs",
        "README.md",
        "monkey",
        "credentials.rs",
    ] {
        assert_eq!(evaluate(&rules, "read", path), Action::Allow, "{path}");
    }
}

#[test]
fn the_object_begins_with_what_denies_the_rest() {
    let object = to_object(&engine_rules(&["files"]));
    let first = object
        .iter()
        .next()
        .map(|(key, value)| (key.as_str(), value.clone()));
    assert_eq!(first, Some(("*", Value::from("deny"))));
    assert_eq!(object.get("bash"), Some(&Value::from("ask")));
    assert_eq!(object.get("files_*"), Some(&Value::from("ask")));
    let read = object
        .get("read")
        .and_then(Value::as_object)
        .map(|patterns| patterns.keys().next().cloned());
    assert_eq!(
        read,
        Some(Some("*".to_owned())),
        "the rule for all files must rank below those for secret ones"
    );
}

#[test]
fn a_space_and_a_star_at_the_end_also_stand_for_nothing() {
    let rules = [Rule {
        permission: PermissionName::new("bash"),
        pattern: "ls *".to_owned(),
        action: Action::Allow,
        reason: "",
    }];
    assert_eq!(evaluate(&rules, "bash", "ls"), Action::Allow);
    assert_eq!(evaluate(&rules, "bash", "ls -l"), Action::Allow);
    assert_eq!(evaluate(&rules, "bash", "lsof"), Action::Deny);
}

#[test]
fn every_rule_says_why() {
    for rule in engine_rules(&["files"]) {
        assert!(
            !rule.reason.is_empty(),
            "{} {}",
            rule.permission.as_str(),
            rule.pattern
        );
    }
}

proptest! {
    #[test]
    fn no_servers_name_loosens_a_permission_that_is_known(
        servers in prop::collection::vec("[a-z*?_. -]{0,12}", 0..6),
        subject in "[a-z./]{0,12}",
    ) {
        let names: Vec<&str> = servers.iter().map(String::as_str).collect();
        let (with, without) = (engine_rules(&names), engine_rules(&[]));
        for permission in ["bash", "edit", "webfetch", "task", "external_directory", "doom_loop", "read", "skill"] {
            prop_assert_eq!(
                evaluate(&with, permission, &subject), evaluate(&without, permission, &subject), "{}", permission
            );
        }
    }

    #[test]
    fn the_object_says_the_same_as_the_list(
        servers in prop::collection::vec("[a-z_]{0,8}", 0..6),
        permission in "[a-z_]{0,12}|read|bash|edit",
        subject in "[a-z./]{0,12}|(.*)\\.env(\\.example)?",
    ) {
        let names: Vec<&str> = servers.iter().map(String::as_str).collect();
        let rules = engine_rules(&names);
        let read = engine_reads(&to_object(&rules));
        prop_assert_eq!(evaluate(&read, &permission, &subject), evaluate(&rules, &permission, &subject));
    }
}

#[test]
fn an_agent_that_may_do_less_than_others_is_told_so_after_the_rules_for_all() {
    for (agent, rules) in agent_rules() {
        let mut all = engine_rules(&["server"]);
        all.extend(rules);
        assert_eq!(
            evaluate(&all, "edit", "src/main.rs"),
            Action::Deny,
            "{agent} changes nothing"
        );
        let reads = ["plan", "explore"].contains(&agent);
        assert_eq!(
            evaluate(&all, "read", "src/main.rs") == Action::Allow,
            reads,
            "{agent}"
        );
        assert_ne!(evaluate(&all, "read", ".env"), Action::Allow, "{agent}");
        assert_ne!(evaluate(&all, "bash", "ls"), Action::Allow, "{agent}");
        assert_ne!(evaluate(&all, "server_tool", "*"), Action::Allow, "{agent}");
    }
}
