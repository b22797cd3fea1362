//! The hunt finds what is in its reach: one that is blind would call every key safe.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use cowork_hunt::{Description, Line, Place, Tally};

const VALUE: &str = "sk-canary-Zq8vT3mKw1rYx6Bn0LpJd5HsUf2GcAeQ9o7Mi4";

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// An engine and a proxy that keep nothing to themselves.
fn careless() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
                head.push(byte[0]);
            }
            let body = format!(r#"{{"url":"http://127.0.0.1:{port}/mine","key":"{VALUE}"}}"#);
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
            )
            .ok();
        }
    });
    port
}

fn look(arguments: &[&str], root: &std::path::Path) -> (BTreeSet<Place>, Tally, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hunt"))
        .args([
            "look",
            "--description",
            &Description::of(VALUE).unwrap().to_string(),
        ])
        .args(["--seconds", "60"])
        .arg("--root")
        .arg(root)
        .args(arguments)
        .env("OPENCODE_SERVER_PASSWORD", "any")
        .env("COWORK_PROXY_TOKEN", "any")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Line> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let places = lines.iter().filter_map(|line| match line {
        Line::Finding(finding) => Some(finding.place),
        _ => None,
    });
    let Some(Line::Tally(tally)) = lines.last() else {
        panic!("no tally: {text}");
    };
    (places.collect(), tally.clone(), text)
}

#[test]
fn what_is_in_reach_is_found_and_not_repeated() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("below")).unwrap();
    std::fs::write(root.path().join("below/log"), format!("Bearer {VALUE}\n")).unwrap();
    let holder = Command::new("sleep")
        .arg("600")
        .env("SOME_KEY", VALUE)
        .stdin(Stdio::null())
        .spawn();
    let _holder = Ended(holder.unwrap());
    let port = careless();
    let (places, tally, text) = look(&["--model", "any", "--prompt", "say it"], root.path());
    for place in [
        Place::Environment,
        Place::Memory,
        Place::File,
        Place::Engine,
        Place::Proxy,
    ] {
        assert!(places.contains(&place), "{place:?}: {places:?}\n{tally:?}");
    }
    assert!(tally.attached > 0, "{tally:?}");
    assert!(text.contains(&format!("of port {port}")), "{text}");
    assert!(!text.contains(VALUE) && !text.contains(&VALUE[10..20]), "{text}");
}

#[test]
fn where_nothing_is_nothing_is_found() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("log"), "sk-canary-other").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hunt"))
        // Of a value that nobody ever had: this process must not have it in its memory either.
        .args(["look", "--description"])
        .arg(format!("sk-canary-:48:{}", "0".repeat(64)))
        .arg("--root")
        .arg(root.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(r#""line":"finding""#), "{text}");
    assert!(text.contains(r#""files":1"#), "{text}");
}
