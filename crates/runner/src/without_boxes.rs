//! The runner of a system on which no box is made yet: it has no language, and runs nothing.

use std::convert::Infallible;

use crate::language::Language;
use crate::news::{Means, Refusal, RunEvent};
use crate::options::{Installed, Options};

/// Runs code blocks. Cheap to clone.
#[derive(Clone)]
pub struct Runner;

impl Runner {
    /// Looks at nothing.
    #[must_use]
    pub fn new(_options: Options) -> Self {
        Self
    }

    /// None: what cannot run is not offered.
    #[must_use]
    pub fn languages(&self) -> Vec<Installed> {
        Vec::new()
    }

    /// # Errors
    /// [`Refusal::NoBox`].
    pub async fn version(&self, _language: Language) -> Result<Option<String>, Refusal> {
        Err(no_box())
    }

    /// # Errors
    /// [`Refusal::NoBox`].
    pub async fn means(&self) -> Result<Means, Refusal> {
        Err(no_box())
    }

    /// # Errors
    /// [`Refusal::NoBox`].
    pub async fn run(&self, _language: Language, _source: String) -> Result<Run, Refusal> {
        Err(no_box())
    }
}

fn no_box() -> Refusal {
    Refusal::NoBox {
        advice: "none is made on this system yet".to_owned(),
    }
}

/// A code block that runs, of which there is none.
pub struct Run(Infallible);

impl Run {
    /// What happens next.
    pub async fn next(&mut self) -> Option<RunEvent> {
        match self.0 {}
    }

    /// Ends it.
    pub fn stop(&self) {
        match self.0 {}
    }

    /// Ends it from elsewhere.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        match self.0 {}
    }
}

/// Ends a run.
#[derive(Clone)]
pub struct Stopper(Infallible);

impl Stopper {
    /// Ends it.
    pub fn stop(&self) {
        match self.0 {}
    }
}
