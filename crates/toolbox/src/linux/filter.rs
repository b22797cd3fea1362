//! Which system calls a boxed program may make: all but those that reach around the box, or into parts of the kernel
//! that no build or script has a use for.
//!
//! Written as the machine code the kernel takes, because it is short and each refusal needs its own error: a C library
//! falls back from `clone3` only when it is told that there is none.
//!
//! `ptrace` and reading another process's memory stay allowed in a box of namespaces: its pid namespace holds only its
//! own processes, all under this same filter, which a tracer cannot lift; debuggers and `strace` work. Without
//! namespaces they are refused, so that not Landlock alone stands between a command and the engine's memory.

use cowork_policy::confinement::Means;

/// One instruction, as the kernel reads it.
pub(crate) type Instruction = libc::sock_filter;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

const NUMBER: u32 = 0;
const ARCHITECTURE_FIELD: u32 = 4;

/// Where the low half of an argument lies. The calls looked into take an `int`, so the kernel ignores the other half.
const fn argument(index: u32) -> u32 {
    16 + 8 * index
}

const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | (libc::EPERM as u32);
const UNKNOWN_CALL: u32 = libc::SECCOMP_RET_ERRNO | (libc::ENOSYS as u32);
const UNKNOWN_FAMILY: u32 = libc::SECCOMP_RET_ERRNO | (libc::EAFNOSUPPORT as u32);

/// Calls no boxed program may make.
const DENIED: &[libc::c_long] = &[
    // Mounts, and what changes the view of files.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    // Other namespaces.
    libc::SYS_setns,
    // Key rings are shared with the person's session.
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    // Large parts of the kernel with a history of holes.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_kcmp,
    // The machine as a whole.
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
];

/// Calls that reach into other processes, whose pids a box without namespaces shares.
const DENIED_WITHOUT_NAMESPACES: &[libc::c_long] = &[
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    // The first Landlocks do not know of it, and no build is known to use it rather than an open file.
    libc::SYS_truncate,
];

const NAMESPACES: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32;

/// `unshare` alone knows it; for `clone` the bit belongs to a signal's number.
const TIME_NAMESPACE: u32 = 0x80;

/// Push characters into a terminal's input, and paste there: the person's shell would run them.
const TERMINAL_INPUT: [u32; 2] = [0x5412, 0x541c];

fn load(offset: u32) -> Instruction {
    plain(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset)
}

fn answer(value: u32) -> Instruction {
    plain(libc::BPF_RET | libc::BPF_K, value)
}

fn plain(code: u32, k: u32) -> Instruction {
    jump(code, k, 0, 0)
}

/// Skips `matching` instructions when the test holds and `otherwise` when it does not.
fn jump(code: u32, k: u32, matching: u8, otherwise: u8) -> Instruction {
    Instruction {
        // All codes fit: they are sums of single bytes.
        code: u16::try_from(code).unwrap_or(u16::MAX),
        jt: matching,
        jf: otherwise,
        k,
    }
}

fn if_equal(k: u32, matching: u8, otherwise: u8) -> Instruction {
    jump(
        libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
        k,
        matching,
        otherwise,
    )
}

fn if_any_bit(k: u32, matching: u8, otherwise: u8) -> Instruction {
    jump(
        libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K,
        k,
        matching,
        otherwise,
    )
}

fn number(call: libc::c_long) -> u32 {
    // No call has a number that is negative or so large.
    u32::try_from(call).unwrap_or(u32::MAX)
}

/// What is done with one call, after which the program goes on with the call's number loaded.
fn on_call(program: &mut Vec<Instruction>, call: libc::c_long, body: &[Instruction]) {
    let length = u8::try_from(body.len() + 1).unwrap_or(u8::MAX);
    program.push(if_equal(number(call), 0, length));
    program.extend_from_slice(body);
    program.push(answer(libc::SECCOMP_RET_ALLOW));
}

/// The filter for a box of this kind.
pub(crate) fn program(means: Means) -> Vec<Instruction> {
    let namespaces = means == Means::Namespaces;
    let mut program = vec![
        load(ARCHITECTURE_FIELD),
        if_equal(ARCHITECTURE, 1, 0),
        answer(libc::SECCOMP_RET_KILL_PROCESS),
        load(NUMBER),
    ];
    // The second set of numbers of this processor would go around every line below.
    #[cfg(target_arch = "x86_64")]
    program.extend([
        jump(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0x4000_0000, 0, 1),
        answer(libc::SECCOMP_RET_KILL_PROCESS),
    ]);
    let more: &[libc::c_long] = if namespaces {
        &[]
    } else {
        DENIED_WITHOUT_NAMESPACES
    };
    for call in DENIED.iter().chain(more) {
        program.extend([if_equal(number(*call), 0, 1), answer(REFUSED)]);
    }
    program.extend([if_equal(number(libc::SYS_clone3), 0, 1), answer(UNKNOWN_CALL)]);
    on_call(
        &mut program,
        libc::SYS_clone,
        &[load(argument(0)), if_any_bit(NAMESPACES, 0, 1), answer(REFUSED)],
    );
    on_call(
        &mut program,
        libc::SYS_unshare,
        &[
            load(argument(0)),
            if_any_bit(NAMESPACES | TIME_NAMESPACE, 0, 1),
            answer(REFUSED),
        ],
    );
    on_call(
        &mut program,
        libc::SYS_ioctl,
        &[
            load(argument(1)),
            if_equal(TERMINAL_INPUT[0], 1, 0),
            if_equal(TERMINAL_INPUT[1], 0, 1),
            answer(REFUSED),
        ],
    );
    on_call(&mut program, libc::SYS_socket, &families(namespaces));
    program.push(answer(libc::SECCOMP_RET_ALLOW));
    program
}

