//! An address of the hunter's own, to which the proxy might be led to send the key.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is kept of one connection.
const BYTES: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_millis(500);

/// It takes connections until the program ends.
pub(super) struct Trap {
    pub(super) port: u16,
    caught: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Trap {
    pub(super) fn set() -> Option<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
        let port = listener.local_addr().ok()?.port();
        let caught = Arc::new(Mutex::new(Vec::new()));
        let trap = Self {
            port,
            caught: Arc::clone(&caught),
        };
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(PATIENCE)).ok();
                let mut bytes = Vec::new();
                (&mut stream).take(BYTES).read_to_end(&mut bytes).ok();
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
                    .ok();
                caught.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
            }
        });
        Some(trap)
    }

    /// What was sent to it.
    pub(super) fn caught(&self) -> Vec<Vec<u8>> {
        // Whoever was led here has come by now, or has a connection that is being read.
        std::thread::sleep(2 * PATIENCE);
        std::mem::take(&mut self.caught.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
