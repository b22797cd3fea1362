//! The sign-in of a `ChatGPT` account, against servers on this machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cowork_sign_in::{Endpoints, Inputs, PasteError, Prompt, Provider, SignIn, SignInError, Tokens, Way};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use support::{Asked, Fake, Reply, endpoints, outward, patient, token};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

const TOKEN: &str = "/oauth/token";

/// An authorization server that knows one code, for whoever holds the verifier of `challenge`.
async fn authority() -> (Fake, std::sync::Arc<Mutex<String>>) {
    let challenge = std::sync::Arc::new(Mutex::new(String::new()));
    let expected = std::sync::Arc::clone(&challenge);
    let server = Fake::start(move |asked| {
        let form = asked.form();
        let field = |name: &str| form.get(name).cloned().unwrap_or_default();
        let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
        if asked.path != TOKEN
            || field("grant_type") != "authorization_code"
            || field("client_id") != "app_EMoamEEZ73f0CkXaXp7hrann"
            || field("code") != "code-secret"
            || proof != *expected.lock().unwrap()
        {
            return Reply::Json(
                400,
                json!({"error": {"message": format!("bad {}", asked.body), "code": "invalid_grant"}}),
            );
        }
        granted()
    })
    .await;
    (server, challenge)
}

fn granted() -> Reply {
    Reply::Json(
        200,
        json!({
            "access_token": token(&json!({"sub": "x"})),
            "refresh_token": "refresh-secret",
            "id_token": token(&json!({"chatgpt_account_id": "acc-1"})),
            "expires_in": 3600,
        }),
    )
}

async fn begin_at(endpoints: &Endpoints, way: Way) -> Result<(Prompt, SignIn), SignInError> {
    SignIn::begin(outward(), Provider::ChatGpt, way, &Inputs::default(), endpoints).await
}

/// A browser sign-in: what its page asks for, and the sign-in.
async fn browser(server: &Url) -> (HashMap<String, String>, SignIn) {
    let (prompt, sign_in) = begin_at(&patient(server), Way::Browser).await.unwrap();
    assert!(prompt.paste_back && prompt.code.is_none());
    assert_eq!(prompt.url.path(), "/oauth/authorize");
    (prompt.url.query_pairs().into_owned().collect(), sign_in)
}

/// What a browser sends to this address, and the answer.
async fn visit(address: &str, host: Option<&str>, method: &str) -> String {
    let url = Url::parse(address).unwrap();
    let port = url.port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let host = host.map_or_else(|| format!("localhost:{port}"), str::to_owned);
    let path = &url[url::Position::BeforePath..];
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

fn holds(tokens: &Tokens) {
    assert_eq!(
        tokens.refresh.as_ref().map(cowork_vault::Sensitive::expose),
        Some("refresh-secret")
    );
    assert_eq!(tokens.account.as_deref(), Some("acc-1"));
    assert!(tokens.expires.is_some());
}

#[tokio::test]
async fn a_browser_that_comes_back_becomes_tokens_by_a_proof() {
    let (server, challenge) = authority().await;
    let (asked, sign_in) = browser(&server.base).await;
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["scope"], "openid profile email offline_access");
    challenge.lock().unwrap().clone_from(&asked["code_challenge"]);
    let back = format!(
        "{}?code=code-secret&state={}",
        asked["redirect_uri"], asked["state"]
    );
    let (answer, tokens) = tokio::join!(visit(&back, None, "GET"), sign_in.wait());
    holds(&tokens.unwrap());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("You can close this page"), "{answer}");
    let lowered = answer.to_ascii_lowercase();
    assert!(
        !lowered.contains("<script") && !answer.contains("code-secret"),
        "{answer}"
    );
    assert!(lowered.contains("default-src 'none'"), "{answer}");
    let sent = server.asked.lock().unwrap()[0].form();
    assert_eq!(sent["redirect_uri"], asked["redirect_uri"]);
    // The port is free again.
    let port = Url::parse(&asked["redirect_uri"]).unwrap().port().unwrap();
    TcpListener::bind(("127.0.0.1", port)).await.unwrap();
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_the_proof() {
    let (server, _) = authority().await;
    let (asked, sign_in) = browser(&server.base).await;
    let back = format!(
        "{}?code=code-secret&state={}",
        asked["redirect_uri"], asked["state"]
    );
    let (_, tokens) = tokio::join!(visit(&back, None, "GET"), sign_in.wait());
    let error = tokens.unwrap_err();
    assert!(matches!(error, SignInError::Refused { .. }), "{error:?}");
    let verifier = server.asked.lock().unwrap()[0].form()["code_verifier"].clone();
    let message = error.to_string();
    assert!(
        !message.contains("code-secret") && !message.contains(&verifier),
        "{message}"
    );
}

