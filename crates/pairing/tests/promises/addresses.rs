//! Which servers a desktop is paired with.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use async_trait::async_trait;
use cowork_outward::{Options, Outward, Proxies, Reach, Resolve};
use cowork_pairing::address::{AddressRefusal, BrokerAddress, looked_up, proxy_for};

#[test]
fn a_public_name_by_https_is_taken_and_made_plain() {
    for (text, expected) in [
        ("https://cloud.example.com", "https://cloud.example.com"),
        (" HTTPS://Cloud.Example.com:443/ ", "https://cloud.example.com"),
        (
            "https://cloud.example.com/team/?x=1#y",
            "https://cloud.example.com/team",
        ),
        ("https://8.8.8.8:8443/", "https://8.8.8.8:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ] {
        let address = BrokerAddress::judge(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(address.as_str(), expected);
        let here = expected.starts_with("http:");
        assert_eq!(
            address.reach(),
            if here { Reach::Loopback } else { Reach::Public }
        );
        assert_eq!(address.at("/api"), format!("{expected}/api"));
    }
}

#[test]
fn what_leads_anywhere_else_is_refused_in_every_spelling() {
    for text in [
        // This machine, by https.
        "https://127.0.0.1",
        "https://localhost",
        "https://localhost./",
        "https://a.localhost",
        "https://[::1]",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://127.0.0.1.",
        "https://[::ffff:127.0.0.1]",
        "https://[::127.0.0.1]",
        "https://[::ffff:0:127.0.0.1]",
        "https://[0:0:0:0:0:ffff:7f00:1]",
        "https://１２７.0.0.1",
        "https://127.0.0.%31",
        "https://127。0。0。1",
        // Private networks.
        "https://10.0.0.1",
        "https://192.168.1.1",
        "https://172.16.0.1",
        "https://0xc0a80101",
        "https://100.64.0.1",
        "https://[fc00::1]",
        "https://[fd12::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[64:ff9b::10.0.0.1]",
        "https://[64:ff9b:1::a00:1]",
        "https://[2002:a00:1::]",
        "https://printer.local",
        // Metadata and the link.
        "https://169.254.169.254",
        "http://169.254.169.254",
        "https://[fe80::1]",
        "https://[fd00:ec2::254]",
        "https://metadata.google.internal",
        "https://metadata.google.internal.",
        "https://2852039166",
        "https://[::ffff:169.254.169.254]",
        "https://[64:ff9b::a9fe:a9fe]",
        "https://100.100.100.200",
        "https://a.metadata.google.internal",
        "https://metadata",
        "https://instance-data",
        "https://[fe80::1%25eth0]",
        // No machine's.
        "https://0.0.0.0",
        "https://0",
        "https://[::]",
        "https://224.0.0.1",
        "https://255.255.255.255",
        "https://192.0.2.1",
        "https://198.18.0.1",
        "https://203.0.113.1",
        "https://[2001:db8::1]",
        "https://[ff02::1]",
        "https://[fec0::1]",
        // In the clear, or not an address.
        "http://cloud.example.com",
        "http://8.8.8.8",
        "ftp://cloud.example.com",
        "cloud.example.com",
        "",
        "https://",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user@cloud.example.com",
        "https://user:pass@cloud.example.com",
        "https://cloud.example.com\n.evil.com",
    ] {
        let refusal = BrokerAddress::judge(text).map(|address| address.to_string());
        assert!(refusal.is_err(), "{text:?} was taken as {refusal:?}");
    }
}

#[test]
fn a_refusal_says_what_to_do() {
    for (text, word) in [
        ("http://cloud.example.com", "https://"),
        ("https://localhost:8080", "http://"),
        ("https://a:b@cloud.example.com", "take it out"),
        ("cloud", "https://cloud.example.com"),
        ("https://10.0.0.1", "on the internet"),
    ] {
        let refusal = BrokerAddress::judge(text).unwrap_err().to_string();
        assert!(refusal.contains(word), "{refusal}");
        assert!(!refusal.contains("a:b"), "{refusal}");
    }
}

/// Gives one answer after the other, and then the last one again.
struct Changing(Mutex<VecDeque<Vec<IpAddr>>>);

impl Changing {
    fn new(answers: &[&[&str]]) -> Self {
        let parsed = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Self(Mutex::new(answers.iter().map(parsed).collect()))
    }
}

#[async_trait]
impl Resolve for Changing {
    async fn resolve(&self, _: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        Ok(answer
            .unwrap_or_default()
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect())
    }
}

#[tokio::test]
async fn a_name_is_judged_by_all_it_leads_to() {
    let public = BrokerAddress::judge("https://cloud.example.com").unwrap();
    let here = BrokerAddress::judge("http://localhost:1").unwrap();
    let judged = |address: BrokerAddress, answer: &'static [&'static str]| async move {
        looked_up(&address, &Changing::new(&[answer])).await
    };
    assert_eq!(
        judged(public.clone(), &["93.184.215.14", "2606:2800::1"]).await,
        Ok(())
    );
    assert!(matches!(
        judged(public.clone(), &["93.184.215.14", "10.0.0.1"]).await,
        Err(AddressRefusal::Private(_))
    ));
    assert!(matches!(
        judged(public.clone(), &["127.0.0.1"]).await,
        Err(AddressRefusal::LeadsHere(_))
    ));
    assert!(matches!(
        judged(public.clone(), &["::ffff:127.0.0.1"]).await,
        Err(AddressRefusal::LeadsHere(_))
    ));
    assert!(matches!(
        judged(public.clone(), &["169.254.169.254"]).await,
        Err(AddressRefusal::Metadata(_))
    ));
    assert!(matches!(
        judged(public.clone(), &["64:ff9b::a00:1"]).await,
        Err(AddressRefusal::Private(_))
    ));
    assert!(matches!(
        judged(public, &[]).await,
        Err(AddressRefusal::NotFound(_))
    ));
    assert_eq!(judged(here.clone(), &["127.0.0.1", "::1"]).await, Ok(()));
    assert!(matches!(
        judged(here, &["93.184.215.14"]).await,
        Err(AddressRefusal::NotThisMachine(_))
    ));
}

fn outward(proxies: Proxies) -> Outward {
    Outward::new(Options {
        proxies,
        ..Options::default()
    })
    .unwrap()
}

#[tokio::test]
async fn a_proxy_in_the_way_is_named_and_can_be_gone_past() {
    let fixed = Proxies::Fixed {
        https: "http://ada:secret@proxy.example.com:3128".to_owned(),
        no: "direct.example.com".to_owned(),
    };
    let address = |text: &str| BrokerAddress::judge(text).unwrap();
    let named = |text: &str| proxy_for(&address(text), &outward(fixed.clone()));
    assert_eq!(
        named("https://cloud.example.com").as_deref(),
        Some("proxy.example.com:3128")
    );
    assert_eq!(named("https://direct.example.com"), None);
    assert_eq!(named("http://127.0.0.1:1"), None);
    assert_eq!(
        proxy_for(&address("https://cloud.example.com"), &outward(Proxies::None)),
        None
    );
}

pub(crate) fn changing(answers: &[&[&str]]) -> impl Resolve + 'static {
    Changing::new(answers)
}
