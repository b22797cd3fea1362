//! What ordinary work needs, in the box of a folder, by calls of the real engine.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, bubblewrap, git, Node, a C compiler, pytest, cargo, Go and
//! Java, which the check script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "attacks/turns.rs"]
mod turns;
#[path = "common/upstream.rs"]
mod upstream;

use std::path::Path;

use common::Place;
use cowork_workspace::view::{BoxSettingsView, Bridge, NetworkMode, Widening};
use cowork_workspace::{Consent, Workspace};

/// Opens the application with a person's home and a model to speak to.
fn with_model<T>(place: &Place, live: impl AsyncFnOnce(&Workspace, &str) -> T) -> T {
    let person = place.root.path().join("person");
    std::fs::create_dir_all(&person).unwrap();
    turns::with_model(place, |options| options.home_directory = Some(person), live)
}

/// Has an agent run commands, each of which has to end well, and gives what they said.
fn work(place: &Place, commands: &[&str]) -> String {
    let calls = commands
        .iter()
        .map(|command| vec![turns::bash(&format!("{command}\necho \"ENDED $?\""))]);
    with_model(place, async |workspace, model| {
        turns::steps(workspace, model, calls.collect()).await
    })
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_day_s_work_is_done_in_the_box() {
    let place = Place::new();
    let folder = place.work();
    write(
        &folder.join("app/package.json"),
        r#"{"name":"app","version":"1.0.0","scripts":{"test":"node -e \"require('dep')()\""},"dependencies":{"dep":"file:../dep"}}"#,
    );
    write(
        &folder.join("app/package-lock.json"),
        r#"{"name":"app","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"app","version":"1.0.0","dependencies":{"dep":"file:../dep"}},"../dep":{"name":"dep","version":"1.0.0"},"node_modules/dep":{"resolved":"../dep","link":true}}}"#,
    );
    write(
        &folder.join("dep/package.json"),
        r#"{"name":"dep","version":"1.0.0","main":"index.js"}"#,
    );
    write(
        &folder.join("dep/index.js"),
        "module.exports = () => console.log('from the package')\n",
    );
    write(
        &folder.join("test_sum.py"),
        "def test_sum():\n    assert 1 + 1 == 2\n",
    );
    write(
        &folder.join("hello.c"),
        "#include <stdio.h>\nint main(void) { puts(\"compiled\"); return 0; }\n",
    );
    let said = work(
        &place,
        &[
            "git init -q origin && cd origin && echo one > file && git add file && git -c user.name=A -c user.email=a@b.c commit \
             -qm one && cd .. && git clone -q origin clone && cat clone/file",
            "cd app && npm ci --no-fund --no-audit && npm test",
            "python3 -m pytest -q -p no:cacheprovider test_sum.py",
            "gcc -o hello hello.c && ./hello && make --version | head -1",
            "cd clone && echo two >> file && git config user.name Agent && git config user.email agent@example.org && git commit \
             -qam two && git log --format='%an %s' | head -1",
            "(node -e \"require('http').createServer((q, r) => r.end('served')).listen(8123)\" & echo $! > pid; for i in $(seq \
             50); do curl -s --noproxy '*' http://127.0.0.1:8123/ && break || perl -e 'use IO::Socket::INET; my $s = \
             IO::Socket::INET->new(\"127.0.0.1:8123\") or exit 1; print $s \"GET / HTTP/1.0\\r\\n\\r\\n\"; local $/; print <$s>' \
             && break; sleep 0.1; done; kill $(cat pid))",
        ],
    );
    for expected in [
        "one",
        "from the package",
        "1 passed",
        "compiled",
        "Agent two",
        "served",
    ] {
        assert!(said.contains(expected), "{expected} is missing:\n{said}");
    }
    assert_eq!(said.matches("ENDED 0").count(), 6, "{said}");
}

#[test]
fn programs_of_rust_go_and_java_are_built_tested_and_run_in_the_box() {
    let place = Place::new();
    let folder = place.work();
    let package = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
    };
    write(
        &folder.join("rust/app/Cargo.toml"),
        &package("app", "[dependencies]\nlibrary = { path = \"../library\" }\n"),
    );
    write(
        &folder.join("rust/app/src/main.rs"),
        "fn main() { println!(\"{}\", library::said()); }\n\n#[test]\nfn it_says() { assert_eq!(library::said(), \"by cargo\"); }\n",
    );
    write(&folder.join("rust/library/Cargo.toml"), &package("library", ""));
    write(
        &folder.join("rust/library/src/lib.rs"),
        "pub fn said() -> &'static str { \"by cargo\" }\n",
    );
    write(&folder.join("go/go.mod"), "module example.org/app\n\ngo 1.19\n");
    write(
        &folder.join("go/main.go"),
        "package main\n\nimport \"fmt\"\n\nfunc said() string { return \"by go\" }\n\nfunc main() { fmt.Println(said()) }\n",
    );
    write(
        &folder.join("go/main_test.go"),
        "package main\n\nimport \"testing\"\n\nfunc TestSaid(t *testing.T) {\n\tif said() != \"by go\" {\n\t\tt.Fatal(said())\n\t}\n}\n",
    );
    write(
        &folder.join("java/Said.java"),
        "class Said { public static void main(String[] words) { System.out.println(\"by java\"); } }\n",
    );
    let said = work(
        &place,
        &[
            "cd rust/app && cargo build --quiet && ./target/debug/app && cargo test 2>&1 | grep 'test result'",
            "cd go && go build -o app . && ./app && go test ./...",
            "cd java && javac Said.java && java Said",
        ],
    );
    for expected in ["by cargo", "1 passed", "by go", "example.org/app", "by java"] {
        assert!(said.contains(expected), "{expected} is missing:\n{said}");
    }
    assert_eq!(said.matches("ENDED 0").count(), 3, "{said}");
}