#[tokio::test]
async fn what_is_not_the_browser_s_answer_is_refused_and_forgotten() {
    let (server, challenge) = authority().await;
    let (asked, sign_in) = browser(&server.base).await;
    challenge.lock().unwrap().clone_from(&asked["code_challenge"]);
    let (redirect, state) = (asked["redirect_uri"].clone(), asked["state"].clone());
    let origin = redirect.trim_end_matches("/auth/callback").to_owned();
    let visits = async {
        for (address, host, method, expected) in [
            (
                format!("{redirect}?code=code-secret&state=wrong"),
                None,
                "GET",
                400,
            ),
            (format!("{redirect}?code=code-secret"), None, "GET", 400),
            (format!("{redirect}?error=access_denied"), None, "GET", 400),
            (format!("{redirect}?state={state}"), None, "GET", 400),
            (redirect.clone(), None, "GET", 400),
            (format!("{origin}/favicon.ico"), None, "GET", 404),
            (format!("{origin}/cancel"), None, "GET", 404),
            (
                format!("{redirect}?code=code-secret&state={state}"),
                None,
                "POST",
                405,
            ),
            (
                format!("{redirect}?code=code-secret&state={state}"),
                Some("evil.example"),
                "GET",
                421,
            ),
        ] {
            let answer = visit(&address, host, method).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {expected}")),
                "{method} {address}: {answer}"
            );
        }
        let long = format!("{redirect}?code={}&state={state}", "x".repeat(40_000));
        let answer = visit(&long, None, "GET").await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        visit(&format!("{redirect}?code=code-secret&state={state}"), None, "GET").await
    };
    let (answer, tokens) = tokio::join!(visits, sign_in.wait());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    holds(&tokens.unwrap());
}

#[tokio::test]
async fn a_person_who_says_no_is_understood() {
    let (server, _) = authority().await;
    let (asked, sign_in) = browser(&server.base).await;
    let back = format!(
        "{}?error=access_denied&error_description=Not%0Aallowed&state={}",
        asked["redirect_uri"], asked["state"]
    );
    let (answer, tokens) = tokio::join!(visit(&back, None, "GET"), sign_in.wait());
    assert!(answer.contains("not granted"), "{answer}");
    assert_eq!(
        tokens.unwrap_err(),
        SignInError::Denied {
            said: "Not allowed".to_owned()
        }
    );
    assert!(server.paths().is_empty());
}

#[tokio::test]
async fn a_taken_port_is_said_and_a_code_offered() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let (server, _) = authority().await;
    let endpoints = Endpoints {
        callback_port: port,
        ..endpoints(&server.base)
    };
    let error = begin_at(&endpoints, Way::Browser).await.unwrap_err();
    assert_eq!(error, SignInError::PortTaken { port });
    assert_eq!(error.alternative(), Some(Way::DeviceCode));
    assert!(
        error.to_string().contains("sign in with a code instead"),
        "{error}"
    );
}

#[tokio::test]
async fn a_dropped_sign_in_gives_the_port_back() {
    let (server, _) = authority().await;
    let (asked, sign_in) = browser(&server.base).await;
    let port = Url::parse(&asked["redirect_uri"]).unwrap().port().unwrap();
    assert!(TcpListener::bind(("127.0.0.1", port)).await.is_err());
    drop(sign_in);
    TcpListener::bind(("127.0.0.1", port)).await.unwrap();
}

