//! The log: lines on standard error, each cleaned of secrets before it is written, also what a panic says.

use anyhow::Context as _;
use cowork_redact::Redactor;
use cowork_redact::log::{LogFormat, RedactingMakeWriter, describe_panic};
use tracing::Subscriber;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer};

/// Starts to log. What other crates say below warnings is left out: the database's lines hold what people wrote.
///
/// # Errors
/// When something logs already.
pub fn start(format: LogFormat, level: LevelFilter) -> anyhow::Result<()> {
    tracing_subscriber::registry()
        .with(layer(std::io::stderr, format, level)?)
        .try_init()
        .context("could not start the log: another one is installed already")?;
    log_panics();
    Ok(())
}

/// Has a panic logged as any error, under its request's id, and in no other way: what Rust writes by itself is no JSON,
/// and goes around the redactor to where the log goes.
fn log_panics() {
    std::panic::set_hook(Box::new(|information| {
        tracing::error!(target: "panic", "{}", describe_panic(information));
    }));
}

fn layer<S, W>(lines: W, format: LogFormat, level: LevelFilter) -> anyhow::Result<impl Layer<S>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let redactor = Redactor::new(cowork_brand::home_directory().as_deref());
    let writer = RedactingMakeWriter::with_format(lines, redactor, format);
    let filter = EnvFilter::default()
        .add_directive(LevelFilter::WARN.into())
        .add_directive(format!("cowork_cloud={level}").parse().context("no such level")?)
        .add_directive(
            format!("cowork_cloud_store={level}")
                .parse()
                .context("no such level")?,
        );
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(writer);
    let layer = match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    };
    Ok(layer.with_filter(filter))
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;
    use crate::http::outside::span_of;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written while something is done in a request.
    fn written(level: LevelFilter, done: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = layer(move || writer.clone(), LogFormat::Json, level).unwrap();
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || span_of("4bf92f3577b34da6").in_scope(done));
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_panic_is_a_line_as_any_other_with_its_request_s_id_and_no_secret() {
        let secret = crate::sign_in::secrets::make(crate::sign_in::secrets::API_TOKEN).unwrap();
        let before = panic::take_hook();
        log_panics();
        let lines = written(LevelFilter::ERROR, || {
            let failed = panic::catch_unwind(AssertUnwindSafe(|| panic!("no answer to {secret}")));
            assert!(failed.is_err());
        });
        panic::set_hook(before);
        let [line] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(line["level"], "ERROR");
        assert_eq!(line["span"]["request_id"], json!("4bf92f3577b34da6"));
        let said = line["message"].as_str().unwrap();
        assert!(
            said.contains("no answer to") && said.contains("logs.rs"),
            "{said}"
        );
        assert!(!said.contains(&secret[8..]), "{said}");
    }

    #[test]
    fn what_is_left_of_the_log_at_any_level_has_its_request_s_id() {
        for level in [LevelFilter::ERROR, LevelFilter::WARN, LevelFilter::DEBUG] {
            let lines = written(level, || tracing::error!("the store failed"));
            assert_eq!(
                lines[0]["span"]["request_id"],
                json!("4bf92f3577b34da6"),
                "{level}"
            );
        }
    }
}
