//! A secret that cannot be shown by accident.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A secret text. It is wiped from memory when it is dropped. It has no `Debug`, no `Display`, no `Serialize` and no
/// `Clone`: whoever wants the text says so ([`Self::expose`]), and whoever wants a second one says that too
/// ([`Self::duplicate`]).
///
/// ```compile_fail
/// let secret = cowork_vault::Sensitive::new("hunter2");
/// println!("{secret:?}");
/// ```
/// ```compile_fail
/// let secret = cowork_vault::Sensitive::new("hunter2");
/// let second = secret.clone();
/// ```
/// ```compile_fail
/// fn serialized(value: impl serde::Serialize) {}
/// serialized(cowork_vault::Sensitive::new("hunter2"));
/// ```
pub struct Sensitive(Zeroizing<Box<str>>);

impl Sensitive {
    /// Takes a text as a secret.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Keep it no longer than the call it is for.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A second one, on purpose.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self::new(self.expose())
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<str>::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}
