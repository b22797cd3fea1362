//! Opening a folder to an engine that runs.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use cowork_policy::confinement::Grant;

use crate::world::{World, text};

#[test]
fn a_folder_is_opened_to_a_running_engine_and_taken_away_again() {
    let mut world = World::new();
    let parent = world.path("parent");
    let shared = parent.join("shared");
    fs::create_dir_all(&shared).unwrap();
    fs::write(shared.join("file"), "shared").unwrap();
    world.give_away();
    let inside = world.folder();
    let (parent, at) = (parent.to_str().unwrap(), shared.to_str().unwrap());
    // An engine of sorts: it runs each line that it reads.
    let program = "import sys,subprocess\nfor line in sys.stdin:\n  r=subprocess.run(['/run/cowork/bin/bash','-c',line],capture_output=True,text=True)\n  o=open('/proc/self/status').read() and __import__('os').path.exists(sys.argv[1])\n  print(o,r.returncode,r.stdout.strip(),r.stderr.strip().replace('\\n',' '),flush=True)";
    let mut command = world.outer(&[
        "--tmpfs",
        parent,
        "--new-session",
        "--chdir",
        inside.to_str().unwrap(),
        "--info-fd",
        "2",
        "--",
    ]);
    let file = format!("{at}/file");
    let mut engine = command
        .args(["/usr/bin/python3", "-c", program, &file])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut info = String::new();
    let mut stderr = BufReader::new(engine.stderr.take().unwrap());
    while !info.contains('}') {
        stderr.read_line(&mut info).unwrap();
    }
    let digits: String = info
        .chars()
        .skip_while(|letter| !letter.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    let mut stdin = engine.stdin.take().unwrap();
    let mut stdout = BufReader::new(engine.stdout.take().unwrap());
    let mut ask = |line: &str| {
        writeln!(stdin, "{line}").unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        answer
    };
    let look = format!("cat {at}/file");
    assert!(ask(&look).starts_with("False 1"));
    let run = |world: &World, more: &[&str]| {
        let mut words = vec!["grant", "--pid", &digits, "--folder", at];
        words.extend(more);
        world
            .bare(&world.root(), &world.yard.wrapper(), &words)
            .output()
            .unwrap()
    };
    let output = run(&world, &[]);
    assert!(output.status.success(), "{output:?}");
    world.rules.folders[0].granted = vec![Grant {
        path: shared.clone(),
        writable: true,
    }];
    world.write_rules();
    assert!(ask(&look).starts_with("True 0 shared"));
    assert!(ask(&format!("echo x > {at}/made")).starts_with("True 0"));
    assert!(shared.join("made").exists());
    let output = run(&world, &["--revoke"]);
    assert!(output.status.success(), "{output:?}");
    let after = ask(&look);
    assert!(after.starts_with("False"), "{after}");
    engine.kill().unwrap();
    engine.wait().unwrap();
}

#[test]
fn a_link_is_not_opened() {
    let world = World::new();
    world.link(&world.path("home"), "linked");
    let own = std::process::id().to_string();
    for folder in ["linked", "linked/.ssh", "home/.ssh/key", "nothing"] {
        let path = world.path(folder);
        let words = ["grant", "--pid", &own, "--folder", path.to_str().unwrap()];
        let output = world
            .bare(&world.root(), &world.yard.wrapper(), &words)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(126), "{output:?}");
        assert!(text(&output.stderr).contains("opening it"), "{output:?}");
    }
}
