//! What is measured inside the page: the gaps between its frames.

use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;

use crate::harness::App;

/// Writes down the time of each frame from now on. A frame that is late shows that the page did something else.
const RECORD: &str = "
  const frames = (window.__frames = { gaps: [], done: false });
  let last = performance.now();
  const frame = () => {
    const now = performance.now();
    frames.gaps.push(now - last);
    last = now;
    if (!frames.done) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return true;
";

/// Gaps between frames, milliseconds.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Gaps(Vec<f64>);

impl Gaps {
    pub(crate) async fn record(app: &App) -> anyhow::Result<()> {
        app.driver().execute(RECORD, json!([])).await.map(|_| ())
    }

    /// Ends the record and gives it.
    pub(crate) async fn take(app: &App) -> anyhow::Result<Self> {
        let script = "const { gaps } = window.__frames; window.__frames.done = true; return gaps;";
        let gaps = app.driver().execute(script, json!([])).await?;
        let mut gaps: Self = serde_json::from_value(gaps).context("the page's frames")?;
        gaps.0.sort_by(f64::total_cmp);
        Ok(gaps)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn longest(&self) -> f64 {
        self.0.last().copied().unwrap_or(0.0)
    }

    /// What so many of a hundred do not pass.
    pub(crate) fn at(&self, percent: usize) -> f64 {
        let place = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(place).copied().unwrap_or(0.0)
    }
}

/// Waits until a condition in the page holds, asking so seldom that it does not disturb what is measured.
pub(crate) async fn until(app: &App, what: &str, condition: &str, most: Duration) -> anyhow::Result<()> {
    let until = tokio::time::Instant::now() + most;
    loop {
        let held = app.driver().execute(condition, json!([])).await?;
        if held == json!(true) {
            return Ok(());
        }
        if tokio::time::Instant::now() >= until {
            // What the window shows instead says more than that it does not show this.
            app.picture_of("in-vain").await;
            anyhow::bail!("waited in vain for {what}");
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
