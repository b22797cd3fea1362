//! The log: lines on standard error, each cleaned of secrets before it is written.

use anyhow::Context as _;
use cowork_redact::Redactor;
use cowork_redact::log::{LogFormat, RedactingMakeWriter};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// Starts to log. What other crates say below warnings is left out: the database's lines hold what people wrote.
///
/// # Errors
/// When something logs already.
pub fn start(format: LogFormat, level: LevelFilter) -> anyhow::Result<()> {
    let writer = RedactingMakeWriter::with_format(
        std::io::stderr,
        Redactor::new(cowork_brand::home_directory().as_deref()),
        format,
    );
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
    tracing_subscriber::registry()
        .with(layer.with_filter(filter))
        .try_init()
        .context("could not start the log: another one is installed already")
}
