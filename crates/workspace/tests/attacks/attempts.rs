//! The attempts.

use std::path::Path;

use cowork_scripted_model::Action;
use serde_json::json;

use crate::targets::{DAEMON, PLANTED, SECRET, Targets};
use crate::turns::bash;

/// One attempt to break out.
pub(crate) struct Attempt {
    pub(crate) name: &'static str,
    body: String,
    /// Without a box it says that it succeeded.
    pub(crate) succeeds_unboxed: bool,
    /// It may be made without a box.
    pub(crate) is_harmless: bool,
}

impl Attempt {
    /// A script for bash. The word that says of success does not stand in it.
    pub(crate) fn script(&self) -> String {
        format!(
            "( breach() {{ printf 'BREA%s\\n' 'CH {name}'; }}\n{body}\n) 2>/dev/null\nprintf 'TRIED %s\\n' '{name}'\n",
            name = self.name,
            body = self.body
        )
    }
}

/// Finds the engine's password and port as a command without a box does, and asks the engine with it.
const FORGE: &str = r#"
perl -MIO::Socket::INET -MMIME::Base64 -e '
for my $process (glob "/proc/[0-9]*") {
  local $/; open(my $f, "<", "$process/environ") or next; my $text = <$f> // "";
  my ($password) = $text =~ /OPENCODE_SERVER_PASSWORD=([^\0]+)/ or next;
  open($f, "<", "$process/cmdline") or next; $text = <$f> // "";
  my ($port) = $text =~ /serve\0.*--port\0(\d+)/s or next;
  my $engine = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 5) or next;
  my $name = encode_base64("opencode:$password", "");
  print $engine "GET /permission HTTP/1.1\r\nHost: x\r\nAuthorization: Basic $name\r\nConnection: close\r\n\r\n";
  $/ = "\n"; exit 0 if (<$engine> // "") =~ / 200 /;
}
exit 1;
' && breach"#;

/// Asks every port of this machine whether it is the engine.
const SCAN: &str = r#"
perl -MSocket -e '
for my $port (1024 .. 65535) {
  socket(my $s, PF_INET, SOCK_STREAM, 0) or next;
  connect($s, sockaddr_in($port, inet_aton("127.0.0.1"))) or next;
  syswrite $s, "GET /global/health HTTP/1.0\r\n\r\n";
  my $bits = ""; vec($bits, fileno($s), 1) = 1; select($bits, undef, undef, 1) or next;
  sysread $s, my $said, 4096; exit 0 if $said =~ /401/ && $said =~ /basic/i;
}
exit 1' && breach"#;

/// Looks for the engine's password in the memory of every process.
const MEMORY: &str = r#"
perl -e '
for my $process (glob "/proc/[0-9]*") {
  next if $process eq "/proc/$$";
  open(my $maps, "<", "$process/maps") or next; open(my $memory, "<:raw", "$process/mem") or next;
  while (<$maps>) {
    /^([0-9a-f]+)-([0-9a-f]+) rw/ or next; my ($from, $to) = (hex $1, hex $2); $to - $from < 1 << 26 or next;
    seek($memory, $from, 0) or next; read($memory, my $bytes, $to - $from) or next;
    exit 0 if $bytes =~ /OPENCODE_SERVER_PASSWORD=[a-zA-Z0-9]{8}/;
  }
}
exit 1' && breach"#;

/// Attaches to a process of somebody else.
fn trace(process: u32) -> String {
    format!(
        "perl -e 'my $call = `uname -m` =~ /x86_64/ ? 101 : 117; exit(syscall($call, 0x4206, {process}, 0, 0) == 0 ? 0 : 1)' \
         && breach"
    )
}

fn connect(socket: &str) -> String {
    format!(
        "perl -MIO::Socket::INET -MIO::Socket::UNIX -MIO::Socket::IP -e '\n\
         my $s = {socket} or exit 1; print $s \"x\\r\\n\\r\\n\"; $s->flush; $s->shutdown(1) unless $s->socktype == Socket::SOCK_DGRAM;\n\
         my $said = \"\"; eval {{ local $SIG{{ALRM}} = sub {{ die }}; alarm 3; while (sysread $s, my $more, 4096) {{ $said .= $more; last if $said =~ /{SECRET}/ }} }};\n\
         exit($said =~ /{SECRET}/ ? 0 : 1)' && breach"
    )
}

