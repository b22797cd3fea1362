//! What the box adds to a command: `bash -c true` in an engine's outer box, plain and through the wrapper.
//!
//! Run as `cargo run --release -p cowork-toolbox --example box_overhead -- PATH/TO/cowork-box`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cowork_policy::confinement::{FolderRules, Means, Rules};
use cowork_toolbox::Yard;

const RUNS: usize = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args_os().skip(1);
    let first = words.next().ok_or("the path of cowork-box is missing")?;
    if first == "inside" {
        return measure(&words.map(PathBuf::from).collect::<Vec<_>>());
    }
    let directory = tempfile::tempdir()?;
    let root = std::fs::canonicalize(directory.path())?;
    let folder = root.join("folder");
    std::fs::create_dir_all(&folder)?;
    for means in [Means::Namespaces, Means::Landlock] {
        let yard = Yard::create(&root.join("yard"), Path::new(&first))?;
        yard.write_rules(&rules(&root, means))?;
        let mut outer = Command::new("bwrap");
        outer.args([
            "--unshare-user",
            "--unshare-pid",
            "--unshare-ipc",
            "--cap-drop",
            "ALL",
            "--uid",
            "1000",
        ]);
        outer.args([
            "--bind",
            "/",
            "/",
            "--dev",
            "/dev",
            "--proc",
            "/proc",
            "--tmpfs",
            "/run",
            "--ro-bind",
        ]);
        outer
            .arg(yard.root())
            .args(["/run/cowork", "--chdir"])
            .arg(&folder)
            .arg("--");
        outer.arg(std::env::current_exe()?).arg("inside");
        outer.args(["/usr/bin/bash", "/run/cowork/bin/bash"]);
        writeln!(std::io::stdout(), "{means:?}")?;
        outer.status()?;
    }
    Ok(())
}

fn rules(root: &Path, means: Means) -> Rules {
    Rules {
        person_home: Some(root.join("home")),
        hidden: vec![root.join("app")],
        links_barred: means == Means::Namespaces,
        folders: vec![FolderRules {
            proven: true,
            ..FolderRules::closed("one", root.join("folder"), root.join("app/homes/one"))
        }],
        ..Rules::closed(means)
    }
}

/// One after the other in turns, so that what else the machine does falls on both.
fn measure(shells: &[PathBuf]) -> Result<(), Box<dyn std::error::Error>> {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); shells.len()];
    for _ in 0..RUNS {
        for (shell, times) in shells.iter().zip(&mut times) {
            let begin = Instant::now();
            let status = Command::new(shell)
                .args(["-c", "true"])
                .stdin(Stdio::null())
                .status()?;
            if !status.success() {
                return Err(format!("{} failed", shell.display()).into());
            }
            times.push(begin.elapsed());
        }
    }
    for (shell, mut times) in shells.iter().zip(times) {
        times.sort();
        writeln!(
            std::io::stdout(),
            "{}: p50 {:.2} ms, p95 {:.2} ms",
            shell.display(),
            times[RUNS / 2].as_secs_f64() * 1e3,
            times[RUNS * 95 / 100].as_secs_f64() * 1e3
        )?;
    }
    Ok(())
}
