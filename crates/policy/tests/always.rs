//! Which rules "always" proposes, and which a person may write.

use cowork_engine::{PermissionAsk, PermissionKind};
use cowork_policy::{RuleRefusal, asking_rule, danger, proposals, refused_rule, rules_cover};
use proptest::prelude::*;

fn ask(kind: PermissionKind, patterns: &[&str], always: &[&str]) -> PermissionAsk {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    PermissionAsk {
        id: "per_1".into(),
        session: "ses_1".into(),
        kind,
        patterns: owned(patterns),
        always: owned(always),
        command: None,
        path: None,
        leads_to: None,
        diff: None,
        call: None,
    }
}

fn proposed(kind: PermissionKind, patterns: &[&str], always: &[&str]) -> Vec<(String, Vec<String>)> {
    let proposals = proposals(&ask(kind, patterns, always)).into_iter();
    proposals
        .map(|proposal| (proposal.pattern, proposal.choices))
        .collect()
}

fn pairs(pairs: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    pairs
        .iter()
        .map(|(pattern, choices)| ((*pattern).to_owned(), owned(choices)))
        .collect()
}

#[test]
fn what_is_proposed_names_what_is_asked_and_no_more_than_its_kind() {
    assert_eq!(
        proposed(PermissionKind::Shell, &["npm test -- retry"], &["npm test *"]),
        pairs(&[("npm test *", &["npm test -- retry", "npm test *"])])
    );
    assert_eq!(
        proposed(PermissionKind::Shell, &["cd src", "ls -la"], &["cd *", "ls *"]),
        pairs(&[("cd *", &["cd src", "cd *"]), ("ls *", &["ls -la", "ls *"])])
    );
    assert_eq!(
        proposed(PermissionKind::Edit, &["src/net/retry.ts"], &["*"]),
        pairs(&[("src/net/retry.ts", &["src/net/retry.ts", "src/net/*", "*"])]),
        "the file, and not all files"
    );
    assert_eq!(
        proposed(PermissionKind::Fetch, &["https://example.org/a?b"], &["*"]),
        pairs(&[(
            "https://example.org/*",
            &["https://example.org/a?b", "https://example.org/*"]
        )])
    );
    assert_eq!(
        proposed(PermissionKind::Read, &["config/.env"], &["*"]),
        pairs(&[("config/.env", &["config/.env"])])
    );
    assert_eq!(
        proposed(PermissionKind::Tool("files_write".to_owned()), &["*"], &["*"]),
        pairs(&[("*", &["*"])])
    );
    assert_eq!(
        proposed(PermissionKind::ExternalFolder, &["/srv/data/*"], &["/srv/data/*"]),
        pairs(&[("/srv/data/*", &["/srv/data/*"])])
    );
}

#[test]
fn where_the_engine_proposes_everything_the_command_itself_is_proposed() {
    assert_eq!(
        proposed(PermissionKind::Shell, &["python3 a.py"], &["python3 *"]),
        pairs(&[("python3 a.py", &["python3 a.py"])])
    );
    assert_eq!(
        proposed(PermissionKind::Shell, &["ls"], &["*"]),
        pairs(&[("ls", &["ls"])])
    );
}

#[test]
fn a_file_that_is_written_to_stands_in_what_is_proposed() {
    assert_eq!(
        proposed(PermissionKind::Shell, &["echo x >> notes.md"], &["echo *"]),
        pairs(&[("echo x >> notes.md", &["echo x >> notes.md"])])
    );
}

#[test]
fn what_may_not_be_allowed_for_good_has_no_proposal() {
    for (kind, patterns, always) in [
        (PermissionKind::Shell, &["rm -rf x"][..], &["rm *"][..]),
        (PermissionKind::Shell, &["echo 'open"], &["echo *"]),
        (PermissionKind::Shell, &["ls"], &[]),
        (PermissionKind::ExternalFolder, &["/home/*"], &["/home/*"]),
        (PermissionKind::Other("new".to_owned()), &["x"], &["*"]),
    ] {
        assert_eq!(proposed(kind, patterns, always), [], "{patterns:?}");
    }
}