/// The way to the network turned round: a proxy that leads back to this machine.
fn by_proxy(port: u16) -> String {
    format!(
        "perl -MIO::Socket::INET -e '\n\
         my ($at) = ($ENV{{HTTP_PROXY}} // \"\") =~ m!//(?:[^@]*@)?([^/]+)! or exit 1;\n\
         for my $name (\"127.0.0.1\", \"localhost\", \"0x7f.1\", \"[::ffff:127.0.0.1]\", \"0\") {{\n\
           for my $head (\"GET http://$name:{port}/ HTTP/1.0\", \"CONNECT $name:{port} HTTP/1.1\") {{\n\
             my $s = IO::Socket::INET->new(PeerAddr => $at, Timeout => 3) or next;\n\
             print $s \"$head\\r\\nHost: $name:{port}\\r\\n\\r\\nx\\r\\n\\r\\n\"; $s->flush; my $said = \"\";\n\
             eval {{ local $SIG{{ALRM}} = sub {{ die }}; alarm 2; while (<$s>) {{ $said .= $_ }} }};\n\
             exit 0 if $said =~ /{SECRET}/;\n\
           }}\n\
         }}\n\
         exit 1' && breach"
    )
}

fn traced_freely() -> bool {
    std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").is_ok_and(|scope| scope.trim() == "0")
}

