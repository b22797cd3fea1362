//! What is tested, step by step, and what comes of it.

use std::time::Duration;

use cowork_outward::{ConnectStep, Reach};
use cowork_providers::Wire;
use http::{HeaderName, HeaderValue};
use url::Url;

use super::cause::{Cause, Finding};

/// What is tested.
#[derive(Clone, Debug)]
pub struct Target {
    /// The provider's name, for the person.
    pub name: String,
    /// The address its paths are below.
    pub base: Url,
    /// How far away it may be.
    pub reach: Reach,
    /// How it is spoken to.
    pub wire: Wire,
    /// The model to ask; without one only the way to the provider is tested.
    pub model: Option<String>,
    /// What goes onto each request besides the key.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The name is found, and leads where it may.
    Resolve,
    /// Somebody takes the connection.
    Connect,
    /// The certificate is the right one. Not there for http.
    Secure,
    /// The key is taken.
    KeyAccepted,
    /// The model is in the provider's list. Not there where the provider has none.
    ModelListed,
    /// The model says something.
    ModelAnswers,
    /// The model calls a function that it is offered, as an agent's work needs.
    ToolCall,
}

impl From<ConnectStep> for Step {
    fn from(step: ConnectStep) -> Self {
        match step {
            ConnectStep::Resolve => Self::Resolve,
            ConnectStep::Connect => Self::Connect,
            ConnectStep::Secure => Self::Secure,
        }
    }
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// It holds.
    Passed {
        /// How long it took.
        took: Duration,
        /// What is worth knowing beside it.
        note: Option<String>,
    },
    /// It could not be tested, or need not be.
    Skipped {
        /// Why.
        why: String,
    },
    /// It does not hold.
    Failed {
        /// Why, for the program.
        cause: Cause,
        /// What it means, for the person.
        message: String,
        /// What to do.
        advice: String,
    },
}

impl From<Finding> for StepOutcome {
    fn from(finding: Finding) -> Self {
        Self::Failed {
            cause: finding.cause,
            message: finding.message,
            advice: finding.advice,
        }
    }
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It is being tested.
    Started,
    /// It was.
    Done(StepOutcome),
}

/// The whole test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Each step with its outcome, in order.
    pub steps: Vec<(Step, StepOutcome)>,
    /// The models the provider lists, at most 2,000.
    pub models: Vec<String>,
    /// Whether a conversation can be begun: no step failed but perhaps the call of a function, and the model
    /// answered if one was asked.
    pub usable: bool,
}

impl Report {
    /// What came of a step.
    #[must_use]
    pub fn outcome(&self, step: Step) -> Option<&StepOutcome> {
        self.steps
            .iter()
            .find(|(of, _)| *of == step)
            .map(|(_, outcome)| outcome)
    }
}

/// How long the test may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Each request.
    pub step: Duration,
    /// All of it.
    pub whole: Duration,
}

impl Default for Limits {
    /// Thirty seconds for a model's first word: longer than hosted models take, and about what a person waits. Two
    /// minutes for all.
    fn default() -> Self {
        Self {
            step: Duration::from_secs(30),
            whole: Duration::from_mins(2),
        }
    }
}
