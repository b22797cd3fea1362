//! Whether the box holds on this machine, found by attacking it from within.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What `cowork-box prove` is called with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    pub(crate) folder: PathBuf,
    /// A file outside that the attack must not read. The proof writes nothing in it; its beginning is the secret.
    pub(crate) secret: Option<PathBuf>,
    pub(crate) sockets: Vec<PathBuf>,
    pub(crate) ports: Vec<u16>,
    pub(crate) outside: Vec<PathBuf>,
}

/// What `cowork-box prove` writes, on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Commands run in the box, and nothing got out.
    pub proven: bool,
    /// What was tried and held.
    pub held: Vec<String>,
    /// What got through, or did not work that should.
    pub failed: Vec<Failed>,
    /// Which kind of box it was, as the rules write it.
    pub means: String,
    /// How long it took.
    pub milliseconds: u64,
}

/// A try that got through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Which one.
    pub name: String,
    /// By what.
    pub how: String,
}

/// The first line of a secret file, as far as it serves to be recognised.
pub(crate) fn beginning(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(file)?.take(64).read_to_string(&mut text)?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    if line.len() < 16 {
        return Err(std::io::Error::other(
            "the secret file begins with fewer than 16 characters",
        ));
    }
    Ok(line)
}

impl Proof {
    /// Reads what was written to standard output.
    ///
    /// # Errors
    /// When there is no such line.
    pub fn read(output: &str) -> Result<Self, serde_json::Error> {
        let line = output.lines().rev().find(|line| line.starts_with('{'));
        serde_json::from_str(line.unwrap_or_default())
    }

    /// What failed, in a sentence for a person; nothing when the box is proven.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        if self.proven {
            return None;
        }
        let failed: Vec<String> = self
            .failed
            .iter()
            .map(|failed| format!("{}: {}", failed.name, failed.how))
            .collect();
        Some(format!(
            "The box does not hold on this computer ({}).",
            failed.join("; ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_found_among_other_lines_and_says_what_failed() {
        let output = "noise\n{\"proven\":false,\"held\":[\"ports\"],\"failed\":[{\"name\":\"signals\",\"how\":\"killed \
                      it\"}],\"means\":\"landlock\",\"milliseconds\":7}\n";
        let proof = Proof::read(output).unwrap();
        assert_eq!(proof.held, ["ports"]);
        assert!(proof.reason().unwrap().contains("signals: killed it"));
        assert!(Proof::read("nothing").is_err());
    }
}
