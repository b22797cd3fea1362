//! Outputs of megabytes: all of them can be read, and reading them does not hold the window up.

#![expect(clippy::print_stdout, reason = "its figures are read with --no-capture")]

use std::time::Duration;

use cowork_scripted_model::Action;
use serde_json::{Value, json};

use crate::harness::{App, Home, scripted};

/// Writes down the time between frames from now on.
const WATCH: &str = r"
    window.__frames = [];
    let last = performance.now();
    const frame = (now) => {
        window.__frames.push(now - last);
        last = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return true";

/// What was written down since the last time.
const TAKE: &str = r"
    const frames = window.__frames.splice(0).sort((left, right) => left - right);
    const at = (share) => Math.round(frames[Math.min(Math.floor(frames.length * share), frames.length - 1)] ?? 0);
    return { frames: frames.length, half: at(0.5), p90: at(0.9), p99: at(0.99), longest: at(1) }";

/// Scrolls through all of an output as fast as its pages come, and adds up the text of each page once, in order.
const READ: &str = r"
    const place = document.querySelector('[data-testid=output-pages]');
    const read = (window.__read = { pages: 0, length: 0, hash: 0x811c9dc5, end: '', done: false, most: 0 });
    const take = () => {
        const drawn = [...place.querySelectorAll('[data-page]')];
        read.most = Math.max(read.most, place.getElementsByTagName('*').length);
        for (let more = true; more; ) {
            more = false;
            const page = drawn.find((element) => Number(element.dataset.page) === read.pages);
            const pre = page && page.querySelector('pre');
            if (!pre) continue;
            for (const node of pre.childNodes) {
                if (node.className === 'goes-on') continue;
                const text = node.textContent;
                for (let at = 0; at < text.length; at += 1) read.hash = Math.imul(read.hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
                read.length += text.length;
                read.end = (read.end + text).slice(-80);
            }
            read.pages += 1;
            more = true;
        }
        const next = drawn.find((element) => Number(element.dataset.page) === read.pages);
        if (next) place.scrollTop += Math.max(next.getBoundingClientRect().top - place.getBoundingClientRect().top, 0);
        else if (place.scrollTop + place.clientHeight >= place.scrollHeight - 1) return void (read.done = true);
        else place.scrollTop += Math.max(drawn.at(-1).getBoundingClientRect().bottom - place.getBoundingClientRect().top - place.clientHeight, place.clientHeight);
        requestAnimationFrame(take);
    };
    requestAnimationFrame(take);
    return true";

/// The same sum as in the page, over ASCII.
fn sum(text: &str) -> u64 {
    let sum = text.bytes().fold(0x811c_9dc5_u32, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    u64::from(sum)
}

impl App {
    async fn page(&self, script: &str) -> Value {
        self.driver()
            .execute(script, json!([]))
            .await
            .expect("the page can be read")
    }

    /// Runs a command, opens what it printed to its last page and holds that all of it is there.
    async fn opens(&mut self, what: &str, command: &str, printed: &str) {
        self.send(&scripted(
            what,
            [
                vec![Action::tool(
                    "bash",
                    json!({ "command": command, "description": "as told" }),
                )],
                vec![Action::text("Printed.")],
            ],
        ))
        .await;
        self.answer("allow-once").await;
        self.wait_for_text("[data-testid=prose]", "Printed.").await;
        self.idle().await;
        // What the machine does to frames while there is nothing to do, to hold the other figures against.
        self.page(WATCH).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let idle = self.page(TAKE).await;
        self.click("[data-testid=tool][data-shape=shell] .tool-toggle")
            .await;
        // Counted over all of it, not over what the engine passed on.
        let lines = printed.lines().count();
        let size = format!(
            "{} line",
            if lines == 1 {
                "1".to_owned()
            } else {
                format!("{},{:03}", lines / 1000, lines % 1000)
            }
        );
        self.wait_for_text("[data-testid=output-size]", &size).await;
        self.picture_of("beginning").await;
        self.page("[...document.querySelectorAll('.output-foot button')].find((one) => one.textContent.startsWith('Show')).click(); return true").await;
        self.wait_for(".output--long pre").await;
        let opening = self.page(TAKE).await;
        self.page(READ).await;
        // Hundreds of pages take some frames each, and a machine that does other work draws few of them.
        for _ in 0..2_400 {
            if self.page("return window.__read.done").await == json!(true) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let read = self.page("return window.__read").await;
        let reading = self.page(TAKE).await;
        println!(
            "{what}: {} bytes in {} pages, at most {} elements",
            printed.len(),
            read["pages"],
            read["most"]
        );
        for (when, frames) in [("idle", idle), ("opening", opening), ("reading", reading)] {
            println!("{when}: time between frames in milliseconds {frames}");
        }
        self.picture_of("end").await;
        assert_eq!(read["length"].as_u64(), Some(printed.len() as u64), "{read}");
        assert_eq!(read["hash"].as_u64(), Some(sum(printed)), "{read}");
        assert!(read["most"].as_u64().is_some_and(|most| most < 20_000), "{read}");
    }
}

#[tokio::test]
async fn five_megabytes_in_colours_are_read_to_their_end() {
    let home = Home::new();
    let folder = home.folder("output");
    let mut app = App::start("long-output", &home, &[&folder]).await;
    // The engine loses what a command printed last when it ends before that was read; so it waits.
    let command = r#"awk 'BEGIN { for (i = 0; i < 80000; i++) printf "\033[3%dmline %06d\033[0m of a build that has a good deal to say for itself\n", i % 7 + 1, i }'; sleep 3"#;
    let printed: Vec<_> = (0..80_000)
        .map(|index| format!("line {index:06} of a build that has a good deal to say for itself\n"))
        .collect();
    let printed = printed.concat();
    app.opens("Print five megabytes", command, &printed).await;
    app.close().await;
}

#[tokio::test]
async fn a_line_of_a_megabyte_is_read_to_its_end() {
    let home = Home::new();
    let folder = home.folder("line");
    let items: Vec<_> = (0..45_000)
        .map(|index| format!("{{\"id\":{index},\"value\":true}}"))
        .collect();
    let json = format!("{{\"items\":[{}]}}", items.join(","));
    std::fs::write(folder.join("data.json"), &json).expect("the folder can be written");
    let mut app = App::start("long-line", &home, &[&folder]).await;
    app.opens("Print a line of a megabyte", "cat data.json; sleep 3", &json)
        .await;
    app.close().await;
}
