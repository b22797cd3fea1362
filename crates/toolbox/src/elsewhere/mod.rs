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
    use cowork_policy::confinement::{FolderRules, Means, Rules};

    pub(super) fn folder(path: &str) -> FolderRules {
        FolderRules {
            proven: true,
            ..FolderRules::closed("one", path, "/homes/one")
        }
    }

    pub(super) fn rules(path: &str) -> Rules {
        Rules {
            person_home: Some("/Users/ada".into()),
            folders: vec![folder(path)],
            ..Rules::closed(Means::Seatbelt)
        }
    }
}
