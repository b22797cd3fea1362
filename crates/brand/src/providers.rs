//! The part of the config file about model providers.

use serde_json::{Map, Value};

use crate::brand::{BrandError, invalid};
use crate::validation;

const FIELDS: [&str; 5] = [
    "available",
    "descriptors",
    "custom",
    "defaultProvider",
    "defaultModel",
];
const DESCRIPTOR_FIELDS: [&str; 6] = [
    "runtime",
    "name",
    "description",
    "credentials",
    "models",
    "defaultModel",
];
const CREDENTIAL_FIELDS: [&str; 7] = [
    "key",
    "label",
    "description",
    "placeholder",
    "secret",
    "required",
    "env",
];
/// The one kind of provider that is in force: one that the engine has inside.
const BUILT_IN: &str = "builtin";
/// A list that is longer is a mistake; the engine knows some two hundred providers, and one of them 400 models.
const MOST: usize = 1_000;

/// What a brand says of model providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandedProviders {
    /// The ids of the providers that are offered, in their order; all there are when absent, none when empty.
    pub available: Option<Vec<String>>,
    /// What it says of single ones, in the order of their ids.
    pub descriptors: Vec<BrandedProvider>,
    /// Whether a person may connect an address that is in no list. It is so unless the file says `false`.
    pub custom: bool,
    /// The id of the provider to begin with. One of those available.
    pub default_provider: Option<String>,
    /// The model to begin with, by its id at that provider.
    pub default_model: Option<String>,
}

impl Default for BrandedProviders {
    fn default() -> Self {
        Self {
            available: None,
            descriptors: Vec::new(),
            custom: true,
            default_provider: None,
            default_model: None,
        }
    }
}

/// What a brand says of one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandedProvider {
    /// Its id, which is the engine's.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is, in a sentence; may be empty.
    pub description: String,
    /// What a person is asked for.
    pub credentials: Vec<BrandedCredential>,
    /// The models that are offered; all there are when empty.
    pub models: Vec<BrandedModel>,
    /// The model to begin with.
    pub default_model: Option<String>,
}

/// Something a person is asked for to connect a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandedCredential {
    /// Its id.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// What it is, in a sentence; may be empty.
    pub description: String,
    /// What it looks like.
    pub placeholder: Option<String>,
    /// Whether it is kept like a key. It is so unless the file says `false`.
    pub secret: bool,
    /// Whether the provider cannot be connected without it.
    pub required: bool,
    /// The environment variable other programs have it in.
    pub env: Option<String>,
}

/// A model a brand offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandedModel {
    /// Its id at the provider.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// Reads the part, and appends to `unknown` what is in it and not in force.
pub(crate) fn read(value: &Value, unknown: &mut Vec<String>) -> Result<BrandedProviders, BrandError> {
    let providers = Place::root("providers", value)?;
    providers.list_unknown(&FIELDS, unknown);
    let available = match providers.list("available")? {
        None => None,
        Some(list) => Some(
            list.iter()
                .map(Entry::provider_id)
                .collect::<Result<Vec<_>, _>>()?,
        ),
    };
    if let Some(available) = &available
        && let Some(twice) = available
            .iter()
            .enumerate()
            .find_map(|(place, id)| available[..place].contains(id).then_some(id))
    {
        return Err(invalid(
            "providers.available",
            &format!("names \"{twice}\" twice; take one of them out"),
        ));
    }
    let mut descriptors = Vec::new();
    for (id, place) in providers.children("descriptors")? {
        validation::provider_id(&id).map_err(|reason| invalid(&place.path, reason))?;
        descriptors.push(descriptor(id, &place, unknown)?);
    }
    descriptors.sort_by(|one, other| one.id.cmp(&other.id));
    let default_provider = providers.text("defaultProvider", validation::provider_id)?;
    if let (Some(provider), Some(available)) = (&default_provider, &available)
        && !available.contains(provider)
    {
        return Err(invalid(
            "providers.defaultProvider",
            "must be one of \"providers.available\"; add it there or name another",
        ));
    }
    let default_model = providers.text("defaultModel", validation::model_id)?;
    if default_model.is_some() && default_provider.is_none() {
        return Err(invalid(
            "providers.defaultModel",
            "says nothing without \"providers.defaultProvider\"; add that",
        ));
    }
    Ok(BrandedProviders {
        available,
        descriptors,
        custom: custom(&providers, unknown)?,
        default_provider,
        default_model,
    })
}

/// The contract has an object of definitions here, none of which is in force; `false` closes the door.
fn custom(providers: &Place<'_>, unknown: &mut Vec<String>) -> Result<bool, BrandError> {
    match providers.object.get("custom") {
        None => Ok(true),
        Some(Value::Bool(allowed)) => Ok(*allowed),
        Some(Value::Object(definitions)) => {
            unknown.extend(definitions.keys().map(|id| format!("providers.custom.{id}")));
            Ok(true)
        }
        Some(_) => Err(invalid("providers.custom", "must be true, false or an object")),
    }
}

