//! Hunters in the engine's box, and one outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cowork_hunt::{Answer, Description, Finding, Line, Place, Tally};
use cowork_scripted_model::{Action, SCRIPTED_MODEL, Script, Step};
use serde_json::json;

use crate::harness::{App, Home, KeyRing, given, scripted};

/// Seconds a hunter has for each kind of place.
const SECONDS: u32 = 20;
/// For all hunters together. They look at the same files and memory one after the other on a busy machine.
const PATIENCE: Duration = Duration::from_mins(6);

/// The ways by which an agent gets a program to run.
const WAYS: [&str; 2] = ["bash", "mcp"];

/// What to hunt, and where hunters leave what they found.
pub(super) struct Hunt {
    program: PathBuf,
    home: PathBuf,
    folder: PathBuf,
    description: Description,
}

impl Hunt {
    pub(super) fn new(home: &Home, folder: &Path, description: Description) -> Self {
        // Where the commands of the folder have it too.
        let program = folder.join("hunter");
        std::fs::copy(given("COWORK_HUNT_BINARY"), &program).expect("the hunter can be copied");
        Self {
            program,
            home: home.root().to_owned(),
            folder: folder.to_owned(),
            description,
        }
    }

    /// The command line of a hunter.
    fn command(&self) -> Vec<String> {
        let mut words: Vec<String> = vec![self.program.display().to_string(), "look".into()];
        let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
        option("description", self.description.to_string());
        option("seconds", SECONDS.to_string());
        // The key ring's files and the person's home are below the last ones.
        let roots = ["HOME", "XDG_RUNTIME_DIR", "TMPDIR"]
            .into_iter()
            .filter_map(std::env::var_os)
            .map(PathBuf::from);
        for root in [self.home.clone()]
            .into_iter()
            .chain(roots)
            .chain(["/run".into(), "/tmp".into()])
        {
            option("root", root.display().to_string());
        }
        option("model", SCRIPTED_MODEL.to_owned());
        // The upstream says the key it was sent.
        let echo = Script::new([Step::new([Action::key()])]);
        let marker = echo.to_marker().expect("a script fits into a prompt");
        option("prompt", format!("Repeat it {marker}"));
        words
    }

    fn output(&self, way: &str) -> PathBuf {
        self.folder.join(format!("found-by-{way}.jsonl"))
    }

    /// Says that the engine opened a terminal for a hunter.
    fn terminal(&self) -> PathBuf {
        self.folder.join("terminal-was-opened")
    }

