//! How WebKitGTK is started on Linux. Elsewhere the system's webview needs nothing.

/// The environment the webview's processes are started with, while it is being found out.
#[must_use = "the webview is not prepared before it is finished"]
pub(crate) struct Preparation {
    #[cfg(target_os = "linux")]
    trial: linux::Trial,
}

impl Preparation {
    /// Begins, in processes of their own and without a thread.
    pub(crate) fn begin() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            trial: linux::Trial::begin(),
        }
    }

    /// Waits for the outcome and sets the environment. To be called before a second thread exists.
    pub(crate) fn finish(self) {
        #[cfg(target_os = "linux")]
        self.trial.finish();
    }
}

/// Lets the caret stand still: for each time it blinks WebKit draws sixty frames a second for a while, which is most of what
/// an idle window costs. To be called on the main thread, once the toolkit runs.
pub(crate) fn still_caret() {
    #[cfg(target_os = "linux")]
    if let Some(settings) = gtk::Settings::default() {
        use gtk::prelude::GtkSettingsExt as _;
        // A caret that shall not blink is for WebKit one that blinks all the time, so it is one that blinks in weeks.
        settings.set_gtk_cursor_blink(true);
        settings.set_gtk_cursor_blink_time(i32::MAX);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};

    /// Puts WebKit's web process into its own sandbox where that works; see `SECURITY.md`.
    const SANDBOX: &str = "WEBKIT_FORCE_SANDBOX";

    /// Has WebKit paint with the processor. Where there is no graphics processor it would otherwise paint through one
    /// that a library imitates, which takes ten times as long.
    const PAINT_WITH_PROCESSOR: &str = "WEBKIT_SKIA_ENABLE_CPU_RENDERING";

    /// Has WebKit put the page together by itself instead of handing its layers to the graphics processor. Where that is
    /// imitated, too, each frame of a text that streams takes 50 ms, and 9 ms without.
    const COMPOSE_WITHOUT_LAYERS: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

    /// What WebKit's sandbox needs, each run once: WebKit ends the app when its sandbox cannot be made.
    pub(super) struct Trial {
        /// None when the sandbox is not to be switched on.
        running: Option<Vec<Child>>,
    }

    impl Trial {
        pub(super) fn begin() -> Self {
            // A person's own choice stands.
            let wanted = std::env::var_os(SANDBOX).is_none() && mounted_paths_exist();
            let isolated = [
                "--unshare-all",
                "--ro-bind",
                "/",
                "/",
                "--proc",
                "/proc",
                "--dev",
                "/dev",
                "true",
            ];
            let spawned = || -> std::io::Result<Vec<Child>> {
                let mut first = spawn("bwrap", &isolated)?;
                spawn("xdg-dbus-proxy", &["--version"])
                    // Waited for, so that it leaves no zombie.
                    .inspect_err(|_| drop(first.wait()))
                    .map(|second| vec![first, second])
            };
            Self {
                running: wanted.then(|| spawned().ok()).flatten(),
            }
        }

        pub(super) fn finish(self) {
            if !has_graphics_processor() {
                for choice in [PAINT_WITH_PROCESSOR, COMPOSE_WITHOUT_LAYERS] {
                    if std::env::var_os(choice).is_none() {
                        set(choice, "1");
                    }
                }
            }
            let Some(mut running) = self.running else { return };
            // Each is waited for, also after one has failed.
            let failed = running
                .iter_mut()
                .map(Child::wait)
                .filter(|ended| !ended.as_ref().is_ok_and(std::process::ExitStatus::success))
                .count();
            if failed == 0 {
                set(SANDBOX, "1");
            }
        }
    }

    /// Whether the system offers one to programs: a render node, or NVIDIA's own device.
    fn has_graphics_processor() -> bool {
        let is_render_node = |name: std::ffi::OsString| name.to_string_lossy().starts_with("renderD");
        let nodes = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
        std::env::var_os("LIBGL_ALWAYS_SOFTWARE").is_none()
            && (nodes.map(|node| node.file_name()).any(is_render_node) || Path::new("/dev/nvidia0").exists())
    }

    fn spawn(program: &str, arguments: &[&str]) -> std::io::Result<Child> {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }

    /// Variables whose paths WebKit mounts into its sandbox. It ends the app when one cannot be read.
    const MOUNTED: [&str; 8] = [
        "LD_LIBRARY_PATH",
        "GST_PLUGIN_PATH",
        "GST_PLUGIN_PATH_1_0",
        "GST_PLUGIN_SYSTEM_PATH",
        "GST_PLUGIN_SYSTEM_PATH_1_0",
        "GST_PLUGIN_SCANNER",
        "GST_REGISTRY",
        "GST_REGISTRY_1_0",
    ];

    fn mounted_paths_exist() -> bool {
        let readable = |path: PathBuf| path.as_os_str().is_empty() || matches!(path.try_exists(), Ok(true));
        let mounted = MOUNTED.iter().filter_map(std::env::var_os);
        mounted
            .flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>())
            .all(readable)
    }

    fn set(name: &str, value: &str) {
        // SAFETY: called before a second thread exists, so nothing reads the environment meanwhile.
        unsafe { std::env::set_var(name, value) };
    }
}