fn descriptor(
    id: String,
    place: &Place<'_>,
    unknown: &mut Vec<String>,
) -> Result<BrandedProvider, BrandError> {
    place.list_unknown(&DESCRIPTOR_FIELDS, unknown);
    let runtime = place.text("runtime", validation::provider_id)?;
    if runtime.is_some_and(|runtime| runtime != BUILT_IN) {
        unknown.push(format!("{}.runtime", place.path));
    }
    let mut credentials = Vec::new();
    for entry in place.list("credentials")?.unwrap_or_default() {
        let place = entry.place()?;
        place.list_unknown(&CREDENTIAL_FIELDS, unknown);
        credentials.push(BrandedCredential {
            key: place.required("key", validation::variable_name)?,
            label: place.required("label", validation::visible_name)?,
            description: place
                .text("description", validation::sentence)?
                .unwrap_or_default(),
            placeholder: place.text("placeholder", validation::visible_name)?,
            secret: place.boolean("secret")?.unwrap_or(true),
            required: place.boolean("required")?.unwrap_or(true),
            env: place.text("env", validation::variable_name)?,
        });
    }
    let mut models = Vec::new();
    for entry in place.list("models")?.unwrap_or_default() {
        let place = entry.place()?;
        place.list_unknown(&["id", "name"], unknown);
        let id = place.required("id", validation::model_id)?;
        models.push(BrandedModel {
            name: place
                .text("name", validation::visible_name)?
                .unwrap_or_else(|| id.clone()),
            id,
        });
    }
    let default_model = place.text("defaultModel", validation::model_id)?;
    if let Some(model) = &default_model
        && !models.is_empty()
        && models.iter().all(|offered| offered.id != *model)
    {
        return Err(invalid(
            &format!("{}.defaultModel", place.path),
            "must be one of its \"models\"; add it there or name another",
        ));
    }
    Ok(BrandedProvider {
        name: place.required("name", validation::visible_name)?,
        description: place
            .text("description", validation::sentence)?
            .unwrap_or_default(),
        credentials,
        models,
        default_model,
        id,
    })
}

type Rule = fn(&str) -> Result<(), &'static str>;

/// An object of the file and its dotted path.
struct Place<'a> {
    path: String,
    object: &'a Map<String, Value>,
}

/// An entry of a list and its dotted path.
struct Entry<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Place<'a> {
    fn root(path: &str, value: &'a Value) -> Result<Self, BrandError> {
        match value {
            Value::Object(object) => Ok(Self {
                path: path.to_owned(),
                object,
            }),
            _ => Err(invalid(path, "must be an object")),
        }
    }

    fn below(&self, field: &str) -> String {
        format!("{}.{field}", self.path)
    }

    fn list_unknown(&self, known: &[&str], unknown: &mut Vec<String>) {
        let others = self.object.keys().filter(|key| !known.contains(&key.as_str()));
        unknown.extend(others.map(|key| self.below(key)));
    }

    fn text(&self, field: &str, rule: Rule) -> Result<Option<String>, BrandError> {
        match self.object.get(field) {
            // The contract writes a choice that is not made as null.
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => match rule(text) {
                Ok(()) => Ok(Some(text.clone())),
                Err(reason) => Err(invalid(&self.below(field), reason)),
            },
            Some(_) => Err(invalid(&self.below(field), "must be a string")),
        }
    }

    fn required(&self, field: &str, rule: Rule) -> Result<String, BrandError> {
        self.text(field, rule)?.ok_or_else(|| BrandError::Missing {
            field: self.below(field),
        })
    }

    fn boolean(&self, field: &str) -> Result<Option<bool>, BrandError> {
        match self.object.get(field) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(invalid(&self.below(field), "must be true or false")),
        }
    }

    fn list(&self, field: &str) -> Result<Option<Vec<Entry<'a>>>, BrandError> {
        match self.object.get(field) {
            None => Ok(None),
            Some(Value::Array(list)) if list.len() <= MOST => Ok(Some(
                list.iter()
                    .enumerate()
                    .map(|(place, value)| Entry {
                        path: format!("{}.{place}", self.below(field)),
                        value,
                    })
                    .collect(),
            )),
            Some(_) => Err(invalid(&self.below(field), "must be a list of at most 1,000")),
        }
    }

    fn children(&self, field: &str) -> Result<Vec<(String, Place<'a>)>, BrandError> {
        let Some(value) = self.object.get(field) else {
            return Ok(Vec::new());
        };
        let all = Place::root(&self.below(field), value)?;
        if all.object.len() > MOST {
            return Err(invalid(&all.path, "must have at most 1,000 entries"));
        }
        all.object
            .iter()
            .map(|(id, value)| Ok((id.clone(), Place::root(&all.below(id), value)?)))
            .collect()
    }
}

impl<'a> Entry<'a> {
    fn place(&self) -> Result<Place<'a>, BrandError> {
        Place::root(&self.path, self.value)
    }

    fn provider_id(&self) -> Result<String, BrandError> {
        let Value::String(text) = self.value else {
            return Err(invalid(&self.path, "must be a string"));
        };
        match validation::provider_id(text) {
            Ok(()) => Ok(text.clone()),
            Err(reason) => Err(invalid(&self.path, reason)),
        }
    }
}
