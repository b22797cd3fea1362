//! What a token says about its account.
//!
//! The tokens come straight from who signed them, over a connection that proves it, and nothing is decided by what
//! they claim: so their signatures are not checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Where `OpenAI` keeps its own claims.
const OPENAI: &str = "https://api.openai.com/auth";
/// An account's id and a region are short; what is longer goes into no header.
const LONGEST: usize = 128;

/// The claims of a token, when it is one that has some.
fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// The account a token of `ChatGPT` is for.
pub(crate) fn account(token: &str) -> Option<String> {
    let claims = claims(token)?;
    fit(claims.get("chatgpt_account_id"))
        .or_else(|| fit(claims.get(OPENAI)?.get("chatgpt_account_id")))
        .or_else(|| fit(claims.get("organizations")?.get(0)?.get("id")))
}

/// The region an account's requests must be computed in.
pub(crate) fn residency(token: &str) -> Option<String> {
    let claims = claims(token)?;
    fit(claims
        .get(OPENAI)
        .and_then(|own| own.get("chatgpt_compute_residency")))
    .or_else(|| fit(claims.get("chatgpt_compute_residency")))
    .filter(|region| region != "no_constraint")
}

/// A claim that may stand in a header.
fn fit(claim: Option<&Value>) -> Option<String> {
    claim?
        .as_str()
        .filter(|text| {
            !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic())
        })
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn the_account_is_found_wherever_it_stands() {
        for claims in [
            json!({ "chatgpt_account_id": "acc-1" }),
            json!({ OPENAI: { "chatgpt_account_id": "acc-1" } }),
            json!({ "organizations": [{ "id": "acc-1" }, { "id": "acc-2" }] }),
        ] {
            assert_eq!(account(&token(&claims)).as_deref(), Some("acc-1"), "{claims}");
        }
    }

    #[test]
    fn a_token_without_readable_claims_has_no_account() {
        for text in ["", "a.b", "a.b.c.d", "a.!!!.c", "opaque", "e30.bm90IGpzb24.c2ln"] {
            assert_eq!(account(text), None, "{text}");
        }
        for claims in [
            json!({}),
            json!({ "chatgpt_account_id": 7 }),
            json!({ "chatgpt_account_id": "" }),
            json!({ "chatgpt_account_id": "two\r\nlines" }),
            json!({ "chatgpt_account_id": "a".repeat(5000) }),
            json!({ "organizations": [] }),
        ] {
            assert_eq!(account(&token(&claims)), None, "{claims}");
        }
    }

    #[test]
    fn the_region_is_named_only_when_there_is_one() {
        let own = |region: &str| token(&json!({ OPENAI: { "chatgpt_compute_residency": region } }));
        assert_eq!(residency(&own("eu")).as_deref(), Some("eu"));
        assert_eq!(residency(&own("no_constraint")), None);
        assert_eq!(residency(&token(&json!({}))), None);
    }
}
