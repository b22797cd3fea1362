//! No secret of a sign-in reaches a log, an error or what is printed for a developer.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cowork_sign_in::{Inputs, Keeper, Provider, SignIn, StoreError, TokenStore, Tokens, Way};
use cowork_vault::Sensitive;
use serde_json::json;
use support::{Fake, Reply, endpoints, outward};
use tracing_subscriber::fmt::MakeWriter;

/// Each is told from any other text.
const CANARIES: [&str; 8] = [
    "canary-access-0001",
    "canary-refresh-0002",
    "canary-device-0003",
    "canary-code-0004",
    "canary-verifier-0005",
    "canary-id-0006",
    "canary-renewed-0007",
    "canary-auth-0008",
];

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

struct Nowhere;

#[async_trait]
impl TokenStore for Nowhere {
    async fn load(&self) -> Result<Option<Tokens>, StoreError> {
        Ok(Some(Tokens {
            access: Sensitive::new(CANARIES[0]),
            refresh: Some(Sensitive::new(CANARIES[1])),
            expires: Some(1),
            account: None,
            base: None,
        }))
    }

    async fn save(&self, _: &Tokens) -> Result<(), StoreError> {
        Err(StoreError("nowhere to keep it".to_owned()))
    }
}

#[tokio::test(flavor = "current_thread")]
async fn no_secret_of_a_sign_in_is_logged_or_shown() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut shown = Vec::new();

    // Every answer repeats what was asked, in refusals, in garbage and in tokens of the wrong kind.
    let everything = CANARIES.join(" ");
    for status in [200, 302, 400, 401, 403, 404, 429, 500] {
        for kind in 0..4 {
            let everything = everything.clone();
            let server = Fake::start(move |asked| {
                let host = asked
                    .head
                    .lines()
                    .find_map(|line| line.strip_prefix("host: "))
                    .unwrap_or_default();
                if asked.path.ends_with("/device/code") {
                    return Reply::Json(
                        200,
                        json!({"device_code": CANARIES[2], "user_code": "AB-12",
                            "verification_uri": format!("http://{host}/x"), "interval": 0}),
                    );
                }
                if asked.path.ends_with("/usercode") {
                    return Reply::Json(200, json!({"device_auth_id": CANARIES[7], "user_code": "AB-12"}));
                }
                if asked.path.ends_with("/deviceauth/token") && kind < 2 {
                    return Reply::Json(
                        200,
                        json!({"authorization_code": CANARIES[3], "code_verifier": CANARIES[4]}),
                    );
                }
                match kind {
                    // What is ours is said back; what the server alone knows it keeps to itself.
                    0 => Reply::Json(
                        status,
                        json!({"error": "weird", "error_description": format!("you sent {}", asked.body)}),
                    ),
                    1 => Reply::Json(status, json!({"access_token": [everything], "expires_in": everything})),
                    2 => Reply::Text(status, "text/html", format!("<p>{everything}")),
                    _ => Reply::Json(
                        status,
                        json!({"access_token": CANARIES[6], "refresh_token": CANARIES[1], "id_token": CANARIES[5]}),
                    ),
                }
            })
            .await;
            for provider in Provider::ALL {
                let begun = SignIn::begin(
                    outward(),
                    provider,
                    Way::DeviceCode,
                    &Inputs::default(),
                    &endpoints(&server.base),
                )
                .await;
                match begun {
                    Ok((prompt, sign_in)) => {
                        shown.push(format!("{prompt:?} {sign_in:?}"));
                        match sign_in.wait().await {
                            Ok(tokens) => shown.push(format!("{tokens:?}")),
                            Err(error) => shown.push(format!("{error} {error:?}")),
                        }
                    }
                    Err(error) => shown.push(format!("{error} {error:?}")),
                }
            }
            let keeper = Keeper::new(
                Provider::ChatGpt,
                outward(),
                endpoints(&server.base),
                Arc::new(Nowhere),
            );
            match keeper.tokens().await {
                Ok(tokens) => shown.push(format!("{tokens:?} {keeper:?}")),
                Err(error) => shown.push(format!("{error} {error:?} {keeper:?}")),
            }
            shown.push(keeper.trouble().await.unwrap_or_default());
        }
    }

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("a sign-in server answered"), "the log is looked at");
    let shown = shown.join("\n");
    assert!(shown.contains("you sent"), "refusals are looked at");
    for canary in CANARIES {
        let (mut percent, mut hex) = (String::new(), String::new());
        for byte in canary.bytes() {
            write!(percent, "%{byte:02X}").unwrap();
            write!(hex, "{byte:02x}").unwrap();
        }
        for form in [canary.to_owned(), STANDARD.encode(canary), percent, hex] {
            assert!(!log.contains(&form), "{canary} is in the log");
            assert!(!shown.contains(&form), "{canary} is shown: {shown}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_a_browser_brings_is_logged_or_shown() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Fake::start(|asked| {
        Reply::Json(
            400,
            json!({"error": {"code": "invalid_grant", "message": format!("you sent {}", asked.body)}}),
        )
    })
    .await;
    let (prompt, sign_in) = SignIn::begin(
        outward(),
        Provider::ChatGpt,
        Way::Browser,
        &Inputs::default(),
        &support::patient(&server.base),
    )
    .await
    .unwrap();
    let state = prompt
        .url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    let mut shown = format!("{prompt:?} {sign_in:?}");
    let bad = sign_in.paste("http://localhost:1455/auth/callback?code=canary-code-0004&state=x");
    write!(shown, "{bad:?}").unwrap();
    sign_in
        .paste(&format!(
            "http://localhost:1455/auth/callback?code=canary-code-0004&state={state}"
        ))
        .unwrap();
    let error = sign_in.wait().await.unwrap_err();
    write!(shown, "{error} {error:?}").unwrap();
    let verifier = server.asked.lock().unwrap()[0].form()["code_verifier"].clone();
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(shown.contains("you sent"), "{shown}");
    for secret in ["canary-code-0004", &state, &verifier] {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!shown.contains(secret), "{secret} is shown: {shown}");
    }
}
