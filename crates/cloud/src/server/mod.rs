//! A server that runs: its listeners, what it does beside its requests, and its end.

mod connections;
mod door;
mod full;
mod stalling;
mod upkeep;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use cowork_brand::Brand;
use cowork_cloud_store::{Dialect, SecretHash, Store};
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::figures::Figures;
use crate::http;
use crate::http::broker::Waiting;
use crate::http::cookies::Cookies;
use crate::http::health::Readiness;
use crate::http::origins::Origins;
use crate::http::page::Page;
use crate::http::twin::Connections;
use crate::limits::Limits;
use crate::shared::{App, Shared};
use crate::sign_in::passwords::Passwords;
use crate::sign_in::rates::Rates;
use crate::sign_in::secrets;

/// How long an owner link works: long enough to be found on the next morning.
const OWNER_LINK_TIME: i64 = 24 * 60 * 60 * 1000;

/// What a server is started with.
#[derive(Debug)]
pub struct Setup {
    /// Where it listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// The database.
    pub database: cowork_cloud_store::Options,
    /// The address people reach it at.
    pub public_url: Option<String>,
    /// Proxies that are believed.
    pub trusted: Vec<IpNet>,
    /// Where figures are told.
    pub metrics_listen: Option<SocketAddr>,
    /// The page's folder, instead of what is built in.
    pub page_dir: Option<std::path::PathBuf>,
    /// Every bound.
    pub limits: Limits,
    /// Days that what desktops told is kept.
    pub keep_days: u16,
    /// Multiplies every rate.
    pub rate_factor: u32,
}

impl Setup {
    /// The usual, on a free port of this machine, with the database at an address.
    #[must_use]
    pub fn on_this_machine(database: impl Into<String>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: cowork_cloud_store::Options::at(database),
            public_url: None,
            trusted: Vec::new(),
            metrics_listen: None,
            page_dir: None,
            limits: Limits::default(),
            keep_days: 90,
            rate_factor: 1,
        }
    }
}

/// A server that runs.
pub struct Server {
    app: App,
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    tasks: JoinSet<()>,
}

/// Opens the database that a server is to serve. A file that is not there yet is made; one that is there and older is
/// left as it is, because going forward is somebody's decision (`migrate`).
async fn open_or_make(options: &cowork_cloud_store::Options) -> anyhow::Result<Store> {
    if let (Dialect::Sqlite, Some(file)) = (options.dialect()?, options.sqlite_file())
        && !tokio::fs::try_exists(&file).await.unwrap_or(false)
    {
        Store::migrate(options).await?;
    }
    open(options).await
}

/// Opens the database. Nothing is made: what is asked of a file that is not there is asked of the wrong one.
///
/// # Errors
/// When it cannot be opened or is not ready for this version.
pub async fn open(options: &cowork_cloud_store::Options) -> anyhow::Result<Store> {
    let opened = Store::open(options).await;
    match options.sqlite_file() {
        Some(file) => opened.with_context(|| format!("could not open the database {}", file.display())),
        None => opened.context("could not open the database"),
    }
}

/// Makes a link by which the first owner comes in, and voids those before. What it is worth stands behind the `#`, so
/// that no log on its way has it.
///
/// # Errors
/// When it cannot be kept.
pub async fn owner_link(store: &Store, origins: &Origins) -> anyhow::Result<String> {
    let secret = secrets::make(secrets::OWNER)?;
    let now = clock::now();
    store
        .mint_owner_link(&SecretHash::of(&secret), now + OWNER_LINK_TIME, now)
        .await?;
    Ok(shown(origins, &secret))
}

fn shown(origins: &Origins, secret: &str) -> String {
    format!("{}/welcome#owner={secret}", origins.shown())
}

impl Server {
    /// Starts one.
    ///
    /// # Errors
    /// When the database is not ready, an address cannot be listened at, or what it is told does not fit together.
    pub async fn start(setup: Setup) -> anyhow::Result<Self> {
        let brand = Brand::stock()?;
        let listener = TcpListener::bind(setup.listen)
            .await
            .with_context(|| format!("could not listen at {}", setup.listen))?;
        let address = listener.local_addr()?;
        let origins = Origins::new(setup.public_url.as_deref(), address)?;
        let page = Page::load(setup.page_dir.as_deref())?;
        let store = open_or_make(&setup.database).await?;
        let folder = setup
            .database
            .sqlite_file()
            .and_then(|file| file.parent().map(std::path::Path::to_owned));
        let app = Arc::new(Shared {
            cookies: Cookies::new(&brand.data_dir_name),
            connections: Connections::new(&store, &brand),
            brand,
            store,
            origins,
            trusted: setup.trusted,
            passwords: Passwords::new(setup.limits.hashing, setup.limits.hashing_waiting)?,
            rates: Rates::new(setup.rate_factor),
            figures: Figures::default(),
            waiting: Waiting::default(),
            set_up: OnceLock::new(),
            page,
            readiness: Readiness::new(folder),
            limits: setup.limits,
            draining: CancellationToken::new(),
        });
        let mut tasks = JoinSet::new();
        let mut metrics_address = None;
        if let Some(listen) = setup.metrics_listen {
            let listener = TcpListener::bind(listen)
                .await
                .with_context(|| format!("could not listen for metrics at {listen}"))?;
            metrics_address = Some(listener.local_addr()?);
            let router = http::metrics::router(app.clone());
            tasks.spawn(connections::take(app.clone(), listener, router));
        }
        let router = http::router(app.clone());
        tasks.spawn(connections::take(app.clone(), listener, router));
        tasks.spawn(upkeep::commands(app.clone()));
        tasks.spawn(upkeep::retention(app.clone(), setup.keep_days));
        tracing::info!(%address, database = app.store.dialect().as_str(), "listening");
        Ok(Self {
            app,
            address,
            metrics_address,
            tasks,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it tells its figures.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// What its requests are answered with.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Makes an owner link when there is no owner yet. It works beside those that other processes made.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn first_owner_link(&self) -> anyhow::Result<Option<String>> {
        if self.app.store.is_set_up().await? {
            return Ok(None);
        }
        let secret = secrets::make(secrets::OWNER)?;
        let now = clock::now();
        let hash = SecretHash::of(&secret);
        self.app
            .store
            .mint_first_owner_link(&hash, now + OWNER_LINK_TIME, now)
            .await?;
        Ok(Some(shown(&self.app.origins, &secret)))
    }

    /// Waits until a part of it ends that was not told to, which none does but by a fault of its own. What is left cannot
    /// do the whole of its work: leases that are over would stay, or nobody would come in.
    pub async fn failed(&mut self) {
        match self.tasks.join_next().await {
            Some(Err(error)) => tracing::error!(%error, "a part of the server failed"),
            Some(Ok(())) => tracing::error!("a part of the server ended before it was told to"),
            None => std::future::pending().await,
        }
    }

    /// Stops: nothing new is taken, what waits is answered, what is under way may end within the bound, and what was
    /// taken is on the disk.
    pub async fn stop(mut self) {
        self.app.draining.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part of the server failed");
            }
        }
        self.app.store.close().await;
        tracing::info!("stopped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_fails_is_heard_of_and_the_others_stop() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cloud.db");
        let mut server = Server::start(Setup::on_this_machine(format!("sqlite:{}", file.display())))
            .await
            .unwrap();
        server.tasks.spawn(async { panic!("a fault") });
        server.failed().await;
        server.stop().await;
    }
}
