//! The live test of a provider, step by step.
//!
//! It tells a person which link of the chain does not hold: the name, the connection, the certificate, the key, the
//! model, or the calling of functions, each in words and with what to do. It lives beside the proxy because nothing
//! but the proxy and the vault may see a key. It costs a few tokens, and follows, repeats and keeps nothing; the one
//! question that is asked twice is the one whose bound a server wants under its other name.
//!
//! [`check`] tests one provider; [`find_local`] looks which model servers run on this machine.

mod answer;
mod cause;
mod connection;
mod events;
mod exchange;
mod listing;
mod local;
mod question;
mod refusal;
mod run;
mod said;
mod step;

pub use cause::Cause;
pub use local::{Found, find_local};
pub use run::{check, check_within};
pub use step::{Limits, Report, Step, StepOutcome, StepState, Target};
