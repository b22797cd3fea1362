//! How WebKitGTK is started on Linux. Elsewhere the system's webview needs nothing.

/// Prepares the environment the webview's processes are started with. To be called before anything else runs.
pub(crate) fn prepare() {
    #[cfg(target_os = "linux")]
    linux::prepare();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::PathBuf;
    use std::process::{Command, Stdio};

    /// Puts WebKit's web process into its own sandbox where that works; see `SECURITY.md`.
    const SANDBOX: &str = "WEBKIT_FORCE_SANDBOX";

    pub(super) fn prepare() {
        // A person's own choice stands.
        if std::env::var_os(SANDBOX).is_none() && sandbox_works() {
            set(SANDBOX, "1");
        }
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

    /// WebKit ends the app when its sandbox cannot be made, so what it needs is tried first.
    fn sandbox_works() -> bool {
        let mounted = MOUNTED.iter().filter_map(std::env::var_os);
        let readable = |path: PathBuf| path.as_os_str().is_empty() || matches!(path.try_exists(), Ok(true));
        if !mounted
            .flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>())
            .all(readable)
        {
            return false;
        }
        let runs = |program: &str, arguments: &[&str]| {
            Command::new(program)
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        };
        runs(
            "bwrap",
            &[
                "--unshare-all",
                "--ro-bind",
                "/",
                "/",
                "--proc",
                "/proc",
                "--dev",
                "/dev",
                "true",
            ],
        ) && runs("xdg-dbus-proxy", &["--version"])
    }

    fn set(name: &str, value: &str) {
        // SAFETY: called from `main` before a second thread exists, so nothing reads the environment meanwhile.
        unsafe { std::env::set_var(name, value) };
    }
}
