//! A browser as the server sees one: a cookie, a CSRF token, requests and a stream of updates.

use anyhow::{Context as _, bail};
use futures_util::StreamExt as _;
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};

use crate::desktop::{Identity, Refused};
use crate::random::random_hex;

/// The longest event of a stream that is taken, in bytes: more than a page of a conversation has.
const EVENT_LIMIT: usize = 8 * 1024 * 1024;

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    client: reqwest::Client,
    server: String,
    cookie: String,
    csrf: String,
    organization: String,
}

impl Person {
    /// Comes in by a one-time owner link, with an organization of their own.
    ///
    /// # Errors
    /// When the server does not let them.
    pub async fn welcome(client: reqwest::Client, server: &str, code: &str) -> anyhow::Result<Self> {
        let name = random_hex()?;
        let body = json!({
            "code": code,
            "name": format!("Person {name}"),
            "email": format!("{name}@example.org"),
            "password": format!("a long password of {name}"),
            "organization": format!("Organization {name}"),
        });
        let answer = client
            .post(format!("{server}/api/welcome"))
            .header(ORIGIN, server)
            .json(&body)
            .send()
            .await?;
        let status = answer.status();
        let cookie = answer
            .headers()
            .get(SET_COOKIE)
            .and_then(|cookie| cookie.to_str().ok())
            .and_then(|cookie| cookie.split(';').next())
            .map(str::to_owned);
        let body: Value = answer.json().await?;
        let (Some(cookie), Some(csrf), Some(organization)) = (
            cookie,
            body["csrf"].as_str(),
            body["organizations"][0]["id"].as_str(),
        ) else {
            bail!("the welcome was answered with {status}: {body}");
        };
        Ok(Self {
            csrf: csrf.to_owned(),
            organization: organization.to_owned(),
            client,
            server: server.to_owned(),
            cookie,
        })
    }

    /// Makes a desktop known.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn enrol(&self, identity: &Identity, label: &str) -> Result<Value, Refused> {
        let body = json!({
            "pairingId": identity.pairing,
            "deviceId": identity.device,
            "token": identity.token,
            "label": label,
        });
        let path = format!("/api/organizations/{}/desktops", self.organization);
        self.post(&path, &body, &[]).await
    }

    /// Calls a command of a desktop over a connection, with a key by which it is done once however often it is sent.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn command(
        &self,
        pairing: &str,
        connection: &str,
        command: &str,
        key: Option<&str>,
        request: &Value,
    ) -> Result<Value, Refused> {
        let path = format!("/api/desktops/{pairing}/commands/{command}");
        let mut headers = vec![("x-connection", connection)];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.post(&path, request, &headers).await
    }

    /// Opens the stream of a desktop's updates.
    ///
    /// # Errors
    /// When there is none.
    pub async fn updates(&self, pairing: &str) -> anyhow::Result<Updates> {
        let answer = self
            .client
            .get(format!("{}/api/desktops/{pairing}/updates", self.server))
            .header(COOKIE, &self.cookie)
            .send()
            .await?;
        if !answer.status().is_success() {
            bail!("no updates: {} {}", answer.status(), answer.text().await?);
        }
        let mut updates = Updates {
            answer: Box::pin(answer.bytes_stream()),
            held: Vec::new(),
            connection: String::new(),
        };
        let (name, data) = updates.next().await?;
        let hello: Value = serde_json::from_str(&data)?;
        hello["connection"]
            .as_str()
            .with_context(|| format!("the first event is {name}: {data}"))?
            .clone_into(&mut updates.connection);
        Ok(updates)
    }

    async fn post(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Result<Value, Refused> {
        let no_answer = |error: reqwest::Error| Refused::NoAnswer(error.to_string());
        let mut request = self
            .client
            .post(format!("{}{path}", self.server))
            .timeout(std::time::Duration::from_secs(30))
            .header(COOKIE, &self.cookie)
            .header(ORIGIN, &self.server)
            .header("x-csrf-token", &self.csrf)
            .json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.map_err(no_answer)?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(no_answer)?;
        if !status.is_success() {
            return Err(Refused::Status {
                status: status.as_u16(),
                body: String::from_utf8_lossy(&bytes).chars().take(256).collect(),
            });
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|error| Refused::NoAnswer(error.to_string()))
    }
}

/// A stream of updates.
pub struct Updates {
    answer: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    held: Vec<u8>,
    connection: String,
}

impl Updates {
    /// What ties commands to it.
    #[must_use]
    pub fn connection(&self) -> &str {
        &self.connection
    }

    /// The next event: its name and its data.
    ///
    /// # Errors
    /// When the stream ends.
    pub async fn next(&mut self) -> anyhow::Result<(String, String)> {
        loop {
            if let Some(end) = self.held.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.held.drain(..end + 2).collect();
                let event = String::from_utf8(event).context("the stream is no text")?;
                let mut name = "message".to_owned();
                let mut data = String::new();
                for line in event.lines() {
                    if let Some(value) = line.strip_prefix("event:") {
                        value.trim_start().clone_into(&mut name);
                    } else if let Some(value) = line.strip_prefix("data:") {
                        data.push_str(value.strip_prefix(' ').unwrap_or(value));
                    }
                }
                if !data.is_empty() {
                    return Ok((name, data));
                }
                continue;
            }
            if self.held.len() > EVENT_LIMIT {
                bail!("an event of the stream is too long");
            }
            let piece = self.answer.next().await.context("the stream ended")??;
            self.held.extend_from_slice(&piece);
        }
    }
}
