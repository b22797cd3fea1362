//! git in a folder whose repository is not open to it.
//!
//! git alone would say that there is no repository, or nothing of one, and a model would make a new one. In such a box
//! the wrapper stands in front of git once more: it runs it, and when git gives up says what it lacks.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::inside::number;
use super::layers::Layers;
use super::programs;
use crate::Refusal;
use crate::git::{GAVE_UP, say_what_it_lacks};

/// The variable that says what git lacks. Whoever sets it another way misleads themselves alone.
pub(crate) const LACKS: &str = "COWORK_BOX_GIT_LACKS";

/// Where git itself is in such a box.
const REAL: &str = "/run/cowork/git";

/// Puts the wrapper in git's place.
pub(crate) fn stand_before(layers: &mut Layers, wrapper: &Path) {
    // Without git there is nothing to stand before.
    if let Ok(real) = programs::real("git") {
        layers.open_at(REAL.into(), &real.here);
        for place in programs::places("git") {
            layers.open_at(place, wrapper);
        }
    }
}

/// git itself, in a box of namespaces that lacks a repository. Elsewhere nothing is at that place: in the engine's box
/// the yard is there.
pub(crate) fn real() -> Option<PathBuf> {
    let real = Path::new(REAL);
    real.is_file().then(|| real.to_owned())
}

/// Whether this process is told that git lacks something.
pub(crate) fn is_needy() -> bool {
    std::env::var_os(LACKS).is_some()
}

/// Runs git, and gives its exit code.
pub(crate) fn run(program: &Path, arguments: &[OsString]) -> Result<ExitCode, Refusal> {
    let mut command = Command::new(program);
    command.arg0("git").args(arguments);
    // A git that this one calls says it no second time.
    let lacks = std::env::var_os(LACKS);
    command.env_remove(LACKS);
    super::keeper::end_with_this(&mut command);
    let status = command
        .status()
        .map_err(|error| Refusal::not_started(program, &error))?;
    if status.code() == Some(GAVE_UP.into())
        && let Some(lacks) = lacks
    {
        say_what_it_lacks(Path::new(&lacks));
    }
    Ok(ExitCode::from(number(status)))
}
