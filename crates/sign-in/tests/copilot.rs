//! GitHub Copilot's sign-in, against servers on this machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use cowork_sign_in::{Inputs, PasteError, Prompt, Provider, SignIn, SignInError, Tokens, Way};
use serde_json::{Value, json};
use support::{Asked, Fake, Reply, endpoints, outward};

type Change = fn(&mut Value);

const CODE: &str = "/login/device/code";
const TOKEN: &str = "/login/oauth/access_token";

fn code(asked: &Asked) -> Reply {
    // The page is of the host that was asked.
    let host = asked
        .head
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    Reply::Json(
        200,
        json!({
            "device_code": "device-secret", "user_code": "ABCD-1234",
            "verification_uri": format!("http://{host}/login/device"), "expires_in": 900, "interval": 1,
        }),
    )
}

async fn begin(server: &Fake) -> Result<(Prompt, SignIn), SignInError> {
    SignIn::begin(
        outward(),
        Provider::Copilot,
        Way::DeviceCode,
        &Inputs::default(),
        &endpoints(&server.base),
    )
    .await
}

/// The whole sign-in, with these answers to the question whether the code was entered.
async fn sign_in(answers: Vec<Reply>) -> (Result<Tokens, SignInError>, Fake) {
    let answers = std::sync::Mutex::new(answers.into_iter());
    let server = Fake::start(move |asked| match asked.path.as_str() {
        CODE => code(asked),
        TOKEN => answers.lock().unwrap().next().unwrap_or(Reply::Gone),
        _ => Reply::Json(404, json!({})),
    })
    .await;
    let (_, sign_in) = begin(&server).await.unwrap();
    (sign_in.wait().await, server)
}

fn pending() -> Reply {
    Reply::Json(200, json!({"error": "authorization_pending"}))
}

fn error(code: &str) -> Reply {
    Reply::Json(
        200,
        json!({"error": code, "error_description": format!("{code}: device-secret\n is wrong")}),
    )
}

#[tokio::test]
async fn a_code_that_is_entered_becomes_a_token() {
    let (tokens, server) = sign_in(vec![
        pending(),
        Reply::Json(200, json!({"error": "slow_down", "interval": 7})),
        pending(),
        Reply::Json(200, json!({"access_token": "gho_secret", "scope": "read:user"})),
    ])
    .await;
    let tokens = tokens.unwrap();
    assert_eq!(tokens.access.expose(), "gho_secret");
    assert!(tokens.refresh.is_none() && tokens.expires.is_none() && tokens.base.is_none());
    assert_eq!(server.paths(), [CODE, TOKEN, TOKEN, TOKEN, TOKEN]);
    let asked = server.asked.lock().unwrap();
    assert_eq!(
        asked[0].json(),
        json!({"client_id": "Ov23li8tweQw6odWQebz", "scope": "read:user"})
    );
    assert_eq!(
        asked[1].json(),
        json!({
            "client_id": "Ov23li8tweQw6odWQebz", "device_code": "device-secret",
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        })
    );
    assert!(
        asked[1].head.contains("accept: application/json"),
        "{}",
        asked[1].head
    );
}

