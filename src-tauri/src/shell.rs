//! What only the system can do: its dialogs, its browser.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use cowork_api::{PickedFor, Shell, Subject};
use cowork_workspace::{OpenPreview, Tiding, Workspace};
use tauri::{AppHandle, Wry};
use url::Url;

use crate::notifications::Notifications;
use crate::preview::Previews;
use crate::window;

/// The desktop the app runs on.
pub(crate) struct DesktopShell {
    previews: Previews<Wry>,
    notifications: Notifications,
    app: AppHandle<Wry>,
}

impl DesktopShell {
    pub(crate) fn new(app: AppHandle<Wry>, workspace: Workspace) -> Self {
        let front = app.clone();
        // What is chosen on the desktop brings the window to the front, with the thread in it.
        let notifications = Notifications::new(window::title(&app), move |session| {
            window::bring_to_front(&front);
            workspace.show_session(session);
        });
        Self {
            previews: Previews::new(app.clone()),
            notifications,
            app,
        }
    }

    /// Whoever looks at the window needs no notification of what is in it.
    pub(crate) fn withdraw_notifications(&self) {
        self.notifications.withdraw_all();
    }
}

#[async_trait]
impl Shell for DesktopShell {
    async fn pick_folder(&self, purpose: PickedFor) -> Option<PathBuf> {
        let title = match purpose {
            PickedFor::Work => "Choose a folder to work in",
            PickedFor::Reading => "Choose a folder that commands may read",
            PickedFor::Changing => "Choose a folder that commands may read and change",
            PickedFor::Audit => "Choose where the audit log is written",
        };
        let dialog = rfd::AsyncFileDialog::new().set_title(title);
        let picked = dialog.pick_folder().await;
        picked.map(|folder| folder.path().to_owned())
    }

    async fn pick_files(&self) -> Vec<PathBuf> {
        let dialog = rfd::AsyncFileDialog::new().set_title("Choose files to attach");
        let picked = dialog.pick_files().await.unwrap_or_default();
        picked.iter().map(|file| file.path().to_owned()).collect()
    }

    fn open_link(&self, url: &Url) -> anyhow::Result<()> {
        Ok(open::that_detached(url.as_str())?)
    }

    fn open_folder(&self, folder: &Path) -> anyhow::Result<()> {
        Ok(open::that_detached(folder)?)
    }

    fn zoom(&self, percent: u32) -> anyhow::Result<()> {
        Ok(window::zoom(&self.app, percent)?)
    }

    async fn notify(&self, tiding: Tiding) -> anyhow::Result<()> {
        self.notifications.show(tiding).await
    }

    fn open_file(
        &self,
        file: &Path,
        line: Option<u32>,
        programs: &cowork_workspace::PersonPrograms,
    ) -> anyhow::Result<cowork_workspace::view::OpenedWhere> {
        crate::editor::open(file, line, programs)
    }

    fn show_preview(&self, preview: OpenPreview) -> anyhow::Result<()> {
        self.previews.show(preview)
    }

    fn leave(&self) {
        window::forget_page(&self.app);
        self.app.exit(0);
    }

    async fn agree(&self, subject: Subject, why: &str) -> bool {
        let (title, allow) = match subject {
            Subject::LocalNetwork => ("Send your work over the local network?", "Allow this address"),
            Subject::NoBox => ("Run commands without a box?", "Allow in this folder"),
            Subject::WiderBox => ("Open more to the agent's commands?", "Allow in this folder"),
            Subject::Bridge => ("Open your own configuration to the agent?", "Allow"),
            Subject::MachineHome => (
                "Let the engine live in your own OpenCode home?",
                "Use my OpenCode",
            ),
            Subject::RemoteAnswers => ("Let answers from elsewhere count?", "Let them count"),
            Subject::Everything => ("Delete everything this app keeps?", "Delete and close"),
        };
        let answer = rfd::AsyncMessageDialog::new()
            .set_level(rfd::MessageLevel::Warning)
            .set_title(title)
            .set_description(why)
            .set_buttons(rfd::MessageButtons::OkCancelCustom(allow.into(), "Cancel".into()))
            .show()
            .await;
        // The first button is told as what it is for on GTK, and by its words elsewhere.
        match answer {
            rfd::MessageDialogResult::Ok => true,
            rfd::MessageDialogResult::Custom(pressed) => pressed == allow,
            _ => false,
        }
    }
}

/// Says why the app cannot start, or what it could not do at its end, where a person looks: the terminal it was started
/// from, and a dialog where there is a display.
pub(crate) fn report_fatal(error: &anyhow::Error) {
    let text = cowork_redact::redact(&format!("{error:#}")).into_owned();
    tracing::error!(error = text, "the app failed at its start or end");
    // Without a terminal there is nobody to tell here.
    writeln!(std::io::stderr(), "{text}").ok();
    let display = cfg!(not(target_os = "linux"))
        || std::env::var_os("DISPLAY").is_some()
        || std::env::var_os("WAYLAND_DISPLAY").is_some();
    if display {
        rfd::MessageDialog::new()
            .set_level(rfd::MessageLevel::Error)
            .set_description(text)
            .show();
    }
}
