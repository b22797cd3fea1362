//! What the tests share: the fixture as an engine, and looking at processes from outside.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses a part of it"
)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cowork_supervisor::{
    Address, Holder, Invocation, LaunchPlan, PrivateHome, ProbeAnswer, Running, StartFailure, start,
};

pub(crate) const FIXTURE: &str = env!("CARGO_BIN_EXE_supervisor-fixture");
pub(crate) const READY: &str = "fixture listening on ";
pub(crate) const VERSION: &str = "7.1.0";

pub(crate) struct TestHome {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) home: PrivateHome,
}

pub(crate) fn claimed_home() -> TestHome {
    let directory = tempfile::tempdir().unwrap();
    let home = PrivateHome::claim(&directory.path().join("engine"), Holder::App).unwrap();
    TestHome { directory, home }
}

/// A plan for the fixture that is well as soon as it listens.
pub(crate) fn plan(behaviour: &str) -> LaunchPlan {
    let mut plan = LaunchPlan::new(
        FIXTURE,
        READY,
        fixture_invocation(behaviour),
        async |address: Address| {
            tokio::net::TcpStream::connect(("127.0.0.1", address.port)).await?;
            Ok(ProbeAnswer {
                version: VERSION.to_owned(),
            })
        },
        str::to_owned,
    );
    plan.expected_version = Some(VERSION.to_owned());
    plan.port_taken_pattern = Some("ServeError".to_owned());
    plan
}

pub(crate) fn fixture_invocation(behaviour: &str) -> impl Fn(&Address) -> Invocation + Send + Sync + 'static {
    let behaviour = behaviour.to_owned();
    move |address| Invocation {
        arguments: vec![
            "engine".into(),
            behaviour.clone().into(),
            address.port.to_string().into(),
        ],
        environment: [("FIXTURE_PASSWORD".into(), address.password.expose().into())].into(),
    }
}

pub(crate) async fn started(home: &PrivateHome, plan: &LaunchPlan) -> Running {
    start(home, plan, |_| {}).await.unwrap()
}

pub(crate) async fn failure(home: &PrivateHome, plan: &LaunchPlan) -> StartFailure {
    start(home, plan, |_| {}).await.expect_err("the start must fail")
}

/// Starts the fixture as a process of its own and waits for its first line.
pub(crate) fn bystander(arguments: &[&str]) -> (Child, String) {
    bystander_with(arguments, &[])
}

/// The same with variables added to its environment.
pub(crate) fn bystander_with(arguments: &[&str], environment: &[(&str, &str)]) -> (Child, String) {
    let mut child = Command::new(FIXTURE)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, line.trim_end().to_owned())
}

pub(crate) fn kill_minus_nine(mut child: Child) {
    // On Unix this is SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
}

/// An argument for `sleep` that no other process on the machine has.
pub(crate) fn unique_seconds() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("86400.{:07}{count:03}", std::process::id())
}

/// How many living processes have `argument` among their arguments.
pub(crate) fn processes_with(argument: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let command_lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    command_lines
        .filter(|line| {
            line.split(|byte| *byte == 0)
                .any(|word| word == argument.as_bytes())
        })
        .count()
}

/// How many living processes have `mark` in their environment.
pub(crate) fn processes_marked(mark: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let environments = entries.filter_map(|entry| std::fs::read(entry.path().join("environ")).ok());
    environments
        .filter(|environment| {
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == mark.as_bytes())
        })
        .count()
}

pub(crate) fn is_alive(process_id: u32) -> bool {
    // A zombie has no command line.
    std::fs::read(Path::new("/proc").join(process_id.to_string()).join("cmdline"))
        .is_ok_and(|line| !line.is_empty())
}

/// Waits until `condition` holds; whether it does is the promise, how soon is not.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..1000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never came true: {what}");
}

pub(crate) fn texts(lines: &[cowork_supervisor::OutputLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}
