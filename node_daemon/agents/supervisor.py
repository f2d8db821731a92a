"""What the rest of the daemon may ask of whoever runs the agents."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterable, List, Protocol

RUNNING, STARTING, STOPPED, PAUSED, CRASH_LOOPING = "running", "starting", "stopped", "paused", "crash_looping"


class UnknownAgent(Exception):
    """This node has no such agent; the message is for people."""


class SupervisorBusy(Exception):
    """The wish was not carried out because another one takes too long; the message is for people."""


@dataclass(frozen=True)
class AgentStatus:
    """One agent as it is now. `started_at` and `exited_at` are ISO times; `pid` is None when no process lives.

    Its state is "running" only while the process is the one that should run, not one of an earlier spec.
    """

    id: str
    name: str
    role: str
    state: str
    pid: int | None
    restarts: int
    started_at: str | None
    exit_code: int | None = None  # of the last process that ended, negative for a signal
    exited_at: str | None = None
    is_given_up: bool = False  # it died so often that nobody starts it again by itself

    @property
    def is_running(self) -> bool:
        """Whether it may be reported as an agent that works: it lives and does not die again and again."""
        return self.pid is not None and self.state != CRASH_LOOPING


@dataclass(frozen=True)
class Restarted:
    """What a restart came to: agents whose new process was seen, and a sentence for each that failed."""

    started: tuple[AgentStatus, ...]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return bool(self.started) and not self.problems

    @property
    def message(self) -> str:
        count, total = len(self.started), len(self.started) + len(self.problems)
        if not total:
            return "this node has no agents to restart"
        if not self.problems:
            return f"{count} agent{'' if count == 1 else 's'} restarted"
        return f"{count} of {total} agents restarted: {'; '.join(self.problems)}"


@dataclass(frozen=True)
class Output:
    """What an agent writes: a file, which may not be there yet, and values in it that are not for others."""

    path: Path
    secrets: tuple[str, ...] = field(repr=False)


class Supervisor(Protocol):
    """Runs agents. Every method may be called from any thread and ends within seconds."""

    def list(self) -> List[AgentStatus]:
        """All agents of this node."""

    def start(self, agent_id: str) -> None:
        """Want it to run. Raises UnknownAgent."""

    def stop(self, agent_id: str) -> None:
        """Want it stopped, also after a restart of the daemon. Raises UnknownAgent, SupervisorBusy."""

    def restart(self, agent_ids: Iterable[str] | None = None) -> Restarted:
        """Stop and start these agents (all that should run, when None) and see their new processes.

        Raises UnknownAgent, SupervisorBusy.
        """

    def output(self, agent_id: str) -> Output:
        """Where the agent writes to. Raises UnknownAgent."""

    def unknown(self) -> Iterable[str]:
        """Agents that were assigned to this node, which nobody told it how to start."""


class Caretaker(Supervisor, Protocol):
    """A supervisor as the daemon holds it: opened, left to watch in a thread of its own, closed."""

    on_change: Callable[[], None]

    def open(self) -> None:
        """Read what should run and find what does. Starts nothing. Raises SettingsError."""

    def tick(self) -> None:
        """Look once, and start what is due."""

    def run(self) -> None:
        """Watch the agents until `close()`."""

    def close(self, stop_agents: bool) -> None:
        """Start nothing any more; agents go on unless they are to stop as well."""
