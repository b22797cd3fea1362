//! Which kind of box this machine can do.

use cowork_policy::confinement::Means;

/// The strongest kind of box, and why not a stronger one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Possible {
    /// Absent when there is none.
    pub means: Option<Means>,
    /// In words for a person, with what would help.
    pub reason: String,
}

/// Tries what this machine can do. Takes some ten milliseconds, at most two seconds.
#[must_use]
pub fn means() -> Possible {
    #[cfg(target_os = "linux")]
    return crate::linux::probe();
    #[cfg(target_os = "macos")]
    return Possible {
        means: Some(Means::Seatbelt),
        reason: "Commands run under a Seatbelt profile, which was never verified.".to_owned(),
    };
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    return Possible {
        means: None,
        reason: "There is no box for commands on this system yet.".to_owned(),
    };
}
