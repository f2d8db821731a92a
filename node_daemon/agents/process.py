"""One process of an agent: started by us, or by an earlier daemon and adopted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable, Mapping

from node_daemon.agents import log_file
from node_daemon.agents.spec import AgentSpec
from node_daemon.machine.readers import ProcessReader, ProcessRow

KILL_WAIT = 2.0
POLL = 0.05
# Set in the environment of each start, to find the process again if we die before its pid is saved.
START_MARK = "MUSTER_AGENT_START"


@dataclass
class AgentProcess:
    """A process that is watched by pid and identity. `child` is None for an adopted one."""

    pid: int
    identity: str
    started_at: str
    child: subprocess.Popen[bytes] | None = None

    def is_alive(self, processes: ProcessReader) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        if is_same(processes.process(self.pid), self.identity):
            return True
        with contextlib.suppress(OSError):  # after an upgrade it is still a child of ours: nobody else buries it
            os.waitpid(self.pid, os.WNOHANG)
        return False

    def exit_code(self) -> int | None:
        """Negative for a signal; None while it lives, and for an adopted one."""
        return self.child.poll() if self.child is not None else None

    def ending(self) -> str:
        """How it ended, in words, as far as that can be known."""
        code = self.exit_code()
        if code is None:
            return "ended"
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def is_same(row: ProcessRow | None, identity: str) -> bool:
    """Whether this is the living process with that identity, not a later one with its pid."""
    return row is not None and row.identity == identity and not row.is_zombie


def start(
    spec: AgentSpec, mark: str, base_env: Mapping[str, str], log_path: Path, processes: ProcessReader, started_at: str
) -> AgentProcess:
    """Start the agent in a session of its own, so that nothing that ends the daemon ends it. Raises OSError."""
    # Our port is taken by us: an agent that also reads PORT must be given its own.
    env = {key: value for key, value in base_env.items() if key != "PORT"}
    env.update(spec.env)
    env[START_MARK] = mark
    output = log_file.open_for_agent(log_path)
    try:
        child = subprocess.Popen(
            list(spec.command),
            cwd=spec.cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    finally:
        os.close(output)
    row = processes.process(child.pid)  # it is our child and not yet reaped: its row stays, even if it died
    return AgentProcess(child.pid, row.identity if row else "", started_at, child)


def stop_together(running: Iterable[AgentProcess], processes: ProcessReader, grace: float) -> list[AgentProcess]:
    """SIGTERM to each group, SIGKILL to what is left after `grace` seconds. Answers those that still live."""
    left = list(running)
    for one in left:
        _signal(one, signal.SIGTERM, processes)
    left = _wait_gone(left, processes, grace)
    for one in left:
        _signal(one, signal.SIGKILL, processes)
    return _wait_gone(left, processes, KILL_WAIT)


def end_leftovers(one: AgentProcess, processes: ProcessReader) -> None:
    """Kill what a dead agent left behind in its session: a second copy could be among it."""
    if not one.is_alive(processes):
        _signal(one, signal.SIGKILL, processes)


def _wait_gone(left: list[AgentProcess], processes: ProcessReader, seconds: float) -> list[AgentProcess]:
    deadline = time.monotonic() + seconds
    while True:
        left = [one for one in left if one.is_alive(processes) or _members(one, processes)]
        if not left or time.monotonic() >= deadline:
            return left
        time.sleep(POLL)


def _members(one: AgentProcess, processes: ProcessReader) -> list[int]:
    """Pids of the living processes of the agent's session; none when its pid belongs to somebody else by now."""
    rows = processes.members([one.pid])
    if any(row.pid == one.pid and row.identity != one.identity for row in rows):
        return []
    return [row.pid for row in rows if not row.is_zombie]


def _signal(one: AgentProcess, number: signal.Signals, processes: ProcessReader) -> None:
    members = _members(one, processes)
    if one.pid in members:
        _ignore_gone(os.killpg, one.pid, number)
    for pid in members:
        # The group does not hold what moved to a group of its own inside the session.
        if _group(pid) != one.pid or one.pid not in members:
            _ignore_gone(os.kill, pid, number)


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return -1


def _ignore_gone(send: Callable[[int, int], None], pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(OSError):  # it ended by itself in the meantime
        send(pid, number)
