//! The box as macOS would make it: a profile for `sandbox-exec`. Unverified: it was never run.

use std::fmt::Write as _;
use std::path::Path;

use cowork_policy::confinement::{FolderRules, Rules};

/// The profile for a folder. What comes later wins.
#[must_use]
pub fn profile(rules: &Rules, folder: &FolderRules) -> String {
    let mut profile =
        "(version 1)\n(deny default)\n(allow process-fork process-exec)\n(allow signal (target \
                       same-sandbox))\n(allow sysctl-read)\n(allow file-read*)\n"
            .to_owned();
    let mut rule = |what: &str, path: &Path| {
        let path = path.to_string_lossy().replace('\\', r"\\").replace('"', "\\\"");
        // Writing to a string cannot fail.
        let _written = writeln!(profile, "({what} (subpath \"{path}\"))");
    };
    if let Some(home) = &rules.person_home {
        rule("deny file-read* file-write*", home);
    }
    for other in &rules.folders {
        rule("deny file-read* file-write*", &other.path);
    }
    for path in &rules.read_only {
        rule("allow file-read*", path);
    }
    for path in &rules.opened {
        rule("allow file-read* file-write*", path);
    }
    for grant in &folder.granted {
        rule("allow file-read*", &grant.path);
        if grant.writable {
            rule("allow file-write*", &grant.path);
        }
    }
    rule("allow file-read* file-write*", &folder.path);
    for path in &rules.hidden {
        rule("deny file-read* file-write*", path);
    }
    rule("allow file-read* file-write*", &folder.home);
    profile
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cowork_policy::confinement::{Limits, Means, Network, RULES_VERSION};

    use super::*;

    #[test]
    fn what_is_hidden_comes_after_what_is_opened() {
        let folder = FolderRules {
            id: "one".to_owned(),
            path: "/Users/ada/wo\"rk".into(),
            granted: Vec::new(),
            home: "/app/homes/one".into(),
            network: Network::Off,
            gateway: None,
            sockets: Vec::new(),
            limits: Limits::default(),
            unboxed: false,
            proven: true,
        };
        let rules = Rules {
            version: RULES_VERSION,
            person_home: Some("/Users/ada".into()),
            hidden: vec!["/Users/ada/work/.ssh".into()],
            read_only: Vec::new(),
            opened: vec!["/Users/ada/.gitconfig".into()],
            snapshots: None,
            environment: BTreeMap::new(),
            means: Means::Seatbelt,
            folders: vec![folder.clone()],
        };
        let profile = profile(&rules, &folder);
        let opened = profile
            .find("(allow file-read* file-write* (subpath \"/Users/ada/wo\\\"rk\"))")
            .unwrap();
        let hidden = profile
            .find("(deny file-read* file-write* (subpath \"/Users/ada/work/.ssh\"))")
            .unwrap();
        assert!(opened < hidden && profile.starts_with("(version 1)\n(deny default)"));
    }
}
