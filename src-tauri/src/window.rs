//! The one window, which goes nowhere and opens nothing.

use cowork_workspace::Workspace;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Runtime, WebviewUrl, WebviewWindowBuilder};

use crate::{guard, webkit};

/// The main window's label.
pub(crate) const LABEL: &str = "main";

/// Opens the main window.
///
/// # Errors
/// When the system cannot open a window.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, workspace: Workspace) -> tauri::Result<()> {
    let title = app.package_info().name.clone();
    let title = app.config().product_name.clone().unwrap_or(title);
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title(title)
        .inner_size(1280.0, 832.0)
        .min_inner_size(480.0, 400.0)
        .on_navigation(|url| {
            let allowed = guard::is_own_page(url);
            if !allowed {
                tracing::warn!(
                    scheme = url.scheme(),
                    "a navigation away from the app was refused"
                );
            }
            allowed
        })
        .on_new_window(|url, _| {
            tracing::warn!(scheme = url.scheme(), "a new window was refused");
            NewWindowResponse::Deny
        })
        .on_page_load(move |_, load| {
            if load.event() == PageLoadEvent::Started {
                workspace.page_begins();
            }
        })
        // Files dropped on the page must not replace it, and nothing takes them yet.
        .disable_drag_drop_handler()
        .build()?;
    webkit::still_caret();
    Ok(())
}
