//! Where a box connects to: to the gateway and nowhere else.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use cowork_policy::confinement::{Network, OpenedSocket};

use crate::world::{World, text};

/// Answers each connection with what it was asked, after `got: `.
fn echo(listener: UnixListener) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut bytes = [0; 1024];
                let count = stream.read(&mut bytes).unwrap_or(0);
                // At once, since the answers of many are printed by many at the same time.
                let _gone = stream.write_all(&[b"got: ", &bytes[..count]].concat());
            });
        }
    });
}

const ASK: &str = "exec 3<>/dev/tcp/127.0.0.1/${HTTPS_PROXY##*:} && echo hello >&3 && cat <&3";

#[test]
fn the_gateway_is_reached_and_this_machine_is_not() {
    let world = World::with(|rules, root| {
        rules.folders[0].network = Network::Open;
        rules.folders[0].gateway = Some(root.join("yard/gateway/one.sock"));
        rules.folders[1].gateway = Some(root.join("yard/gateway/two.sock"));
    });
    echo(UnixListener::bind(world.yard.gateway("one")).unwrap());
    let _other = UnixListener::bind(world.yard.gateway("two")).unwrap();
    world.give_away();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(world.says(ASK), "got: hello");
    let many = format!("for i in $(seq 40); do ({ASK}) & done; wait");
    assert_eq!(world.says(&many).matches("got: hello").count(), 40);
    world.fails(&format!("exec 3<>/dev/tcp/127.0.0.1/{port}"));
    let seen = world.says("env; ls /run/cowork");
    assert!(
        seen.contains("https_proxy=http://127.0.0.1:3128") && !seen.contains("PIP_RETRIES"),
        "{seen}"
    );
    assert!(
        seen.contains("gateway.sock") && !seen.contains("rules.json"),
        "{seen}"
    );
    // git has none of it.
    let output = world
        .engine(&world.folder(), &["git", "-c", "alias.x=!env", "x"])
        .output()
        .unwrap();
    assert!(
        output.status.success() && !text(&output.stdout).contains("https_proxy"),
        "{output:?}"
    );
}

/// Answers who asks to be connected to a host of ours, and then says what it is told, in capitals.
fn tunnel(listener: UnixListener) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).unwrap_or(0) == 0 {
                        return;
                    }
                    head.push(byte[0]);
                }
                if !head.starts_with(b"CONNECT git.example.org:22 HTTP/1.1\r\nHost: ") {
                    let _gone = stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\nnot on the list");
                    return;
                }
                // What comes at once behind the head belongs to the connection.
                let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-test\r\n");
                let mut told = String::new();
                let _gone = stream.read_to_string(&mut told);
                let _gone = stream.write_all(told.to_uppercase().as_bytes());
            });
        }
    });
}

#[test]
fn ssh_of_git_and_javas_build_tools_go_through_the_gateway() {
    let world = World::with(|rules, root| {
        rules.folders[0].network = Network::Open;
        rules.folders[0].gateway = Some(root.join("yard/gateway/one.sock"));
        rules
            .environment
            .insert("MAVEN_OPTS".to_owned(), "-Xmx1g".to_owned());
    });
    tunnel(UnixListener::bind(world.yard.gateway("one")).unwrap());
    world.give_away();
    let connect = "/run/cowork/bin/cowork-box connect";
    let said = world.says(&format!("printf hello | {connect} git.example.org 22"));
    assert_eq!(said, "SSH-2.0-test\r\nHELLO");
    let output = world.bash(&format!("{connect} elsewhere.example.org 22"));
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    assert!(text(&output.stderr).contains("403 Forbidden"), "{output:?}");
    assert!(text(&output.stderr).contains("not on the list"), "{output:?}");
    let seen = world.says("env");
    assert!(
        seen.contains(
            "GRADLE_OPTS=-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=3128 -Dhttps.proxyHost=127.0.0.1"
        ),
        "{seen}"
    );
    let maven = seen.lines().find(|line| line.starts_with("MAVEN_OPTS=")).unwrap();
    assert!(
        maven.ends_with(" -Xmx1g") && maven.contains("-Dhttps.proxyPort=3128"),
        "{maven}"
    );
    // The whole way: git starts SSH, which gets as far as to the gateway.
    let output = world.bash("git ls-remote ssh://git@elsewhere.example.org/x 2>&1");
    let said = text(&output.stdout);
    assert!(!said.contains("Bad owner") && !said.contains("resolve"), "{said}");
    assert!(said.contains("403 Forbidden"), "{said}");
}

