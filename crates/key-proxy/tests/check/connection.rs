//! What goes wrong before a request.

use cowork_key_proxy::check::{Cause, Step, check_within};
use cowork_outward::Reach;
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use url::Url;

use crate::questions::{
    KEY, PATIENT, call, chat, failure, models, offers_tools, outward_with, passed, skipped, target, tested,
    word,
};
use crate::support::{Authority, Certificate, Service, self_signed};

#[tokio::test]
async fn what_is_wrong_before_a_request_is_told_by_its_step() {
    let service = chat(|_| word()).await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Url::parse(&format!("http://{}/v1", listener.local_addr().unwrap())).unwrap()
    };
    let report = tested(&target(&closed, Wire::OpenAiCompatible, Some("m-1")), Some(KEY)).await;
    let (cause, text) = failure(&report, Step::Connect);
    assert_eq!(cause, Cause::ConnectionRefused);
    assert!(text.contains("is running"), "{text}");
    assert!(
        report
            .steps
            .iter()
            .skip(2)
            .all(|(step, _)| skipped(&report, *step))
    );

    for (address, reach, expected) in [
        ("https://private.example/v1", Reach::Public, Cause::AddressRefused),
        ("https://169.254.169.254/v1", Reach::Public, Cause::AddressRefused),
        ("http://public.example/v1", Reach::Public, Cause::AddressRefused),
        ("https://10.0.0.7/v1", Reach::Loopback, Cause::AddressRefused),
    ] {
        let mut target = target(&Url::parse(address).unwrap(), Wire::OpenAiCompatible, Some("m-1"));
        target.reach = reach;
        let report = tested(&target, Some(KEY)).await;
        assert_eq!(
            failure(&report, Step::Resolve).0,
            expected,
            "{address}: {report:?}"
        );
    }

    let mut nowhere = target(
        &Url::parse("https://nowhere.example/v1").unwrap(),
        Wire::OpenAiCompatible,
        Some("m-1"),
    );
    nowhere.reach = Reach::Public;
    let (cause, _) = failure(&tested(&nowhere, Some(KEY)).await, Step::Resolve);
    // This machine may have no network at all.
    assert!(matches!(cause, Cause::NameNotFound | Cause::Offline), "{cause:?}");

    let port = service.base("/").port().unwrap();
    let https = Url::parse(&format!("https://127.0.0.1:{port}/v1")).unwrap();
    let report = tested(&target(&https, Wire::OpenAiCompatible, Some("m-1")), Some(KEY)).await;
    let (cause, text) = failure(&report, Step::Secure);
    assert_eq!(cause, Cause::NotSecure, "{text}");
    assert!(service.asked().is_empty());
}

#[tokio::test]
async fn a_certificate_s_fault_is_told() {
    let authority = Authority::new("one");
    let stranger = Authority::new("another");
    for (certificate, expected) in [
        (authority.signs("localhost", Certificate::Good), None),
        (
            authority.signs("localhost", Certificate::Expired),
            Some((Cause::CertificateExpired, "date and time")),
        ),
        (
            authority.signs("other.example", Certificate::Good),
            Some((Cause::CertificateWrongName, "another name")),
        ),
        (
            stranger.signs("localhost", Certificate::Good),
            Some((Cause::CertificateUnknownIssuer, "SSL_CERT_FILE")),
        ),
        (
            self_signed("localhost"),
            Some((Cause::CertificateUnknownIssuer, "self-signed")),
        ),
    ] {
        let service = Service::start_secure(certificate, |asked| match asked.path.as_str() {
            "/v1/models" => models(),
            _ if offers_tools(asked) => call(),
            _ => word(),
        })
        .await;
        let key = Sensitive::new(KEY);
        let target = target(&service.base("/v1"), Wire::OpenAiCompatible, Some("m-1"));
        let outward = outward_with(Some(vec![authority.certificate()]));
        let report = check_within(PATIENT, &outward, &target, Some(&key), |_, _| {}).await;
        match expected {
            None => assert!(report.usable && passed(&report, Step::Secure), "{report:?}"),
            Some((cause, words)) => {
                let (found, text) = failure(&report, Step::Secure);
                assert_eq!(found, cause, "{text}");
                assert!(text.contains(words), "{text}");
                assert!(service.asked().is_empty(), "the key is not sent");
            }
        }
    }
}
