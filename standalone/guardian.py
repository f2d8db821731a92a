"""The supervisor's end of the guardian: a small process that ends everything if the supervisor is killed."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

PROGRAM = Path(__file__).with_name("guardian_program.py")


class Guardian:
    """Knows what must not outlive us. It is a pipe: when we die, however we die, its other end notices."""

    def __init__(self, lock_file: IO[str]) -> None:
        self._lock_file = lock_file
        self._watched: dict[int, str] = {}
        self._process = self._start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def watch(self, pid: int, stop_signal: signal.Signals, stage: int, seconds: float) -> None:
        """End this process after our death: lower stages first, killed after `seconds`."""
        self._watched[pid] = f"watch {pid} {int(stop_signal)} {stage} {seconds}\n"
        self._tell(self._watched[pid])

    def forget(self, pid: int) -> None:
        """The process has ended."""
        if self._watched.pop(pid, None):
            self._tell(f"forget {pid}\n")

    def check(self) -> None:
        """Replace the guardian if somebody killed it."""
        if self._process.poll() is not None:
            self._hang_up()
            self._process = self._start()
            for line in self._watched.values():
                self._tell(line)

    def close(self) -> None:
        """Let it go; it ends what is still watched. Waits for that."""
        self._hang_up()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(60)

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # a signal to our group or terminal must not reach it
            pass_fds=[self._lock_file.fileno()],  # so the state folder stays locked until its work is done
        )

    def _hang_up(self) -> None:
        assert self._process.stdin is not None  # noqa: S101 - made with a pipe above
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - made with a pipe above
        if self._process.stdin.closed:
            return
        with contextlib.suppress(BrokenPipeError):  # it was killed: `check` starts the next one and tells it all
            self._process.stdin.write(line)
            self._process.stdin.flush()
