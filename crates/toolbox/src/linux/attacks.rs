//! The tries themselves. Each is made for what it does and not for what it answers: what a box lets through silently
//! the proof finds outside.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::attack::Plan;
use crate::proving::left_file;

type Outcome = Result<(), String>;

/// Of each process that much memory is looked into.
const MOST_MEMORY: u64 = 48 << 20;

/// What is on loopback answers at once.
const CONNECT: Duration = Duration::from_millis(100);

fn held_unless(got_through: bool, how: impl Into<String>) -> Outcome {
    if got_through { Err(how.into()) } else { Ok(()) }
}

/// Whether the secret is in these bytes, without ever having it whole in our own memory.
fn has_secret(plan: &Plan, bytes: &[u8]) -> bool {
    let reversed = plan.secret_reversed.as_bytes();
    let Some(first) = reversed.last() else {
        return false;
    };
    let length = reversed.len();
    bytes
        .windows(length)
        .any(|window| window[0] == *first && window.iter().eq(reversed.iter().rev()))
}

/// Every process that can be seen but this one, whose memory has what was read from others.
fn others() -> impl Iterator<Item = i32> {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(move |pid| *pid != own)
}

fn victim_is_seen(plan: &Plan) -> bool {
    fs::read(format!("/proc/{}/cmdline", plan.victim)).is_ok_and(|line| line.ends_with(b"\0victim\0"))
}

pub(super) fn own_environment(plan: &Plan) -> Outcome {
    let own = fs::read("/proc/self/environ").unwrap_or_default();
    held_unless(has_secret(plan, &own), "the engine's environment was handed on")
}

pub(super) fn environments(plan: &Plan) -> Outcome {
    for pid in others() {
        for file in ["environ", "cmdline"] {
            let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            held_unless(
                has_secret(plan, &bytes),
                format!("read in the {file} of process {pid}"),
            )?;
        }
    }
    Ok(())
}

pub(super) fn memory(plan: &Plan) -> Outcome {
    for pid in others() {
        let Ok(mut memory) = File::open(format!("/proc/{pid}/mem")) else {
            continue;
        };
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
        let mut left = MOST_MEMORY;
        for line in maps.lines() {
            let mut fields = line.split_whitespace();
            let range = fields.next().and_then(|range| range.split_once('-'));
            let writable = fields.next().is_some_and(|rights| rights.starts_with("rw"));
            let Some((from, to)) = range.filter(|_| writable) else {
                continue;
            };
            let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16)) else {
                continue;
            };
            let size = to.saturating_sub(from).min(left);
            left -= size;
            let mut bytes = Vec::new();
            if memory.seek(SeekFrom::Start(from)).is_ok() {
                let _partly = (&memory).take(size).read_to_end(&mut bytes);
            }
            held_unless(
                has_secret(plan, &bytes),
                format!("read in the memory of process {pid}"),
            )?;
        }
    }
    Ok(())
}

pub(super) fn files_of_others(plan: &Plan) -> Outcome {
    for pid in others() {
        let process = PathBuf::from(format!("/proc/{pid}"));
        let open = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        let mut ways: Vec<PathBuf> = open.map(|entry| entry.path()).collect();
        if let Some(secret) = &plan.secret_file {
            let relative = secret.strip_prefix("/").unwrap_or(secret);
            ways.push(process.join("root").join(relative));
            ways.extend(secret.file_name().map(|name| process.join("cwd").join(name)));
        }
        for way in ways {
            // Only files: a pipe would wait for someone to write.
            let is_file =
                fs::metadata(&way).is_ok_and(|metadata| metadata.is_file() && metadata.len() < 1 << 20);
            let bytes = is_file.then(|| fs::read(&way).ok()).flatten().unwrap_or_default();
            held_unless(
                has_secret(plan, &bytes),
                format!("read through {}", way.display()),
            )?;
        }
    }
    Ok(())
}

pub(super) fn tracing(plan: &Plan) -> Outcome {
    if !victim_is_seen(plan) {
        // In a pid namespace of its own the number means nobody, or one of the box.
        return Ok(());
    }
    // SAFETY: attaching takes no memory of ours.
    let answer = unsafe { libc::ptrace(libc::PTRACE_SEIZE, plan.victim, 0, 0) };
    held_unless(answer == 0, "attached to a process outside")
}

pub(super) fn signals(plan: &Plan) -> Outcome {
    let number_is_ours = Path::new(&format!("/proc/{}", plan.victim)).exists() && !victim_is_seen(plan);
    if number_is_ours {
        return Ok(());
    }
    // SAFETY: a signal to another process touches no memory of ours.
    let answer = unsafe { libc::kill(plan.victim, libc::SIGKILL) };
    held_unless(answer == 0, "killed a process outside")
}

