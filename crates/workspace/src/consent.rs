//! What a person agreed to, where no page can answer for them.

use crate::error::{Result, WorkspaceError};

/// What a person said to a change that needs their consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// They were not asked yet.
    Missing,
    /// They agreed to these words. What a change opens is judged anew when it is made, and has to be what they read: a
    /// link may lead elsewhere by then.
    To(String),
    /// They asked for it themselves where nothing of ours was read, such as by an option of a command line.
    Given,
}

impl Consent {
    /// # Errors
    /// When the person did not agree to what the words say.
    pub(crate) fn covers(&self, words: &str) -> Result<()> {
        match self {
            Self::Given => Ok(()),
            Self::To(agreed) if agreed == words => Ok(()),
            Self::To(_) | Self::Missing => Err(WorkspaceError::ConsentNeeded(words.to_owned())),
        }
    }
}
