//! What can be connected: the catalogue, as the brand offers it.

use std::sync::OnceLock;

use cowork_brand::{Brand, BrandedProviders};
use cowork_engine::{Model, ModelReference};
use cowork_providers::{Catalogue, Descriptor};

use crate::render::DEMO_PROVIDER;
use crate::view::{ModelChoice, ProviderInput, ProviderOffer, SignInOffer};

/// The catalogue, as the brand offers it. It is unpacked when it is first looked at: a start without a provider of it
/// need not.
pub(crate) struct Offered {
    branded: BrandedProviders,
    catalogue: OnceLock<Catalogue>,
}

impl Offered {
    pub(crate) fn new(brand: &Brand) -> Self {
        Self {
            branded: brand.providers.clone(),
            catalogue: OnceLock::new(),
        }
    }

    fn catalogue(&self) -> &Catalogue {
        self.catalogue.get_or_init(|| {
            let catalogue = Catalogue::stock();
            for (id, why) in catalogue.not_available(&self.branded) {
                tracing::warn!(id, why, "a provider the brand names is not offered");
            }
            catalogue.branded(&self.branded)
        })
    }

    pub(crate) fn all(&self) -> &[Descriptor] {
        self.catalogue().all()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Descriptor> {
        self.catalogue().get(id)
    }

    /// Whether addresses that are not in it may be given.
    pub(crate) fn allows_custom(&self) -> bool {
        self.catalogue().allows_custom()
    }

    /// Whether an id is no provider's that a person may name.
    pub(crate) fn is_taken(&self, id: &str) -> bool {
        id == DEMO_PROVIDER || self.get(id).is_some()
    }

    /// The model of a provider that is taken when nobody chose one: the brand's or the catalogue's choice, else the
    /// first that calls tools.
    pub(crate) fn usual_model(&self, id: &str) -> Option<String> {
        let descriptor = self.get(id)?;
        descriptor.default_model.clone().or_else(|| {
            let models = &descriptor.models;
            let usable = models.iter().find(|model| model.tool_call);
            usable.or(models.first()).map(|model| model.id.clone())
        })
    }

    /// A provider's models, those that were chosen or all.
    pub(crate) fn models(&self, id: &str, chosen: &[String]) -> Vec<Model> {
        let Some(descriptor) = self.get(id) else {
            return Vec::new();
        };
        let wanted = |model: &&cowork_providers::Model| chosen.is_empty() || chosen.contains(&model.id);
        descriptor
            .models
            .iter()
            .filter(wanted)
            .map(|model| Model {
                reference: ModelReference {
                    provider: id.to_owned(),
                    model: model.id.clone(),
                },
                name: model.name.clone(),
                provider_name: descriptor.name.clone(),
                context: model.context,
                output: model.output,
                tool_call: model.tool_call,
                reasoning: model.reasoning,
                attachment: model.attachment,
                images: None,
                variants: model.variants.clone(),
            })
            .collect()
    }
}

/// A model, as a window chooses it.
pub(crate) fn choice(model: &Model) -> ModelChoice {
    ModelChoice {
        id: model.reference.to_string(),
        name: model.name.clone(),
        provider: model.provider_name.clone(),
        scripted: model.reference.provider == DEMO_PROVIDER,
        context: model.context,
        variants: model.variants.clone(),
        tools: model.tool_call,
        images: model.images,
    }
}

/// A provider, as a window offers it.
pub(crate) fn offer(descriptor: &Descriptor, sign_ins: Vec<SignInOffer>) -> ProviderOffer {
    ProviderOffer {
        id: descriptor.id.clone(),
        name: descriptor.name.clone(),
        description: descriptor.description.clone(),
        popular: descriptor.is_popular(),
        takes_key: descriptor.takes_key,
        key_placeholder: descriptor.key_placeholder.clone(),
        key_url: descriptor.key_url.clone(),
        inputs: descriptor
            .needs
            .iter()
            .map(|need| ProviderInput {
                id: need.id.to_owned(),
                label: need.label.to_owned(),
                placeholder: need.placeholder.to_owned(),
                optional: need.default.is_some(),
            })
            .collect(),
        sign_ins,
        model_count: descriptor.models.len(),
    }
}
