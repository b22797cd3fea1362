//! The writer every formatted line goes through.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

use crate::Redactor;

/// One record is held in memory until it is whole, since a secret may be split over two writes. What a record
/// has beyond this is cut: a log line of more is a dump, and nobody reads it.
const LONGEST_RECORD: usize = 64 * 1024;

/// Makes a [`RedactingWriter`] for each record in front of another writer.
#[derive(Clone, Debug)]
pub struct RedactingMakeWriter<M> {
    inner: M,
    redactor: Redactor,
}

impl<M> RedactingMakeWriter<M> {
    /// Puts a redactor in front of the writers that `inner` makes.
    pub fn new(inner: M, redactor: Redactor) -> Self {
        Self { inner, redactor }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for RedactingMakeWriter<M> {
    type Writer = RedactingWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingWriter::new(self.inner.make_writer(), self.redactor.clone())
    }

    fn make_writer_for(&'a self, metadata: &tracing::Metadata<'_>) -> Self::Writer {
        RedactingWriter::new(self.inner.make_writer_for(metadata), self.redactor.clone())
    }
}

/// Takes one record and writes it, cleaned, when it is flushed or dropped.
#[derive(Debug)]
pub struct RedactingWriter<W: Write> {
    inner: W,
    redactor: Redactor,
    record: Vec<u8>,
    cut: usize,
}

impl<W: Write> RedactingWriter<W> {
    /// Begins a record.
    pub fn new(inner: W, redactor: Redactor) -> Self {
        Self {
            inner,
            redactor,
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
        self.inner.write_all(self.redactor.redact(&text).as_bytes())?;
        let cut = std::mem::take(&mut self.cut);
        if cut > 0 {
            writeln!(self.inner, " … {cut} bytes cut")?;
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
