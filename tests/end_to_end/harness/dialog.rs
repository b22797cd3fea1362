//! The system's own dialogs, answered as a person answers them.

use std::process::Command;
use std::time::Duration;

/// Runs xdotool, and gives what it says.
pub(crate) fn xdotool(arguments: &[&str]) -> String {
    let done = Command::new("xdotool").args(arguments).output();
    let done = done.expect("xdotool can be run");
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// The dialogs of a title that stand on the screen, by their windows.
pub(crate) fn dialogs(title: &str) -> Vec<String> {
    let found = xdotool(&["search", "--onlyvisible", "--name", title]);
    found.lines().map(str::to_owned).collect()
}

/// Waits for a dialog that takes the keys, and gives its window.
pub(crate) async fn dialog(title: &str) -> String {
    let window = stand(title, 1).await.remove(0);
    // It is laid out once it is on the screen.
    tokio::time::sleep(Duration::from_millis(500)).await;
    xdotool(&["windowfocus", "--sync", &window]);
    window
}

/// Waits for so many dialogs of a title, and gives their windows.
pub(crate) async fn stand(title: &str, count: usize) -> Vec<String> {
    let until = tokio::time::Instant::now() + Duration::from_mins(1);
    loop {
        let found = dialogs(title);
        if found.len() == count {
            return found;
        }
        assert!(tokio::time::Instant::now() < until, "dialogs: {found:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Presses the first of the two buttons, which share the lower edge of the dialog.
pub(crate) fn agree(dialog: &str) {
    let geometry = xdotool(&["getwindowgeometry", "--shell", dialog]);
    let length = |name: &str| -> u32 {
        let line = geometry.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|length| length.parse().ok())
            .expect("a window has a size")
    };
    let (x, y) = (length("WIDTH=") / 4, length("HEIGHT=") - 16);
    let (x, y) = (x.to_string(), y.to_string());
    xdotool(&["mousemove", "--window", dialog, &x, &y, "click", "1"]);
}
