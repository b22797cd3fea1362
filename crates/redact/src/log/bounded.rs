//! A bound on each day's file.

use std::io::{self, Write};

/// Writes to a file that begins anew each day, and no more than so many bytes of it a day. Where the bound is
/// reached one last line says so, and the rest of the day is dropped: a program that fails in a loop must not
/// fill a person's disk.
pub struct BoundedFile<W> {
    inner: W,
    limit: u64,
    written: u64,
    today: Box<dyn Fn() -> u64 + Send>,
    day: u64,
    full: bool,
}

impl<W> std::fmt::Debug for BoundedFile<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("BoundedFile")
            .field("limit", &self.limit)
            .field("written", &self.written)
            .field("full", &self.full)
            .finish_non_exhaustive()
    }
}

impl<W: Write> BoundedFile<W> {
    /// Bounds `inner` to `limit` bytes a day, of which `written` are there already. `today` numbers the days;
    /// `inner` must begin a new file when it does.
    pub fn new(inner: W, limit: u64, written: u64, today: impl Fn() -> u64 + Send + 'static) -> Self {
        let day = today();
        Self {
            inner,
            limit,
            written,
            today: Box::new(today),
            day,
            full: written >= limit,
        }
    }
}

impl<W: Write> Write for BoundedFile<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let today = (self.today)();
        if today != self.day {
            (self.day, self.written, self.full) = (today, 0, false);
        }
        if self.full {
            return Ok(bytes.len());
        }
        let length = bytes.len() as u64;
        if self.written + length > self.limit {
            self.full = true;
            writeln!(
                self.inner,
                "the log of this day reached its bound of {} bytes; the rest is not written",
                self.limit
            )?;
            return Ok(bytes.len());
        }
        self.inner.write_all(bytes)?;
        self.written += length;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
