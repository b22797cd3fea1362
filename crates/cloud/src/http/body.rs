//! Reading what a request carries, within its bounds of size and time.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use crate::limits::Limits;
use crate::shared::App;

fn too_large(limit: usize) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "tooLarge",
        format!("A request here has at most {limit} bytes."),
    )
}

/// Reads a body.
///
/// # Errors
/// When it is larger than `limit` or not there in time.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize, limits: &Limits) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u64>().ok());
    // What says that it is too large need not be read to know it.
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    match tokio::time::timeout(limits.body_time, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => Err(too_large(limit)),
        Ok(Err(_)) => Err(Refusal::invalid("The request ended before it was whole.")),
        Err(_) => Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            "tooSlow",
            "The request did not arrive in time.",
        )),
    }
}

/// Reads JSON; what is wrong with it is said by field and place, and never with what stood there.
///
/// # Errors
/// When it is none, or not of the form.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let what = if error.is_data() {
            without_values(&error.to_string())
        } else {
            format!(
                "it is no JSON, at line {} column {}",
                error.line(),
                error.column()
            )
        };
        Refusal::invalid(format!("The request cannot be read: {what}."))
    })
}

/// A message of the reader may cite what it found, which may be anybody's secret and of any length. What it says of
/// fields stands in back quotes, what it cites in double ones.
fn without_values(message: &str) -> String {
    let mut said = String::new();
    for (number, piece) in message.split('"').enumerate() {
        said.push_str(if number % 2 == 0 { piece } else { "…" });
    }
    // An unknown name is cited in back quotes too: that of a field or of a variant.
    if let Some(rest) = said.strip_prefix("unknown ")
        && let Some((kind, rest)) = rest.split_once(" `")
        && let Some((_, rest)) = rest.rsplit_once("`, expected ")
    {
        return format!("unknown {kind}, expected {rest}");
    }
    said
}

/// JSON in the body of a request of people and their programs. It has to be called JSON, which no form of another page
/// can do without asking first.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let called = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let is_json = called
            .and_then(|called| called.split(';').next())
            .is_some_and(|called| called.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "invalidInput",
                "Send JSON, and say so (content-type: application/json).",
            ));
        }
        let bytes = read(&parts.headers, body, app.limits.small_body, &app.limits).await?;
        json(&bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Asked {
        #[expect(dead_code, reason = "only its name is of interest")]
        role: Role,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Role {
        Member,
    }

    fn refused(text: &str) -> String {
        json::<Asked>(text.as_bytes()).unwrap_err().message
    }

    #[test]
    fn what_is_wrong_is_said_without_what_stood_there() {
        assert!(refused("{}").contains("missing field `role`"));
        for text in [
            r#"{"role":"hunter2"}"#,
            r#"{"role":"member","hunter2":1}"#,
            r#"{"role":{"hunter2":1}}"#,
            r#""hunter2""#,
            "hunter2",
        ] {
            let said = refused(text);
            assert!(!said.contains("hunter2"), "{said}");
        }
        assert!(refused(r#"{"role":"x"}"#).contains("`member`"));
        assert!(refused("{").contains("no JSON"));
    }
}
