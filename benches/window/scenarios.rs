//! What is done with the app while it is measured.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::figure;
use crate::harness::{App, Home, scripted};
use crate::page::{Gaps, until};
use crate::palette::palette;
use crate::processes::{self, Memory};
use crate::seed::{self, LAST_WORDS, Wanted};
use crate::switching::switching;

/// Messages of a long conversation.
const LONG: usize = 10_000;

/// Nothing that is measured takes this long; it ends a run that hangs.
const PATIENCE: Duration = Duration::from_mins(10);

/// The conversation's place on the screen.
const PLACE: &str = ".transcript-place .scroll";

/// Runs the scenarios that are named, or all; how many failed.
pub(crate) async fn run(wanted: &[String]) -> usize {
    let mut failed = 0;
    for name in ["long", "burst", "pace", "outputs", "palette", "switch", "hour"] {
        if !wanted.is_empty() && !wanted.iter().any(|word| word == name) {
            continue;
        }
        let outcome = match name {
            "long" => long().await,
            "burst" => burst().await,
            "pace" => pace().await,
            "outputs" => outputs().await,
            "palette" => palette().await,
            "switch" => switching().await,
            _ => hour().await,
        };
        if let Err(error) = outcome {
            println!("{name} failed: {error:#}");
            failed += 1;
        }
    }
    failed
}

/// Opens conversations of 10,000 messages, and scrolls through one from its end to its beginning and back.
async fn long() -> anyhow::Result<()> {
    const CONVERSATIONS: u64 = 3;
    let home = Home::new();
    let folder = home.folder("long");
    let titles: Vec<_> = (1..=CONVERSATIONS)
        .map(|number| format!("Seeded {number}"))
        .collect();
    for (number, title) in (1..).zip(&titles) {
        let wanted = Wanted {
            number,
            title,
            folder: &folder,
            messages: LONG,
            outputs: Vec::new(),
        };
        seed::import(&home, &wanted)?;
    }
    let app = App::start("bench-long", &home, &[&folder]).await;
    app.engine_ready().await;
    indexed(&app).await?;
    for title in &titles {
        let took = open(&app, title).await?;
        figure(
            &format!("open {LONG} messages, to the last page"),
            "<= 300 ms",
            &format!("{took:.0} ms"),
        );
    }
    for title in &titles {
        let took = open(&app, title).await?;
        figure("the same again", "", &format!("{took:.0} ms"));
    }
    for (way, sign, sought) in [
        ("back to the beginning", -1, "Message 0."),
        ("forth to the end", 1, LAST_WORDS),
    ] {
        let gaps = scroll(&app, sign, sought).await?;
        figure(
            &format!("scroll {way}: gap between frames, p99"),
            "<= 50 ms",
            &format!(
                "{:.0} ms (p95 {:.0}, longest {:.0}, {} frames)",
                gaps.at(99),
                gaps.at(95),
                gaps.longest(),
                gaps.count()
            ),
        );
    }
    app.close().await;
    Ok(())
}

