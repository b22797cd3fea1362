//! The palette over a long list of threads.

use std::path::Path;

use anyhow::Context as _;
use cowork_brand::Places;
use cowork_store::{FolderKind, Store};
use serde_json::json;

use crate::harness::{App, Home, old_thread};
use crate::{figure, spread};

/// Threads there are.
const THREADS: i64 = 10_000;

/// How often it is opened.
const TIMES: usize = 40;

/// Opens it by its key; milliseconds to the frame after its rows are there. Then types a letter; milliseconds to the
/// frame after the rows that fit are there. Then closes it.
const OPEN: &str = "
  const [done] = arguments;
  const frame = (since, there, then) => {
    const look = () => (there() ? requestAnimationFrame(() => then(performance.now() - since)) : requestAnimationFrame(look));
    look();
  };
  const rows = (selector) => document.querySelector(`[data-testid=palette] [role=option] ${selector}`) !== null;
  const began = performance.now();
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'P', ctrlKey: true, shiftKey: true, bubbles: true, cancelable: true }));
  frame(began, () => rows('.palette-label'), (opened) => {
    const field = document.querySelector('[data-testid=palette-input]');
    const typed = performance.now();
    field.value = 't';
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    frame(typed, () => rows('mark'), (found) => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
      requestAnimationFrame(() => done([opened, found]));
    });
  });
";

/// Opens it over and over, and types a letter each time.
pub(crate) async fn palette() -> anyhow::Result<()> {
    let home = Home::new();
    let folder = home.folder("palette");
    fill(&home, &folder)?;
    let app = App::start("bench-palette", &home, &[&folder]).await;
    app.engine_ready().await;
    app.wait_for_text("[data-testid=session-row]", "Thread 0:").await;
    let mut opened = Vec::new();
    let mut found = Vec::new();
    for _ in 0..TIMES {
        let took = app.driver().execute_async(OPEN, json!([])).await?;
        let (open, find): (f64, f64) = serde_json::from_value(took).context("what the page measured")?;
        opened.push(open);
        found.push(find);
    }
    let first = opened.first().copied().unwrap_or_default();
    figure(
        &format!("open the palette over {THREADS} threads, p95"),
        "<= 50 ms",
        &format!("{} (the first {first:.0} ms)", spread(opened)),
    );
    figure("a letter in it, to the rows that fit, p95", "", &spread(found));
    app.close().await;
    Ok(())
}

/// Puts threads into the app's index, as if they had been had one an hour.
fn fill(home: &Home, folder: &Path) -> anyhow::Result<()> {
    const HOUR: i64 = 3_600_000;
    const LAST: i64 = 1_790_000_000_000;
    let data = home.data();
    std::fs::create_dir_all(&data)?;
    let database = Places::under(&data).context("a place of its own")?.database;
    let (store, _) = Store::open(&database, LAST)?;
    let folder = folder.canonicalize()?.display().to_string();
    let rows: Vec<_> = (0..THREADS)
        .map(|number| old_thread(number, folder.clone(), FolderKind::Project, LAST - number * HOUR))
        .collect();
    store.upsert_sessions(&rows)?;
    Ok(())
}