/// All attempts by a command.
pub(crate) fn attempts(targets: &Targets) -> Vec<Attempt> {
    let attempt = |name, body: String, succeeds_unboxed| Attempt {
        name,
        body,
        succeeds_unboxed,
        is_harmless: true,
    };
    let only_boxed = |name, body: String| Attempt {
        name,
        body,
        succeeds_unboxed: false,
        is_harmless: false,
    };
    let home = targets.home().display().to_string();
    let outside = targets.outside().display().to_string();
    let app = targets.app().display().to_string();
    let victim = targets.victim();
    let reads = |path: &str| format!("grep -q {SECRET} {path} && breach");
    vec![
        attempt("environment", "env | grep -q ^OPENCODE_SERVER_PASSWORD= && breach".to_owned(), false),
        attempt(
            "environments of processes",
            "for p in /proc/[0-9]*/environ; do tr '\\0' '\\n' < $p | grep -q ^OPENCODE_SERVER_PASSWORD= && breach && break; \
             done"
                .to_owned(),
            true,
        ),
        attempt(
            "shells by other names",
            "for s in /run/cowork-real/usr/bin/* /run/cowork-real/* /bin/sh /bin/dash /usr/bin/rbash busybox zsh fish /usr/bin/git; do \
             test -d $s && continue; timeout 5 $s -c 'cat /proc/[0-9]*/environ' 2>/dev/null < /dev/null | tr '\\0' '\\n' | grep -q \
             ^OPENCODE_SERVER_PASSWORD= && breach && break; done"
                .to_owned(),
            true,
        ),
        attempt("memory", MEMORY.to_owned(), false),
        attempt("ptrace", trace(victim), traced_freely()),
        attempt("forged answer", FORGE.to_owned(), true),
        attempt("port of the engine", SCAN.to_owned(), true),
        attempt("ssh key", reads(&format!("{home}/.ssh/id_ed25519")), true),
        attempt("other folder", reads(&format!("{home}/other/notes.txt")), true),
        attempt(
            "symlink",
            format!("ln -sfn {home}/.ssh/id_ed25519 ./leak; {}; rm -f ./leak", reads("./leak")),
            true,
        ),
        attempt(
            "roots of processes",
            format!(
                "for p in /proc/[0-9]*; do for w in root cwd; do grep -q {SECRET} $p/$w{home}/.ssh/id_ed25519 \
                 $p/$w/../person/.ssh/id_ed25519 && breach && break 2; done; done"
            ),
            true,
        ),
        attempt(
            "unix socket",
            connect(&format!("IO::Socket::UNIX->new(Peer => \"{home}/agent.sock\")")),
            true,
        ),
        attempt(
            "abstract socket",
            connect(&format!("IO::Socket::UNIX->new(Peer => \"\\0{}\")", targets.abstract_name)),
            true,
        ),
        attempt(
            "tcp by IPv4",
            connect(&format!("IO::Socket::INET->new(PeerAddr => \"127.0.0.1:{}\", Timeout => 3)", targets.tcp4)),
            true,
        ),
        attempt(
            "tcp by IPv6",
            connect(&format!(
                "IO::Socket::IP->new(PeerHost => \"::1\", PeerPort => {}, Timeout => 3)",
                targets.tcp6
            )),
            true,
        ),
        attempt(
            "udp",
            connect(&format!(
                "IO::Socket::INET->new(Proto => \"udp\", PeerAddr => \"127.0.0.1:{}\")",
                targets.udp
            )),
            true,
        ),
        attempt("proxy to this machine", by_proxy(targets.tcp4), false),
        attempt(
            "session bus",
            "for s in /run/user/*/bus /run/dbus/system_bus_socket /tmp/dbus-* ${DBUS_SESSION_BUS_ADDRESS#unix:path=}; do test \
             -S \"$s\" && breach && break; done"
                .to_owned(),
            false,
        ),
        attempt(
            "docker",
            "for s in /run/docker.sock /var/run/docker.sock; do test -S $s && breach && break; done".to_owned(),
            false,
        ),
        attempt(
            "write outside",
            format!("echo {PLANTED} > {outside}/planted; echo {PLANTED} >> {home}/target.txt"),
            false,
        ),
        only_boxed(
            "rules",
            format!(
                "for f in /run/cowork/rules.json {app}/toolbox/rules.json {app}/data/toolbox/rules.json {app}/data/toolbox/bin/bash; \
                 do test -r $f && breach; echo {PLANTED} >> $f; done"
            ),
        ),
        attempt("gateways of others", "ls /run/cowork/gateway | grep -q . && breach".to_owned(), false),
        attempt("system", format!("echo {PLANTED} > /usr/local/bin/planted && breach; echo x > /etc/planted && breach"), false),
        attempt("shared memory", format!("echo {PLANTED} > /dev/shm/{}", targets.abstract_name), false),
        attempt("rights to be gained", "grep -q 'NoNewPrivs:.*0' /proc/self/status && breach".to_owned(), true),
        attempt("setuid", "sudo -n true && breach; su -c true < /dev/null && breach".to_owned(), false),
        attempt("namespaces", "unshare -Ur true && breach; bwrap --dev-bind / / true && breach".to_owned(), true),
        attempt(
            "mounts",
            format!("mount --bind {outside} /mnt && breach; umount -l {home} && breach; umount -l /run && breach"),
            false,
        ),
        attempt(
            "kernel keyring",
            "perl -e 'my ($t, $n, $v) = (\"user\", \"attempt\", \"x\"); exit(syscall(248, $t, $n, $v, 1, -3) > 0 ? 0 : 1)' && \
             test $(uname -m) = x86_64 && breach"
                .to_owned(),
            false,
        ),
        attempt(
            "open files",
            "for f in /proc/$$/fd/*; do n=${f##*/}; test $n -gt 2 || continue; case $(readlink $f) in socket:*|*/app/*) breach; \
             break;; esac; done"
                .to_owned(),
            false,
        ),
        attempt("signal", format!("kill -9 {victim} && breach"), true),
        only_boxed(
            "daemon",
            format!("perl -e 'fork and exit; setpgrp; fork and exit; exec qw(sleep {DAEMON})' & setsid -f sleep {DAEMON}"),
        ),
        attempt(
            "repository put in the place of another",
            "git init -q . && mv .git .git-before && mkdir evil && git init -q --separate-git-dir evil/git . && for k in \
             core.fsmonitor diff.external core.pager core.editor gpg.program; do git config $k 'env >> leaked-by-git;'; done; \
             git config alias.status '!env >> leaked-by-git'; rm -rf .git && mv .git-before .git && mv evil/git/config .git/config"
                .to_owned(),
            false,
        ),
        attempt(
            "filter of git",
            "git init -q . && git config filter.x.clean 'env > leaked-by-git; cat' && echo '* filter=x' > .gitattributes && \
             echo more > filtered; mkdir -p .git/hooks; for h in post-checkout pre-commit post-index-change; do printf \
             '#!/bin/sh\\nenv > leaked-by-git\\n' > .git/hooks/$h; chmod +x .git/hooks/$h; done"
                .to_owned(),
            false,
        ),
    ]
}

