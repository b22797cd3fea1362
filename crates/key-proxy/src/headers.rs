//! Which headers pass, and in which direction.

use bytes::Bytes;
use cowork_providers::{KeyHeader, Wire};
use cowork_vault::Sensitive;
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue,
};
use zeroize::Zeroizing;

use crate::echo::Forms;
use crate::route::Route;
use crate::token;

/// Request headers that do not pass. Those of one hop only; those that name this machine or the way here; those that
/// would speak for the person (cookies); and those that are set anew: the host, the length, the encoding.
const NOT_SENT: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
];

/// And those that begin so.
const NOT_SENT_PREFIXES: &[&str] = &["x-forwarded-", "sec-"];

/// Answer headers that pass. Engines put an answer's headers into the errors they show and keep, so it is a list of
/// what they need: what the body is, when to come again, and what to name when one asks the provider.
const TAKEN: &[&str] = &[
    "content-type",
    "date",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "x-request-id",
];

/// And those that begin so: how much may still be asked.
const TAKEN_PREFIXES: &[&str] = &["anthropic-ratelimit-", "ratelimit", "x-ratelimit-"];

/// The headers of a request as they leave: what passes of `came`, the route's own, `more` that came with
/// the key, and the key.
///
/// # Errors
/// The key has characters that no header can hold.
pub(crate) fn to_send(
    came: &HeaderMap,
    route: &Route,
    more: &[(HeaderName, HeaderValue)],
    key: Option<&Sensitive>,
) -> Result<HeaderMap, BadKey> {
    let mut sent = HeaderMap::with_capacity(came.len() + route.headers.len() + 2);
    for (name, value) in came {
        if passes_out(name, came) && !holds_token(value) {
            sent.append(name.clone(), value.clone());
        }
    }
    sent.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, value) in route.headers.iter().chain(more) {
        sent.insert(name.clone(), value.clone());
    }
    if let Some(key) = key {
        let (name, value) = key_header(route.wire, key)?;
        sent.insert(name, value);
    }
    Ok(sent)
}

/// A key that no header can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key has a character that no header can hold")]
pub struct BadKey;

/// The header a provider takes its key in, with the key in it.
fn key_header(wire: Wire, key: &Sensitive) -> Result<(HeaderName, HeaderValue), BadKey> {
    let header = wire.key_header();
    Ok((
        HeaderName::from_static(header.name()),
        key_value(header.prefix(), key)?,
    ))
}

/// A key as a header's value, behind `prefix`. Nothing that prints headers shows it, and it is wiped with its last
/// copy; what the library that sends it wrote into its own buffers is that one's.
///
/// # Errors
/// The key has a character that no header can hold.
pub fn key_value(prefix: &str, key: &Sensitive) -> Result<HeaderValue, BadKey> {
    let mut text = Zeroizing::new(Vec::with_capacity(prefix.len() + key.expose().len()));
    text.extend_from_slice(prefix.as_bytes());
    text.extend_from_slice(key.expose().as_bytes());
    if !text.is_ascii() {
        return Err(BadKey);
    }
    sensitive(text)
}

/// A header's value over someone's bytes, without a copy of them: they go when the last of its clones does.
fn sensitive(owner: impl AsRef<[u8]> + Send + 'static) -> Result<HeaderValue, BadKey> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(owner)).map_err(|_| BadKey)?;
    value.set_sensitive(true);
    Ok(value)
}

fn passes_out(name: &HeaderName, came: &HeaderMap) -> bool {
    let name = name.as_str();
    !(NOT_SENT.contains(&name)
        || NOT_SENT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || KeyHeader::ALL.iter().any(|header| header.name() == name)
        || is_of_this_hop(name, came))
}

/// Whether the sender itself said that a header is for the next one only.
fn is_of_this_hop(name: &str, came: &HeaderMap) -> bool {
    came.get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|named| named.trim().eq_ignore_ascii_case(name))
}

/// The token is for this proxy: a program that puts it into some other header does not hand it on.
fn holds_token(value: &HeaderValue) -> bool {
    memchr::memmem::find(value.as_bytes(), token::PREFIX.as_bytes()).is_some()
}

