//! Which addresses may be connected to, and which links may leave.

use std::net::IpAddr;

use cowork_policy::{Connection, UrlRefusal, external_link, may_connect};
use proptest::prelude::*;

fn addresses(list: &[&str]) -> Vec<IpAddr> {
    list.iter().filter_map(|address| address.parse().ok()).collect()
}

#[test]
fn addresses_of_this_machine_connect_at_once() {
    for (text, resolved, connected) in [
        ("http://127.0.0.1:11434/v1", &[][..], "http://127.0.0.1:11434/v1"),
        ("http://127.9.8.7/", &[], "http://127.9.8.7/"),
        ("http://[::1]:8080/v1", &[], "http://[::1]:8080/v1"),
        ("http://localhost:1234/v1", &[], "http://localhost:1234/v1"),
        (
            "http://LOCALHOST./v1",
            &["127.0.0.1", "::1"],
            "http://localhost./v1",
        ),
        ("http://model.localhost/v1", &[], "http://model.localhost/v1"),
        ("http://0x7f.1/v1", &[], "http://127.0.0.1/v1"),
        ("http://2130706433/v1", &[], "http://127.0.0.1/v1"),
        ("http://[::ffff:127.0.0.1]/v1", &[], "http://[::ffff:7f00:1]/v1"),
        (
            "https://desk.example/v1",
            &["127.0.0.1"],
            "https://desk.example/v1",
        ),
        ("  http://127.0.0.1/v1?api_key=x#y ", &[], "http://127.0.0.1/v1"),
    ] {
        let Ok(Connection::Loopback(url)) = may_connect(text, &addresses(resolved)) else {
            panic!(
                "{text} is on this machine: {:?}",
                may_connect(text, &addresses(resolved))
            );
        };
        assert_eq!(url.as_str(), connected, "query and fragment go, the rest stays");
    }
}

#[test]
fn addresses_of_the_local_network_wait_for_consent() {
    for (text, resolved) in [
        ("http://10.0.0.5:8000/v1", &[][..]),
        ("http://172.16.0.1/v1", &[]),
        ("http://172.31.255.255/v1", &[]),
        ("http://192.168.1.20:11434/v1", &[]),
        ("http://100.64.0.1/v1", &[]),
        ("http://[fd12:3456::1]/v1", &[]),
        ("http://[::ffff:192.168.1.1]/v1", &[]),
        ("http://[64:ff9b::c0a8:101]/v1", &[]),
        ("http://nas.local/v1", &[]),
        ("http://nas.local/v1", &["192.168.1.9", "fd00::9"]),
        ("http://nas/v1", &["192.168.1.9"]),
        ("http://models.example/v1", &["127.0.0.1", "10.0.0.1"]),
    ] {
        let answer = may_connect(text, &addresses(resolved));
        assert!(
            matches!(answer, Ok(Connection::LocalNetwork(_))),
            "{text}: {answer:?}"
        );
    }
}

#[test]
fn the_internet_is_connected_to_by_https() {
    for (text, resolved, connected) in [
        (
            "https://api.example.com/v1?key=x#y",
            &["93.184.216.34"][..],
            "https://api.example.com/v1",
        ),
        ("https://8.8.8.8/v1", &[], "https://8.8.8.8/v1"),
        ("https://[2606:4700::1]/v1", &[], "https://[2606:4700::1]/v1"),
        (
            "https://[2002:808:808::1]/v1",
            &[],
            "https://[2002:808:808::1]/v1",
        ),
        ("https://172.32.0.1/v1", &[], "https://172.32.0.1/v1"),
        (
            "https://rebound.example/v1",
            &["127.0.0.1", "93.184.216.34"],
            "https://rebound.example/v1",
        ),
    ] {
        let answer = may_connect(text, &addresses(resolved));
        let Ok(Connection::Public(url)) = answer else {
            panic!("{text} is on the internet: {answer:?}")
        };
        assert_eq!(url.as_str(), connected, "query and fragment go, the rest stays");
    }
}

