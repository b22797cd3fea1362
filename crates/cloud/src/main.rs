//! The org's server as a program: serves, and does what an operator asks of its database.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use cowork_brand::Brand;
use cowork_cloud::http::origins::Origins;
use cowork_cloud::options::Options;
use cowork_cloud::server::{self, Server, Setup};
use cowork_cloud::sign_in::passwords::Passwords;
use cowork_cloud::sign_in::secrets;
use cowork_cloud::{clock, logs};
use cowork_cloud_store::{Actor, ActorKind, Dialect, Migrated, Store, User};
use tokio::sync::mpsc;

/// The org's server.
#[derive(Parser)]
#[command(
    version,
    about = "The org's server: people sign in, and drive their paired desktops from a browser."
)]
struct Arguments {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve; what is done when nothing is asked for
    Serve,
    /// Make the database ready for this version
    Migrate,
    /// Print a link by which a new owner comes in, once and within a day; links before it are void
    OwnerLink,
    /// Organizations
    #[command(subcommand)]
    Organization(Organization),
    /// Give somebody who lost their password a new one, which is printed; they are signed out everywhere
    NewPassword {
        /// The mail address of their account
        email: String,
    },
    /// Write a copy of the database into a new file, while the server runs
    Backup {
        /// The file, which must not be there yet
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum Organization {
    /// Add one for somebody who has an account; who has none makes one of each by an owner link
    Add {
        /// What it is called
        name: String,
        /// Whose it is: the mail address of their account
        #[arg(long)]
        owner: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let serves = matches!(arguments.command, None | Some(Command::Serve));
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // Why a server ended is read where all else is that it said; what an operator asked for is answered to them.
        Err(error) if serves && tracing::dispatcher::has_been_set() => {
            tracing::error!("the server ended: {error:#}");
            ExitCode::FAILURE
        }
        Err(error) => {
            let text = format!("{error:#}");
            // The last that can be said; if it cannot be written nobody reads.
            let _ = writeln!(std::io::stderr(), "Failed: {}", cowork_redact::redact(&text));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let options = arguments.options;
    forbid_inspection()?;
    keep_files_private();
    logs::start(options.log_format.into(), options.log_level)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("could not start the runtime")?;
    runtime.block_on(async {
        match arguments.command.unwrap_or(Command::Serve) {
            Command::Serve => serve(options).await,
            Command::Migrate => migrate(&options).await,
            Command::OwnerLink => owner_link(&options).await,
            Command::Organization(Organization::Add { name, owner }) => {
                add_organization(&options, &name, &owner).await
            }
            Command::NewPassword { email } => new_password(&options, &email).await,
            Command::Backup { file } => backup(&options, file).await,
        }
    })
}

/// The database, and what SQLite puts beside it, is this user's alone, wherever it lies.
#[cfg(unix)]
fn keep_files_private() {
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
}

#[cfg(not(unix))]
fn keep_files_private() {}

/// Passwords on their way to being hashed are in the memory: no other program of this user may look, and no core of it
/// is written.
#[cfg(target_os = "linux")]
fn forbid_inspection() -> anyhow::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("could not close the memory to others")
}

#[cfg(not(target_os = "linux"))]
fn forbid_inspection() -> anyhow::Result<()> {
    // Nothing there is as simple; the user's other programs are trusted on those systems.
    Ok(())
}

/// A line of what was asked for, on standard output.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .context("could not write to standard output")
}

fn database(options: &Options) -> anyhow::Result<cowork_cloud_store::Options> {
    Ok(cowork_cloud_store::Options::at(
        options.database(&Brand::stock()?)?,
    ))
}

async fn store(options: &Options) -> anyhow::Result<Store> {
    server::open(&database(options)?).await
}

async fn serve(options: Options) -> anyhow::Result<()> {
    raise_open_files();
    // Before anything else is begun, so that a signal in its first moment is not missed.
    let mut signals = signals()?;
    let mut server = Server::start(Setup {
        listen: options.listen,
        database: database(&options)?,
        limits: options.limits(),
        public_url: options.public_url,
        trusted: options.trusted_proxies,
        metrics_listen: options.metrics_listen,
        page_dir: options.page_dir,
        keep_days: options.keep_days,
        rate_factor: options.rate_factor,
    })
    .await?;
    say(&format!("Listening at {}", server.app().origins.shown()))?;
    if let Some(link) = server.first_owner_link().await? {
        say(&format!(
            "Come in as the first owner, once and within a day:\n\n  {link}\n"
        ))?;
    }
    let failed = tokio::select! {
        _ = signals.recv() => false,
        () = server.failed() => true,
    };
    tracing::info!("stopping");
    server.stop().await;
    // Whoever looks after the process starts it anew.
    anyhow::ensure!(!failed, "a part of the server failed; the log says which");
    Ok(())
}

/// Hears of the signals that mean an end.
#[cfg(unix)]
fn signals() -> anyhow::Result<mpsc::Receiver<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (send, receive) = mpsc::channel(1);
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signal = signal(kind).context("could not listen to signals")?;
        let send = send.clone();
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                // One is enough: whoever does not take it is stopping already.
                let _ = send.try_send(());
            }
        });
    }
    Ok(receive)
}

