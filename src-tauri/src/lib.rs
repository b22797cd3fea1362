//! The desktop shell: one window around the command registry, and what only the system can do for it.
//!
//! It holds no logic of the product: it reads the command line, claims what the application needs, opens the
//! window, keeps the window where it belongs ([`guard`], [`window`]) and hands every command to `cowork-api`.

mod arguments;
// Written by a generator that does not format.
#[rustfmt::skip]
mod commands;
mod editor;
pub mod guard;
mod notifications;
pub mod preview;
mod quit;
mod shell;
mod webkit;
mod window;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use cowork_api::{Api, Shell as _};
use cowork_brand::{Brand, Places};
use cowork_supervisor::{ClaimError, Holder, PrivateHome};
use cowork_workspace::{OpenError, Options, Workspace};
use tauri::{Builder, Context, Manager as _, RunEvent, Runtime, WindowEvent, Wry};

use crate::arguments::Arguments;
use crate::shell::DesktopShell;

/// How long what goes on in the background may take to end before everything is deleted: it is cut off at its next wait,
/// and what the disk is asked for takes seconds at most.
const BACKGROUND_ENDS_WITHIN: Duration = Duration::from_secs(5);

/// Runs the app until its window is closed.
#[must_use]
pub fn main() -> ExitCode {
    if let Err(error) = cowork_supervisor::forbid_inspection() {
        tracing::warn!(%error, "other programs of this user can look into this one");
    }
    // The webview's sandbox is tried beside what needs no second thread.
    let webview = webkit::Preparation::begin();
    let arguments = Arguments::parse();
    match run(&arguments, webview) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::report_fatal(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, webview: webkit::Preparation) -> anyhow::Result<()> {
    let brand = Brand::stock().context("reading the brand")?;
    let places =
        Places::resolve(&brand, |name| std::env::var_os(name)).context("finding where data is kept")?;
    let engine = arguments.engine()?;
    webview.finish();
    let log = cowork_workspace::start_log(&places)?;
    // Before the toolkit: a second start says who holds the data also where there is no display.
    let kept = places.clone();
    let home =
        PrivateHome::claim(&places.private_home, Holder::App).map_err(|error| explain(error.into()))?;
    let options = Options {
        engine,
        ripgrep: arguments.ripgrep.clone(),
        box_program: cowork_workspace::box_program(),
        tool_servers: Vec::new(),
        holder: Holder::App,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        folders: arguments.folders.clone(),
        home_directory: cowork_brand::home_directory(),
        confinement: cowork_supervisor::Confinement::default(),
        clock: cowork_workspace::Clock::default(),
        log: Some(log.control.clone()),
        #[cfg(debug_assertions)]
        plaintext_secrets: cowork_workspace::plaintext_secrets(),
        brand,
        places,
    };
    let runtime = tokio::runtime::Runtime::new().context("starting the async runtime")?;
    tauri::async_runtime::set(runtime.handle().clone());
    // The data is read while the system's toolkit starts.
    let opening = runtime.spawn(Workspace::open_claimed(home, options));
    let app = guarded(Builder::<Wry>::default())
        .build(context())
        .context("starting the system's toolkit")?;
    let workspace = runtime
        .block_on(opening)
        .context("starting the app")?
        .map_err(explain)?;
    quit::on_signals(&runtime, workspace.clone());
    let shell = Arc::new(DesktopShell::new(app.handle().clone(), workspace.clone()));
    app.manage(Api::new(workspace.clone(), shell.clone()));
    runtime.spawn(tell_desktop(workspace.clone(), shell.clone()));
    window::open(app.handle(), workspace.clone()).context("opening the window")?;
    let looked_at = workspace.clone();
    // Not `run`, which never comes back: the engine has to be ended after the window.
    let status = app.run_return(move |app, event| match event {
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::Destroyed,
            ..
        } if label == window::LABEL => preview::close_all(app),
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::Focused(focused),
            ..
        } if label == window::LABEL => {
            looked_at.look(focused);
            if focused {
                shell.withdraw_notifications();
            }
        }
        RunEvent::ExitRequested { .. } => tracing::info!("the window was closed"),
        _ => {}
    });
    runtime.block_on(workspace.close());
    // Where the system deletes nothing that is open the next start does it.
    if cfg!(unix) && cowork_workspace::removal_is_owed(&kept) {
        // Nobody else begins anew among what is to go.
        let claim = workspace.hold_claim();
        drop(workspace);
        runtime.shutdown_timeout(BACKGROUND_ENDS_WITHIN);
        drop(log);
        cowork_workspace::remove_what_is_owed(&kept, cowork_workspace::LogsToRemove::All)?;
        drop(claim);
    }
    anyhow::ensure!(status == 0, "the window ended with status {status}");
    Ok(())
}

/// Has the desktop told what happens while nobody looks at the window; ends with the workspace.
async fn tell_desktop(workspace: Workspace, shell: Arc<DesktopShell>) {
    let mut tidings = workspace.tidings();
    while let Some(tiding) = tidings.recv().await {
        if let Err(error) = shell.notify(tiding).await {
            // A desktop without notifications: the settings say so where it is tried.
            tracing::info!(error = format!("{error:#}"), "the desktop was not told");
        }
    }
}

/// A builder whose commands answer only to the app's own page.
pub fn guarded<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    let handler = commands::handler();
    builder.invoke_handler(move |invoke| {
        if let Some(refusal) = guard::refusal(&invoke) {
            tracing::warn!(
                command = invoke.message.command(),
                "a command from outside the app's page was refused"
            );
            invoke.resolver.reject(refusal);
            return true;
        }
        handler(invoke)
    })
}

/// The interface and its access-control list, as they were when this was built.
#[must_use]
pub fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

/// Says who holds the data, in the product's words.
fn explain(error: OpenError) -> anyhow::Error {
    match error {
        OpenError::Claimed(error @ ClaimError::Held { .. }) => {
            anyhow::anyhow!("It is already running: {error}. Use the one that runs, or end it first.")
        }
        error => anyhow::Error::new(error).context("starting the app"),
    }
}
