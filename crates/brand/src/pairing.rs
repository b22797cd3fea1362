//! What a build lets pairings do at most. A person can always allow less.

use serde_json::Value;

use crate::brand::BrandError;

/// What a build lets pairings do at most: the file's `pairing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairingCeiling {
    /// Whether there may be pairings at all: `allowed`.
    pub allowed: bool,
    /// Whether a person may let answers from afar count without a word here: `remoteAllowed`.
    pub remote_answers: bool,
}

impl Default for PairingCeiling {
    fn default() -> Self {
        Self {
            allowed: true,
            remote_answers: true,
        }
    }
}

/// Reads the part. What is wrong in it is refused: a ceiling that was misspelled must not be none.
pub(crate) fn read(part: Option<&Value>) -> Result<PairingCeiling, BrandError> {
    let invalid = |field: &str, reason: &str| BrandError::Invalid {
        field: field.to_owned(),
        reason: reason.to_owned(),
    };
    let mut ceiling = PairingCeiling::default();
    let fields = match part {
        None => return Ok(ceiling),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(invalid("pairing", "must be an object")),
    };
    for (field, value) in fields {
        let path = format!("pairing.{field}");
        let into = match field.as_str() {
            "allowed" => &mut ceiling.allowed,
            "remoteAllowed" => &mut ceiling.remote_answers,
            _ => {
                return Err(invalid(
                    &path,
                    "is not known; there are \"allowed\" and \"remoteAllowed\"",
                ));
            }
        };
        *into = value
            .as_bool()
            .ok_or_else(|| invalid(&path, "must be true or false"))?;
    }
    Ok(ceiling)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_ceiling_is_none_unless_the_file_says_so() {
        assert_eq!(read(None).unwrap(), PairingCeiling::default());
        let read = |part| read(Some(&part)).unwrap();
        assert!(!read(json!({ "allowed": false })).allowed);
        let ceiling = read(json!({ "remoteAllowed": false }));
        assert!(ceiling.allowed && !ceiling.remote_answers);
    }

    #[test]
    fn a_ceiling_that_cannot_be_read_is_refused() {
        for part in [
            json!(true),
            json!({ "allowed": "no" }),
            json!({ "remote_allowed": false }),
        ] {
            assert!(read(Some(&part)).is_err(), "{part}");
        }
    }
}
