//! System calls that a boxed program does without.
//!
//! The walls are the namespaces; this closes what leads around the bounds: memory that belongs to no process and is in
//! no figure (`memfd_create`, System V shared memory), and ways into the kernel that code blocks have no use for.

/// `struct sock_filter` of the kernel.
struct Instruction {
    code: u16,
    jump_true: u8,
    jump_false: u8,
    value: u32,
}

const LOAD: u16 = 0x20;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_AT_LEAST: u16 = 0x35;
const JUMP_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

const ALLOW: u32 = 0x7fff_0000;
const KILL: u32 = 0x8000_0000;
const ERRNO: u32 = 0x0005_0000;
const NOT_PERMITTED: u32 = ERRNO + 1;
/// What libraries take for an old kernel, and do it in another way.
const NOT_KNOWN: u32 = ERRNO + 38;

/// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = 16;

const NEW_USER_NAMESPACE: u32 = 0x1000_0000;

/// The numbers of one architecture.
struct Numbers {
    architecture: u32,
    clone: u32,
    unshare: u32,
    memfd_create: u32,
    refused: &'static [u32],
}

/// The same on all architectures: `clone3`, `memfd_secret`, `io_uring_setup` and its two companions, all of which
/// libraries can do without.
const UNKNOWN: [u32; 5] = [435, 447, 425, 426, 427];

#[cfg(target_arch = "x86_64")]
const NUMBERS: Numbers = Numbers {
    architecture: 0xc000_003e,
    clone: 56,
    unshare: 272,
    memfd_create: 319,
    // shmget, shmat, ptrace, add_key, request_key, keyctl, bpf, userfaultfd, perf_event_open, mq_open, setns.
    refused: &[29, 30, 101, 248, 249, 250, 321, 323, 298, 240, 308],
};

#[cfg(target_arch = "aarch64")]
const NUMBERS: Numbers = Numbers {
    architecture: 0xc000_00b7,
    clone: 220,
    unshare: 97,
    memfd_create: 279,
    refused: &[194, 196, 117, 217, 218, 219, 280, 282, 241, 180, 268],
};

/// The filter, as bubblewrap reads it. Empty for a processor whose numbers are not written down here: the walls alone
/// hold there.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) fn program() -> Vec<u8> {
    Vec::new()
}

/// The filter, as bubblewrap reads it.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) fn program() -> Vec<u8> {
    let step = |code, jump_true, jump_false, value| Instruction {
        code,
        jump_true,
        jump_false,
        value,
    };
    let mut program = vec![
        step(LOAD, 0, 0, ARCHITECTURE),
        step(JUMP_EQUAL, 1, 0, NUMBERS.architecture),
        step(RETURN, 0, 0, KILL),
        step(LOAD, 0, 0, NUMBER),
    ];
    if cfg!(target_arch = "x86_64") {
        // The numbers of the x32 variant name the same calls again.
        program.push(step(JUMP_AT_LEAST, 0, 1, 0x4000_0000));
        program.push(step(RETURN, 0, 0, NOT_KNOWN));
    }
    for number in UNKNOWN.iter().chain([&NUMBERS.memfd_create]) {
        program.push(step(JUMP_EQUAL, 0, 1, *number));
        program.push(step(RETURN, 0, 0, NOT_KNOWN));
    }
    for number in NUMBERS.refused {
        program.push(step(JUMP_EQUAL, 0, 1, *number));
        program.push(step(RETURN, 0, 0, NOT_PERMITTED));
    }
    for number in [NUMBERS.clone, NUMBERS.unshare] {
        // The first argument of both holds the flags. Threads are made by clone, too, and have no such flag.
        program.push(step(JUMP_EQUAL, 0, 4, number));
        program.push(step(LOAD, 0, 0, FIRST_ARGUMENT));
        program.push(step(JUMP_ANY_BIT, 0, 1, NEW_USER_NAMESPACE));
        program.push(step(RETURN, 0, 0, NOT_PERMITTED));
        program.push(step(LOAD, 0, 0, NUMBER));
    }
    program.push(step(RETURN, 0, 0, ALLOW));
    let mut bytes = Vec::with_capacity(program.len() * 8);
    for instruction in program {
        bytes.extend_from_slice(&instruction.code.to_ne_bytes());
        bytes.extend_from_slice(&[instruction.jump_true, instruction.jump_false]);
        bytes.extend_from_slice(&instruction.value.to_ne_bytes());
    }
    bytes
}
