//! A box made by a container engine that is there already. Images are never fetched.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::find::Program;
use crate::keeper::Boxed;
use crate::language::Language;
use crate::limits::PhaseLimits;
use crate::recipe::{Job, Tool};

/// A container engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContainerEngine {
    pub(crate) program: PathBuf,
    /// Images that take the place of the usual ones.
    pub(crate) images: BTreeMap<Language, String>,
}

impl ContainerEngine {
    /// The image a language runs in: one exact version, so that a run today is a run tomorrow.
    pub(crate) fn image(&self, language: Language) -> String {
        let usual = match language {
            Language::Python => "docker.io/library/python:3.13.1-slim-bookworm",
            Language::JavaScript | Language::TypeScript => "docker.io/library/node:22.13.1-bookworm-slim",
            Language::Go => "docker.io/library/golang:1.23.5-bookworm",
            Language::Rust => "docker.io/library/rust:1.84.0-slim-bookworm",
            Language::Java => "docker.io/library/eclipse-temurin:21.0.5_11-jdk-jammy",
            Language::C | Language::Cpp => "docker.io/library/gcc:14.2.0-bookworm",
            Language::Ruby => "docker.io/library/ruby:3.4.1-slim-bookworm",
            Language::CSharp => "mcr.microsoft.com/dotnet/sdk:9.0.102-bookworm-slim",
            Language::Shell => "docker.io/library/debian:12.9-slim",
        };
        self.images
            .get(&language)
            .cloned()
            .unwrap_or_else(|| usual.to_owned())
    }

    /// The program that a language's image runs it by, and its version.
    pub(crate) fn tool(language: Language) -> (Tool, Option<(u32, u32)>) {
        let (name, version) = match language {
            Language::TypeScript => ("node", Some((22, 13))),
            Language::C => ("gcc", None),
            Language::Cpp => ("g++", None),
            other => (other.programs()[0], None),
        };
        let program = Program {
            path: name.into(),
            needs: Vec::new(),
        };
        (Tool { name, program }, version)
    }

    /// Whether it answers.
    pub(crate) fn asked_whether_it_answers(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("info");
        command
    }

    /// Whether an image is there.
    pub(crate) fn asked_for_image(&self, image: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["image", "inspect", image]);
        command
    }

    /// What a person would type to get it.
    pub(crate) fn how_to_get(&self, image: &str) -> String {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy();
        format!("{name} pull {image}")
    }

    /// A box for `job`, by a name that nothing else has.
    pub(crate) fn boxed(&self, language: Language, name: &str, job: &Job<'_>, limits: &PhaseLimits) -> Boxed {
        let mut command = Command::new(&self.program);
        command.args(arguments(&self.image(language), name, job, limits));
        // The engine's client ends at a kill; what it started does not.
        let mut end = Command::new(&self.program);
        end.args(["rm", "--force", name]);
        Boxed {
            command,
            status: None,
            end: Some(end),
            grows: job.grows(),
        }
    }
}

/// The same bounds as in the other box, in the engine's words.
fn arguments(image: &str, name: &str, job: &Job<'_>, limits: &PhaseLimits) -> Vec<OsString> {
    let memory = limits.memory.to_string();
    let mut arguments: Vec<OsString> = [
        "run",
        "--rm",
        "--init",
        "--pull=never",
        "--name",
        name,
        "--network=none",
        "--ipc=private",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--user=65534:65534",
        "--hostname=box",
        "--workdir=/tmp",
        "--log-driver=none",
        "--cpus=1",
        &format!(
            "--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size={}",
            limits.scratch
        ),
        "--shm-size=16777216",
        &format!("--pids-limit={}", limits.processes),
        &format!("--memory={memory}"),
        // Without swap on top.
        &format!("--memory-swap={memory}"),
        &format!("--ulimit=nofile={0}:{0}", limits.open_files),
        &format!("--ulimit=fsize={0}:{0}", limits.file_size),
        &format!(
            "--ulimit=cpu={}:{}",
            limits.processor_seconds,
            limits.processor_seconds + 2
        ),
        "--ulimit=core=0:0",
    ]
    .map(OsString::from)
    .to_vec();
    // The image's own search path stands; it knows where its programs are.
    for (variable, value) in job.environment() {
        if variable != "PATH" {
            let mut assignment = OsString::from(format!("--env={variable}="));
            assignment.push(value);
            arguments.push(assignment);
        }
    }
    let mut mount = |from: &Path, to: &str, writable: bool| {
        let mut mounted = OsString::from("--volume=");
        mounted.push(from);
        mounted.push(format!(":{to}:{}", if writable { "rw" } else { "ro" }));
        arguments.push(mounted);
    };
    if let Some(work) = job.work {
        mount(work, "/code", false);
    }
    if let Some((out, writable)) = job.out {
        mount(out, "/out", writable);
    }
    // What the image starts by itself would come before the command.
    let mut command = job.command.iter().cloned();
    if let Some(program) = command.next() {
        let mut entry = OsString::from("--entrypoint=");
        entry.push(program);
        arguments.push(entry);
    }
    arguments.push(image.into());
    arguments.extend(command);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn a_container_gets_the_bounds_of_the_box() {
        let command: Vec<OsString> = ["python3", "-u", "/code/main.py"].map(OsString::from).to_vec();
        let job = Job {
            command: &command,
            needs: &[],
            work: Some(Path::new("/source")),
            out: None,
        };
        let engine = ContainerEngine {
            program: "/usr/bin/podman".into(),
            images: BTreeMap::from([(Language::Python, "mine:1".to_owned())]),
        };
        let boxed = engine.boxed(Language::Python, "cowork-run-1", &job, &Limits::default().run);
        let words: Vec<String> = boxed
            .command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        for needed in [
            "--network=none",
            "--read-only",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            "--user=65534:65534",
            "--pids-limit=256",
            "--memory=536870912",
            "--memory-swap=536870912",
            "--ulimit=nofile=64:64",
            "--ulimit=fsize=67108864:67108864",
            "--cpus=1",
            "--pull=never",
            "--rm",
            "--ipc=private",
            "--volume=/source:/code:ro",
            "--entrypoint=python3",
            "--env=HOME=/tmp",
            "--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size=67108864",
        ] {
            assert!(words.iter().any(|word| word == needed), "{needed}: {words:?}");
        }
        assert_eq!(words[words.len() - 3..], ["mine:1", "-u", "/code/main.py"]);
        for never in [
            "--privileged",
            "--env=PATH",
            "docker.sock",
            "--net=host",
            "--volume=/:",
        ] {
            assert!(
                !words.iter().any(|word| word.contains(never)),
                "{never}: {words:?}"
            );
        }
        let end: Vec<_> = boxed.end.as_ref().unwrap().get_args().collect();
        assert_eq!(end, ["rm", "--force", "cowork-run-1"]);
    }

    #[test]
    fn every_language_has_one_exact_image_and_a_way_to_run() {
        let engine = ContainerEngine {
            program: "/usr/bin/docker".into(),
            images: BTreeMap::new(),
        };
        for language in Language::ALL {
            let image = engine.image(language);
            assert!(image.contains(':') && !image.ends_with(":latest"), "{image}");
            let (tool, version) = ContainerEngine::tool(language);
            assert!(
                crate::recipe::recipe(language, "", &tool, version, None).is_some(),
                "{language}"
            );
        }
        assert_eq!(engine.how_to_get("x:1"), "docker pull x:1");
    }
}
