//! The headers that every answer has.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue};

/// What the page may do: its own scripts, styles, pictures, fonts and requests, and nothing from anywhere else; no
/// frame, no plugin, no form that leads away, nothing inline. A string becomes HTML only through the one policy that
/// the interface's one sink makes.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    object-src 'none'; require-trusted-types-for 'script'; trusted-types safe-html";

/// What any other answer may do, were it shown as a page: nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Two years, as the lists of browsers ask for. Of this name alone: what stands below it need not be this server's, and
/// no browser would reach it any more where it is not encrypted.
const ENCRYPTED_ONLY: &str = "max-age=63072000";

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// Marks an answer as a part of the page, so that it gets the page's policy.
#[derive(Clone, Copy, Debug)]
pub struct IsPage;

/// Puts them on. What an answer says of its own keeping in caches stays.
pub fn dress(response: &mut Response, encrypted: bool) {
    let page = response.extensions().get::<IsPage>().is_some();
    let headers = response.headers_mut();
    let policy = if page { PAGE_POLICY } else { DATA_POLICY };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(OPENER, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE, HeaderValue::from_static("same-origin"));
    headers.insert(
        PERMISSIONS,
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if encrypted {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(ENCRYPTED_ONLY),
        );
    }
}
