//! Somebody in a browser, and a desktop that knows the published protocol and nothing else.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Answer, Asked, Site};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Browser {
    address: SocketAddr,
    origin: String,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
    pub(crate) user: String,
    pub(crate) organization: String,
}

impl Browser {
    /// From the answer that signed them in.
    pub(crate) fn of(site: &Site, answer: &Answer) -> Self {
        let cookie = answer.header("set-cookie").unwrap();
        let organization = answer.json().pointer("/organizations/0/id").cloned();
        Self {
            address: site.address(),
            origin: site.origin(),
            cookie: cookie.split(';').next().unwrap().to_owned(),
            csrf: answer.said("/csrf"),
            user: answer.said("/user/id"),
            organization: organization
                .and_then(|id| id.as_str().map(str::to_owned))
                .unwrap_or_default(),
        }
    }

    pub(crate) async fn by_owner_link(site: &Site, email: &str, organization: &str) -> Self {
        let app = site.server.app();
        let link = cowork_cloud::server::owner_link(&app.store, &app.origins)
            .await
            .unwrap();
        let (_, code) = link.split_once("/welcome#owner=").unwrap();
        let answer = site
            .page_asks("POST", "/api/welcome")
            .json(&json!({
                "code": code, "name": "Ada", "email": email, "password": PASSWORD, "organization": organization,
            }))
            .send()
            .await
            .is(201);
        Self::of(site, &answer)
    }

    pub(crate) async fn sign_in(site: &Site, email: &str) -> Self {
        let answer = site
            .page_asks("POST", "/api/sign-in")
            .json(&json!({ "email": email, "password": PASSWORD }))
            .send()
            .await
            .is(200);
        Self::of(site, &answer)
    }

    /// Somebody whom this one invited into their organization, who came.
    pub(crate) async fn invited(&self, site: &Site, email: &str, role: &str) -> Self {
        let invited = self
            .post(
                &self.below("invitations"),
                &json!({ "email": email, "role": role }),
            )
            .await
            .is(201);
        let link = invited.said("/link");
        let (_, code) = link.split_once("/invitation#code=").unwrap();
        let answer = site
            .page_asks("POST", "/api/invitations/accept")
            .json(&json!({ "code": code, "name": email, "password": PASSWORD }))
            .send()
            .await
            .is(201);
        Self::of(site, &answer)
    }

    /// The same at another server of the same database.
    pub(crate) fn at(&self, site: &Site) -> Self {
        Self {
            address: site.address(),
            origin: site.origin(),
            ..self.clone()
        }
    }

    /// A path of their organization.
    pub(crate) fn below(&self, rest: &str) -> String {
        format!("/api/organizations/{}/{rest}", self.organization)
    }

    /// A request as their page makes it.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Asked {
        Asked::new(self.address, method, path)
            .header("cookie", &self.cookie)
            .header("origin", &self.origin)
            .header("x-csrf-token", &self.csrf)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path).json(body).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.ask("PATCH", path).json(body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path).send().await
    }

    /// A token for programs.
    pub(crate) async fn token(&self, scopes: &[&str]) -> String {
        self.post(
            &self.below("tokens"),
            &json!({ "label": "a program", "scopes": scopes, "days": 1 }),
        )
        .await
        .is(201)
        .said("/secret")
    }

    /// A desktop that they paired.
    pub(crate) async fn pair(&self, name: &str) -> Desktop {
        let desktop = Desktop::new(self.address, name);
        self.post(&self.below("desktops"), &desktop.enrolment())
            .await
            .is(201);
        desktop
    }
}

/// A desktop.
#[derive(Clone)]
pub(crate) struct Desktop {
    address: SocketAddr,
    pub(crate) pairing: String,
    pub(crate) device: String,
    pub(crate) token: String,
}

/// A token of the protocol's form that is of no use elsewhere.
pub(crate) fn desktop_token(seed: &str) -> String {
    let mut text = seed.replace(|each: char| !each.is_ascii_alphanumeric(), "-");
    text.push_str(&"x".repeat(43));
    text.truncate(43);
    format!("ocp_{text}")
}

impl Desktop {
    pub(crate) fn new(address: SocketAddr, name: &str) -> Self {
        Self {
            address,
            pairing: format!("pairing-{name}"),
            device: format!("device-{name}"),
            token: desktop_token(name),
        }
    }

    /// The same at another server of the same database.
    pub(crate) fn at(&self, site: &Site) -> Self {
        Self {
            address: site.address(),
            ..self.clone()
        }
    }

    pub(crate) fn enrolment(&self) -> Value {
        json!({
            "pairingId": self.pairing, "deviceId": self.device, "token": self.token,
            "label": format!("{}'s machine", self.pairing),
        })
    }

    /// A request of the protocol.
    pub(crate) fn ask(&self, path: &str) -> Asked {
        Asked::new(self.address, "POST", &format!("/api/desktop-pairing{path}"))
            .header("authorization", &format!("Bearer {}", self.token))
            .header("x-open-cowork-pairing-id", &self.pairing)
            .header("x-open-cowork-device-id", &self.device)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(path).json(body).send().await
    }

    /// Tells events as a client that counts them.
    pub(crate) async fn tell(&self, events: &[Value]) -> Answer {
        self.ask("/events")
            .header("x-open-cowork-pairing-extensions", "resume")
            .json(&json!({ "events": events }))
            .send()
            .await
    }

    pub(crate) fn heartbeat(&self) -> Value {
        json!({
            "pairingId": self.pairing, "deviceId": self.device, "status": "paired_online", "lastCommandSequence": 0,
        })
    }

    /// A claim of a client that knows the protocol alone.
    pub(crate) fn claim(&self, after: u64) -> Value {
        json!({
            "pairingId": self.pairing, "deviceId": self.device, "afterSequence": after, "limit": 10,
            "leaseSeconds": 45,
            "capabilities": {
                "commands": [
                    "create_session", "prompt", "abort", "permission.respond", "question.reply", "question.reject",
                    "status", "revoke_pairing",
                ],
                "workspaces": ["local"],
                "policy": {
                    "allowRemotePrompts": true, "allowRemoteAbort": true, "remoteApprovals": "local_confirmation",
                    "remoteQuestions": "local_confirmation", "exposeArtifactBodies": false,
                    "exposeLocalPaths": false, "exposeLocalMcpDetails": false, "allowRemoteAttachments": false,
                },
            },
        })
    }

    /// One of a client that waits.
    pub(crate) fn waiting_claim(&self, after: u64, seconds: u32) -> Value {
        let mut claim = self.claim(after);
        claim["waitSeconds"] = json!(seconds);
        claim["capabilities"]["extensions"] = json!(["wait", "redelivery", "resume"]);
        claim
    }

    pub(crate) fn event(&self, id: &str, sequence: Option<u64>) -> Value {
        let mut event = json!({
            "id": id, "pairingId": self.pairing, "type": "session.event", "workspaceId": "local",
            "sessionId": "ses_1", "occurredAt": "2026-11-22T15:00:00.000Z",
            "payload": { "v": 1, "event": { "kind": "began", "cut": false } },
        });
        if let Some(sequence) = sequence {
            event["sequence"] = json!(sequence);
        }
        event
    }

    pub(crate) fn done() -> Value {
        json!({ "ok": true, "status": "completed", "message": "done", "projectionFence": null })
    }
}
