//! Looks for the canary from outside, where the test knows it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use cowork_hunt::Needle;
use serde_json::{Value, json};

use crate::harness::{App, Home};

/// Everything the page has: what it shows, what is typed into it, and what it keeps.
const PAGE: &str = r"
const done = arguments[arguments.length - 1];
(async () => {
  const kept = { local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie, url: location.href };
  const values = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
  const attributes = JSON.stringify(history.state ?? null) + window.name;
  const databases = [];
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    const database = await new Promise((opened, failed) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => opened(request.result);
      request.onerror = () => failed(request.error);
    });
    for (const store of database.objectStoreNames) {
      databases.push(await new Promise((read, failed) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => read(JSON.stringify(request.result));
        request.onerror = () => failed(request.error);
      }));
    }
    database.close();
  }
  const caches = [];
  for (const name of (await window.caches?.keys().catch(() => [])) ?? []) caches.push(name);
  done({ html: document.documentElement.outerHTML, values, kept, attributes, databases, caches });
})().catch((error) => done({ failed: String(error) }));
";

/// What the engine can be asked.
const QUESTIONS: [&str; 7] = [
    "/config",
    "/config/providers",
    "/global/config",
    "/provider",
    "/provider/auth",
    "/mcp",
    "/session",
];

/// What is looked for, and what came of it.
pub(super) struct Search {
    needles: Vec<Needle>,
    found: BTreeSet<String>,
    files: usize,
    processes: usize,
    backing: usize,
    answers: usize,
}

impl Search {
    /// Looks for a value, and for either half of it.
    pub(super) fn of(value: &str) -> Self {
        let (first, second) = value.split_at(value.len() / 2);
        let needle = |part| Needle::of(part).expect("it can be looked for");
        Self {
            needles: vec![needle(first), needle(second)],
            found: BTreeSet::new(),
            files: 0,
            processes: 0,
            backing: 0,
            answers: 0,
        }
    }

    /// Whether a text has it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.needles
            .iter()
            .any(|needle| !needle.find(text.as_bytes()).is_empty())
    }

    fn bytes(&mut self, place: &str, bytes: &[u8]) {
        for needle in &self.needles {
            for (form, times) in needle.find(bytes).forms() {
                self.found.insert(format!("{place}: {form:?}, {times} times"));
            }
        }
    }

    pub(super) fn text(&mut self, place: &str, text: &str) {
        assert!(!text.is_empty(), "there is something in {place}");
        self.bytes(place, text.as_bytes());
    }

    /// Looks through a file; whether it could be read.
    fn file(&mut self, path: &Path) -> bool {
        for needle in &self.needles {
            let Ok(file) = File::open(path) else { return false };
            // What is gone or changes meanwhile is read to where it can be.
            let Ok((hits, _)) = needle.find_in(file, u64::MAX) else {
                return false;
            };
            for (form, times) in hits.forms() {
                self.found
                    .insert(format!("{}: {form:?}, {times} times", path.display()));
            }
        }
        true
    }

    /// Looks through every file below a folder, its name included.
    pub(super) fn tree(&mut self, root: &Path) {
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let below = format!("a name in {}", folder.display());
                self.bytes(&below, entry.file_name().as_bytes());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(kind) if kind.is_file() => self.files += usize::from(self.file(&path)),
                    _ => {}
                }
            }
        }
    }

    /// Looks at the environments and arguments of all processes of this user, and at the files behind their memory.
    pub(super) fn processes(&mut self) {
        let mut backing = BTreeSet::new();
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let name = process.file_name();
            if !name.as_bytes().iter().all(u8::is_ascii_digit) {
                continue;
            }
            let process = process.path();
            // Of other users' processes nothing is readable but the arguments.
            for part in ["environ", "cmdline"] {
                if let Ok(bytes) = fs::read(process.join(part)) {
                    self.processes += usize::from(part == "environ");
                    self.bytes(&process.join(part).display().to_string(), &bytes);
                }
            }
            let maps = fs::read_to_string(process.join("maps")).unwrap_or_default();
            backing.extend(maps.lines().filter_map(backing_file));
            backing.extend(nameless_files(&process));
        }
        for path in backing {
            self.backing += usize::from(self.file(&path));
        }
    }

    /// Asks the running engine, with its own password.
    pub(super) async fn engine(&mut self, home: &Home) {
        let engine = home.engine().expect("the engine runs");
        let read = |part: &str| {
            let text = fs::read(format!("/proc/{engine}/{part}")).expect("the engine is ours");
            let words = text.split(|byte| *byte == 0);
            words
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect::<Vec<_>>()
        };
        let password = read("environ")
            .iter()
            .find_map(|variable| {
                variable
                    .strip_prefix("OPENCODE_SERVER_PASSWORD=")
                    .map(str::to_owned)
            })
            .expect("the engine has a password");
        let words = read("cmdline");
        let port = words.iter().position(|word| word == "--port");
        let port = port
            .and_then(|place| words.get(place + 1))
            .expect("the engine has a port");
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client can be made");
        let ask = async |question: &str| {
            let request = client
                .get(format!("http://127.0.0.1:{port}{question}"))
                .basic_auth("opencode", Some(&password));
            let answer = request.send().await.expect("the engine answers");
            assert!(answer.status().is_success(), "{question}: {}", answer.status());
            answer.text().await.expect("the engine answers to the end")
        };
        let mut questions = QUESTIONS.map(str::to_owned).to_vec();
        let sessions: Value = serde_json::from_str(&ask("/session").await).unwrap_or_default();
        for session in sessions.as_array().into_iter().flatten() {
            let id = session["id"].as_str().unwrap_or_default();
            questions.push(format!("/session/{id}/message"));
        }
        for question in questions {
            self.answers += 1;
            let answer = ask(&question).await;
            self.bytes(&format!("the engine's {question}"), answer.as_bytes());
        }
    }

    /// Looks at everything the page has.
    pub(super) async fn page(&mut self, app: &App) {
        let page = app
            .driver()
            .execute_async(PAGE, json!([]))
            .await
            .expect("the page can be read");
        assert_eq!(page["failed"], Value::Null, "the page was read");
        let html = page["html"].as_str().unwrap_or_default().to_owned();
        self.text("the document", &html);
        self.text("what the page keeps", &page.to_string());
    }

    /// It was nowhere, and there was something to look at.
    pub(super) fn found_nothing(&self) {
        assert_eq!(self.found, BTreeSet::new(), "where the key was found");
        assert!(
            self.files > 50 && self.processes > 3 && self.backing > 10 && self.answers >= 2 * QUESTIONS.len(),
            "{} files, {} processes, {} files behind memory, {} answers",
            self.files,
            self.processes,
            self.backing,
            self.answers
        );
    }
}

/// The file behind a piece of memory, where somebody else than the system put it.
fn backing_file(line: &str) -> Option<PathBuf> {
    let path = PathBuf::from(line.split_ascii_whitespace().nth(5)?);
    let metadata = path.is_absolute().then(|| fs::metadata(&path).ok())??;
    // Programs and libraries of the system cannot hold what was typed a moment ago.
    (metadata.is_file() && (metadata.uid() != 0 || !path.starts_with("/usr"))).then_some(path)
}

/// Files that have no name any more, or never had one: what processes share by handing it over.
fn nameless_files(process: &Path) -> Vec<PathBuf> {
    let opened = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    opened
        .map(|entry| entry.path())
        .filter(|path| {
            let target = fs::read_link(path).unwrap_or_default();
            let target = target.to_string_lossy();
            let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
            is_file && (target.starts_with("/memfd:") || target.ends_with(" (deleted)"))
        })
        .collect()
}
