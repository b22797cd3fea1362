//! A request reaches what was agreed on, or nobody.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::common::{Behaviour, Names, OK, Server, outward, post};
use cowork_outward::{Outward, OutwardError, Reach};
use cowork_policy::UrlRefusal;

async fn refusal(outward: &Outward, url: &str, reach: Reach) -> OutwardError {
    let refused = outward.call(post(url), reach, 1000, Duration::from_secs(5)).await;
    refused.expect_err(url)
}

#[tokio::test]
async fn a_service_on_the_internet_that_leads_nearer_is_refused() {
    for nearer in [
        "127.0.0.1:443",
        "127.8.8.8:443",
        "10.0.0.7:443",
        "192.168.1.1:443",
        "100.64.0.1:443",
        "[::1]:443",
        "[fd00::7]:443",
        "[::ffff:10.0.0.7]:443",
        "[64:ff9b::7f00:1]:443",
    ] {
        let outward = outward(Names::new(&[&[nearer]]));
        let refused = refusal(&outward, "https://api.model.example/v1", Reach::Public).await;
        assert!(
            matches!(refused, OutwardError::LeadsElsewhere { .. }),
            "{nearer}: {refused}"
        );
    }
}

#[tokio::test]
async fn metadata_addresses_are_refused_for_every_reach() {
    for reach in [Reach::Loopback, Reach::LocalNetwork, Reach::Public] {
        for address in ["169.254.169.254:443", "[fd00:ec2::254]:443", "[fe80::1]:443"] {
            let outward = outward(Names::new(&[&[address]]));
            let refused = refusal(&outward, "https://api.model.example/", reach).await;
            assert!(
                matches!(refused, OutwardError::Refused(UrlRefusal::Metadata(_))),
                "{reach:?} {address}: {refused}"
            );
        }
        let outward = outward(Names::new(&[&["1.1.1.1:443"]]));
        let refused = refusal(&outward, "https://metadata.google.internal/", reach).await;
        assert!(
            matches!(refused, OutwardError::Refused(UrlRefusal::Metadata(_))),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn one_wrong_address_among_right_ones_refuses_all() {
    let server = Server::start(Behaviour::Answers(OK), None).await;
    let here = format!("127.0.0.1:{}", server.port);
    let names = Names::new(&[&[&here, "10.0.0.7:80"]]);
    let refused = refusal(&outward(names), "http://localhost/", Reach::Loopback).await;
    assert!(
        matches!(
            refused,
            OutwardError::LeadsElsewhere { .. } | OutwardError::Refused(UrlRefusal::NotThisMachine(_))
        ),
        "{refused}"
    );
    let names = Names::new(&[&["1.1.1.1:443", &here]]);
    let refused = refusal(&outward(names), "https://api.model.example/", Reach::Public).await;
    assert!(
        matches!(refused, OutwardError::LeadsElsewhere { .. }),
        "{refused}"
    );
    assert_eq!(server.connections(), 0, "nobody was asked anything");
}

#[tokio::test]
async fn what_was_agreed_on_as_near_does_not_go_farther() {
    let outward = outward(Names::new(&[&["8.8.8.8:80"]]));
    for reach in [Reach::Loopback, Reach::LocalNetwork] {
        for url in [
            "http://llm.lan/",
            "https://llm.lan/",
            "http://8.8.8.8/",
            "https://8.8.8.8/",
        ] {
            let refused = refusal(&outward, url, reach).await;
            assert!(
                matches!(refused, OutwardError::LeadsElsewhere { .. }),
                "{url}: {refused}"
            );
        }
    }
    let refused = refusal(&outward, "http://10.0.0.7/", Reach::Loopback).await;
    assert!(
        matches!(refused, OutwardError::LeadsElsewhere { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn nothing_goes_to_the_internet_unencrypted() {
    let names = Names::new(&[&["8.8.8.8:80"]]);
    for url in ["http://api.model.example/v1", "http://8.8.8.8/v1"] {
        let refused = refusal(&outward(names.clone()), url, Reach::Public).await;
        assert!(matches!(refused, OutwardError::NotEncrypted { .. }), "{refused}");
    }
    assert_eq!(
        names.asked.load(Ordering::SeqCst),
        0,
        "the name was not even looked up"
    );
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_refused_at_the_next_connection() {
    let server = Server::start(Behaviour::AnswersOnce(OK), None).await;
    let here = format!("127.0.0.1:{}", server.port);
    let outward = outward(Names::new(&[&[&here], &["8.8.8.8:80"]]));
    let url = format!("http://llm.lan:{}/", server.port);
    let first = outward
        .call(post(&url), Reach::LocalNetwork, 10, Duration::from_secs(5))
        .await;
    assert_eq!(first.unwrap().body().as_ref(), b"hi");
    refusal(&outward, &url, Reach::LocalNetwork).await;
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_is_connected_to_is_what_was_judged() {
    let server = Server::start(Behaviour::AnswersOnce(OK), None).await;
    let here = format!("127.0.0.1:{}", server.port);
    // Whoever asked a second time, after judging, would be led to an address where nobody is.
    let names = Names::new(&[&[&here], &["127.0.0.2:1"]]);
    let answer = outward(names.clone())
        .call(
            post("http://llm.lan/"),
            Reach::LocalNetwork,
            10,
            Duration::from_secs(5),
        )
        .await;
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(
        names.asked.load(Ordering::SeqCst),
        1,
        "the name is looked up once"
    );
}

#[tokio::test]
async fn a_connection_of_one_reach_is_not_used_for_another() {
    let server = Server::start(Behaviour::Answers(OK), None).await;
    let here = format!("127.0.0.1:{}", server.port);
    let outward = outward(Names::new(&[&[&here]]));
    let url = format!("http://llm.lan:{}/", server.port);
    for _ in 0..3 {
        let answer = outward
            .call(post(&url), Reach::LocalNetwork, 10, Duration::from_secs(5))
            .await;
        assert_eq!(answer.unwrap().status(), 200);
    }
    assert_eq!(
        server.connections(),
        1,
        "a connection is kept for the next request"
    );
    outward
        .call(post(&url), Reach::Loopback, 10, Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(server.connections(), 2);
    refusal(&outward, &url.replace("http:", "https:"), Reach::Public).await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let outward = outward(Names::new(&[&[]]));
    for url in [
        "/v1/messages",
        "ftp://llm.lan/",
        "http://user:canary@127.0.0.1/",
        "http://0.0.0.0/",
    ] {
        let refused = refusal(&outward, url, Reach::LocalNetwork).await;
        assert!(matches!(refused, OutwardError::Refused(_)), "{url}: {refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    }
    let refused = refusal(&outward, "https://nowhere.example/", Reach::Public).await;
    assert!(matches!(refused, OutwardError::NameNotFound { .. }), "{refused}");
}

#[tokio::test]
async fn a_connection_for_others_is_judged_like_a_request() {
    let server = Server::start(Behaviour::Answers(OK), None).await;
    let here = format!("127.0.0.1:{}", server.port);
    let leads_here = outward(Names::new(&[&[&here]]));
    assert!(
        leads_here
            .connect("llm.lan", server.port, Reach::LocalNetwork)
            .await
            .is_ok()
    );
    for name in [
        "anything.example",
        "localhost",
        "127.0.0.1",
        "::1",
        "[::1]",
        "10.0.0.1",
        "2130706433",
    ] {
        let refused = leads_here.connect(name, server.port, Reach::Public).await;
        let refused = refused.err().expect(name);
        assert!(
            matches!(refused, OutwardError::LeadsElsewhere { .. }),
            "{name}: {refused}"
        );
    }
    for no_host in ["", "a b", "user@host", "host/path", "host?x"] {
        let refused = leads_here.connect(no_host, 80, Reach::LocalNetwork).await;
        assert!(matches!(refused, Err(OutwardError::Refused(_))), "{no_host}");
    }
}
