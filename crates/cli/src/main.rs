//! `cowork`: the application without a window. It runs one turn through the same code as the app, streams the
//! answer to the terminal, asks for permissions there, and ends with a status that says how the turn ended.
//!
//! Use it in scripts, on machines without a display, and to see whether the engine works at all.

mod arguments;
mod asks;
mod printer;
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
    let outcome = match arguments.command {
        Command::Run(run) => turn::run(run, &mut terminal).await,
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
