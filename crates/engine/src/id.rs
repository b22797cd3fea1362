//! Identifiers, each its own type so that none can stand in for another.

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the engine's own spelling as it is; it is opaque to every room.
            #[must_use]
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The engine's own spelling.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self(value.to_owned())
            }
        }
    };
}

identifier!(
    /// One conversation with an engine.
    SessionId
);
identifier!(
    /// One message of a conversation: a prompt or an answer.
    MessageId
);
identifier!(
    /// One part of a message: a run of text, a thought, a tool call.
    PartId
);
identifier!(
    /// One call of a tool, as the model numbered it.
    CallId
);
identifier!(
    /// One request for permission.
    PermissionId
);
identifier!(
    /// One set of questions put to the person.
    QuestionId
);
