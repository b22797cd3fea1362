//! The one window, which goes nowhere and opens nothing.

use cowork_workspace::Workspace;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Manager as _, Runtime, WebviewUrl, WebviewWindowBuilder};

use crate::{guard, webkit};

/// The main window's label.
pub(crate) const LABEL: &str = "main";

/// Opens the main window.
///
/// # Errors
/// When the system cannot open a window.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, workspace: Workspace) -> tauri::Result<()> {
    let (percent, looked_at) = (workspace.settings().zoom, workspace.clone());
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title(title(app))
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
        // Else the toolkit takes what is dropped, and the page, which reads its bytes itself, never hears of it.
        .disable_drag_drop_handler()
        .build()?;
    zoom(app, percent)?;
    // Where the system does not say it is taken for looked at, which keeps quiet.
    looked_at.look(window.is_focused().unwrap_or(true));
    webkit::still_caret();
    Ok(())
}

/// What the window is called.
pub(crate) fn title<R: Runtime>(app: &AppHandle<R>) -> String {
    let name = app.package_info().name.clone();
    app.config().product_name.clone().unwrap_or(name)
}

/// Shows everything in the main window at so many percent of its size.
///
/// # Errors
/// When the webview cannot.
pub(crate) fn zoom<R: Runtime>(app: &AppHandle<R>, percent: u32) -> tauri::Result<()> {
    app.get_webview_window(LABEL)
        .map_or(Ok(()), |window| window.set_zoom(f64::from(percent) / 100.0))
}

/// Has the webview forget what it keeps of the page, such as what was used last in the palette.
pub(crate) fn forget_page<R: Runtime>(app: &AppHandle<R>) {
    let forgotten = app
        .get_webview_window(LABEL)
        .map_or(Ok(()), |window| window.clear_all_browsing_data());
    if let Err(error) = forgotten {
        // What was used last, what is folded and how it looks are all that it has; no words of a thread.
        tracing::warn!(%error, "the webview keeps what it has of the page");
    }
}

/// Brings the main window before the others, wherever it was put.
pub(crate) fn bring_to_front<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    // A desktop may refuse each of them; what it allows is done.
    let steps = [window.unminimize(), window.show(), window.set_focus()];
    for error in steps.into_iter().filter_map(Result::err) {
        tracing::debug!(%error, "bringing the window to the front");
    }
}
