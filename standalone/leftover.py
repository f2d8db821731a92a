"""Ends a server that an earlier run left behind on our data (a machine without death signals, a killed guardian)."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

import psutil

from standalone.errors import StandaloneError

PATIENCE_SECONDS = 30.0


def end_leftover(pid_file: Path, program: str, stop_signal: signal.Signals) -> None:
    """Stop the server that wrote this pid file if it still runs in that folder; raises StandaloneError."""
    server = _server_of(pid_file, program)
    if server is None:
        return
    server.send_signal(stop_signal)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _lives(server):
        if time.monotonic() > deadline:
            raise StandaloneError(
                f"A {program} server of an earlier run (process {server.pid}) does not stop: end it by hand."
            )
        time.sleep(0.05)


def _lives(process: psutil.Process) -> bool:
    """Not a zombie either: a container without an init never collects them."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _server_of(pid_file: Path, program: str) -> psutil.Process | None:
    """The running process named by the first line, unless that number now belongs to something else."""
    if not pid_file.exists():
        return None
    first_line = pid_file.read_text().partition("\n")[0].strip()
    if not first_line.isdigit() or not psutil.pid_exists(int(first_line)):
        return None
    try:
        process = psutil.Process(int(first_line))
        ours = _program_matches(process.name(), program) and Path(process.cwd()) == pid_file.parent
    except psutil.Error:
        return None
    return process if ours else None


def _program_matches(name: str, program: str) -> bool:
    """Whether a process of this name is that server; Redis may be Valkey."""
    return name.startswith((program, "valkey") if program == "redis" else program)
