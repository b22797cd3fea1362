//! Which kind of box this machine can do.

use std::path::Path;

use cowork_policy::confinement::Means;

/// The strongest kind of box, and why not a stronger one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Possible {
    /// Absent when there is none.
    pub means: Option<Means>,
    /// Whether the engine's own tools can be kept from following links out of folders while commands follow them.
    pub bars_links: bool,
    /// In words for a person, with what would help.
    pub reason: String,
}

/// Tries what this machine can do, by the wrapper: what an app may do that keeps others from looking into it differs.
/// Takes some ten milliseconds, at most two seconds.
#[must_use]
pub fn means(wrapper: &Path) -> Possible {
    #[cfg(target_os = "linux")]
    return ask(wrapper).unwrap_or_else(|error| Possible {
        means: None,
        bars_links: false,
        reason: format!("{} could not be asked for boxes: {error}.", wrapper.display()),
    });
    #[cfg(not(target_os = "linux"))]
    return elsewhere(wrapper);
}

/// What the system has in every version that the app runs on. That it holds was never verified there; the proof attacks it
/// at each start of the engine, and without that nothing runs.
#[cfg(not(target_os = "linux"))]
fn elsewhere(_wrapper: &Path) -> Possible {
    let (means, made_by) = if cfg!(target_os = "macos") {
        (Means::Seatbelt, "under a profile of Seatbelt's")
    } else {
        (
            Means::RestrictedToken,
            "with a restricted token in a container without capabilities",
        )
    };
    Possible {
        means: Some(means),
        bars_links: false,
        reason: format!("Commands run {made_by}, which was never verified on this system."),
    }
}

#[cfg(target_os = "linux")]
fn ask(wrapper: &Path) -> std::io::Result<Possible> {
    let output = std::process::Command::new(wrapper)
        .arg("means")
        .env_clear()
        .stdin(std::process::Stdio::null())
        .output()?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        std::io::Error::other(said.trim().to_owned())
    })
}
