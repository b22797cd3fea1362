//! The address a browser is sent to at the end.

use cowork_vault::Sensitive;
use subtle::ConstantTimeEq as _;
use url::{Host, Url, form_urlencoded};

use crate::tokens::is_token;
use crate::words::said;

/// A real one has a few hundred characters.
const LONGEST: usize = 8 * 1024;

/// What a browser brings.
pub(crate) enum Arrival {
    /// A code to exchange.
    Code(Sensitive),
    /// What the provider said when it was not granted.
    Denied(String),
}

/// Why an address brings nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedirectError {
    /// There is no answer in it.
    Nothing,
    /// The answer is to another sign-in.
    AnotherState,
}

/// Reads the part after the question mark. The state is compared in a time that tells nothing about it.
pub(crate) fn read_query(query: &str, state: &Sensitive) -> Result<Arrival, RedirectError> {
    if query.len() > LONGEST {
        return Err(RedirectError::Nothing);
    }
    let value = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let (code, error) = (value("code"), value("error"));
    if code.is_none() && error.is_none() {
        return Err(RedirectError::Nothing);
    }
    let brought = value("state").unwrap_or_default();
    if !bool::from(brought.as_bytes().ct_eq(state.expose().as_bytes())) {
        return Err(RedirectError::AnotherState);
    }
    if let Some(error) = error {
        let words = value("error_description").unwrap_or(error);
        return Ok(Arrival::Denied(said(&words, &[state.expose()])));
    }
    code.map(Sensitive::new)
        .filter(is_token)
        .map(Arrival::Code)
        .ok_or(RedirectError::Nothing)
}

/// Reads what a person copied: the whole address, or what stands after its question mark.
pub(crate) fn read_address(text: &str, state: &Sensitive) -> Result<Arrival, RedirectError> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(RedirectError::Nothing);
    }
    // Browsers may leave out the scheme when an address is copied.
    let address = if text.starts_with("localhost:") || text.starts_with("127.0.0.1:") {
        format!("http://{text}")
    } else {
        text.to_owned()
    };
    match Url::parse(&address) {
        Ok(url) => {
            let here = match url.host() {
                Some(Host::Domain(name)) => name == "localhost",
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            };
            if !here {
                return Err(RedirectError::Nothing);
            }
            read_query(url.query().unwrap_or_default(), state)
        }
        Err(_) => read_query(address.trim_start_matches('?'), state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Result<String, RedirectError> {
        match read_address(text, &Sensitive::new("state-1"))? {
            Arrival::Code(code) => Ok(code.expose().to_owned()),
            Arrival::Denied(said) => Ok(format!("denied: {said}")),
        }
    }

    #[test]
    fn the_whole_address_or_its_query_is_taken() {
        for text in [
            "http://localhost:1455/auth/callback?code=c%2D1&scope=x&state=state-1",
            "  http://127.0.0.1:1455/auth/callback?state=state-1&code=c-1#  ",
            "localhost:1455/auth/callback?code=c-1&state=state-1",
            "code=c-1&state=state-1",
            "?code=c-1&state=state-1",
        ] {
            assert_eq!(code(text).as_deref(), Ok("c-1"), "{text}");
        }
        assert_eq!(
            code("http://localhost:1455/auth/callback?error=access_denied&error_description=No%0Away&state=state-1")
                .as_deref(),
            Ok("denied: No way")
        );
    }

    #[test]
    fn what_is_another_s_or_nothing_is_told_apart() {
        for text in [
            "http://localhost:1455/auth/callback?code=c-1&state=state-2",
            "http://localhost:1455/auth/callback?code=c-1&state=",
            "http://localhost:1455/auth/callback?code=c-1",
            "http://localhost:1455/auth/callback?error=access_denied",
        ] {
            assert_eq!(code(text), Err(RedirectError::AnotherState), "{text}");
        }
        let long = format!("code=c-1&state=state-1&x={}", "x".repeat(9000));
        for text in [
            "",
            "c-1",
            "https://auth.openai.com/oauth/authorize?code=c-1&state=state-1",
            "http://localhost:1455/auth/callback?state=state-1",
            "code=&state=state-1",
            "code=a%0Db&state=state-1",
            &long,
        ] {
            assert_eq!(code(text), Err(RedirectError::Nothing), "{text}");
        }
    }
}
