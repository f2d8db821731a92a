"""One child process: started through the shim, its output in one log file, stopped within a deadline."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from standalone.guardian import Guardian
from standalone.rootless import RootMode, shim_command

LOG_CAP_BYTES = 5_000_000


@dataclass
class Process:
    """A program that can be started, watched, stopped and started again. Start it from the main thread."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str] | None = field(default=None, repr=False)
    cwd: Path | None = None
    mode: RootMode = RootMode.NONE
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15.0
    stop_stage: int = 0  # lower stages stop first; those who need a server stop before it
    guardian: Guardian | None = None
    standard_input: bytes = field(default=b"", repr=False)
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        """The process id while it runs; it leads a process group of its own."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the program; it reads `standard_input` and then an end."""
        with _open_log(self.log) as log:
            self._child = subprocess.Popen(
                shim_command(self.command, self.mode, self.stop_signal),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.cwd,
                env=self.environment,
                start_new_session=True,
            )
        if self.guardian:
            self.guardian.watch(self._child.pid, self.stop_signal, self.stop_stage, self.stop_seconds)
        assert self._child.stdin is not None  # noqa: S101 - a pipe was asked for above
        with contextlib.suppress(BrokenPipeError):  # it has ended already; whoever waits for it sees that
            self._child.stdin.write(self.standard_input)
            self._child.stdin.close()

    def exit_code(self) -> int | None:
        """None while it runs or if it never ran; what it leaves in its group when it ends is killed."""
        if self._child is None:
            return None
        running = self._child.returncode is None
        code = self._child.poll()
        if running and code is not None:
            kill_group(self._child.pid)
            if self.guardian:
                self.guardian.forget(self._child.pid)
        return code

    def is_running(self) -> bool:
        return self._child is not None and self.exit_code() is None

    def ask_to_stop(self) -> None:
        if self._child and self.is_running():
            self._child.send_signal(self.stop_signal)

    def wait_stopped(self) -> None:
        """Wait until it has ended, at most `stop_seconds`; then its whole group is killed."""
        deadline = time.monotonic() + self.stop_seconds
        while self._child and self.is_running():
            if time.monotonic() > deadline:
                kill_group(self._child.pid)
            time.sleep(0.02)

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_stopped()

    def last_lines(self, count: int = 15) -> str:
        """The end of its log, for a message about a failure."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 20_000))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])


def kill_group(pid: int) -> None:
    """Kill whoever is left in the group (macOS answers with PermissionError when only zombies are)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _open_log(log: Path) -> BinaryIO:
    """Open for appending; a log that has grown past the cap becomes `<name>.1` first."""
    if log.exists() and log.stat().st_size > LOG_CAP_BYTES:
        log.replace(log.with_name(log.name + ".1"))
    return os.fdopen(os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab")
