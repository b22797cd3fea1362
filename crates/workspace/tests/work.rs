//! What ordinary work needs, in the box of a folder, by calls of the real engine.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, bubblewrap, git, Node, a C compiler and pytest, which the check
//! script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "attacks/turns.rs"]
mod turns;

use std::path::Path;

use common::{KEY, Place, connect, life, upstream};
use cowork_scripted_model::SCRIPTED_MODEL;
use cowork_workspace::view::{BoxSettingsView, NetworkMode, Widening};

/// Has an agent run commands, each of which has to end well, and gives what they said.
fn work(place: &Place, commands: &[&str]) -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(upstream());
    life(async {
        let workspace = place
            .open_as(|options| options.home_directory = Some(place.root.path().join("person")))
            .await;
        let model = format!("{}/{SCRIPTED_MODEL}", connect(&workspace, &server, KEY).await);
        let calls = commands
            .iter()
            .map(|command| vec![turns::bash(&format!("{command}\necho \"ENDED $?\""))]);
        let said = turns::steps(&workspace, &model, calls.collect()).await;
        workspace.close().await;
        said
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
    std::fs::create_dir(place.root.path().join("person")).unwrap();
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
fn a_stopped_connection_is_told_with_what_would_let_it_through() {
    let place = Place::new();
    std::fs::create_dir(place.root.path().join("person")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(upstream());
    let ask = |host: &str| {
        format!(
            "perl -MIO::Socket::INET -e 'my ($at) = $ENV{{HTTPS_PROXY}} =~ m!//([^/]+)!; my $s = \
             IO::Socket::INET->new($at) or exit 1; print $s \"CONNECT {host}:443 HTTP/1.1\\r\\n\\r\\n\"; local $/; print <$s>'"
        )
    };
    life(async {
        let workspace = place
            .open_as(|options| options.home_directory = Some(place.root.path().join("person")))
            .await;
        let model = format!("{}/{SCRIPTED_MODEL}", connect(&workspace, &server, KEY).await);
        let call = |command: String| vec![vec![turns::bash(&command)]];
        let said = turns::steps(&workspace, &model, call(ask("registry.npmjs.org"))).await;
        assert!(said.contains("403"), "{said}");
        let stopped = workspace.safety().stopped;
        assert_eq!(stopped[0].host, "registry.npmjs.org", "{stopped:?}");
        assert_eq!(stopped[0].widening, Widening::Registries);

        let folder = workspace.start().await.unwrap().initial_folder.unwrap();
        let wanted = BoxSettingsView {
            network: NetworkMode::Listed,
            ..BoxSettingsView::default()
        };
        let refused = workspace.set_box(&folder, wanted.clone(), false).await;
        assert!(refused.is_err(), "it needs consent");
        workspace.set_box(&folder, wanted, true).await.unwrap();
        assert_eq!(
            workspace.safety().stopped,
            [],
            "what is let through now is not shown any more"
        );
        let said = turns::steps(&workspace, &model, call(ask("example.org"))).await;
        assert!(said.contains("403"), "{said}");
        assert_eq!(workspace.safety().stopped[0].widening, Widening::Host);
        workspace.forget_stopped(None);
        assert_eq!(workspace.safety().stopped, []);
        workspace.close().await;
    });
}
