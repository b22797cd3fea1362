//! Conversations made from a seed, put into the engine's own store by the engine's own import.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use cowork_brand::Places;
use serde_json::{Value, json};

use crate::harness::{Home, given};

/// The last words of each conversation, by which its end is known on the screen.
pub(crate) const LAST_WORDS: &str = "This is the very last line";

/// When the first conversation begins: a fixed day, so that the same seed makes the same bytes.
const BEGINNING: i64 = 1_790_000_000_000;

/// Answers of the model to one prompt, the prompt not counted.
const STEPS: usize = 7;

/// A sequence that looks random and is the same for the same seed (`SplitMix64`, Steele, Lea and Flood 2014).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end as u64)).unwrap_or(0)
    }

    fn words(&mut self, count: usize) -> String {
        const WORDS: [&str; 24] = [
            "parser", "reads", "the", "whole", "file", "before", "window", "opens", "and", "a", "second",
            "index", "keeps", "what", "changed", "since", "last", "commit", "while", "tests", "run",
            "beside", "it", "slowly",
        ];
        let words: Vec<_> = (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect();
        words.join(" ")
    }

    /// An answer as models write them: prose, and now and then code, a list or a table.
    fn markdown(&mut self) -> String {
        let count = 20 + self.below(60);
        let begins = self.words(count);
        let middle = match self.below(6) {
            0 => {
                let lines = 4 + self.below(24);
                let code = self.lines(lines, |dice, line| {
                    format!("    let value_{line} = read(\"{}\", {line})?;\n", dice.words(2))
                });
                format!("```rust\n{code}```\n\n")
            }
            1 => {
                let points = 3 + self.below(5);
                let list = self.lines(points, |dice, _| {
                    let (name, what, code) = (dice.words(1), dice.words(8), dice.words(1));
                    format!("- **{name}** {what} `{code}`\n")
                });
                format!("{list}\n")
            }
            2 => {
                let rows = 3 + self.below(6);
                let table = self.lines(rows, |dice, row| {
                    format!("| {} | {} | {row} |\n", dice.words(1), dice.words(4))
                });
                format!("| name | what | count |\n|---|---|--:|\n{table}\n")
            }
            _ => String::new(),
        };
        format!("{begins}.\n\n{middle}{}.\n", self.words(25))
    }

    fn lines(&mut self, count: usize, mut line: impl FnMut(&mut Self, usize) -> String) -> String {
        let lines: Vec<_> = (0..count).map(|place| line(self, place)).collect();
        lines.concat()
    }
}

/// What a conversation is made of.
pub(crate) struct Wanted<'a> {
    /// Its number: ids and times come from it.
    pub(crate) number: u64,
    pub(crate) title: &'a str,
    pub(crate) folder: &'a Path,
    pub(crate) messages: usize,
    /// Outputs of commands, one call for each, in front of the last answer.
    pub(crate) outputs: Vec<String>,
}

/// The conversation in the engine's own form.
fn conversation(wanted: &Wanted<'_>) -> Value {
    let mut dice = Dice::new(wanted.number);
    let session = format!("ses_e0000000{:04}ffeSeeded00000000", wanted.number);
    let mut messages = Vec::with_capacity(wanted.messages);
    let mut prompt = String::new();
    let begins = BEGINNING + i64::try_from(wanted.number).unwrap_or(0) * 86_400_000;
    for place in 0..wanted.messages {
        let created = begins + i64::try_from(place).unwrap_or(0) * 1_000;
        // Ids sort by time, as the engine's do.
        let id = format!("msg_1f{:02}{place:08}Seeded00000000", wanted.number);
        let last = place + 1 == wanted.messages;
        if place % (STEPS + 1) == 0 && !last {
            let count = 6 + dice.below(30);
            let text = format!("Message {place}. {}", dice.words(count));
            messages.push(asked(&session, &id, created, &text));
            prompt = id;
            continue;
        }
        let closes = last || place % (STEPS + 1) == STEPS;
        let mut parts = Vec::new();
        if last {
            // Words between them and the call before, or they would be folded into a group with that.
            if !wanted.outputs.is_empty() {
                parts.push(text(created, "What these print is long."));
            }
            parts.extend(wanted.outputs.iter().map(|output| command(created, output)));
            parts.push(text(
                created,
                &format!("Message {place}. {LAST_WORDS} of {}.", wanted.title),
            ));
        } else if closes {
            parts.push(text(created, &format!("Message {place}. {}", dice.markdown())));
        } else {
            if dice.below(3) == 0 {
                let thought = json!({ "type": "reasoning", "text": dice.words(30), "time": { "start": created, "end": created + 200 } });
                parts.push(thought);
            }
            parts.push(text(created, &format!("Message {place}. {}.", dice.words(12))));
            let lines = 2 + dice.below(30);
            let output: Vec<_> = (0..lines).map(|_| dice.words(9)).collect();
            parts.push(command(created, &output.join("\n")));
        }
        messages.push(answered(
            &session,
            &id,
            &prompt,
            created,
            wanted.folder,
            closes,
            parts,
        ));
    }
    json!({
        "info": {
            "id": session,
            "slug": format!("seeded-{}", wanted.number),
            "version": "1.18.33",
            "projectID": "global",
            "directory": wanted.folder,
            "title": wanted.title,
            "time": { "created": begins, "updated": begins + i64::try_from(wanted.messages).unwrap_or(0) * 1_000 },
        },
        "messages": messages,
    })
}