    /// Has an agent's command hunt, and start another hunter over the engine's interface. Waits for both. A third one would
    /// come by a terminal, which the engine opens for nobody.
    pub(super) async fn send_into_the_box(&self, app: &App) {
        let quoted = |words: &[String]| {
            let quoted = words.iter().map(|word| format!("'{word}'"));
            quoted.collect::<Vec<_>>().join(" ")
        };
        let hunter = |way: &str| {
            let mut words = self.command();
            words.extend(["--output".into(), self.output(way).display().to_string()]);
            if way == "mcp" {
                words.push("--mcp".into());
            }
            quoted(&words)
        };
        let plant = |way: &str| {
            let program = self.program.display();
            let folder = self.folder.display();
            format!(
                "'{program}' plant --way {way} --directory '{folder}' -- {}",
                hunter(way)
            )
        };
        let script = format!(
            "#!/bin/sh\nset -e\n{}\nif {}; then touch '{}'; fi\n{}\n",
            plant("mcp"),
            plant("pty"),
            self.terminal().display(),
            hunter("bash")
        );
        let path = self.folder.join("hunt.sh");
        std::fs::write(&path, script).expect("the folder can be written");
        let call = Action::tool(
            "bash",
            json!({ "command": "sh hunt.sh", "description": "hunts", "timeout": 300_000 }),
        );
        app.send(&scripted(
            "Hunt",
            [vec![call], vec![Action::text("The hunt is over.")]],
        ))
        .await;
        app.wait_for_text("[data-testid=permission]", "hunt.sh").await;
        app.answer("allow-once").await;
        let until = tokio::time::Instant::now() + PATIENCE;
        while !WAYS.iter().all(|way| self.output(way).exists()) {
            if tokio::time::Instant::now() > until {
                let there: Vec<_> = WAYS.iter().map(|way| self.output(way).exists()).collect();
                let page = app.text("[data-testid=conversation]").await;
                panic!("of {WAYS:?} came back {there:?}: {page}");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        app.wait_for_text("[data-testid=prose]", "The hunt is over.")
            .await;
        app.idle().await;
        assert!(!self.terminal().exists(), "the engine opened a terminal");
    }

    /// Has an agent's command hunt from the box of its folder, and waits for it.
    pub(super) async fn send_into_the_inner_box(&self, app: &App) -> Found {
        let output = self.output("boxed");
        let words = self.command();
        let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
        let quoted = quoted.join(" ");
        let script = format!("#!/bin/sh\n{quoted} --output '{}'\n", output.display());
        std::fs::write(self.folder.join("hunt.sh"), script).expect("the folder can be written");
        let call = Action::tool(
            "bash",
            json!({ "command": "sh hunt.sh", "description": "hunts", "timeout": 300_000 }),
        );
        app.send(&scripted(
            "Hunt",
            [vec![call], vec![Action::text("The hunt is over.")]],
        ))
        .await;
        app.wait_for_text("[data-testid=permission]", "hunt.sh").await;
        app.answer("allow-once").await;
        app.wait_for_text("[data-testid=prose]", "The hunt is over.")
            .await;
        app.idle().await;
        let text = std::fs::read_to_string(&output).expect("it left what it found");
        Found::read("boxed", &text)
    }

    /// What the hunters in the engine's box found.
    pub(super) fn hunters(&self) -> impl Iterator<Item = Found> {
        WAYS.iter().map(|way| {
            let text = std::fs::read_to_string(self.output(way)).expect("it left what it found");
            Found::read(way, &text)
        })
    }

    /// The same hunter outside of the box, on the bus of the session.
    pub(super) fn outside(&self, keys: &KeyRing) -> Found {
        let words = self.command();
        let output = Command::new(&words[0])
            .args(&words[1..])
            .env(KeyRing::VARIABLE, keys.address())
            .stdin(Stdio::null())
            .output()
            .expect("the hunter can be started");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Found::read("outside", &String::from_utf8_lossy(&output.stdout))
    }
}

/// What one hunter found.
#[derive(Debug)]
pub(super) struct Found {
    way: String,
    findings: Vec<Finding>,
    answers: Vec<Answer>,
    tally: Tally,
}

impl Found {
    fn read(way: &str, text: &str) -> Self {
        // Beside the pictures, for a person to see where was looked.
        if let Some(folder) = std::env::var_os("COWORK_SCREENS") {
            let path = PathBuf::from(folder).join(format!("canary-hunt-{way}.jsonl"));
            std::fs::write(path, text).expect("what was found can be kept");
        }
        let mut found = Self {
            way: way.to_owned(),
            findings: Vec::new(),
            answers: Vec::new(),
            tally: Tally::default(),
        };
        for line in text.lines() {
            match serde_json::from_str(line).expect("a hunter speaks in lines of JSON") {
                Line::Finding(finding) => found.findings.push(finding),
                Line::Answer(answer) => found.answers.push(answer),
                Line::Tally(tally) => found.tally = tally,
            }
        }
        found
    }

    pub(super) fn found(&self, place: Place) -> bool {
        self.findings.iter().any(|finding| finding.place == place)
    }

    /// It looked at everything there is in the box, and the key was nowhere.
    pub(super) fn found_nothing_and_looked_everywhere(&self, provider: &str, keys: &KeyRing) {
        let Self { way, tally, .. } = self;
        assert_eq!(self.findings, [], "what {way} found");
        for (what, count) in [
            ("processes", tally.processes),
            ("environments", tally.environments),
            ("processes it attached to", tally.attached),
            ("memories", tally.memories),
            ("files", tally.files),
            ("ports", tally.ports),
            ("answers of the engine", tally.engine_answers),
            ("answers of the proxy", tally.proxy_answers),
            ("buses", tally.buses),
        ] {
            assert!(count > 0, "{way} looked at no {what}: {tally:?}");
        }
        // Those of tests beside this one are no session's of this app.
        let (own, _) = keys.address().split_once(',').unwrap_or((keys.address(), ""));
        assert!(
            !tally.buses_connected.iter().any(|bus| bus.starts_with(own)),
            "{way} reached the session's bus: {tally:?}"
        );
        self.spends_and_gets_nothing_else(provider);
    }

    /// It found nothing, and neither the engine nor the proxy nor a bus was there to be asked.
    pub(super) fn found_nothing_and_reached_nobody(&self) {
        let Self { way, tally, .. } = self;
        assert_eq!(self.findings, [], "what {way} found");
        for (what, count) in [
            ("processes", tally.processes),
            ("environments", tally.environments),
            ("files", tally.files),
        ] {
            assert!(count > 0, "{way} looked at no {what}: {tally:?}");
        }
        for (what, count) in [
            ("the engine", tally.engine_answers),
            ("the proxy", tally.proxy_answers),
        ] {
            assert_eq!(count, 0, "{way} got answers of {what}: {tally:?}");
        }
        assert!(tally.buses_connected.is_empty(), "{tally:?}");
    }

    /// A program with the token can make model requests, whose answers do not have the key, and nothing else.
    fn spends_and_gets_nothing_else(&self, provider: &str) {
        let way = &self.way;
        let (model, other): (Vec<_>, Vec<_>) = self
            .answers
            .iter()
            .filter(|answer| answer.place == Place::Proxy && answer.asked.contains(&format!("/{provider}")))
            .partition(|answer| answer.model_request);
        assert!(
            model.iter().any(|answer| answer.status == 200 && answer.redacted),
            "{way}: an upstream that repeats the key was asked: {model:?}"
        );
        assert!(
            model.iter().all(|answer| answer.status != 200 || answer.redacted),
            "{way}: the key was taken out of every answer: {model:?}"
        );
        assert!(other.len() > 20, "{way}: other paths were tried: {other:?}");
        for answer in other {
            assert!(
                answer.refused || (400..500).contains(&answer.status),
                "{way}: {answer:?}"
            );
        }
    }
}
