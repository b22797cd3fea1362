//! Commands answer only to the app's own page.
//!
//! The access-control list counts every custom URI scheme as local. A main window that was led to
//! `something://…` would get the bridge and its commands, so each command also looks at where the window is.

use cowork_api::{ApiError, Code};
use tauri::Runtime;
use tauri::ipc::Invoke;
use url::Url;

/// Why a command is refused for where it comes from, or nothing.
#[must_use]
pub fn refusal<R: Runtime>(invoke: &Invoke<R>) -> Option<ApiError> {
    match invoke.message.webview_ref().url() {
        Ok(url) if is_own_page(&url) => None,
        _ => Some(ApiError {
            code: Code::NotAllowed,
            message: "Only the app's own page can do this. Close the window and start the app again."
                .to_owned(),
        }),
    }
}

/// Whether an address is the app's own page: where the shell serves the interface, which differs by system, or
/// the development server in a build made for it.
#[must_use]
pub fn is_own_page(url: &Url) -> bool {
    let place = (url.scheme(), url.host_str(), url.port());
    match place {
        ("tauri", Some("localhost"), None) => true,
        ("http" | "https", Some("tauri.localhost"), None) => cfg!(any(windows, target_os = "android")),
        ("http", Some("localhost"), Some(5173)) => tauri::is_dev(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_page_is_the_own_page() {
        assert!(is_own_page(&Url::parse("tauri://localhost/index.html").unwrap()));
        for foreign in [
            "artifact://localhost/",
            "tauri://elsewhere/",
            "tauri://localhost:1/",
            "http://localhost/",
            "https://example.org/",
            "file:///etc/passwd",
            "data:text/html,hi",
            "about:blank",
            "blob:tauri://localhost/1",
            "http://tauri.localhost.example.org/",
        ] {
            assert!(!is_own_page(&Url::parse(foreign).unwrap()), "{foreign}");
        }
    }
}
