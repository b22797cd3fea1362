//! What a provider's address is made of beside what is known.

use std::collections::BTreeMap;

use url::Url;

/// The longest label of a host's name (RFC 1035).
const LONGEST_LABEL: usize = 63;
/// The longest name of a host.
const LONGEST_HOST: usize = 253;

/// What an input may look like. It becomes part of an address, so that nothing in it may lead elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeedKind {
    /// One label of a host's name or one segment of a path: 1 to 63 of `a-z`, `0-9` and `-`, with `-` at neither end.
    Label,
    /// A whole host's name.
    Host,
}

/// What has to be known of a person's account before the provider's address is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What the input is given as.
    pub id: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// An example.
    pub placeholder: &'static str,
    /// What it may look like.
    pub kind: NeedKind,
    /// What is taken when nothing is given.
    pub default: Option<&'static str>,
    /// The engine wants to know it too, by this name.
    pub engine_option: Option<&'static str>,
}

impl Need {
    pub(crate) const fn label(id: &'static str, label: &'static str, placeholder: &'static str) -> Self {
        Self {
            id,
            label,
            placeholder,
            kind: NeedKind::Label,
            default: None,
            engine_option: None,
        }
    }

    /// The input as it goes into an address: in lower case, without space around it.
    pub(crate) fn read(&self, inputs: &BTreeMap<String, String>) -> Result<String, BaseError> {
        let given = inputs
            .get(self.id)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty());
        let text = given
            .or(self.default)
            .ok_or(BaseError::Missing(self.label))?
            .to_ascii_lowercase();
        let fits = match self.kind {
            NeedKind::Label => is_label(&text),
            NeedKind::Host => {
                text.len() <= LONGEST_HOST
                    && text.split('.').count() > 1
                    && text.split('.').all(is_label)
                    // The last part of a name has a letter; an address in numbers has none there.
                    && !text.ends_with(|last: char| last.is_ascii_digit())
            }
        };
        match (fits, self.kind) {
            (true, _) => Ok(text),
            (false, NeedKind::Label) => Err(BaseError::NoLabel(self.label)),
            (false, NeedKind::Host) => Err(BaseError::NoHost(self.label)),
        }
    }
}

fn is_label(text: &str) -> bool {
    (1..=LONGEST_LABEL).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Why a provider's address could not be made, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// An input is missing.
    #[error("{0} is missing; the provider's address is made with it")]
    Missing(&'static str),
    /// An input cannot be part of an address.
    #[error("{0} may hold letters, digits and hyphens only, at most 63, and no hyphen at either end")]
    NoLabel(&'static str),
    /// An input is no host's name.
    #[error("{0} has to be a name such as models.example.com, without https:// and without a path")]
    NoHost(&'static str),
    /// What is known of the provider makes no address.
    #[error("the address {0} is none")]
    NoAddress(String),
}

/// The address that a template with `{id}` in it makes.
pub(crate) fn fill(
    template: &str,
    needs: &[Need],
    inputs: &BTreeMap<String, String>,
) -> Result<Url, BaseError> {
    let mut text = template.to_owned();
    for need in needs {
        let place = format!("{{{}}}", need.id);
        // Some are for the engine alone.
        if text.contains(&place) {
            text = text.replace(&place, &need.read(inputs)?);
        }
    }
    Url::parse(&text).map_err(|_| BaseError::NoAddress(text))
}
