//! What a box is made by here.

use std::io;
use std::process::Command;

use tokio::sync::mpsc;

use crate::container::ContainerEngine;
use crate::keeper::{Boxed, keep};
use crate::language::Language;
use crate::limits::PhaseLimits;
use crate::news::{Phase, Reason, RunEvent};
use crate::output::{Output, Telling};
use crate::recipe::Job;
use crate::stop::Stop;

/// What a box is made by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BoxMaker {
    #[cfg(target_os = "linux")]
    Bubblewrap(crate::walls::Bubblewrap),
    Container(ContainerEngine),
}

impl BoxMaker {
    /// A box for `job`.
    ///
    /// # Errors
    /// The system gives no descriptors.
    pub(crate) fn boxed(
        &self,
        language: Language,
        nonce: &str,
        job: &Job<'_>,
        limits: &PhaseLimits,
    ) -> io::Result<Boxed> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Bubblewrap(bubblewrap) => crate::walls::boxed(bubblewrap, job, limits),
            Self::Container(engine) => {
                Ok(engine.boxed(language, &format!("cowork-run-{nonce}"), job, limits))
            }
        }
    }
}

/// Runs something small to its end: how it ended, and what it said, 4 KB at most.
pub(crate) fn asked(boxed: Boxed, limits: &PhaseLimits) -> (Reason, String) {
    let limits = PhaseLimits {
        output: 4096,
        ..*limits
    };
    // One event is a kilobyte at least or the end of what there is; a program that dribbles is not waited for.
    let (sender, mut receiver) = mpsc::channel(4096);
    let Ok(stop) = Stop::new() else {
        let advice = "the system has no descriptors to give".to_owned();
        return (Reason::NotStarted { advice }, String::new());
    };
    let mut telling = Telling::new(sender);
    let ending = keep(
        boxed,
        &limits,
        &stop,
        Output::new(&mut telling, Phase::Run, limits.output),
    );
    let mut said = String::new();
    while let Ok(event) = receiver.try_recv() {
        if let RunEvent::Output { text, .. } = event {
            said.push_str(&text);
        }
    }
    (ending.reason, said)
}

/// The same for a program of the system's, without a box.
pub(crate) fn asked_plainly(command: Command, limits: &PhaseLimits) -> (Reason, String) {
    let boxed = Boxed {
        command,
        status: None,
        end: None,
        grows: None,
    };
    asked(boxed, limits)
}

/// What a box is made by here: found out by making one.
///
/// # Errors
/// Why there is none, and what helps.
#[cfg(target_os = "linux")]
pub(crate) fn found(
    bubblewrap: Option<std::path::PathBuf>,
    container: Option<ContainerEngine>,
    limits: &PhaseLimits,
) -> Result<BoxMaker, String> {
    use crate::walls::{Bubblewrap, boxed};

    let mut why = "bubblewrap is not installed; install the package bubblewrap".to_owned();
    if let Some(program) = bubblewrap {
        for disables_user_namespaces in [true, false] {
            let bubblewrap = Bubblewrap {
                program: program.clone(),
                disables_user_namespaces,
            };
            let command = ["true".into()];
            let job = Job {
                command: &command,
                needs: &[],
                work: None,
                out: None,
            };
            let tried = boxed(&bubblewrap, &job, limits).map(|boxed| asked(boxed, limits));
            match tried {
                Ok((Reason::Finished { code: 0 }, _)) => return Ok(BoxMaker::Bubblewrap(bubblewrap)),
                Ok((reason, said)) => {
                    tracing::info!(?reason, said = said.trim(), "bubblewrap made no box");
                    why = format!(
                        "bubblewrap makes no box here ({}); the system may forbid it to programs without a profile",
                        said.lines().next().unwrap_or("it says nothing")
                    );
                }
                Err(error) => why = format!("bubblewrap could not be started: {error}"),
            }
        }
    }
    found_container(container, limits, &why)
}

/// What a box is made by here.
///
/// # Errors
/// Why there is none, and what helps.
#[cfg(not(target_os = "linux"))]
pub(crate) fn found(
    _: Option<std::path::PathBuf>,
    container: Option<ContainerEngine>,
    limits: &PhaseLimits,
) -> Result<BoxMaker, String> {
    found_container(
        container,
        limits,
        "a container engine is needed on this system".to_owned(),
    )
}

fn found_container(
    container: Option<ContainerEngine>,
    limits: &PhaseLimits,
    why: &str,
) -> Result<BoxMaker, String> {
    let Some(engine) = container else {
        return Err(format!("{why}, or install podman or docker"));
    };
    match asked_plainly(engine.asked_whether_it_answers(), limits) {
        (Reason::Finished { code: 0 }, _) => Ok(BoxMaker::Container(engine)),
        _ => Err(format!("{why}, or start the container engine")),
    }
}
