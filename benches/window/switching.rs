//! Going from one thread to another.

use crate::harness::{App, Home};
use crate::scenarios::{indexed, open};
use crate::seed::{self, Wanted};
use crate::{figure, spread};

/// Threads somebody goes back and forth between on a day.
const THREADS: u64 = 8;

/// Messages of each.
const MESSAGES: usize = 400;

/// How often each is opened again.
const ROUNDS: usize = 10;

/// Opens threads one after the other, first those that are read from the engine, then those that were open before.
pub(crate) async fn switching() -> anyhow::Result<()> {
    let home = Home::new();
    let folder = home.folder("switch");
    let titles: Vec<_> = (1..=THREADS).map(|number| format!("Seeded {number}")).collect();
    for (number, title) in (1..).zip(&titles) {
        let wanted = Wanted {
            number,
            title,
            folder: &folder,
            messages: MESSAGES,
            outputs: Vec::new(),
        };
        seed::import(&home, &wanted)?;
    }
    let app = App::start("bench-switch", &home, &[&folder]).await;
    app.engine_ready().await;
    indexed(&app).await?;
    let mut first = Vec::new();
    for title in &titles {
        first.push(open(&app, title).await?);
    }
    let mut again = Vec::new();
    for _ in 0..ROUNDS {
        for title in &titles {
            again.push(open(&app, title).await?);
        }
    }
    figure(
        &format!("go to one of {THREADS} threads that was open before, p95"),
        "<= 50 ms",
        &spread(again),
    );
    figure(
        "go to one for the first time in this run, p95",
        "",
        &spread(first),
    );
    app.close().await;
    Ok(())
}