/// Which kinds of sockets there are. Without a network namespace there are none to connect with, not even to files: on
/// the other side of one sits the person's session.
fn families(namespaces: bool) -> Vec<Instruction> {
    let [unix, internet, internet6, netlink] =
        [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK].map(libc::c_int::cast_unsigned);
    let of_families = answer(if namespaces {
        libc::SECCOMP_RET_ALLOW
    } else {
        REFUSED
    });
    vec![
        load(argument(0)),
        if_equal(unix, 3, 0),
        if_equal(internet, 2, 0),
        if_equal(internet6, 1, 0),
        if_equal(netlink, 1, 3),
        of_families,
        // Of netlink the routing part alone, with which programs list the interfaces.
        load(argument(2)),
        if_equal(0, 1, 0),
        answer(UNKNOWN_FAMILY),
    ]
}

/// The filter as bytes, which is how bubblewrap reads it.
pub(crate) fn bytes(program: &[Instruction]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(program.len() * 8);
    for instruction in program {
        bytes.extend(instruction.code.to_ne_bytes());
        bytes.extend([instruction.jt, instruction.jf]);
        bytes.extend(instruction.k.to_ne_bytes());
    }
    bytes
}

/// Puts this process and all it starts under the filter. It must not gain privileges any more by then.
///
/// # Errors
/// When the kernel has no such filters.
pub(crate) fn install(program: &[Instruction]) -> std::io::Result<()> {
    let program = libc::sock_fprog {
        len: u16::try_from(program.len()).unwrap_or(0),
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies `len` instructions from `filter`, which is a slice of that many that lives through the
    // call, and writes nothing to it.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0_usize,
            &raw const program,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the program answers to a call, by running it.
    fn run(program: &[Instruction], architecture: u32, call: libc::c_long, arguments: [u32; 3]) -> u32 {
        let mut accumulator = 0;
        let mut at = 0;
        loop {
            let instruction = program[at];
            at += 1;
            let skip = |holds: bool| usize::from(if holds { instruction.jt } else { instruction.jf });
            match u32::from(instruction.code) {
                0x20 => {
                    accumulator = match instruction.k {
                        0 => number(call),
                        4 => architecture,
                        offset => arguments[(offset as usize - 16) / 8],
                    }
                }
                0x06 => return instruction.k,
                0x15 => at += skip(accumulator == instruction.k),
                0x35 => at += skip(accumulator >= instruction.k),
                0x45 => at += skip(accumulator & instruction.k != 0),
                code => panic!("unknown code {code:#x}"),
            }
        }
    }

    #[test]
    fn each_call_gets_its_answer() {
        let unix = libc::AF_UNIX.cast_unsigned();
        let internet = libc::AF_INET.cast_unsigned();
        let netlink = libc::AF_NETLINK.cast_unsigned();
        let vsock = libc::AF_VSOCK.cast_unsigned();
        let allow = libc::SECCOMP_RET_ALLOW;
        for (call, arguments, boxed, landlocked) in [
            (libc::SYS_read, [0, 0, 0], allow, allow),
            (libc::SYS_mount, [0, 0, 0], REFUSED, REFUSED),
            (libc::SYS_ptrace, [0, 0, 0], allow, REFUSED),
            (libc::SYS_clone3, [0, 0, 0], UNKNOWN_CALL, UNKNOWN_CALL),
            (libc::SYS_clone, [17, 0, 0], allow, allow),
            (libc::SYS_clone, [0x1000_0011, 0, 0], REFUSED, REFUSED),
            (libc::SYS_unshare, [0x400, 0, 0], allow, allow),
            (libc::SYS_unshare, [0x80, 0, 0], REFUSED, REFUSED),
            (libc::SYS_ioctl, [0, 0x5401, 0], allow, allow),
            (libc::SYS_ioctl, [0, 0x5412, 0], REFUSED, REFUSED),
            (libc::SYS_ioctl, [0, 0x541c, 0], REFUSED, REFUSED),
            (libc::SYS_socket, [unix, 1, 0], allow, REFUSED),
            (libc::SYS_socket, [internet, 2, 0], allow, REFUSED),
            (libc::SYS_socket, [netlink, 3, 0], allow, allow),
            (libc::SYS_socket, [netlink, 3, 9], UNKNOWN_FAMILY, UNKNOWN_FAMILY),
            (libc::SYS_socket, [vsock, 1, 0], UNKNOWN_FAMILY, UNKNOWN_FAMILY),
        ] {
            for (means, expected) in [(Means::Namespaces, boxed), (Means::Landlock, landlocked)] {
                let found = run(&program(means), ARCHITECTURE, call, arguments);
                assert_eq!(found, expected, "{call} {arguments:?} {means:?}");
            }
        }
        let killed = libc::SECCOMP_RET_KILL_PROCESS;
        let program = program(Means::Namespaces);
        assert_eq!(run(&program, 0x4000_0003, libc::SYS_read, [0; 3]), killed);
        #[cfg(target_arch = "x86_64")]
        assert_eq!(run(&program, ARCHITECTURE, 0x4000_0000, [0; 3]), killed);
    }
}