/// Waits until everything the engine holds was read into the index: that goes on beside a person's work, but not beside
/// a measurement.
pub(crate) async fn indexed(app: &App) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let report = app
            .invoke("storage_report", Value::Null)
            .await
            .map_err(|failure| anyhow::anyhow!("the report: {failure}"))?;
        if report["threads"].as_u64() > Some(0) && report["unread"] == json!(0) {
            return Ok(());
        }
        ensure!(
            tokio::time::Instant::now() < deadline,
            "the index is never complete: {report}"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Opens a conversation by its row. Milliseconds from the click to the frame after its last words stand at the end of
/// the screen.
pub(crate) async fn open(app: &App, title: &str) -> anyhow::Result<f64> {
    let script = "
      const [title, words, where, done] = arguments;
      const row = [...document.querySelectorAll('[data-testid=session-row]')].find((row) => row.textContent.includes(title));
      if (!row) return done(null);
      const began = performance.now();
      row.click();
      // What was there when a frame began, and stands where it belongs once that was drawn, was drawn with it. A frame
      // is over before the next one begins, and before what waits for it is told.
      let waits = false;
      let over = false;
      const drawn = new MessageChannel();
      const ended = () => {
        const place = document.querySelector(where);
        if (over || !waits || place.scrollHeight - place.scrollTop - place.clientHeight > 1) return;
        over = true;
        done(performance.now() - began);
      };
      drawn.port1.onmessage = ended;
      const look = () =>
        requestAnimationFrame(() => {
          ended();
          if (over) return;
          waits = document.querySelector(where)?.textContent.includes(words) ?? false;
          drawn.port2.postMessage(null);
          look();
        });
      look();
    ";
    let words = format!("{LAST_WORDS} of {title}.");
    until(
        app,
        "the row",
        &format!(
            "return document.querySelector('nav, .nav--threads')?.textContent.includes({}) ?? false",
            json!(title)
        ),
        PATIENCE,
    )
    .await?;
    let took = app
        .driver()
        .execute_async(script, json!([title, words, PLACE]))
        .await?;
    took.as_f64().context("there is no row of that title")
}

/// Scrolls as fast as a wheel that is spun until words are seen at that end.
async fn scroll(app: &App, sign: i32, sought: &str) -> anyhow::Result<Gaps> {
    let script = "
      const [where, sign, sought] = arguments;
      const place = document.querySelector(where);
      const state = (window.__scroll = { done: false });
      const step = () => {
        const before = place.scrollTop;
        place.scrollTop = before + sign * 240;
        if (place.scrollTop === before && place.textContent.includes(sought)) { state.done = true; return; }
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
      return true;
    ";
    Gaps::record(app).await?;
    app.driver().execute(script, json!([PLACE, sign, sought])).await?;
    until(app, sought, "return window.__scroll.done", PATIENCE).await?;
    Gaps::take(app).await
}

/// So many deltas of one answer, in paragraphs, as fast as the engine takes them. Each word says which it is.
fn deltas(paragraphs: usize, words: u32) -> Vec<Action> {
    let paragraph = |place| {
        let burst = Action::Burst {
            count: words,
            text: format!("p{place}w{{{{index}}}} "),
        };
        [burst, Action::text("\n\n")]
    };
    (0..paragraphs)
        .flat_map(paragraph)
        .chain([Action::text("All was said.")])
        .collect()
}

/// 40,000 deltas at once.
async fn burst() -> anyhow::Result<()> {
    const PARAGRAPHS: usize = 400;
    const WORDS: u32 = 100;
    let home = Home::new();
    let folder = home.folder("burst");
    let app = App::start("bench-burst", &home, &[&folder]).await;
    app.engine_ready().await;
    app.send(&scripted("Say it at once", [deltas(PARAGRAPHS, WORDS)]))
        .await;
    Gaps::record(&app).await?;
    said(&app, "All was said.").await?;
    let gaps = Gaps::take(&app).await?;
    figure(
        "burst of 40,000 deltas: longest gap between frames",
        "<= 100 ms",
        &format!(
            "{:.0} ms (p99 {:.0}, {} frames)",
            gaps.longest(),
            gaps.at(99),
            gaps.count()
        ),
    );
    let missing = missing(&app, PARAGRAPHS, WORDS).await?;
    figure("the same: words missing on the screen", "0", &missing.to_string());
    ensure!(missing == 0, "{missing} words are not on the screen");
    app.close().await;
    Ok(())
}

/// Waits until a turn said its last words and no turn runs.
async fn said(app: &App, words: &str) -> anyhow::Result<()> {
    let script = format!(
        "return !document.querySelector('[data-testid=composer-stop]') && (document.querySelector('{PLACE}')?.textContent ?? '').includes({})",
        json!(words)
    );
    until(app, words, &script, PATIENCE).await
}

/// Reads the answer from its end to its beginning on the screen; how many of its words were never there.
async fn missing(app: &App, paragraphs: usize, words: u32) -> anyhow::Result<usize> {
    let script = "
      const [where] = arguments;
      const place = document.querySelector(where);
      const state = (window.__seen = { done: false, words: new Set() });
      const step = () => {
        for (const [word] of place.textContent.matchAll(/p\\d+w\\d+/g)) state.words.add(word);
        const before = place.scrollTop;
        place.scrollTop = before - 400;
        if (place.scrollTop === before) { state.done = true; return; }
        requestAnimationFrame(() => requestAnimationFrame(step));
      };
      step();
      return true;
    ";
    app.driver().execute(script, json!([PLACE])).await?;
    until(
        app,
        "the beginning of the answer",
        "return window.__seen.done",
        PATIENCE,
    )
    .await?;
    let seen = app
        .driver()
        .execute("return window.__seen.words.size", json!([]))
        .await?;
    let wanted = paragraphs * usize::try_from(words).unwrap_or(0);
    let seen = seen
        .as_u64()
        .and_then(|seen| usize::try_from(seen).ok())
        .context("a count")?;
    Ok(wanted.saturating_sub(seen))
}

/// 200 tokens a second for half a minute.
async fn pace() -> anyhow::Result<()> {
    const TOKENS: usize = 6_000;
    let home = Home::new();
    let folder = home.folder("pace");
    let app = App::start("bench-pace", &home, &[&folder]).await;
    app.engine_ready().await;
    let mut text = String::new();
    for token in 0..TOKENS {
        text.push_str(if token % 90 == 89 { "end.\n\n" } else { "word, " });
    }
    text.push_str("All was said.");
    app.send(&scripted("Say it evenly", [vec![Action::paced_text(text, 5, 6)]]))
        .await;
    Gaps::record(&app).await?;
    said(&app, "All was said.").await?;
    let gaps = Gaps::take(&app).await?;
    let health = app
        .invoke("engine_health", Value::Null)
        .await
        .map_err(|failure| anyhow::anyhow!("the health: {failure}"))?;
    let delay = &health["screenDelay"];
    figure(
        "200 tokens/s: engine's bytes read -> frame begun, p95",
        "<= 33 ms",
        &format!(
            "{} ms (median {}, p99 {}, {} reads)",
            delay["most"], delay["median"], delay["nearlyAll"], delay["reads"]
        ),
    );
    figure(
        "the same: gap between frames, p99",
        "",
        &format!("{:.0} ms (longest {:.0})", gaps.at(99), gaps.longest()),
    );
    app.close().await;
    Ok(())
}

/// 5 MB that a command printed, and 1 MB of JSON in a single line.
async fn outputs() -> anyhow::Result<()> {
    let home = Home::new();
    let folder = home.folder("outputs");
    let lines: Vec<_> = (0..110_000)
        .map(|line| format!("line {line} of a log that a test run has written\n"))
        .collect();
    let items: Vec<_> = (0..30_000)
        .map(|item| format!("{{\"id\":{item},\"name\":\"item {item}\"}}"))
        .collect();
    let json_line = format!("[{}]", items.join(","));
    let title = "Seeded outputs";
    let kinds = [
        ("5 MB of lines", lines.concat()),
        ("1 MB of JSON in one line", json_line),
    ];
    for (number, (what, output)) in (1..).zip(kinds) {
        let title = format!("{title} {number}");
        let bytes = output.len();
        let wanted = Wanted {
            number,
            title: &title,
            folder: &folder,
            messages: 8,
            outputs: vec![output],
        };
        seed::import(&home, &wanted)?;
        output_of(
            &home,
            &folder,
            &title,
            &format!("{what} ({:.1} MB)", bytes_as_megabytes(bytes)),
        )
        .await?;
    }
    Ok(())
}

fn bytes_as_megabytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6
}

/// Opens the last command of a conversation and everything it printed.
async fn output_of(home: &Home, folder: &Path, title: &str, what: &str) -> anyhow::Result<()> {
    let app = App::start("bench-outputs", home, &[folder]).await;
    app.engine_ready().await;
    open(&app, title).await?;
    let expand = "
      const state = (window.__expand = { done: false, height: 0 });
      const tool = [...document.querySelectorAll('[data-testid=tool]')].at(-1);
      tool.querySelector('button').click();
      // All of it is asked for, and then read to its end as fast as a wheel that is spun.
      let all = false;
      let quiet = 0;
      const step = () => {
        const button = tool.querySelector('[data-testid=output-all]');
        const place = tool.querySelector('[data-testid=output-pages]');
        if (!all && button) { button.click(); all = true; }
        if (all && place) {
          const before = place.scrollTop;
          place.scrollTop = before + 2_000;
          quiet = place.scrollTop === before ? quiet + 1 : 0;
          state.height = place.scrollHeight;
        }
        if (quiet > 60) { state.done = true; return; }
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
      return true;
    ";
    Gaps::record(&app).await?;
    app.driver().execute(expand, json!([])).await?;
    until(&app, "all of the output", "return window.__expand.done", PATIENCE).await?;
    let gaps = Gaps::take(&app).await?;
    let height = app
        .driver()
        .execute("return window.__expand.height", json!([]))
        .await?;
    figure(
        &format!("{what}, opened and read to its end: longest gap"),
        "<= 100 ms",
        &format!(
            "{:.0} ms (p99 {:.0}, {} frames, {height} pixels high)",
            gaps.longest(),
            gaps.at(99),
            gaps.count()
        ),
    );
    app.close().await;
    Ok(())
}

/// What an hour of 200 tokens a second brings, faster: 720,000 deltas in 60 turns of one conversation; then nothing.
async fn hour() -> anyhow::Result<()> {
    const TURNS: usize = 60;
    const FIRST: usize = TURNS / 12;
    let home = Home::new();
    let folder = home.folder("hour");
    let app = App::start("bench-hour", &home, &[&folder]).await;
    app.engine_ready().await;
    let mut twelfths = Vec::new();
    for turn in 1..=TURNS {
        let mut actions = deltas(120, 100);
        let last = format!("All of turn {turn} was said.");
        actions.push(Action::text(format!(" {last}")));
        app.send(&scripted("Go on", [actions])).await;
        said(&app, &last).await?;
        if turn % FIRST == 0 {
            twelfths.push(settled_memory(&app).await);
        }
    }
    let (Some(first), Some(end)) = (twelfths.first(), twelfths.last()) else {
        anyhow::bail!("nothing was streamed")
    };
    figure(
        "memory after an hour's streaming, against its first twelfth",
        "<= 1.10",
        &format!(
            "{:.2} ({:.0} -> {:.0} MB)",
            end.all / first.all,
            first.all,
            end.all
        ),
    );
    let each: Vec<_> = twelfths
        .iter()
        .map(|memory| format!("{:.0}+{:.0}", memory.app, memory.webview))
        .collect();
    figure(
        "the same, without what is mapped from files",
        "",
        &format!(
            "{:.2} (MB of the app and of its webview by twelfths: {})",
            end.own() / first.own(),
            each.join(" ")
        ),
    );
    let usage = processes::usage(&processes::of(app.process()), Duration::from_secs(30)).await;
    figure(
        "idle: processor of window and webview",
        "< 0.5 %",
        &format!("{usage:.2} % of a core over 30 s"),
    );
    app.close().await;
    Ok(())
}

/// The memory once the collectors of the page and the allocators had time.
async fn settled_memory(app: &App) -> Memory {
    tokio::time::sleep(Duration::from_secs(5)).await;
    processes::memory(&processes::of(app.process()))
}
