//! What is known of model providers.
//!
//! Pure data: who they are ([`Catalogue`], [`Descriptor`]), where each is ([`Descriptor::base`]), how it takes its key
//! and which paths a model request needs ([`Wire`]), what a key should look like ([`clean_key`], [`looks_wrong`]), how
//! one is shown without showing it ([`masked`]), and which servers a person may run themselves ([`local_servers`],
//! [`CustomProvider`]). No key is kept here and no request is made. The engine's words are read in one file,
//! `engine_facts.rs`, which holds what the pinned engine says of its providers.

mod brand;
mod catalogue;
mod custom;
mod descriptor;
mod engine_facts;
mod judgement;
mod key;
mod known;
mod local;
mod need;
mod wire;

pub use catalogue::Catalogue;
pub use custom::CustomProvider;
pub use descriptor::{Descriptor, Model, SignIn, SignInKeeper, SignInWay};
pub use engine_facts::{EngineFacts, EngineModel, EngineProvider};
pub use key::{clean_key, looks_wrong, masked};
pub use local::{LocalServer, local_servers};
pub use need::{BaseError, Need, NeedKind};
pub use wire::{KeyHeader, Wire};
