//! Sign-ins that the app keeps, as the engine is told of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::password::ProxyToken;

/// The year 2100, in milliseconds since the epoch: the engine must never try to renew what it does not have.
const NEVER: i64 = 4_102_444_800_000;

/// One sign-in that the app keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignIn {
    GithubCopilot,
    ChatGpt,
}

impl SignIn {
    fn provider(self) -> &'static str {
        match self {
            Self::GithubCopilot => "github-copilot",
            Self::ChatGpt => "openai",
        }
    }
}

/// The sign-ins of the app for the engine's environment (`OPENCODE_AUTH_CONTENT`).
///
/// With one the engine sends what it sends for an account rather than for a key: other headers, other models, other
/// paths. All that stands in it is the token of this run's proxy, which puts the account's real token in its place;
/// there is no way to put anything else in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthContent {
    token: ProxyToken,
    sign_ins: Vec<(SignIn, Option<String>)>,
}

impl AuthContent {
    /// None yet, for the run that `token` is the proxy's token of.
    #[must_use]
    pub fn new(token: ProxyToken) -> Self {
        Self {
            token,
            sign_ins: Vec::new(),
        }
    }

    /// With an account of GitHub Copilot, at the company's own GitHub where one is named.
    #[must_use]
    pub fn with_github_copilot(self, enterprise_host: Option<&str>) -> Self {
        self.with(SignIn::GithubCopilot, enterprise_host)
    }

    /// With a `ChatGPT` account. Its id goes into a header of each request and is no secret.
    #[must_use]
    pub fn with_chat_gpt(self, account: &str) -> Self {
        self.with(SignIn::ChatGpt, Some(account))
    }

    fn with(mut self, sign_in: SignIn, detail: Option<&str>) -> Self {
        self.sign_ins.retain(|(kept, _)| *kept != sign_in);
        self.sign_ins.push((sign_in, detail.map(str::to_owned)));
        self
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sign_ins.is_empty()
    }

    /// The variable's value.
    pub(crate) fn to_json(&self) -> Value {
        let token = self.token.reveal();
        let all: BTreeMap<&str, Value> = self
            .sign_ins
            .iter()
            .map(|(sign_in, detail)| {
                let content = match sign_in {
                    // Its access token is the one that is sent, and 0 says that it does not expire.
                    SignIn::GithubCopilot => match detail {
                        None => json!({ "type": "oauth", "refresh": token, "access": token, "expires": 0 }),
                        Some(host) => json!({
                            "type": "oauth", "refresh": token, "access": token, "expires": 0, "enterpriseUrl": host,
                        }),
                    },
                    SignIn::ChatGpt => json!({
                        "type": "oauth", "refresh": "none", "access": token, "expires": NEVER,
                        "accountId": detail,
                    }),
                };
                (sign_in.provider(), content)
            })
            .collect();
        Value::Object(
            all.into_iter()
                .map(|(id, value)| (id.to_owned(), value))
                .collect::<Map<_, _>>(),
        )
    }
}