#[test]
fn the_internet_is_never_connected_to_unencrypted() {
    for (text, resolved) in [
        ("http://api.example.com/v1", &["93.184.216.34"][..]),
        ("http://8.8.8.8/v1", &[]),
        ("http://172.32.0.1/v1", &[]),
        ("http://nas.local/v1", &["93.184.216.34"]),
        ("http://rebound.example/v1", &["127.0.0.1", "93.184.216.34"]),
        ("http://[64:ff9b::808:808]/v1", &[]),
    ] {
        let refused = may_connect(text, &addresses(resolved));
        let Err(UrlRefusal::NotEncrypted(_)) = &refused else {
            panic!("{text}: {refused:?}")
        };
        let message = refused
            .err()
            .map(|refusal| refusal.to_string())
            .unwrap_or_default();
        assert!(message.contains("https://"), "{message}");
    }
}

#[test]
fn a_name_of_the_internet_that_leads_home_waits_for_consent_whatever_its_scheme() {
    for text in ["http://models.example/v1", "https://models.example/v1"] {
        let answer = may_connect(text, &addresses(&["10.0.0.1"]));
        assert!(
            matches!(answer, Ok(Connection::LocalNetwork(_))),
            "{text}: {answer:?}"
        );
    }
}

#[test]
fn metadata_and_link_local_addresses_are_never_connected_to() {
    for (text, resolved) in [
        ("http://169.254.169.254/latest", &[][..]),
        ("http://169.254.1.1/", &[]),
        ("http://[fe80::1]/", &[]),
        ("http://[fd00:ec2::254]/", &[]),
        ("http://metadata.google.internal/", &[]),
        ("http://metadata.google.internal./", &["127.0.0.1"]),
        ("http://x.metadata.google.internal/", &[]),
        ("http://100.100.100.200/", &[]),
        ("http://[::ffff:169.254.169.254]/", &[]),
        ("http://[64:ff9b::a9fe:a9fe]/", &[]),
        ("http://[64:ff9b:1::a9fe:a9fe]/", &[]),
        ("http://[2002:a9fe:a9fe::]/", &[]),
        ("http://0xa9fea9fe/", &[]),
        ("http://harmless.example/", &["169.254.169.254"]),
        ("http://harmless.local/", &["10.0.0.1", "fe80::1"]),
        ("http://localhost/", &["127.0.0.1", "169.254.169.254"]),
    ] {
        let answer = may_connect(text, &addresses(resolved));
        assert!(
            matches!(answer, Err(UrlRefusal::Metadata(_))),
            "{text}: {answer:?}"
        );
    }
}

#[test]
fn what_is_no_machines_address_is_refused() {
    for text in [
        "http://0.0.0.0/",
        "http://[::]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://240.0.0.1/",
        "http://192.0.2.1/",
        "http://198.51.100.1/",
        "http://203.0.113.1/",
        "http://198.18.0.1/",
        "http://192.0.0.1/",
        "http://[ff02::1]/",
        "http://[2001:db8::1]/",
        "http://[fec0::1]/",
    ] {
        let answer = may_connect(text, &[]);
        assert!(
            matches!(answer, Err(UrlRefusal::NotAMachine(_))),
            "{text}: {answer:?}"
        );
    }
}

#[test]
fn other_refusals_say_what_is_wrong() {
    let refusal = |text: &str, resolved: &[&str]| may_connect(text, &addresses(resolved)).err();
    assert_eq!(refusal("", &[]), Some(UrlRefusal::NotAnAddress));
    assert_eq!(refusal("127.0.0.1:11434", &[]), Some(UrlRefusal::NotAnAddress));
    assert_eq!(refusal("localhost:11434", &[]), Some(UrlRefusal::NotAnAddress));
    assert_eq!(refusal("http://", &[]), Some(UrlRefusal::NotAnAddress));
    assert_eq!(refusal("http://a\nb/", &[]), Some(UrlRefusal::NotAnAddress));
    assert_eq!(
        refusal(&format!("http://127.0.0.1/{}", "x".repeat(3000)), &[]),
        Some(UrlRefusal::NotAnAddress)
    );
    assert_eq!(
        refusal("file:///etc/passwd", &[]),
        Some(UrlRefusal::Scheme("file".to_owned()))
    );
    assert_eq!(
        refusal("ws://127.0.0.1/", &[]),
        Some(UrlRefusal::Scheme("ws".to_owned()))
    );
    assert_eq!(
        refusal("http://me:key@127.0.0.1/", &[]),
        Some(UrlRefusal::Credentials)
    );
    assert_eq!(
        refusal("http://key@localhost/", &[]),
        Some(UrlRefusal::Credentials)
    );
    assert_eq!(
        refusal("http://nas/", &[]),
        Some(UrlRefusal::Unresolved("nas".to_owned()))
    );
    assert_eq!(
        refusal("http://localhost/", &["192.168.1.1"]),
        Some(UrlRefusal::NotThisMachine("localhost".to_owned()))
    );
}

