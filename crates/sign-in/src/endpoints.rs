//! Whom a sign-in asks.

use std::time::Duration;

use cowork_outward::Reach;
use url::Url;

/// Where the sign-ins are. [`Endpoints::real`] is what a person needs; tests put servers of their own in.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// GitHub's site, when no enterprise domain is given.
    pub github: Url,
    /// `OpenAI`'s sign-in.
    pub openai: Url,
    /// The port the browser comes back to. `OpenAI` lets the browser come back to this one alone. Zero takes any.
    pub callback_port: u16,
    /// How far requests may go.
    pub reach: Reach,
    /// How long a second of what the servers say lasts. Anything but a second is for tests.
    pub second: Duration,
}

impl Endpoints {
    /// The providers' own.
    ///
    /// # Panics
    /// Never: the addresses are fixed.
    #[must_use]
    pub fn real() -> Self {
        Self {
            github: fixed("https://github.com/"),
            openai: fixed("https://auth.openai.com/"),
            callback_port: 1455,
            reach: Reach::Public,
            second: Duration::from_secs(1),
        }
    }
}

impl Default for Endpoints {
    fn default() -> Self {
        Self::real()
    }
}

/// An address written in this crate.
#[expect(
    clippy::expect_used,
    reason = "a fixed text, which a test parses; no input reaches it"
)]
pub(crate) fn fixed(address: &'static str) -> Url {
    Url::parse(address).expect("a fixed address")
}

/// `base` with this path in place of its own.
pub(crate) fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}
