"""How to run Postgres for a root user: it refuses uid 0, so it gets a user namespace or, failing that, another uid."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

from standalone.errors import StandaloneError
from standalone.exec_shim import NOBODY

SHIM = Path(__file__).with_name("exec_shim.py")


class RootMode(StrEnum):
    NONE = "none"  # not root: nothing to do
    USERNS = "userns"  # looks like uid 65534 to itself, files stay root's
    SETUID = "setuid"  # really is uid 65534, its files too


def choose_root_mode() -> RootMode:
    """The best way on this machine. Ask once and remember it: the two ways leave different file owners."""
    if os.geteuid() != 0:
        return RootMode.NONE
    command = shim_command([shutil.which("true") or "/bin/true"], RootMode.USERNS)
    probe = subprocess.run(command, capture_output=True, timeout=30, check=False)
    return RootMode.USERNS if probe.returncode == 0 else RootMode.SETUID


def shim_command(
    command: list[str], mode: RootMode = RootMode.NONE, death_signal: signal.Signals = signal.SIGTERM
) -> list[str]:
    """The command line that runs `command` under `mode` and lets it die with this process.

    Linux ties the death signal to the thread that starts the process: start it from the main thread.
    """
    return [sys.executable, "-I", "-S", str(SHIM), mode, str(int(death_signal)), str(os.getpid()), *command]


def make_owned_folder(folder: Path, mode: RootMode) -> None:
    """Create a private folder that belongs to whoever Postgres will be."""
    folder.mkdir(mode=0o700)
    if mode == RootMode.SETUID:
        os.chown(folder, NOBODY, NOBODY)


def check_reachable(program: Path, folder: Path, mode: RootMode) -> None:
    """Raise one clear sentence if the other user may not even reach the program or the state folder."""
    if mode != RootMode.SETUID:
        return
    test = shutil.which("test") or "/usr/bin/test"
    command = shim_command([test, "-x", str(program), "-a", "-x", str(folder)], mode)
    probe = subprocess.run(command, capture_output=True, timeout=30, check=False, cwd="/")
    if probe.returncode != 0:
        raise StandaloneError(
            "Postgres cannot run as root here, and the user it would run as may not enter "
            f"{folder} or {program.parent}: run Muster as a normal user, "
            "move the checkout and MUSTER_HOME out of root's home, or set DATABASE_URL."
        )
