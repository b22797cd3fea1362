//! What comes back, and what does when nothing comes back.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::common::{Authority, Behaviour, Names, OK, Server, options, outward, post};
use cowork_outward::{ConnectStep, Options, Outward, OutwardError, Patience, Reach};

const PATIENCE: Duration = Duration::from_secs(5);

fn trusting(authority: &Authority) -> Outward {
    Outward::new(Options {
        roots: Some(vec![authority.root.clone()]),
        ..options()
    })
    .unwrap()
}

#[tokio::test]
async fn a_server_with_a_trusted_certificate_is_spoken_to() {
    let authority = Authority::new();
    let server = Server::start(Behaviour::Answers(OK), Some(authority.acceptor("localhost"))).await;
    let url = format!("https://localhost:{}/v1/messages", server.port);
    let answer = trusting(&authority)
        .call(post(&url), Reach::Loopback, 10, PATIENCE)
        .await
        .unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.body().as_ref()),
        (200, b"hi".as_slice())
    );
    assert!(server.heads()[0].starts_with("POST /v1/messages HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_certificate_that_is_not_to_be_trusted_gets_no_request() {
    let (authority, other) = (Authority::new(), Authority::new());
    for (acceptor, why) in [
        (other.acceptor("localhost"), "its authority is unknown"),
        (authority.acceptor("another.example"), "it is for another name"),
    ] {
        let server = Server::start(Behaviour::Answers(OK), Some(acceptor)).await;
        let url = format!("https://localhost:{}/", server.port);
        let refused = trusting(&authority)
            .call(post(&url), Reach::Loopback, 10, PATIENCE)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, OutwardError::NotSecure { .. }),
            "{why}: {refused}"
        );
        assert_eq!(server.heads().len(), 0, "{why}");
    }
}

