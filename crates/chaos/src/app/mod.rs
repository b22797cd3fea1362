//! The app without its window: the whole application below it, driven by lines.

mod commands;
mod disk;
mod reports;

use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use cowork_brand::{Brand, Places};
use cowork_chaos::{Command, Request};
use cowork_supervisor::{Confinement, Holder};
use cowork_workspace::{Clock, OpenError, Options, Workspace};
use tokio::sync::mpsc;

use commands::Commands;
use disk::Disk;
use reports::Reports;

/// Requests that were read and not taken yet; a test sends one at a time.
const REQUESTS: usize = 16;

/// Runs until it is asked to quit, or nobody is there any more to ask. The arguments are where its data is, the folder
/// to work in, the engine and its ripgrep.
pub(crate) fn run(arguments: Vec<PathBuf>) -> anyhow::Result<ExitCode> {
    let [data, folder, engine, ripgrep] = <[PathBuf; 4]>::try_from(arguments)
        .map_err(|given| anyhow::anyhow!("four paths are needed, not {given:?}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    runtime.block_on(serve(data, folder, engine, ripgrep))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(data: PathBuf, folder: PathBuf, engine: PathBuf, ripgrep: PathBuf) -> anyhow::Result<()> {
    let stand_in = engine
        .parent()
        .filter(|place| place.join("engine").is_file())
        .map(std::path::Path::to_owned);
    let places = Places::under(&data)?;
    let log = cowork_workspace::start_log(&places)?;
    let disk = Disk::new(places.data.join("filler"));
    let ahead = Arc::new(AtomicI64::new(0));
    let options = Options {
        brand: Brand::stock().context("reading the brand")?,
        places,
        engine,
        ripgrep: Some(ripgrep),
        box_program: cowork_workspace::box_program(),
        tool_servers: Vec::new(),
        // Not the app: no window will draw a picture for the engine to wait for.
        holder: Holder::CommandLine,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        // A stand-in for the engine is told by files beside it what to do, and counts there.
        folders: std::iter::once(folder).chain(stand_in).collect(),
        home_directory: cowork_brand::home_directory(),
        confinement: Confinement::default(),
        clock: jumping(ahead.clone()),
        log: Some(log.control.clone()),
        #[cfg(debug_assertions)]
        plaintext_secrets: None,
    };
    let workspace = Workspace::open(options).await.map_err(|error| match error {
        OpenError::Claimed(error) => anyhow::anyhow!("{error}"),
        OpenError::Other(error) => error,
    })?;
    let reports = Reports::new(workspace.clone());
    let commands = Commands {
        workspace: workspace.clone(),
        reports: reports.clone(),
        disk,
        ahead,
    };
    let following = tokio::spawn(reports.clone().follow());
    let mut requests = read_requests()?;
    let mut quit = None;
    while let Some(request) = requests.recv().await {
        if let Command::Quit = request.command {
            quit = Some(request.number);
            break;
        }
        tokio::spawn(commands.clone().carry_out(request));
    }
    workspace.close().await;
    following.abort();
    if let Some(number) = quit {
        reports::answer(number, Ok(String::new()));
    }
    Ok(())
}

/// The system's clocks, of which that of the wall can be set.
fn jumping(ahead: Arc<AtomicI64>) -> Clock {
    let system = Clock::default();
    let wall = system.wall;
    Clock {
        wall: Arc::new(move || wall() + ahead.load(Ordering::Relaxed)),
        monotonic: system.monotonic,
    }
}

/// Reads on a thread of its own: a read of standard input cannot be given up, and must not hold up the end.
fn read_requests() -> anyhow::Result<mpsc::Receiver<Request>> {
    let (sender, requests) = mpsc::channel(REQUESTS);
    let read = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(request) => {
                    if sender.blocking_send(request).is_err() {
                        return;
                    }
                }
                Err(error) => crate::eprint(&format!("{line:?} is no request: {error}")),
            }
        }
    };
    std::thread::Builder::new()
        .name("requests".to_owned())
        .spawn(read)
        .context("reading requests")?;
    Ok(requests)
}
