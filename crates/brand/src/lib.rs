//! What this build is called and where it keeps its files.
//!
//! A brand ships its own build by changing one file, `open-cowork.config.json`, and nothing else; so no other
//! room spells the product's name, its ids or its folders. Take [`Brand::stock`] for the file this build was
//! made with, [`Brand::parse`] for one given at run time, and [`Places::resolve`] for the folders that follow
//! from it.
//!
//! This is the second form of the file: names, ids, links, model providers and a
//! ceiling for pairings. What else the published contract allows
//! there (themes, permissions, …) is tolerated and listed in [`Brand::unknown_fields`], so that a file
//! written for it is not refused and nobody believes that a part of it is in force which is not.
//!
//! Not for settings a person changes: those are the `store` room's.

mod brand;
mod pairing;
mod places;
mod providers;
mod validation;

pub use brand::{Brand, BrandError, CONTRACT_VERSION};
pub use pairing::PairingCeiling;
pub use places::{HOME_VARIABLE, Places, PlacesError, home_directory};
pub use providers::{BrandedCredential, BrandedModel, BrandedProvider, BrandedProviders};
