//! Files whose names say that they hold secrets. They are not offered, and not read along with a prompt because their
//! name stands in it: an engine reads what goes with a prompt without an ask. The agent can still ask to read them.

use std::path::{Component, Path};

/// Whether a path, from the folder on, is one that holds secrets or leads to one.
pub(crate) fn is_secret(path: &Path) -> bool {
    path.components().any(|component| match component {
        Component::Normal(name) => name.to_str().is_some_and(is_secret_name),
        _ => false,
    }) || path.to_str().is_some_and(cowork_policy::is_secret_file)
}

const NAMES: &[&str] = &[
    ".git-credentials",
    ".htpasswd",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".ssh",
    ".gnupg",
    ".aws",
    ".git",
    "credentials",
    "credentials.json",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
];

const ENDINGS: &[&str] = &[".jks", ".kdbx", ".key", ".keystore", ".p12", ".pem", ".pfx"];

/// An environment that is an example has no secret in it by its purpose.
const EXAMPLES: &[&str] = &[".example", ".sample", ".template", ".dist"];

/// What files with an environment end in.
const ENVIRONMENT: &[&str] = &[".env"];

fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_environment = name.starts_with(".env.") || ENVIRONMENT.iter().any(|ending| name.ends_with(ending));
    let is_example = EXAMPLES.iter().any(|ending| name.ends_with(ending));
    (is_environment && !is_example)
        || NAMES.contains(&name.as_str())
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names_wherever_they_stand() {
        for path in [
            ".env",
            "app/.env.production",
            "prod.env",
            "ID_RSA",
            "certs/server.key",
            ".git/config",
            "app/.envrc",
            "main.tfstate",
            "google-credentials.json",
            "id_rsa.bak",
            "prod.env.local",
            "x.NPMRC",
        ] {
            assert!(is_secret(Path::new(path)), "{path}");
        }
        for path in [
            ".env.example",
            "app/.env.sample",
            "src/environment.rs",
            "keys.md",
            ".gitignore",
            "a/token.rs",
        ] {
            assert!(!is_secret(Path::new(path)), "{path}");
        }
    }
}
