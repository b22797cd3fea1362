//! Who the person is to git, so that a commit made in a box carries their name.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::workspace::Inner;

/// The variables of a name, and those that hold it for the other half of a commit.
const VARIABLES: [(&str, [&str; 2]); 2] = [
    ("user.name", ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"]),
    ("user.email", ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"]),
];

/// Name and address as the person's own settings of git say. The settings themselves stay out of the box: tokens stand
/// in them, and programs.
pub(super) fn of_person(inner: &Inner) -> BTreeMap<String, String> {
    inner.boxes.identity.get().cloned().unwrap_or_default()
}

/// Asks git. Not to be called while others wait.
pub(super) fn ask() -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    for (setting, variables) in VARIABLES {
        let asked = Command::new("git")
            .args(["config", "--global", "--get", setting])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let Some(value) = asked
            .ok()
            .filter(|output| output.status.success())
            .and_then(|output| String::from_utf8(output.stdout).ok())
        else {
            continue;
        };
        for variable in variables {
            environment.insert(variable.to_owned(), value.trim().to_owned());
        }
    }
    environment
}