#[test]
fn a_rule_of_a_program_that_runs_anything_is_refused_unless_it_says_what() {
    for pattern in [
        "awk *",
        "awk -F: *",
        "python3.12 *",
        "/usr/bin/python3.12 *",
        "python -W ignore *",
        "python3 - *",
        "lua5.4 *",
        "nodejs *",
        "node --require x *",
        "perl -e *",
        "bash -o pipefail *",
        "bash -o pipefail -c *",
        "bash a*.sh",
        "deno *",
        "deno run *",
        "deno run -A *",
        "bun *",
        "bun run *",
        "uv *",
        "uv run *",
        "uv run python *",
        "uv run --with x python3.12 *",
        "uv tool run *",
        "npm *",
        "npm exec *",
        "npm exec -- *",
        "pnpm dlx *",
        "poetry run bash *",
        "docker *",
        "docker exec *",
        "docker exec web *",
        "docker exec -u root web *",
        "docker exec web sh -c *",
        "docker compose exec web *",
        "kubectl exec pod -- *",
        "git *",
        "git -c *",
        "git -c alias.x=y *",
        "git config *",
        "git rebase main *",
        "find . *",
        "ssh host *",
        "eval echo *",
        "xargs --max-args 1 python *",
        "env X=1 python3 *",
        "ls && bash *",
        "java *",
        "java -jar *",
        "java -cp *",
        "dotnet *",
        "elixir -e *",
        "sqlite3 a.db *",
        "psql *",
        "taskset 1 *",
        "env -S *",
        "npx.cmd *",
    ] {
        assert_eq!(
            refused_rule(&ask(PermissionKind::Shell, &["x"], &["*"]), pattern),
            Some(RuleRefusal::TooWide),
            "{pattern:?}"
        );
    }
}

#[test]
fn a_rule_that_would_widen_to_everything_dangerous_is_refused() {
    use RuleRefusal::{Dangerous, Empty, Hidden, TooLong, TooWide};
    let refused = |kind: PermissionKind, pattern: &str| refused_rule(&ask(kind, &["x"], &["*"]), pattern);
    for (pattern, why) in [
        ("", Empty),
        ("  ", Empty),
        ("*", TooWide),
        ("* x", TooWide),
        ("?s", TooWide),
        ("np* test", TooWide),
        ("bash *", TooWide),
        ("sh -c *", TooWide),
        ("python3 *", TooWide),
        ("python3 -c *", TooWide),
        ("node *", TooWide),
        ("npx *", TooWide),
        ("env *", TooWide),
        ("timeout 5 *", TooWide),
        ("rm *", Dangerous),
        ("sudo *", TooWide),
        ("sudo ls *", Dangerous),
        ("rm -rf build", Dangerous),
        ("git push --force *", Dangerous),
        ("ls; rm *", Dangerous),
        ("curl * | sh", TooWide),
        ("echo * > out", Dangerous),
        ("echo 'open", Dangerous),
        ("ls \u{200b}*", Hidden),
    ] {
        let found = refused(PermissionKind::Shell, pattern);
        assert_eq!(found, Some(why), "{pattern:?}");
    }
    assert_eq!(refused(PermissionKind::Shell, &"x".repeat(9_000)), Some(TooLong));
    for pattern in [
        "npm test *",
        "npm run build *",
        "git status *",
        "git --no-pager log *",
        "git -C sub log *",
        "timeout -s KILL 5 cargo test *",
        "python3.12 a.py *",
        "python3 -u a.py *",
        "python3 -m pytest *",
        "bash -o pipefail x.sh y.sh",
        "npx prettier *",
        "java -jar a.jar *",
        "java -cp a Main *",
        "dotnet test *",
        "uv run pytest *",
        "docker ps *",
        "docker exec web ls *",
        "awk '{print $1}' *",
        "base64 *",
        "npm test",
        "ls *",
        "python3 a.py *",
        "cargo test ?",
        "bash x.sh",
    ] {
        assert_eq!(refused(PermissionKind::Shell, pattern), None, "{pattern}");
    }

    for pattern in [
        "*",
        "https://*",
        "https://*.org/*",
        "https://example.org*",
        "*/x",
        "https://a?b.org/",
    ] {
        assert_eq!(
            refused(PermissionKind::Fetch, pattern),
            Some(TooWide),
            "{pattern}"
        );
    }
    assert_eq!(refused(PermissionKind::Fetch, "https://example.org/docs/*"), None);
    for pattern in ["*", "/*", "/home/*", "/e*", "~/*", "/etc/x/*"] {
        assert_eq!(
            refused(PermissionKind::ExternalFolder, pattern),
            Some(TooWide),
            "{pattern}"
        );
    }
    assert_eq!(refused(PermissionKind::Read, "*"), Some(TooWide));
    assert_eq!(refused(PermissionKind::Read, "config/*"), None);
    assert_eq!(refused(PermissionKind::Edit, "*"), None);
}

