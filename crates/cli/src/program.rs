//! What every command begins with: the brand, where data is kept, the log, the engine's program.

use std::path::PathBuf;

use anyhow::Context as _;
use cowork_brand::{Brand, Places};
use cowork_supervisor::{Confinement, Holder};
use cowork_workspace::{Clock, Log, OpenError, Options};

use crate::arguments::Programs;

/// What was found. The log is written to for as long as it is kept.
pub(crate) struct Program {
    pub(crate) brand: Brand,
    pub(crate) places: Places,
    engine: PathBuf,
    ripgrep: Option<PathBuf>,
    log: Log,
}

impl Program {
    /// # Errors
    /// When the brand, the places or the log cannot be had, or nobody said where the engine is.
    pub(crate) fn begin(programs: &Programs) -> anyhow::Result<Self> {
        let brand = Brand::stock().context("reading the brand")?;
        let places =
            Places::resolve(&brand, |name| std::env::var_os(name)).context("finding where data is kept")?;
        let log = cowork_workspace::start_log(&places)?;
        let engine = programs.engine.clone().context(
            "Where the engine is has to be said: start through the run script, or set COWORK_ENGINE to its program",
        )?;
        Ok(Self {
            brand,
            places,
            engine,
            ripgrep: programs.ripgrep.clone(),
            log,
        })
    }

    /// What the application is told, with folders that were handed over.
    pub(crate) fn options(&self, folders: Vec<PathBuf>) -> Options {
        Options {
            brand: self.brand.clone(),
            places: self.places.clone(),
            engine: self.engine.clone(),
            ripgrep: self.ripgrep.clone(),
            box_program: cowork_workspace::box_program(),
            tool_servers: Vec::new(),
            holder: Holder::CommandLine,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            folders,
            home_directory: cowork_brand::home_directory(),
            confinement: Confinement::default(),
            clock: Clock::default(),
            log: Some(self.log.control.clone()),
            #[cfg(debug_assertions)]
            plaintext_secrets: cowork_workspace::plaintext_secrets(),
        }
    }
}

/// Says who holds the data, in the words of the claim.
pub(crate) fn explain(error: OpenError) -> anyhow::Error {
    match error {
        OpenError::Claimed(error) => anyhow::anyhow!("{error}"),
        OpenError::Other(error) => error,
    }
}
