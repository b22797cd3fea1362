//! An app with nothing in it, built beside ours: the floor that start and memory are held against.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use tauri::{WebviewUrl, WebviewWindowBuilder};

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                .inner_size(1280.0, 832.0)
                .on_document_title_changed(|_, title| {
                    if title == "ready" {
                        let now = SystemTime::now().duration_since(UNIX_EPOCH);
                        // The measurement reads this line; a closed pipe means that nobody measures.
                        writeln!(std::io::stdout(), "ready {}", now.unwrap_or_default().as_millis()).ok();
                    }
                })
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("benches/empty-app/tauri.conf.json"))
}
