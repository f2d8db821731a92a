"""Runs in a new process before the program itself: makes it die with its parent and, for Postgres, not be root.

Arguments: root mode (none, userns or setuid), death signal, process id of the parent, then the program's arguments.
A program of its own rather than a `preexec_fn`, which is not safe in a parent that has threads.
"""

from __future__ import annotations

import ctypes
import os
import sys

NOBODY = 65534
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def enter_user_namespace() -> None:
    """Become uid 65534 in a namespace of our own; outside of it the files still belong to root."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused a user namespace")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} 0 1"), ("gid_map", f"{NOBODY} 0 1")):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - the shim starts 10 ms faster without pathlib
            file.write(text)


def become_nobody() -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def die_with_parent(death_signal: int, parent: int) -> None:
    """Ask Linux to signal us when the parent ends, however it ends. Elsewhere the guardian alone does this."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("the parent ended before the program started")


def main(mode: str, death_signal: str, parent: str, *command: str) -> None:
    if mode == "userns":
        enter_user_namespace()
    elif mode == "setuid":
        become_nobody()
    die_with_parent(int(death_signal), int(parent))  # after the change of user, which would clear it
    os.execvp(command[0], command)  # noqa: S606 - an argument list, no shell


if __name__ == "__main__":
    main(*sys.argv[1:])
