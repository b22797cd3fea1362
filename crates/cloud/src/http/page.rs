//! The interface's files: built into the program, or read once from a folder. What is not among them is not there; no
//! path of a request ever reaches a file system.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use super::headers::IsPage;
use super::refusal::Refusal;
use crate::shared::App;

/// The files that were there when this was compiled.
const BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

const INDEX: &str = "index.html";
/// Paths of the page's own: each is the same file, which looks at the address itself. What links hold that is worth
/// something stands behind the `#`, which does not come here.
const PLACES: [&str; 5] = ["/", "/welcome", "/invitation", "/pair", "/sign-in"];
/// Below it names have their content's hash in them, so that what was read once never changes.
const HASHED: &str = "assets/";
/// A page is a hundred files of some hundred kilobytes; a folder with more is another one.
const MOST_FILES: usize = 5_000;
/// The same, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// What is smaller than a packet gains nothing.
const LEAST_PACKED: usize = 1_400;

/// One file.
#[derive(Clone, Debug)]
struct File {
    kind: &'static str,
    plain: Bytes,
    packed: Option<Bytes>,
}

/// The interface's files.
#[derive(Debug, Default)]
pub struct Page {
    files: HashMap<String, File>,
}

fn kind_of(name: &str) -> (&'static str, bool) {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => ("text/html; charset=utf-8", true),
        Some("js" | "mjs") => ("text/javascript; charset=utf-8", true),
        Some("css") => ("text/css; charset=utf-8", true),
        Some("json" | "map") => ("application/json", true),
        Some("webmanifest") => ("application/manifest+json", true),
        Some("svg") => ("image/svg+xml", true),
        Some("txt") => ("text/plain; charset=utf-8", true),
        Some("png") => ("image/png", false),
        Some("ico") => ("image/x-icon", false),
        Some("woff2") => ("font/woff2", false),
        Some("wasm") => ("application/wasm", true),
        _ => ("application/octet-stream", false),
    }
}

fn packed(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < plain.len()).then(|| packed.into())
}

impl Page {
    /// The files of a folder, or those that are built in.
    ///
    /// # Errors
    /// When the folder cannot be read, has no page in it or is no page's at all.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Self> {
        let mut page = Self::default();
        let Some(folder) = folder else {
            for (name, content) in BUILT_IN {
                page.add((*name).to_owned(), Bytes::from_static(content));
            }
            return Ok(page);
        };
        let mut bytes = 0;
        page.read(folder, "", &mut bytes)
            .with_context(|| format!("could not read the page in {}", folder.display()))?;
        anyhow::ensure!(
            page.files.contains_key(INDEX),
            "there is no {INDEX} in {}; name the folder of a built page",
            folder.display()
        );
        Ok(page)
    }

    fn read(&mut self, folder: &Path, below: &str, bytes: &mut usize) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if kind.is_dir() {
                self.read(&entry.path(), &format!("{below}{name}/"), bytes)?;
            } else if kind.is_file() {
                // A link is neither: what it leads to need not be the page's.
                let content = std::fs::read(entry.path())?;
                *bytes += content.len();
                anyhow::ensure!(
                    self.files.len() < MOST_FILES && *bytes < MOST_BYTES,
                    "it holds more than a page has"
                );
                self.add(format!("{below}{name}"), content.into());
            }
        }
        Ok(())
    }

    fn add(&mut self, name: String, plain: Bytes) {
        let (kind, text) = kind_of(&name);
        let packed = (text && plain.len() >= LEAST_PACKED)
            .then(|| packed(&plain))
            .flatten();
        self.files.insert(name, File { kind, plain, packed });
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.files.contains_key(INDEX)
    }

    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let name = if PLACES.contains(&path) {
            INDEX
        } else {
            path.strip_prefix('/').unwrap_or_default()
        };
        match self.files.get(name) {
            Some(file) => file.answer(name, headers),
            None if name == INDEX => missing(),
            None => Refusal::not_found().into_response(),
        }
    }
}

impl File {
    fn answer(&self, name: &str, headers: &HeaderMap) -> Response {
        let takes_packed = headers
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(',').any(|coding| coding.trim() == "gzip"));
        let packed = self.packed.as_ref().filter(|_| takes_packed);
        let content = packed.unwrap_or(&self.plain).clone();
        let mut response = content.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        let kept = if name.starts_with(HASHED) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if packed.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response.extensions_mut().insert(IsPage);
        response
    }
}

fn missing() -> Response {
    let text = "This server was built without its page. Build the interface first, or name its folder (--page-dir).\n";
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("600"));
    response
}

/// Answers what nothing else does.
pub async fn answer(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    app.page.answer(uri.path(), &headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("assets")).unwrap();
        std::fs::write(folder.path().join(INDEX), "<!doctype html>").unwrap();
        std::fs::write(folder.path().join("assets/main-abc.js"), "a".repeat(4_000)).unwrap();
        Page::load(Some(folder.path())).unwrap()
    }

    fn asked(path: &str, coding: Option<&'static str>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(coding) = coding {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(coding));
        }
        page().answer(path, &headers)
    }

    #[test]
    fn the_page_s_own_paths_are_its_file_and_what_is_hashed_stays() {
        for path in PLACES {
            let response = asked(path, None);
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()[CACHE_CONTROL], "no-cache");
            assert!(response.extensions().get::<IsPage>().is_some());
        }
        let response = asked("/assets/main-abc.js", Some("br, gzip"));
        assert_eq!(
            response.headers()[CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        assert!(
            asked("/assets/main-abc.js", None)
                .headers()
                .get(CONTENT_ENCODING)
                .is_none()
        );
    }

    #[test]
    fn nothing_else_is_there() {
        for path in [
            "/index.html/",
            "//index.html",
            "/assets/../index.html",
            "/assets/%2e%2e/index.html",
            "/../../etc/passwd",
            "/assets",
            "/assets/",
            "/.git/config",
            "/elsewhere",
            "",
        ] {
            assert_eq!(asked(path, None).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn without_a_page_that_is_said() {
        let response = Page::default().answer("/", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(Page::load(Some(tempfile::tempdir().unwrap().path())).is_err());
    }
}
