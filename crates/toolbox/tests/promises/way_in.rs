//! How the app gets to what serves in a box, and who else does not.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command};
use std::time::Duration;

use crate::world::{World, text};

/// A world in which the app listens for servers of both folders.
fn world() -> (World, UnixListener, UnixListener) {
    let world = World::new();
    let one = UnixListener::bind(world.yard.way_in("one")).unwrap();
    let two = UnixListener::bind(world.yard.way_in("two")).unwrap();
    world.give_away();
    (world, one, two)
}

/// The next connection of a box, and the line it begins with.
fn introduced(listener: &UnixListener) -> (String, BufReader<UnixStream>) {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut stream = BufReader::new(stream);
    let begin = line(&mut stream);
    (begin, stream)
}

fn line(stream: &mut BufReader<UnixStream>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    line
}

/// Whether a box connects within a time in which one that serves has long done so.
fn nobody_comes(listener: &UnixListener) {
    listener.set_nonblocking(true).unwrap();
    std::thread::sleep(Duration::from_secs(3));
    assert!(listener.accept().is_err());
    listener.set_nonblocking(false).unwrap();
}

fn stop(mut child: Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    child.wait().unwrap();
}

/// Says hello to each, and ends a connection that says `bye`.
const SERVER: &str = "python3 -c '
import socket, threading
l = socket.create_server((\"ADDRESS\", PORT), family=socket.FAMILY, backlog=64)
def serve(c):
    c.sendall(b\"hello \" + c.recv(99))
    c.close()
while True: threading.Thread(target=serve, args=(l.accept()[0],)).start()
'";

fn server(address: &str, port: u16) -> String {
    let family = if address.contains(':') {
        "AF_INET6"
    } else {
        "AF_INET"
    };
    SERVER
        .replace("ADDRESS", address)
        .replace("PORT", &port.to_string())
        .replace("FAMILY", family)
}

#[test]
fn the_app_reaches_what_serves_in_a_box_and_hears_of_it_while_it_runs() {
    let (world, app, _other) = world();
    let child = world.spawn(&server("127.0.0.1", 5173));
    let (begin, mut control) = introduced(&app);
    assert_eq!(begin, "serves\n");
    assert_eq!(line(&mut control), "ports 5173\n");
    // Many at once, each with its own answer.
    for each in 0..40 {
        writeln!(control.get_mut(), "open 5173 ticket-{each}").unwrap();
    }
    let mut streams: Vec<_> = (0..40).map(|_| introduced(&app)).collect();
    streams.sort_by_key(|(begin, _)| begin.len());
    for (begin, stream) in &mut streams {
        let ticket = begin.strip_prefix("stream ").unwrap().trim().to_owned();
        stream.get_mut().write_all(ticket.as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert_eq!(said, format!("hello {ticket}"));
    }
    drop(streams);
    // What serves nothing is not led to, nor what never did.
    writeln!(control.get_mut(), "open 3128 other").unwrap();
    assert_eq!(introduced(&app).0, "refused other\n");
    // No port of this machine leads there.
    assert!(TcpStream::connect("127.0.0.1:5173").is_err());
    stop(child);
    assert_eq!(line(&mut control), "");
}

#[test]
fn what_comes_and_goes_is_told_of_each_kind_of_address() {
    let (world, app, _other) = world();
    let script = format!(
        "{} & first=$!; {} & {} & sleep 4; kill $first; wait",
        server("0.0.0.0", 8001),
        server("::1", 8002),
        // Told of once.
        server("::", 8003),
    );
    let child = world.spawn(&script);
    let (_, mut control) = introduced(&app);
    let mut told = line(&mut control);
    // Python takes a while to start, three times.
    while told != "ports 8001 8002 8003\n" {
        told = line(&mut control);
    }
    for port in [8001, 8002, 8003] {
        writeln!(control.get_mut(), "open {port} t").unwrap();
        let (begin, mut stream) = introduced(&app);
        assert_eq!(begin, "stream t\n");
        stream.get_mut().write_all(b"x").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert_eq!(said, "hello x", "{port}");
    }
    assert_eq!(line(&mut control), "ports 8002 8003\n");
    stop(child);
}

#[test]
fn the_way_in_leads_out_of_no_box_and_into_no_other() {
    let (world, app, other) = world();
    let child = world.spawn(&server("127.0.0.1", 5173));
    let (_, mut control) = introduced(&app);
    assert_eq!(line(&mut control), "ports 5173\n");
    // A box of another folder has its own socket, and the port leads to nobody.
    let script = "exec 3<>/dev/tcp/127.0.0.1/5173";
    let output = world
        .engine(&world.path("other"), &["/run/cowork/bin/bash", "-c", script])
        .output()
        .unwrap();
    assert!(!output.status.success(), "{output:?}");
    // Neither does one of the same folder reach the other's.
    world.fails(script);
    let listed = world.says("ls /run/cowork");
    assert_eq!(
        listed.split_whitespace().collect::<Vec<_>>(),
        ["bin", "way-in.sock"]
    );
    // What a command says there arrives as its own folder's.
    let says = "python3 -c 'import socket as s; c=s.socket(s.AF_UNIX); c.connect(\"/run/cowork/way-in.sock\"); c.send(b\"stream guessed\\n\")'";
    let mut liar = world.engine(&world.path("other"), &["/run/cowork/bin/bash", "-c", says]);
    let output = liar.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(introduced(&other).0, "stream guessed\n");
    nobody_comes(&app);
    stop(child);
}

#[test]
fn what_serves_nothing_says_nothing_and_git_has_no_way_in() {
    let (world, app, _other) = world();
    // Not the port of the bridge, nor one that is open for a moment.
    let child = world.spawn("sleep 3; python3 -c 'import socket as s, time; l=s.create_server((\"127.0.0.1\", 8080)); time.sleep(0.2)'; sleep 60");
    nobody_comes(&app);
    nobody_comes(&app);
    stop(child);
    let output = world
        .engine(&world.folder(), &["git", "-c", "alias.x=!ls /run/cowork", "x"])
        .output()
        .unwrap();
    assert!(
        output.status.success() && !text(&output.stdout).contains("way-in"),
        "{output:?}"
    );
}
