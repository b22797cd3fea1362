//! Windows that show what an agent's command serves.
//!
//! What is shown was written by a model. Such a window has no capability, so none of the app's commands answers it; all
//! its requests go through a proxy of its own that leads to the one server (`cowork-preview`); it keeps nothing, opens
//! nothing, saves nothing, goes nowhere else, and its title is ours.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cowork_workspace::OpenPreview;
use tauri::{AppHandle, Manager as _, Runtime, WebviewWindow};
#[cfg(target_os = "linux")]
use tauri::{
    Url, WebviewUrl, WebviewWindowBuilder, WindowEvent,
    webview::{DownloadEvent, NewWindowResponse},
};

/// What the label of each begins with. No capability names one.
pub const LABEL: &str = "preview-";

/// A person looks at fewer; a page that found a way to ask for more gets none.
const MOST: usize = 8;

/// A window that does not take its settings within this is not shown anything.
#[cfg(target_os = "linux")]
const HOLDING: std::time::Duration = std::time::Duration::from_secs(10);

/// Open windows by label, each with the way that closes with it.
type Open = Arc<Mutex<HashMap<String, OpenPreview>>>;

fn locked(open: &Open) -> MutexGuard<'_, HashMap<String, OpenPreview>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All of them.
pub(crate) struct Previews<R: Runtime> {
    app: AppHandle<R>,
    open: Open,
    last: Mutex<u64>,
}

impl<R: Runtime> Previews<R> {
    pub(crate) fn new(app: AppHandle<R>) -> Self {
        Self {
            app,
            open: Open::default(),
            last: Mutex::default(),
        }
    }

    /// Shows a server, in the window that shows it already where there is one.
    ///
    /// # Errors
    /// When there are too many, or the system can show none.
    pub(crate) fn show(&self, preview: OpenPreview) -> anyhow::Result<()> {
        // Held until it is there: whoever asks meanwhile finds it, and it counts.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((window, known)) = self.shown(&preview) {
            // Who asks for it again may have led it elsewhere.
            window.navigate(known.parse()?)?;
            window.unminimize()?;
            window.set_focus()?;
            return Ok(());
        }
        anyhow::ensure!(
            locked(&self.open).len() < MOST,
            "there are {MOST} already; close one of them"
        );
        *last += 1;
        self.build(format!("{LABEL}{last}"), preview)
    }

    /// The window that shows the same server, and its address.
    fn shown(&self, preview: &OpenPreview) -> Option<(WebviewWindow<R>, String)> {
        let open = locked(&self.open);
        let (label, known) = open
            .iter()
            .find(|(_, known)| known.folder() == preview.folder() && known.port() == preview.port())?;
        Some((self.app.get_webview_window(label)?, known.address()))
    }

    #[cfg(target_os = "linux")]
    fn build(&self, label: String, preview: OpenPreview) -> anyhow::Result<()> {
        let address: Url = preview.address().parse()?;
        let proxy: Url = preview.proxy().parse()?;
        let host = preview.host().to_owned();
        // It shows nothing before it is known to hold what it shows.
        let blank: Url = "about:blank".parse()?;
        let window = WebviewWindowBuilder::new(&self.app, &label, WebviewUrl::External(blank))
            .title(title(&preview, true))
            .inner_size(1024.0, 768.0)
            .min_inner_size(320.0, 240.0)
            .proxy_url(proxy)
            .incognito(true)
            .devtools(cfg!(debug_assertions))
            .on_navigation(move |url| {
                let allowed = may_show(url, &host);
                if !allowed {
                    tracing::info!(scheme = url.scheme(), "a previewed page was not led elsewhere");
                }
                allowed
            })
            .on_new_window(|_, _| {
                tracing::info!("a previewed page opened no window");
                NewWindowResponse::Deny
            })
            .on_download(|_, event| {
                if let DownloadEvent::Requested { .. } = event {
                    tracing::info!("a previewed page saved nothing");
                }
                false
            })
            .build()?;
        if let Err(error) = hold(&window) {
            window.destroy()?;
            return Err(error.context("its page cannot be held"));
        }
        window.navigate(address)?;
        let watched = tauri::async_runtime::spawn(follow(window.clone(), titles(&preview), preview.watch()));
        locked(&self.open).insert(label.clone(), preview);
        let open = Arc::clone(&self.open);
        window.on_window_event(move |event| {
            if let WindowEvent::Destroyed = event {
                watched.abort();
                drop(locked(&open).remove(&label));
            }
        });
        Ok(())
    }

    /// There the window's engine reaches this machine beside the proxy, or is given no proxy. Boxes that serve something
    /// do not exist there yet either.
    #[cfg(not(target_os = "linux"))]
    fn build(&self, _label: String, _preview: OpenPreview) -> anyhow::Result<()> {
        anyhow::bail!("this system cannot keep a page to its server yet")
    }
}