#[test]
fn only_names_made_for_it_stand_for_this_machine_or_network_unresolved() {
    let answer = |text: &str| may_connect(text, &[]);
    assert!(matches!(
        answer("http://localhost/v1"),
        Ok(Connection::Loopback(_))
    ));
    assert!(matches!(
        answer("http://nas.local/v1"),
        Ok(Connection::LocalNetwork(_))
    ));
    for name in ["example.com", "localhost.example.com", "notlocal"] {
        assert_eq!(
            answer(&format!("https://{name}/v1")),
            Err(UrlRefusal::Unresolved(name.to_owned()))
        );
    }
}

#[test]
fn only_web_and_mail_links_leave() {
    for (text, opened) in [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("HTTP://Example.org", "http://example.org/"),
        (
            "mailto:me@example.org?subject=Hi",
            "mailto:me@example.org?subject=Hi",
        ),
    ] {
        assert_eq!(
            external_link(text).map(|url| url.to_string()).as_deref(),
            Some(opened),
            "{text}"
        );
    }
    let long = format!("https://example.org/{}", "x".repeat(2100));
    for text in [
        "",
        "example.org",
        "/etc/passwd",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "tauri://localhost",
        "vbscript:x",
        "ssh://host",
        "https://",
        "https://bank.example@evil.example/",
        "https://a:b@example.org",
        " https://example.org",
        "https://example.org/\u{0}",
        "mailto:",
        "mailto:x@y.example?attach=/etc/passwd",
        "blob:https://x",
        &long,
    ] {
        assert_eq!(external_link(text), None, "{text:?} must not leave");
    }
}

proptest! {
    #[test]
    fn no_address_whatever_panics_or_keeps_a_query(text in any::<String>(), host in "[a-z0-9.:\\[\\]%-]{0,20}") {
        for text in [text, format!("http://{host}/?key=x#y"), format!("https://{host}/?key=x#y")] {
            if let Ok(Connection::Loopback(url) | Connection::LocalNetwork(url) | Connection::Public(url)) = may_connect(&text, &[]) {
                prop_assert!(url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
                prop_assert!(["http", "https"].contains(&url.scheme()));
            }
        }
    }

    #[test]
    fn an_address_within_an_address_is_judged_as_the_one_within(octets in any::<[u8; 4]>()) {
        let [a, b, c, d] = octets;
        let judged = |host: String| {
            let answer = may_connect(&format!("http://{host}/"), &[]);
            answer
                .map(|connection| std::mem::discriminant(&connection))
                .map_err(|refusal| std::mem::discriminant(&refusal))
        };
        let plain = judged(format!("{a}.{b}.{c}.{d}"));
        prop_assert_eq!(&judged(format!("[::ffff:{a}.{b}.{c}.{d}]")), &plain);
        prop_assert_eq!(&judged(format!("[64:ff9b::{a}.{b}.{c}.{d}]")), &plain);
    }

    #[test]
    fn whatever_leaves_is_a_web_or_mail_link(text in any::<String>(), scheme in "[a-z]{1,10}", rest in ".{0,20}") {
        for text in [text, format!("{scheme}:{rest}"), format!("{scheme}://{rest}")] {
            if let Some(url) = external_link(&text) {
                prop_assert!(["http", "https", "mailto"].contains(&url.scheme()), "{} leaves", url);
            }
        }
    }
}
