//! The engine's life in a window's terms.

use cowork_supervisor::{BreakerState, DegradedReason, LifeState, StartFailure, Step};

use crate::view::{BreakerView, EngineStep, EngineTrouble};

pub(super) fn step(step: Step) -> EngineStep {
    match step {
        Step::PreparingHome => EngineStep::Preparing,
        Step::Spawning { .. } | Step::AwaitingReadiness => EngineStep::Launching,
        Step::Probing | Step::Ready => EngineStep::Connecting,
    }
}

pub(super) fn trouble(reason: DegradedReason) -> EngineTrouble {
    match reason {
        DegradedReason::StreamStalled => EngineTrouble::StreamStalled,
        DegradedReason::StreamLost => EngineTrouble::StreamLost,
        DegradedReason::NotAnswering => EngineTrouble::NotAnswering,
        DegradedReason::MemoryHigh => EngineTrouble::MemoryHigh,
    }
}

pub(super) fn breaker(state: BreakerState) -> BreakerView {
    match state {
        BreakerState::Closed => BreakerView::Closed,
        BreakerState::Open { .. } => BreakerView::Open,
        BreakerState::HalfOpen => BreakerView::HalfOpen,
    }
}

/// One word for a state, for the context of a failure.
pub(super) fn name(state: &LifeState) -> &'static str {
    match state {
        LifeState::Absent { .. } => "absent",
        LifeState::Starting { .. } => "starting",
        LifeState::Ready => "ready",
        LifeState::Degraded { .. } => "degraded",
        LifeState::BackingOff { .. } => "backing off",
        LifeState::Broken { .. } => "broken",
        LifeState::Stopping => "stopping",
        LifeState::Stopped => "stopped",
    }
}

/// A stable name of why it did not start.
pub(super) fn code(failure: &StartFailure) -> &'static str {
    match failure {
        StartFailure::Missing { .. } => "missing",
        StartFailure::NotExecutable { .. } => "notExecutable",
        StartFailure::NotRunnable { .. } => "notRunnable",
        StartFailure::HomeNotReady { .. } => "homeNotReady",
        StartFailure::NoWrapper(_) => "noWrapper",
        StartFailure::WrongVersion { .. } => "wrongVersion",
        StartFailure::PortTaken { .. } => "portTaken",
        StartFailure::DiedAtStart { .. } => "diedAtStart",
        StartFailure::HangsAtStart { .. } => "hangsAtStart",
        StartFailure::Unguarded { .. } => "unguarded",
        StartFailure::Unhealthy { .. } => "unhealthy",
        StartFailure::AlreadyRunning | StartFailure::NoResources(_) => "other",
    }
}

/// A message that stands on its own.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}

/// Lines of output, without what colours them in a terminal.
pub(super) fn lines(output: &[cowork_supervisor::OutputLine]) -> Vec<String> {
    output
        .iter()
        .map(|line| crate::render::plain(&line.text))
        .collect()
}
