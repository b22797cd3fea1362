//! What the app itself answers in a provider's place, told from what the provider says.

/// Stands before what the app itself says in a provider's place. Engines pass a provider's words on, and little else of an
/// answer: by this it is told, however later, that they are ours.
pub const OWN_WORDS: &str = "cowork_proxy: ";

/// The app's own words in an error's message as an engine reports it; none where a provider's are in it. An engine
/// that does not know the form of an answer reports the whole of it.
#[must_use]
pub fn own_words(message: &str) -> Option<String> {
    let (_, words) = message.split_once(OWN_WORDS)?;
    let whole = message
        .find('{')
        .and_then(|start| {
            serde_json::Deserializer::from_str(&message[start..])
                .into_iter()
                .next()?
                .ok()
        })
        .and_then(|body: serde_json::Value| {
            let said = body.pointer("/error/message")?.as_str()?;
            Some(said.strip_prefix(OWN_WORDS)?.to_owned())
        });
    Some(whole.unwrap_or_else(|| words.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_are_told_from_a_provider_s_in_whatever_an_engine_reports() {
        let said = "The key for Upstream cannot be read. Your key ring is \"locked\".";
        let body = serde_json::json!({
            "type": "error",
            "error": {"type": "cowork_proxy", "code": "key_unavailable", "message": format!("{OWN_WORDS}{said}")},
        });
        for reported in [
            format!("{OWN_WORDS}{said}"),
            format!("Error: {OWN_WORDS}{said}"),
            format!("Forbidden: {body}"),
            body.to_string(),
        ] {
            assert_eq!(own_words(&reported).as_deref(), Some(said), "{reported}");
        }
        for other in ["", "invalid x-api-key", "cowork_proxy", "{\"error\":{}}"] {
            assert_eq!(own_words(other), None, "{other}");
        }
    }
}