#[test]
fn a_stopped_connection_is_told_with_what_would_let_it_through() {
    let place = Place::new();
    let ask = |host: &str| {
        format!(
            "perl -MIO::Socket::INET -e 'my ($at) = $ENV{{HTTPS_PROXY}} =~ m!//([^/]+)!; my $s = \
             IO::Socket::INET->new($at) or exit 1; print $s \"CONNECT {host}:443 HTTP/1.1\\r\\n\\r\\n\"; local $/; print <$s>'"
        )
    };
    with_model(&place, async |workspace, model| {
        let call = |command: String| vec![vec![turns::bash(&command)]];
        let said = turns::steps(workspace, model, call(ask("registry.npmjs.org"))).await;
        assert!(said.contains("403"), "{said}");
        let stopped = workspace.safety().stopped;
        assert_eq!(stopped[0].host, "registry.npmjs.org", "{stopped:?}");
        assert_eq!(stopped[0].widening, Widening::Registries);

        let folder = workspace.start().await.unwrap().initial_folder.unwrap();
        let wanted = BoxSettingsView {
            network: NetworkMode::Listed,
            ..BoxSettingsView::default()
        };
        let refused = workspace.set_box(&folder, wanted.clone(), Consent::Missing).await;
        let words = refused.expect_err("it needs consent").to_string();
        let agreed = Consent::To(words);
        workspace.set_box(&folder, wanted, agreed).await.unwrap();
        assert_eq!(
            workspace.safety().stopped,
            [],
            "what is let through now is not shown any more"
        );
        let said = turns::steps(workspace, model, call(ask("example.org"))).await;
        assert!(said.contains("403"), "{said}");
        assert_eq!(workspace.safety().stopped[0].widening, Widening::Host);
        workspace.forget_stopped(None);
        assert_eq!(workspace.safety().stopped, []);
    });
}

#[test]
fn a_file_that_was_kept_is_offered_and_read_once_its_folder_is_opened() {
    let place = Place::new();
    let person = place.root.path().canonicalize().unwrap().join("person");
    write(&person.join("data/prices.csv"), "apples 3\n");
    write(&person.join(".aws/config"), "cloud secret\n");
    write(&person.join("note"), "in the home itself\n");
    with_model(&place, async |workspace, model| {
        let read = |name: &str| vec![vec![turns::bash(&format!("cat {}", person.join(name).display()))]];
        let kept = async |expected: usize| {
            for _ in 0..200 {
                if workspace.safety().stopped_files.len() == expected {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            let kept = workspace.safety().stopped_files;
            assert_eq!(kept.len(), expected, "{kept:?}");
            kept
        };
        // What is not there, what is the system's and what lies in the home itself is offered by nothing.
        for other in ["data/none.csv", "../../../etc/shadow", "note"] {
            turns::steps(workspace, model, read(other)).await;
        }
        let said = turns::steps(workspace, model, read(".aws/config")).await;
        assert!(!said.contains("cloud secret"), "{said}");
        let secret = kept(1).await;
        assert_eq!(
            (secret[0].bridge, &secret[0].offered),
            (Some(Bridge::Cloud), &None)
        );
        let said = turns::steps(workspace, model, read("data/prices.csv")).await;
        assert!(said.contains("No such file or directory"), "{said}");
        let offered = kept(2).await[0].offered.clone().unwrap();
        assert_eq!(
            (offered.path.as_str(), offered.writable),
            (person.join("data").to_str().unwrap(), false)
        );

        let folder = workspace.start().await.unwrap().initial_folder.unwrap();
        let wanted = BoxSettingsView {
            granted: vec![offered.clone()],
            ..BoxSettingsView::default()
        };
        let refused = workspace
            .set_box(&folder, wanted.clone(), Consent::Missing)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains(&offered.path),
            "the dialog names it: {refused}"
        );
        let agreed = Consent::To(refused.to_string());
        workspace.set_box(&folder, wanted, agreed).await.unwrap();
        kept(1).await;
        let said = turns::steps(workspace, model, read("data/prices.csv")).await;
        assert!(said.contains("apples 3"), "{said}");
        workspace.forget_stopped(Some((&folder, &secret[0].path)));
        kept(0).await;
    });
}

#[test]
fn a_folder_that_cannot_be_taken_out_of_the_engine_s_box_asks_for_a_new_start() {
    let place = Place::new();
    let other = place.root.path().join("other");
    std::fs::create_dir_all(&other).unwrap();
    with_model(&place, async |workspace, _| {
        let other = workspace.grant_folder(other).await.unwrap().id;
        assert!(!workspace.safety().restart_needed);
        // What changes the box is not there any more.
        let wrapper = place.root.path().join("app/data/toolbox/bin/cowork-box");
        std::fs::remove_file(&wrapper).unwrap();
        workspace.forget_folder(&other).await.unwrap();
        assert!(workspace.safety().restart_needed);
    });
}
