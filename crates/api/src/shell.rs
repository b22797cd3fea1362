//! What a shell around the app does for it.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use cowork_workspace::{OpenPreview, Tiding, view};

/// What only the system's shell around the app can do.
#[async_trait]
pub trait Shell: Send + Sync + 'static {
    /// Lets the person choose a folder in the system's own dialog, which says what for. None when they cancel.
    async fn pick_folder(&self, purpose: PickedFor) -> Option<PathBuf>;

    /// Lets the person choose files to attach in the system's own dialog. None when they cancel.
    async fn pick_files(&self) -> Vec<PathBuf>;

    /// Opens an address in the system's browser or mail program.
    ///
    /// # Errors
    /// When the system has no program for it.
    fn open_link(&self, url: &url::Url) -> anyhow::Result<()>;

    /// Opens a folder of the app's own in the system's file manager.
    ///
    /// # Errors
    /// When the system has no program for it.
    fn open_folder(&self, folder: &Path) -> anyhow::Result<()>;

    /// Shows everything in the main window at so many percent of its size.
    ///
    /// # Errors
    /// When the system's webview cannot.
    fn zoom(&self, percent: u32) -> anyhow::Result<()>;

    /// Has the desktop show news of a thread, in the place of what it shows of it.
    ///
    /// # Errors
    /// When the desktop shows no notifications.
    async fn notify(&self, tiding: Tiding) -> anyhow::Result<()>;

    /// Opens a file in an editor that is known and is the person's own by `programs`, at a line; or else shows the
    /// folder it is in. The file itself is never handed to the system, which may run it.
    ///
    /// # Errors
    /// When neither can be done.
    fn open_file(
        &self,
        file: &Path,
        line: Option<u32>,
        programs: &cowork_workspace::PersonPrograms,
    ) -> anyhow::Result<view::OpenedWhere>;

    /// Shows a server in a window of its own, which reaches it and nothing else; the one that shows it already comes to the
    /// front. The way to it closes with the window.
    ///
    /// # Errors
    /// When the system cannot show such a window.
    fn show_preview(&self, preview: OpenPreview) -> anyhow::Result<()>;

    /// Forgets what the webview keeps, and ends the app.
    fn leave(&self);

    /// Asks the person in the system's own dialog, which no page can answer; `why` says what they agree to and what
    /// that means. False when they do not agree.
    async fn agree(&self, subject: Subject, why: &str) -> bool;
}

/// What a person agrees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Their work goes to another machine of their network.
    LocalNetwork,
    /// Commands run without a box.
    NoBox,
    /// Commands of a folder reach more.
    WiderBox,
    /// The engine uses something of their own configuration.
    Bridge,
    /// The engine lives in their own home of it.
    MachineHome,
    /// Everything the app keeps is deleted.
    Everything,
    /// What people answer over a pairing counts without a word here.
    RemoteAnswers,
}

/// What becomes of a folder that a person picks. The dialog says it, because a page that was taken over could ask for one
/// thing and have another one done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickedFor {
    /// Agents work in it.
    Work,
    /// Commands of another folder read it.
    Reading,
    /// Commands of another folder read and change it.
    Changing,
    /// The audit of pairings is written there.
    Audit,
}
