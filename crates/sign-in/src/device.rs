//! Waiting for a person to enter a code somewhere (RFC 8628).

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use crate::error::SignInError;
use crate::tokens::Tokens;

/// How long to wait between two questions when the server does not say (RFC 8628, 3.2), in seconds.
pub(crate) const USUAL_INTERVAL: u64 = 5;
/// A server that wants longer is not believed: the person waits before the screen.
const LONGEST_INTERVAL: u64 = 60;
/// How much longer a server that is asked too often wants us to wait (RFC 8628, 3.5), in seconds.
const SLOWER_BY: u64 = 5;
/// Asking on the very second counts as too early at servers whose clocks differ.
const MARGIN: u64 = 3;
/// So many questions in a row may fail before the sign-in does: a person who enters a code is not thrown out by a
/// short outage.
const MISSES: u32 = 5;
/// A code lives for minutes; whatever the server says, it is not waited for longer, nor shorter than that.
const CODE_LIVES: (u64, u64) = (60, 1800);

/// What a server says to the question whether the code was entered.
pub(crate) enum Entered {
    /// Not yet.
    Pending,
    /// Not yet, and asked too often; perhaps with the interval it wants, in seconds.
    TooOften(Option<u64>),
    /// It was.
    Done(Box<Tokens>),
}

/// Asks one server.
#[async_trait]
pub(crate) trait Poll: Send + Sync {
    async fn poll(&self) -> Result<Entered, SignInError>;
}

/// Asks until the code was entered. `interval` is the server's, in its seconds, of which one lasts `second`.
pub(crate) async fn until_entered(
    server: &dyn Poll,
    interval: u64,
    second: Duration,
) -> Result<Tokens, SignInError> {
    let mut interval = interval.min(LONGEST_INTERVAL);
    let mut misses = 0;
    loop {
        // After a miss twice as long each time (RFC 8628, 3.5).
        let seconds = ((interval + MARGIN) << misses).min(LONGEST_INTERVAL);
        sleep(second.saturating_mul(u32::try_from(seconds).unwrap_or(u32::MAX))).await;
        match server.poll().await {
            Ok(Entered::Done(tokens)) => return Ok(*tokens),
            Ok(Entered::Pending) => misses = 0,
            Ok(Entered::TooOften(wanted)) => {
                misses = 0;
                interval = wanted
                    .unwrap_or(0)
                    .max(interval + SLOWER_BY)
                    .min(LONGEST_INTERVAL);
                tracing::debug!(interval, "asked too often for a sign-in; going slower");
            }
            Err(error) if error.passes() && misses + 1 < MISSES => {
                misses += 1;
                tracing::debug!(misses, %error, "a question of a sign-in failed; asking again");
            }
            Err(error) => return Err(error),
        }
    }
}

/// How long a code lives, in seconds, when the server says so long.
pub(crate) fn code_lives(said: Option<u64>) -> u64 {
    let (shortest, longest) = CODE_LIVES;
    said.unwrap_or(longest / 2).clamp(shortest, longest)
}

/// A code a person can type: short, and of plain characters.
pub(crate) fn is_user_code(code: &str) -> bool {
    (1..=32).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
