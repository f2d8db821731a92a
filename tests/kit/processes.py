"""Processes that somebody started and has to end: recorded as they start, and nobody else's is ever touched."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

GRACE_SECONDS = 10.0


class Processes:
    """Each process leads a session of its own, and ends with all of it. They also end when we are killed ourselves.

    Start them from the main thread: the kernel takes the end of the thread that started them for our own.
    """

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, command: Sequence[str], log: Path, **options: Any) -> "subprocess.Popen[bytes]":
        """Start a program that says what it has to say in `log`."""
        with log.open("ab") as said:
            bound = ["setpriv", "--pdeathsig", "KILL", *command]
            process = subprocess.Popen(
                bound, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True, **options
            )
        self._started.append(process)
        return process

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """End one of them with its session, without a chance to say goodbye."""
        self._started.remove(process)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(GRACE_SECONDS)

    def end_all(self) -> None:
        """End those that are left, the newest first."""
        for process in reversed(self._started[:]):
            self.end(process)
