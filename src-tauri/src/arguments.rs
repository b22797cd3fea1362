//! The command line of the app.

use std::path::PathBuf;

use clap::Parser;

/// The desktop workspace for agent sessions.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// A folder to work in; may be given several times.
    #[arg(long = "folder", value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,

    /// The engine's program.
    #[arg(long, env = "COWORK_ENGINE", value_name = "FILE")]
    engine: Option<PathBuf>,

    /// The ripgrep the engine searches with.
    #[arg(long, env = "COWORK_RIPGREP", value_name = "FILE")]
    pub(crate) ripgrep: Option<PathBuf>,
}

impl Arguments {
    /// The engine as it was given, else the one installed beside this program. Whether it is there is said in the
    /// window, where it can be repaired.
    pub(crate) fn engine(&self) -> anyhow::Result<PathBuf> {
        if let Some(engine) = &self.engine {
            return Ok(engine.clone());
        }
        let program = std::env::current_exe()?;
        let name = format!("opencode{}", std::env::consts::EXE_SUFFIX);
        Ok(program.with_file_name(name))
    }
}
