//! What a brand says of a provider, over what is known of it.

use cowork_brand::BrandedProvider;

use crate::descriptor::{Descriptor, Model};

/// A brand names, describes and chooses; where requests go and how is not its to say.
pub(crate) fn apply(descriptor: &mut Descriptor, branded: &BrandedProvider) {
    descriptor.name.clone_from(&branded.name);
    descriptor.description.clone_from(&branded.description);
    if let Some(placeholder) = branded
        .credentials
        .iter()
        .find(|credential| credential.secret)
        .and_then(|credential| credential.placeholder.as_ref())
    {
        descriptor.key_placeholder.clone_from(placeholder);
    }
    if !branded.models.is_empty() {
        let models = branded.models.iter().filter_map(|wanted| {
            let known = descriptor.models.iter().find(|model| model.id == wanted.id);
            // One that the engine does not know could not be asked.
            known.map(|model| Model {
                name: wanted.name.clone(),
                ..model.clone()
            })
        });
        descriptor.models = models.collect();
        descriptor.limited = true;
    }
    if branded.default_model.is_some() {
        descriptor.default_model.clone_from(&branded.default_model);
    }
}
