//! What the server is told at its start, by flags or by its environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use cowork_brand::{Brand, Places};
use cowork_redact::log::LogFormat;
use ipnet::IpNet;
use tracing_subscriber::filter::LevelFilter;

use crate::limits::Limits;

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// A JSON object in a line.
    #[default]
    Json,
    /// Lines for people.
    Text,
}

impl From<LogForm> for LogFormat {
    fn from(form: LogForm) -> Self {
        match form {
            LogForm::Json => Self::Json,
            LogForm::Text => Self::Text,
        }
    }
}

/// The options of every command.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::doc_markdown,
    reason = "what is written here is shown in a terminal as it is"
)]
pub struct Options {
    /// Where it listens
    #[arg(
        long,
        global = true,
        env = "OPEN_COWORK_CLOUD_LISTEN",
        default_value = "127.0.0.1:8790"
    )]
    pub listen: SocketAddr,
    /// Its database: sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME [default: a file in the data folder]
    #[arg(
        long,
        global = true,
        env = "OPEN_COWORK_CLOUD_DATABASE",
        hide_env_values = true
    )]
    pub database: Option<String>,
    /// The address people reach it at, such as https://cowork.example.org; needed beyond this machine
    #[arg(long, global = true, env = "OPEN_COWORK_CLOUD_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas
    #[arg(
        long,
        global = true,
        env = "OPEN_COWORK_CLOUD_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Where /metrics is answered; nowhere unless given
    #[arg(long, global = true, env = "OPEN_COWORK_CLOUD_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// How the log is written
    #[arg(
        long,
        global = true,
        env = "OPEN_COWORK_CLOUD_LOG_FORMAT",
        value_enum,
        default_value_t
    )]
    pub log_format: LogForm,
    /// What is logged: error, warn, info, debug
    #[arg(
        long,
        global = true,
        env = "OPEN_COWORK_CLOUD_LOG_LEVEL",
        default_value = "info"
    )]
    pub log_level: LevelFilter,
    /// The folder of the page, instead of the one that is built in
    #[arg(long, global = true, env = "OPEN_COWORK_CLOUD_PAGE_DIR")]
    pub page_dir: Option<PathBuf>,
    /// Connections in all
    #[arg(long, global = true, env = "OPEN_COWORK_CLOUD_CONNECTIONS", default_value_t = Limits::default().connections)]
    pub connections: usize,
    /// Connections of one address
    #[arg(
        long,
        global = true,
        env = "OPEN_COWORK_CLOUD_CONNECTIONS_PER_ADDRESS",
        default_value_t = Limits::default().connections_per_address
    )]
    pub connections_per_address: usize,
    /// Days that what desktops told is kept
    #[arg(
        long,
        global = true,
        env = "OPEN_COWORK_CLOUD_KEEP_DAYS",
        default_value_t = 90
    )]
    pub keep_days: u16,
    /// Multiplies every rate limit; for trials in which one address stands for many
    #[arg(
        long,
        global = true,
        env = "OPEN_COWORK_CLOUD_RATE_FACTOR",
        default_value_t = 1,
        hide = true
    )]
    pub rate_factor: u32,
}

/// A network, or an address for the one it is.
fn network(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| "it is an address such as 10.0.0.1 or a network such as 10.0.0.0/8".to_owned())
}

impl Options {
    /// The limits with what was given.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            ..Limits::default()
        }
    }

    /// The database's address: the one that was given, or a file in a data folder of its own beside the desktop's,
    /// which is made.
    ///
    /// # Errors
    /// When there is no such folder and it cannot be made.
    pub fn database(&self, brand: &Brand) -> anyhow::Result<String> {
        if let Some(database) = &self.database {
            return Ok(database.clone());
        }
        let places = Places::resolve(brand, |name| std::env::var_os(name))?;
        let mut name = places.data.file_name().unwrap_or_default().to_owned();
        name.push("-cloud");
        let folder = places.data.with_file_name(name);
        make_private(&folder)
            .with_context(|| format!("could not make the data folder {}", folder.display()))?;
        let file = folder.join("cloud.db");
        let file = file
            .to_str()
            .context("the data folder's name is no Unicode text; name a database with --database")?;
        Ok(format!("sqlite:{file}"))
    }
}

#[cfg(unix)]
fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    // On Windows the person's profile, where the folder lies, is private already.
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        assert_eq!(network("10.1.2.3").unwrap().to_string(), "10.1.2.3/32");
        assert_eq!(network("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network("::1").unwrap().to_string(), "::1/128");
        for text in ["", "proxy.example", "10.0.0.0/33"] {
            assert!(network(text).is_err(), "{text}");
        }
    }
}
