//! A model without a model: a real HTTP server on the loopback interface that speaks the
//! chat-completions protocol of `OpenAI` and plays scripts.
//!
//! It exists for two users. Tests point a real engine at it and so decide what "the model" says, how
//! fast, and how it fails, while everything between the window and the wire stays real. The app offers
//! it as the *demo model*, labelled as scripted, whose guided [`tour`](demo) shows a whole session to a
//! person who has neither key nor network.
//!
//! Use it wherever a test would otherwise fake the engine or its model. Do not use it to learn how a
//! particular provider behaves: it imitates the wire format, not anybody's limits, prices or quirks.
//!
//! # Which script plays
//! The choice depends on the request alone, so it survives engine retries and restarts of either side:
//!
//! 1. A request for a title or for a summary of the conversation gets one, never a script's step.
//! 2. `SCRIPT:<base64 of the script's JSON>` in a user message ([`Script::to_marker`]), or
//!    `SCRIPT-NAME:<name>` for a script of [`Options::scripts`]. The last user message that holds one
//!    governs; the step is the number of assistant messages after it.
//! 3. Otherwise the models [`DEMO_MODEL`] and [`TOUR_MODEL`] play the demo. Any other model calls the one
//!    tool it is offered, as the app's connection test wants to see, and otherwise says that it is scripted.
//!
//! # Example
//! ```
//! use cowork_scripted_model::{Action, Options, Script, Server, Step};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! let server = Server::start(Options::default()).await?;
//! let script = Script::new([
//!     Step::new([Action::tool("bash", serde_json::json!({"command": "ls", "description": "list"}))]),
//!     Step::new([Action::text("done")]),
//! ]);
//! let prompt = format!("do it {}", script.to_marker()?);
//! assert!(prompt.starts_with("do it SCRIPT:"));
//! assert!(server.base_url().ends_with("/v1"));
//! server.stop().await?;
//! # Ok(())
//! # }
//! ```

mod casting;
mod conversation;
pub mod demo;
mod failures;
mod marker;
mod playback;
mod record;
mod refusal;
mod script;
mod server;

pub use conversation::{DEMO_MODEL, SCRIPTED_MODEL, TOUR_MODEL};
pub use record::{RecordedRequest, RequestKind};
pub use script::{Action, InvalidScript, Script, Step, Usage};
pub use server::{Options, Server};
