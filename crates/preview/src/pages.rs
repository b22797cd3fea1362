//! What a window shows in place of a server's answer.

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};

pub(crate) type Body = BoxBody<Bytes, hyper::Error>;

/// What went wrong, for the person and for the page's own requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Another host than the preview's.
    NoNetwork,
    /// Nothing serves there any more.
    Ended,
    /// The box makes no connection, or too many are open.
    Refused,
    /// What it says is no HTTP.
    NoHttp,
    /// It takes too long.
    TooSlow,
}

impl Page {
    fn status(self) -> StatusCode {
        match self {
            Self::NoNetwork => StatusCode::FORBIDDEN,
            Self::Ended => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused | Self::NoHttp => StatusCode::BAD_GATEWAY,
            Self::TooSlow => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoNetwork => (
                "The preview has no network",
                "A page in this window reaches the server it came from and nothing else: not the internet, not this \
                 computer, not another preview.",
            ),
            Self::Ended => (
                "The command that served this has ended",
                "Nothing of yours is lost. Ask for it to be started again: this page comes back by itself when \
                 something serves at this port.",
            ),
            Self::Refused => (
                "The server takes no connection",
                "It runs and did not answer. This page tries again by itself.",
            ),
            Self::NoHttp => (
                "This port serves no page",
                "What answers there does not speak HTTP: a database or a debugger, perhaps.",
            ),
            Self::TooSlow => (
                "The server did not answer in time",
                "Reload this page, or look at what the command says.",
            ),
        }
    }

    /// Whether it may pass by itself.
    fn passes(self) -> bool {
        matches!(self, Self::Ended | Self::Refused)
    }

    /// The answer to a request with these headers: a page where one is shown, words where a script reads them.
    pub(crate) fn answer(self, headers: &HeaderMap) -> Response<Body> {
        let wants_page = headers
            .get(ACCEPT)
            .is_some_and(|accept| accept.as_bytes().windows(9).any(|part| part == b"text/html"));
        let (title, more) = self.words();
        let (kind, text) = if wants_page {
            let again = if self.passes() {
                "<meta http-equiv=\"refresh\" content=\"2\">"
            } else {
                ""
            };
            let page = format!(
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">{again}<title>{title}</title>\
                 <style>:root{{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}}\
                 body{{margin:0;min-height:100vh;display:grid;place-content:center}}\
                 main{{max-width:32rem;padding:2rem}}h1{{font-size:1.25rem;margin:0 0 .5rem}}p{{margin:0;opacity:.8}}</style>\
                 <main role=\"alert\"><h1>{title}</h1><p>{more}</p></main></html>\n"
            );
            ("text/html; charset=utf-8", page)
        } else {
            ("text/plain; charset=utf-8", format!("{title}. {more}\n"))
        };
        let mut response = Response::new(whole(text));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
        );
        response
    }
}

pub(crate) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed()
}

fn whole(text: String) -> Body {
    Full::new(Bytes::from(text))
        .map_err(|never| match never {})
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_window_gets_a_page_and_a_script_words() {
        for page in [
            Page::NoNetwork,
            Page::Ended,
            Page::Refused,
            Page::NoHttp,
            Page::TooSlow,
        ] {
            let mut headers = HeaderMap::new();
            let words = page.answer(&headers).into_body().collect().await.unwrap();
            let words = String::from_utf8(words.to_bytes().to_vec()).unwrap();
            assert!(
                words.starts_with(page.words().0) && !words.contains('<'),
                "{words}"
            );
            headers.insert(ACCEPT, HeaderValue::from_static("text/html,*/*"));
            let shown = page.answer(&headers);
            assert_eq!(shown.status(), page.status());
            let shown = shown.into_body().collect().await.unwrap();
            let shown = String::from_utf8(shown.to_bytes().to_vec()).unwrap();
            assert_eq!(shown.contains("refresh"), page.passes(), "{shown}");
        }
    }
}
