//! The app without its window, and programs that stand in the engine's place and make trouble.
//!
//! What it is depends on the name it is started by: under the name of a stand-in it is that stand-in, because an engine
//! is told nothing but its port and gets no environment of ours.

mod app;
mod stand_in;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    let program = Path::new(&program);
    let outcome = match (
        program.file_name().and_then(|name| name.to_str()),
        program.parent(),
    ) {
        (Some("stall-engine"), Some(folder)) => stand_in::stall(folder, arguments.collect()),
        (Some("steal-port"), Some(folder)) => stand_in::steal(folder, arguments.collect()),
        _ => app::run(arguments.map(Into::into).collect()),
    };
    outcome.unwrap_or_else(|error| {
        // Its standard error is what a failed test shows.
        eprint(&format!("{error:#}"));
        ExitCode::FAILURE
    })
}

fn eprint(line: &str) {
    use std::io::Write as _;
    // There is nowhere else to say that nothing can be said.
    let _ = writeln!(std::io::stderr(), "{line}");
}
