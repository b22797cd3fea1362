//! A sign-in in a browser that comes back to this machine (RFC 8252), with a proof that nobody else can use what it
//! brings (RFC 7636).

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cowork_vault::Sensitive;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use url::Url;

use crate::asking::Asking;
use crate::callback::{CALLBACK_PATH, Callback};
use crate::chat_gpt;
use crate::endpoints::Endpoints;
use crate::error::{PasteError, SignInError};
use crate::redirect::{Arrival, RedirectError, read_address};
use crate::tokens::Tokens;

/// What belongs to one sign-in alone.
pub(crate) struct Proof {
    /// Comes back with the browser: an answer without it is none to us.
    pub(crate) state: Sensitive,
    /// Never leaves but to exchange the code.
    pub(crate) verifier: Sensitive,
}

impl Proof {
    pub(crate) fn new() -> Result<Self, SignInError> {
        Ok(Self {
            state: random()?,
            verifier: random()?,
        })
    }

    /// What shows beforehand who will hold the verifier.
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()))
    }
}

/// 256 random bits, as 43 characters that may stand in an address.
fn random() -> Result<Sensitive, SignInError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| SignInError::NoRandomness)?;
    Ok(Sensitive::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// A browser that is on its way.
pub(crate) struct Waiting {
    asking: Asking,
    issuer: Url,
    redirect: String,
    verifier: Sensitive,
    callback: Callback,
    pasted: oneshot::Receiver<Arrival>,
}

/// Takes what a person pastes while the browser is on its way.
pub(crate) struct Paste {
    state: Arc<Sensitive>,
    // Taken when the answer is there.
    sender: Mutex<Option<oneshot::Sender<Arrival>>>,
}

pub(crate) fn begin(asking: Asking, endpoints: &Endpoints) -> Result<(Url, Waiting, Paste), SignInError> {
    let proof = Proof::new()?;
    let (sender, pasted) = oneshot::channel();
    // `localhost` and not the address: it is how `OpenAI` knows the registration.
    let port = Callback::free_port(endpoints.callback_port)?;
    let redirect = format!("http://localhost:{}{CALLBACK_PATH}", port.number());
    let url = chat_gpt::page(&endpoints.openai, &redirect, &proof);
    let state = Arc::new(proof.state);
    let waiting = Waiting {
        asking,
        issuer: endpoints.openai.clone(),
        redirect,
        verifier: proof.verifier,
        callback: Callback::new(port, Arc::clone(&state)),
        pasted,
    };
    let paste = Paste {
        state,
        sender: Mutex::new(Some(sender)),
    };
    Ok((url, waiting, paste))
}

impl Waiting {
    pub(crate) async fn tokens(self) -> Result<Tokens, SignInError> {
        let Self { callback, pasted, .. } = self;
        // Whichever comes first; the port is free again with it.
        let arrival = tokio::select! {
            arrival = callback.arrival() => arrival,
            Ok(arrival) = pasted => arrival,
        };
        match arrival {
            Arrival::Code(code) => {
                chat_gpt::exchange(&self.asking, &self.issuer, &self.redirect, &code, &self.verifier).await
            }
            Arrival::Denied(said) => Err(SignInError::Denied { said }),
        }
    }
}

impl Paste {
    pub(crate) fn paste(&self, text: &str) -> Result<(), PasteError> {
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.as_ref().is_none_or(oneshot::Sender::is_closed) {
            return Err(PasteError::Over);
        }
        let arrival = read_address(text, &self.state).map_err(|error| match error {
            RedirectError::AnotherState => PasteError::AnotherSignIn,
            RedirectError::Nothing => PasteError::NotTheAddress,
        })?;
        match sender.take().map(|sender| sender.send(arrival)) {
            Some(Ok(())) => Ok(()),
            _ => Err(PasteError::Over),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let proof = Proof {
            state: Sensitive::new("state"),
            verifier: Sensitive::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        };
        assert_eq!(proof.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn each_sign_in_has_a_proof_of_its_own() {
        let (one, other) = (Proof::new().unwrap(), Proof::new().unwrap());
        assert_eq!(one.verifier.expose().len(), 43);
        assert_ne!(one.verifier.expose(), other.verifier.expose());
        assert_ne!(one.state.expose(), other.state.expose());
        assert_ne!(one.state.expose(), one.verifier.expose());
    }
}
