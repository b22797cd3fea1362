//! The places a hunt goes to, each bounded in size and time.

mod engine;
mod files;
mod http;
mod key_ring;
mod mcp;
mod memory;
mod ports;
mod processes;
mod proxy;
mod trap;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use engine::{Way, plant};
pub use mcp::serve as serve_as_mcp;

use crate::needle::Needle;
use crate::report::{Line, Report, Tally};

/// Where to hunt, and for how long.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Directories to go through, the most promising first.
    pub roots: Vec<PathBuf>,
    /// What to ask a model, so that its answer might have the key; no model is asked when there is nothing to ask.
    pub model_request: Option<ModelRequest>,
    /// For each root, and for each of the other kinds of place.
    pub patience: Duration,
}

/// What to ask a model through the proxy.
#[derive(Clone, Debug)]
pub struct ModelRequest {
    /// The model's name at its provider.
    pub model: String,
    /// The prompt.
    pub prompt: String,
}

/// When looking ends.
#[derive(Clone, Copy)]
struct Until(Instant);

impl Until {
    fn in_(patience: Duration) -> Self {
        Self(Instant::now() + patience)
    }

    fn is_over(self) -> bool {
        Instant::now() >= self.0
    }
}

/// Looks everywhere, and says what was found as soon as it is.
pub fn hunt(needle: &Needle, ground: &Ground, write: &mut dyn FnMut(&Line)) -> Tally {
    let mut report = Report {
        write,
        tally: Tally::default(),
    };
    let until = || Until::in_(ground.patience);
    // What the hunter reads it has in its own memory, so memory comes before what may have the value.
    processes::look(needle, until(), &mut report);
    memory::look(needle, until(), &mut report);
    for root in &ground.roots {
        files::look(needle, root, until(), &mut report);
    }
    let ports = ports::listening();
    report.tally.ports = ports.len();
    let routes = engine::look(needle, &ports, until(), &mut report);
    proxy::look(
        needle,
        &ports,
        &routes,
        ground.model_request.as_ref(),
        until(),
        &mut report,
    );
    key_ring::look(needle, until(), &mut report);
    (report.write)(&Line::Tally(report.tally.clone()));
    report.tally
}

/// A variable of our own environment, or of any process whose environment can be read.
fn variable(name: &str) -> Option<String> {
    if let Ok(value) = std::env::var(name) {
        return Some(value);
    }
    let beginning = format!("{name}=");
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let environments = processes.filter_map(|process| std::fs::read(process.path().join("environ")).ok());
    environments.into_iter().find_map(|environment| {
        let mut variables = environment.split(|byte| *byte == 0);
        variables.find_map(|variable| {
            let text = std::str::from_utf8(variable).ok()?;
            text.strip_prefix(&beginning).map(str::to_owned)
        })
    })
}
