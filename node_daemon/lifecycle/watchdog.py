"""Runs from the previous program while a new one has yet to be heard; puts the previous one back if it is not."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

from node_daemon import log
from node_daemon.lifecycle.program import Program
from node_daemon.lifecycle.upgrade import FILE, ROLLED_BACK, SWAPPED
from node_daemon.state import StateFolder

LOOK = 0.2  # seconds
STOP_GRACE = 5.0
SUPERVISOR_PATIENCE = 6.0  # systemd starts the daemon again after 2 s


def watch(state_dir: Path, wait: float) -> int:
    """Wait until the new program was heard, `wait` seconds at most; then go back. Answers the exit code."""
    state = StateFolder(state_dir)
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        if state.read(FILE).get("state") != SWAPPED:
            return 0
        time.sleep(LOOK)
    saved = state.read(FILE)
    if saved.get("state") != SWAPPED:
        return 0
    program = Program(Path(saved["program"]), saved["sha256"])
    program.replace(program.previous.read_bytes())
    reason = f"the new program was not heard by the control plane within {wait:g} s"
    log.warn("the previous program is put back", reason=reason)
    state.write(FILE, {**saved, "state": ROLLED_BACK, "reason": reason})
    _end_daemon(program.path, saved.get("pid"), state_dir / "pid")
    _start_daemon(program, state)
    return 0


def _end_daemon(program: Path, *hints: object) -> None:
    """End what runs from this program: the process that was swapped, or the one that was started after it."""
    for hint in hints:
        pid = _pid(hint)
        if pid is None or not _runs(pid, program):
            continue
        for number, grace in ((signal.SIGTERM, STOP_GRACE), (signal.SIGKILL, 1.0)):
            with contextlib.suppress(OSError):
                os.kill(pid, number)
            until = time.monotonic() + grace
            while _runs(pid, program) and time.monotonic() < until:
                time.sleep(0.05)


def _start_daemon(program: Program, state: StateFolder) -> None:
    """Start it, unless whoever looks after it does so first."""
    until = time.monotonic() + SUPERVISOR_PATIENCE
    while time.monotonic() < until:
        if not _is_free(state):
            return
        time.sleep(LOOK)
    start = program.path.with_name("start.sh")
    command = ["/bin/sh", str(start)] if start.exists() else program.command
    subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def _is_free(state: StateFolder) -> bool:
    """Whether no daemon has the state folder."""
    with (state.path / "daemon.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _pid(hint: object) -> int | None:
    if isinstance(hint, Path):
        with contextlib.suppress(OSError, ValueError):
            return int(hint.read_text())
        return None
    return hint if isinstance(hint, int) else None


def _runs(pid: int, program: Path) -> bool:
    """Whether this process runs from that program."""
    if Path("/proc/self/cmdline").exists():
        try:
            words = (Path("/proc") / str(pid) / "cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(program) in words
    ran = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(program) in ran.stdout
