//! Hunts, and says what it found in lines of JSON.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
mod command;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    command::run()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    // There is no box on other systems yet to hunt in.
    ExitCode::FAILURE
}