/// Whether a body is encoded in some way that hides what is in it, though it was asked for as it is.
pub(crate) fn is_encoded(came: &HeaderMap) -> bool {
    came.get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .any(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity"))
}

/// The headers of an answer as they are handed to the engine. Its length stays only where nothing in the body can be
/// replaced.
pub(crate) fn to_hand_on(came: &HeaderMap, forms: Option<&Forms>) -> HeaderMap {
    let mut handed = HeaderMap::with_capacity(came.len());
    for (name, value) in came {
        let listed = TAKEN.contains(&name.as_str())
            || TAKEN_PREFIXES
                .iter()
                .any(|prefix| name.as_str().starts_with(prefix))
            || (forms.is_none() && name == CONTENT_LENGTH);
        if !listed {
            continue;
        }
        let value = match forms {
            Some(forms) => forms.header(value),
            None => Some(value.clone()),
        };
        if let Some(value) = value {
            handed.append(name.clone(), value);
        }
    }
    handed
}

#[cfg(test)]
mod tests {
    use cowork_outward::Reach;

    use super::*;
    use crate::route::KeyUse;

    fn route(wire: Wire) -> Route {
        Route {
            provider: "p".to_owned(),
            name: "P".to_owned(),
            upstream: "https://api.example/v1".parse().unwrap(),
            reach: Reach::Public,
            wire,
            key: KeyUse::Key,
            headers: vec![(
                HeaderName::from_static("editor-version"),
                HeaderValue::from_static("ours/1"),
            )],
        }
    }

    fn map(headers: &[(&str, &str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_key_stands_in_its_header_alone_and_is_marked() {
        for wire in [Wire::Anthropic, Wire::OpenAi, Wire::Google, Wire::Azure] {
            let came = map(&[
                ("authorization", "Bearer cwk_t"),
                ("x-api-key", "cwk_t"),
                ("x-goog-api-key", "theirs"),
                ("api-key", "theirs"),
            ]);
            let sent = to_send(&came, &route(wire), &[], Some(&Sensitive::new("real"))).unwrap();
            let keys: Vec<_> = KeyHeader::ALL
                .iter()
                .filter_map(|header| sent.get(header.name()))
                .collect();
            assert_eq!(keys.len(), 1, "{wire:?}");
            assert_eq!(keys[0], &format!("{}real", wire.key_header().prefix()));
            assert!(keys[0].is_sensitive());
            let without = to_send(&came, &route(wire), &[], None).unwrap();
            assert!(
                KeyHeader::ALL
                    .iter()
                    .all(|header| !without.contains_key(header.name()))
            );
        }
    }

    #[test]
    fn what_a_provider_needs_passes_and_nothing_of_this_machine_does() {
        let came = map(&[
            ("content-type", "application/json"),
            ("anthropic-version", "2023-06-01"),
            ("anthropic-beta", "x"),
            ("user-agent", "opencode"),
            ("x-initiator", "user"),
            ("editor-version", "theirs"),
            ("host", "127.0.0.1:1"),
            ("cookie", "a=b"),
            ("connection", "keep-alive, X-Private"),
            ("x-private", "1"),
            ("x-forwarded-for", "10.0.0.7"),
            ("forwarded", "for=10.0.0.7"),
            ("via", "1.1 x"),
            ("proxy-authorization", "Basic x"),
            ("accept-encoding", "gzip, br"),
            ("x-note", "token cwk_abc"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("expect", "100-continue"),
            ("content-length", "2"),
        ]);
        let sent = to_send(&came, &route(Wire::Anthropic), &[], None).unwrap();
        let mut names: Vec<&str> = sent.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "accept-encoding",
                "anthropic-beta",
                "anthropic-version",
                "content-type",
                "editor-version",
                "user-agent",
                "x-initiator"
            ]
        );
        assert_eq!(sent["accept-encoding"], "identity");
        assert_eq!(sent["editor-version"], "ours/1", "the route's own headers win");
    }

    #[test]
    fn a_key_in_a_header_goes_with_the_header() {
        use std::sync::atomic::{AtomicBool, Ordering};
        static WIPED: AtomicBool = AtomicBool::new(false);
        struct Owner(&'static [u8]);
        impl AsRef<[u8]> for Owner {
            fn as_ref(&self) -> &[u8] {
                self.0
            }
        }
        impl Drop for Owner {
            fn drop(&mut self) {
                WIPED.store(true, Ordering::SeqCst);
            }
        }
        let bytes = b"Bearer sk-secret";
        let value = sensitive(Owner(bytes)).unwrap();
        assert_eq!(value.as_bytes().as_ptr(), bytes.as_ptr(), "no copy is made");
        let clone = value.clone();
        drop(value);
        assert!(!WIPED.load(Ordering::SeqCst));
        drop(clone);
        assert!(WIPED.load(Ordering::SeqCst));

        let value = key_value("Bearer ", &Sensitive::new("sk-secret")).unwrap();
        assert_eq!(value, "Bearer sk-secret");
        assert!(value.is_sensitive());
        assert_eq!(key_value("", &Sensitive::new("sk-schl\u{fc}ssel")), Err(BadKey));
        assert_eq!(key_value("", &Sensitive::new("sk\u{7f}")), Err(BadKey));
    }

    #[test]
    fn what_hides_a_body_is_told_from_what_does_not() {
        for plain in ["identity", " Identity ", ""] {
            assert!(!is_encoded(&map(&[("content-encoding", plain)])), "{plain:?}");
        }
        assert!(!is_encoded(&HeaderMap::new()));
        for hidden in ["gzip", "br", "deflate", "zstd", "identity, gzip", "x-unheard-of"] {
            assert!(is_encoded(&map(&[("content-encoding", hidden)])), "{hidden}");
        }
    }

    #[test]
    fn a_key_that_no_header_can_hold_is_not_sent_in_part() {
        assert!(
            to_send(
                &HeaderMap::new(),
                &route(Wire::OpenAi),
                &[],
                Some(&Sensitive::new("a\nb"))
            )
            .is_err()
        );
    }

    #[test]
    fn of_an_answer_s_headers_only_the_listed_ones_pass_and_without_the_key() {
        let came = map(&[
            ("content-type", "text/event-stream"),
            ("content-length", "5"),
            ("retry-after", "3"),
            ("x-request-id", "for sk-secret-secret"),
            ("x-ratelimit-remaining-tokens", "7"),
            ("anthropic-ratelimit-requests-limit", "8"),
            ("set-cookie", "a=b"),
            ("location", "https://elsewhere.example/"),
            ("x-debug-authorization", "sk-secret-secret"),
            ("alt-svc", "h3"),
            ("connection", "close"),
            ("access-control-allow-origin", "*"),
        ]);
        let handed = to_hand_on(&came, Some(&Forms::of("sk-secret-secret")));
        assert_eq!(handed.len(), 5, "{handed:?}");
        assert_eq!(handed["x-request-id"], "for [redacted]");
        assert!(to_hand_on(&came, None).contains_key("content-length"));
    }
}
