"""Machines on loopback whose sessions live in a home folder of their own, with programs that a test gives them."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.gateways.ssh.machines import SSHD, Sshd


@contextmanager
def a_machine(folder: Path, home: Path, programs: Path, before: str = "", path: str = "") -> Iterator[Sshd]:
    """A real sshd. Every session runs `before` first, as a login file would; `path` is searched instead of our own."""
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    own = folder / "sshd"
    own.mkdir(parents=True)
    inside = f"HOME={home} XDG_RUNTIME_DIR=/nonexistent PATH={programs}:{path or os.environ['PATH']}"
    command = f'{before} cd {home} && exec env {inside} /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
    with Sshd(own, f"ForceCommand {command}") as server:
        yield server


def add_program(folder: Path, name: str, script: str) -> None:
    """A shell script that stands for a program of the machine."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def without(folder: Path, hidden: Iterable[str]) -> Path:
    """A folder with every program that we find, but for those."""
    folder.mkdir(parents=True, exist_ok=True)
    gone = set(hidden)
    for place in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(place).glob("*"):
            if program.name not in gone:
                (folder / program.name).unlink(missing_ok=True)
                (folder / program.name).symlink_to(program)
    return folder


def processes_of(home: Path) -> list[int]:
    """Every process that has this home folder in its environment."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdecimal() and f"HOME={home}\0".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found