/// In a process of its own, since the variables are read from the environment.
#[tokio::test]
async fn an_authority_of_the_person_s_own_is_trusted() {
    const URL: &str = "OUTWARD_TEST_URL";
    if let Ok(url) = std::env::var(URL) {
        let answer = Outward::new(options())
            .unwrap()
            .call(post(&url), Reach::Loopback, 10, PATIENCE)
            .await;
        assert_eq!(answer.unwrap().status(), 200);
        return;
    }
    let authority = Authority::new();
    let server = Server::start(Behaviour::Answers(OK), Some(authority.acceptor("localhost"))).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &authority.pem).unwrap();
    let run = |variable: &'static str| {
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "sending::an_authority_of_the_person_s_own_is_trusted"])
            .env(URL, format!("https://localhost:{}/", server.port))
            .env(variable, file.path())
            .output()
    };
    for variable in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
        let output = run(variable).await.unwrap();
        assert!(
            output.status.success(),
            "{variable}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    let output = run("SOME_OTHER_VARIABLE").await.unwrap();
    assert!(
        !output.status.success(),
        "without the variable the authority is unknown"
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let server = Server::start(
        Behaviour::Answers("HTTP/1.1 307 Elsewhere\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n"),
        None,
    )
    .await;
    let url = format!("http://127.0.0.1:{}/here", server.port);
    let outward = outward(Names::new(&[&[]]));
    let answer = outward
        .call(post(&url), Reach::Loopback, 10, PATIENCE)
        .await
        .unwrap();
    assert_eq!((answer.status().as_u16(), server.heads().len()), (307, 1));
}

#[tokio::test]
async fn a_server_that_hangs_is_not_waited_for_longer_than_asked() {
    let server = Server::start(Behaviour::Hangs, None).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    let outward = outward(Names::new(&[&[]]));
    let refused = outward
        .call(post(&url), Reach::Loopback, 10, Duration::from_millis(50))
        .await
        .unwrap_err();
    assert!(matches!(refused, OutwardError::TimedOut { .. }), "{refused}");
    // Giving up closes the connection, so that the server need not work for nobody.
    while server.closed.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_server_that_never_agrees_on_the_encryption_is_given_up() {
    let server = Server::start(Behaviour::Hangs, None).await;
    let outward = Outward::new(Options {
        patience: Patience {
            secure: Duration::from_millis(50),
            ..Patience::default()
        },
        ..options()
    })
    .unwrap();
    let url = format!("https://127.0.0.1:{}/", server.port);
    let refused = outward
        .call(post(&url), Reach::Loopback, 10, PATIENCE)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, OutwardError::TimedOut { what, .. } if what.contains("encryption")),
        "{refused}"
    );
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_that_gives_nothing_away() {
    let long: &'static str =
        Box::leak(format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(1_000_000)).into_boxed_str());
    for behaviour in [
        Behaviour::Resets,
        Behaviour::AnswersOnce("\u{1}\u{2}garbage canary-body\r\n\r\n"),
        Behaviour::AnswersOnce("HTTP/1.1 200 OK\r\nbad header canary-body\r\n\r\n"),
        Behaviour::AnswersOnce("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\ncut off"),
        Behaviour::AnswersOnce(long),
    ] {
        let server = Server::start(behaviour, None).await;
        let url = format!("http://127.0.0.1:{}/canary-path?canary-query=1", server.port);
        let mut request = post(&url);
        request
            .headers_mut()
            .insert("x-api-key", "canary-key".parse().unwrap());
        let outward = outward(Names::new(&[&[]]));
        let Err(refused) = outward.call(request, Reach::Loopback, 1000, PATIENCE).await else {
            panic!("it is no answer");
        };
        assert!(matches!(refused, OutwardError::Broken { .. }), "{refused:?}");
        assert!(
            !format!("{refused} {refused:?}").contains("canary"),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_taken() {
    let server = Server::start(Behaviour::Answers(OK), None).await;
    let url = format!("http://127.0.0.1:{}/", server.port);
    let outward = outward(Names::new(&[&[]]));
    let refused = outward
        .call(post(&url), Reach::Loopback, 1, PATIENCE)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, OutwardError::TooLong { limit: 1, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn an_address_that_does_not_answer_does_not_hide_one_that_does() {
    let server = Server::start(Behaviour::Answers(OK), None).await;
    let here = format!("127.0.0.1:{}", server.port);
    let outward = outward(Names::new(&[&["127.0.0.1:1", &here]]));
    let answer = outward
        .call(post("http://llm.lan/"), Reach::LocalNetwork, 10, PATIENCE)
        .await;
    assert_eq!(answer.unwrap().status(), 200);
}

#[tokio::test]
async fn nobody_there_is_said_with_the_address() {
    let outward = outward(Names::new(&[&[]]));
    let refused = outward
        .call(post("http://127.0.0.1:1/"), Reach::Loopback, 10, PATIENCE)
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, OutwardError::NotConnected { at, .. } if at == "127.0.0.1:1"),
        "{refused}"
    );
}

#[tokio::test]
async fn the_steps_are_told_in_their_order_and_the_failing_one_is_named() {
    async fn steps(outward: &Outward, url: &str) -> (Vec<ConnectStep>, Option<ConnectStep>) {
        let mut told = Vec::new();
        let url = url.parse().unwrap();
        let ended = outward
            .connect_by_steps(&url, Reach::Loopback, &mut |step, _| told.push(step))
            .await;
        (told, ended.err().map(|(step, _)| step))
    }
    use ConnectStep::{Connect, Resolve, Secure};
    let authority = Authority::new();
    let server = Server::start(Behaviour::Answers(OK), Some(authority.acceptor("localhost"))).await;
    let outward = trusting(&authority);
    let port = server.port;
    let whole = steps(&outward, &format!("https://localhost:{port}/v1?x=1")).await;
    assert_eq!(whole, (vec![Resolve, Connect, Secure], None));
    let plain = steps(&outward, &format!("http://localhost:{port}/")).await;
    assert_eq!(plain, (vec![Resolve, Connect], None));
    let not_secure = steps(&outward, &format!("https://127.0.0.1:{port}/")).await;
    assert_eq!(not_secure, (vec![Resolve, Connect], Some(Secure)));
    let nobody = steps(&outward, "http://127.0.0.1:1/").await;
    assert_eq!(nobody, (vec![Resolve], Some(Connect)));
    let elsewhere = steps(&outward, "http://10.0.0.7/").await;
    assert_eq!(elsewhere, (vec![], Some(Resolve)));
    assert_eq!(server.heads().len(), 0, "no request was sent");
}
