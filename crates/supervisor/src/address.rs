//! Where a started engine listens, and the password that opens it.

use std::fmt::{self, Write as _};

/// The password of one run of the engine: 256 random bits as 64 hexadecimal digits.
///
/// It has no `Display`, and its `Debug` does not show the value, so that it cannot reach a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct EnginePassword(String);

impl EnginePassword {
    /// A new password from the operating system's random source.
    ///
    /// # Errors
    /// When the operating system has no random source to offer.
    pub(crate) fn random() -> anyhow::Result<Self> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| anyhow::anyhow!("taking a password from the random source: {error}"))?;
        Ok(Self(bytes.iter().fold(
            String::with_capacity(64),
            |mut digits, byte| {
                // Writing to a String cannot fail.
                let _ = write!(digits, "{byte:02x}");
                digits
            },
        )))
    }

    /// The value, for the engine's environment and for the header of a request to it. It goes nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EnginePassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EnginePassword(..)")
    }
}

/// Where one run of the engine listens, and the password it asks for. Both are new at each attempt to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The TCP port on 127.0.0.1.
    pub port: u16,
    /// The password of this run.
    pub password: EnginePassword,
}

impl Address {
    /// `http://127.0.0.1:PORT`, without a slash at the end and without the password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
