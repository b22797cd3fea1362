//! `cowork`: the application without a window. `run` runs one turn through the same code as the app, streams the
//! answer to the terminal, asks for permissions there, and ends with a status that says how the turn ended. `doctor`
//! says what works and what does not.
//!
//! Use it in scripts, on machines without a display, and to see whether the engine works at all.

mod arguments;
mod asks;
mod doctor;
mod printer;
mod program;
mod signals;
mod terminal;
mod turn;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::terminal::Terminal;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut terminal = Terminal::default();
    if let Err(error) = cowork_supervisor::forbid_inspection() {
        terminal.note(&format!(
            "Other programs of this user can look into this one: {error}"
        ));
    }
    let outcome = match arguments.command {
        Command::Run(run) => turn::run(run, &mut terminal).await,
        Command::Doctor(doctor) => doctor::run(doctor, &mut terminal).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            terminal.note(&format!(
                "Failed: {}",
                cowork_redact::redact(&format!("{error:#}"))
            ));
            ExitCode::FAILURE
        }
    }
}
