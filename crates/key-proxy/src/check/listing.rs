//! The models a provider lists.

use cowork_providers::Wire;
use cowork_vault::Sensitive;
use http::StatusCode;
use serde_json::Value;

use super::cause::Finding;
use super::exchange::Exchange;
use super::said::shown;

/// More than any provider lists.
pub(super) const MOST: usize = 2_000;
/// The longest list known has about one megabyte; a longer one is no list.
const LONGEST: usize = 4 * 1024 * 1024;
/// A model's id is short.
const LONGEST_ID: usize = 256;

/// The list, or why there is none, with the status it came with.
pub(super) async fn list(
    exchange: &Exchange<'_>,
    path: &str,
) -> Result<Vec<String>, (Option<StatusCode>, Finding)> {
    let query = match exchange.target.wire {
        Wire::Anthropic => Some("limit=1000"),
        Wire::Google => Some("pageSize=1000"),
        _ => None,
    };
    let document = exchange.document(path, query, LONGEST).await?;
    Ok(ids(&document, exchange.key))
}

/// The ids in a list of any provider's shape, each once, in their order.
pub(super) fn ids(document: &Value, key: Option<&Sensitive>) -> Vec<String> {
    let list = ["data", "models"]
        .iter()
        .find_map(|name| document.get(name)?.as_array())
        .or_else(|| document.as_array());
    let mut seen = std::collections::HashSet::new();
    list.into_iter()
        .flatten()
        .filter_map(|model| {
            let id = ["id", "name", "model"]
                .iter()
                .find_map(|name| model.get(name)?.as_str())
                .or_else(|| model.as_str())?;
            let id = id.strip_prefix("models/").unwrap_or(id);
            // What could not be shown as it is could not be asked for either.
            let plain = !id.is_empty() && id.len() <= LONGEST_ID && shown(id, key) == id;
            (plain && seen.insert(id.to_owned())).then(|| id.to_owned())
        })
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_shape_of_a_list_is_read() {
        for document in [
            json!({"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}),
            json!({"models": [{"name": "models/a"}, {"name": "models/b"}]}),
            json!([{"id": "a"}, {"id": "b"}]),
            json!({"data": ["a", "b"]}),
        ] {
            assert_eq!(ids(&document, None), ["a", "b"], "{document}");
        }
        for document in [
            json!(null),
            json!({}),
            json!({"data": 7}),
            json!({"data": [7, {}]}),
        ] {
            assert!(ids(&document, None).is_empty(), "{document}");
        }
    }

    #[test]
    fn a_hostile_list_is_bounded_and_cleaned() {
        let many: Vec<_> = (0..5_000)
            .map(|number| json!({ "id": format!("m{number}") }))
            .collect();
        assert_eq!(ids(&json!({ "data": many }), None).len(), MOST);
        let key = Sensitive::new("sk-1234567890abcdef");
        let document = json!({"data": [
            {"id": "x".repeat(300)}, {"id": "a\nb"}, {"id": "\u{202e}a"}, {"id": "sk-1234567890abcdef"}, {"id": "ok"},
        ]});
        assert_eq!(ids(&document, Some(&key)), ["ok"]);
    }
}
