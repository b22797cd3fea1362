//! Sign-ins at providers that the app does by itself.
//!
//! A sign-in that the engine does leaves its tokens in a file that every command of the agent can read. Where the
//! provider's way is known, the app does it: the tokens go to the vault, and the key proxy puts them on requests.
//!
//! [`SignIn`] leads a person through one sign-in and yields [`Tokens`]; [`Keeper`] holds them afterwards and renews
//! them before they run out. What the engine is told of it is [`Provider::engine_auth`]: that there is a sign-in,
//! with a token that is good at the key proxy alone.
//!
//! The ways are those of the engine's own sign-ins, under its registrations at the providers, which are made for
//! programs on a person's machine and hold no secret. Do not use this for a provider that takes a key, nor for the
//! sign-ins that stay the engine's.

mod asking;
mod browser;
mod callback;
mod chat_gpt;
mod claims;
mod copilot;
mod device;
mod domain;
mod endpoints;
mod error;
mod keeper;
mod provider;
mod redirect;
mod sign_in;
mod tokens;
mod words;

pub use domain::{DomainError, EnterpriseDomain};
pub use endpoints::Endpoints;
pub use error::{KeeperError, PasteError, SignInError, StoreError};
pub use keeper::{Keeper, TokenStore};
pub use provider::{Inputs, Provider, Way};
pub use sign_in::{Prompt, SignIn};
pub use tokens::{Tokens, TokensError};