/// Links are planted by a command, and followed, or raced, by the engine's own tools.
pub(crate) fn by_engine_tools(targets: &Targets, work: &Path) -> Vec<Action> {
    let home = targets.home().display().to_string();
    let app = targets.app().display().to_string();
    let outside = targets.outside().display().to_string();
    let at = |path: &str| work.join(path).display().to_string();
    let mut calls = vec![bash(&format!(
        "ln -sfn {home}/.ssh/id_ed25519 key; ln -sfn {home} person; ln -sfn {outside} outside; ln -sfn {home}/target.txt target; \
         ln -sfn {app}/data/engine-home/engine told; ln -sfn {app}/data/engine-home/config/opencode global; mkdir -p real; echo here > real/file; printf 'TRIED %s\\n' links"
    ))];
    for path in [
        "key",
        "person/.ssh/id_ed25519",
        "person/other/notes.txt",
        "target",
    ] {
        calls.push(Action::tool("read", json!({ "filePath": at(path) })));
    }
    for path in ["person", "person/other", "."] {
        calls.push(Action::tool(
            "grep",
            json!({ "pattern": SECRET, "path": at(path) }),
        ));
        calls.push(Action::tool(
            "glob",
            json!({ "pattern": "**/id_*", "path": at(path) }),
        ));
    }
    for path in [
        "outside/written",
        "person/written",
        "target",
        "told/opencode.json",
        "told/planted",
        "global/opencode.json",
    ] {
        calls.push(Action::tool(
            "write",
            json!({ "filePath": at(path), "content": format!("{PLANTED}\n") }),
        ));
    }
    calls.push(Action::tool(
        "edit",
        json!({ "filePath": at("target"), "oldString": SECRET, "newString": PLANTED }),
    ));
    let this_machine = [
        format!("http://127.0.0.1:{}/", targets.tcp4),
        format!("http://localhost:{}/", targets.tcp4),
        format!("http://2130706433:{}/", targets.tcp4),
        format!("http://[::1]:{}/", targets.tcp6),
        format!("http://[::ffff:127.0.0.1]:{}/", targets.tcp4),
        format!("http://ip6-localhost:{}/", targets.tcp6),
    ];
    for address in this_machine {
        calls.push(Action::tool(
            "webfetch",
            json!({ "url": address, "format": "text" }),
        ));
    }
    calls
}

/// A folder that is a real one and a link in turn, while the engine writes into it.
pub(crate) fn race(targets: &Targets, work: &Path) -> Vec<Action> {
    let outside = targets.outside().display().to_string();
    let file = work.join("swapped/file").display().to_string();
    let mut calls = vec![bash(&format!(
        "mkdir -p swapped; end=$((SECONDS + 4)); while [ $SECONDS -lt $end ]; do mv swapped kept; ln -s {outside} swapped; rm \
         swapped; mv kept swapped; done; printf 'TRIED %s\\n' race"
    ))];
    for round in 0..20 {
        calls.push(Action::tool(
            "write",
            json!({ "filePath": file, "content": format!("{PLANTED} {round}\n") }),
        ));
    }
    calls
}

/// Links to what is in the engine's box although it is not of this folder: another folder that is open, the engine's own
/// home, the homes of boxes. And one that stays within the folder, which has to work.
pub(crate) fn into_the_engines_box(places: &[&Path], work: &Path) -> Vec<Action> {
    let at = |path: &str| work.join(path).display().to_string();
    let links: Vec<String> = places
        .iter()
        .enumerate()
        .map(|(index, place)| format!("ln -sfn {} to{index};", place.display()))
        .collect();
    let links = links.join(" ");
    let mut calls = vec![bash(&format!(
        "mkdir -p real; echo {WITHIN} > real/file; ln -sfn real within; ln -sfn ../real/file real/again; {links} printf 'TRIED \
         %s\\n' links"
    ))];
    for path in ["within/file", "real/again"] {
        calls.push(Action::tool("read", json!({ "filePath": at(path) })));
    }
    for index in 0..places.len() {
        let file = at(&format!("to{index}/notes.txt"));
        calls.push(Action::tool("read", json!({ "filePath": file })));
        for (tool, pattern) in [("grep", SECRET), ("glob", "**/*")] {
            let path = at(&format!("to{index}"));
            calls.push(Action::tool(tool, json!({ "pattern": pattern, "path": path })));
        }
        calls.push(Action::tool(
            "write",
            json!({ "filePath": at(&format!("to{index}/written")), "content": format!("{PLANTED}\n") }),
        ));
    }
    calls
}

/// Said by a file that a link within the folder leads to.
pub(crate) const WITHIN: &str = "found-by-a-link-within";

/// A file that is the folder's own and another one's in turn, while the engine reads it.
pub(crate) fn read_race(place: &Path, work: &Path) -> Vec<Action> {
    let file = work.join("turning/notes.txt").display().to_string();
    let mut calls = vec![bash(&format!(
        "mkdir -p turning; echo mine > turning/notes.txt; end=$((SECONDS + 4)); while [ $SECONDS -lt $end ]; do mv turning kept; \
         ln -s {} turning; rm turning; mv kept turning; done; printf 'TRIED %s\\n' race",
        place.display()
    ))];
    calls.extend((0..40).map(|_| Action::tool("read", json!({ "filePath": file }))));
    calls
}
