//! Runs the trials: `cloud-trial load` and `cloud-trial faults`, each on `postgres` or `sqlite`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use clap::{Parser, Subcommand, ValueEnum};
use cowork_cloud_trial::load::Load;
use cowork_cloud_trial::postgres::{Postgres, Safety};
use cowork_cloud_trial::server::{Plan, free_port, log_in};
use cowork_cloud_trial::{faults, load, say};

#[derive(Parser)]
#[command(about = "The org's server under load, and killed at any moment")]
struct Arguments {
    /// The server's program
    #[arg(long, env = "COWORK_CLOUD_BINARY")]
    server: PathBuf,
    /// The database it runs on
    #[arg(long, value_enum, default_value_t = Database::Postgres)]
    database: Database,
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Clone, Copy, ValueEnum)]
enum Database {
    /// A real one that is started for the trial
    Postgres,
    /// A file
    Sqlite,
}

#[derive(Subcommand)]
enum Trial {
    /// Many desktops that tell, many browsers that watch
    Load {
        /// Organizations
        #[arg(long, default_value_t = 10)]
        tenants: usize,
        /// Desktops in all
        #[arg(long, default_value_t = 200)]
        desktops: usize,
        /// Browsers in all
        #[arg(long, default_value_t = 1000)]
        browsers: usize,
        /// Events in a second
        #[arg(long, default_value_t = 2000)]
        events: usize,
        /// Commands in a second
        #[arg(long, default_value_t = 20)]
        commands: usize,
        /// How long is measured
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
    /// The server or its database is killed, again and again
    Faults {
        /// How often
        #[arg(long, default_value_t = 60)]
        rounds: u32,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let postgres = match arguments.database {
        Database::Postgres => Some(Postgres::start(Safety::Durable)?),
        Database::Sqlite => None,
    };
    let database = match &postgres {
        Some(postgres) => postgres.database("trial")?,
        None => format!("sqlite:{}", folder.path().join("cloud.db").display()),
    };
    let plan = Plan {
        binary: arguments.server,
        database,
        port: free_port()?,
        log: log_in(folder.path()),
    };
    let ended = match arguments.trial {
        Trial::Load {
            tenants,
            desktops,
            browsers,
            events,
            commands,
            seconds,
        } => {
            let load = Load {
                tenants,
                desktops,
                browsers,
                events,
                commands,
                time: Duration::from_secs(seconds),
            };
            load::run(&plan, load).await.and_then(|outcome| {
                say(&outcome.to_string());
                ensure!(outcome.errors == 0, "something went wrong under load");
                Ok(())
            })
        }
        Trial::Faults { rounds } => faults::run(&plan, postgres, rounds)
            .await
            .map(|outcome| say(&outcome.to_string())),
    };
    match ended {
        Ok(()) => Ok(()),
        Err(error) => {
            let log = folder.keep().join("server.log");
            say(&format!("the server's log: {}", log.display()));
            Err(error)
        }
    }
}
