//! A disk that fills up.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use anyhow::Context as _;

/// Between two looks whether something gave room back: less than anything of the app's tries to write in.
const AGAIN: Duration = Duration::from_millis(20);

/// A file that takes the room of all others.
#[derive(Clone)]
pub(crate) struct Disk {
    filler: PathBuf,
    /// Ends the thread that keeps the disk full, when it is dropped.
    full: Arc<Mutex<Option<mpsc::Sender<()>>>>,
}

impl Disk {
    pub(crate) fn new(filler: PathBuf) -> Self {
        Self {
            filler,
            full: Arc::default(),
        }
    }

    /// Takes all that is left, now and whenever something is given back. Returns when nothing is left.
    pub(crate) fn fill(&self) -> anyhow::Result<()> {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.filler)
            .context("making the filler")?;
        take_all(&mut file)?;
        let (keep, freed) = mpsc::channel::<()>();
        std::thread::Builder::new()
            .name("filler".to_owned())
            .spawn(move || {
                while freed.recv_timeout(AGAIN) == Err(mpsc::RecvTimeoutError::Timeout) {
                    // What cannot be taken now is tried again at once.
                    let _ = take_all(&mut file);
                }
            })
            .context("keeping the disk full")?;
        *full = Some(keep);
        Ok(())
    }

    /// Gives everything back.
    pub(crate) fn free(&self) -> anyhow::Result<()> {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        *full = None;
        // The thread may hold the file for a moment longer: what it holds is given back with its length.
        OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(&self.filler)
            .context("emptying the filler")?;
        std::fs::remove_file(&self.filler).context("removing the filler")
    }
}

/// Writes until not even a byte more fits.
fn take_all(file: &mut std::fs::File) -> anyhow::Result<()> {
    for size in [1 << 20, 1 << 12, 1] {
        let block = vec![b'x'; size];
        loop {
            match file.write(&block) {
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => break,
                Err(error) => return Err(error).context("filling the disk"),
            }
        }
    }
    Ok(())
}
