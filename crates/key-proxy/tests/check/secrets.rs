//! No key reaches a log or a report.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cowork_key_proxy::check::check_within;
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::questions::{KEY, PATIENT, outward_with, target};
use crate::support::{Reply, Service};

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

#[tokio::test(flavor = "current_thread")]
async fn no_key_is_logged_or_reported_whatever_the_service_says() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut shown = String::new();
    let key = Sensitive::new(KEY);
    for status in [200, 302, 400, 401, 402, 403, 404, 429, 500, 529] {
        for kind in 0..4 {
            // Every answer says the key, in a place of its own.
            let service = Service::start(move |_| match kind {
                0 => Reply::json(
                    status,
                    json!({"error": {"message": KEY, "type": KEY, "code": KEY}}),
                ),
                1 => Reply::json(status, json!({"data": [{"id": KEY}], "detail": [{"msg": KEY}]})),
                2 => Reply::text(status, "text/html", KEY)
                    .with(&format!("location: https://{KEY}.example/{KEY}")),
                _ => Reply::events(&[&format!("{{\"error\":\"{KEY}\"}}")]),
            })
            .await;
            for wire in [Wire::OpenAiCompatible, Wire::Anthropic, Wire::Google] {
                let target = target(&service.base("/v1"), wire, Some("m-1"));
                let report = check_within(
                    PATIENT,
                    &outward_with(None),
                    &target,
                    Some(&key),
                    |step, state| {
                        writeln!(shown, "{step:?} {state:?}").unwrap();
                    },
                )
                .await;
                writeln!(shown, "{report:?}").unwrap();
            }
        }
    }
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(
        !log.is_empty() && shown.contains("[redacted]"),
        "both are looked at"
    );
    for form in [KEY.to_owned(), STANDARD.encode(KEY)] {
        assert!(!log.contains(&form), "the key is in the log");
        assert!(!shown.contains(&form), "the key is shown: {shown}");
    }
}
