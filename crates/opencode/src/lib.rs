//! The adapter to OpenCode's V1 line.
//!
//! OpenCode executes sessions; this product shows them. Everything that is peculiar to OpenCode's first version
//! (its routes, the names of its events and fields, its configuration keys, its environment variables) lives here
//! and nowhere else, translated into the words of `cowork-engine`. A second version of OpenCode gets an adapter of
//! its own beside this one.
//!
//! - [`Client`] asks a running engine: it is the [`Engine`](cowork_engine::Engine) every other room works with.
//! - [`Decoder`] reads the engine's event stream; [`Client::events`](cowork_engine::Engine::events) uses it, and so
//!   may whoever has the bytes from elsewhere. [`Memory`] is what it keeps between events, [`Counters`] what it met.
//! - [`EngineConfiguration`] writes the configuration file; [`Launch`] says how the program is started,
//!   and [`AuthContent`] what it is told of accounts that the app keeps.
//! - [`ignored_in`] finds what a folder brings along for OpenCode and what is deliberately not loaded.
//! - [`new_message_id`] makes ids for prompts that sort as the engine's own do.
//!
//! Use it where an engine is started or connected, that is in `workspace`. Do not use it to show or to store
//! anything: what leaves this crate is already in the general words. It starts no process: that is `supervisor`'s.

mod auth_content;
mod bound;
mod client;
mod configuration;
mod convert;
mod counters;
mod event;
mod failure;
mod frames;
mod http;
mod ignored;
mod launch;
mod memory;
mod message;
mod message_id;
mod parts;
mod password;
mod repair;
mod sign_in;
mod stream;
mod tool;
mod wire;

pub use auth_content::AuthContent;
pub use client::Client;
pub use configuration::{
    AgentPermission, EngineConfiguration, ModelConfiguration, ProviderConfiguration, ProviderKind,
    ProviderToken, ServerConfiguration,
};
pub use counters::{Counters, Names, Oversized};
pub use http::{Health, probe};
pub use ignored::{IgnoredKind, IgnoredThing, ignored_in};
pub use launch::{Egress, Launch, LaunchContext, PROXY_TOKEN_VARIABLE, kept_outputs, machine_data};
pub use memory::Memory;
pub use message_id::new_message_id;
pub use password::{Password, ProxyToken};
pub use stream::{Decoder, LARGEST_EVENT};
