//! All providers that can be connected.

use std::sync::LazyLock;

use cowork_brand::BrandedProviders;

use crate::brand;
use crate::descriptor::Descriptor;
use crate::engine_facts::EngineFacts;
use crate::judgement::describe;
use crate::known;

/// Unpacked once, when it is first looked at: that takes some ten milliseconds and a few megabytes.
static STOCK: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::of(&EngineFacts::committed()));

/// The providers that can be connected: those shown first in front, in their order, then all others by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    descriptors: Vec<Descriptor>,
    custom: bool,
}

impl Catalogue {
    /// Those of the engine this build was made for.
    #[must_use]
    pub fn stock() -> &'static Self {
        &STOCK
    }

    /// From what an engine says.
    #[must_use]
    pub fn of(facts: &EngineFacts) -> Self {
        let mut descriptors: Vec<_> = facts.providers.iter().filter_map(describe).collect();
        sort(&mut descriptors);
        Self {
            descriptors,
            custom: true,
        }
    }

    /// As a brand offers them: what it says of single ones goes before what is known, and where it lists which are
    /// available, those alone are, in its order. What it names that is not there is left out; see
    /// [`Self::not_available`].
    #[must_use]
    pub fn branded(&self, providers: &BrandedProviders) -> Self {
        let mut descriptors = self.descriptors.clone();
        for branded in &providers.descriptors {
            if let Some(descriptor) = descriptors.iter_mut().find(|known| known.id == branded.id) {
                brand::apply(descriptor, branded);
            }
        }
        if let Some(provider) = &providers.default_provider
            && let Some(model) = &providers.default_model
            && let Some(descriptor) = descriptors.iter_mut().find(|known| known.id == *provider)
        {
            descriptor.default_model = Some(model.clone());
        }
        if let Some(available) = &providers.available {
            let mut listed = Vec::with_capacity(available.len());
            for (rank, id) in available.iter().enumerate() {
                if let Some(place) = descriptors.iter().position(|known| known.id == *id) {
                    let mut descriptor = descriptors.swap_remove(place);
                    descriptor.rank = Some(rank);
                    listed.push(descriptor);
                }
            }
            descriptors = listed;
        }
        Self {
            descriptors,
            custom: self.custom && providers.custom,
        }
    }

    /// What a brand names and cannot be connected, each with the reason.
    #[must_use]
    pub fn not_available(&self, providers: &BrandedProviders) -> Vec<(String, &'static str)> {
        let named = providers.available.iter().flatten();
        let described = providers.descriptors.iter().map(|branded| &branded.id);
        let mut missing: Vec<_> = named
            .chain(described)
            .filter(|id| self.get(id).is_none())
            .map(|id| {
                (
                    id.clone(),
                    Self::why_not(id).unwrap_or("the engine does not know it"),
                )
            })
            .collect();
        missing.sort();
        missing.dedup();
        missing
    }

    /// One provider.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Descriptor> {
        self.descriptors.iter().find(|descriptor| descriptor.id == id)
    }

    /// All of them, those shown first in front.
    #[must_use]
    pub fn all(&self) -> &[Descriptor] {
        &self.descriptors
    }

    /// Those shown first.
    pub fn popular(&self) -> impl Iterator<Item = &Descriptor> {
        self.descriptors
            .iter()
            .filter(|descriptor| descriptor.is_popular())
    }

    /// Those whose name or id holds each word of a text, whatever its case, and then those that have a model of which
    /// that is true. All when the text is empty.
    #[must_use]
    pub fn search(&self, text: &str) -> Vec<&Descriptor> {
        let text = text.to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        let holds = |id: &str, name: &str| {
            let (id, name) = (id.to_lowercase(), name.to_lowercase());
            words.iter().all(|word| id.contains(word) || name.contains(word))
        };
        let (by_name, others): (Vec<_>, Vec<_>) = self
            .descriptors
            .iter()
            .partition(|descriptor| holds(&descriptor.id, &descriptor.name));
        let by_model = others.into_iter().filter(|descriptor| {
            descriptor
                .models
                .iter()
                .any(|model| holds(&model.id, &model.name))
        });
        by_name.into_iter().chain(by_model).collect()
    }

    /// Whether addresses that are not in it may be connected.
    #[must_use]
    pub fn allows_custom(&self) -> bool {
        self.custom
    }

    /// Why a provider that the engine knows is not in it.
    #[must_use]
    pub fn why_not(id: &str) -> Option<&'static str> {
        known::HIDDEN
            .iter()
            .find_map(|(hidden, reason)| (*hidden == id).then_some(*reason))
    }
}

fn sort(descriptors: &mut [Descriptor]) {
    descriptors.sort_by_cached_key(|descriptor| {
        (
            descriptor.rank.unwrap_or(usize::MAX),
            descriptor.name.to_lowercase(),
            descriptor.id.clone(),
        )
    });
}
