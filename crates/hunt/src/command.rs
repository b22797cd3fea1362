//! The command line.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use cowork_hunt::places::{self, Ground, ModelRequest, Way};
use cowork_hunt::{Description, Line, Needle};

#[derive(Parser)]
#[command(about = "Looks for a key wherever a program of this user can look")]
enum Command {
    /// Looks everywhere.
    Look {
        /// What to look for: BEGINNING:LENGTH:DIGEST.
        #[arg(long)]
        description: Description,
        /// A directory to go through; may be given more than once, the most promising first.
        #[arg(long)]
        root: Vec<PathBuf>,
        /// The model to ask through the proxy.
        #[arg(long, requires = "prompt")]
        model: Option<String>,
        /// What to ask it.
        #[arg(long, requires = "model")]
        prompt: Option<String>,
        /// Seconds for each directory and for each other kind of place.
        #[arg(long, default_value_t = 20)]
        seconds: u64,
        /// A file for what is found, in place of standard output. It has its name when all is in it.
        #[arg(long)]
        output: Option<PathBuf>,
        /// Speak as a server of tools meanwhile.
        #[arg(long, requires = "output")]
        mcp: bool,
    },
    /// Has the engine start a program.
    Plant {
        /// How.
        #[arg(long)]
        way: WayName,
        /// The folder to start it in.
        #[arg(long)]
        directory: PathBuf,
        /// The program and its arguments.
        #[arg(last = true, required = true)]
        program: Vec<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum WayName {
    Mcp,
    Pty,
}

pub(crate) fn run() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Look {
            description,
            root,
            model,
            prompt,
            seconds,
            output,
            mcp,
        } => {
            if mcp {
                // It ends with the program.
                std::thread::spawn(|| places::serve_as_mcp(io::stdin().lock(), io::stdout()));
            }
            let ground = Ground {
                roots: root,
                model_request: model
                    .zip(prompt)
                    .map(|(model, prompt)| ModelRequest { model, prompt }),
                patience: Duration::from_secs(seconds),
            };
            look(&Needle::new(description), &ground, output)
        }
        Command::Plant {
            way,
            directory,
            program,
        } => {
            let way = match way {
                WayName::Mcp => Way::Mcp,
                WayName::Pty => Way::Pty,
            };
            places::plant(way, &directory, &program)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nowhere else to say that nothing can be said.
            let _ = writeln!(io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn look(needle: &Needle, ground: &Ground, output: Option<PathBuf>) -> anyhow::Result<()> {
    let mut failed = None;
    let mut write_to = |stream: &mut dyn Write| {
        places::hunt(needle, ground, &mut |line: &Line| {
            let written = serde_json::to_string(line)
                .map_err(io::Error::from)
                .and_then(|text| writeln!(stream, "{text}"));
            failed = failed.take().or(written.err());
        });
    };
    match output {
        None => write_to(&mut io::stdout()),
        Some(path) => {
            let beside = path.with_extension("part");
            let mut file = File::create(&beside).with_context(|| format!("making {}", beside.display()))?;
            write_to(&mut file);
            std::fs::rename(&beside, &path).with_context(|| format!("making {}", path.display()))?;
        }
    }
    failed.map_or(Ok(()), |error| Err(error).context("writing what was found"))
}