#[tokio::test]
async fn the_address_of_a_browser_elsewhere_can_be_pasted() {
    let (server, challenge) = authority().await;
    let (asked, sign_in) = browser(&server.base).await;
    challenge.lock().unwrap().clone_from(&asked["code_challenge"]);
    let (redirect, state) = (&asked["redirect_uri"], &asked["state"]);
    for (text, expected) in [
        (String::new(), PasteError::NotTheAddress),
        ("code-secret".to_owned(), PasteError::NotTheAddress),
        (
            format!("https://evil.example/?code=code-secret&state={state}"),
            PasteError::NotTheAddress,
        ),
        (
            format!("{redirect}?code=code-secret&state=wrong"),
            PasteError::AnotherSignIn,
        ),
    ] {
        assert_eq!(sign_in.paste(&text), Err(expected), "{text}");
    }
    let good = format!(" {redirect}?code=code-secret&state={state}\n");
    assert_eq!(sign_in.paste(&good), Ok(()));
    assert_eq!(sign_in.paste(&good), Err(PasteError::Over));
    holds(&sign_in.wait().await.unwrap());
    assert_eq!(sign_in.paste(&good), Err(PasteError::Over));
}

#[tokio::test]
async fn nobody_who_comes_back_ends_it_in_time() {
    let (server, _) = authority().await;
    let (_, sign_in) = begin_at(&endpoints(&server.base), Way::Browser).await.unwrap();
    assert_eq!(sign_in.wait().await.unwrap_err(), SignInError::Expired);
}

fn device(asked: &Asked, polls: &Mutex<Vec<Reply>>) -> Reply {
    match asked.path.as_str() {
        "/api/accounts/deviceauth/usercode" => Reply::Json(
            200,
            json!({"device_auth_id": "auth-secret", "user_code": "WXYZ-9876", "interval": "1"}),
        ),
        "/api/accounts/deviceauth/token" => {
            assert_eq!(
                asked.json(),
                json!({"device_auth_id": "auth-secret", "user_code": "WXYZ-9876"})
            );
            polls.lock().unwrap().remove(0)
        }
        TOKEN => {
            let form = asked.form();
            assert_eq!(form["code"], "code-secret");
            assert_eq!(form["code_verifier"], "verifier-secret");
            assert!(form["redirect_uri"].ends_with("/deviceauth/callback"));
            granted()
        }
        _ => Reply::Gone,
    }
}

#[tokio::test]
async fn a_code_that_is_entered_becomes_tokens() {
    let polls = Mutex::new(vec![
        Reply::Json(
            403,
            json!({"error": {"code": "deviceauth_authorization_unknown"}}),
        ),
        Reply::Text(404, "text/plain", String::new()),
        Reply::Text(403, "text/html", "<html>a proxy's page".to_owned()),
        Reply::Gone,
        Reply::Json(
            200,
            json!({"authorization_code": "code-secret", "code_verifier": "verifier-secret"}),
        ),
    ]);
    let server = Fake::start(move |asked| device(asked, &polls)).await;
    let (prompt, sign_in) = begin_at(&endpoints(&server.base), Way::DeviceCode).await.unwrap();
    assert_eq!(prompt.code.as_deref(), Some("WXYZ-9876"));
    assert_eq!(prompt.url.path(), "/codex/device");
    holds(&sign_in.wait().await.unwrap());
}

#[tokio::test]
async fn codes_that_are_switched_off_lead_to_the_browser() {
    let server = Fake::start(|_| Reply::Json(404, json!({}))).await;
    let error = begin_at(&endpoints(&server.base), Way::DeviceCode)
        .await
        .unwrap_err();
    assert!(matches!(error, SignInError::CodesSwitchedOff { .. }), "{error:?}");
    assert_eq!(error.alternative(), Some(Way::Browser));
}

#[tokio::test]
async fn a_refused_code_ends_it_in_words() {
    let polls = Mutex::new(vec![Reply::Json(
        400,
        json!({"error": {"message": "auth-secret was denied", "code": "denied"}}),
    )]);
    let server = Fake::start(move |asked| device(asked, &polls)).await;
    let (_, sign_in) = begin_at(&endpoints(&server.base), Way::DeviceCode).await.unwrap();
    let message = sign_in.wait().await.unwrap_err().to_string();
    assert!(message.contains("[redacted] was denied"), "{message}");
}
