//! Commands that reach beyond this machine's files: registries, containers, clusters, clouds.

use super::DangerKind;

/// What a client of a service does by its arguments.
pub(super) fn judged(name: &str, arguments: &[&str]) -> Option<DangerKind> {
    let has = |wanted: &str| arguments.contains(&wanted);
    let any = |wanted: &[&str]| wanted.iter().any(|word| has(word));
    // Options may stand before the verb, and a verb's place differs from client to client.
    let verbs = behind_values(name, arguments)
        .iter()
        .copied()
        .filter(|word| !word.starts_with('-'))
        .collect::<Vec<_>>();
    let verb = verbs.first().copied().unwrap_or_default();
    let object = verbs.get(1).copied().unwrap_or_default();

    if drops(name, verb, arguments) {
        return Some(DangerKind::DropsData);
    }

    let publishes = match name {
        "npm" | "pnpm" | "yarn" | "bun" | "cargo" | "poetry" | "uv" | "hatch" | "deno" | "vsce" | "jsr" => {
            let verb = if name == "yarn" && verb == "npm" {
                object
            } else {
                verb
            };
            ["publish", "unpublish", "yank"].contains(&verb) && !has("--dry-run")
        }
        "twine" => verb == "upload",
        "gem" => ["push", "yank"].contains(&verb),
        "gh" => verb == "release" && object == "create",
        "mvn" => has("deploy"),
        _ => false,
    };
    if publishes {
        return Some(DangerKind::Publishes);
    }

    let removes = match name {
        "docker" | "podman" | "nerdctl" => {
            has("prune")
                || (["volume", "network"].contains(&verb) && ["rm", "remove"].contains(&object))
                || (["rm", "rmi", "container", "image"].contains(&verb)
                    && any(&["-f", "--force", "-rf", "-fv"]))
                || (verb == "compose" && has("down") && any(&["-v", "--volumes"]))
        }
        "docker-compose" => has("down") && any(&["-v", "--volumes"]),
        "kubectl" | "oc" => {
            verbs
                .iter()
                .take(8)
                .any(|word| ["delete", "drain"].contains(word))
                || (has("replace") && has("--force"))
        }
        "helm" => verbs
            .iter()
            .take(6)
            .any(|word| ["uninstall", "delete"].contains(word)),
        "terraform" | "tofu" | "terragrunt" | "pulumi" | "vagrant" | "cdk" => {
            any(&["destroy", "-destroy", "down"])
        }
        "aws" => {
            arguments.iter().any(|word| {
                ["rb", "--delete"].contains(word)
                    || word.starts_with("delete-")
                    || word.starts_with("terminate-")
            }) || (has("rm") && has("--recursive"))
        }
        "gcloud" | "az" | "doctl" | "flyctl" | "fly" | "gh" => any(&["delete", "destroy", "DELETE"]),
        _ => false,
    };
    removes.then_some(DangerKind::RemovesInfrastructure)
}

/// Options before the verb of a client that have the next word as their value.
const VALUED: [&str; 22] = [
    "-C",
    "-F",
    "-H",
    "-Z",
    "-n",
    "-w",
    "--color",
    "--config",
    "--context",
    "--cwd",
    "--dir",
    "--directory",
    "--filter",
    "--host",
    "--kube-context",
    "--kubeconfig",
    "--log-level",
    "--manifest-path",
    "--namespace",
    "--prefix",
    "--project",
    "--workspace",
];

/// The arguments from the verb on. A toolchain (`cargo +stable`) and a workspace (`yarn workspace x`) stand before it.
fn behind_values<'a>(name: &str, mut arguments: &'a [&'a str]) -> &'a [&'a str] {
    while let [first, rest @ ..] = arguments {
        let is_named = (name == "yarn" && *first == "workspace") || VALUED.contains(first);
        arguments = if is_named {
            rest.get(1..).unwrap_or_default()
        } else if first.starts_with('-') || (name == "cargo" && first.starts_with('+')) {
            rest
        } else {
            break;
        };
    }
    arguments
}

/// Whether a program is a client of a database that takes statements of SQL.
pub(super) fn is_database(name: &str) -> bool {
    [
        "psql",
        "mysql",
        "mariadb",
        "sqlite3",
        "duckdb",
        "sqlcmd",
        "clickhouse-client",
    ]
    .contains(&name)
}

/// Whether a client of a database deletes what is in it.
fn drops(name: &str, verb: &str, arguments: &[&str]) -> bool {
    match name {
        _ if is_database(name) => arguments.iter().any(|argument| {
            // A statement may stand in one word with its option: `--command=…`, `-e…`.
            let statement = match argument.strip_prefix("--") {
                Some(long) => long.split_once('=').map_or("", |(_, value)| value),
                None if argument.starts_with('-') => argument.get(2..).unwrap_or_default(),
                None => argument,
            };
            says_drop(statement)
        }),
        "mongosh" | "mongo" => {
            let calls = ["dropDatabase(", ".drop(", ".deleteMany(", ".remove("];
            arguments
                .iter()
                .any(|argument| calls.iter().any(|call| argument.contains(call)))
        }
        "dropdb" | "dropuser" => true,
        "redis-cli" | "valkey-cli" => arguments
            .iter()
            .any(|word| ["flushall", "flushdb"].contains(&word.to_ascii_lowercase().as_str())),
        "mysqladmin" => verb == "drop",
        "rails" | "rake" => arguments.iter().any(|task| {
            let tasks = [
                "db:drop",
                "db:reset",
                "db:purge",
                "db:truncate_all",
                "db:migrate:reset",
            ];
            tasks.iter().any(|drops| {
                task.strip_prefix(drops)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            })
        }),
        "prisma" => {
            arguments.contains(&"--force-reset") || (verb == "migrate" && arguments.contains(&"reset"))
        }
        _ => false,
    }
}

/// Whether statements of SQL delete more than a person would write again: by their words, not by letters within them.
pub(super) fn says_drop(statements: &str) -> bool {
    let statements = without_remarks(statements);
    statements.split(';').any(|statement| {
        let mut words = statement
            .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase);
        match words.next().as_deref() {
            Some("drop" | "truncate") => true,
            Some("delete") => words.next().as_deref() == Some("from"),
            Some("alter" | "with" | "explain" | "do") => {
                let words: Vec<_> = words.collect();
                words
                    .iter()
                    .any(|word| ["drop", "truncate"].contains(&word.as_str()))
                    || words.windows(2).any(|pair| pair == ["delete", "from"])
            }
            _ => false,
        }
    })
}

/// Statements without what is only said in them.
fn without_remarks(statements: &str) -> String {
    let mut plain = String::with_capacity(statements.len());
    let mut rest = statements;
    while let Some(letter) = rest.chars().next() {
        let end = ["--", "/*"].into_iter().zip(["\n", "*/"]);
        let end = end
            .filter(|(begin, _)| rest.starts_with(begin))
            .map(|(_, end)| end)
            .next();
        if let Some(end) = end {
            plain.push(' ');
            rest = rest[2..].split_once(end).map_or("", |(_, rest)| rest);
        } else {
            plain.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    plain
}