pub(super) fn secret_file(plan: &Plan) -> Outcome {
    let Some(path) = &plan.secret_file else {
        return Ok(());
    };
    let bytes = fs::read(path).unwrap_or_default();
    held_unless(has_secret(plan, &bytes), format!("read {}", path.display()))
}

pub(super) fn secret_by_link(plan: &Plan) -> Outcome {
    let Some(path) = &plan.secret_file else {
        return Ok(());
    };
    let link = PathBuf::from(format!(".cowork-link-{}", plan.nonce));
    let _there = std::os::unix::fs::symlink(path, &link);
    let bytes = fs::read(&link).unwrap_or_default();
    let _gone = fs::remove_file(&link);
    // A hard link needs no right to read, and would stay.
    let hard = fs::hard_link(path, &link).is_ok();
    let _gone = fs::remove_file(&link);
    held_unless(hard, "made a hard link to it")?;
    held_unless(has_secret(plan, &bytes), "read through a link in the folder")
}

fn loopback(port: u16) -> [SocketAddr; 3] {
    let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
    [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        Ipv6Addr::LOCALHOST.into(),
        mapped.into(),
    ]
    .map(|address| (address, port).into())
}

pub(super) fn ports(plan: &Plan) -> Outcome {
    for address in plan.ports.iter().flat_map(|port| loopback(*port)) {
        let connected = TcpStream::connect_timeout(&address, CONNECT).is_ok();
        held_unless(connected, format!("connected to {address}"))?;
    }
    Ok(())
}

/// That one arrived is seen outside.
pub(super) fn datagrams(plan: &Plan) {
    for (own, address) in [
        (
            SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            loopback(plan.datagram_port)[0],
        ),
        (
            SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            loopback(plan.datagram_port)[1],
        ),
    ] {
        if let Ok(socket) = UdpSocket::bind(own) {
            let _unsent = socket.send_to(plan.nonce.as_bytes(), address);
        }
    }
}

pub(super) fn sockets(plan: &Plan) -> Outcome {
    for socket in &plan.sockets {
        let connected = UnixStream::connect(socket).is_ok();
        held_unless(connected, format!("connected to {}", socket.display()))?;
    }
    Ok(())
}

pub(super) fn abstract_socket(plan: &Plan) -> Outcome {
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&plan.abstract_socket);
    let connected = address.is_ok_and(|address| UnixStream::connect_addr(&address).is_ok());
    held_unless(connected, "connected to an abstract socket")
}

pub(super) fn socket_families(_plan: &Plan) -> Outcome {
    for (family, name) in [
        (libc::AF_VSOCK, "vsock"),
        (libc::AF_PACKET, "packet"),
        (libc::AF_ALG, "alg"),
        (libc::AF_BLUETOOTH, "bluetooth"),
        (libc::AF_TIPC, "tipc"),
    ] {
        // SAFETY: making a socket touches no memory of ours; one that is made ends with this process.
        let answer = unsafe { libc::socket(family, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) };
        let refused = std::io::Error::last_os_error().raw_os_error() == Some(libc::EAFNOSUPPORT);
        held_unless(
            answer >= 0 || !refused,
            format!("the family {name} is not refused"),
        )?;
    }
    Ok(())
}

/// That a file arrived is seen outside.
pub(super) fn writing_outside(plan: &Plan) {
    for directory in &plan.outside {
        let relative = directory.strip_prefix("/").unwrap_or(directory);
        for way in [directory.clone(), Path::new("/proc/1/root").join(relative)] {
            write_mark(plan, &way);
        }
    }
}

fn write_mark(plan: &Plan, directory: &Path) {
    if let Ok(mut file) = File::create(directory.join(left_file(&plan.nonce))) {
        let _unwritten = file.write_all(plan.nonce.as_bytes());
    }
}

pub(super) fn writing_by_link(plan: &Plan) {
    let link = PathBuf::from(format!(".cowork-link-{}", plan.nonce));
    for directory in &plan.outside {
        let _there = std::os::unix::fs::symlink(directory, &link);
        write_mark(plan, &link);
        let _gone = fs::remove_file(&link);
    }
}

/// One thread writes by a name that another lets lead now inside, now outside.
pub(super) fn exchanging_links(plan: &Plan) {
    let Some(outside) = plan.outside.first() else {
        return;
    };
    let base = PathBuf::from(format!(".cowork-link-{}", plan.nonce));
    let other = PathBuf::from(format!(".cowork-other-{}", plan.nonce));
    let _there = fs::create_dir(&base);
    let _there = std::os::unix::fs::symlink(outside, &other);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let flags = rustix::fs::RenameFlags::EXCHANGE;
                let _refused =
                    rustix::fs::renameat_with(rustix::fs::CWD, &base, rustix::fs::CWD, &other, flags);
            }
        });
        let end = Instant::now() + Duration::from_millis(5);
        while Instant::now() < end {
            write_mark(plan, &base);
        }
        done.store(true, Ordering::Relaxed);
    });
    for path in [&base, &other] {
        if fs::remove_file(path).is_err() {
            let _gone = fs::remove_file(path.join(left_file(&plan.nonce)));
            let _gone = fs::remove_dir(path);
        }
    }
}

