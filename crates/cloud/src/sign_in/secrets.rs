//! Secrets that this server makes. It keeps their hashes alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What a browser's cookie begins with.
pub const SESSION: &str = "ocs_";
/// What a program's token begins with.
pub const API_TOKEN: &str = "oct_";
/// What an invitation's code begins with.
pub const INVITATION: &str = "oci_";
/// What an owner link's code begins with.
pub const OWNER: &str = "oco_";

/// 32 random bytes in base64 for addresses.
///
/// # Errors
/// When the system has no random numbers.
pub fn random() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A new secret of a kind.
///
/// # Errors
/// When the system has no random numbers.
pub fn make(prefix: &str) -> anyhow::Result<String> {
    Ok(format!("{prefix}{}", random()?))
}

/// Whether a text has the form of a secret of a kind, so that nothing else is looked for.
#[must_use]
pub fn has_form(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == 43
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_random_bits_and_its_form() {
        let (one, other) = (make(SESSION).unwrap(), make(SESSION).unwrap());
        assert_ne!(one, other);
        assert!(has_form(SESSION, &one) && !has_form(API_TOKEN, &one));
        for text in [
            "",
            "ocs_",
            "ocs_short",
            &format!("{one}x"),
            &one.replace(&one[10..11], "="),
        ] {
            assert!(!has_form(SESSION, text), "{text}");
        }
    }

    #[test]
    fn each_kind_is_taken_out_of_the_log() {
        for prefix in [
            SESSION,
            API_TOKEN,
            INVITATION,
            OWNER,
            cowork_pairing_protocol::wire::TOKEN_PREFIX,
        ] {
            let secret = make(prefix).unwrap();
            let said = cowork_redact::redact(&format!("got {secret} there")).into_owned();
            assert!(!said.contains(&secret[8..]), "{said}");
        }
    }
}