#[test]
fn ssh_of_git_knows_the_person_s_hosts_where_their_agent_was_opened_and_takes_no_new_one() {
    let world = |agent: bool| {
        let world = World::with(|rules, root| {
            let folder = &mut rules.folders[0];
            folder.network = Network::Open;
            folder.gateway = Some(root.join("yard/gateway/one.sock"));
            if agent {
                folder.sockets = vec![OpenedSocket {
                    path: root.join("home/.ssh/agent"),
                    variable: Some("SSH_AUTH_SOCK".to_owned()),
                }];
            }
        });
        tunnel(UnixListener::bind(world.yard.gateway("one")).unwrap());
        let key = "git.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n\
                   refused.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n";
        world.yard.write_known_hosts(Some(key.as_bytes())).unwrap();
        world.give_away();
        world
    };
    // A command vouches for a host in its own home.
    let forge = "mkdir -p ~/.ssh; echo x > ~/.ssh/known_hosts; printf 'Host *\\nKnownHostsCommand /bin/cat /tmp/keys\\n\
                 UserKnownHostsFile /tmp/keys\\nGlobalKnownHostsFile /tmp/keys\\n' > ~/.ssh/config; true";
    let lines = |said: String| {
        let chosen = said
            .lines()
            .filter(|line| line.contains("hostkey") || line.starts_with("userknown"));
        chosen.collect::<Vec<_>>().join("\n")
    };
    let opened = world(true);
    opened.says(forge);
    let said = opened.says("$GIT_SSH_COMMAND -G git.example.org");
    assert!(
        !said.contains(".ssh/known_hosts") && !said.contains("/tmp/keys"),
        "{said}"
    );
    let said = lines(opened.says("$GIT_SSH_COMMAND -G git.example.org"));
    assert!(said.contains("stricthostkeychecking true"), "{said}");
    assert!(
        said.lines()
            .any(|line| line.trim() == "userknownhostsfile /run/cowork/known_hosts"),
        "{said}"
    );
    opened.says("ssh-keygen -F git.example.org -f /run/cowork/known_hosts");
    opened.fails("echo x >> /run/cowork/known_hosts");
    let tried = |world: &World, host: &str| {
        let output = world.bash(&format!("git ls-remote ssh://git@{host}/x"));
        assert_eq!(output.status.code(), Some(128), "{output:?}");
        text(&output.stderr)
    };
    let said = tried(&opened, "new.example.org");
    assert!(
        said.contains("new.example.org is not among the hosts that the person knows"),
        "{said}"
    );

    let mut with_directory = world(true);
    with_directory.rules.opened = vec![with_directory.path("home/.ssh")];
    with_directory
        .rules
        .hidden
        .retain(|hidden| !hidden.ends_with(".ssh"));
    with_directory.write_rules();
    let said = with_directory.says("$GIT_SSH_COMMAND -G git.example.org");
    assert!(
        said.contains("/run/cowork/known_hosts ") && said.contains(".ssh/known_hosts2"),
        "{said}"
    );

    let closed = world(false);
    closed.says(forge);
    let said = closed.says("$GIT_SSH_COMMAND -G git.example.org");
    assert!(
        !said.contains(".ssh/known_hosts") && !said.contains("/tmp/keys"),
        "{said}"
    );
    closed.fails("test -e /run/cowork/known_hosts");
    let said = tried(&closed, "new.example.org");
    assert!(said.contains("With the SSH agent opened"), "{said}");
    opened.yard.write_known_hosts(None).unwrap();
    opened.yard.write_known_hosts(None).unwrap();
    opened.fails("test -e /run/cowork/known_hosts");
}

#[test]
fn without_a_network_there_is_no_proxy() {
    let world = World::new();
    world.fails("test -n \"$HTTPS_PROXY\"");
    world.fails("test -e /run/cowork/gateway.sock");
    // A server of its own can be reached by its own client.
    let script = "python3 -c 'import socket as s; l=s.socket(); l.bind((\"127.0.0.1\",8080)); l.listen(); c=s.create_connection((\"127.0.0.1\",8080)); print(\"own\")'";
    assert_eq!(world.says(script), "own");
}

#[test]
fn an_opened_socket_is_there_under_its_variable() {
    let world = World::with(|rules, root| {
        rules.folders[0].sockets = vec![OpenedSocket {
            path: root.join("home/.ssh/agent"),
            variable: Some("SSH_AUTH_SOCK".to_owned()),
        }];
    });
    echo(UnixListener::bind(world.path("home/.ssh/agent")).unwrap());
    world.give_away();
    let script = "python3 -c 'import socket as s, os; c=s.socket(s.AF_UNIX); c.connect(os.environ[\"SSH_AUTH_SOCK\"]); c.send(b\"key\"); print(c.recv(99).decode())'";
    assert!(world.says(script).starts_with("got"));
}
