//! Addresses a person gives.

use url::Url;

use crate::descriptor::Model;
use crate::wire::Wire;

/// A provider that is in no catalogue: a company's own gateway, or a server of the person's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomProvider {
    /// Its name for people.
    pub name: String,
    /// The address its chat completions are below, judged by policy.
    pub base_url: Url,
    /// Whether it wants a key.
    pub needs_key: bool,
    /// Its models. The engine asks no such provider for them, so they have to be listed.
    pub models: Vec<Model>,
}

impl CustomProvider {
    /// How it is spoken to: as most are. The engine has a package for the others under their own ids only.
    pub const WIRE: Wire = Wire::OpenAiCompatible;
}
