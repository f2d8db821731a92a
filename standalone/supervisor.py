"""Keeps the processes running: starts again what ended, and stops all of it in order."""

from __future__ import annotations

import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from standalone.guardian import Guardian
from standalone.process import Process

FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
STABLE_SECONDS = 30.0  # up for so long, a process has earned a quick restart again
PAUSE_SECONDS = 0.2

Say = Callable[[str], None]


class StopRequested(Exception):
    """Raised at the next pause after SIGINT, SIGTERM or SIGHUP."""


@dataclass
class Watch:
    """How one process fares: when it was started, how often in a row it ended early, when it is due again."""

    process: Process
    started_at: float
    failures: int = 0
    due_at: float | None = None


def restart_delay(failures: int) -> float:
    """Seconds before the next start after that many early ends in a row: 0.5, 1, 2, 4, 8, 10, 10 …"""
    return min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures - 1, 10))


def terminal_is_closed() -> bool:
    """Whether the terminal that is our standard input has been hung up."""
    poll = select.poll()
    poll.register(0, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


class Supervisor:
    """Starts processes from the main thread, guards them, and restarts them until it is told to stop."""

    def __init__(self, guardian: Guardian, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._guardian = guardian
        self._say = say
        self._clock = clock
        self._watches: list[Watch] = []
        self._stop_requested = False
        self._has_terminal = sys.stdin is not None and sys.stdin.isatty()

    def catch_signals(self) -> None:
        """Turn Ctrl-C, a polite kill and a closed terminal into a clean stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)

    def pause(self, seconds: float = PAUSE_SECONDS) -> None:
        """Sleep, then raise StopRequested if somebody asked for it meanwhile or closed our terminal."""
        deadline = self._clock() + seconds
        # make keeps a hang-up to itself, so the terminal is looked at, too.
        self._stop_requested = self._stop_requested or (self._has_terminal and terminal_is_closed())
        while not self._stop_requested and (left := deadline - self._clock()) > 0:
            time.sleep(min(left, PAUSE_SECONDS))
        if self._stop_requested:
            raise StopRequested

    def adopt(self, process: Process) -> None:
        """From now on stop this process at the end, and start it again if it ends before; it may run already."""
        process.guardian = self._guardian
        self._watches.append(Watch(process, self._clock()))

    def start(self, process: Process) -> None:
        self.adopt(process)
        process.start()

    def dismiss(self, process: Process) -> None:
        """Forget a process that was meant to end and has ended."""
        self._watches = [watch for watch in self._watches if watch.process is not process]

    def processes(self) -> list[Process]:
        return [watch.process for watch in self._watches]

    def check(self) -> None:
        """One look at everything: note what ended, start what is due."""
        self._guardian.check()
        for watch in self._watches:
            if watch.due_at is None:
                self._note_end(watch)
            elif self._clock() >= watch.due_at:
                watch.due_at, watch.started_at = None, self._clock()
                watch.process.start()
                self._say(f"{watch.process.name} was started again")

    def stop(self) -> None:
        """Stop everything: those without dependants first, the servers last, each stage together."""
        for stage in sorted({process.stop_stage for process in self.processes()}):
            together = [process for process in self.processes() if process.stop_stage == stage]
            for process in together:
                process.ask_to_stop()
            for process in together:
                process.wait_stopped()

    def _note_end(self, watch: Watch) -> None:
        code = watch.process.exit_code()
        if code is None:
            return
        was_stable = self._clock() - watch.started_at >= STABLE_SECONDS
        watch.failures = 1 if was_stable else watch.failures + 1
        delay = restart_delay(watch.failures)
        watch.due_at = self._clock() + delay
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        self._say(f"{watch.process.name} ended {how}; next start in {delay:g} s (log: {watch.process.log})")

    def _request_stop(self, _number: int, _frame: object) -> None:
        self._stop_requested = True
