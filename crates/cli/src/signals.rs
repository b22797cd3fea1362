//! The system's requests to end: Ctrl-C, the end of the terminal or of the session. The engine and the turn end
//! before the program does.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a shell adds to a signal's number to name the status of a program that the signal ended.
const BY_SIGNAL: u8 = 128;

/// The requests to end that are listened to.
pub(crate) struct RequestsToEnd {
    #[cfg(unix)]
    heard: Vec<(Signal, u8)>,
}

#[cfg(unix)]
impl RequestsToEnd {
    /// Listens from now on: none that comes before [`Self::next`] is lost.
    pub(crate) fn listen() -> io::Result<Self> {
        let kinds = [
            (SignalKind::interrupt(), 2),
            (SignalKind::terminate(), 15),
            (SignalKind::hangup(), 1),
        ];
        let ignored = ignored();
        let heard = kinds
            .into_iter()
            .filter(|(_, number)| ignored >> (number - 1) & 1 == 0)
            .map(|(kind, number)| Ok((signal(kind)?, BY_SIGNAL + number)))
            .collect::<io::Result<_>>()?;
        Ok(Self { heard })
    }

    /// Waits for the next one and gives the status to end with.
    pub(crate) async fn next(&mut self) -> u8 {
        std::future::poll_fn(|context| {
            let requested = self
                .heard
                .iter_mut()
                .find_map(|(signal, status)| signal.poll_recv(context).is_ready().then_some(*status));
            requested.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        })
        .await
    }
}

/// The signals this program was started without, bit 0 for signal 1: `nohup` starts one without hangups, a script
/// its background without Ctrl-C. Only Linux tells; elsewhere they are listened to all the same.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(not(unix))]
impl RequestsToEnd {
    /// Nothing to prepare here.
    #[expect(clippy::unnecessary_wraps, reason = "one signature on all systems")]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for Ctrl-C and gives the status to end with.
    pub(crate) async fn next(&mut self) -> u8 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        BY_SIGNAL + 2
    }
}