/// Takes from a page what would let it pass for something else or look around: the whole screen, on which it could draw the
/// app or the system's dialogs without our title; cameras and microphones; the pointer and whatever else is asked for.
#[cfg(target_os = "linux")]
fn hold<R: Runtime>(window: &WebviewWindow<R>) -> anyhow::Result<()> {
    use webkit2gtk::{PermissionRequestExt as _, SettingsExt as _, WebViewExt as _};

    let (held, holds) = std::sync::mpsc::channel();
    window.with_webview(move |webview| {
        let view = webview.inner();
        let settings = view.settings();
        if let Some(settings) = &settings {
            settings.set_enable_fullscreen(false);
            settings.set_enable_media_stream(false);
            settings.set_enable_webrtc(false);
        }
        view.connect_permission_request(|_, request| {
            request.deny();
            tracing::info!("a previewed page was not allowed what it asked for");
            true
        });
        // Nobody listens any more when it took too long.
        held.send(settings.is_some()).ok();
    })?;
    let is_held = holds.recv_timeout(HOLDING).unwrap_or_default();
    anyhow::ensure!(is_held, "the webview did not take its settings");
    Ok(())
}

/// What a preview's window may be led to, in a frame of it too.
#[cfg(target_os = "linux")]
fn may_show(url: &Url, host: &str) -> bool {
    match url.scheme() {
        "http" => url.host_str() == Some(host),
        // What a page makes of itself, which reaches what the page does.
        "about" | "blob" | "data" => true,
        _ => false,
    }
}

/// While something serves, and after it ended.
#[cfg(target_os = "linux")]
fn titles(preview: &OpenPreview) -> [String; 2] {
    [title(preview, true), title(preview, false)]
}

/// No page can say it: where it comes from is in sight whatever it shows.
#[cfg(target_os = "linux")]
fn title(preview: &OpenPreview, serves: bool) -> String {
    let (label, port) = (preview.label(), preview.port());
    let what = if serves {
        "what an agent's command serves"
    } else {
        "the command has ended"
    };
    format!("Preview — {label} :{port} — {what}")
}

/// Says in the title whether something serves, and shows that it ended.
#[cfg(target_os = "linux")]
async fn follow<R: Runtime>(
    window: WebviewWindow<R>,
    [serving, ended]: [String; 2],
    mut watch: cowork_workspace::PreviewWatch,
) {
    let mut was_served = false;
    while let Some(serves) = watch.changed().await {
        let shown = window.set_title(if serves { &serving } else { &ended });
        // What is shown is of a server that is gone. The page that says so waits for it at the same address.
        let shown = shown.and_then(|()| {
            if was_served && !serves {
                window.reload()
            } else {
                Ok(())
            }
        });
        if let Err(error) = shown {
            tracing::warn!(%error, "a preview cannot be told of its server");
        }
        was_served = serves;
    }
}

/// Closes all of them: they do not outlive the window they were opened from.
pub(crate) fn close_all<R: Runtime>(app: &AppHandle<R>) {
    for (label, window) in app.webview_windows() {
        if label.starts_with(LABEL)
            && let Err(error) = window.destroy()
        {
            tracing::warn!(%error, "a preview was not closed");
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_led_to_its_own_host_and_nowhere_else() {
        let host = "0123.preview.localhost";
        let may = |url: &str| may_show(&Url::parse(url).unwrap(), host);
        for own in [
            "http://0123.preview.localhost:5173/a?b#c",
            "about:blank",
            "about:srcdoc",
            "blob:http://0123.preview.localhost:5173/1",
            "data:text/html,hi",
        ] {
            assert!(may(own), "{own}");
        }
        for foreign in [
            "https://0123.preview.localhost:5173/",
            "http://preview.localhost/",
            "http://x.0123.preview.localhost/",
            "http://localhost:5173/",
            "http://127.0.0.1/",
            "https://example.org/",
            "tauri://localhost/",
            "ipc://localhost/",
            "file:///etc/passwd",
            "mailto:a@example.org",
        ] {
            assert!(!may(foreign), "{foreign}");
        }
    }
}