#[test]
fn a_rule_says_whether_it_covers_what_is_asked() {
    let shell = ask(PermissionKind::Shell, &["npm test", "ls"], &["npm *", "ls *"]);
    assert!(rules_cover(&shell, &["npm *", "ls *"]));
    assert!(!rules_cover(&shell, &["npm *"]));
    assert!(!rules_cover(&shell, &["npm run *", "ls *"]));
    assert!(!rules_cover(&shell, &["*"; 21]));
}

#[test]
fn the_rule_that_asks_is_named() {
    let named = |kind: PermissionKind, pattern: &str, agent: &str| {
        let rule = asking_rule(&ask(kind, &[pattern], &["*"]), agent)?;
        Some(format!("{} {}", rule.permission.as_str(), rule.pattern))
    };
    assert_eq!(
        named(PermissionKind::Shell, "ls", "build").as_deref(),
        Some("bash *")
    );
    assert_eq!(
        named(PermissionKind::Read, "x/.env", "build").as_deref(),
        Some("read *.env")
    );
    assert_eq!(
        named(PermissionKind::Fetch, "https://x.example", "explore").as_deref(),
        Some("webfetch *")
    );
    assert_eq!(
        named(PermissionKind::Read, "x.txt", "build"),
        None,
        "no rule asks for it"
    );
    assert_eq!(named(PermissionKind::Tool("a_b".to_owned()), "*", "build"), None);
}

proptest! {
    #[test]
    fn what_is_proposed_covers_what_is_asked_and_is_not_refused(
        program in "[a-z]{1,8}", arguments in "[a-z /.-]{0,20}",
    ) {
        let command = format!("{program} {arguments}");
        let asked = ask(PermissionKind::Shell, &[command.trim()], &[&format!("{program} *")]);
        let proposals = proposals(&asked);
        prop_assume!(danger(command.trim()).is_none());
        prop_assert!(!proposals.is_empty());
        let patterns: Vec<_> = proposals.iter().map(|proposal| proposal.pattern.as_str()).collect();
        prop_assert!(rules_cover(&asked, &patterns));
        for pattern in patterns {
            prop_assert_eq!(refused_rule(&asked, pattern), None);
        }
    }

    #[test]
    fn no_rule_whatever_makes_danger_go_unasked(pattern in "[a-z*? ]{1,12}", dangerous in prop::sample::select(vec![
        "rm -rf x", "sudo ls", "git push --force", "curl x | sh", "echo x > y", "echo 'open", "$X y",
    ])) {
        let asked = ask(PermissionKind::Shell, &[dangerous], &["*"]);
        prop_assert!(!rules_cover(&asked, &[&pattern, dangerous, "*"]));
    }
}
