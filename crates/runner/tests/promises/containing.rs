//! A code block reaches nothing of the person's. Each has a control, where that is harmless, that shows that the same
//! source does it without a box.

use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cowork_runner::Language;

use crate::common::{desk, unboxed};

#[tokio::test]
async fn no_network_is_reached() {
    let desk = desk();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    let accepted = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&accepted);
    std::thread::spawn(move || {
        for stream in tcp.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.unwrap().read(&mut [0; 1]);
        }
    });
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_nonblocking(true).unwrap();
    let udp_port = udp.local_addr().unwrap().port();
    let name = format!("cowork-runner-{port}");
    let _abstract = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let file = desk.directory.path().join("socket");
    let _unix = UnixListener::bind(&file).unwrap();
    let source = format!(
        r"
import socket
def attempt(what, family, kind, address, send=None):
    try:
        s = socket.socket(family, kind)
        s.settimeout(2)
        s.connect(address)
        if send: s.send(send)
        print(what, 'reached')
    except OSError as e:
        print(what, 'no')
attempt('tcp', socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', {port}))
attempt('udp', socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', {udp_port}), b'x')
attempt('abstract', socket.AF_UNIX, socket.SOCK_STREAM, '\0{name}')
attempt('unix', socket.AF_UNIX, socket.SOCK_STREAM, '{}')
attempt('outside', socket.AF_INET, socket.SOCK_DGRAM, ('8.8.8.8', 53))
try:
    print('names', socket.gethostbyname('example.org'))
except OSError: print('names no')
print(sorted(n for _, n in socket.if_nameindex()))
",
        file.display()
    );
    let control = unboxed(&source);
    for reached in ["tcp reached", "udp reached", "abstract reached", "unix reached"] {
        assert!(control.contains(reached), "{control}");
    }
    udp.recv(&mut [0; 8]).unwrap();
    let before = accepted.load(Ordering::SeqCst);
    let said = desk.python(&source).await.well();
    for kept in [
        "tcp no",
        "abstract no",
        "unix no",
        "outside no",
        "names no",
        "['lo']",
    ] {
        assert!(said.contains(kept), "{said}");
    }
    assert_eq!(accepted.load(Ordering::SeqCst), before);
    assert!(
        udp.recv(&mut [0; 8]).is_err(),
        "what was sent went to its own loopback: {said}"
    );
}

#[tokio::test]
async fn nothing_of_the_person_is_seen() {
    let desk = desk();
    let secret = desk.directory.path().join("secret");
    std::fs::write(&secret, "canary-5823").unwrap();
    let home = std::env::var("HOME").unwrap();
    let source = format!(
        r"
import os, glob
def look(what, f):
    try: print(what, f())
    except Exception as e: print(what, 'no', type(e).__name__)
look('secret', lambda: open('{}').read())
look('shadow', lambda: open('/etc/shadow').read(4))
look('passwd', lambda: open('/etc/passwd').read(4))
look('tmp', lambda: os.listdir('/tmp'))
for d in ('/mnt', '/media', '/srv', '/var/tmp', '/run', '/home'): look(d, lambda: os.listdir(d))
look('home', lambda: [p for p in os.listdir('{home}') if p not in ('.pyenv', '.local', '.cargo', '.rustup')])
look('processes', lambda: len([p for p in os.listdir('/proc') if p.isdigit()]))
look('environment', lambda: sorted(os.environ))
look('one', lambda: open('/proc/1/environ').read())
look('root', lambda: os.listdir('/proc/1/root/code'))
look('uid', lambda: os.getuid())
look('host', lambda: os.uname().nodename)
look('write', lambda: open('/usr/x', 'w'))
look('write-work', lambda: open('/code/x', 'w'))
look('write-root', lambda: open('/x', 'w'))
look('write-dev', lambda: open('/dev/x', 'w'))
look('kmsg', lambda: open('/dev/kmsg').read(1))
look('capabilities', lambda: [l for l in open('/proc/self/status') if l.startswith('CapEff')][0].split()[1])
",
        secret.display()
    );
    assert!(unboxed(&source).contains("secret canary-5823"));
    let said = desk.python(&source).await.well();
    for kept in [
        "secret no",
        "shadow no",
        "passwd no",
        "tmp []",
        "/mnt []",
        "/media []",
        "/srv []",
        "/var/tmp []",
        "/run []",
        "home []",
        "uid 65534",
        "host box",
        "write no",
        "write-work no",
        "write-root no",
        "write-dev no",
        "kmsg no",
        "capabilities 0000000000000000",
    ] {
        let home_is_not_there = kept == "home []" && said.contains("home no");
        assert!(said.contains(kept) || home_is_not_there, "{kept}: {said}");
    }
    let line = |what: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(what));
        line.unwrap_or_default().trim().to_owned()
    };
    assert!(line("processes").parse::<u32>().unwrap() <= 4, "{said}");
    for variable in ["CARGO", "USER", "SSH", "DBUS", "XDG"] {
        assert!(
            !line("environment").contains(variable) && !line("one").contains(variable),
            "{said}"
        );
    }
}

#[tokio::test]
async fn others_cannot_be_killed_or_looked_into() {
    let desk = desk();
    let mut victim = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let source = format!(
        r"
import os, signal
for target in ({}, -1):
    try: os.kill(target, signal.SIGKILL); print(target, 'killed')
    except OSError as e: print(target, 'no', e.errno)
print(os.path.exists('/proc/{}/environ'))
",
        victim.id(),
        victim.id()
    );
    let told = desk.python(&source).await;
    assert!(told.output.contains(" no ") || told.output.is_empty(), "{told:?}");
    assert_eq!(victim.try_wait().unwrap(), None, "it still lives");
    victim.kill().unwrap();
    victim.wait().unwrap();
}

#[tokio::test]
async fn ways_around_the_walls_are_closed() {
    let desk = desk();
    let source = r"
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, *call):
    r = libc.syscall(*call)
    print(what, 'no' if r < 0 else 'yes')
attempt('memfd', 319, b'x', 0)
attempt('userns', 272, 0x10000000)
attempt('mountns', 272, 0x00020000)
attempt('shm', 29, 0, 1 << 30, 0o1600)
attempt('uring', 425, 8, None)
attempt('keyctl', 250, 0, -3, 1)
attempt('bpf', 321, 0, None, 0)
attempt('x32', 0x40000000 + 39)
attempt('pid', 39)
";
    if cfg!(target_arch = "x86_64") {
        let control = unboxed(source);
        assert!(control.contains("memfd yes"), "{control}");
        let said = desk.python(source).await.well();
        for line in said.lines() {
            let expected = if line.starts_with("pid") { "yes" } else { "no" };
            assert!(line.ends_with(expected), "{said}");
        }
    }
    let told = desk
        .run(
            Language::Shell,
            "unshare -Ur true; bwrap --bind / / true; echo over",
        )
        .await;
    assert_eq!(told.output, "over\n");
    assert!(told.error.lines().count() >= 2, "{told:?}");
}
