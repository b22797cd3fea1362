//! The writer every formatted line goes through.

use std::fmt;
use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

use super::json;
use crate::Redactor;

/// One record is held in memory until it is whole, since a secret may be split over two writes. What a record
/// has beyond this is cut: a log line of more is a dump, and nobody reads it.
const LONGEST_RECORD: usize = 64 * 1024;

/// How a record is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object in a line. It stays one whatever is taken out of it.
    Json,
}

/// Makes a [`RedactingWriter`] for each record in front of another writer.
#[derive(Clone, Debug)]
pub struct RedactingMakeWriter<M> {
    inner: M,
    redactor: Redactor,
    format: LogFormat,
}

impl<M> RedactingMakeWriter<M> {
    /// Puts a redactor in front of the writers that `inner` makes, for records that are text.
    pub fn new(inner: M, redactor: Redactor) -> Self {
        Self::with_format(inner, redactor, LogFormat::Text)
    }

    /// The same for records of a format.
    pub fn with_format(inner: M, redactor: Redactor, format: LogFormat) -> Self {
        Self {
            inner,
            redactor,
            format,
        }
    }

    fn before<W: Write>(&self, inner: W) -> RedactingWriter<W> {
        RedactingWriter::with_format(inner, self.redactor.clone(), self.format)
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for RedactingMakeWriter<M> {
    type Writer = RedactingWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        self.before(self.inner.make_writer())
    }

    fn make_writer_for(&'a self, metadata: &tracing::Metadata<'_>) -> Self::Writer {
        self.before(self.inner.make_writer_for(metadata))
    }
}

/// Takes one record and writes it, cleaned, when it is flushed or dropped.
pub struct RedactingWriter<W: Write> {
    inner: W,
    redactor: Redactor,
    format: LogFormat,
    record: Vec<u8>,
    cut: usize,
}

impl<W: Write> fmt::Debug for RedactingWriter<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedactingWriter")
            .field("format", &self.format)
            .field("record", &self.record.len())
            .finish_non_exhaustive()
    }
}

impl<W: Write> RedactingWriter<W> {
    /// Begins a record of text.
    pub fn new(inner: W, redactor: Redactor) -> Self {
        Self::with_format(inner, redactor, LogFormat::Text)
    }

    /// Begins a record of a format.
    pub fn with_format(inner: W, redactor: Redactor, format: LogFormat) -> Self {
        Self {
            inner,
            redactor,
            format,
            record: Vec::new(),
            cut: 0,
        }
    }

    fn write_record(&mut self) -> io::Result<()> {
        if self.record.is_empty() {
            return Ok(());
        }
        let record = std::mem::take(&mut self.record);
        let text = String::from_utf8_lossy(&record);
        let cut = std::mem::take(&mut self.cut);
        match self.format {
            LogFormat::Text => {
                self.inner.write_all(self.redactor.redact(&text).as_bytes())?;
                if cut > 0 {
                    writeln!(self.inner, " … {cut} bytes cut")?;
                }
            }
            LogFormat::Json => {
                self.inner
                    .write_all(json::line(&text, cut, &self.redactor).as_bytes())?;
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(LONGEST_RECORD.saturating_sub(self.record.len()));
        self.record.extend_from_slice(&bytes[..taken]);
        self.cut += bytes.len() - taken;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_record()?;
        self.inner.flush()
    }
}

impl<W: Write> Drop for RedactingWriter<W> {
    fn drop(&mut self) {
        // A log that cannot be written has no place left to say so; who must know flushes and looks.
        let _ = self.write_record();
    }
}