pub(super) fn mounting(_plan: &Plan) -> Outcome {
    // SAFETY: the strings end with zero and live through the call; no data is handed over.
    let answer = unsafe {
        libc::mount(
            c"none".as_ptr(),
            c"/usr".as_ptr(),
            c"tmpfs".as_ptr(),
            0,
            std::ptr::null(),
        )
    };
    held_unless(answer == 0, "mounted over /usr")?;
    // SAFETY: it has no arguments that lead to memory of ours but the string, which lives through the call.
    let answer = unsafe { libc::umount2(c"/proc".as_ptr(), libc::MNT_DETACH) };
    held_unless(answer == 0, "unmounted /proc")
}

pub(super) fn namespaces(_plan: &Plan) -> Outcome {
    for (flag, name) in [
        (libc::CLONE_NEWUSER, "user"),
        (libc::CLONE_NEWNS, "mount"),
        (libc::CLONE_NEWNET, "network"),
        (libc::CLONE_NEWPID, "pid"),
    ] {
        // SAFETY: it changes what this process belongs to, which ends soon, and no memory.
        let answer = unsafe { libc::unshare(flag) };
        held_unless(answer == 0, format!("made a {name} namespace"))?;
    }
    for pid in others() {
        if let Ok(namespace) = File::open(format!("/proc/{pid}/ns/mnt")) {
            // SAFETY: as above.
            let answer = unsafe { libc::setns(std::os::fd::AsRawFd::as_raw_fd(&namespace), 0) };
            held_unless(answer == 0, "entered another mount namespace")?;
        }
    }
    Ok(())
}

pub(super) fn system_calls(_plan: &Plan) -> Outcome {
    for (call, name) in [
        (libc::SYS_bpf, "bpf"),
        (libc::SYS_keyctl, "keyctl"),
        (libc::SYS_add_key, "add_key"),
        (libc::SYS_perf_event_open, "perf_event_open"),
        (libc::SYS_userfaultfd, "userfaultfd"),
        (libc::SYS_io_uring_setup, "io_uring_setup"),
        (libc::SYS_open_by_handle_at, "open_by_handle_at"),
        (libc::SYS_open_tree, "open_tree"),
        (libc::SYS_fsopen, "fsopen"),
        (libc::SYS_kexec_load, "kexec_load"),
        (libc::SYS_init_module, "init_module"),
    ] {
        // SAFETY: no argument leads anywhere: where a call takes an address it is zero, which the kernel refuses.
        let answer = unsafe { libc::syscall(call, 0, 0, 0, 0, 0) };
        let refused = std::io::Error::last_os_error().raw_os_error();
        let is_held = answer < 0 && matches!(refused, Some(libc::EPERM | libc::ENOSYS));
        held_unless(!is_held, format!("{name} is not refused"))?;
    }
    Ok(())
}

pub(super) fn terminal_input(_plan: &Plan) -> Outcome {
    let letter = b'x';
    // SAFETY: the kernel reads one byte, which lives through the call.
    let answer = unsafe { libc::ioctl(0, libc::TIOCSTI, &raw const letter) };
    let refused = std::io::Error::last_os_error().raw_os_error();
    held_unless(
        answer == 0 || refused != Some(libc::EPERM),
        "characters can be pushed into a terminal",
    )
}

pub(super) fn privileges(_plan: &Plan) -> Outcome {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    held_unless(
        field("NoNewPrivs:") != Some("1"),
        "a setuid program would gain privileges",
    )?;
    let none = |name| field(name).is_some_and(|value| value.bytes().all(|digit| digit == b'0'));
    held_unless(!none("CapEff:"), "it has capabilities")?;
    held_unless(!none("CapPrm:"), "it can have capabilities")
}

/// That it is still there is seen outside.
pub(super) fn staying_behind(_plan: &Plan) {
    // SAFETY: this process has one thread by now, those of the attacks before having ended; the child makes system
    // calls only, and never comes back from here.
    unsafe {
        if libc::fork() != 0 {
            return;
        }
        libc::setsid();
        if libc::fork() != 0 {
            libc::_exit(0);
        }
        let nowhere = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        for descriptor in 0..3 {
            libc::dup2(nowhere, descriptor);
        }
        libc::sleep(30);
        libc::_exit(0);
    }
}
