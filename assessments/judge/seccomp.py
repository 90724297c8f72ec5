"""Which system calls a program may make: a filter for the kernel, in the byte code of the classic BPF.

Allowed is what is not refused here. Only numbers that were looked up are used; on another kind of processor there is
no filter, and so no sandbox.
"""

import errno
import platform
import struct

from assessments.judge.gate import SandboxUnavailable

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Numbers on x86_64 and aarch64; None where the call does not exist.
FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # file systems and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "sysfs": (139, None),
    "uselib": (134, None),
    # the kernel itself
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "request_key": (249, 218),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "acct": (163, 89),
    "syslog": (103, 116),
    "lookup_dcookie": (212, 18),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
    "modify_ldt": (154, None),
    # memory that no limit of a process counts
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "vmsplice": (278, 75),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
CLONE, CLONE3 = (56, 220), (435, 435)
SOCKETS = ((41, 198), (53, 199))  # socket, socketpair
IOCTL = (16, 29)

FIRST_FOREIGN_CALL = 0x40000000  # x32 numbers on x86_64; nothing is there on aarch64
NEW_NAMESPACES = 0x7E020000  # all CLONE_NEW* that clone takes
AF_UNIX = 1
FORGED_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: type into the terminal one runs on

# Instructions: code, jump if true, jump if false, value.
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_AT, SECOND_AT = 0, 4, 16, 24  # the low halves, on little-endian machines
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000

Instruction = tuple[int, int, int, int]


def filter_program(machine: str | None = None) -> bytes:
    """The filter for a kind of processor, this machine's unless named, as bwrap reads it.

    Raises SandboxUnavailable for one whose numbers are not known.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        raise SandboxUnavailable(f"no system call filter for {machine}")
    column = list(ARCHITECTURES).index(machine)
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        _return(KILL),
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, 0, 1, FIRST_FOREIGN_CALL),
        _return(KILL),
        # glibc falls back to clone, whose flags a filter can see
        *_on(CLONE3[column], [_refuse(errno.ENOSYS)]),
        *_on(
            CLONE[column],
            [(LOAD, 0, 0, FIRST_AT), (ANY_BIT, 0, 1, NEW_NAMESPACES), _refuse(errno.EPERM), _return(ALLOW)],
        ),
        *_on(
            IOCTL[column],
            [
                (LOAD, 0, 0, SECOND_AT),  # the kernel looks at the low half alone
                (EQUAL, 1, 0, FORGED_INPUT[0]),
                (EQUAL, 0, 1, FORGED_INPUT[1]),
                _refuse(errno.EPERM),
                _return(ALLOW),
            ],
        ),
    ]
    for call in SOCKETS:
        program += _on(
            call[column],
            [
                (LOAD, 0, 0, FIRST_AT),
                (EQUAL, 1, 0, AF_UNIX),
                _refuse(errno.EAFNOSUPPORT),
                _return(ALLOW),
            ],
        )
    for numbers in FORBIDDEN.values():
        if (number := numbers[column]) is not None:
            program += _on(number, [_refuse(errno.EPERM)])
    program.append(_return(ALLOW))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def _return(value: int) -> Instruction:
    return RETURN, 0, 0, value


def _refuse(error: int) -> Instruction:
    return _return(REFUSE | error)


def _on(number: int, then: list[Instruction]) -> list[Instruction]:
    """Instructions for one call; they end with a return. The number stays loaded for the others."""
    return [(EQUAL, 0, len(then), number), *then]
