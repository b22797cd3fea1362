//! Starts the scripted model by hand and prints where it listens, until Ctrl-C.

use std::io::Write as _;

use anyhow::Context as _;
use clap::Parser;
use cowork_scripted_model::{Options, Server};

/// Serves the scripted model on 127.0.0.1.
#[derive(Parser)]
struct Arguments {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Bearer token clients must send; a random one when absent.
    #[arg(long)]
    token: Option<String>,
    /// Pause before each few characters of the demo's texts, in milliseconds.
    #[arg(long, default_value_t = 18)]
    demo_pace: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let server = Server::start(Options {
        port: arguments.port,
        token: arguments.token,
        demo_pace_milliseconds: arguments.demo_pace,
        ..Options::default()
    })
    .await?;
    let mut output = std::io::stdout();
    writeln!(output, "{}\ntoken {}", server.base_url(), server.token())
        .context("printing where it listens")?;
    output.flush().context("printing where it listens")?;
    tokio::signal::ctrl_c().await.context("waiting for Ctrl-C")?;
    server.stop().await
}
