//! What every request is answered with.

use std::sync::{Arc, OnceLock};

use cowork_brand::Brand;
use cowork_cloud_store::Store;
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use crate::figures::Figures;
use crate::http::broker::Waiting;
use crate::http::cookies::Cookies;
use crate::http::health::Readiness;
use crate::http::origins::Origins;
use crate::http::page::Page;
use crate::http::twin::Connections;
use crate::limits::Limits;
use crate::sign_in::passwords::Passwords;
use crate::sign_in::rates::Rates;

/// What every request is answered with. Cheap to clone.
pub type App = Arc<Shared>;

/// What every request is answered with.
pub struct Shared {
    /// What this build is called.
    pub brand: Brand,
    /// The database.
    pub store: Store,
    /// Every bound.
    pub limits: Limits,
    /// Where this server stands.
    pub origins: Origins,
    /// The cookie.
    pub cookies: Cookies,
    /// Proxies that are believed.
    pub trusted: Vec<IpNet>,
    /// Passwords.
    pub passwords: Passwords,
    /// How often somebody may ask.
    pub rates: Rates,
    /// What is counted.
    pub figures: Figures,
    /// Claims that wait.
    pub waiting: Waiting,
    /// Browsers that look at desktops.
    pub connections: Connections,
    /// There is an owner. It was looked up once, and stays so.
    pub set_up: OnceLock<()>,
    /// The interface's files.
    pub page: Page,
    /// Whether requests can be answered, as it was found a moment ago.
    pub readiness: Readiness,
    /// The server is about to stop: what waits answers, what streams ends.
    pub draining: CancellationToken,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
