//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Agent sessions without a window.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run one turn: send a prompt, stream the answer, ask for permissions here.
    Run(Run),
    /// Start the engine once, or ask the app that runs, and say what works and what does not.
    Doctor(Doctor),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// What to ask for.
    pub(crate) prompt: String,

    /// The folder to work in; the current one when absent, a throw-away one with --demo.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,

    /// The model to ask, as provider/model; the one set in the app when absent.
    #[arg(long, value_name = "MODEL", conflicts_with = "demo")]
    pub(crate) model: Option<String>,

    /// The agent to ask.
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,

    /// Ask the scripted demo model: no AI, no key, no network.
    #[arg(long)]
    pub(crate) demo: bool,

    /// Where no box can be had: let the commands of this turn run in the folder without one.
    #[arg(long)]
    pub(crate) without_box: bool,

    #[command(flatten)]
    pub(crate) programs: Programs,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Print the whole report instead, redacted, to be read before it is shared.
    #[arg(long)]
    pub(crate) report: bool,

    #[command(flatten)]
    pub(crate) programs: Programs,
}

/// The programs the app works with.
#[derive(Debug, Args)]
pub(crate) struct Programs {
    /// The engine's program.
    #[arg(long, env = "COWORK_ENGINE", value_name = "FILE")]
    pub(crate) engine: Option<PathBuf>,

    /// The ripgrep the engine searches with.
    #[arg(long, env = "COWORK_RIPGREP", value_name = "FILE")]
    pub(crate) ripgrep: Option<PathBuf>,
}
