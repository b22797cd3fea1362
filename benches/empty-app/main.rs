//! An app with nothing in it, built beside ours: the floor that start and memory are held against.

use std::io::Write as _;

use tauri::{WebviewUrl, WebviewWindowBuilder};

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                .inner_size(1280.0, 832.0)
                .on_document_title_changed(|_, title| {
                    if title == "ready" {
                        // The measurement waits for this line; a closed pipe means that nobody measures.
                        writeln!(std::io::stdout(), "ready").ok();
                    }
                })
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("benches/empty-app/tauri.conf.json"))
}