fn asked(session: &str, id: &str, created: i64, words: &str) -> Value {
    json!({
        "info": {
            "id": id, "sessionID": session, "role": "user", "time": { "created": created },
            "agent": "build", "model": { "providerID": "demo", "modelID": "demo" },
        },
        "parts": [part(session, id, 0, json!({ "type": "text", "text": words }))],
    })
}

fn answered(
    session: &str,
    id: &str,
    prompt: &str,
    created: i64,
    folder: &Path,
    closes: bool,
    parts: Vec<Value>,
) -> Value {
    let parts: Vec<_> = parts
        .into_iter()
        .enumerate()
        .map(|(place, content)| part(session, id, place, content))
        .collect();
    json!({
        "info": {
            "id": id, "sessionID": session, "role": "assistant", "parentID": prompt,
            "time": { "created": created, "completed": created + 900 },
            "agent": "build", "mode": "build", "modelID": "demo", "providerID": "demo",
            "path": { "cwd": folder, "root": folder }, "cost": 0,
            "tokens": { "input": 100, "output": 50, "reasoning": 0, "cache": { "read": 0, "write": 0 } },
            "finish": if closes { "stop" } else { "tool-calls" },
        },
        "parts": parts,
    })
}

fn part(session: &str, message: &str, place: usize, mut content: Value) -> Value {
    content["id"] = json!(format!("prt_{}{place:02}", message.trim_start_matches("msg_")));
    content["sessionID"] = json!(session);
    content["messageID"] = json!(message);
    content
}

fn text(created: i64, words: &str) -> Value {
    json!({ "type": "text", "text": words, "time": { "start": created, "end": created + 300 } })
}

fn command(created: i64, output: &str) -> Value {
    json!({
        "type": "tool", "tool": "bash", "callID": format!("call_{created}_{}", output.len()),
        "state": {
            "status": "completed", "title": "Runs something",
            "input": { "command": "cargo test --quiet", "description": "Runs something" },
            "output": output,
            "metadata": { "output": "", "exit": 0, "truncated": false },
            "time": { "start": created + 300, "end": created + 800 },
        },
    })
}

/// Puts a conversation into the store of the engine of `home`, which must not run.
pub(crate) fn import(home: &Home, wanted: &Wanted<'_>) -> anyhow::Result<()> {
    let places = Places::under(&home.data()).context("where the app keeps its data")?;
    let engine = &places.private_home;
    let file = home.root().join("seeded.json");
    std::fs::write(&file, serde_json::to_vec(&conversation(wanted))?)?;
    for folder in ["home", "config", "data", "cache", "state", "tmp"] {
        std::fs::create_dir_all(engine.join(folder))?;
    }
    let imported = Command::new(given("COWORK_ENGINE"))
        .arg("import")
        .arg(&file)
        .current_dir(wanted.folder)
        .env("HOME", engine.join("home"))
        .env("XDG_CONFIG_HOME", engine.join("config"))
        .env("XDG_DATA_HOME", engine.join("data"))
        .env("XDG_CACHE_HOME", engine.join("cache"))
        .env("XDG_STATE_HOME", engine.join("state"))
        .env("TMPDIR", engine.join("tmp"))
        .env("OPENCODE_DISABLE_AUTOUPDATE", "1")
        .env("OPENCODE_DISABLE_MODELS_FETCH", "1")
        .stdin(Stdio::null())
        .output()
        .context("starting the engine's import")?;
    ensure!(
        imported.status.success(),
        "the engine did not take the conversation: {}{}",
        String::from_utf8_lossy(&imported.stdout),
        String::from_utf8_lossy(&imported.stderr)
    );
    std::fs::remove_file(&file)?;
    Ok(())
}
