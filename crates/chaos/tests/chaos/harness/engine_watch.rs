//! Whether there ever were two engines.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Home;

/// Between two looks. A second engine that lived shorter than this would not have listened yet.
const PAUSE: Duration = Duration::from_millis(25);

/// Looks at a home's engines all through a round.
pub(crate) struct EngineWatch {
    end: mpsc::Sender<()>,
    watching: JoinHandle<Vec<Vec<u32>>>,
}

impl EngineWatch {
    /// Looks from now on.
    pub(crate) fn new(home: &Arc<Home>) -> Self {
        let (end, ended) = mpsc::channel();
        let home = home.clone();
        let watching = std::thread::spawn(move || {
            let mut several = Vec::new();
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                let engines = home.engines();
                if engines.len() > 1 {
                    several.push(engines);
                }
            }
            several
        });
        Self { end, watching }
    }

    /// There never was more than one.
    pub(crate) fn saw_no_second(self) {
        drop(self.end);
        let several = self.watching.join().expect("the watch does not fail");
        assert_eq!(
            several,
            Vec::<Vec<u32>>::new(),
            "more than one engine lived at a time"
        );
    }
}
