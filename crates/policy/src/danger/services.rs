//! Commands that reach beyond this machine's files: registries, containers, clusters, clouds.

use super::DangerKind;

/// What a client of a service does by its arguments.
pub(super) fn judged(name: &str, arguments: &[&str]) -> Option<DangerKind> {
    let has = |wanted: &str| arguments.contains(&wanted);
    let any = |wanted: &[&str]| wanted.iter().any(|word| has(word));
    // Options may stand before the verb, and a verb's place differs from client to client.
    let verbs = arguments
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
                || (verb == "volume" && ["rm", "remove"].contains(&object))
                || (["rm", "rmi", "container", "image"].contains(&verb)
                    && any(&["-f", "--force", "-rf", "-fv"]))
                || (verb == "compose" && has("down") && any(&["-v", "--volumes"]))
        }
        "docker-compose" => has("down") && any(&["-v", "--volumes"]),
        "kubectl" | "oc" => {
            verbs
                .iter()
                .take(4)
                .any(|word| ["delete", "drain"].contains(word))
                || (has("replace") && has("--force"))
        }
        "helm" => verbs
            .iter()
            .take(3)
            .any(|word| ["uninstall", "delete"].contains(word)),
        "terraform" | "tofu" | "terragrunt" | "pulumi" | "vagrant" | "cdk" => any(&["destroy", "-destroy"]),
        "aws" => {
            arguments.iter().any(|word| {
                ["rb", "--delete"].contains(word)
                    || word.starts_with("delete-")
                    || word.starts_with("terminate-")
            }) || (has("rm") && has("--recursive"))
        }
        "gcloud" | "az" | "doctl" | "flyctl" | "fly" | "gh" => any(&["delete", "destroy"]),
        _ => false,
    };
    removes.then_some(DangerKind::RemovesInfrastructure)
}

/// Whether a client of a database deletes what is in it.
fn drops(name: &str, verb: &str, arguments: &[&str]) -> bool {
    match name {
        "psql" | "mysql" | "mariadb" | "sqlite3" | "duckdb" | "sqlcmd" | "clickhouse-client" => {
            arguments.iter().any(|argument| says_drop(argument))
        }
        "dropdb" | "dropuser" => true,
        "redis-cli" | "valkey-cli" => arguments
            .iter()
            .any(|word| ["flushall", "flushdb"].contains(&word.to_ascii_lowercase().as_str())),
        "mysqladmin" => verb == "drop",
        "rails" | "rake" => ["db:drop", "db:reset", "db:purge"].contains(&verb),
        _ => false,
    }
}

/// Whether statements of SQL delete more than a person would write again: by their words, not by letters within them.
fn says_drop(statements: &str) -> bool {
    statements.split(';').any(|statement| {
        let mut words = statement
            .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase);
        match words.next().as_deref() {
            Some("drop" | "truncate") => true,
            Some("delete") => words.next().as_deref() == Some("from"),
            _ => false,
        }
    })
}
