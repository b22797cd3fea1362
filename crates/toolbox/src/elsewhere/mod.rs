//! The box as macOS and Windows make it. Unverified: written for these systems and never seen there, so that nothing runs
//! in it before an attack from within came to nothing ([`prove`]).
//!
//! What is the same on both is here and in the files beside: what is decided, the environment, the attack. Linux compiles
//! that with its tests.

mod canaries;
#[cfg(unix)]
mod keeper;
#[cfg(target_os = "macos")]
mod members;
#[cfg(unix)]
mod profile;
mod prove;
mod run;
#[cfg(unix)]
mod seatbelt;
#[cfg(any(windows, test))]
mod windows;

#[cfg(not(target_os = "linux"))]
pub(crate) use self::{
    canaries::{attack, linger},
    prove::prove,
    run::run,
};

#[cfg(test)]
mod testing {
    use std::collections::BTreeMap;

    use cowork_policy::confinement::{FolderRules, Limits, Means, Network, RULES_VERSION, Rules};

    pub(super) fn folder(path: &str) -> FolderRules {
        FolderRules {
            id: "one".to_owned(),
            path: path.into(),
            granted: Vec::new(),
            git: None,
            home: "/homes/one".into(),
            network: Network::Off,
            gateway: None,
            sockets: Vec::new(),
            limits: Limits::default(),
            unboxed: false,
            proven: true,
        }
    }

    pub(super) fn rules(path: &str) -> Rules {
        Rules {
            version: RULES_VERSION,
            person_home: Some("/Users/ada".into()),
            hidden: Vec::new(),
            read_only: Vec::new(),
            opened: Vec::new(),
            opened_to_read: Vec::new(),
            snapshots: None,
            environment: BTreeMap::new(),
            means: Means::Seatbelt,
            no_box: None,
            links_barred: false,
            folders: vec![folder(path)],
        }
    }
}
