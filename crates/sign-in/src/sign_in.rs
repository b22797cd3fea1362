//! One sign-in, from its beginning to its tokens.

use std::fmt;
use std::time::{Duration, SystemTime};

use cowork_outward::Outward;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use crate::asking::Asking;
use crate::endpoints::Endpoints;
use crate::error::{PasteError, SignInError};
use crate::provider::{Inputs, Provider, Way};
use crate::tokens::Tokens;
use crate::{browser, chat_gpt, copilot};

/// A person who signs in with two factors needs minutes; after this the browser's page is forgotten.
const BROWSER_SECONDS: u64 = 600;

/// What to show while a sign-in waits for the person.
pub struct Prompt {
    /// The page to open.
    pub url: Url,
    /// What to enter there.
    pub code: Option<String>,
    /// Until when, in milliseconds since 1970.
    pub expires: u64,
    /// Whether the address the browser ends at may be pasted ([`SignIn::paste`]), for a browser on another machine.
    pub paste_back: bool,
}

/// The page's address holds the state of the sign-in, so it is not shown.
impl fmt::Debug for Prompt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Prompt")
            .field("host", &self.url.host_str())
            .field("expires", &self.expires)
            .field("paste_back", &self.paste_back)
            .finish_non_exhaustive()
    }
}

/// A sign-in that waits for the person. Dropping it, or what [`Self::wait`] returned, ends it.
pub struct SignIn {
    flow: Mutex<Option<Flow>>,
    paste: Option<browser::Paste>,
    deadline: Instant,
}

enum Flow {
    Copilot(copilot::Waiting),
    Browser(browser::Waiting),
    Code(chat_gpt::Waiting),
}

impl SignIn {
    /// Begins a sign-in: asks for a code, or takes the port the browser comes back to.
    ///
    /// # Errors
    /// [`SignInError`] in words; [`SignInError::alternative`] says what to offer instead.
    pub async fn begin(
        outward: Outward,
        provider: Provider,
        way: Way,
        inputs: &Inputs,
        endpoints: &Endpoints,
    ) -> Result<(Prompt, Self), SignInError> {
        let asking = Asking {
            outward,
            reach: endpoints.reach,
        };
        let (shown, flow, paste) = match (provider, way) {
            (Provider::Copilot, Way::DeviceCode) => {
                let (shown, waiting) = copilot::begin(asking, inputs, endpoints).await?;
                (shown, Flow::Copilot(waiting), None)
            }
            (Provider::Copilot, Way::Browser) => {
                return Err(SignInError::NotOffered {
                    provider: provider.name(),
                });
            }
            (Provider::ChatGpt, Way::DeviceCode) => {
                let (shown, waiting) = chat_gpt::begin_with_code(asking, endpoints).await?;
                (shown, Flow::Code(waiting), None)
            }
            (Provider::ChatGpt, Way::Browser) => {
                let (url, waiting, paste) = browser::begin(asking, endpoints)?;
                let prompt = prompt(url, None, BROWSER_SECONDS, true);
                let sign_in = Self::new(Flow::Browser(waiting), Some(paste), BROWSER_SECONDS, endpoints);
                return Ok((prompt, sign_in));
            }
        };
        let prompt = prompt(shown.url, Some(shown.code), shown.lives, false);
        Ok((prompt, Self::new(flow, paste, shown.lives, endpoints)))
    }

    fn new(flow: Flow, paste: Option<browser::Paste>, seconds: u64, endpoints: &Endpoints) -> Self {
        let lives = endpoints
            .second
            .saturating_mul(u32::try_from(seconds).unwrap_or(u32::MAX));
        Self {
            flow: Mutex::new(Some(flow)),
            paste,
            deadline: Instant::now() + lives,
        }
    }

    /// Waits for the person, and for the tokens. Once only: a second call has nothing to wait for.
    ///
    /// # Errors
    /// [`SignInError`] in words, [`SignInError::Expired`] when the person took too long.
    pub async fn wait(&self) -> Result<Tokens, SignInError> {
        let flow = self.flow.lock().await.take().ok_or(SignInError::Over)?;
        let tokens = async {
            match flow {
                Flow::Copilot(waiting) => waiting.tokens().await,
                Flow::Browser(waiting) => waiting.tokens().await,
                Flow::Code(waiting) => waiting.tokens().await,
            }
        };
        tokio::time::timeout_at(self.deadline, tokens)
            .await
            .unwrap_or(Err(SignInError::Expired))
    }

    /// Takes the address a browser on another machine ended at, in place of the browser coming back.
    ///
    /// # Errors
    /// [`PasteError`] in words; the sign-in goes on.
    pub fn paste(&self, text: &str) -> Result<(), PasteError> {
        self.paste.as_ref().ok_or(PasteError::NotWanted)?.paste(text)
    }
}

/// Its parts are secrets.
impl fmt::Debug for SignIn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SignIn").finish_non_exhaustive()
    }
}

fn prompt(url: Url, code: Option<String>, seconds: u64, paste_back: bool) -> Prompt {
    let expires = SystemTime::now() + Duration::from_secs(seconds);
    Prompt {
        url,
        code,
        expires: crate::keeper::milliseconds(expires),
        paste_back,
    }
}