#[tokio::test]
async fn the_prompt_shows_the_code_and_the_page() {
    let server = Fake::start(code).await;
    let (prompt, sign_in) = begin(&server).await.unwrap();
    assert_eq!(prompt.code.as_deref(), Some("ABCD-1234"));
    assert_eq!(prompt.url.path(), "/login/device");
    assert!(!prompt.paste_back);
    assert_eq!(sign_in.paste("anything"), Err(PasteError::NotWanted));
    let shown = format!("{prompt:?} {sign_in:?}");
    assert!(!shown.contains("device-secret"), "{shown}");
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    for (code, expected) in [
        ("access_denied", "allow it there"),
        ("expired_token", "not finished in time: start it again"),
        ("incorrect_device_code", "start the sign-in again"),
        ("device_flow_disabled", "switched off there"),
    ] {
        let (tokens, _server) = sign_in(vec![pending(), error(code)]).await;
        let message = tokens.unwrap_err().to_string();
        assert!(message.contains(expected), "{code}: {message}");
        assert!(
            !message.contains("device-secret") && !message.contains('\n'),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_short_outage_does_not_end_a_sign_in() {
    let (tokens, _server) = sign_in(vec![
        Reply::Gone,
        Reply::Text(502, "text/html", "<html>bad gateway".to_owned()),
        Reply::Text(200, "text/plain", "garbage".to_owned()),
        Reply::Json(429, json!({"message": "slow"})),
        pending(),
        Reply::Gone,
        Reply::Json(200, json!({"access_token": "gho_secret"})),
    ])
    .await;
    assert_eq!(tokens.unwrap().access.expose(), "gho_secret");
}

#[tokio::test]
async fn a_server_that_stays_gone_ends_it_in_words() {
    let (tokens, server) = sign_in(Vec::new()).await;
    let error = tokens.unwrap_err();
    assert!(matches!(error, SignInError::Unreachable { .. }), "{error:?}");
    assert!(
        error.to_string().contains("check the network connection"),
        "{error}"
    );
    assert_eq!(
        server.paths().len(),
        1 + 5,
        "it gives up after five questions in a row"
    );
}

#[tokio::test]
async fn a_code_nobody_enters_runs_out() {
    let server = Fake::start(|asked| {
        if asked.path == TOKEN {
            return pending();
        }
        let Reply::Json(status, mut answer) = code(asked) else {
            unreachable!()
        };
        answer["expires_in"] = json!(1);
        Reply::Json(status, answer)
    })
    .await;
    let (_, sign_in) = begin(&server).await.unwrap();
    assert_eq!(sign_in.wait().await.unwrap_err(), SignInError::Expired);
    assert_eq!(sign_in.wait().await.unwrap_err(), SignInError::Over);
}

#[tokio::test]
async fn what_is_no_sign_in_is_told_in_words() {
    let good = |change: Change| {
        move |asked: &Asked| {
            let Reply::Json(_, mut answer) = code(asked) else {
                unreachable!()
            };
            change(&mut answer);
            answer
        }
    };
    let elsewhere: [Change; 4] = [
        |answer| answer["verification_uri"] = json!("https://evil.example/login/device"),
        |answer| answer["user_code"] = json!("<b>not a code</b>"),
        |answer| answer["device_code"] = json!(""),
        |answer| answer["verification_uri"] = json!("javascript:alert(1)"),
    ];
    for change in elsewhere {
        let answer = good(change);
        let server = Fake::start(move |asked| Reply::Json(200, answer(asked))).await;
        let error = begin(&server).await.unwrap_err();
        assert!(matches!(error, SignInError::Unexpected { .. }), "{error:?}");
    }
    for (status, kind, body, expected) in [
        (200, "text/html", "<html>log in", "a web page"),
        (200, "application/json", "", "nothing"),
        (200, "application/json", "{\"device_code\":", "something else"),
        (200, "application/json", "[]", "missing"),
        (302, "text/plain", "", "elsewhere"),
        (503, "text/plain", "", "try again later"),
    ] {
        let server = Fake::start(move |_| Reply::Text(status, kind, body.to_owned())).await;
        let message = begin(&server).await.unwrap_err().to_string();
        assert!(message.contains(expected), "{status} {body}: {message}");
    }
    let server = Fake::start(code).await;
    server.stop();
    let error = begin(&server).await.unwrap_err();
    assert!(matches!(error, SignInError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_huge_answer_is_not_taken() {
    let server = Fake::start(|_| Reply::Text(200, "application/json", " ".repeat(1_000_000))).await;
    let error = begin(&server).await.unwrap_err();
    assert!(matches!(error, SignInError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_sign_in_that_is_dropped_asks_no_more() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let server = Fake::start(|asked| {
        if asked.path == TOKEN {
            ASKED.fetch_add(1, Ordering::SeqCst);
            return pending();
        }
        code(asked)
    })
    .await;
    let (_, sign_in) = begin(&server).await.unwrap();
    let waiting = tokio::spawn(async move { sign_in.wait().await });
    while ASKED.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    let before = ASKED.load(Ordering::SeqCst);
    // Ten times as long as it waits between two questions.
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(ASKED.load(Ordering::SeqCst) <= before + 1);
}

#[tokio::test]
async fn a_browser_is_not_offered() {
    let server = Fake::start(code).await;
    let error = SignIn::begin(
        outward(),
        Provider::Copilot,
        Way::Browser,
        &Inputs::default(),
        &endpoints(&server.base),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, SignInError::NotOffered { .. }), "{error:?}");
    assert!(server.paths().is_empty());
}
