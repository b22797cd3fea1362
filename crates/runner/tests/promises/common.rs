//! Runners that exist for one test, and what is left after them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cowork_runner::{Language, Limits, Options, Outcome, OutputStream, Phase, Reason, Run, RunEvent, Runner};

/// A runner with directories of its own.
pub(crate) struct Desk {
    pub(crate) runner: Runner,
    pub(crate) directory: tempfile::TempDir,
}

pub(crate) fn options(directory: &Path) -> Options {
    let scratch = directory.join("scratch");
    fs::create_dir_all(&scratch).unwrap();
    Options {
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::var_os("HOME").map(PathBuf::from),
        cache: directory.join("cache"),
        scratch,
        bubblewrap: None,
        containers: false,
        images: BTreeMap::new(),
        limits: Limits::default(),
    }
}

pub(crate) fn desk() -> Desk {
    desk_with(|_| {})
}

pub(crate) fn desk_with(change: impl FnOnce(&mut Options)) -> Desk {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(directory.path());
    change(&mut options);
    Desk {
        runner: Runner::new(options),
        directory,
    }
}

/// All that a run told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) phases: Vec<Phase>,
    pub(crate) output: String,
    pub(crate) error: String,
    pub(crate) outcome: Outcome,
}

impl Told {
    /// Whether it ended by itself and well; its output.
    pub(crate) fn well(self) -> String {
        assert_eq!(self.outcome.reason, Reason::Finished { code: 0 }, "{self:?}");
        self.output
    }
}

pub(crate) async fn heard(mut run: Run) -> Told {
    let (mut phases, mut output, mut error) = (Vec::new(), String::new(), String::new());
    loop {
        match run.next().await.unwrap() {
            RunEvent::Waiting { .. } => {}
            RunEvent::Phase(phase) => phases.push(phase),
            RunEvent::Output { stream, text, .. } => match stream {
                OutputStream::Output => output.push_str(&text),
                OutputStream::Error => error.push_str(&text),
            },
            RunEvent::Ended(outcome) => {
                assert_eq!(run.next().await, None, "the end is the last");
                return Told {
                    phases,
                    output,
                    error,
                    outcome,
                };
            }
        }
    }
}

impl Desk {
    pub(crate) async fn run(&self, language: Language, source: &str) -> Told {
        let run = self.runner.run(language, source.to_owned()).await.unwrap();
        let told = heard(run).await;
        self.leaves_nothing();
        told
    }

    pub(crate) async fn python(&self, source: &str) -> Told {
        self.run(Language::Python, source).await
    }

    /// No process that has to do with this desk, and no source.
    pub(crate) fn leaves_nothing(&self) {
        let left: Vec<_> = fs::read_dir(self.directory.path().join("scratch"))
            .unwrap()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        assert!(left.is_empty(), "{left:?}");
        let name = self.directory.path().to_string_lossy().into_owned();
        assert_eq!(processes_with(&name), Vec::<String>::new(), "a process is left");
    }
}

/// Processes with `text` in their command line, environment or mounts.
pub(crate) fn processes_with(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let number = entry.file_name().to_string_lossy().into_owned();
        if number.parse::<u32>().is_err() || number == std::process::id().to_string() {
            continue;
        }
        let holds = ["cmdline", "environ", "mountinfo"].iter().any(|file| {
            fs::read(entry.path().join(file))
                .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(text))
        });
        if holds {
            let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(format!("{number}: {}", String::from_utf8_lossy(&command)));
        }
    }
    found
}

/// The same source without a box, to show that it would do what the box prevents.
pub(crate) fn unboxed(source: &str) -> String {
    let program = ["/usr/bin/python3"]
        .into_iter()
        .find(|path| Path::new(path).exists());
    let output = std::process::Command::new(program.unwrap_or("python3"))
        .args(["-c", source])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn path_with_nothing() -> OsString {
    "/nowhere".into()
}

/// Waits until `holds`, ten seconds at most.
pub(crate) async fn eventually(holds: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if holds() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}