#[cfg(not(unix))]
fn signals() -> anyhow::Result<mpsc::Receiver<()>> {
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            // Whoever does not take it is stopping already.
            let _ = send.send(()).await;
        }
    });
    Ok(receive)
}

/// Each connection is an open file, and what a shell allows at first is a thousand.
#[cfg(unix)]
fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

#[cfg(not(unix))]
fn raise_open_files() {}

async fn migrate(options: &Options) -> anyhow::Result<()> {
    let Migrated { from, to } = Store::migrate(&database(options)?).await?;
    if from == to {
        say(&format!("The database is at step {to} already."))
    } else {
        say(&format!("The database went from step {from} to step {to}."))
    }
}

async fn owner_link(options: &Options) -> anyhow::Result<()> {
    let origins = Origins::new(options.public_url.as_deref(), options.listen)?;
    let store = store(options).await?;
    let link = server::owner_link(&store, &origins).await?;
    store.close().await;
    say("This link works once and within a day; links before it are void:\n")?;
    say(&format!("  {link}"))
}

/// Whoever runs the server did it.
fn operator() -> Actor {
    Actor {
        kind: ActorKind::Operator,
        id: String::new(),
        label: "operator".to_owned(),
    }
}

async fn account(store: &Store, email: &str) -> anyhow::Result<User> {
    let found = store.user_by_email(email).await?;
    found.with_context(|| format!("nobody has an account as {email}; an owner link makes one (owner-link)"))
}

/// The password is random: it is written down once, and changed by whoever signs in with it.
async fn new_password(options: &Options, email: &str) -> anyhow::Result<()> {
    let store = store(options).await?;
    let user = account(&store, email).await?;
    let password = secrets::random()?;
    let hash = Passwords::new(1, 1)?
        .hash(password.clone())
        .await
        .map_err(|refusal| anyhow::anyhow!(refusal.message))?;
    store
        .set_password(&user.id, &hash, None, &operator(), clock::now())
        .await?;
    store.close().await;
    say(&format!(
        "{} signs in with this password now, and changes it then:\n\n  {password}",
        user.email
    ))
}

async fn add_organization(options: &Options, name: &str, owner: &str) -> anyhow::Result<()> {
    let store = store(options).await?;
    let user = account(&store, owner).await?;
    let made = store
        .create_organization(name, &user.id, &operator(), clock::now())
        .await?;
    store.close().await;
    say(&format!(
        "{} ({}) belongs to {} now.",
        made.name, made.id, user.email
    ))
}

async fn backup(options: &Options, file: PathBuf) -> anyhow::Result<()> {
    let database = database(options)?;
    if database.dialect()? == Dialect::Postgres {
        anyhow::bail!(
            "PostgreSQL is backed up with its own pg_dump (pg_dump --format=custom --file=FILE ADDRESS)"
        );
    }
    let store = server::open(&database).await?;
    store.backup(&file).await?;
    store.close().await;
    say(&format!("Written to {}.", file.display()))
}
