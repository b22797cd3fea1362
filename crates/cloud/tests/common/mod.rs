//! A server on a free port with a database of its own, and what speaks to it: plain requests over a socket, so that
//! every byte is the test's.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each of the test programs uses a part of it"
)]
pub(crate) mod plain;
pub(crate) mod who;

use std::net::SocketAddr;

use cowork_cloud::server::{Server, Setup};
use tempfile::TempDir;

pub(crate) use plain::{Answer, Asked};
pub(crate) use who::{Browser, Desktop};

/// A server for one test.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With something else than the usual.
    pub(crate) async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cloud.db");
        let mut setup = Setup::on_this_machine(format!("sqlite:{}", file.display()));
        change(&mut setup);
        let server = Server::start(setup).await.unwrap();
        Self { server, folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// A request that is not from anybody.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Asked {
        Asked::new(self.address(), method, path)
    }

    /// A request as the page makes it, of nobody who is signed in.
    pub(crate) fn page_asks(&self, method: &str, path: &str) -> Asked {
        self.ask(method, path).header("origin", &self.origin())
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.address().port())
    }

    /// The first owner, who came by the link.
    pub(crate) async fn owner(&self) -> Browser {
        Browser::by_owner_link(self, "ada@example.org", "Analytical").await
    }
}

impl Site {
    /// Whoever a browser is, as the server knows them.
    pub(crate) async fn person(&self, browser: &Browser) -> cowork_cloud::http::person::Person {
        let (_, secret) = browser.cookie.split_once('=').unwrap();
        let hash = cowork_cloud_store::SecretHash::of(secret);
        let now = cowork_cloud::clock::now();
        let store = &self.server.app().store;
        let (sign_in, user) = store
            .sign_in_by_secret(&hash, i64::MAX / 4, now)
            .await
            .unwrap()
            .unwrap();
        cowork_cloud::http::person::Person {
            id: user.id,
            name: user.name,
            email: Some(user.email),
            came: cowork_cloud::http::person::Came::Browser(sign_in),
        }
    }

    /// Gives a desktop a prompt; says the command's id.
    pub(crate) async fn prompt(&self, browser: &Browser, desktop: &Desktop, text: &str) -> String {
        self.give(browser, desktop, &prompt(text), text).await.unwrap()
    }

    /// Gives a desktop a command; says its id.
    pub(crate) async fn give(
        &self,
        browser: &Browser,
        desktop: &Desktop,
        ask: &cowork_cloud::commands::Ask,
        key: &str,
    ) -> Result<String, cowork_cloud::http::refusal::Refusal> {
        let person = self.person(browser).await;
        let pairing = cowork_cloud_store::PairingId::parse(&desktop.pairing).unwrap();
        let key = key.replace(' ', "-");
        let given = cowork_cloud::commands::give(self.server.app(), &person, &pairing, ask, &key).await?;
        Ok(given.command.id.to_string())
    }
}

/// A prompt in a session.
pub(crate) fn prompt(text: &str) -> cowork_cloud::commands::Ask {
    let payload = cowork_pairing_protocol::wire::PromptPayload {
        text: text.to_owned(),
        agent: None,
        attachments: None,
        variant: None,
    };
    let session = cowork_cloud_store::SessionId::parse("ses_1").unwrap();
    cowork_cloud::commands::Ask::Prompt(session, payload)
}
